"""What a job asks of the machine, from the size of its track."""

import os
from collections.abc import Callable
from functools import cache

from minispiral.config.campaign import Campaign
from minispiral.jobs.signatures import with_signature
from minispiral.jobs.wildcards import Wildcards, tracks_of_job
from minispiral.ms.files import measurement_set_bytes

MB = 1_000_000

# stage: MB it takes whatever the size, and MB for each MB of the track's measurement set; a third
# more than was measured (benchmarks/full.md)
MEMORY = {
    "simulate": (1200, 0.0),
    "inspect": (400, 0.1),
    "split": (500, 0.1),
    "clean": (700, 0.15),
    "model": (500, 0.002),
    "fit": (550, 0.05),
    "samples": (550, 0.25),
    "sum_sky": (800, 0.05),
    "solve_sky": (1500, 0.0),
    "variant": (2000, 0.02),
    "calibrate": (600, 0.1),
    "solve": (600, 0.15),
    "gains": (450, 0.1),
    "tables": (350, 0.02),
    "study": (700, 0.02),
    "transients": (800, 0.25),
}
# stage: MB of the track's measurement set for each thread; other stages have one thread, as a
# second one makes CLEAN no faster, and the fit by a tenth
THREADS = {"gains": 500}
THREAD_MB = 250  # memory of each thread beyond the first
# Rows take memory, and channels none, as they are read in blocks. Ten full tracks of one channel
# have this size; a track beyond it has many channels.
LARGEST_MB = 25_000

# stage: minutes it takes whatever the size, and minutes for each 100 MB
RUNTIME = {
    "simulate": (10, 0.0),
    "inspect": (5, 0.1),
    "split": (5, 0.2),
    "clean": (10, 1.0),
    "model": (5, 0.0),
    "fit": (5, 0.1),
    "samples": (5, 0.3),
    "sum_sky": (5, 0.3),
    "solve_sky": (20, 0.0),
    "variant": (60, 2.0),
    "calibrate": (5, 0.5),
    "solve": (5, 0.2),
    "gains": (5, 0.2),
    "tables": (3, 0.02),
    "study": (5, 0.5),
    "transients": (10, 0.5),
}


def memory_mb(stage: str, input_bytes: int, attempt: int, tracks: int = 1, threads: int = 1) -> int:
    """Memory to ask for in MB, half as much again with each further attempt."""
    base, slope = MEMORY[stage]
    size = min(input_bytes / MB, LARGEST_MB * tracks)
    needed = base + slope * size + THREAD_MB * (threads - 1)
    return round(needed * (1 + 0.5 * (attempt - 1)))


def threads(stage: str, input_bytes: int, parts: int) -> int:
    """Threads to request: no more than there are parts to work on side by side."""
    if stage not in THREADS:
        return 1
    return max(1, min(parts, round(input_bytes / MB / THREADS[stage])))


def runtime_minutes(stage: str, input_bytes: int, attempt: int) -> int:
    """Time to ask for in minutes, twice as much with each further attempt."""
    base, slope = RUNTIME[stage]
    return round((base + slope * input_bytes / (100 * MB)) * 2 ** (attempt - 1))


def track_bytes(campaign: Campaign, track: str) -> int:
    """Size of a track's measurement sets; 0 as long as there is none."""
    simulated = os.path.join(campaign.folder, "simulated", f"{track}.ms")
    return sum(map(measurement_set_bytes, campaign.measurement_sets(track) or [simulated]))


class Requests:
    """What the jobs of a campaign request: called with a stage, the resources of its rule.

    Snakemake calls the functions with a job's wildcards and, by name, with how often it has been
    tried and its threads.
    """

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        # a user's is looked up once, not for each of its jobs
        self._given_bytes = cache(lambda track: track_bytes(campaign, track))
        self._set_bytes = cache(measurement_set_bytes)

    def __call__(self, stage: str) -> dict[str, Callable[..., int]]:
        """Functions for the memory (MB) and the time (minutes) that a stage's job needs."""

        @with_signature
        def mem_mb(wildcards: Wildcards, attempt: int, threads: int) -> int:
            of_target = hasattr(wildcards, "target")
            tracks = 1 if of_target else len(tracks_of_job(self.campaign, wildcards))
            return memory_mb(stage, self._input_bytes(wildcards), attempt, tracks, threads)

        @with_signature
        def runtime(wildcards: Wildcards, attempt: int) -> int:
            return runtime_minutes(stage, self._input_bytes(wildcards), attempt)

        return {"mem_mb": mem_mb, "runtime": runtime}

    def threads(self, stage: str) -> Callable[[Wildcards], int]:
        """Return a threads function: as many as a track's size and its spws are worth."""

        @with_signature
        def asked(wildcards: Wildcards) -> int:
            spws = len(self.campaign.spws(wildcards.track))
            return threads(stage, self._input_bytes(wildcards), spws)

        return asked

    def _input_bytes(self, wildcards: Wildcards) -> int:
        """Size of the data of the job's track, execution or target; of all tracks' without one."""
        if hasattr(wildcards, "target"):
            return measurement_set_bytes(self.campaign.target(wildcards.target)["ms"])
        if hasattr(wildcards, "execution"):
            sets = self.campaign.measurement_sets(wildcards.track)
            return self._set_bytes(sets[int(wildcards.execution) - 1])
        return sum(map(self._track_bytes, tracks_of_job(self.campaign, wildcards)))

    def _track_bytes(self, track: str) -> int:
        if self.campaign.simulation(track) is not None:  # to be simulated, perhaps meanwhile
            return track_bytes(self.campaign, track)
        return self._given_bytes(track)
