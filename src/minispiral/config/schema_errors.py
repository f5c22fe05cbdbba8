"""What is wrong with a configuration by its JSON schema, in words for its writer."""

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

import jsonschema

from minispiral.config.json_schema import WORDS

TYPE_NAMES = {"object": "'key: value' pairs", "array": "a list", "string": "text"}


def explain(error: jsonschema.ValidationError) -> str:
    """One line for one schema error: key, value, what is possible."""
    # keys are a user's, and may hold whatever breaks a line or moves the cursor
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in _explanation(error))


def _explanation(error: jsonschema.ValidationError) -> str:
    key = ".".join(str(part) for part in error.absolute_path) or "the configuration"
    if error.validator == "additionalProperties":
        known = known_keys(error)
        unknown = sorted(set(cast(Mapping[str, Any], error.instance)) - set(known))
        return "; ".join(_unknown_key(key, name, known) for name in unknown)
    if error.validator == "required":
        return f"{key} needs {error.message.split()[0]}, the path of a measurement set"
    if error.validator == "oneOf" and "required" in _limit(error)[0]:
        return f"{key} needs either 'ms: PATH' or 'simulate: {{...}}', and not both"
    return f"{key} is {json.dumps(error.instance)}: {_expected(error)}"


def known_keys(error: jsonschema.ValidationError) -> list[str]:
    """Keys that are possible where an error of ``additionalProperties`` is, sorted."""
    return sorted(_part_of_schema(error)["properties"])


def _part_of_schema(error: jsonschema.ValidationError) -> Mapping[str, Any]:
    # unset, as its type allows, only before a validator yields it
    return cast(Mapping[str, Any], error.schema)


def _limit(error: jsonschema.ValidationError) -> Any:
    """What the schema says of the value."""
    return error.validator_value


def _unknown_key(parent: str, name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "possible are " + ", ".join(known)
    place = "" if parent == "the configuration" else f"{parent}."
    return f"{place}{name if name.strip() else repr(name)} is no key of minispiral: {hint}"


def _expected(error: jsonschema.ValidationError) -> str:
    limit = _limit(error)
    texts = {
        "enum": lambda: "possible is " + " or ".join(json.dumps(v) for v in limit),
        "const": lambda: f"this version knows only {json.dumps(limit)}",
        "type": lambda: f"expected {TYPE_NAMES.get(limit, limit)}{_bounds(error)}",
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
        "pattern": lambda: f"use {_part_of_schema(error).get(WORDS, limit)}",
        "format": lambda: f"use {_part_of_schema(error).get(WORDS, limit)}",
        "maxItems": lambda: (
            "this version knows only []" if limit == 0 else f"takes at most {limit} values"
        ),
    }
    text = texts.get(str(error.validator))
    return text() if text else error.message


def _bounds(error: jsonschema.ValidationError) -> str:
    """Where numbers have to lie between two bounds, these."""
    part = _part_of_schema(error)
    if "minimum" not in part or "maximum" not in part:
        return ""
    return f" from {part['minimum']:g} to {part['maximum']:g}"


def _alternative(option: Mapping[str, Any]) -> str:
    if "const" in option:
        return json.dumps(option["const"])
    kind = option["type"]
    if "exclusiveMinimum" in option:
        return f"a {kind} greater than {option['exclusiveMinimum']}"
    if kind == "array":
        fixed = option.get("minItems", 0) == option.get("maxItems")
        count = f"{option['minItems']} " if fixed else ""
        return f"a list of {count}{option['items']['type']}s"
    return kind
