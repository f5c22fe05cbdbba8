"""What a job asks of the machine, from the size of its track; and whether an input has changed."""

import os
from pathlib import Path

from minispiral.configuration import Campaign

MB = 1_000_000

# stage: MB it takes whatever the size, and MB for each MB of the track's measurement set
MEMORY = {
    "simulate": (1200, 0.0),
    "inspect": (600, 0.0),
    "split": (700, 0.1),
    "clean": (900, 0.2),
    "model": (500, 0.0),
    "fit": (800, 0.02),
    "calibrate": (800, 0.05),
    "solve": (800, 0.2),
    "gains": (600, 0.1),
    "tables": (500, 0.02),
}

# stage: minutes it takes whatever the size, and minutes for each 100 MB
RUNTIME = {
    "simulate": (10, 0.0),
    "inspect": (5, 0.1),
    "split": (5, 0.2),
    "clean": (10, 1.0),
    "model": (5, 0.0),
    "fit": (5, 0.1),
    "calibrate": (5, 0.5),
    "solve": (5, 0.2),
    "gains": (5, 0.2),
    "tables": (5, 0.0),
}


def memory_mb(stage: str, input_bytes: int, attempt: int) -> int:
    """Memory to ask for in MB, half as much again with each further attempt."""
    base, slope = MEMORY[stage]
    return round((base + slope * input_bytes / MB) * (1 + 0.5 * (attempt - 1)))


def runtime_minutes(stage: str, input_bytes: int, attempt: int) -> int:
    """Time to ask for in minutes, twice as much with each further attempt."""
    base, slope = RUNTIME[stage]
    return round((base + slope * input_bytes / (100 * MB)) * 2 ** (attempt - 1))


def data_files(ms: str | Path) -> list[os.DirEntry]:
    """Files of a measurement set's main table that hold data, sorted by name.

    Locks are left out, and the subtables: CASA tasks write to HISTORY even when they only read.
    """
    with os.scandir(ms) as entries:
        return sorted(
            (e for e in entries if e.is_file() and e.name.startswith("table.f")),
            key=lambda entry: entry.name,
        )


def track_bytes(campaign: Campaign, track: str) -> int:
    """Size of a track's measurement set; 0 as long as there is none."""
    path = campaign.measurement_set(track)
    if path is None:
        path = os.path.join(campaign.folder, "simulated", f"{track}.ms")
    return measurement_set_bytes(path)


def measurement_set_bytes(ms: str | Path) -> int:
    """Size of a measurement set's data; 0 as long as there is none."""
    try:
        return sum(entry.stat().st_size for entry in data_files(ms))
    except OSError:
        return 0


def folder_bytes(folder: str | Path) -> int:
    """Size of all files below a folder; 0 where there is none."""
    return sum(
        os.path.getsize(path)
        for place, _, files in os.walk(folder)
        for path in (os.path.join(place, file) for file in files)
        if not os.path.islink(path)
    )


def table_state(ms: str | Path) -> str:
    """Sizes and modification times of a measurement set's data files, as one short text."""
    try:
        stats = [(entry.name, entry.stat()) for entry in data_files(ms)]
    except OSError:
        return "missing"
    return " ".join(f"{name}:{stat.st_size}:{stat.st_mtime_ns}" for name, stat in stats)
