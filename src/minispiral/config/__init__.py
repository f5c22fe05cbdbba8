"""The configuration: read, defaults filled in, checked, asked.

- campaign: A checked configuration: questions about the campaign, its tracks and targets,
  answered.
- defaults: The files that come with the package: defaults of all keys, their explanations, the
  schema.
- loading: The configuration: defaults filled in, every key checked, questions about a track
  answered.
- problems: What is wrong with a configuration: for each key, its value and what is possible.
- salvage: What can still be checked of a configuration with mistakes: the rest of it.
- schema_errors: What is wrong with a configuration by its JSON schema, in words for its writer.
- yaml_file: YAML as configurations are written in it: plain values, and no key twice.
"""

from minispiral.config.campaign import Campaign, flagger, limits, mask_path
from minispiral.config.defaults import defaults, explained_defaults, schema, target_defaults
from minispiral.config.loading import assess, default_file, load, resolve

__all__ = [
    "Campaign",
    "assess",
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
