"""The configuration: read, filled up with defaults, checked, asked.

- campaign: A checked configuration: questions about the campaign, its tracks and targets,
  answered.
- campaign_keys: The keys of a campaign and of its tracks: all of a ``config.yaml``.
- checking: What is wrong with values by the classes that describe their keys.
- defaults: What follows from the descriptions of the keys: defaults and the schema.
- json_schema: The JSON schema of a configuration, made from the classes that describe its keys.
- key: How a key of the configuration is described: once, on the field of a dataclass.
- loading: The configuration: filled up with defaults, every key checked, questions about a track
  answered.
- places: Where the keys of a configuration stand: in which file, and in which line.
- possible: What a key can be, in words.
- problem: What is wrong with a configuration, and which key it concerns.
- problems: What is wrong with a configuration: for each key, its value and what is possible.
- salvage: What can still be checked of a configuration with mistakes: the rest of it.
- schema_errors: What is wrong with a configuration by its JSON schema, in words for its writer.
- shared_keys: Keys that tracks and targets of self-calibration have in common: names, rounds,
  CLEAN.
- simulation_keys: The keys of a simulated track (``tracks.NAME.simulate``).
- target_keys: The keys of a target of self-calibration (``selfcal_targets``).
- yaml_file: YAML as configurations are written in it: plain values, and no key twice.
- yaml_text: Keys as commented YAML: each with its value, its unit, its default and the memo's name.
"""

from minispiral.config.campaign import Campaign, flagger, limits, mask_path
from minispiral.config.defaults import defaults, schema, target_defaults
from minispiral.config.loading import default_file, load, resolve
from minispiral.config.yaml_text import explained_defaults

__all__ = [
    "Campaign",
    "default_file",
    "defaults",
    "explained_defaults",
    "flagger",
    "limits",
    "load",
    "mask_path",
    "resolve",
    "schema",
    "target_defaults",
]
