"""What a run has to do, what it is doing, and how long the rest may take."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

#: Typical seconds of a job where they are more than `TYPICAL`, of the benchmark of a small track
#: and of the demo: the first guess, which the run's own jobs replace.
LONG = {
    "simulate": 8.0,
    "split_spw": 3.0,
    "split_execution": 3.0,
    "split_target": 3.0,
    "clean_spw": 8.5,
    "clean_minispiral": 8.5,
    "export_im1": 2.5,
    "fit_visibilities": 1.5,
    "measure_residuals": 3.0,
    "describe_gains": 2.5,
    "scale_light_curves": 2.0,
    "solve_antenna_gains": 4.0,
    "write_minispiral_data": 4.0,
    "write_extended_data": 6.0,
    "write_calibrated_data": 8.0,
    "write_core_subtracted": 8.0,
    "write_residual_data": 8.0,
    "write_gains": 2.5,
    "measure_variability": 3.0,
    "plot_sky": 5.0,
    "plot_skies": 2.5,
    "plot_track": 3.0,
    "plot_light_curves": 2.0,
    "validate_light_curves": 10.0,
    "write_report": 4.0,
    "write_track_report": 4.0,
    "fit_campaign_variant": 30.0,
    "fit_track_variant": 30.0,
    "study_light_curves": 8.0,
    "find_transients": 8.0,
    "image_target": 12.0,
    "run_round": 18.0,
}
TYPICAL = 1.0
PAGE = ".html"
OVERTIME = 0.2  # share of its time that a job takes still when it has outrun what was expected
#: Seconds of typical work that weigh as much as the first guess when the pace is measured.
BELIEVED = 10.0
#: Share of all work that has to be known before the time left is told, as less would mislead; and
#: after so many seconds it is told from what is known.
KNOWN, SILENT = 0.1, 60.0
FASTEST = 0.75  # least pace: the first jobs read few data, and others need not be as fast


@dataclass(frozen=True)
class Job:
    """One job: rule, wildcards, log, requested memory (MB), start (s), and files that it makes."""

    rule: str
    wildcards: Mapping[str, str]
    log: str | None
    memory_mb: int | None
    started: float
    makes: tuple[str, ...] = ()

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
    pages: list[str] = field(default_factory=list)  # that jobs have made for readers
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    earlier: Mapping[str, float] = field(default_factory=dict)  # of each rule, in earlier runs

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
            self.pages += [path for path in job.makes if path.endswith(PAGE)]
        return job

    def fail(self, number: int) -> Job | None:
        """Take note of a job that failed, and return it."""
        job = self.running.pop(number, None)
        if job is not None:
            self.failed[number] = job
        return job

    def left(self, now: float) -> float | None:
        """Estimate the seconds left: each job takes as long as others of its rule.

        Rules of which no job is finished take what `guess` says, times the pace: how much longer
        than guessed the run's own jobs took, among them those that outrun their guess right now.
        A rule with few jobs left keeps no more cores busy than it has jobs. None until `KNOWN` of
        the work is done: the first jobs are short, and say little of those that follow.
        """
        # copies, as another thread may ask while jobs start and end
        running, done = list(self.running.values()), dict(self.done)
        seconds = {rule: list(took) for rule, took in list(self.seconds.items())}
        ages: dict[str, list[float]] = defaultdict(list)
        for job in running:
            ages[job.rule].append(now - job.started)
        spent = sum(map(sum, seconds.values()))
        guessed = sum(self.guess(rule) * n for rule, n in done.items())
        whole = sum(self.guess(rule) * n for rule, n in self.total.items())
        late = [(s, self.guess(r)) for r, of in ages.items() for s in of if s > self.guess(r)]
        known = guessed + sum(guess for _, guess in late)
        if not done or (known < KNOWN * whole and now - self.started < SILENT):
            return None
        pace = (BELIEVED + spent + sum(since for since, _ in late)) / (BELIEVED + known)
        pace = max(pace, FASTEST)
        busy = spent + sum(map(sum, ages.values()))
        at_a_time = min(max(busy / max(now - self.started, 1e-3), 1.0), self.cores)
        left = 0.0
        for rule, n in self.total.items():
            took = seconds.get(rule)
            expected = sum(took) / len(took) if took else self.guess(rule) * pace
            waiting = max(0, n - done.get(rule, 0) - len(ages[rule]))
            work = expected * waiting
            work += sum(max(expected - since, OVERTIME * since) for since in ages[rule])
            left += work / min(at_a_time, max(1, waiting + len(ages[rule])))
        return left

    def guess(self, rule: str) -> float:
        """Seconds that a job of a rule is believed to take, as long as none is finished."""
        return self.earlier.get(rule, LONG.get(rule, TYPICAL))
