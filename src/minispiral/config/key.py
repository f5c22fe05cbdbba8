"""How a key of the configuration is described: once, on the field of a dataclass.

Defaults, JSON schema, the comments of a ``config.yaml`` and the page of all keys follow from it.
The dataclasses are descriptions, of which nothing makes an instance: without ``__init__``,
``__repr__`` and ``__eq__`` each takes a tenth of the time, in every job that reads the keys.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from typing import Any

_KEY = "key"


@dataclass(frozen=True)
class Pattern:
    """A form that text must have: a regular expression, and the same in words."""

    regex: str
    words: str

    def matches(self, text: str) -> bool:
        """Whether a text has this form."""
        return re.search(self.regex, text) is not None


@dataclass(frozen=True)
class Key:
    """What is known of a key beside its name, its type and its default."""

    explanation: str = ""
    """What the key does, as a phrase: it begins in lower case, and no full stop ends it."""
    unit: str = ""
    """Unit of its numbers."""
    memo: str = ""
    """Name of the key in the memo, or in the memo's script."""
    why: str = ""
    """Reason for the default."""
    least: float | None = None
    """Smallest possible number; the bounds of a list are those of its items."""
    above: float | None = None
    """All possible numbers are greater."""
    most: float | None = None
    """Greatest possible number."""
    multiple_of: int | None = None
    """Whole number that divides the key's."""
    items: int = 0
    """Smallest number of items of a list or a mapping."""
    unique: bool = False
    """Whether a list has no item twice."""
    pattern: Pattern | None = None
    """Form of its text, or of the texts that it has by name."""
    names: Pattern | None = None
    """Form of the names of a mapping."""
    time: bool = False
    """Whether its text is a time (ISO 8601)."""
    empty: bool = False
    """Whether its text may be empty."""
    refused: str | None = None
    """A text that it cannot have, although its type allows it."""
    example: tuple[str, ...] = ()
    """Lines of YAML that show how it is used."""


def key(default: Any, explanation: str, **rest: Any) -> Any:
    """Describe a key with a default; `rest` are fields of `Key`."""
    return _field(default, Key(explanation, **rest))


def needed(explanation: str, **rest: Any) -> Any:
    """Describe a key that has to be given."""
    return field(kw_only=True, metadata={_KEY: Key(explanation, **rest)})


def absent(explanation: str = "", **rest: Any) -> Any:
    """Describe a key that may be left out, and has no default."""
    return field(default=None, metadata={_KEY: Key(explanation, **rest)})


def section(of_class: type) -> Any:
    """Describe a key that has keys of its own, those of a dataclass with its defaults."""
    known = Key(summary(of_class))
    return field(default_factory=lambda: defaults_of(of_class), metadata={_KEY: known})


def changed(of_class: type, name: str, default: Any, **rest: Any) -> Any:
    """Describe a key that another class has too, with another default."""
    known = description(next(f for f in fields(of_class) if f.name == name))
    return _field(default, Key(**{**vars(known), **rest}))


def _field(default: Any, known: Key) -> Any:
    return field(default_factory=lambda: deepcopy(default), metadata={_KEY: known})


def description(of_field: "Field[Any]") -> Key:
    """Return what is known of the key of a field."""
    known = of_field.metadata[_KEY]
    assert isinstance(known, Key)
    return known


def is_needed(of_field: "Field[Any]") -> bool:
    """Whether a key has to be given."""
    return of_field.default is MISSING and of_field.default_factory is MISSING


def default_of(of_field: "Field[Any]") -> Any:
    """Return a new copy of a key's default, as YAML gives it; MISSING where it has none."""
    if of_field.default_factory is MISSING:
        return MISSING
    value = of_field.default_factory()
    return list(value) if isinstance(value, tuple) else value


def defaults_of(of_class: type) -> dict[str, Any]:
    """Return the defaults of all keys of a class that have one, as YAML gives them."""
    values = {of_field.name: default_of(of_field) for of_field in fields(of_class)}
    return {name: value for name, value in values.items() if value is not MISSING}


def parts(kind: Any) -> Iterator[type]:
    """Yield the dataclasses in a type: itself, its items, its alternatives."""
    if is_dataclass(kind) and isinstance(kind, type):
        yield kind
    for part in getattr(kind, "__args__", ()):
        yield from parts(part)


def summary(of_class: type) -> str:
    """First sentence of a class's docstring, without its full stop."""
    return (of_class.__doc__ or "").split("\n\n")[0].replace("\n   ", "").strip().rstrip(".")
