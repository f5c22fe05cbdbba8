"""Keys as commented YAML: each with its value, its unit, its default and the memo's name."""

import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin

import yaml

from minispiral.config.campaign_keys import Configuration
from minispiral.config.key import default_of, description, parts

#: Column of the comments, and the longest line.
COLUMN, WIDTH = 28, 100
#: A space at which no line is broken.
GLUE = "\u00a0"


def explained_defaults() -> str:
    """Return the YAML text of the defaults, each key with its explanation."""
    return explained(Configuration)


def explained(
    of_class: type,
    values: Mapping[str, Any] | None = None,
    blocks: Mapping[str, str] | None = None,
) -> str:
    """Return the YAML text of the keys of a class.

    Empty lines set apart sections, blocks, and what has an example.

    Parameters
    ----------
    of_class
        A dataclass that describes keys.
    values
        Values that keys have instead of their defaults. Keys that have neither are left out.
    blocks
        For keys that are mappings of names: the YAML text of their value.
    """
    text, was_apart = "", False
    for of_field in fields(of_class):
        name = of_field.name
        default = default_of(of_field)
        if blocks and name in blocks:
            entry, apart = _lines(f"{name}:", comment_of(of_field)) + blocks[name], True
        elif default is MISSING:
            continue
        elif is_dataclass(of_field.type):
            entry, apart = _section(of_field), True
        else:
            entry = explained_key(of_field, (values or {}).get(name, default))
            apart = bool(description(of_field).example)
        text += ("\n" if text and (apart or was_apart) else "") + entry
        was_apart = apart
    return text


def _section(of_field: "Field[Any]") -> str:
    lines = _lines(f"{of_field.name}:", [description(of_field).explanation])
    for part in fields(of_field.type):  # type: ignore[arg-type]
        lines += explained_key(part, default_of(part), "  ")
    return lines


def explained_key(of_field: "Field[Any]", value: Any, indent: str = "") -> str:
    """Return the lines of one key: its value and its comment, then its example, commented out."""
    head = f"{indent}{of_field.name}: {flow(value)}"
    example = "".join(f"{indent}  # {line}\n" for line in description(of_field).example)
    return _lines(head, comment_of(of_field)) + example


def comment_of(of_field: "Field[Any]") -> list[str]:
    """What the comment of a key says: choices, explanation, unit, memo's name and default.

    Of a list whose items have keys, a paragraph for each of these follows.
    """
    known, default = description(of_field), default_of(of_field)
    text = with_unit(of_field)
    choices = get_args(of_field.type) if get_origin(of_field.type) is Literal else ()
    if any(f"{flow(word)}: " not in text for word in choices):
        text = f"{' | '.join(map(flow, choices))}: {text}"
    if known.memo:
        text += f"; memo: {known.memo}"
    if default is not MISSING:
        # the two stay on one line
        text += f"; default{GLUE}{flow(default)}" + (f", {known.why}" if known.why else "")
    of_items = class_of_items(of_field)
    if of_items is None:
        return [text]
    return [
        f"{text}. Keys of each:",
        *(f"{part.name}: {text}" for part in fields(of_items) for text in comment_of(part)),
    ]


def class_of_items(of_field: "Field[Any]") -> type | None:
    """Class of the items of a list whose items have keys; None for any other key."""
    if get_origin(of_field.type) is list:
        return next(parts(of_field.type), None)
    return None


def with_unit(of_field: "Field[Any]") -> str:
    """Explanation of a key, with the unit after its first part."""
    known = description(of_field)
    first, semicolon, rest = known.explanation.partition(";")
    return f"{first} ({known.unit}){semicolon}{rest}" if known.unit else known.explanation


def _lines(head: str, paragraphs: list[str]) -> str:
    start, later = head.ljust(COLUMN - 1) + " # ", " " * COLUMN + "# "
    lines = [line for text in paragraphs for line in _wrapped(text, WIDTH - len(later))]
    first = start if len(start) == len(later) else f"{head}\n{later}"
    return first + f"\n{later}".join(lines) + "\n"


def _wrapped(text: str, width: int) -> list[str]:
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace(GLUE, " ") for line in lines]


def flow(value: Any) -> str:
    """Write text, a number, a list or a mapping as YAML on one line, quoted where it has to be."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    plain = isinstance(value, str) and re.fullmatch(r"[A-Za-z~./][\w./-]*", value)
    if plain and yaml.safe_load(value) == value:
        return str(value)
    return json.dumps(value, ensure_ascii=False)
