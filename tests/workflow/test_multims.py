"""A MultiMS as CASA makes and changes it: its parts count as much as what holds them together."""

import subprocess
import sys
from pathlib import Path

import pytest

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.io.table_locks import check_measurement_set_unlocked
from tests.helpers.runs import make, planned
from tests.helpers.tiny import configuration
from tests.helpers.tracks import in_parts, short_track

pytestmark = pytest.mark.slow

CONFIG = configuration(tracks={"parts": {"ms": "parts.ms"}})
INSPECTION = "results/tiny/parts/inspection.json"
HOLD = """
import sys, time
from minispiral import casa
with casa.session(), casa.table(sys.argv[1], writable=True) as table:
    table.lock(True)
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def ms(tmp_path) -> Path:
    """Two parts, a spw each."""
    return in_parts(short_track(tmp_path), tmp_path / "parts.ms")


def parts(ms: Path) -> list[Path]:
    found = sorted((ms / "SUBMSS").iterdir())
    assert len(found) == 2
    return found


def test_flags_that_casa_sets_in_a_part_redo_its_track(ms):
    make(ms.parent, CONFIG, INSPECTION)
    with casa.session():
        casa.tasks().flagdata(vis=str(parts(ms)[1]), antenna="0", flagbackup=False)
    assert planned(ms.parent, CONFIG, INSPECTION) == {("inspect_track", "track=parts")}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux names the holder")
def test_a_part_that_casa_holds_elsewhere_is_told(ms):
    check_measurement_set_unlocked(ms, 0.0)
    line = [sys.executable, "-c", HOLD, parts(ms)[1]]
    with subprocess.Popen(line, stdout=subprocess.PIPE) as process:
        try:
            assert b"held" in process.stdout.readline()
            with pytest.raises(MinispiralError) as raised:
                check_measurement_set_unlocked(ms, 0.3)
        finally:
            process.kill()
    assert str(raised.value).startswith(f"{parts(ms)[1]} is locked by python")
