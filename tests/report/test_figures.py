"""The report's interactive figures, as Bokeh has them."""

from functools import cache

import numpy as np
import pytest
from bokeh.models import HoverTool

from minispiral.light_curves.flagging import DEVIATION, EXPLANATIONS
from minispiral.report.figures import track_figures
from minispiral.report.summary import CampaignTables
from tests.helpers import reported


def figures_of(tables: CampaignTables, track: str, points: int = 1000):
    return track_figures(
        tables.curves[track], tables.residuals[track], tables.hour_angles[track],
        tables.polarimetry.get(track),
        list(tables.frequencies), points,
    )  # fmt: skip


def panels_of(grid) -> dict:
    return {panel.tags[0]: panel for panel, *_ in grid.children}


@cache
def figures_of_a_campaign(spws: int = 4):
    """Its first track's figures, for tests that leave them as they are."""
    return figures_of(reported.campaign(spws=spws), "20170406")


def test_all_panels_in_time_zoom_together():
    made = figures_of_a_campaign(spws=2)
    ranges = {
        panel.x_range.id
        for section in ("light_curves", "minispiral", "gains", "polarimetry")
        for panel in panels_of(made.sections[section]).values()
    }
    assert len(ranges) == 1


def test_points_are_the_good_integrations_with_their_errors():
    tables = reported.campaign()
    panel = panels_of(figures_of_a_campaign().sections["light_curves"])["I"]
    (data,) = [r.data_source.data for r in panel.renderers if r.name == "spw 2"]
    curve = tables.curves["20170406"]
    curve = curve[(curve["spw"] == 2) & curve["good"]]
    np.testing.assert_allclose(data["I"], curve["I"], rtol=1e-6)
    # what neighbours share of the error, the gain's, is the band
    shared = curve["I"] * curve["gain_err"] / curve["gain"]
    own = np.sqrt(np.maximum(curve["I_err"] ** 2 - shared**2, 0))
    np.testing.assert_allclose(data["I_high"] - data["I_low"], 2 * own, atol=2e-6)
    np.testing.assert_allclose(data["I_shared"], np.minimum(shared, curve["I_err"]), rtol=1e-3)
    np.testing.assert_allclose(data["I_err"], curve["I_err"], rtol=1e-6)
    # MJD 57849.3 is 2017-04-06 07:12
    assert data["time"][0] == pytest.approx(1491462720e3 + 2 * 6e3, abs=1)


def test_all_that_is_drawn_of_a_spw_has_its_tag():
    for section, grid in figures_of_a_campaign().sections.items():
        for panel in panels_of(grid).values():
            tags = [tag for r in panel.renderers for tag in r.tags if tag != "flagged"]
            if section == "polarimetry":
                assert tags == []
            else:
                assert len(tags) == len(panel.renderers)
                assert set(tags) == {"spw0", "spw1", "spw2", "spw3"}


def test_flagged_integrations_are_marked_within_the_panel_with_their_reason():
    panel = panels_of(figures_of_a_campaign().sections["light_curves"])["I"]
    crosses = [r for r in panel.renderers if "flagged" in r.tags]
    assert len(crosses) == 4
    assert crosses[0].name == f"spw 0, not used ({EXPLANATIONS[DEVIATION]})"
    assert list(crosses[0].data_source.data["I"]) == [9.0, 9.0]
    # at the lower edge, whatever is shown of the values
    assert crosses[0].y_range_name in panel.extra_y_ranges
    assert crosses[0] not in panel.y_range.renderers


def test_a_flare_of_good_points_is_in_view():
    tables = reported.campaign(1, 1)
    tables.curves["20170406"]["I"][10] = 4.5
    panel = panels_of(figures_of(tables, "20170406").sections["light_curves"])["I"]
    points = [r for r in panel.renderers if r.name == "spw 0"]
    assert points[0] in panel.y_range.renderers
    assert points[0].data_source.data["I"].max() == 4.5
    assert panel.window_axis == "x"  # values follow what is in view


def test_what_no_integration_has_is_left_out():
    tables = reported.campaign(1, 1, polarimetry={})
    for name in ("U", "P", "EVPA", "V"):
        tables.curves["20170406"][name] = np.nan
    panels = panels_of(figures_of(tables, "20170406").sections["light_curves"])
    assert list(panels) == ["I"]


def test_evpa_is_followed_through_half_turns():
    tables = reported.campaign(1, 2, polarimetry={})
    curve = tables.curves["20170406"]
    turning = np.linspace(60, 250, len(curve) // 2)
    curve["EVPA"] = np.tile((turning + 90) % 180 - 90, 2)
    panel = panels_of(figures_of(tables, "20170406").sections["light_curves"])["EVPA"]
    shown = [r.data_source.data["EVPA"] for r in panel.renderers if r.name in ("spw 0", "spw 1")]
    np.testing.assert_allclose(np.diff(shown[0]), np.diff(turning[2:]), atol=1e-4)
    np.testing.assert_allclose(shown[0], shown[1])


def test_minispiral_before_and_after_has_one_scale():
    before, after = panels_of(figures_of_a_campaign(spws=2).sections["minispiral"]).values()
    assert before.y_range is after.y_range


def test_long_tracks_are_averaged():
    made = figures_of(reported.campaign(1, n=600), "20170406", points=100)
    assert made.binned == 6
    panel = panels_of(made.sections["light_curves"])["I"]
    data = next(r for r in panel.renderers if r.name == "spw 0").data_source.data
    assert 100 <= len(data["I"]) <= 130  # a scan's last point may be of fewer


def test_numbers_that_are_pointed_at_have_the_digits_of_their_errors():
    panel = panels_of(figures_of_a_campaign().sections["light_curves"])["I"]
    texts = [tool.tooltips for tool in panel.toolbar.tools if isinstance(tool, HoverTool)]
    assert any("@I{0.0000} ± @I_err{0.0000}" in text for text in texts)  # errors of 0.005
    panel = panels_of(figures_of_a_campaign().sections["polarimetry"])["spectral_index"]
    texts = [tool.tooltips for tool in panel.toolbar.tools if isinstance(tool, HoverTool)]
    assert any("@spectral_index{0.00}" in text for text in texts)  # errors of 0.1
