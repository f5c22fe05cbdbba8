"""The ends of logs, and why a job failed."""

import pytest

from snakemake_logger_plugin_minispiral.failures import (
    LAST_LINES,
    description,
    how_far,
    reason,
    signal_of,
    tail,
)
from tests.helpers.told import MESSAGE, job


def test_the_end_of_a_log_has_no_control_characters(tmp_path):
    log = tmp_path / "x.log"
    log.write_bytes(b"first\n\n\x1b[31mred\x07\ttab\r\nlast \xff\n")
    assert tail(log) == ["first", " [31mred  tab", "last \ufffd"]
    assert tail(tmp_path / "none.log") == []
    assert tail(None) == []


def test_only_the_end_of_a_long_log_is_read(tmp_path):
    log = tmp_path / "x.log"
    log.write_text("".join(f"line {k}\n" for k in range(100_000)))
    assert tail(log, 100)[-1] == "line 99999"
    assert len(tail(log, 100)) < 12


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("00:00:00 INFO fit: 12 of 54 blocks, 0:12 elapsed, about 0:40 left\n", "12 of 54 blocks"),
        ("2026-01-01 00:00:00,1 INFO fit: 54 of 54 blocks, 0:52 elapsed\nmore\n", ""),
        ("2026-01-01 00:00:00,1 INFO step 2 of 4: gains\nCASA says 1 of 3: so\n", "step 2 of 4"),
        ("CASA\tINFO\t3 of 4 things\n", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_log_tells_how_far_its_job_is(tmp_path, text, says):
    (tmp_path / "x.log").write_text(text)
    assert how_far(tmp_path / "x.log") == says


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ("Command 'x' died with <Signals.SIGKILL: 9>.", "SIGKILL"),
        ("Command 'x' returned non-zero exit status 137.", "SIGKILL"),
        ("Command 'x' returned non-zero exit status 139.", "SIGSEGV"),
        ("Command 'x' returned non-zero exit status 1.", None),
        ("Command 'x' returned non-zero exit status 255.", None),
        ("", None),
    ],
)
def test_signals_are_told_from_statuses(error, name):
    assert signal_of(error) == name


def test_a_failure_tells_where_why_and_the_end_of_the_log(tmp_path):
    log = tmp_path / "fit.log"
    log.write_text("".join(f"line {k}\n" for k in range(30)) + MESSAGE + "\n")
    name, why, where, *last = description(job(log=log), "CalledProcessError exit status 1")
    assert name == "fit visibilities, track a, spw 1"
    assert why == "  no fit: leave the spw out"
    assert str(log) in where
    assert [line.strip() for line in last] == [f"line {k}" for k in range(20, 30)]
    assert len(last) == LAST_LINES


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("CalledProcessError exit status 137.", "memory ran out: run fewer jobs at a time"),
        ("CalledProcessError exit status 137.", "it asked for 900 MB"),
        ("CalledProcessError exit status 143.", "ended from outside (SIGTERM)"),
        ("CalledProcessError exit status 139.", "crashed (SIGSEGV)"),
        ("CalledProcessError exit status 1.", "without a message of its own"),
        ("", "without a message of its own"),
        ("MissingOutputException:\n  fit.ecsv", "MissingOutputException: fit.ecsv"),
    ],
)
def test_a_job_without_a_message_gets_one(tmp_path, error, says):
    log = tmp_path / "fit.log"
    log.write_text("its last line\n")
    assert says in reason(job(log=log), error)
    assert "    its last line" in description(job(log=log), error)
