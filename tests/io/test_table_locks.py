"""Locks that another program holds on a table are told, with the program, before CASA waits."""

import fcntl
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from minispiral.errors import MinispiralError
from minispiral.io.table_locks import check_measurement_set_unlocked, check_unlocked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux names the holder")

HOLD = """
import fcntl, sys, time
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, {kind}, 1, 0)
    print("held", flush=True)
    time.sleep({seconds})
"""


def holder(lock: Path, kind: str = "fcntl.LOCK_EX", seconds: float = 60) -> subprocess.Popen:
    """A program that holds the lock of a table."""
    program = HOLD.format(kind=kind, seconds=seconds)
    process = subprocess.Popen([sys.executable, "-c", program, lock], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    return process


@pytest.fixture
def ms(tmp_path: Path) -> Path:
    for folder in ("", "FIELD", "SUBMSS/a.0000.ms"):
        (tmp_path / "a.ms" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "a.ms" / folder / "table.lock").write_bytes(b"0" * 300)
    return tmp_path / "a.ms"


@pytest.mark.parametrize("folder", ["", "FIELD", "SUBMSS/a.0000.ms"])
def test_a_table_that_another_program_writes_to_is_told_with_that_program(ms, folder):
    check_measurement_set_unlocked(ms)
    process = holder(ms / folder / "table.lock")
    try:
        with pytest.raises(MinispiralError) as raised:
            check_measurement_set_unlocked(ms, 0.3)
    finally:
        process.kill()
        process.communicate()
    message = str(raised.value)
    assert message.startswith(f"{(ms / folder).as_posix().rstrip('/')} is locked by python")
    assert f"(process {process.pid})" in message
    assert "\n" not in message
    check_measurement_set_unlocked(ms)


def test_one_that_is_done_in_a_moment_is_waited_for(ms):
    process = holder(ms / "table.lock", seconds=0.5)
    before = time.monotonic()
    check_unlocked(ms)
    assert process.wait() == 0
    assert 0.1 < time.monotonic() - before < 5
    process.communicate()


def test_programs_that_only_read_are_in_nobody_s_way(ms):
    process = holder(ms / "table.lock", "fcntl.LOCK_SH")
    check_unlocked(ms, 0.0)
    process.kill()
    process.communicate()


def test_our_own_locks_do_not_count(ms):
    with (ms / "table.lock").open("r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX, 1, 0)
        check_unlocked(ms, 0.0)


def test_without_a_lock_file_there_is_no_lock(tmp_path):
    check_unlocked(tmp_path / "none.ms", 0.0)


def test_the_layout_asked_for_is_the_kernel_s():
    assert struct.calcsize("hhqqi4x") == 32
