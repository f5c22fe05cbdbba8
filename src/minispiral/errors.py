"""The one exception type whose message is meant for the user."""

from collections.abc import Iterable


class MinispiralError(Exception):
    """A problem that the user can mend; its message is one line: what, where, and what to do."""


def raise_all(problems: Iterable[str]) -> None:
    """Raise one MinispiralError with a line for each problem; none, if there is none."""
    lines = list(problems)
    if lines:
        raise MinispiralError("\n".join(lines))
