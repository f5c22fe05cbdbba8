"""The configuration: defaults filled in, every key checked, questions about a track answered.

A configuration is plain YAML (see config.yaml for the keys). `resolve` is the only way to make a
`Campaign`, so code that holds one need not check anything again.
"""

import difflib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from minispiral.errors import MinispiralError

TYPE_NAMES = {"object": "'key: value' pairs", "array": "a list", "string": "text"}
# keys of image that make the pixel grid
GRID_KEYS = ("imsize", "cell", "pixels_per_fringe", "max_uv_wavelengths")
# folders of the campaign that stand beside the tracks' folders
RESERVED_TRACK_NAMES = ("benchmarks", "logs", "reference", "selfcal", "simulated")


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

    def field(self, track: str) -> str:
        """Exact name of the track's target field."""
        return self._track(track).get("field", self.resolved["field"])

    def spws(self, track: str) -> list[int]:
        """Spectral windows of the track."""
        return [int(spw) for spw in self._track(track).get("spws", self.resolved["spws"])]

    def settings(self, stage: str, track: str) -> dict[str, Any]:
        """Keys of one stage for one track: the campaign's, overridden by the track's own."""
        return {**deepcopy(self.resolved[stage]), **deepcopy(self._track(track).get(stage, {}))}

    def flag_table(self, track: str) -> str | None:
        """Path of the track's table of flags edited by hand, if there is one."""
        path = self.settings("flag", track)["table"]
        return None if path is None else _path(path)

    def corrected_spws(self, track: str) -> list[int]:
        """Those of the track's spws whose absorption is to be corrected."""
        corrected = self.settings("scale", track)["correct_spws"]
        return [spw for spw in self.spws(track) if spw in corrected]

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

    def _track(self, track: str) -> Mapping[str, Any]:
        return self.resolved["tracks"][track]


def defaults() -> dict[str, Any]:
    """Return the documented default of every key."""
    return yaml.safe_load(resources.files("minispiral").joinpath("data/defaults.yaml").read_text())


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
    try:
        text = json.dumps(config, allow_nan=False)
    except ValueError as error:
        raise MinispiralError("configuration: .nan and .inf are no values: give numbers") from error
    except TypeError as error:
        raise MinispiralError(f"configuration: only text, numbers and lists: {error}") from error
    config = json.loads(text)  # plain values, whatever loaded it
    problems = [*_schema_problems(config)]
    if not problems:
        campaign = Campaign(_with_defaults(config))
        problems = [*_campaign_problems(campaign)]
    if problems:
        raise MinispiralError("\n".join(f"configuration: {problem}" for problem in problems))
    return campaign


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
    _merge(config, {key: _typed(value) for key, value in overrides.items()})
    return resolve(config)


def _typed(value: Any) -> Any:
    """Give numbers within a mapping their type: Snakemake's --config leaves them as text."""
    if not isinstance(value, Mapping):
        return value
    return {
        str(key): yaml.load(item, _StrictLoader) if isinstance(item, str) else _typed(item)
        for key, item in value.items()
    }


def _merge(config: dict[str, Any], update: Mapping[str, Any]) -> None:
    for key, value in update.items():
        if isinstance(value, Mapping) and isinstance(config.get(key), dict):
            _merge(config[key], value)
        else:
            config[key] = value


def read(path: str | os.PathLike) -> dict[str, Any]:
    """Read a YAML configuration file, refusing a key that stands twice (YAML keeps the last).

    Raises
    ------
    MinispiralError
        If the file is missing, is not YAML, is not a mapping, or repeats a key.
    """
    try:
        with open(path, encoding="utf-8") as file:
            config = yaml.load(file, Loader=_StrictLoader)  # a SafeLoader: constructs no objects
    except OSError as error:
        raise MinispiralError(f"{path}: cannot read it: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise MinispiralError(f"{path}: not a UTF-8 text file: save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise MinispiralError(f"{path}: {_yaml_problem(error)}") from error
    if not isinstance(config, dict):
        raise MinispiralError(f"{path}: expected 'key: value' lines, see the project's config.yaml")
    return config


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses a repeated key and a key that is not text."""


def _construct_mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[str, Any]:
    loader.flatten_mapping(node)
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key_node.tag == "tag:yaml.org,2002:int" and str(key) == key_node.value:
            key = key_node.value  # a track called 20170406, or a spw, written without quotes
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(
                None,
                None,
                f"the key {key_node.value!r} is not text: write it in quotes",
                key_node.start_mark,
            )
        if key in mapping:
            raise yaml.constructor.ConstructorError(
                None,
                None,
                f"the key {key!r} stands here twice: rename or remove one of them",
                key_node.start_mark,
            )
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)
# numbers such as 1e-3 and -4e5, which YAML 1.1 takes for text
_StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+.0123456789"),
)
# a time stays the text it is written as: every value must be one that JSON has too
_StrictLoader.add_constructor(
    "tag:yaml.org,2002:timestamp", yaml.constructor.SafeConstructor.construct_yaml_str
)


def _yaml_problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    return f"{where}{getattr(error, 'problem', None) or 'not valid YAML'}"


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
            yield _explain(error)
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
    spws = {spw for track in campaign.tracks for spw in campaign.spws(track)}
    for track in campaign.tracks:
        flagged = campaign.settings("split", track)["flag_channels"]
        unknown = [spw for spw in flagged if int(spw) not in spws]
        if unknown:
            yield (
                f"split.flag_channels has {unknown[0]}, which is no spw of any track: leave it out"
            )
            return


def _absorption_problems(campaign: Campaign) -> Iterator[str]:
    spws = {spw for track in campaign.tracks for spw in campaign.spws(track)}
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


def _explain(error: jsonschema.ValidationError) -> str:
    """One line for one schema error: key, value, what is possible."""
    key = ".".join(str(part) for part in error.absolute_path) or "the configuration"
    if error.validator == "additionalProperties":
        known = sorted(error.schema["properties"])
        unknown = sorted(set(error.instance) - set(known))
        return "; ".join(_unknown_key(key, name, known) for name in unknown)
    if error.validator == "required":
        return f"{key} needs {error.message.split()[0]}, the path of a measurement set"
    if error.validator == "oneOf" and "required" in error.validator_value[0]:
        return f"{key} needs either 'ms: PATH' or 'simulate: {{...}}', and not both"
    return f"{key} is {json.dumps(error.instance)}: {_expected(error)}"


def _unknown_key(parent: str, name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "possible are " + ", ".join(known)
    place = "" if parent == "the configuration" else f"{parent}."
    return f"{place}{name} is no key of minispiral: {hint}".replace("\n", "\\n")


def _expected(error: jsonschema.ValidationError) -> str:
    limit = error.validator_value
    texts = {
        "enum": lambda: "possible is " + " or ".join(json.dumps(v) for v in limit),
        "const": lambda: f"this version knows only {json.dumps(limit)}",
        "type": lambda: f"expected {TYPE_NAMES.get(limit, limit)}",
        "not": lambda: "possible is auto or the path of a mask",
        "oneOf": lambda: "expected " + " or ".join(_alternative(option) for option in limit),
        "minimum": lambda: f"must be at least {limit}",
        "exclusiveMinimum": lambda: f"must be greater than {limit}",
        "maximum": lambda: f"must be at most {limit}",
        "multipleOf": lambda: f"must be a multiple of {limit}",
        "minItems": lambda: f"needs at least {limit} values",
        "minProperties": lambda: f"needs at least {limit} entry",
        "minLength": lambda: "must not be empty",
        "uniqueItems": lambda: "has a value twice",
        "pattern": lambda: f"use {error.schema.get('description', limit)}",
        "maxItems": lambda: (
            "this version knows only []" if limit == 0 else f"takes at most {limit} values"
        ),
    }
    return texts.get(error.validator, lambda: error.message)()


def _alternative(option: Mapping[str, Any]) -> str:
    if "const" in option:
        return json.dumps(option["const"])
    kind = option.get("type", "a list")  # or what another part of the schema describes
    if "exclusiveMinimum" in option:
        return f"a {kind} greater than {option['exclusiveMinimum']}"
    if kind == "array":
        return f"a list of {option['minItems']} {option['items']['type']}s"
    return kind


def remarks(campaign: Campaign) -> list[str]:
    """Say what is no mistake, but perhaps not what was meant."""
    found = {}
    for track in campaign.tracks:
        rounds = len(campaign.settings("selfcal", track)["rounds"])
        if rounds > campaign.iterations:
            found[rounds] = (
                f"selfcal.rounds has {rounds}, but iterations is {campaign.iterations}: each "
                f"iteration does one, so {rounds - campaign.iterations} will not be done"
            )
    return list(found.values())


def default_file(project: str | os.PathLike) -> Path:
    """Configuration used where none is named: config.yaml here, else the project's own (demo)."""
    here = Path("config.yaml")
    return here if here.is_file() else Path(project, "config.yaml")


def check_inputs(campaign: Campaign) -> None:
    """Check what takes no time: that input paths exist, flag tables, and keys of simulations.

    Raises
    ------
    MinispiralError
        One line for each that does not.
    """
    problems = []
    for track in campaign.tracks:
        ms = campaign.measurement_set(track)
        if ms is not None and not os.access(os.path.join(ms, "table.dat"), os.R_OK):
            what = "is no readable measurement set" if os.path.exists(ms) else "does not exist"
            problems.append(f"track {track}: {ms} {what}: correct tracks.{track}.ms")
        mask = mask_path(campaign.settings("image", track))
        if mask is not None and not os.path.exists(mask):
            problems.append(f"track {track}: the mask {mask} does not exist: correct image.mask")
        table = campaign.flag_table(track)
        if table is not None and not os.path.isfile(table):
            problems.append(f"track {track}: the table {table} does not exist: correct flag.table")
        elif table is not None:
            problems += _flag_table_problems(campaign, table)
        simulation = campaign.simulation(track)
        if simulation is not None:
            problems += _simulation_problems(track, simulation)
    for name in campaign.targets:
        target = campaign.target(name)
        sets = {"ms": target["ms"]} | {f"lines.{k}.ms": v["ms"] for k, v in target["lines"].items()}
        for key, ms in sets.items():
            if not os.access(os.path.join(ms, "table.dat"), os.R_OK):
                what = "is no readable measurement set" if os.path.exists(ms) else "does not exist"
                problems.append(f"{ms} {what}: correct selfcal_targets.{name}.{key}")
        mask = mask_path(target["image"])
        if mask is not None and not os.path.exists(mask):
            problems.append(
                f"the mask {mask} does not exist: correct selfcal_targets.{name}.image.mask"
            )
    if problems:
        raise MinispiralError("\n".join(dict.fromkeys(problems)))


def _flag_table_problems(campaign: Campaign, table: str) -> list[str]:
    # imported here, as it takes as long as all else: a run without a table need not wait for it
    from minispiral.user_flags import read_user_flags

    try:
        named = {flag.track for flag in read_user_flags(table)}
    except MinispiralError as error:
        return [str(error)]
    unknown = sorted(named - {*campaign.tracks, "*"})
    return [
        f"{table} names track {track!r}, but the campaign has {', '.join(campaign.tracks)}: "
        "correct its name, or remove the line"
        for track in unknown
    ]


def _simulation_problems(track: str, simulation: Mapping[str, Any]) -> list[str]:
    # imported here for the same reason
    from minispiral.simulate import TrackSimulation

    try:
        TrackSimulation.from_settings(simulation)
    except MinispiralError as error:
        return [f"track {track}: {error}"]
    return []


def mask_path(image: Mapping[str, Any]) -> str | None:
    """Path of the user's CLEAN mask (CASA image or CRTF region); None for a mask made by tclean."""
    mask = image["mask"]
    return None if mask in ("auto", "incremental") else _path(mask)


def _path(path: str) -> str:
    """A user's path as Snakemake wants it: without ~, ./ and a slash at the end."""
    return os.path.normpath(os.path.expanduser(path))


def limits(scale: Mapping[str, Any]) -> dict[str, Any]:
    """Those keys of a track's ``scale`` that say which integrations are good."""
    return {key: scale[key] for key in ("flux_range", "max_polarized_flux")}
