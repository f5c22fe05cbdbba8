"""The table of turns: what is in it, of fluxes that are made up, and what the report says of it."""

import numpy as np
import pytest

from minispiral.report.turns import turns_in_words, unfinished_turns
from minispiral.sky.history import ALL_TRACKS, TurnDone, TurnSums, rows_of_turns, turns_table
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


def test_the_report_says_what_stopped_them():
    rows = rows_of_turns(ALL_TRACKS, 0, 8, turns(2.0, 0.06, stopped=True))
    table = turns_table(list(rows))
    assert turns_in_words(table) == [
        "Sky of all tracks: turns stopped after 3 of at most 8: fluxes changed by 0.06 of their "
        "errors (limit 0.1)."
    ]
    assert unfinished_turns(table) == []


def test_turns_that_end_by_their_bound_are_warned_of():
    rows = list(rows_of_turns("a", 0, 3, turns(2.0, 0.3, stopped=True)))
    (warning,) = unfinished_turns(turns_table(rows))
    assert warning == (
        "Sky of track a: turns ended after the 3 that are allowed, though fluxes still changed by "
        "0.3 of their errors (limit 0.1), most in track b, spw 3: raise model.turns"
    )
    # what a later iteration settles calls for nothing
    rows += rows_of_turns("a", 1, 3, turns(0.05, stopped=True))
    table = turns_table(rows)
    assert unfinished_turns(table) == []
    assert len(turns_in_words(table)) == 2
    assert "iteration 1" in turns_in_words(table)[1]


def test_fluxes_that_settle_in_the_last_turn_have_settled():
    rows = list(rows_of_turns("a", 0, 2, turns(0.05, stopped=True)))
    assert unfinished_turns(turns_table(rows)) == []


def test_one_turn_cannot_tell():
    rows = list(rows_of_turns("a", 0, 1, turns(stopped=True)))
    (warning,) = unfinished_turns(turns_table(rows))
    assert "raise model.turns" in warning
    assert "nan" not in warning


def test_no_turns_say_nothing():
    assert turns_in_words(None) == unfinished_turns(None) == []
