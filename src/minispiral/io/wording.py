"""Saying once what is the same of several things, with the names of all of them."""

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

Name = TypeVar("Name")
What = TypeVar("What", bound=Hashable)


def by_what(said: Iterable[tuple[Name, What]]) -> dict[What, list[Name]]:
    """Names of all that something is said of, each once, by what is said; in order."""
    found: dict[What, dict[Name, None]] = {}
    for name, what in said:
        found.setdefault(what, {})[name] = None
    return {what: list(names) for what, names in found.items()}


def tracks(names: Sequence[str]) -> str:
    """Tracks as a line names them: ``track a``, ``tracks a, b``."""
    return f"track{'s' if len(names) > 1 else ''} {', '.join(names)}"
