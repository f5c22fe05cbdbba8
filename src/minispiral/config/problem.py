"""What is wrong with a configuration, and which key it concerns."""

from collections.abc import Sequence
from dataclasses import dataclass

#: Names of a key and of those that it is part of; an item of a list by its number, from 0.
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """A line for the writer of a configuration.

    Attributes
    ----------
    text : what is wrong, with which value, and what to do
    keys : the key that the text is about; where a track may have a key of its own, this first and
        the campaign's next
    """

    text: str
    keys: tuple[KeyPath, ...] = ()

    def __str__(self) -> str:
        """Return the text."""
        return self.text


def of_track(track: str, *key: str) -> tuple[KeyPath, KeyPath]:
    """Return a key as a track may have it, and as the campaign has it."""
    return ("tracks", track, *key), key


def in_words(path: Sequence[str | int]) -> str:
    """Name a key: ``image.imsize``, and of lists ``selfcal.rounds, entry 1: solint``.

    Entries are counted from 1, as people do.
    """
    words = ""
    for k, part in enumerate(path):
        if isinstance(part, int):
            words += f", entry {part + 1}"
        else:
            after_entry = k > 0 and isinstance(path[k - 1], int)
            words += f"{': ' if after_entry else '.' if words else ''}{part}"
    return words
