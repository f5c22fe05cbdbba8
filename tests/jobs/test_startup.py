"""How a run begins: messages of the configuration, the lock, the record of the command."""

import gc
import logging
import signal
import sys
from collections.abc import Iterator

import pytest

from minispiral.checks import inputs as checks
from minispiral.config import Campaign, resolve
from minispiral.jobs import lock, provenance, startup


@pytest.fixture(autouse=True)
def undone(monkeypatch) -> Iterator[None]:
    """What a run changes of its process is changed back."""
    monkeypatch.setenv(lock.FOLDER, "")
    handler, thresholds = signal.getsignal(signal.SIGINT), gc.get_threshold()
    yield
    signal.signal(signal.SIGINT, handler)
    gc.set_threshold(*thresholds)


class Display(logging.Logger):
    """Keeps what the display of runs is told."""

    def __init__(self) -> None:
        super().__init__("display")
        self.told: list[dict] = []

    def info(self, *_, extra, **__) -> None:
        self.told.append(extra)


def load(folder, text: str, display: logging.Logger | None, overrides=()) -> Campaign:
    (folder / "config.yaml").write_text(text)
    return startup.load_campaign(folder, [folder / "config.yaml"], dict(overrides), checks, display)


SIMULATED = "campaign: sgr\ntracks: {a: {simulate: {scans: 1}}}\n"


def test_a_run_tells_remarks_and_the_display_where_logs_are(tmp_path, capsys):
    display = Display()
    text = SIMULATED + "selfcal: {rounds: [{calmode: p}]}\n"
    campaign = load(tmp_path, text, display, {"campaign": "mine"})
    assert campaign.name == "mine"  # --config wins
    assert display.told == [{"minispiral_logs": "results/mine/logs"}]
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "selfcal" in line]
    assert line.startswith("minispiral: note: selfcal.rounds has 1, but iterations is 0")


def test_a_job_says_nothing_and_looks_at_no_input(tmp_path, capsys):
    handler = signal.getsignal(signal.SIGINT)
    load(tmp_path, "tracks: {a: {ms: gone.ms}}\n", None)
    assert capsys.readouterr() == ("", "")
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("tracks: {a: {ms: gone.ms}, b: {ms: lost.ms}}\n", 2),
        ("tracks: {a: {ms: gone.ms, nonsense: 1}}\n", 1),
    ],
)
def test_each_mistake_is_a_line_and_ends_the_run(tmp_path, text, lines):
    with pytest.raises(SystemExit) as ended:
        load(tmp_path, text, Display())
    told = str(ended.value).splitlines()
    assert len(told) == lines
    assert all(line.startswith("minispiral: ") for line in told)


def test_where_no_file_is_named_it_is_the_one_here_and_never_the_demos(tmp_path, monkeypatch):
    project, own = tmp_path / "project", tmp_path / "own"
    for folder in (project, own):
        folder.mkdir()
    (project / "config.yaml").write_text(SIMULATED)
    monkeypatch.chdir(project)
    assert startup.load_campaign(project, [], {}, checks, Display()).name == "sgr"
    monkeypatch.chdir(own)
    with pytest.raises(SystemExit, match=r"no config.yaml in .*: write one with minispiral init"):
        startup.load_campaign(project, [], {}, checks, Display())
    (own / "config.yml").write_text(SIMULATED)
    with pytest.raises(SystemExit, match=r"no config.yaml in .*, but config.yml: rename it"):
        startup.load_campaign(project, [], {}, checks, Display())
    (own / "config.yaml").write_text(SIMULATED.replace("sgr", "mine"))
    assert startup.load_campaign(project, [], {}, checks, None).name == "mine"


def test_a_command_that_cannot_run_ends_at_once(tmp_path):
    (tmp_path / "config.yaml").write_text(SIMULATED)
    files = [tmp_path / "config.yaml"]
    with pytest.raises(SystemExit, match=r"^minispiral: --cores is 0"):
        startup.load_campaign(tmp_path, files, {}, checks, Display(), cores=0)
    startup.load_campaign(tmp_path, files, {}, checks, None, cores=0)  # of a job


def test_jobs_begin_with_the_lock_held_and_the_command_recorded(tmp_path, monkeypatch):
    campaign = resolve({"results": str(tmp_path), "campaign": "sgr", "tracks": {"a": {"ms": "a"}}})
    monkeypatch.setattr(sys, "argv", ["/x/snakemake", "--cores", "2"])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    startup.begin(campaign)
    (line,) = provenance.read_commands(f"{campaign.folder}/logs/{provenance.COMMANDS}")
    assert line.endswith(" snakemake --cores 2")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(SystemExit) as ended:  # another run, as locks are of open files
        startup.begin(campaign)
    assert "minispiral: another run is at work on" in str(ended.value)


def test_a_disk_without_locks_or_room_is_noted(tmp_path, monkeypatch, capsys):
    def full(*_) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(lock, "hold", lambda _: False)
    monkeypatch.setattr(provenance, "record_command", full)
    campaign = resolve({"results": str(tmp_path), "campaign": "sgr", "tracks": {"a": {"ms": "a"}}})
    startup.begin(campaign)
    locks, record = capsys.readouterr().err.splitlines()
    assert locks == (
        f"minispiral: note: the file system of {campaign.folder} has no locks: start no second "
        "run there"
    )
    assert record == "minispiral: note: no record of this command: No space left on device"


def test_what_was_copied_without_times_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(startup.copied, "restore_times", lambda _: 3)
    load(tmp_path, SIMULATED, Display())
    assert "results/sgr was copied without the times of its files, as cp" in capsys.readouterr().err
    load(tmp_path, SIMULATED, None)  # a job
    assert not capsys.readouterr().err

    def refuse(_):
        raise PermissionError(1, "Operation not permitted", "results/sgr/a.ecsv")

    monkeypatch.setattr(startup.copied, "restore_times", refuse)
    load(tmp_path, SIMULATED, Display())
    assert "Operation not permitted: 'results/sgr/a.ecsv'" in capsys.readouterr().err
