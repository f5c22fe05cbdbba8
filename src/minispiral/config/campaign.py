"""A checked configuration: questions about the campaign, its tracks and targets, answered."""

import os
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from minispiral.io.flag_files import files_of

# turn of fluxes and sky from which on antennas have gains: the sky of the second one is the first
# that knows of single integrations
FIRST_SOLVED = 3


@dataclass(frozen=True)
class Campaign:
    """A checked configuration with all defaults filled in (``resolved``, as plain YAML)."""

    resolved: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name of the campaign, the prefix of every product."""
        return self.resolved["campaign"]

    @property
    def folder(self) -> str:
        """Folder of the campaign's products, ``{results}/{campaign}``."""
        return os.path.join(_path(self.resolved["results"]), self.name)

    @property
    def tracks(self) -> list[str]:
        """Names of the tracks, in the configuration's order."""
        return list(self.resolved.get("tracks", {}))

    def measurement_sets(self, track: str) -> list[str]:
        """Paths of the track's measurement sets as the user gives them; none if simulated.

        Several are the executions of a night.
        """
        given = self._track(track).get("ms", [])
        return [_path(path) for path in ([given] if isinstance(given, str) else given)]

    def is_night(self, track: str) -> bool:
        """Whether the track is made of several measurement sets, the executions of a night."""
        return len(self.measurement_sets(track)) > 1

    @cached_property
    def nights(self) -> list[str]:
        """Tracks made of several measurement sets."""
        return [track for track in self.tracks if self.is_night(track)]

    @property
    def tracks_of_one_set(self) -> list[str]:
        """Tracks made of one measurement set, or simulated."""
        return [track for track in self.tracks if not self.is_night(track)]

    def simulation(self, track: str) -> Mapping[str, Any] | None:
        """Settings of the track's simulation; None where the user gives a measurement set."""
        return self._track(track).get("simulate")

    def truth(self, track: str) -> str | None:
        """Path of the table of the track's true fluxes, the user's or its simulation's, if any."""
        path = self._track(track).get("truth")
        if path is not None:
            return _path(path)
        if self.simulation(track) is None:
            return None
        return os.path.join(self.folder, "simulated", f"{track}.truth.csv")

    def field(self, track: str) -> str:
        """Exact name of the track's target field."""
        return self._track(track).get("field", self.resolved["field"])

    def spws(self, track: str) -> list[int]:
        """Spectral windows of the track."""
        return [int(spw) for spw in self._track(track).get("spws", self.resolved["spws"])]

    @property
    def all_spws(self) -> list[int]:
        """Spectral windows of any of the tracks."""
        return sorted({spw for track in self.tracks for spw in self.spws(track)})

    def settings(self, stage: str, track: str) -> dict[str, Any]:
        """Keys of one stage for one track: the campaign's, overridden by the track's own."""
        keys = {**self.resolved[stage], **self._track(track).get(stage, {})}
        # only what can be changed in place, as this is asked for every job
        return {k: deepcopy(v) if isinstance(v, list | dict) else v for k, v in keys.items()}

    def flag_table(self, track: str) -> str | None:
        """Path of the track's flags edited by hand, if there are any: a table, or a folder."""
        path = self.settings("flag", track)["table"]
        return None if path is None else _path(path)

    def flag_tables(self, tracks: Iterable[str]) -> list[str]:
        """Files of the flags of some tracks, each once: of a folder, those of these tracks."""
        files = []
        for track in tracks:
            table = self.flag_table(track)
            if table is not None:
                files += files_of(table, [track]) if os.path.isdir(table) else [table]
        return list(dict.fromkeys(files))

    def corrected_spws(self, track: str) -> list[int]:
        """Those of the track's spws whose absorption is to be corrected."""
        corrected = self.settings("scale", track)["correct_spws"]
        return [spw for spw in self.spws(track) if spw in corrected]

    @property
    def keeps_intermediates(self) -> bool:
        """Whether what no rerun needs is kept."""
        return self.resolved["keep_intermediates"]

    @property
    def bin_seconds(self) -> list[float]:
        """Lengths of the bins in time, s, for means of light curves."""
        return self.resolved["bin_seconds"]

    @property
    def exports_memo(self) -> bool:
        """Whether light curves are also written as the files of the memo's second script."""
        return self.resolved["export"] == "memo"

    @property
    def science(self) -> dict[str, Any]:
        """Keys of what is asked of the light curves."""
        return dict(self.resolved["science"])

    @property
    def iterations(self) -> int:
        """How many times the minispiral is CLEANed and fitted again."""
        return self.resolved["iterations"]

    def selfcal_round(self, track: str, iteration: int) -> dict[str, Any] | None:
        """Self-calibration before an iteration: keys of its round; None where there is none."""
        rounds = self.settings("selfcal", track)["rounds"]
        if iteration == 0 or not rounds:
            return None
        return dict(sorted(rounds[min(iteration, len(rounds)) - 1].items()))

    def fit_is_selfcalibrated(self, track: str, iteration: int) -> bool:
        """Whether an iteration's fit runs on self-calibrated data (``selfcal.apply_to_fit``)."""
        settings = self.settings("selfcal", track)
        apply = settings["apply_to_fit"]
        wanted = settings["model"] == "full" if apply == "auto" else apply
        return wanted and self.selfcal_round(track, iteration) is not None

    def solves_in_turns(self, track: str) -> str | None:
        """How the turns of fluxes and sky solve for antenna gains (``selfcal.solve``).

        auto, where the data ask for it, or always; None where they do not: with CLEAN, as
        configured, with too few turns, and where iterations do rounds of self-calibration.
        """
        return self._solving[track]

    def is_kept_from_solving(self, track: str) -> bool:
        """Whether only the small number of turns prevents a solution for the antennas."""
        few = self.settings("model", track)["turns"] < FIRST_SOLVED
        return few and self._may_solve(track)

    @cached_property
    def _solving(self) -> dict[str, str | None]:
        """`solves_in_turns` of every track, which is asked for every job."""
        solving: dict[str, str | None] = {}
        for track in self.tracks:
            none = not self._may_solve(track) or self.is_kept_from_solving(track)
            solving[track] = None if none else str(self.settings("selfcal", track)["solve"])
        return solving

    def _may_solve(self, track: str) -> bool:
        settings = self.settings("selfcal", track)
        by_hand = bool(settings["rounds"]) and self.iterations > 0
        return self.is_joint(track) and not by_hand and settings["solve"] != "never"

    def reason_for_own_gains(self, track: str, iteration: int) -> str | None:
        """Why each integration of a track is to have its own gain; None if neighbours count too."""
        if self.settings("scale", track)["gains"] == "integration":
            return "as configured"
        rounds = [self.selfcal_round(track, n) or {} for n in range(1, iteration + 1)]
        solved = any(keys.get("calmode") == "ap" for keys in rounds)
        if solved and self.fit_is_selfcalibrated(track, iteration):
            # errors of solved amplitudes are common to all integrations of a solution
            return "antenna amplitudes were solved for, and neighbours share their errors"
        return None

    @property
    def tracks_by_spws(self) -> dict[tuple[int, ...], list[str]]:
        """Tracks that have the same spws, by these."""
        tracks: dict[tuple[int, ...], list[str]] = {}
        for track in self.tracks:
            tracks.setdefault(tuple(self.spws(track)), []).append(track)
        return tracks

    def model_tracks(self, track: str) -> list[str]:
        """Tracks that IM1 of `track` is made of (``model.scope``)."""
        model = self.settings("model", track)
        if model["scope"] == "track":
            return [track]
        return self.tracks if model["method"] == "clean" else self.joint_tracks

    def is_joint(self, track: str) -> bool:
        """Whether the track's IM1 is found from the visibilities (``model.method``)."""
        return track in self._found_from_visibilities

    @cached_property
    def _found_from_visibilities(self) -> set[str]:
        """Tracks of which `is_joint` is true, as it is asked for every job."""
        return {t for t in self.tracks if self.settings("model", t)["method"] == "joint"}

    def method_of_core(self, track: str) -> str | None:
        """Method (``model.method``) that finds the core's place; None where it is configured."""
        model = self.settings("model", track)
        return model["method"] if model["core_offset"] == "auto" else None

    @cached_property
    def joint_tracks(self) -> list[str]:
        """Tracks that share one sky from the visibilities (``model.method``, ``model.scope``)."""
        return [
            track
            for track in self.tracks
            if self.is_joint(track) and self.settings("model", track)["scope"] == "campaign"
        ]

    @cached_property
    def skies(self) -> dict[str, list[str]]:
        """Tracks of each sky from the visibilities, by whose it is: a track, or "" if shared."""
        shared = self.joint_tracks
        alone = {
            track: [track] for track in self.tracks if track not in shared and self.is_joint(track)
        }
        return ({"": shared} if shared else {}) | alone

    def reference_tracks(self, spw: int) -> list[str]:
        """Tracks with the spw over which the campaign's reference flux is taken."""
        return [
            track
            for track in self.tracks
            if spw in self.spws(track) and not self.has_own_reference(track)
        ]

    def has_own_reference(self, track: str) -> bool:
        """Whether a track is scaled to its own minispiral, not the campaign's.

        So it is as configured (``scale.reference``), and where its sky from the visibilities, or
        CLEAN's beside such a sky of others, is another than theirs: F_ext is in units of IM1.
        """
        if self.settings("scale", track)["reference"] == "track":
            return True
        if self.is_joint(track):
            return track not in self.joint_tracks
        return bool(self.joint_tracks)

    @property
    def targets(self) -> list[str]:
        """Names of the measurement sets that are self-calibrated on images of themselves."""
        return list(self.resolved["selfcal_targets"])

    def target(self, name: str) -> dict[str, Any]:
        """Everything about one of these, with its paths as Snakemake wants them."""
        target = deepcopy(self.resolved["selfcal_targets"][name])
        target["ms"] = _path(target["ms"])
        for line in target["lines"].values():
            line["ms"] = _path(line["ms"])
        return target

    def target_rounds(self, name: str) -> int:
        """How many rounds of a target are to be done: all, or as far as it is to stop."""
        target = self.target(name)
        stop = target["stop_after"]
        return len(target["rounds"]) if stop is None else min(stop, len(target["rounds"]))

    def target_is_whole(self, name: str) -> bool:
        """Whether all rounds of a target are to be done, which its products are made after."""
        return self.target_rounds(name) == len(self.target(name)["rounds"])

    def _track(self, track: str) -> Mapping[str, Any]:
        return self.resolved["tracks"][track]


def mask_path(image: Mapping[str, Any]) -> str | None:
    """Path of the user's CLEAN mask (CASA image or CRTF region); None for a mask made by tclean."""
    mask = image["mask"]
    return None if mask in ("auto", "incremental") else _path(mask)


def _path(path: str) -> str:
    """A user's path as Snakemake wants it: without ~, ./ and a slash at the end."""
    return os.path.normpath(os.path.expanduser(path))


def flagger(flag: Mapping[str, Any]) -> dict[str, Any]:
    """Thresholds of the automatic flagger, of a track's ``flag``."""
    return {key: flag[key] for key in ("deviation", "chi2", "bad_scan")}


def limits(scale: Mapping[str, Any]) -> dict[str, Any]:
    """Those keys of a track's ``scale`` that say which integrations are good."""
    return {key: scale[key] for key in ("flux_range", "max_polarized_flux")}
