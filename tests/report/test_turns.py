"""What the report says of the turns of fluxes and sky."""

import numpy as np
from astropy.table import vstack

from minispiral.report.turns import turns_in_words, unfinished_turns
from tests.helpers import reported


def test_it_says_what_stopped_them():
    table = reported.turns(0.06)
    assert turns_in_words(table) == [
        "Sky of all tracks: turns stopped after 2 of at most 8: fluxes changed by 0.06 of their "
        "errors (limit 0.1); chi-square of the averages in time is 1.01."
    ]
    assert unfinished_turns(table) == []


def test_turns_that_end_by_their_bound_are_warned_of():
    table = reported.turns(0.3, "b")
    assert unfinished_turns(table) == [
        "Sky of track b: turns ended after the 8 that are allowed, though fluxes still changed by "
        "0.3 of their errors (limit 0.1), most in track a, spw 1: raise model.turns"
    ]


def test_what_a_later_iteration_settles_calls_for_nothing():
    later = reported.turns(0.05)
    later["iteration"] = 1
    table = vstack([reported.turns(0.3), later])
    assert unfinished_turns(table) == []
    words = turns_in_words(table)
    assert len(words) == 2
    assert words[1].startswith("Sky of all tracks, iteration 1: turns stopped")


def test_one_turn_cannot_tell():
    table = reported.turns(np.nan)[1:]
    table["turn"], table["stopped"] = 1, "bound"
    (warning,) = unfinished_turns(table)
    assert "raise model.turns" in warning
    assert "nan" not in warning


def test_no_turns_say_nothing():
    assert turns_in_words(None) == unfinished_turns(None) == []
