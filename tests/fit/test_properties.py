"""What holds of the fit whatever the data: any weights, flags, numbers of baselines, fluxes."""

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from minispiral.fit.normal_equations import NormalSums
from minispiral.visibilities.stokes import stokes_visibilities

LINEAR = ("XX", "XY", "YX", "YY")
FLUXES = ("I_extended", "I_compact", "Q", "U", "V")


@dataclass(frozen=True)
class Data:
    """Rows of some integrations: what is measured, and the models of 1 Jy."""

    n: int
    index: np.ndarray
    data: np.ndarray
    weight: np.ndarray
    flag: np.ndarray
    model: np.ndarray
    core: np.ndarray

    def fit(self) -> dict[str, np.ndarray]:
        sums = NormalSums(self.n)
        stokes = stokes_visibilities(self.data, self.weight, self.flag, LINEAR)
        sums.add(self.index, stokes, self.model, self.core)
        return sums.solve()

    def at(self, rows: np.ndarray) -> "Data":
        parts = {
            name: getattr(self, name)[..., rows]
            for name in self.__dataclass_fields__
            if name != "n"
        }
        return Data(self.n, **parts)


@st.composite
def observations(draw, noise: float = 0.1) -> tuple[Data, dict[str, np.ndarray]]:
    """Any data with their true fluxes: baselines, weights over six decades, flags."""
    n, baselines = draw(st.integers(1, 4)), draw(st.integers(4, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    index = np.repeat(np.arange(n), baselines)
    rows = len(index)
    truth = {name: rng.normal(0, 1, n) for name in FLUXES}
    truth["I_extended"], truth["I_compact"] = rng.uniform(0.1, 5, (2, n))
    model = 0.7 * (rng.normal(size=rows) + 1j * rng.normal(size=rows))
    core = np.exp(2j * np.pi * rng.random(rows))
    i = truth["I_extended"][index] * model + truth["I_compact"][index] * core
    q, u, v = (truth[name][index] * core for name in "QUV")
    data = np.array([i + q, u + 1j * v, u - 1j * v, i - q])
    data = data + noise * (rng.normal(size=data.shape) + 1j * rng.normal(size=data.shape))
    decades = draw(st.floats(0, 3))
    weight = 10 ** rng.uniform(-decades, decades, data.shape)
    flag = rng.random(data.shape) < draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))
    weight[rng.random(data.shape) < 0.05] = draw(st.sampled_from([0.0, -1.0, np.nan, np.inf]))
    data[flag & (rng.random(data.shape) < 0.5)] = draw(st.sampled_from([np.nan, np.inf, 1e30]))
    return Data(n, index, data, weight, flag, model, core), truth


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray], tolerance: float = 1e-7) -> None:
    assert one.keys() == other.keys()
    for name, values in one.items():
        np.testing.assert_allclose(other[name], values, tolerance, tolerance, err_msg=name)


@given(observations(noise=0.0))
@settings(max_examples=100, deadline=None)
def test_what_was_put_in_comes_out_or_nan(made):
    data, truth = made
    fit = data.fit()
    good = data.flag | ~(data.weight > 0) | ~np.isfinite(data.weight)
    usable = np.bincount(data.index, ~(good[0] | good[3]), minlength=data.n)
    np.testing.assert_array_equal(fit["n_vis"], usable)
    for name, values in truth.items():
        finite_rows = np.isfinite(fit[name])
        assert finite_rows[usable >= 3].all() or name in "UV"  # of the cross hands
        np.testing.assert_allclose(
            fit[name][finite_rows], values[finite_rows], rtol=1e-5, atol=1e-5
        )


@given(observations(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_does_not_matter(made, draw):
    data, _ = made
    rows = list(range(len(data.index)))
    draw.shuffle(rows)
    same(data.fit(), data.at(np.array(rows)).fit())


@given(observations(), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_swapped_antennas_with_conjugate_visibilities_do_not_matter(made, seed):
    """Baseline ba sees conj of ab: XX and YY conjugate, XY and YX conjugate and exchanged."""
    data, _ = made
    swapped = np.random.default_rng(seed).random(len(data.index)) < 0.5

    def exchanged(values: np.ndarray) -> np.ndarray:
        return np.where(swapped, values[[0, 2, 1, 3]], values)

    def conjugate(values: np.ndarray) -> np.ndarray:
        return np.where(swapped, np.conj(values), values)

    other = replace(
        data,
        data=conjugate(exchanged(data.data)),
        weight=exchanged(data.weight),
        flag=exchanged(data.flag),
        model=conjugate(data.model),
        core=conjugate(data.core),
    )
    same(data.fit(), other.fit())


@given(observations(), st.floats(1e-3, 1e3), st.floats(1e-6, 1e6))
@settings(max_examples=60, deadline=None)
def test_fluxes_and_errors_scale_with_the_data_and_not_with_the_weights(made, scale, weights):
    data, _ = made
    fit = data.fit()
    with np.errstate(invalid="ignore"):  # inf of what is flagged
        scaled = replace(data, data=scale * data.data, weight=weights * data.weight).fit()
    expected = {name: scale * values for name, values in fit.items()}
    expected["covariance"] = scale**2 * fit["covariance"]
    expected["chi2"] = scale**2 * weights * fit["chi2"]
    expected["n_vis"] = fit["n_vis"]
    for name, values in expected.items():
        size = np.nanmax(np.abs(values), initial=0)
        np.testing.assert_allclose(scaled[name], values, 1e-6, 1e-6 * size, err_msg=name)


@given(observations(), st.lists(st.integers(0, 160), max_size=5))
@settings(max_examples=60, deadline=None)
def test_rows_may_come_in_any_blocks(made, cuts):
    data, _ = made
    sums = NormalSums(data.n)
    for rows in np.split(np.arange(len(data.index)), sorted(min(c, len(data.index)) for c in cuts)):
        part = data.at(rows)
        stokes = stokes_visibilities(part.data, part.weight, part.flag, LINEAR)
        sums.add(part.index, stokes, part.model, part.core)
    same(data.fit(), sums.solve())


@given(observations())
@settings(max_examples=60, deadline=None)
def test_errors_are_positive_and_the_covariance_is_one(made):
    fit = made[0].fit()
    for name in FLUXES:
        error = fit[f"{name}_err"]
        assert np.all(error[np.isfinite(error)] >= 0)
        np.testing.assert_array_equal(np.isnan(error), np.isnan(fit[name]))
    finite_rows = np.isfinite(fit["covariance"])
    product = fit["I_extended_err"][finite_rows] * fit["I_compact_err"][finite_rows]
    assert np.all(np.abs(fit["covariance"][finite_rows]) <= product * (1 + 1e-9))
