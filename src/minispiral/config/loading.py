"""The configuration: defaults filled in, every key checked, questions about a track answered.

A configuration is plain YAML (see config.yaml for the keys). `resolve` is the only way to make a
`Campaign`, so code that holds one need not check anything again.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from minispiral.errors import MinispiralError, raise_all
from minispiral.schema_errors import explain
from minispiral.yaml_file import read, typed

# keys of image that make the pixel grid
GRID_KEYS = ("imsize", "cell", "pixels_per_fringe", "max_uv_wavelengths")
# folders of the campaign that stand beside the tracks' folders
RESERVED_TRACK_NAMES = ("benchmarks", "im1", "logs", "reference", "selfcal", "simulated")


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

    def measurement_set(self, track: str) -> str | None:
        """Path of the track's measurement set as the user gives it; None where it is simulated."""
        path = self._track(track).get("ms")
        return None if path is None else _path(path)

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
        mine = {**self.resolved[stage], **self._track(track).get(stage, {})}
        # only what can be changed in place, as this is asked for every job
        return {k: deepcopy(v) if isinstance(v, list | dict) else v for k, v in mine.items()}

    def flag_table(self, track: str) -> str | None:
        """Path of the track's table of flags edited by hand, if there is one."""
        path = self.settings("flag", track)["table"]
        return None if path is None else _path(path)

    def corrected_spws(self, track: str) -> list[int]:
        """Those of the track's spws whose absorption is to be corrected."""
        corrected = self.settings("scale", track)["correct_spws"]
        return [spw for spw in self.spws(track) if spw in corrected]

    @property
    def keeps_intermediates(self) -> bool:
        """Whether what no rerun needs is kept."""
        return self.resolved["keep_intermediates"]

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

    def own_gains_because(self, track: str, iteration: int) -> str:
        """Why each integration of a track is to have its own gain; empty if neighbours may tell."""
        if self.settings("scale", track)["gains"] == "integration":
            return "as configured"
        rounds = [self.selfcal_round(track, n) or {} for n in range(1, iteration + 1)]
        solved = any(how.get("calmode") == "ap" for how in rounds)
        if solved and self.fit_is_selfcalibrated(track, iteration):
            # errors of solved amplitudes are common to all integrations of a solution
            return "antenna amplitudes were solved for, whose errors neighbours share"
        return ""

    @property
    def tracks_by_spws(self) -> dict[tuple[int, ...], list[str]]:
        """Tracks that have the same spws, by these."""
        found: dict[tuple[int, ...], list[str]] = {}
        for track in self.tracks:
            found.setdefault(tuple(self.spws(track)), []).append(track)
        return found

    def model_tracks(self, track: str) -> list[str]:
        """Tracks whose models IM1 of `track` averages (``model.scope``)."""
        scope = self.settings("model", track)["scope"]
        return self.tracks if scope == "campaign" else [track]

    def reference_tracks(self, spw: int) -> list[str]:
        """Tracks with the spw over which the campaign's reference flux is taken."""
        return [
            track
            for track in self.tracks
            if spw in self.spws(track) and self.settings("scale", track)["reference"] == "campaign"
        ]

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


def defaults() -> dict[str, Any]:
    """Return the documented default of every key."""
    return yaml.safe_load(explained_defaults())


def explained_defaults() -> str:
    """Return the YAML text of the defaults, each key with its explanation."""
    return resources.files("minispiral").joinpath("data/defaults.yaml").read_text(encoding="utf-8")


def target_defaults() -> dict[str, Any]:
    """Return the documented default of every key of a target of self-calibration."""
    text = resources.files("minispiral").joinpath("data/target_defaults.yaml").read_text()
    return yaml.safe_load(text)


def schema() -> dict[str, Any]:
    """Return the JSON schema of the configuration."""
    text = resources.files("minispiral").joinpath("data/config.schema.json").read_text()
    return json.loads(text)


def resolve(config: Mapping[str, Any]) -> Campaign:
    """Check a configuration and fill in the defaults.

    Raises
    ------
    MinispiralError
        One line for each thing that is wrong: the key, its value, and what is possible.
    """
    campaign, problems = assess(config)
    raise_all(f"configuration: {problem}" for problem in problems)
    assert campaign is not None  # or there were problems
    return campaign


def assess(config: Mapping[str, Any]) -> tuple[Campaign | None, list[str]]:
    """Return what `resolve` would, with all problems; None where a key or value is not possible.

    Raises
    ------
    MinispiralError
        If it is not what YAML makes of plain text, numbers and lists.
    """
    try:
        text = json.dumps(config, allow_nan=False)
    except ValueError as error:
        raise MinispiralError("configuration: .nan and .inf are no values: give numbers") from error
    except TypeError as error:
        raise MinispiralError(f"configuration: only text, numbers and lists: {error}") from error
    config = json.loads(text)  # plain values, whatever loaded it
    problems = [*_schema_problems(config)]
    if problems:
        return None, problems
    campaign = Campaign(_with_defaults(config))
    return campaign, [*_campaign_problems(campaign)]


def load(files: Iterable[str | os.PathLike], overrides: Mapping[str, Any]) -> Campaign:
    """Read configuration files, later ones and then `overrides` winning, and resolve the whole.

    Raises
    ------
    MinispiralError
        As `read` and `resolve` do.
    """
    config: dict[str, Any] = {}
    for path in files:
        _merge(config, read(path))
    _merge(config, {key: typed(value) for key, value in overrides.items()})
    return resolve(config)


def _merge(config: dict[str, Any], update: Mapping[str, Any]) -> None:
    for key, value in update.items():
        if isinstance(value, Mapping) and isinstance(config.get(key), dict):
            _merge(config[key], value)
        else:
            config[key] = value


def _with_defaults(config: Mapping[str, Any]) -> dict[str, Any]:
    resolved = defaults()
    _merge(resolved, config)
    targets = resolved["selfcal_targets"]
    for name in targets:
        own = target_defaults()
        _merge(own, targets[name])
        targets[name] = own
    return resolved


def _schema_problems(config: Mapping[str, Any]) -> Iterator[str]:
    for section, name_problems in (
        ("tracks", _track_name_problems),
        ("selfcal_targets", _target_name_problems),
    ):
        for name in config[section] if isinstance(config.get(section), dict) else ():
            yield from name_problems(name)
    if "tracks" not in config and not config.get("selfcal_targets"):
        yield (
            "'tracks' is missing: a campaign needs tracks, see README.md, or selfcal_targets, see "
            "docs/selfcal.md"
        )
    validator = jsonschema.Draft202012Validator(schema())
    explained = set()
    for error in sorted(validator.iter_errors(config), key=lambda e: [str(p) for p in e.path]):
        if tuple(error.path) not in explained:  # one line for each key
            yield explain(error)
        explained.add(tuple(error.path))


def _track_name_problems(track: str) -> Iterator[str]:
    name = schema()["$defs"]["name"]
    if next(jsonschema.Draft202012Validator(name).iter_errors(track), None):
        yield f"track name {track!r} is ill-formed: use {name['description']}"
    elif track in RESERVED_TRACK_NAMES:
        yield f"track name {track!r} is taken by a folder of the workflow: choose another"


def _target_name_problems(target: str) -> Iterator[str]:
    name = schema()["$defs"]["name"]
    if next(jsonschema.Draft202012Validator(name).iter_errors(target), None):
        yield f"selfcal_targets name {target!r} is ill-formed: use {name['description']}"


def _campaign_problems(campaign: Campaign) -> Iterator[str]:
    yield from _channel_problems(campaign)
    yield from _absorption_problems(campaign)
    seen: dict[str, str] = {}
    for track in campaign.tracks:
        ms = campaign.measurement_set(track)
        if ms is not None:
            path = os.path.realpath(ms)
            if path in seen:
                yield (
                    f"tracks {seen[path]!r} and {track!r} are both {ms}: each measurement set "
                    "belongs to one track"
                )
            seen[path] = track
        yield from _grid_problems(campaign, track)
        low, high = campaign.settings("scale", track)["flux_range"]
        if low >= high:
            yield (
                f"scale.flux_range of track {track!r} is [{low}, {high}]: give the lower limit "
                "first"
            )


def _channel_problems(campaign: Campaign) -> Iterator[str]:
    spws = campaign.all_spws
    for track in campaign.tracks:
        flagged = campaign.settings("split", track)["flag_channels"]
        unknown = [spw for spw in flagged if int(spw) not in spws]
        if unknown:
            yield (
                f"split.flag_channels has {unknown[0]}, which is no spw of any track: leave it out"
            )
            return


def _absorption_problems(campaign: Campaign) -> Iterator[str]:
    spws = campaign.all_spws
    for track in campaign.tracks:
        corrected = campaign.corrected_spws(track)
        asked = campaign.settings("scale", track)["correct_spws"]
        others = len(campaign.spws(track)) - len(corrected)
        unknown = [spw for spw in asked if spw not in spws]
        if unknown:
            yield f"scale.correct_spws has {unknown[0]}, which is no spw of any track: leave it out"
            return
        if corrected and others < 2:
            yield (
                f"scale.correct_spws is {asked}, which leaves {others} of the spws of track "
                f"{track!r} to compare with: leave two at least"
            )
            return


def _grid_problems(campaign: Campaign, track: str) -> Iterator[str]:
    mine = campaign.settings("image", track)
    for other in campaign.model_tracks(track):
        theirs = campaign.settings("image", other)
        for key in GRID_KEYS:
            if mine[key] != theirs[key]:
                yield (
                    f"image.{key} is {mine[key]} for track {track!r} and {theirs[key]} for track "
                    f"{other!r}, but IM1 averages both: make them equal, or set model.scope: track"
                )
                return


def default_file(project: str | os.PathLike) -> Path:
    """Configuration used where none is named: config.yaml here, else the project's own (demo)."""
    here = Path("config.yaml")
    return here if here.is_file() else Path(project, "config.yaml")


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
