"""One run at a time on a campaign's folder: a lock that ends with the process that holds it.

Snakemake's own lock is a file, which a run that is killed leaves behind, so that going on would
take another command first (`--unlock`). This one the system takes back, however the run ends.
"""

import errno
import fcntl
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from minispiral.errors import MinispiralError

NAME = ".lock"
JOBS = ".jobs"  # shared by the jobs at work
FOLDER = "MINISPIRAL_FOLDER"  # variable of the environment: the folder that the run of a job holds
# of file systems that cannot lock
UNABLE = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


def hold(folder: str | Path) -> bool:
    """Lock a campaign's folder until this process ends; False where its file system cannot.

    Raises
    ------
    MinispiralError
        If another run holds it, or the folder is not writable.
    """
    path = Path(folder) / NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)  # never closed: that would unlock
    except OSError as error:
        raise MinispiralError(
            f"cannot write to {folder} ({error.strerror}): make it writable, or choose another "
            "place with results"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, 1000).decode(errors="replace").strip() or "another process"
        os.close(descriptor)
        raise MinispiralError(
            f"another run is at work on {folder} ({holder}): wait for it, or end it"
        ) from error
    except OSError as error:
        os.close(descriptor)
        if error.errno in UNABLE:
            return False
        raise MinispiralError(f"cannot lock {path} ({error.strerror}): check its disk") from error
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    holder = f"process {os.getpid()} on {socket.gethostname()}, since {now} UTC\n"
    with suppress(OSError):  # a full disk may still get room
        os.ftruncate(descriptor, 0)
        os.write(descriptor, holder.encode())
    _refuse_beside_jobs(folder)
    os.environ[FOLDER] = os.path.abspath(folder)
    return True


def _refuse_beside_jobs(folder: str | Path) -> None:
    """Raise a MinispiralError where jobs have outlived their run and are still at work."""
    # an unable file system has refused the run's own lock; NFS wants writable files
    with suppress(FileNotFoundError), open(Path(folder) / JOBS, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise MinispiralError(
                f"jobs of a run that was killed are still at work on {folder}: wait for them, or "
                "end them"
            ) from error


def share() -> None:
    """Let no other run start as long as this job is at work, where its run has a lock."""
    folder = os.environ.get(FOLDER)
    if folder is None:
        return
    with suppress(OSError):  # a job's work does not depend on it
        descriptor = os.open(Path(folder) / JOBS, os.O_RDONLY | os.O_CREAT, 0o666)
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # never closed, as above
