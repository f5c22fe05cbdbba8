"""What no reader of the report may overlook."""

from dataclasses import replace

import numpy as np

from minispiral.report.alarms import alarms_of
from minispiral.report.page import campaign_page
from minispiral.report.summary import summarize_track
from minispiral.report.tables import lead, statistics_table
from minispiral.report.warnings import warnings_of
from tests.helpers import reported


def none_found(tracks: int = 2, **fields):
    tables = reported.campaign(tracks, **fields)
    return reported.without_minispiral(tables, *tables.tracks)


def test_a_sound_campaign_has_none():
    assert alarms_of(reported.campaign()) == []
    assert (
        "alarms"
        not in campaign_page(reported.campaign(1), {}, reported.origins()).split("<body>")[1]
    )


def test_no_minispiral_is_one_line_with_its_numbers():
    (line,) = alarms_of(none_found())
    assert "(tracks 20170406, 20170407, spw 0, 1, 2, 3)" in line
    for said in ("1.0 % of the core's flux", "is 3.0 times its error", "1.5 times as large"):
        assert said in line
    assert "\n" not in line


def test_what_to_do_follows_from_where_the_sky_is_from():
    assert "widen image.mask" in alarms_of(none_found())[0]
    joint = none_found(skies={"20170406": "*", "20170407": "*"})
    assert "mask" not in alarms_of(joint)[0]


def test_all_else_that_is_odd_then_is_not_said():
    for chi2 in (21.0, 0.02):
        bad = {"20170406": {k: reported.residuals(chi2) for k in range(4)}}
        assert len(warnings_of(reported.campaign(1, residuals=bad))) == 1
        assert warnings_of(none_found(1, residuals=bad)) == []


def test_the_page_says_it_first_and_in_red_and_quotes_no_errors():
    tables = none_found(1)
    page = campaign_page(tables, {}, reported.origins())
    section = page[page.index('<section id="summary">') :]
    assert section.index('<ul class="alarms"') < section.index("<p>")
    assert "No limit is exceeded" not in section
    assert "Stokes I of the core lies" not in page
    assert "no minispiral" in page
    assert "--alarm-line: #b3261e" in page
    assert not np.isfinite(summarize_track(tables, "20170406").error)


def test_of_two_tracks_the_sound_one_is_quoted():
    tables = reported.without_minispiral(reported.campaign(2), "20170407")
    (line,) = alarms_of(tables)
    assert "20170406" not in line
    assert np.isfinite(summarize_track(tables, "20170406").error)
    assert np.isnan(summarize_track(tables, "20170407").flux).all()
    assert "Stokes I of the core lies" in lead(tables)
    assert alarms_of(tables.of_track("20170406")) == []
    assert alarms_of(tables.of_track("20170407"))


def test_statistics_of_what_does_not_hold_are_left_out():
    tables = reported.campaign(1)
    names = ["track", "spw", "n", "mean", "mean_err", "modulation_index", "modulation_index_err"]
    rows = [("20170406", spw, 58, 2.5, 0.01, 0.1, 0.01) for spw in range(4)]
    statistics = reported.Table(rows=rows, names=names)
    tables = replace(tables, statistics=statistics)
    assert len(statistics_table(tables)["rows"]) == 4
    assert statistics_table(reported.without_minispiral(tables, "20170406")) is None
