"""Where the keys of a configuration stand: in which file, and in which line."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from minispiral.config.problem import KeyPath, Problem
from minispiral.config.yaml_file import lines_of_keys
from minispiral.io.terminal import shown

COMMAND = "--config"
NOWHERE = "configuration"


class Places:
    """The places of keys in configuration files, of which later ones and then a command win."""

    def __init__(
        self, files: Iterable[str | os.PathLike[str]], overrides: Mapping[str, Any] | None = None
    ) -> None:
        """Read where the keys of files stand; `overrides` are those that the command gives.

        Raises
        ------
        OSError
            If a file cannot be read any more.
        """
        of_files = [(shown(path), lines_of_keys(path)) for path in files]
        # what wins comes first
        self._files = of_files[::-1]
        self._command = set(_paths(overrides or {}))

    def line(self, keys: Sequence[KeyPath]) -> str | None:
        """Return ``config.yaml:12``, where the first of some keys stands; None if none does."""
        for key in keys:
            if key in self._command:
                return COMMAND
            for name, lines in self._files:
                if key in lines:
                    return f"{name}:{lines[key]}"
        return None

    def place(self, keys: Sequence[KeyPath]) -> str:
        """Return `line`, else that of what a key is part of, else the name of the file."""
        longer = max(keys, key=len, default=())
        parts = [longer[:n] for n in range(len(longer) - 1, 0, -1)]
        whole = self._files[0][0] if self._files else NOWHERE
        return self.line([*keys, *parts]) or whole

    def located(self, problem: Problem) -> str:
        """Return a problem's text behind its place."""
        return f"{self.place(problem.keys)}: {problem.text}"


def _paths(node: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Paths of all keys and items in a configuration."""
    items: Iterable[tuple[str | int, Any]] = ()
    if isinstance(node, Mapping):
        items = node.items()
    elif isinstance(node, list):
        items = enumerate(node)
    for name, value in items:
        yield (*path, name)
        yield from _paths(value, (*path, name))
