"""What can still be checked of a configuration with mistakes: the rest of it."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import jsonschema

from minispiral.config.campaign import Campaign
from minispiral.config.campaign_keys import Configuration
from minispiral.config.checking import errors
from minispiral.config.loading import examine
from minispiral.config.problem import Problem
from minispiral.config.schema_errors import known_keys


def salvage(config: Mapping[str, Any]) -> tuple[Campaign | None, list[Problem]]:
    """Return the campaign that is left without the keys that are wrong, and what is wrong.

    None where nothing is left: no track and no target of self-calibration.

    Raises
    ------
    MinispiralError
        As `minispiral.config.loading.examine` does.
    """
    campaign, problems = examine(config)
    if campaign is None:
        campaign, more = examine(without_mistakes(config))
        problems += more if campaign else []
    return campaign, problems


def without_mistakes(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration without the keys that the schema refuses: defaults take their place.

    A track without measurement set, or with a name that is none, is left out as a whole.
    """
    rest = deepcopy(dict(config))
    _keep_names(rest)
    # what is left may be wrong only now, as a track without its ill-formed ms; deeper keys first
    while wrong := errors(Configuration, rest):
        if not _remove(rest, max(wrong, key=lambda error: len(error.path))):
            return {}
    return rest


def _keep_names(config: dict[str, Any]) -> None:
    """Leave out tracks and targets whose names no file can have."""
    for section in ("tracks", "selfcal_targets"):
        names = config.get(section)
        if isinstance(names, dict):
            for name in list(names):
                _, problems = examine({section: {name: {"ms": "any"}}})
                if problems:
                    del names[name]


def _remove(config: dict[str, Any], error: jsonschema.ValidationError) -> bool:
    """Remove what causes an error; False where that is the whole."""
    node: Any = config
    if error.validator == "additionalProperties":
        for key in error.absolute_path:
            node = node[key]
        for key in set(node) - set(known_keys(error)):
            del node[key]
        return True
    path = list(error.absolute_path)
    # an item of a list goes with its list: one value less could mean something else
    while path and isinstance(path[-1], int):
        path.pop()
    if not path:
        return False
    for key in path[:-1]:
        node = node[key]
    del node[path[-1]]
    return True
