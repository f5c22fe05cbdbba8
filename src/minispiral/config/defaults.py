"""The files that come with the package: defaults of all keys, their explanations, the schema."""

import json
from importlib import resources
from typing import Any

import yaml


def defaults() -> dict[str, Any]:
    """Return the documented default of every key."""
    return yaml.safe_load(explained_defaults())


def explained_defaults() -> str:
    """Return the YAML text of the defaults, each key with its explanation."""
    return _text("defaults.yaml")


def target_defaults() -> dict[str, Any]:
    """Return the documented default of every key of a target of self-calibration."""
    return yaml.safe_load(_text("target_defaults.yaml"))


def schema() -> dict[str, Any]:
    """Return the JSON schema of the configuration."""
    return json.loads(_text("config.schema.json"))


def _text(name: str) -> str:
    return resources.files(__package__).joinpath("data", name).read_text(encoding="utf-8")
