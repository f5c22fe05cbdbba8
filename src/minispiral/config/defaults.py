"""What follows from the descriptions of the keys: defaults and the schema."""

from copy import deepcopy
from typing import Any

from minispiral.config.campaign_keys import Configuration
from minispiral.config.json_schema import schema_of
from minispiral.config.key import defaults_of
from minispiral.config.target_keys import Target


def defaults() -> dict[str, Any]:
    """Return the documented default of every key."""
    return defaults_of(Configuration)


def target_defaults() -> dict[str, Any]:
    """Return the documented default of every key of a target of self-calibration."""
    return defaults_of(Target)


def schema() -> dict[str, Any]:
    """Return the JSON schema of the configuration."""
    return deepcopy({"title": "minispiral configuration", **schema_of(Configuration)})
