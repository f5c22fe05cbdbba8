"""Findings read as sentences, and say what their intervals are of."""

import pytest
from astropy.table import Table

from minispiral.io.tables import LEFT_OUT
from minispiral.science.findings import _periods, _timescale


def test_both_intervals_of_a_random_walk_are_said_to_be_of_95_percent():
    values = {"timescale": 2.3, "deviation": 0.2, "slope": 1.9, "slow_slope": 1.9}
    row = {f"{name}{end}": value * factor for name, value in values.items()
           for end, factor in (("", 1), ("_low", 0.5), ("_high", 2))}  # fmt: skip
    row |= {"short_term": 0.1, "timescale_limit": "none", "walk_bin": 60.0, "bin": 60.0}
    assert _timescale(row) == (
        "As a damped random walk it has a timescale of 2.3 (1.1 to 4.6) h and a relative standard "
        "deviation of 0.2 (0.1 to 0.4); both intervals are of 95 %."
    )


@pytest.mark.parametrize(
    ("chance", "said"), [(0.001, "found"), (0.02, "a hint"), (0.3, "no more than chance makes")]
)
def test_what_a_probability_means_follows_it(chance, said):
    table = Table({"track": ["a"], "period": [50.0], "amplitude": [0.01], "false_alarm": [chance]})
    table.meta[LEFT_OUT] = {}
    (text,) = _periods(table)
    assert text.endswith(f"with a probability of {chance:.2g}: {said}.")
