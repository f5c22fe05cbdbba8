"""What a run of the workflow looks like: on a terminal, in a pipe, and when jobs fail."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from minispiral.simulation.track import simulate_track
from tests.helpers.runs import command, kill_script, messages, run

pytestmark = pytest.mark.slow

SIMULATED = {"antennas": 16, "scans": 1, "scan_minutes": 1.0, "frequencies_ghz": [213.1, 227.1]}
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x09\x0b-\x1f\x7f]")


def configuration(**tracks) -> dict:
    return {
        "campaign": "tiny",
        "spws": [0, 1],
        "image": {"imsize": 128, "pixels_per_fringe": 4, "niter": 100, "gain": 0.1},
        "scale": {"flux_range": [1.0, 6.0]},
        "tracks": tracks,
    }


def on_terminal(line: list[str], columns: int = 120) -> tuple[int, str]:
    """Run a command on a terminal of its own; return its status and all that it wrote there."""
    terminal, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONWARNINGS": ""}
    process = subprocess.Popen(line, stdin=end, stdout=end, stderr=end, env=environment)
    os.close(end)
    written = b""
    try:
        while block := os.read(terminal, 65536):
            written += block
    except OSError:  # the other end is closed
        pass
    os.close(terminal)
    return process.wait(), written.decode()


TARGET = "results/tiny/a/spw0/im0"


def test_a_terminal_shows_bars_and_a_pipe_plain_lines(tmp_path):
    config = configuration(a={"simulate": SIMULATED})
    status, screen = on_terminal(command(tmp_path, config, TARGET))
    assert status == 0
    text = CONTROL.sub("", screen)
    for shown in (r"simulate +[━╸╺]+ +0 of 1 +track a \(0:0", r"all jobs +[━╸╺]+ +[1-4] of 4"):
        assert re.search(shown, text), text
    assert re.search(r"all jobs .* of 4 +0:\d\d, about 0:\d\d left", text)
    assert "All 4 jobs are done, in 0:" in text
    assert "done: clean spw (1)" in text
    assert "rule clean_spw" not in text
    assert "jobid" not in text

    piped = run(tmp_path, config, TARGET, "--forcerun", "split_spw")
    assert piped.returncode == 0
    assert piped.stdout == ""
    assert not CONTROL.search(piped.stderr)
    assert "  started   split spw, track a, spw 0\n" in piped.stderr
    assert re.search(r"finished  clean spw, track a, spw 0 in 0:\d\d; 2 of 2 jobs", piped.stderr)

    for log in (tmp_path / "results" / "tiny" / "logs" / "runs").iterdir():
        assert not CONTROL.search(log.read_text())
        assert "started   clean spw, track a, spw 0" in log.read_text()
    assert re.search(
        r"INFO simulate: (\d+) of \1 blocks, 0:0", read_log(tmp_path, "a/simulate.log")
    )


def read_log(folder: Path, name: str) -> str:
    return (folder / "results" / "tiny" / "logs" / name).read_text()


def test_failures_are_told_at_the_end_with_their_logs_and_what_to_do(tmp_path):
    for name in ("a", "b"):
        simulate_track(tmp_path / f"{name}.ms", tmp_path / f"{name}.csv", SIMULATED)
    data = tmp_path / "b.ms" / "table.dat"
    data.write_bytes(data.read_bytes()[:100])
    config = configuration(a={"ms": "a.ms"}, b={"ms": "b.ms"})
    targets = [TARGET, "results/tiny/b/inspection.json", "--keep-going"]
    process = subprocess.Popen(
        command(tmp_path, config, *targets), stderr=subprocess.PIPE, text=True
    )
    kill_script(process, ".split_spw.py", tmp_path)
    _, output = process.communicate()
    assert process.returncode not in (0, None)
    assert not CONTROL.search(output)
    failures = output.split("\nFAILED: ")
    assert len(failures) == 3
    (of_a,) = (text for text in failures[1:] if text.startswith("split spw, track a, spw 0\n"))
    (of_b,) = (text for text in failures[1:] if text.startswith("inspect track, track b\n"))
    assert "killed (SIGKILL)" in of_a
    assert "memory ran out: run fewer jobs at a time" in of_a
    assert "results/tiny/logs/a/spw0/split.log" in of_a
    assert "b.ms as a CASA table" in of_b
    assert "check that the path is right" in of_b
    assert "the end of its log, results/tiny/logs/b/inspect.log:\n    20" in of_b
    assert "Failed: 2, done: 1 of 4 jobs. Remove the cause of each failure. The same" in output
    for noise in ("RuleException", "CalledProcessError", "Shutting down", "Traceback", "Exiting"):
        assert noise not in output


def test_a_failure_on_a_terminal_is_the_last_to_be_seen(tmp_path):
    simulate_track(tmp_path / "a.ms", tmp_path / "a.csv", SIMULATED)
    (tmp_path / "a.ms" / "table.dat").write_bytes(b"")
    status, screen = on_terminal(command(tmp_path, configuration(a={"ms": "a.ms"}), TARGET))
    text = " ".join(CONTROL.sub("", screen).split())  # lines break between words
    end = text[text.index("FAILED: inspect track, track a") :]
    assert status == 1
    assert "all jobs" not in end
    assert "check that the path is right" in end
    assert text.count("minispiral: inspect_track, track a: cannot open") == 1


def test_quiet_and_dry_runs_are_snakemakes_own(tmp_path):
    config = configuration(a={"simulate": SIMULATED})
    dry = run(tmp_path, config, "-n", TARGET)
    assert "rule clean_spw:" in dry.stdout
    assert not (tmp_path / "results").exists()
    quiet = run(tmp_path, config, "results/tiny/config.yaml", "--quiet", "all")
    assert quiet.returncode == 0
    assert "jobs to do" not in quiet.stderr
    assert not messages(quiet)
