"""What the report says of the spectrum over spws."""

import numpy as np
import pytest

from minispiral.report.page import campaign_page
from minispiral.report.spectrum import about_close_spws, about_the_power_law
from minispiral.report.warnings import warnings_of
from tests.helpers import reported


def with_factors(*factors: dict[int, float], **fields):
    """A campaign with a track for each of `factors`, by which spws are multiplied."""
    tables = reported.campaign(len(factors), **fields)
    for curve, factors_of_track in zip(tables.curves.values(), factors, strict=True):
        for spw, factor in factors_of_track.items():
            curve["I"][curve["spw"] == spw] *= factor
    return tables


def test_a_line_is_told_once_for_all_tracks_and_the_sound_spw_is_not_blamed():
    (line,) = warnings_of(with_factors({2: 0.98}, {2: 0.95}, {2: 0.98}))
    assert line.startswith("tracks 20170406, 20170407, 20170408, spw 2:")
    assert "-5.0 to -2.0 % off" in line
    assert "absorption line at 226.91 GHz" in line
    assert "scale.correct_spws: [2]" in line
    assert "+2" not in line


@pytest.mark.parametrize(("spw", "factor"), [(2, 1.04), (0, 0.96), (3, 0.95)])
def test_absorption_is_blamed_only_where_it_is_negative_and_near_the_line(spw, factor):
    (line,) = warnings_of(with_factors({spw: factor}))
    assert f"spw {spw}: its Stokes I is {100 * factor - 100:+.1f} % off" in line
    assert "absorption" not in line
    assert "flux scale" in line


def test_tracks_with_different_spws_off_have_a_line_each():
    lines = warnings_of(with_factors({2: 0.95}, {0: 1.05}))
    assert [line[:21] for line in lines] == ["track 20170406, spw 2", "track 20170407, spw 0"]


def test_of_two_that_may_be_it_both_are_named():
    (line,) = warnings_of(with_factors({0: 0.985}))
    assert "spw 0: its Stokes I is -1.5 % off" in line
    assert "(or spw 1 is)" in line


def test_flux_scales_that_all_differ_are_told_as_that():
    (line,) = warnings_of(with_factors({0: 1.1, 1: 0.9, 2: 1.1, 3: 0.9}))
    assert "which lie on none themselves" in line


def test_a_core_that_varies_while_a_spw_is_flagged_is_not_off():
    tables = reported.campaign(1, n=400, bad=0)
    curve = tables.curves["20170406"]
    curve["I"] = 1.0 + np.tile(np.arange(400) / 400, 4)
    curve["good"][(curve["spw"] == 2) & (np.tile(np.arange(400), 4) > 100)] = False
    assert list(about_the_power_law(tables)) == []


def test_what_the_errors_allow_is_not_blamed_on_a_spw():
    tables = with_factors({2: 0.98})
    assert len(list(about_the_power_law(tables))) == 1
    tables.curves["20170406"]["I_err"] = 0.05 * tables.curves["20170406"]["I"]  # phases are off
    assert list(about_the_power_law(tables)) == []


def test_spws_too_close_for_what_is_fitted_over_them_are_told():
    tables = reported.campaign(1)
    assert list(about_close_spws(tables)) == []
    tables.polarimetry["20170406"].meta["caution"] = "spws (213.1, 213.2 GHz) are too close"
    (line,) = warnings_of(tables)
    assert line.startswith("track 20170406, spw 0, 1, 2, 3: spws (213.1, 213.2 GHz) are too close")
    assert "quote neither" in line
    page = campaign_page(tables, {}, reported.origins())
    section = page[page.index('<section id="polarimetry">') :]
    assert '<p class="warnings">track 20170406: spws (213.1, 213.2 GHz)' in section
