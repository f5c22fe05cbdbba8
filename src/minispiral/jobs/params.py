"""The values of a job beside its files: keys of the configuration, states of inputs.

Snakemake calls the methods with a job's wildcards, as params functions, and redoes what was made
with other values. Those that are given names of keys first return such a function.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from minispiral.config.campaign import FIRST_SOLVED, Campaign, flagger, limits
from minispiral.jobs import versions
from minispiral.jobs.files import models_of
from minispiral.jobs.signatures import with_signature, with_signatures
from minispiral.jobs.truth_files import tracks_with_truth
from minispiral.jobs.wildcards import (
    Wildcards,
    plain_spws,
    referenced_tracks,
    sky_tracks,
    tracks_of_job,
)
from minispiral.measures.stated import Stated
from minispiral.ms.files import table_state

CELL_KEYS = ("cell", "pixels_per_fringe", "max_uv_wavelengths")  # of image
Keys = Callable[[Wildcards], dict[str, Any]]


@with_signatures
class JobParams:
    """The values that the jobs of a campaign are given."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign

    def settings(self, stage: str) -> Keys:
        """Return a params function: the keys of one stage for the job's track."""

        @with_signature
        def settings(wildcards: Wildcards) -> dict[str, Any]:
            return self.campaign.settings(stage, wildcards.track)

        return settings

    def simulation(self, wildcards: Wildcards) -> dict[str, Any]:
        """The track's simulate keys, in an order of their own."""
        return dict(sorted((self.campaign.simulation(wildcards.track) or {}).items()))

    # inputs

    def state(self, wildcards: Wildcards) -> str:
        """Sizes and times of the input's data files: a folder's own age does not show a change."""
        paths = self.campaign.measurement_sets(wildcards.track)
        return table_state(paths[0]) if paths else "simulated"

    def state_of_execution(self, wildcards: Wildcards) -> str:
        """The same of one execution of a night."""
        paths = self.campaign.measurement_sets(wildcards.track)
        return table_state(paths[int(wildcards.execution) - 1])

    def measurement_sets(self, wildcards: Wildcards) -> list[str]:
        """Paths of the track's measurement sets, as the configuration has them."""
        return self.campaign.measurement_sets(wildcards.track)

    def field(self, wildcards: Wildcards) -> str:
        """Exact name of the track's target field."""
        return self.campaign.field(wildcards.track)

    def spws(self, wildcards: Wildcards) -> list[int]:
        """Spectral windows of the track."""
        return self.campaign.spws(wildcards.track)

    def data_column(self, wildcards: Wildcards) -> str:
        """The column that holds the track's QA2-calibrated data."""
        return self.campaign.settings("split", wildcards.track)["data_column"]

    def flagged_channels(self, wildcards: Wildcards) -> str | None:
        """Channel ranges of the spw to be left out of its average."""
        split = self.campaign.settings("split", wildcards.track)
        return split["flag_channels"].get(wildcards.spw)

    def all_flagged_channels(self, wildcards: Wildcards) -> dict[str, dict[str, str]]:
        """For each track: the channel ranges left out of each spw's average."""
        return {
            track: self.campaign.settings("split", track)["flag_channels"]
            for track in self.campaign.tracks
        }

    @property
    def cleaned(self) -> list[str]:
        """Tracks whose IM1 is CLEAN's, and not found from the visibilities."""
        return [track for track in self.campaign.tracks if not self.campaign.is_joint(track)]

    @property
    def sharing_im1(self) -> list[dict[str, dict[str, Any]]]:
        """Tracks that share IM1, several at a time, each with what determines its cell."""
        groups = dict.fromkeys(tuple(self.campaign.model_tracks(t)) for t in self.campaign.tracks)
        return [
            {
                track: {key: self.campaign.settings("image", track)[key] for key in CELL_KEYS}
                for track in group
            }
            for group in groups
            if len(group) > 1
        ]

    # models

    def core_fill(self, wildcards: Wildcards) -> str:
        """What takes the core's place: zero or surroundings."""
        return self.campaign.settings("model", wildcards.track)["core"]

    def core_offset(self, wildcards: Wildcards) -> str | list[float]:
        """The core's place as configured: auto, or arcsec east and north of the phase centre."""
        return self.campaign.settings("model", wildcards.track)["core_offset"]

    def models_a_track(self, wildcards: Wildcards) -> list[int]:
        """How many models each track has, in the order of the job's inputs."""
        n = int(wildcards.iteration)
        tracks = tracks_of_job(self.campaign, wildcards)
        return [len(models_of(self.campaign, track, n)) for track in tracks]

    def sky(self, wildcards: Wildcards) -> dict[str, Any]:
        """How the sky is found of the job's track, or of all that share one."""
        model = self.campaign.settings("model", sky_tracks(self.campaign, wildcards)[0])
        return {key: model[key] for key in ("core", "regularization", "primary_beam")}

    def spws_of_sky(self, wildcards: Wildcards) -> dict[str, list[int]]:
        """The tracks whose sky the job finds, with their spws."""
        return {track: self.campaign.spws(track) for track in sky_tracks(self.campaign, wildcards)}

    def turns(self, wildcards: Wildcards) -> int:
        """How many turns of fluxes and sky are allowed."""
        model = self.campaign.settings("model", sky_tracks(self.campaign, wildcards)[0])
        return int(model["turns"])

    def is_last_turn(self, wildcards: Wildcards) -> bool:
        """Whether no turn comes after the job's."""
        return int(wildcards.turn) == self.turns(wildcards)

    @property
    def skies(self) -> list[dict[str, Any]]:
        """Skies from the visibilities: whose (`Campaign.skies`), spws by track, turns allowed."""
        return [
            {
                "track": track,
                "spws": {name: self.campaign.spws(name) for name in tracks},
                "turns": self.campaign.settings("model", tracks[0])["turns"],
            }
            for track, tracks in self.campaign.skies.items()
        ]

    @property
    def own_references(self) -> list[str]:
        """Tracks that are scaled to their own minispiral."""
        return [track for track in self.campaign.tracks if self.campaign.has_own_reference(track)]

    # light curves

    def stated(self, wildcards: Wildcards) -> dict[str, dict[str, float]]:
        """Errors that are none of the noise, of the job's track or of all; see `Stated`."""
        return {
            track: asdict(Stated.of_settings(self.campaign.settings("scale", track)))
            for track in tracks_of_job(self.campaign, wildcards)
        }

    def limits(self, wildcards: Wildcards) -> list[dict[str, Any]]:
        """For each track of the job's reference: what its good integrations may be."""
        return [
            {
                "track": track,
                "table": self.campaign.flag_table(track),
                "version": versions.FLAG,
                "flagger": flagger(self.campaign.settings("flag", track)),
                **limits(self.campaign.settings("scale", track)),
            }
            for track in referenced_tracks(self.campaign, wildcards)
        ]

    def reason_for_own_gains(self, wildcards: Wildcards) -> str:
        """Why each integration of the track has its own gain; empty if neighbours count too."""
        return self.campaign.reason_for_own_gains(wildcards.track, int(wildcards.iteration)) or ""

    def plain_spws(self, wildcards: Wildcards) -> list[int]:
        """Spws of the track whose absorption is not to be corrected."""
        return plain_spws(self.campaign, wildcards)

    def corrected_spws(self, wildcards: Wildcards) -> list[int]:
        """Spws of the track whose absorption is to be corrected."""
        return self.campaign.corrected_spws(wildcards.track)

    @property
    def tracks_with_truth(self) -> list[str]:
        """Tracks whose true fluxes are known, whatever the job."""
        return tracks_with_truth(self.campaign)

    # what the light curves say

    def false_alarms(self, wildcards: Wildcards) -> float:
        """How many transients chance may make in a track."""
        return float(self.campaign.science["false_alarms"])

    # iterations

    def selfcal_round(self, wildcards: Wildcards) -> dict[str, Any] | None:
        """Keys of the round of self-calibration."""
        return self.campaign.selfcal_round(wildcards.track, int(wildcards.iteration))

    def pointing(self, wildcards: Wildcards) -> str:
        """Whether the array's pointing is part of the model: auto or none."""
        return self.campaign.settings("model", wildcards.track)["pointing"]

    def solves_in_turns(self, wildcards: Wildcards) -> str | None:
        """How the turns of fluxes and sky solve for antenna gains: auto, always, or not at all."""
        return self.campaign.solves_in_turns(wildcards.track)

    @property
    def first_solved(self) -> int:
        """The first turn that solves for antennas, whatever the job."""
        return FIRST_SOLVED

    def selfcal_model(self, wildcards: Wildcards) -> str:
        """The model of the self-calibration: full or extended."""
        return self.campaign.settings("selfcal", wildcards.track)["model"]

    def is_joint(self, wildcards: Wildcards) -> bool:
        """Whether the track's IM1 is found from the visibilities."""
        return self.campaign.is_joint(wildcards.track)

    def solved_against(self, wildcards: Wildcards) -> str:
        """The model of an iteration's gains: full, extended, or the core alone.

        A sky from the visibilities takes in what phase errors do to them, so that phases are solved
        against the core alone before any sky is believed.
        """
        round_ = self.selfcal_round(wildcards)
        is_first = int(wildcards.iteration) == 1
        if (
            self.is_joint(wildcards)
            and is_first
            and round_ is not None
            and round_.get("calmode", "p") == "p"
        ):
            return "core"
        return self.selfcal_model(wildcards)

    def fit_before_is_selfcalibrated(self, wildcards: Wildcards) -> bool:
        """Whether the fit before was made on self-calibrated data."""
        n = int(wildcards.iteration) - 1
        return self.campaign.fit_is_selfcalibrated(wildcards.track, n)

    # targets of self-calibration

    def target_settings(self, *keys: str) -> Keys:
        """Return a params function: some keys of the target."""

        @with_signature
        def settings(wildcards: Wildcards) -> dict[str, Any]:
            target = self.campaign.target(wildcards.target)
            return {key: target[key] for key in keys}

        return settings

    def target_state(self, wildcards: Wildcards) -> str:
        """Sizes and times of the target's data files."""
        return table_state(self.campaign.target(wildcards.target)["ms"])

    def target_round(self, wildcards: Wildcards) -> dict[str, Any]:
        """How the round is solved."""
        rounds = self.campaign.target(wildcards.target)["rounds"]
        return dict(sorted(rounds[int(wildcards.round) - 1].items()))

    def line(self, wildcards: Wildcards) -> dict[str, Any]:
        """The field of the line data, their column, and the state of their files."""
        target = self.campaign.target(wildcards.target)
        line = target["lines"][wildcards.line]
        return {
            "field": target["field"],
            "data_column": line.get("data_column", "data"),
            "state": table_state(line["ms"]),
        }
