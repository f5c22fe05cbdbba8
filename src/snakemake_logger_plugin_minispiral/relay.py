"""Passing on what jobs print, so that it does not fall into the display."""

import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress


class Relay:
    """Take all that is written to some file descriptors, by whatever process, line by line.

    Jobs inherit the descriptors and write to them when they have something to say.
    """

    def __init__(self, descriptors: Sequence[int], say: Callable[[str], None]) -> None:
        """Begin; `say` is called with each line, from a thread of its own."""
        self._say = say
        _flush()
        self._saved = {descriptor: os.dup(descriptor) for descriptor in descriptors}
        source, sink = os.pipe()
        for descriptor in descriptors:
            os.dup2(sink, descriptor)
        os.close(sink)
        self._thread = threading.Thread(target=self._read, args=(source,), daemon=True)
        self._thread.start()

    def _read(self, source: int) -> None:
        with open(source, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                # whatever happens to the display, jobs must not find the pipe closed
                with suppress(Exception):
                    self._say(line.rstrip("\n"))

    def close(self) -> None:
        """Give the descriptors back, after all output to them is passed on."""
        _flush()
        for descriptor, saved in self._saved.items():
            os.dup2(saved, descriptor)
            os.close(saved)
        self._saved = {}
        # a process that a job has left behind may hold the other end for ever
        self._thread.join(timeout=2)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
