"""What a check finds: that a thing is right, worth a note, or an error, in one line."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from minispiral.errors import MinispiralError

OK, NOTE, ERROR = "ok", "note", "error"


@dataclass(frozen=True)
class Finding:
    """One line of a check's list; `key` is the configuration's that it concerns, if any."""

    level: str
    text: str
    key: str = ""

    def __str__(self) -> str:
        """Return the line."""
        return f"{self.level:<6}{' '.join(map(str.strip, self.text.splitlines()))}"


def ok(text: str) -> Finding:
    """Return what is right."""
    return Finding(OK, text)


def note(text: str, key: str = "") -> Finding:
    """Return what is no mistake, but perhaps not what was meant."""
    return Finding(NOTE, text, key)


def error(text: str, key: str = "") -> Finding:
    """Return what would make the workflow fail."""
    return Finding(ERROR, text, key)


def errors_of(problem: MinispiralError, where: str = "", key: str = "") -> list[Finding]:
    """Return an error for each line of a problem."""
    return [error(where + line, key) for line in str(problem).splitlines()]


def summary(findings: Iterable[Finding]) -> str:
    """Return how many errors and notes there are."""
    levels = [finding.level for finding in findings]
    counts = ((levels.count(ERROR), "error"), (levels.count(NOTE), "note"))
    return ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for count, name in counts)


@contextmanager
def collected(into: list[Finding], where: str = "", key: str = "") -> Iterator[None]:
    """Put a problem of the block into a list, so that the next check is made all the same."""
    try:
        yield
    except MinispiralError as problem:
        into += errors_of(problem, where, key)
