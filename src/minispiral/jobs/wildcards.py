"""The subject of a job, by the wildcards that Snakemake gives it: tracks, and their spws."""

from collections.abc import Iterable
from typing import Protocol

from minispiral.config.campaign import Campaign


class Wildcards(Protocol):
    """A job's place: what its files name.

    That is of track, execution, spw, iteration, turn, target, round and line.
    """

    def __getattr__(self, name: str) -> str:
        """Value of a wildcard."""
        ...

    def items(self) -> Iterable[tuple[str, str]]:
        """Names and values of all."""
        ...


def any_of(names: Iterable[object]) -> str:
    """Regular expression of some names; nothing fits that of none."""
    return "|".join(map(str, names)) or r"(?!)"


def tracks_of_job(campaign: Campaign, wildcards: Wildcards) -> list[str]:
    """The tracks of a job: its own, or all."""
    return [wildcards.track] if hasattr(wildcards, "track") else campaign.tracks


def sky_tracks(campaign: Campaign, wildcards: Wildcards) -> list[str]:
    """The tracks whose sky a job finds: its own, or all that share one."""
    return [wildcards.track] if hasattr(wildcards, "track") else campaign.joint_tracks


def referenced_tracks(campaign: Campaign, wildcards: Wildcards) -> list[str]:
    """Tracks that the reference flux is taken over: all that share it, or the job's own."""
    if hasattr(wildcards, "track"):
        return [wildcards.track]
    return campaign.reference_tracks(int(wildcards.spw))


def plain_spws(campaign: Campaign, wildcards: Wildcards) -> list[int]:
    """Spws of the job's track whose absorption is not to be corrected."""
    corrected = campaign.corrected_spws(wildcards.track)
    return [spw for spw in campaign.spws(wildcards.track) if spw not in corrected]


def solved_spws(campaign: Campaign, wildcards: Wildcards) -> list[int]:
    """Spws whose data give a spw's antenna gains: its own first."""
    own = int(wildcards.spw)
    how = campaign.selfcal_round(wildcards.track, int(wildcards.iteration)) or {}
    if "spw" not in how.get("combine", "").split(","):
        return [own]
    return [own, *(spw for spw in campaign.spws(wildcards.track) if spw != own)]
