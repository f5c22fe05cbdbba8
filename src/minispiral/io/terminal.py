"""Lines on a terminal: broken between words, not within them."""

import os
import textwrap
from typing import TextIO

NARROWEST = 20  # columns below which nothing would be gained


def columns(stream: TextIO) -> int | None:
    """Width of the terminal that a stream writes to; None for files and pipes."""
    try:
        return (os.get_terminal_size(stream.fileno()).columns or 80) if stream.isatty() else None
    except (OSError, ValueError):  # no descriptor, or a closed one
        return None


def wrapped(text: str, width: int | None, hanging: int = 0) -> str:
    """Break the lines of a text between words, so that none is wider than `width`, if it can.

    A word that is wider by itself, such as a path, stays whole, so that it can be copied. What
    follows a break stands below the beginning of its line.

    Parameters
    ----------
    text : one line or several
    width : columns; None leaves the text as it is
    hanging : columns by which what follows a break is moved to the right
    """
    if width is None or width < NARROWEST:
        return text
    return "\n".join(_wrapped_line(line, width, hanging) for line in text.split("\n"))


def say(line: str, stream: TextIO, hanging: int = 0) -> None:
    """Print a line; on a terminal it is broken between words, and goes on below its beginning."""
    print(wrapped(line, columns(stream), hanging), file=stream, flush=True)


def shown(path: str | os.PathLike[str]) -> str:
    """A path as seen from the working folder, where it lies below that folder."""
    near = os.path.relpath(path)
    return os.fspath(path) if near.startswith(os.pardir) else near


def _wrapped_line(line: str, width: int, hanging: int) -> str:
    if len(line) <= width:
        return line
    margin = len(line) - len(line.lstrip()) + hanging
    return textwrap.fill(
        line,
        width,
        subsequent_indent=" " * min(margin, width // 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
