"""The configuration: filled up with defaults, every key checked, questions about a track answered.

A configuration is plain YAML (see config.yaml for the keys). `resolve` is the only way to make a
`Campaign`, so code that holds one need not check anything again.
"""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from minispiral.config.campaign import Campaign
from minispiral.config.defaults import defaults, target_defaults
from minispiral.config.places import Places
from minispiral.config.problem import Problem
from minispiral.config.problems import campaign_problems, schema_problems
from minispiral.config.yaml_file import read, typed
from minispiral.errors import MinispiralError


def resolve(config: Mapping[str, Any]) -> Campaign:
    """Check a configuration and fill in the defaults.

    Raises
    ------
    MinispiralError
        One line for each thing that is wrong: the key, its value, and what is possible.
    """
    campaign, problems = examine(config)
    if campaign is None or problems:
        raise _refusal(problems, Places([]))
    return campaign


def _refusal(problems: Iterable[Problem], places: Places) -> MinispiralError:
    """An error with a line for each problem, behind the place of its key."""
    return MinispiralError("\n".join(map(places.located, problems)))


def examine(config: Mapping[str, Any]) -> tuple[Campaign | None, list[Problem]]:
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
    problems = [*schema_problems(config)]
    if problems:
        return None, problems
    campaign = Campaign(_with_defaults(config))
    return campaign, [*campaign_problems(campaign)]


def load(files: Iterable[str | os.PathLike[str]], overrides: Mapping[str, Any]) -> Campaign:
    """Read configuration files, later ones and then `overrides` winning, and resolve the whole.

    The lines of its message begin with the place of the key, like ``config.yaml:12``.

    Raises
    ------
    MinispiralError
        As `read` and `resolve` do.
    """
    config: dict[str, Any] = {}
    files = list(files)
    for path in files:
        _merge(config, read(path))
    given = {key: typed(value) for key, value in overrides.items()}
    _merge(config, given)
    campaign, problems = examine(config)
    if campaign is None or problems:
        raise _refusal(problems, Places(files, given))
    return campaign


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


def default_file(project: str | os.PathLike[str]) -> Path:
    """Configuration used where none is named: config.yaml here, which in the project is the demo's.

    Raises
    ------
    MinispiralError
        If there is none: the demo is not run in its place.
    """
    file = Path("config.yaml")
    if file.is_file():
        return file
    here = Path.cwd().resolve()
    other = next((name for name in ("config.yml", "Config.yaml") if Path(name).is_file()), None)
    if other is not None:
        raise MinispiralError(
            f"no config.yaml in {here}, but {other}: rename it, or give --configfile {other}"
        )
    raise MinispiralError(
        f"no config.yaml in {here}: write one with minispiral init, or name one with --configfile "
        f"(the demo's is {Path(project).resolve() / 'config.yaml'})"
    )
