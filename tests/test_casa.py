"""CASA's sessions: logs, and no task loaded that is not asked for."""

import os
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


CASA_ALONE = """
import casatasks
from casatools import ctsys, measures
print(ctsys.rundata(), "ALMA" in measures().obslist())
"""


def test_casa_s_own_tasks_find_their_data(tmp_path):
    environment = {k: v for k, v in os.environ.items() if k != "CASASITECONFIG"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", CASA_ALONE],
        cwd=tmp_path, env={**environment, "HOME": str(tmp_path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split()[-2].endswith("casadata/__data__")
    assert done.stdout.split()[-1] == "True"
    assert len(list(tmp_path.glob("casa-*.log"))) == 1  # as CASA's users expect
