"""The table of turns: what is in it, of fluxes that are made up."""

import numpy as np
import pytest

from minispiral.sky.history import (
    ALL_TRACKS,
    TurnDone,
    TurnSums,
    ends_of_turns,
    rows_of_turns,
    turns_table,
)
from minispiral.sky.track import SpwFluxes
from minispiral.sky.turns import TOLERANCE

N = 100
ERROR = 0.01
UP_AND_DOWN = np.where(np.arange(N) % 2, 1.0, -1.0)


def fluxes(change: float, chi2: float = 1.0, unused: int = 0) -> SpwFluxes:
    """Fluxes that are `change` errors away from 1, of which the first are not used."""
    ones = np.ones(N)
    used = np.arange(N) >= unused
    bad = np.where(used, chi2, 99.0)
    extended = ones + change * ERROR * UP_AND_DOWN
    return SpwFluxes(np.arange(N) * 4.0, extended, ERROR * extended, ones, bad, used)


def sums(*changes: float, number: int = 2) -> TurnSums:
    """Those of two tracks with two spws each, the last spw of the second changes by `changes`."""
    result = TurnSums()
    for track, last in zip("ab", changes, strict=True):
        before = [fluxes(0), fluxes(0)] if number > 1 else []
        result.add(track, [0, 3], [fluxes(0.01), fluxes(last)], before)
    return result


def turns(*changes: float, stopped: bool) -> list[TurnDone]:
    """The first turn, then turns that change fluxes by so much; they may end with the last."""
    done = [TurnDone(sums(0, 0, number=1), 3.0, False)]
    done += [TurnDone(sums(0.02, change), 3.5, False) for change in changes]
    done[-1] = TurnDone(done[-1].sums, 3.5, stopped)
    return done


def test_a_row_tells_the_largest_change_and_where_it_was():
    rows = list(rows_of_turns("a", 1, 8, turns(3.0, 0.5 * TOLERANCE, stopped=True)))
    table = turns_table(rows)
    assert list(table["turn"]) == [1, 2, 3]
    assert np.isnan(table["change"][0])
    assert table["changed_most"][0] == "-"
    np.testing.assert_allclose(table["change"][1:], [3.0, 0.5 * TOLERANCE], rtol=0.05)
    assert set(table["changed_most"][1:]) == {"b, spw 3"}
    assert list(table["stopped"]) == ["-", "-", "fluxes"]
    assert set(table["turns_allowed"]) == {8}
    assert list(table["total"]) == [3.0, 3.5, 3.5]


def test_chi_square_and_share_are_of_the_integrations_used():
    result = TurnSums()
    result.add("a", [0, 1], [fluxes(0, 1.0), fluxes(0, 4.0, unused=N // 2)], [])
    assert result.used == 0.75
    assert result.chi2 == pytest.approx(2.0)  # two thirds of 1, a third of 4
    nothing = TurnSums()
    nothing.add("a", [0], [fluxes(0, unused=N)], [])
    assert np.isnan(nothing.chi2)
    assert nothing.used == 0


def test_turns_after_the_stop_are_neither_read_nor_told():
    def read():
        yield from turns(0.05, stopped=True)
        raise AssertionError("this turn had nothing to do")

    assert len(list(rows_of_turns(ALL_TRACKS, 0, 8, read()))) == 2


@pytest.mark.parametrize(
    ("changes", "why"),
    [((2.0, 0.3), "bound"), ((2.0, 0.05), "fluxes"), ((0.05,), "fluxes"), ((), "bound")],
)
def test_it_is_told_whether_fluxes_or_the_bound_stopped_them(changes, why):
    """Those that settle in the last turn have settled; one turn cannot tell."""
    rows = list(rows_of_turns("a", 0, len(changes) + 1, turns(*changes, stopped=True)))
    assert rows[-1]["stopped"] == why


def test_each_track_is_told_how_the_turns_of_its_sky_ended():
    shared = rows_of_turns(ALL_TRACKS, 0, 3, turns(2.0, 0.05, stopped=True))
    shared_later = rows_of_turns(ALL_TRACKS, 1, 2, turns(0.3, stopped=True))
    own = rows_of_turns("c", 0, 1, turns(stopped=True))
    table = turns_table([*shared, *shared_later, *own])
    ends = ends_of_turns(table, {"a": ALL_TRACKS, "b": ALL_TRACKS, "c": "c"})
    assert set(ends) == {("a", 0), ("b", 0), ("a", 1), ("b", 1), ("c", 0)}
    assert ends["a", 0] == ends["b", 0]
    assert (ends["a", 0]["turns"], ends["a", 0]["turns_stopped"]) == (3, "fluxes")
    assert ends["a", 0]["turns_change"] == pytest.approx(0.05, rel=0.05)
    assert (ends["b", 1]["turns"], ends["b", 1]["turns_stopped"]) == (2, "bound")
    assert (ends["c", 0]["turns"], ends["c", 0]["turns_stopped"]) == (1, "bound")
    assert np.isnan(ends["c", 0]["turns_change"])  # one turn has nothing to be compared with
