"""The files that jobs of a small campaign read, and what a job is about."""

from snakemake.iocontainers import Wildcards

from minispiral.config import resolve
from minispiral.jobs.files import JobFiles

FOLDER = "results/sgr"
SIMULATE = {"frequencies_ghz": [213.1, 215.1, 227.1]}


def job(**wildcards) -> Wildcards:
    return Wildcards(fromdict={name: str(value) for name, value in wildcards.items()})


def files_of(**changes) -> JobFiles:
    """Files of two tracks: the second simulated, without the second spw, with a table of flags."""
    tracks = {
        "a": {"ms": "./data//a.ms/"},
        "b": {"simulate": SIMULATE, "spws": [0, 2], "flag": {"table": "b.csv"}},
    }
    config = {"campaign": "sgr", "spws": [0, 1, 2], "tracks": tracks, **changes}
    return JobFiles(resolve(config), lambda path: ("ancient", path))
