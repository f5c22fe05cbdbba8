"""CASA's sessions: logs, and no task loaded that is not asked for."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
import sys
from minispiral import casa

def log(path, use):
    with casa.session(path):
        use()

def open_nothing():
    try:
        with casa.table("/nothing"):
            pass
    except casa.MinispiralError as error:
        print(error)

log("first.log", open_nothing)
assert "casatasks" not in sys.modules
log("second.log", lambda: casa.tasks().casalog.post("from second", "WARN"))
log("third.log", lambda: casa.tasks().casalog.post("from third", "WARN"))
"""


def test_tasks_are_loaded_on_first_use_and_write_to_the_sessions_log(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("cannot open /nothing as a CASA table")
    assert "from second" in (tmp_path / "second.log").read_text()
    assert "from third" not in (tmp_path / "second.log").read_text()
    assert "from third" in (tmp_path / "third.log").read_text()
    assert not list(tmp_path.glob("casa*.log"))
