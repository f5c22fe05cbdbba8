"""What a key can be, in words."""

from collections.abc import Callable
from dataclasses import Field, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from minispiral.config.key import Key, description

KINDS = {int: "whole number", float: "number"}


def possible(of_field: "Field[Any]") -> str:
    """Say what values a key can have: their type and their bounds."""
    return _words(of_field.type, description(of_field))


def _words(kind: Any, known: Key) -> str:
    origin = get_origin(kind)
    if is_dataclass(kind):
        return "keys of its own"
    if origin in (Union, UnionType):
        return _listed([_words(part, known) for part in get_args(kind)])
    if origin is Literal:
        return _listed([f"`{word}`" if word else '`""`' for word in get_args(kind)])
    makers: dict[Any, Callable[[], str]] = {
        NoneType: lambda: "`null`",
        bool: lambda: "`true` or `false`",
        int: lambda: KINDS[int] + _bounds(known),
        float: lambda: KINDS[float] + _bounds(known),
        str: lambda: _text(known),
        list: lambda: _list(get_args(kind), known),
        tuple: lambda: _list(get_args(kind), known),
        dict: lambda: (
            "`{name: ...}`" + (f", where a name is {known.names.words}" if known.names else "")
        ),
    }
    return makers[origin or kind]()


def _listed(words: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _bounds(known: Key) -> str:
    text = ""
    if known.least is not None and known.most is not None:
        text = f" from {known.least:g} to {known.most:g}"
    elif known.least is not None:
        text = f" of at least {known.least:g}"
    elif known.above is not None:
        text = f" above {known.above:g}"
        text += "" if known.most is None else f" and up to {known.most:g}"
    return text + ("" if known.multiple_of is None else f", a multiple of {known.multiple_of}")


def _text(known: Key) -> str:
    if known.pattern:
        return known.pattern.words
    return "time in UTC" if known.time else "text"


def _list(kinds: tuple[Any, ...], known: Key) -> str:
    """A list of one type of items: as many as the type names, or any number."""
    if is_dataclass(kinds[0]):
        return "list of rounds"
    number = f"{len(kinds)} " if len(kinds) > 1 and kinds[-1] is not ... else ""
    noun, *rest = _words(kinds[0], known).partition("number")
    items = f"{noun}numbers{rest[1]}" if rest[0] else noun
    return f"list of {number}{items}"
