"""Rules for tracks of different spws: one for each list of spws that tracks have.

A job that makes a file of each of its track's spws is of a rule that names these files, and what a
rule names cannot depend on the job's track. So there is such a rule for each list.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from minispiral.config.campaign import Campaign
from minispiral.jobs.signatures import with_signature
from minispiral.jobs.wildcards import Wildcards


@dataclass(frozen=True)
class SpwList:
    """A list of spws, the tracks that have it, and the end of the names of its rules."""

    spws: tuple[int, ...]
    tracks: tuple[str, ...]
    ending: str

    def rule(self, name: str) -> str:
        """Name of the list's rule of a stage."""
        return f"{name}{self.ending}"

    def group(self, name: str, workflow: Any) -> Callable[[Wildcards], str | None] | None:
        """Return what gives a job of the list's rule the group that a profile gives the stage.

        None where the rule's name is that of the stage, which the profile knows. Snakemake tells
        the profile's groups only when all rules are read, so jobs have to ask for theirs.
        """
        if not self.ending:
            return None

        @with_signature
        def group(wildcards: Wildcards) -> str | None:
            pattern = workflow.group_settings.overwrite_groups.get(name)
            return pattern and pattern.format(**dict(wildcards.items()))

        return group

    @property
    def track_pattern(self) -> str:
        """Regular expression of the tracks' names."""
        return "|".join(self.tracks)


def spw_lists(campaign: Campaign) -> list[SpwList]:
    """The lists of a campaign. Rules of the first, often the only one, have the stage's own name.

    Others are named after their spws: ``scale_light_curves_of_spws_0_2``, ``..._of_spws_0to7``.
    """
    return [
        SpwList(spws, tuple(tracks), f"_of_spws_{_brief(spws)}" if number else "")
        for number, (spws, tracks) in enumerate(campaign.tracks_by_spws.items())
    ]


def _brief(spws: tuple[int, ...]) -> str:
    """Spws in their order, runs of three and more by their ends."""
    runs: list[list[int]] = []
    for spw in spws:
        if runs and spw == runs[-1][-1] + 1:
            runs[-1].append(spw)
        else:
            runs.append([spw])
    words = (f"{run[0]}to{run[-1]}" if len(run) > 2 else "_".join(map(str, run)) for run in runs)
    return "_".join(words)
