"""Fixtures that several modules of tests share, as they take long to make."""

import shutil
from pathlib import Path

import pytest

from minispiral.simulation.track import simulate_track
from tests.helpers.runs import make
from tests.helpers.tiny import TRACKS, configuration
from tests.helpers.tracks import checksums

# what takes longest comes first where tests run side by side, so that none is left over at the end
LONGEST = ("workflow", "selfcal", "fit", "imaging")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(config, items) -> None:
    """Leave out what changes the machine or takes long, unless it is asked for."""
    for marker in ("slurm", "faults"):
        if marker not in config.option.markexpr:
            left_out = [item for item in items if item.get_closest_marker(marker)]
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if item not in left_out]
    if hasattr(config, "workerinput"):
        share_between_processes(items)


def share_between_processes(items: list[pytest.Item]) -> None:
    """Keep together, for pytest-xdist, what shares fixtures; long groups go first."""
    for item in items:
        module = item.nodeid.split("::")[0]
        group = "campaign" if "campaign" in item.fixturenames else module
        item.add_marker(pytest.mark.xdist_group(group))
    folders = {name: place for place, name in enumerate(LONGEST)}
    items.sort(
        key=lambda item: (
            item.get_closest_marker("slow") is None,
            folders.get(item.path.parent.name, len(folders)),
        )
    )


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
