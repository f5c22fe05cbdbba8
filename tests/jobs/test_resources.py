"""What jobs ask of the machine."""

from pathlib import Path

import pytest
from snakemake.iocontainers import Wildcards

from minispiral.config import Campaign, resolve
from minispiral.jobs import resources
from tests.helpers.tracks import make_ms

STAGES = sorted(resources.MEMORY)
GB = 1_000_000_000
SIZES = [0, 30_000_000, GB, int(2.5 * GB), 25 * GB]


@pytest.fixture
def ms(tmp_path: Path) -> Path:
    return make_ms(
        tmp_path / "a.ms", {"table.f1": 1000, "table.f17_TSM0": 24, "HISTORY/table.f0": 77}
    )


def test_memory_and_time_are_given_for_the_same_stages():
    assert set(resources.MEMORY) == set(resources.RUNTIME)


@pytest.mark.parametrize("ask", [resources.memory_mb, resources.runtime_minutes])
@pytest.mark.parametrize("stage", STAGES)
def test_requests_are_whole_positive_and_never_fall_with_size_or_attempt(ask, stage):
    requests = [[ask(stage, size, attempt) for attempt in (1, 2, 3)] for size in SIZES]
    assert all(type(request) is int and request > 0 for row in requests for request in row)
    assert all(first < second < third for first, second, third in requests)
    for small, large in zip(requests, requests[1:], strict=False):
        assert all(a <= b for a, b in zip(small, large, strict=True))


@pytest.mark.parametrize("stage", ["split", "clean", "fit"])
def test_stages_that_read_the_data_ask_for_more_where_there_are_more(stage):
    """A full track, 14 million rows, has 2.5 GB."""
    track = int(2.5 * GB)
    assert resources.memory_mb(stage, track, 1) > resources.memory_mb(stage, 0, 1)
    assert resources.runtime_minutes(stage, track, 1) > resources.runtime_minutes(stage, 0, 1)


@pytest.mark.parametrize("stage", STAGES)
def test_a_full_track_fits_an_ordinary_machine(stage):
    assert resources.memory_mb(stage, int(2.5 * GB), 1) < 16_000
    assert resources.runtime_minutes(stage, int(2.5 * GB), 1) < 24 * 60


def test_threads_grow_with_the_track_up_to_its_spws_and_each_asks_for_memory():
    sizes = [0, 10_000_000, GB, 2 * GB, 25 * GB]
    assert [resources.threads("gains", size, 4) for size in sizes] == [1, 1, 2, 4, 4]
    assert resources.threads("gains", 25 * GB, 1) == 1
    assert all(resources.threads(stage, 25 * GB, 4) == 1 for stage in {*STAGES} - {"gains"})
    one, four = (resources.memory_mb("gains", GB, 1, threads=n) for n in (1, 4))
    assert four == one + 3 * resources.THREAD_MB


def test_further_attempts_ask_for_half_as_much_again_and_for_twice_the_time():
    first, second = (resources.memory_mb("clean", GB, attempt) for attempt in (1, 2))
    assert second == pytest.approx(1.5 * first, abs=1)
    first, third = (resources.runtime_minutes("clean", GB, attempt) for attempt in (1, 3))
    assert third == pytest.approx(4 * first, abs=4)


# sizes


def campaign(tmp_path: Path, **tracks: dict) -> Campaign:
    return resolve({"results": str(tmp_path / "results"), "tracks": tracks})


def test_a_tracks_size_is_that_of_its_data(tmp_path, ms):
    assert resources.track_bytes(campaign(tmp_path, a={"ms": str(ms)}), "a") == 1024


def test_a_nights_size_is_that_of_its_sets_and_an_executions_its_own(tmp_path, ms):
    other = make_ms(tmp_path / "b.ms", {"table.f1": 200_000_000 // 1000})
    one = campaign(tmp_path, n={"ms": [str(ms), str(other)]})
    assert resources.track_bytes(one, "n") == 201_024
    asked = resources.Requests(one)
    places = [{"track": "n"}, *({"track": "n", "execution": n} for n in ("1", "2"))]
    sizes = [asked._input_bytes(Wildcards(fromdict=place)) for place in places]
    assert sizes == [201_024, 1024, 200_000]


def test_a_track_that_is_not_there_yet_has_no_size(tmp_path):
    one = campaign(tmp_path, a={"ms": str(tmp_path / "none.ms")}, b={"simulate": {}})
    assert [resources.track_bytes(one, track) for track in ("a", "b")] == [0, 0]


def test_a_simulated_track_has_the_size_of_what_was_simulated(tmp_path):
    one = campaign(tmp_path, b={"simulate": {}})
    make_ms(Path(one.folder, "simulated", "b.ms"), {"table.f1": 500})
    assert resources.track_bytes(one, "b") == 500
