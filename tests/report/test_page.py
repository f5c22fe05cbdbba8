"""The report: what it says of a campaign, what it draws, and that it needs nothing but itself."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from astropy.table import Table

from minispiral.light_curves.flagging import DEVIATION, EXPLANATIONS
from minispiral.measures.times import evenly, stretches
from minispiral.plots.style import PANELS
from minispiral.report.figures import track_figures
from minispiral.report.inputs import solved_rounds
from minispiral.report.page import campaign_page, track_page
from minispiral.report.points import bin_means, bin_size, bins, flagged_points
from minispiral.report.summary import CampaignTables
from tests.helpers import reported


class _Links(HTMLParser):
    """Addresses that a page names, and its element ids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("src", "href"):
                self.found.append(value)
            if name == "id":
                self.ids.append(value)


def links(page: str) -> _Links:
    parser = _Links()
    parser.feed(page)
    return parser


def page_of(tables: CampaignTables, **others) -> str:
    return campaign_page(tables, {}, reported.origins(), **others)


@pytest.fixture(scope="module")
def page() -> str:
    return page_of(reported.campaign(spws=2), prints=["light_curves.pdf"])


# points


def test_bins_have_as_many_integrations_and_end_with_a_scan():
    scan = np.array([1, 1, 1, 1, 1, 2, 2, 2, 3])
    assert bins(scan, 2).tolist() == [0, 0, 1, 1, 2, 3, 3, 4, 5]
    assert bins(scan, 1).tolist() == list(range(9))


@pytest.mark.parametrize(
    ("n", "points", "size"), [(10, 10, 1), (11, 10, 2), (4500, 1000, 5), (0, 9, 1)]
)
def test_bins_are_as_large_as_they_must_be(n, points, size):
    assert bin_size(n, points) == size


def test_means_leave_out_what_is_missing_and_angles_turn():
    scan = np.zeros(4, int)
    angles = [89.0, -89.0, 10.0, 20.0]
    values = {"I": [1.0, np.nan, 3.0, 5.0], "EVPA": angles, "EVPA_intrinsic": angles}
    means = bin_means(values, scan, 2)
    np.testing.assert_allclose(means["I"], [1.0, 4.0])
    for name in ("EVPA", "EVPA_intrinsic"):
        np.testing.assert_allclose(np.abs(means[name]), [90.0, 15.0])


def test_times_are_parted_by_gaps():
    mjd = np.array([0, 1, 2, 10, 11, 30]) + 57849.0
    assert stretches(mjd).tolist() == [0, 0, 0, 1, 1, 2]
    assert stretches(mjd[:1]).tolist() == [0]


def test_flagged_points_are_few_enough_and_told_by_their_flag():
    curve = reported.curve("a", spws=1, n=1000, bad=400)
    values = {name: np.asarray(curve[name]) for name in curve.colnames}
    values["flag"][300:400] = "chi2"
    found = flagged_points(values, PANELS, 500)
    assert {flag: len(data["time"]) for flag, data in found.items()} == {
        "deviation": 100,
        "chi2": 100,
    }


def test_no_integration_makes_no_point():
    assert bin_means({"I": []}, np.zeros(0, int), 3)["I"].tolist() == []
    assert evenly(0, 5).tolist() == []
    assert evenly(100, 3).tolist() == [0, 49, 99]


# figures


def figures_of(tables: CampaignTables, track: str, points: int = 1000):
    return track_figures(
        tables.curves[track], tables.residuals[track], tables.polarimetry.get(track),
        list(tables.frequencies), points,
    )  # fmt: skip


def panels_of(grid) -> dict:
    return {panel.tags[0]: panel for panel, *_ in grid.children}


def test_all_panels_in_time_zoom_together():
    made = figures_of(reported.campaign(spws=2), "20170406")
    ranges = {
        panel.x_range.id
        for section in ("light_curves", "minispiral", "gains", "polarimetry")
        for panel in panels_of(made.sections[section]).values()
    }
    assert len(ranges) == 1


def test_points_are_the_good_integrations_with_their_errors():
    tables = reported.campaign()
    panel = panels_of(figures_of(tables, "20170406").sections["light_curves"])["I"]
    (data,) = [r.data_source.data for r in panel.renderers if r.name == "spw 2"]
    mine = tables.curves["20170406"]
    mine = mine[(mine["spw"] == 2) & mine["good"]]
    np.testing.assert_allclose(data["I"], mine["I"], rtol=1e-6)
    np.testing.assert_allclose(data["I_high"] - data["I_low"], 2 * mine["I_err"], rtol=1e-3)
    # MJD 57849.3 is 2017-04-06 07:12
    assert data["time"][0] == pytest.approx(1491462720e3 + 2 * 6e3, abs=1)


def test_all_that_is_drawn_of_a_spw_has_its_tag():
    tables = reported.campaign()
    for section, grid in figures_of(tables, "20170406").sections.items():
        for panel in panels_of(grid).values():
            tags = [tag for r in panel.renderers for tag in r.tags if tag != "flagged"]
            if section == "polarimetry":
                assert tags == []
            else:
                assert len(tags) == len(panel.renderers)
                assert set(tags) == {"spw0", "spw1", "spw2", "spw3"}


def test_flagged_integrations_are_marked_within_the_panel_with_their_reason():
    panel = panels_of(figures_of(reported.campaign(), "20170406").sections["light_curves"])["I"]
    crosses = [r for r in panel.renderers if "flagged" in r.tags]
    assert len(crosses) == 4
    assert crosses[0].name == f"spw 0, not used ({EXPLANATIONS[DEVIATION]})"
    data = crosses[0].data_source.data
    assert list(data["I"]) == [9.0, 9.0]
    assert np.all(data["I_at"] < panel.y_range.end)
    assert np.all(data["I_at"] > panel.y_range.start)


def test_a_flare_of_good_points_is_in_view():
    tables = reported.campaign(1, 1)
    tables.curves["20170406"]["I"][10] = 4.5
    panel = panels_of(figures_of(tables, "20170406").sections["light_curves"])["I"]
    assert panel.y_range.end > 4.5


def test_minispiral_before_and_after_has_one_scale():
    before, after = panels_of(
        figures_of(reported.campaign(spws=2), "20170406").sections["minispiral"]
    ).values()
    assert (before.y_range.start, before.y_range.end) == (after.y_range.start, after.y_range.end)


def test_long_tracks_are_averaged():
    made = figures_of(reported.campaign(1, n=600), "20170406", points=100)
    assert made.binned == 6
    panel = panels_of(made.sections["light_curves"])["I"]
    data = next(r for r in panel.renderers if r.name == "spw 0").data_source.data
    assert 100 <= len(data["I"]) <= 130  # a scan's last point may be of fewer


# the page


def test_a_page_without_warnings_says_so(page):
    assert "No limit is exceeded" in page


def test_a_page_has_its_sections_and_links_within_itself_or_beside_it(page):
    found = links(page)
    outside = [a for a in found.found if not a.startswith(("#", "data:"))]
    assert outside == ["20170406/report.html", "20170407/report.html", "light_curves.pdf"]
    for anchor in (a[1:] for a in found.found if a.startswith("#")):
        assert anchor in found.ids
    assert len(found.ids) == len(set(found.ids))
    assert "default-src 'none'" in page


def test_a_tracks_page_is_of_that_track_and_links_back(tmp_path):
    tables = reported.campaign(spws=1)
    page = track_page(
        tables, "20170407", reported.pictures(tmp_path, "20170407"), reported.origins()
    )
    assert "../report.html" in links(page).found
    assert 'value="20170407"' in page and 'value="20170406"' not in page
    assert page.count('src="data:image/webp') == 3


@pytest.mark.parametrize(
    "tables",
    [
        reported.campaign(1, 2, polarimetry={}),
        reported.campaign(1, 1, polarimetry={}),
        reported.campaign(1, 2, residuals={}),
        reported.campaign(1, 2, flux=None),
        reported.campaign(
            1, 2, curves={"20170406": reported.curve("20170406", 2, bad=60)}, polarimetry={}
        ),
    ],
)
def test_it_stands_without_what_a_campaign_lacks(tables):
    assert "Provenance" in page_of(tables)


def test_targets_alone_make_a_page(tmp_path):
    picture = reported.pictures(tmp_path, "ngc")["im1"]
    rounds = {"ngc": Table({"round": [0, 1], "rms": [1e-3, np.nan], "accepted": [True, True]})}
    page = page_of(CampaignTables("vla", rounds=rounds), target_pictures={"ngc": picture})
    assert "Self-calibrated: ngc" in page
    assert "Bokeh" not in page


def test_rounds_of_self_calibration_are_listed():
    solved = solved_rounds(
        [{"track": "20170406", "iteration": 1, "how": {"calmode": "ap", "solint": "60s"}}]
    )
    convergence = Table({"track": ["20170406"], "spw": [0], "iteration": [1]})
    convergence["another_is_worth_it"], convergence["solutions_failed"] = True, 0.3
    tables = reported.campaign(1, 1, convergence=convergence, solved=solved)
    page = page_of(tables)
    assert "<td>20170406</td><td>1</td><td>ap</td><td>60s</td>" in page
    assert "Self-calibration and convergence" in page


HOSTILE = "</script><script>alert(1)</script><!--"


def test_no_text_of_a_table_becomes_part_of_the_page():
    tables = reported.campaign(1)
    curves = tables.curves["20170406"].copy()
    curves["flag"] = np.where(curves["good"], "-", HOSTILE)
    page = campaign_page(
        replace(tables, curves={"20170406": curves}),
        {},
        reported.origins(configuration=HOSTILE, commands=[HOSTILE], inputs=[{"track": HOSTILE}]),
    )
    assert "<script>alert" not in page
    data = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.S)[1]
    assert HOSTILE in json.dumps(json.loads(data), ensure_ascii=False)


@pytest.mark.slow
def test_ten_full_tracks_stay_below_15_megabytes(tmp_path):
    # of each spw a third is flagged, and nothing can be compressed
    tables = reported.campaign(10, n=4500, bad=1500)
    pictures = dict.fromkeys(tables.tracks, reported.pictures(tmp_path, "any", size=512))
    page = campaign_page(tables, pictures, reported.origins())
    assert len(page.encode()) < 15e6
