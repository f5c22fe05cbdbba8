"""What the report says of a track in a line."""

import pytest

from minispiral.report.summary import summarize_track
from minispiral.report.tables import lead, summary_row
from tests.helpers import reported


def test_a_track_is_summarised_in_a_line():
    row = summarize_track(reported.campaign(), "20170407")
    assert (row.start, row.end) == ("2017-04-07 07:12", "2017-04-07 07:18")
    assert row.good == pytest.approx(58 / 60)
    assert row.flux == pytest.approx((2.5, 2.6), abs=0.01)
    assert row.error == pytest.approx(0.002, rel=0.05)
    assert row.polarized == pytest.approx(0.2 / 2.55, rel=0.05)
    assert row.chi2 == 1


def test_a_track_without_a_good_integration_has_dashes():
    tables = reported.campaign(1, curves={"20170406": reported.curve("20170406", bad=60)})
    cells = summary_row(summarize_track(tables, "20170406"), None)["cells"]
    assert cells.count("-") == 3
    assert "No integration is good" in lead(tables)
