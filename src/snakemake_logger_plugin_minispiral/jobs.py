"""What a run has to do, what it is doing, and how long the rest may take."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

#: Seconds of a job of the demo, where it is more than `TYPICAL`: the first guess, until the run's
#: own jobs are known, of which stages take long.
LONG = {
    "simulate": 12.0,
    "split_spw": 4.5,
    "clean_spw": 14.0,
    "clean_minispiral": 14.0,
    "export_im1": 5.0,
    "fit_visibilities": 5.0,
    "describe_gains": 5.0,
    "solve_antenna_gains": 7.0,
    "write_minispiral_data": 7.0,
    "write_extended_data": 9.0,
    "write_calibrated_data": 9.0,
    "write_gains": 4.0,
    "image_target": 20.0,
    "run_round": 30.0,
}
TYPICAL = 2.0
OVERTIME = 0.2  # share of its time that a job takes still when it has outrun what was expected


@dataclass(frozen=True)
class Job:
    """One job: its rule and wildcards, its log, the requested memory (MB), its start (s)."""

    rule: str
    wildcards: Mapping[str, str]
    log: str | None
    memory_mb: int | None
    started: float

    @property
    def is_target(self) -> bool:
        """Whether it only asks for files of others: such a job does nothing, and has no log."""
        return self.log is None

    @property
    def place(self) -> str:
        """The track, spw and so on of a job; of iterations, those after the first fit."""
        named = {k: v for k, v in self.wildcards.items() if (k, v) != ("iteration", "0")}
        return ", ".join(f"{name} {value}" for name, value in named.items())

    @property
    def name(self) -> str:
        """Stage and place, as a user reads them."""
        return ", ".join(filter(None, [words(self.rule), self.place]))


def words(rule: str) -> str:
    """A rule's name in words."""
    return rule.replace("_", " ")


@dataclass
class Run:
    """The jobs of a run. Times are s of any clock that all calls share."""

    total: Mapping[str, int]  # jobs of each rule
    cores: int
    started: float
    done: Counter[str] = field(default_factory=Counter)
    running: dict[int, Job] = field(default_factory=dict)
    failed: dict[int, Job] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def jobs(self) -> int:
        """How many jobs there are."""
        return sum(self.total.values())

    @property
    def jobs_done(self) -> int:
        """How many are finished."""
        return self.done.total()

    def start(self, number: int, job: Job) -> None:
        """Take note of a job that starts, perhaps anew after a failure."""
        self.running[number] = job
        self.failed.pop(number, None)

    def finish(self, number: int, now: float) -> Job | None:
        """Take note of a job that is finished, and return it."""
        job = self.running.pop(number, None)
        if job is not None:
            self.done[job.rule] += 1
            self.seconds[job.rule].append(now - job.started)
        return job

    def fail(self, number: int) -> Job | None:
        """Take note of a job that failed, and return it."""
        job = self.running.pop(number, None)
        if job is not None:
            self.failed[number] = job
        return job

    def left(self, now: float) -> float | None:
        """Estimate the seconds left: each job takes as long as others of its rule.

        Rules of which no job is finished take what `LONG` says, times what the others took more
        than that. None as long as nothing is finished.
        """
        # copies, as another thread may ask while jobs start and end
        running, done = list(self.running.values()), dict(self.done)
        seconds = {rule: list(took) for rule, took in list(self.seconds.items())}
        spent = sum(map(sum, seconds.values()))
        guessed = sum(LONG.get(rule, TYPICAL) * n for rule, n in done.items())
        if not guessed or sum(done.values()) < min(3, self.jobs):
            return None
        work = 0.0
        for rule, n in self.total.items():
            took = seconds.get(rule)
            expected = sum(took) / len(took) if took else LONG.get(rule, TYPICAL) * spent / guessed
            ages = [now - job.started for job in running if job.rule == rule]
            work += expected * max(0, n - done.get(rule, 0) - len(ages))
            work += sum(max(expected - since, OVERTIME * since) for since in ages)
        busy = spent + sum(now - job.started for job in running)
        at_a_time = min(max(busy / max(now - self.started, 1e-3), 1.0), self.cores)
        return work / at_a_time
