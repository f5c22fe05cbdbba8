"""The only door to CASA: where its data are, where it logs, and opening and closing its files.

casatools reads its configuration at the first import, so nothing else in the project imports
casatools or casatasks. Importing this module is cheap; CASA itself is loaded on first use.
"""

import ctypes
import importlib
import logging
import math
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from minispiral.errors import MinispiralError
from minispiral.io.table_locks import check_measurement_set_unlocked, check_unlocked

logger = logging.getLogger(__name__)

SITE_CONFIG = Path(__file__).with_name("casa_site.py")


def tools() -> ModuleType:
    """Return casatools, loaded with this project's site configuration unless the user has one."""
    os.environ.setdefault("CASASITECONFIG", str(SITE_CONFIG))
    return importlib.import_module("casatools")


def tasks() -> ModuleType:
    """Return casatasks (a second or two to load on first use), with the session's log."""
    log = str(tools().config.logfile)
    module = importlib.import_module("casatasks")
    if module.casalog.logfile() != log:
        module.casalog.setlogfile(log)
    return module


def quiet_tools() -> ModuleType:
    """Return casatools with its log thrown away: for a look at tables outside of a session."""
    tools().logsink().setlogfile(os.devnull)
    return tools()


def data_path(relative: str) -> Path:
    """Return a file of CASA's data repository, such as ``alma/simmos/alma.cycle5.3.cfg``.

    Raises
    ------
    MinispiralError
        If the repository in use does not hold it.
    """
    path = Path(tools().ctsys.resolve(relative))
    if not path.is_absolute() or not path.exists():
        raise MinispiralError(
            f"CASA's data repository has no {relative}: install the package casadata, or "
            "complete the casarundata folder that CASA is configured to use"
        )
    return path


def observatory(name: str) -> tuple[float, float, float] | None:
    """Geocentric position (m) of a telescope by its name; None if CASA's data do not have it."""
    measures, convert = tools().measures(), tools().quanta().convert
    known = measures.observatory(name) if name.strip() else None
    if not known:
        return None
    place = measures.measure(known, "ITRF")
    longitude, latitude = (convert(place[key], "rad")["value"] for key in ("m0", "m1"))
    radius = convert(place["m2"], "m")["value"]
    return (
        radius * math.cos(latitude) * math.cos(longitude),
        radius * math.cos(latitude) * math.sin(longitude),
        radius * math.sin(latitude),
    )


@contextmanager
def session(
    log: str | os.PathLike[str] | None = None,
    scratch: str | os.PathLike[str] | None = None,
    threads: int = 1,
) -> Iterator[Path]:
    """Run CASA with its log in `log`, in a scratch folder of its own, on `threads` threads.

    CASA leaves temporaries in the working directory, where parallel jobs would overwrite each
    other's; so the block runs inside a new folder (below `scratch`, default the system's), which
    is yielded and removed afterwards. Paths given to CASA inside the block must be absolute.
    Until tasks are used, CASA's tools write to the terminal, which a job sends to its log too.
    """
    # the OpenMP runtime reads this once, when casatools loads it
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    log = Path(os.devnull if log is None else log).resolve()
    home = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="minispiral-casa-", dir=scratch) as folder:
        os.chdir(folder)
        try:
            tools().config.logfile = str(log)
            if "casatasks" in sys.modules:
                tasks()
            yield Path(folder)
        finally:
            os.chdir(home)


@contextmanager
def table(path: str | os.PathLike[str], writable: bool = False) -> Iterator[Any]:
    """Open a CASA table (or a subtable, ``ms/FIELD``) and close it whatever happens.

    Raises
    ------
    MinispiralError
        If there is no readable table at `path`, or another program has it locked.
    """
    check_unlocked(path)
    with _opened(tools().table(), path, "CASA table", nomodify=not writable) as tool:
        yield tool


def check_measurement_set(ms: str | os.PathLike[str]) -> None:
    """Check that CASA's tasks take a folder for a measurement set, which asks for more than tables.

    Raises
    ------
    MinispiralError
        If they do not.
    """
    check_measurement_set_unlocked(ms)
    try:
        with _opened(tools().ms(), ms, "measurement set"):
            pass
    except MinispiralError as error:
        fault = _first_line(error.__cause__ or error)
        cure = (
            "open it once for writing, by CASA's ms.open with nomodify=False, which adds what is "
            "missing; if that fails, copy it again"
        )
        if subtable := re.search(r"MS(\w+)\(const Table &\) - table is not a valid", fault):
            cure = f"a column is missing in its subtable ({subtable[1]}): add it, or copy it again"
        raise MinispiralError(f"{ms} cannot be opened by CASA's tasks ({fault}): {cure}") from error


@contextmanager
def selected(table: Any, condition: str) -> Iterator[Any]:
    """Rows of an open table for which a TaQL condition holds, as a table that is closed again."""
    rows = table.query(condition)
    try:
        yield rows
    finally:
        rows.close()


@contextmanager
def image(path: str | os.PathLike[str]) -> Iterator[Any]:
    """Open a CASA image and close it whatever happens.

    Raises
    ------
    MinispiralError
        If there is no readable image at `path`.
    """
    with _opened(tools().image(), path, "CASA image") as tool:
        yield tool


@contextmanager
def _opened(tool: Any, path: str | os.PathLike[str], kind: str, **options: Any) -> Iterator[Any]:
    try:
        tool.open(os.fspath(path), **options)
    except RuntimeError as error:
        raise MinispiralError(
            f"cannot open {path} as a {kind} ({_first_line(error)}): check that the path is right "
            "and the copy complete"
        ) from error
    try:
        yield tool
    finally:
        tool.close()


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def run_task(name: str, ms: str | Path, output: str | Path, **options: Any) -> None:
    """Run a CASA task that makes `output` of `ms`.

    Raises
    ------
    MinispiralError
        If it fails, or makes nothing, or another program has `ms` locked.
    """
    check_measurement_set_unlocked(ms)
    try:
        getattr(tasks(), name)(**options)
    except RuntimeError as error:
        raise MinispiralError(
            f"{name} failed on {ms} ({str(error).splitlines()[0]}): check that the copy "
            "is complete; the log has all that CASA said"
        ) from error
    finally:
        _give_back_memory()
    if not Path(output).is_dir():
        raise MinispiralError(f"{name} wrote no output for {ms}: see the log")


def _give_back_memory() -> None:
    """Give back to the system what a task has freed: hundreds of MB of a full track's split.

    Jobs keep freed memory for their next arrays (`minispiral.jobs.process`), and so would add to
    the task's peak. Other C libraries than glibc are left as they are.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
