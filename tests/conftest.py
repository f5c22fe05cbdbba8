"""Fixtures that several modules of tests share, as they take long to make."""

import shutil
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

from minispiral.simulation.track import simulate_track
from tests.helpers.runs import make
from tests.helpers.tiny import TRACKS, configuration
from tests.helpers.tracks import checksums

# what takes longest comes first where tests run side by side, so that none is left over at the end
LONGEST = ("workflow", "selfcal", "fit", "imaging")
# modules of tests that share the finished campaign, or its inputs
OF_THE_CAMPAIGN = {
    f"tests/workflow/test_{name}.py"
    for name in ("errors", "faults", "joint", "notebook", "report", "workflow")
}


def pytest_collection_modifyitems(config, items) -> None:
    """Leave out what changes the machine or takes long, unless it is asked for."""
    for marker in ("slurm", "speed", "faults", "nights", "statistics"):
        if marker not in config.option.markexpr:
            left_out = [item for item in items if item.get_closest_marker(marker)]
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if item not in left_out]
    if hasattr(config, "workerinput"):
        items.sort(key=place_in_line)


def place_in_line(item: pytest.Item) -> tuple[bool, int]:
    folder = item.path.parent.name
    place = LONGEST.index(folder) if folder in LONGEST else len(LONGEST)
    return item.get_closest_marker("slow") is None, place


class ByFixtures(LoadScopeScheduling):
    """Processes of pytest-xdist take whole modules, whose fixtures take long to make."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.split("::")[0]
        return "campaign" if module in OF_THE_CAMPAIGN else module


def pytest_xdist_make_scheduler(config, log) -> ByFixtures:
    """Take modules in the order in which they are collected."""
    config.option.loadscopereorder = False
    return ByFixtures(config, log)


@pytest.fixture(scope="session")
def inputs(tmp_path_factory) -> Path:
    """Two small simulated tracks, as a user's own measurement sets."""
    folder = tmp_path_factory.mktemp("inputs")
    for seed, track in enumerate(TRACKS):
        settings = {
            "seed": seed,
            "antennas": 16,
            "scans": 2,
            "scan_minutes": 1.0,
            "frequencies_ghz": [213.1, 227.1],
            "broken_integrations": 1,
            "start": f"2017-04-{6 + seed:02d}T08:45:00",
        }
        simulate_track(folder / f"{track}.ms", folder / f"{track}.truth.csv", settings)
    return folder


@pytest.fixture(scope="session")
def campaign(inputs, tmp_path_factory) -> Path:
    """A finished campaign, whose inputs are found to be as they were."""
    folder = tmp_path_factory.mktemp("campaign")
    for track in TRACKS:
        shutil.copytree(inputs / f"{track}.ms", folder / f"{track}.ms")
    before = {track: checksums(folder / f"{track}.ms") for track in TRACKS}
    make(folder, configuration())
    assert before == {track: checksums(folder / f"{track}.ms") for track in TRACKS}
    return folder
