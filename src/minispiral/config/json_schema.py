"""The JSON schema of a configuration, made from the classes that describe its keys."""

from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from minispiral.config.key import Key, default_of, description, is_needed, parts, summary

DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: Format of a time, which `minispiral.config.schema_errors` checks.
TIME = "utc-time"
#: Keyword of what a text has to be, in words; editors show it too.
WORDS = "patternErrorMessage"


@cache
def schema_of(of_class: type) -> dict[str, Any]:
    """Return the schema of a class of keys, with those of the classes that it names in ``$defs``.

    It is made once: copy it before you change it.
    """
    classes = [*dict.fromkeys(_named(of_class))]
    definitions = {_name(part): _keys(part) for part in classes if part is not of_class}
    return {
        "$schema": DIALECT,
        **_keys(of_class),
        **({"$defs": definitions} if definitions else {}),
    }


def _named(of_class: type) -> Iterator[type]:
    """Classes that a class names in its keys, and those that they name."""
    for of_field in fields(of_class):
        for part in parts(of_field.type):
            yield part
            yield from _named(part)


def _name(of_class: type) -> str:
    name = of_class.__name__
    return name[0].lower() + name[1:]


def _keys(of_class: type) -> dict[str, Any]:
    """Schema of a mapping with the keys of a class."""
    known = fields(of_class)
    node: dict[str, Any] = {"description": summary(of_class), "type": "object"}
    if needed := [f.name for f in known if is_needed(f)]:
        node["required"] = needed
    if one_of := getattr(of_class, "ONE_OF", ()):
        node["oneOf"] = [{"required": [name]} for name in one_of]
    node["additionalProperties"] = False
    node["properties"] = {f.name: _property(f) for f in known}
    return node


def _property(of_field: "Field[Any]") -> dict[str, Any]:
    known = description(of_field)
    node = _type(of_field.type, known)
    if "$ref" in node:
        return node
    if known.explanation:
        unit = f" ({known.unit})" if known.unit else ""
        node = {"description": known.explanation + unit, **node}
    default = default_of(of_field)
    return node if default is MISSING else {**node, "default": default}


def _type(kind: Any, known: Key) -> dict[str, Any]:
    """Schema of a type, within the bounds of a key."""
    origin = get_origin(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return {"$ref": f"#/$defs/{_name(kind)}"}
    if origin is Literal:
        return {"enum": [*get_args(kind)]}
    if origin in (Union, UnionType):
        return _alternatives(get_args(kind), known)
    makers: dict[Any, Callable[[], dict[str, Any]]] = {
        NoneType: lambda: {"type": "null"},
        bool: lambda: {"type": "boolean"},
        int: lambda: {"type": "integer", **_bounds(known)},
        float: lambda: {"type": "number", **_bounds(known)},
        str: lambda: _text(known),
        list: lambda: _list(get_args(kind), known),
        tuple: lambda: _tuple(get_args(kind), known),
        dict: lambda: _mapping(get_args(kind)[1], known),
    }
    return makers[origin or kind]()


def _alternatives(kinds: tuple[Any, ...], known: Key) -> dict[str, Any]:
    if all(kind is bool or get_origin(kind) is Literal for kind in kinds):
        words = [w for k in kinds for w in ((True, False) if k is bool else get_args(k))]
        return {"enum": words}
    nodes = [_type(kind, known) for kind in kinds]
    # a word alone is said as it is
    return {"oneOf": [{"const": n["enum"][0]} if len(n.get("enum", ())) == 1 else n for n in nodes]}


def _bounds(known: Key) -> dict[str, Any]:
    bounds = {
        "minimum": known.least,
        "exclusiveMinimum": known.above,
        "maximum": known.most,
        "multipleOf": known.multiple_of,
    }
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _text(known: Key) -> dict[str, Any]:
    node: dict[str, Any] = {"type": "string"}
    if known.pattern:
        return {**node, "pattern": known.pattern.regex, WORDS: known.pattern.words}
    if known.time:
        return {**node, "format": TIME, WORDS: "a time in UTC, such as 2017-04-06T08:45:00"}
    if not known.empty:
        node["minLength"] = 1
    if known.refused is not None:
        node["not"] = {"const": known.refused}
    return node


def _list(kinds: tuple[Any, ...], known: Key) -> dict[str, Any]:
    node: dict[str, Any] = {"type": "array"}
    if known.items:
        node["minItems"] = known.items
    if known.unique:
        node["uniqueItems"] = True
    return {**node, "items": _type(kinds[0], known)}


def _tuple(kinds: tuple[Any, ...], known: Key) -> dict[str, Any]:
    """Schema of a list of so many items, or of any number where the type ends in an ellipsis."""
    node = _list(kinds, known)
    return node if kinds[-1] is ... else {**node, "minItems": len(kinds), "maxItems": len(kinds)}


def _mapping(kind: Any, known: Key) -> dict[str, Any]:
    node: dict[str, Any] = {"type": "object"}
    if known.items:
        node["minProperties"] = known.items
    if known.names:
        node["propertyNames"] = {"pattern": known.names.regex, WORDS: known.names.words}
    return {**node, "additionalProperties": _type(kind, known)}
