"""Saying once what is the same of several things, with the names of all of them, or its range."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

Name = TypeVar("Name")
Remark = TypeVar("Remark", bound=Hashable)


def names_by_remark(remarks: Iterable[tuple[Name, Remark]]) -> dict[Remark, list[Name]]:
    """Names of all that a remark concerns, each once, by the remark; in order."""
    grouped: dict[Remark, dict[Name, None]] = {}
    for name, remark in remarks:
        grouped.setdefault(remark, {})[name] = None
    return {remark: list(names) for remark, names in grouped.items()}


def listed_tracks(names: Sequence[str]) -> str:
    """Tracks as a line names them: ``track a``, ``tracks a, b``."""
    return f"track{'s' if len(names) > 1 else ''} {', '.join(names)}"


def extremes(values: Iterable[float], write: Callable[[float], str]) -> str:
    """The least and the greatest, as ``1.5 to 2``: one of them, where both are written alike."""
    ordered = sorted(values)
    return " to ".join(dict.fromkeys(write(value) for value in (ordered[0], ordered[-1])))
