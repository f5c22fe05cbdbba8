"""Sums between groups of antennas: fluxes and pointing of any part of the array."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from minispiral.sky.group_sums import Fit, GroupSums, group_sums
from minispiral.sky.track import SpwData, fit_fluxes
from tests.helpers.averages import CORE, FREQUENCY, Array, sky

ANTENNAS, TIMES = 12, np.arange(20) * 60.0
GROUP = np.arange(ANTENNAS) % 4
ARRAY = Array(ANTENNAS, TIMES)
HALF = (0, 2)


@cache
def data():
    """Weights are all different, and a third of the rows are turned round."""
    rng = np.random.default_rng(4)
    averages = ARRAY.data()
    turned = rng.random(len(averages.bin)) < 1 / 3
    first, second = averages.antenna1, averages.antenna2
    return replace(
        averages,
        weight=averages.weight * rng.uniform(0.2, 2, len(turned)),
        uv=np.where(turned, -averages.uv, averages.uv),
        values=np.where(turned, np.conj(averages.values), averages.values),
        antenna1=np.where(turned, second, first),
        antenna2=np.where(turned, first, second),
    )


@cache
def sums() -> GroupSums:
    return group_sums(data(), sky(), GROUP)


@pytest.mark.parametrize("core", [CORE, (1.2, -0.4)])
def test_fluxes_of_all_groups_are_those_of_the_normal_equations(core):
    model = replace(sky(), core_offset=core)
    fit = group_sums(data(), model, GROUP).within(range(4))
    minispiral = model.minispiral_visibilities(data().uv, FREQUENCY)
    expected = fit_fluxes(SpwData(data()), minispiral, 1.0, core)
    extended, compact = fit.fluxes()
    np.testing.assert_allclose(extended, expected.extended, rtol=1e-9)
    np.testing.assert_allclose(compact, expected.core, rtol=1e-9)
    one_group = group_sums(data(), model, 0 * GROUP).within([0])
    np.testing.assert_allclose(one_group.fluxes()[0], extended, rtol=1e-9)


def test_products_of_a_half_are_the_direct_sums_over_its_baselines():
    rows = data()
    inside = np.isin(GROUP[rows.antenna1], HALF) & np.isin(GROUP[rows.antenna2], HALF)
    assert 0 < inside.sum() < len(inside) / 2
    east, north = sky().pointing_visibilities(rows.uv, FREQUENCY)
    m = sky().minispiral_visibilities(rows.uv, FREQUENCY)
    terms = {"v": rows.values, "m": m, "p": np.ones(len(m)), "x": east, "y": north}
    half = sums().within(HALF).s
    assert len(half) == 14  # all pairs of the five but <v, v>
    for name, found in half.items():
        a, b = (terms[term] for term in name)
        products = np.where(inside, rows.weight * np.real(a * np.conj(b)), 0.0)
        np.testing.assert_allclose(
            found, np.bincount(rows.bin, products), atol=1e-6 * np.ptp(found)
        )


def test_the_ratios_variance_is_that_of_its_scatter():
    array = Array(ANTENNAS, np.arange(400) * 1.0)
    value, variance = group_sums(array.data(), sky(), GROUP).within(HALF).ratio()
    pulls = (value - np.log(2.5 / 1.1)) / np.sqrt(variance)
    assert np.std(pulls) == pytest.approx(1, abs=0.12)
    assert np.mean(pulls) == pytest.approx(0, abs=4 / 20)


def test_a_fit_that_points_is_the_fit_with_the_model_that_points():
    rng = np.random.default_rng(5)
    offset = 0.3 * rng.standard_normal((len(TIMES), 2))
    rows = data()
    slopes = sky().pointing_visibilities(rows.uv, FREQUENCY)
    minispiral = sky().minispiral_visibilities(rows.uv, FREQUENCY)
    minispiral = minispiral + np.sum(offset[rows.bin].T * slopes, axis=0)
    expected = fit_fluxes(SpwData(rows), minispiral, 1.0, CORE)
    extended, compact = sums().within(range(4)).pointed(offset).fluxes()
    np.testing.assert_allclose(extended, expected.extended, rtol=1e-8)
    np.testing.assert_allclose(compact, expected.core, rtol=1e-8)


def test_the_pointings_equations_are_those_of_least_squares_with_the_fluxes_free():
    """Gauss-Newton about no pointing, the whole design matrix written out, bin by bin."""
    rows = data()
    matrix, right = sums().within(range(4)).pointing_equations()
    extended, _ = sums().within(range(4)).fluxes()
    m = sky().minispiral_visibilities(rows.uv, FREQUENCY)
    slopes = sky().pointing_visibilities(rows.uv, FREQUENCY)
    for k in (0, 7, 19):
        of = rows.bin == k
        columns = np.stack([m[of], np.ones(of.sum()), *(extended[k] * slopes[:, of])], axis=-1)
        root = np.sqrt(rows.weight[of])
        design = np.concatenate([root[:, None] * columns.real, root[:, None] * columns.imag])
        seen = np.concatenate([root * rows.values[of].real, root * rows.values[of].imag])
        solution = np.linalg.lstsq(design, seen, rcond=None)[0]
        covariance = np.linalg.inv(design.T @ design)
        assert np.linalg.solve(matrix[k], right[k]) == pytest.approx(solution[2:], rel=1e-5)
        np.testing.assert_allclose(np.linalg.inv(matrix[k]), covariance[2:, 2:], rtol=1e-5)


def test_a_bin_without_data_tells_nothing():
    rows = data()
    rest = group_sums(rows.rows(rows.bin != 7), sky(), GROUP).within(range(4))
    matrix, right = rest.pointing_equations()
    assert not matrix[7].any()
    assert not right[7].any()
    assert np.isnan([*rest.fluxes(), *rest.ratio()])[:, 7].all()
    assert np.isfinite(np.delete(rest.ratio(), 7, axis=1)).all()


def test_a_minispiral_that_is_a_point_is_not_told_from_the_core():
    ones = np.ones(3)
    fit = Fit({"mm": ones, "pp": ones, "mp": ones, "vm": ones, "vp": ones})
    assert np.isnan(fit.fluxes()).all()
