"""Points of light curves, few enough for a page."""

import numpy as np
import pytest

from minispiral.measures.times import evenly
from minispiral.plots.style import PANELS
from minispiral.report.points import bin_means, bin_size, bins, flagged_points
from tests.helpers import reported


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


def test_flagged_points_are_few_enough_and_told_by_their_flag():
    curve = reported.curve("a", spws=1, n=1000, bad=400)
    values = {name: np.asarray(curve[name]) for name in curve.colnames}
    values["flag"][300:400] = "chi2"
    points = flagged_points(values, PANELS, 500)
    assert {flag: len(data["time"]) for flag, data in points.items()} == {
        "deviation": 100,
        "chi2": 100,
    }


def test_no_integration_makes_no_point():
    assert bin_means({"I": []}, np.zeros(0, int), 3)["I"].tolist() == []
    assert evenly(0, 5).tolist() == []
    assert evenly(100, 3).tolist() == [0, 49, 99]
