"""Lines of a log that tell how far a loop is, by a clock of the test's own."""

import logging
import time

import pytest

from minispiral.io.progress import duration, line, progress


class Clock:
    """A clock that stands still but where the loop's body lets it go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def lines(caplog, items, seconds_each: float, **options) -> list[str]:
    """Go over the items; return what was logged."""
    clock = Clock()
    with caplog.at_level(logging.INFO, "minispiral.io.progress"):
        for item in progress(items, "fit", clock=clock, **options):
            assert item is not None
            clock.now += seconds_each
    return [record.getMessage() for record in caplog.records]


def test_a_line_every_few_seconds_and_one_at_the_end(caplog):
    assert lines(caplog, range(6), 3.0) == [
        "fit: 2 of 6 blocks, 0:06 elapsed, about 0:12 left",
        "fit: 4 of 6 blocks, 0:12 elapsed, about 0:06 left",
        "fit: 6 of 6 blocks, 0:18 elapsed",
    ]


def test_a_fast_loop_says_that_it_is_done(caplog):
    assert lines(caplog, range(1000), 0.001, unit="rows") == [
        "fit: 1000 of 1000 rows, 0:01 elapsed"
    ]


def test_a_generator_tells_its_length_or_goes_without(caplog):
    assert lines(caplog, (k for k in range(4)), 4.0, total=4)[0] == (
        "fit: 2 of 4 blocks, 0:08 elapsed, about 0:08 left"
    )
    caplog.clear()
    assert lines(caplog, (k for k in range(4)), 4.0) == [
        "fit: 2 blocks, 0:08 elapsed",
        "fit: 4 blocks, 0:16 elapsed",
        "fit: 4 of 4 blocks, 0:16 elapsed",
    ]


def test_items_come_through_in_order_and_one_at_a_time():
    taken = []
    source = (taken.append(k) or k for k in range(5))
    for k in progress(source, "fit"):
        assert taken == list(range(k + 1))
    assert list(progress([], "fit")) == []


def test_a_loop_that_ends_early_is_not_said_to_be_done(caplog):
    clock = Clock()

    def fail() -> None:
        for _ in progress(range(10), "fit", clock=clock):
            raise ValueError("stop")

    with caplog.at_level(logging.INFO):
        for _ in progress(range(10), "fit", clock=clock):
            break
        with pytest.raises(ValueError, match="stop"):
            fail()
    assert caplog.records == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (59.4, "0:59"), (59.6, "1:00"), (3599.7, "1:00:00"), (90061, "25:01:01")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_nothing_is_left_of_what_is_done():
    assert "left" not in line("fit", 5, 5, "blocks", 7.0)
    assert "left" not in line("fit", 0, 5, "blocks", 7.0)


def test_it_costs_nothing_measurable():
    """A loop over blocks has some 50 items, of a tenth of a second or more."""
    start = time.perf_counter()
    for _ in progress(range(100_000), "fit"):
        pass
    assert time.perf_counter() - start < 0.5
