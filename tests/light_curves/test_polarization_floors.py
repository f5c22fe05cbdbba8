"""Floors of a track from its tables: what is averaged, left out, and said."""

import numpy as np
import pytest
from astropy.table import Table

from minispiral.io.tables import read_table, write_table
from minispiral.light_curves.feed_errors import Floors, floors
from minispiral.light_curves.hand_gains import Feeds
from minispiral.light_curves.polarization_floors import (
    MEAN,
    META,
    as_meta,
    in_words,
    measured_floors,
)
from minispiral.measures.units import SECONDS_PER_DAY
from tests.helpers.feeds import observe, parallactic_angle

FEEDS = Feeds(("XX", "XY", "YX", "YY"), parallactic_angle)
GAIN = 0.9  # of all light curves, known to a per cent


def tables(seen, times=1):
    """Light curves of each spw, each integration repeated so many times, with gains."""
    rows = np.repeat(np.arange(len(seen.times)), times)
    step = (seen.times[1] - seen.times[0]) / times
    shift = np.tile(step * (np.arange(times) - (times - 1) / 2), len(seen.times))
    curves = []
    for spw, stokes in enumerate(seen.apparent.swapaxes(0, 1)):
        values = {"track": np.full(len(rows), "a"), "spw": np.full(len(rows), spw)}
        values["mjd"] = (seen.times[rows] + shift) / SECONDS_PER_DAY
        for name, value in zip("IQUV", stokes, strict=True):
            noise = GAIN * seen.noise * np.sqrt(times)
            values[name] = GAIN * value[rows]
            values[f"{name}_err"] = np.hypot(noise, 0.01 * values[name])
        values |= {"gain": np.full(len(rows), GAIN), "gain_err": np.full(len(rows), 0.01 * GAIN)}
        values |= {"absorption": np.ones(len(rows)), "absorption_err": np.zeros(len(rows))}
        curves.append(Table(values | {"good": np.ones(len(rows), bool)}, meta={"interval_s": step}))
    return curves


@pytest.fixture(scope="module")
def seen():
    return observe(7, d_terms=0.01, ratio=0.01, step=MEAN)


def test_floors_of_tables_are_those_of_their_fractions(seen):
    expected = floors(seen.times, seen.polarization, seen.psi, linear=True)
    for times in (1, 2):
        found = measured_floors(tables(seen, times), FEEDS)
        assert found.v == pytest.approx(expected.v, rel=0.02)
        assert found.evpa == pytest.approx(expected.evpa, rel=0.05)
        assert found.evpa_err == pytest.approx(expected.evpa_err, rel=0.1)


def test_what_is_flagged_or_missing_does_not_count(seen):
    curves = tables(seen)
    expected = measured_floors(curves[:3], FEEDS)
    curves[3]["Q"] = np.nan
    spoilt = curves[0].copy()
    spoilt["U"][10], spoilt["good"][10] = 5.0, False
    found = measured_floors([spoilt, *curves[1:]], FEEDS)
    assert found.v == pytest.approx(expected.v, rel=0.02)
    assert found.evpa == pytest.approx(expected.evpa, rel=0.02)


def test_an_absorption_that_is_divided_out_adds_no_noise(seen):
    """Its error is one for I, Q, U and V, so that it is none of their ratios."""
    curves = tables(seen)
    expected = measured_floors(curves, FEEDS)
    curves[2]["absorption_err"] = 0.05
    for name in "IQUV":
        curves[2][f"{name}_err"] = np.hypot(curves[2][f"{name}_err"], 0.05 * curves[2][name])
    found = measured_floors(curves, FEEDS)
    assert found.v == pytest.approx(expected.v, rel=1e-9)
    assert found.evpa_err == pytest.approx(expected.evpa_err, rel=1e-9)


def test_without_polarisation_or_common_times_it_is_said_why(seen):
    curves = tables(seen)
    early, late = curves[0].copy(), curves[1].copy()
    early["good"] = np.arange(len(early)) < 60
    late["good"] = ~early["good"]
    assert "at no time" in measured_floors([early, late], FEEDS).remark
    for curve in curves:
        curve["V"] = np.nan
    assert measured_floors(curves, FEEDS).remark == "no spw has Q, U and V"


def test_floors_are_said_in_words_and_pass_through_a_table(tmp_path):
    whole = as_meta(Floors(0.0017, 0.0005, 3.1, 0.3, 160.0))
    text = in_words(whole)
    assert "0.17 ± 0.05 % of Stokes I in V" in text
    assert "3.1 ± 0.3 deg in EVPA" in text
    nothing = as_meta(Floors(turn=12.0, remark="the feeds turn by 12 deg"))
    assert "unknown size (the feeds turn by 12 deg)" in in_words(nothing)
    for meta in (whole, nothing):
        table = Table({"a": [1]}, meta={META: meta})
        write_table(tmp_path / "a.ecsv", table)
        assert in_words(read_table(tmp_path / "a.ecsv").meta[META]) == in_words(meta)
