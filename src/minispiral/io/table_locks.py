"""Whether another program holds the lock of a CASA table: CASA itself would wait for ever.

A program that writes to a table locks the first byte of its file `table.lock`, by POSIX locks.
"""

import fcntl
import os
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path

from minispiral.errors import MinispiralError

PATIENCE_S = 5.0  # a program that is just writing is done by then
POLL_S = 0.2
FLOCK = "hhqqi4x"  # Linux's struct flock: type, whence, start, length, process


def check_unlocked(table: str | os.PathLike[str], patience_s: float = PATIENCE_S) -> None:
    """Check that no other program holds a table, or a part of it where it is one of tables.

    It waits some seconds for one that does. Only Linux shows locks; elsewhere nothing is checked.

    Raises
    ------
    MinispiralError
        If one goes on to hold it.
    """
    until = time.monotonic() + patience_s
    for lock in (*Path(table).glob("table.lock"), *Path(table).glob("SUBMSS/*/table.lock")):
        while holder := _holder(lock):
            if time.monotonic() > until:
                raise MinispiralError(
                    f"{lock.parent} is locked by {holder}, which has it open for writing: close it "
                    "there, or end that program"
                )
            time.sleep(POLL_S)


def check_measurement_set_unlocked(
    ms: str | os.PathLike[str], patience_s: float = PATIENCE_S
) -> None:
    """Check the same of a measurement set's main table and of all its subtables.

    Raises
    ------
    MinispiralError
        If another program holds one of them.
    """
    check_unlocked(ms, patience_s)
    for lock in Path(ms).glob("*/table.lock"):
        check_unlocked(lock.parent, patience_s)


def _holder(lock: Path) -> str:
    """Name the program that has locked a file for writing; empty if none has."""
    if sys.platform != "linux":
        return ""
    # byte 0 for reading: what would be in the way of that
    asked = struct.pack(FLOCK, fcntl.F_RDLCK, os.SEEK_SET, 0, 1, 0)
    try:
        with lock.open("rb") as file:
            answer = fcntl.fcntl(file, fcntl.F_GETLK, asked)
    except OSError:  # not ours to read, or a file system without locks
        return ""
    kind, _, _, _, process = struct.unpack(FLOCK, answer)
    if kind == fcntl.F_UNLCK:
        return ""
    name = "another program"
    with suppress(OSError):  # on another machine
        name = Path(f"/proc/{process}/comm").read_text().strip()
    return f"{name} (process {process})" if process > 0 else name
