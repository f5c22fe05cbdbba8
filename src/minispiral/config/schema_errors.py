"""What is wrong with a configuration by its JSON schema, in words for its writer."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import jsonschema

from minispiral.config.json_schema import WORDS
from minispiral.config.problem import Problem, in_words

NUMBER = r"^[0-9]+([.][0-9]+)?$"
QUANTITY = r"^(-?[0-9]+(?:[.][0-9]+)?) *([A-Za-z]*)$"  # a number, perhaps with a unit
TYPE_NAMES = {"object": "'key: value' pairs", "array": "a list", "string": "text"}


def explain(error: jsonschema.ValidationError) -> Iterator[Problem]:
    """Yield a line for one schema error, or for each unknown key: key, value, what is possible."""
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = known_keys(error)
        for name in sorted(set(cast(Mapping[str, Any], error.instance)) - set(known)):
            yield Problem(_in_a_line(_unknown_key(path, name, known)), ((*path, name),))
    else:
        yield Problem(_in_a_line(_explanation(error)), (path,))


def _in_a_line(text: str) -> str:
    # keys are a user's, and may hold whatever breaks a line or moves the cursor
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _explanation(error: jsonschema.ValidationError) -> str:
    key = in_words(error.absolute_path) or "the configuration"
    if error.validator == "required":
        return f"{key} needs {error.message.split()[0]}, the path of a measurement set"
    if error.validator == "oneOf" and "required" in _limit(error)[0]:
        return f"{key} needs either 'ms: PATH' or 'simulate: {{...}}', and not both"
    return f"{key} is {json.dumps(error.instance)}: {_advice(error) or _expected(error)}"


def _advice(error: jsonschema.ValidationError) -> str:
    """What to write in place of a value that is nearly possible; empty if that is not clear."""
    value, part = error.instance, _part_of_schema(error)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if part.get("type") == "string" and "pattern" in part:
        if is_number and re.search(part["pattern"], str(value)):
            return f'write it in quotes, "{value}"'
        if re.search(NUMBER, str(value)) and re.search(part["pattern"], f"{value}s"):
            return f"write {value}s, or min in place of s"
    elif error.validator == "type" and _limit(error) == "string" and is_number:
        return f"use {part[WORDS]}" if WORDS in part else f'write it in quotes, "{value}"'
    number = re.search(QUANTITY, value) if isinstance(value, str) else None
    if number and part.get("type") in ("integer", "number"):
        return f"write {number[1]}, without {'quotes' if not number[2] else 'a unit'}"
    return ""


def known_keys(error: jsonschema.ValidationError) -> list[str]:
    """Keys that are possible where an error of ``additionalProperties`` is, sorted."""
    return sorted(_part_of_schema(error)["properties"])


def _part_of_schema(error: jsonschema.ValidationError) -> Mapping[str, Any]:
    # unset, as its type allows, only before a validator yields it
    return cast(Mapping[str, Any], error.schema)


def _limit(error: jsonschema.ValidationError) -> Any:
    """What the schema says of the value."""
    return error.validator_value


def _unknown_key(path: Sequence[str | int], name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "possible are " + ", ".join(known)
    key = in_words([*path, name if name.strip() else repr(name)])
    return f"{key} is no key of minispiral: {hint}"


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
