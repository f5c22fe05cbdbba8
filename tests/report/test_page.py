"""The report as a page: what it has, and that it needs nothing but itself."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from minispiral.light_curves.feed_errors import Floors
from minispiral.light_curves.polarization_floors import META as FLOORS
from minispiral.light_curves.polarization_floors import as_meta
from minispiral.measures.stated import META, Stated
from minispiral.report.inputs import solved_rounds
from minispiral.report.links import files_of_page
from minispiral.report.page import campaign_page, track_page
from minispiral.report.summary import CampaignTables
from tests.helpers import reported


class _Links(HTMLParser):
    """Addresses that a page names, and its element ids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, _, attrs):
        for name, value in attrs:
            if name in ("src", "href"):
                self.found.append(value)
            if name == "id":
                self.ids.append(value)


def links(page: str) -> _Links:
    parser = _Links()
    parser.feed(page)
    return parser


def page_of(tables: CampaignTables, **parts) -> str:
    return campaign_page(tables, {}, reported.origins(), **parts)


@pytest.fixture(scope="module")
def page() -> str:
    return page_of(reported.campaign(spws=2))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> dict[str, Path]:
    return reported.pictures(tmp_path_factory.mktemp("pictures"), "20170407")


def test_a_page_without_warnings_says_so(page):
    assert "No limit is exceeded" in page


def test_what_no_error_contains_is_stated_of_the_tracks_that_it_holds_for():
    tables = reported.campaign(spws=2)
    assert "Not in any error" not in page_of(tables)  # of products that state nothing
    curves = {track: curve.copy() for track, curve in tables.curves.items()}
    for curve in curves.values():
        curve.meta[META] = Stated(0.1, 0.006).as_meta()
    page = page_of(replace(tables, curves=curves))
    assert page.count("Not in any error: the absolute flux scale, 10 %") == 1
    first = next(iter(curves))
    curves[first].meta[META] = Stated(0.05, 0.0015).as_meta()
    page = page_of(replace(tables, curves=curves))
    assert f"{first}: Not in any error: the absolute flux scale, 5 %" in page
    assert "the floor of Stokes V, 0.15 % of Stokes I" in page


def test_a_page_has_its_sections_and_links_within_itself_or_beside_it(page):
    parser = links(page)
    outside = [a for a in parser.found if not a.startswith(("#", "data:"))]
    assert outside == ["20170406/report.html", "20170407/report.html"]
    for anchor in (a[1:] for a in parser.found if a.startswith("#")):
        assert anchor in parser.ids
    assert len(parser.ids) == len(set(parser.ids))
    assert "default-src 'none'" in page


def test_a_page_links_to_what_there_is_and_says_how_to_get_the_rest():
    products = ["light_curves.ecsv", "20170406/light_curves.ecsv", "20170406/demo.gains"]
    products += ["selfcal/ngc/rounds.ecsv", "selfcal/ngc/ngc.fits"]
    there = {"20170406/light_curves_10s.ecsv", "science.html", "systematics.html"}
    there |= {"psd.ecsv", "science/lags.ecsv", "systematics.ecsv"}
    linked = files_of_page(
        products, ["20170406"], ["light_curves_10s.ecsv"], True, there.__contains__
    )
    page = page_of(reported.campaign(1, 1), files=linked, prints=["light_curves.pdf"])
    assert {*products, *there, "light_curves.pdf", "logs/"} <= set(links(page).found)
    for target in ("binned", "systematics", "validate", "calibrated"):
        assert f"<code>minispiral run {target}</code>" in page
    assert page.count("not there when this page was written") == 2


def test_a_tracks_page_is_of_that_track_and_links_back(pictures):
    page = track_page(reported.campaign(spws=1), "20170407", pictures, reported.origins())
    assert "../report.html" in links(page).found
    assert 'value="20170407"' in page
    assert 'value="20170406"' not in page
    assert page.count('src="data:image/webp') == 5


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


def test_targets_alone_make_a_page(pictures):
    picture = pictures["sky"]
    rounds = {"ngc": Table({"round": [0, 1], "rms": [1e-3, np.nan], "accepted": [True, True]})}
    rounds["ngc"].add_columns([[10.0, 200.0], [0, 1]], names=["dynamic_range", "best"])
    page = page_of(
        CampaignTables("vla", rounds=rounds), target_pictures={"ngc": {"rounds": picture}}
    )
    assert "Self-calibrated: ngc (peak / rms from 10 to 200, by round 1)" in page
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


def test_what_stopped_the_turns_is_said_on_the_pages_of_the_tracks_that_share_the_sky():
    tables = reported.campaign(2, 1, turns=reported.turns(), skies={"20170406": "*"})
    page = page_of(tables)
    assert "turns stopped after 2 of at most 8: fluxes changed by 0.06 of their errors" in page
    assert "<td>a, spw 1</td>" in page
    for track, said in (("20170406", True), ("20170407", False)):
        of_track = track_page(tables, track, {}, reported.origins())
        assert ("turns stopped after 2" in of_track) == said
    assert "Self-calibration and convergence" not in page_of(reported.campaign(1, 1))


def test_what_feeds_leave_is_said_of_each_track():
    tables = reported.campaign(2, 1)
    measured = {"20170406": as_meta(Floors(0.0017, 0.0005, 3.1, 0.3, 160.0))}
    tables.curves["20170406"].meta[FLOORS] = measured
    page = page_of(tables)
    assert page.count("0.17 ± 0.05 % of Stokes I in V and 3.1 ± 0.3 deg in EVPA") == 1
    assert "Errors of the feeds" not in page_of(reported.campaign(1, 1))


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
