"""The fit, against direct sums and a generic least-squares solver."""

import numpy as np
import pytest

from minispiral.fit.normal_equations import NormalSums
from minispiral.visibilities.stokes import StokesPair, stokes_visibilities
from minispiral.visibilities.transform import (
    component_visibilities,
    point_visibilities,
    uv_wavelengths,
)

FREQUENCY = 230e9
LINEAR = ("XX", "XY", "YX", "YY")


def random_uvw(rng, n: int, longest_m: float = 300.0) -> np.ndarray:
    return rng.uniform(-longest_m, longest_m, (3, n)) * [[1], [1], [0.1]]


class Night:
    """Random integrations with unequal weights and flags, of known fluxes."""

    def __init__(
        self,
        seed: int,
        n: int = 12,
        baselines: int = 40,
        noise: float = 0.05,
        offset: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        rng = np.random.default_rng(seed)
        self.n, rows = n, n * baselines
        self.index = np.repeat(np.arange(n), baselines)
        self.uvw = random_uvw(rng, rows)
        u, v = uv_wavelengths(self.uvw, FREQUENCY)
        self.model = component_visibilities(u, v, [3.0, -6.0], [-2.0, 4.0], [0.6, 0.4])
        self.core = point_visibilities(u, v, offset) if any(offset) else None
        self.extended, self.compact = rng.uniform(0.9, 1.3, n), rng.uniform(2, 3, n)
        self.polarized = {name: rng.uniform(-0.3, 0.3, n) for name in "QUV"}
        p = np.ones(rows) if self.core is None else self.core
        i = self.extended[self.index] * self.model + self.compact[self.index] * p
        q, u_, v_ = (self.polarized[name][self.index] * p for name in "QUV")
        self.weight = rng.uniform(0.5, 2, (4, rows)) / noise**2
        scatter = rng.standard_normal((2, 4, rows)) / np.sqrt(self.weight)
        self.data = np.array([i + q, u_ + 1j * v_, u_ - 1j * v_, i - q])
        self.data += scatter[0] + 1j * scatter[1]
        self.flag = rng.random((4, rows)) < 0.1

    def stokes(self, order=slice(None)) -> list[StokesPair]:
        return stokes_visibilities(
            self.data[:, order], self.weight[:, order], self.flag[:, order], LINEAR
        )

    def solve(self, blocks=None) -> dict[str, np.ndarray]:
        sums = NormalSums(self.n)
        for order in blocks or [np.arange(len(self.index))]:
            core = None if self.core is None else self.core[order]
            sums.add(self.index[order], self.stokes(order), self.model[order], core)
        return sums.solve()


def test_what_self_calibration_has_spent_widens_the_errors_of_the_hands_it_used():
    night = Night(seed=11)
    sums = NormalSums(night.n)
    sums.add(night.index, night.stokes(), night.model)
    free, spent = sums.solve(), sums.solve(phases=9.0, amplitudes=8.0)
    n = free["n_vis"]
    chi2 = (2 * n - 2) / (2 * n - 2 - 17)  # phases and amplitudes of real and imaginary parts
    real = (n - 1) / (n - 1 - 8)  # amplitudes of real parts
    for name, factor in {
        **dict.fromkeys(("chi2", "covariance"), chi2),
        **dict.fromkeys(("I_extended_err", "I_compact_err"), np.sqrt(chi2)),
        "Q_err": np.sqrt(real),
        **dict.fromkeys(("I_extended", "I_compact", "Q", "U", "V", "U_err", "V_err"), 1),
    }.items():
        np.testing.assert_allclose(spent[name], factor * free[name], rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("offset", [(0.0, 0.0), (0.4, -0.7)])
def test_closed_form_equals_a_generic_weighted_least_squares_solver(offset):
    night = Night(seed=3, offset=offset)
    fit, stokes = night.solve(), night.stokes()[0]
    for t in range(night.n):
        rows = (night.index == t) & (stokes.weight > 0)
        p = np.ones(rows.sum()) if night.core is None else night.core[rows]
        root = np.sqrt(stokes.weight[rows])
        design = np.column_stack([root * night.model[rows], root * p])
        design = np.concatenate([design.real, design.imag])
        data = root * stokes.values[0, rows]
        data = np.concatenate([data.real, data.imag])
        solution, chi2, _, _ = np.linalg.lstsq(design, data, rcond=None)
        reduced = chi2[0] / (len(data) - 2)
        covariance = np.linalg.inv(design.T @ design) * reduced
        expected = {
            "I_extended": solution[0],
            "I_compact": solution[1],
            "chi2": reduced,
            "I_extended_err": np.sqrt(covariance[0, 0]),
            "I_compact_err": np.sqrt(covariance[1, 1]),
            "covariance": covariance[0, 1],
            "n_vis": rows.sum(),
        }
        for name, value in expected.items():
            assert fit[name][t] == pytest.approx(value, rel=1e-10), name


def test_polarization_is_the_weighted_mean_of_the_real_part():
    night = Night(seed=4, offset=(0.5, 0.5))
    fit = night.solve()
    for pair in night.stokes():
        for name, values in zip(pair.names, pair.values, strict=True):
            if name == "I":
                continue
            for t in range(night.n):
                rows = (night.index == t) & (pair.weight > 0)
                w, x = pair.weight[rows], (values[rows] * np.conj(night.core[rows])).real
                mean = np.average(x, weights=w)
                chi2 = np.sum(w * (x - mean) ** 2) / (len(x) - 1)
                assert fit[name][t] == pytest.approx(mean, rel=1e-10)
                assert fit[f"{name}_err"][t] == pytest.approx(np.sqrt(chi2 / w.sum()), rel=1e-8)


def test_the_fit_does_not_depend_on_order_blocks_or_which_antenna_comes_first():
    night = Night(seed=5, offset=(0.4, 0.1))
    expected = night.solve()
    order = np.random.default_rng(1).permutation(len(night.index))
    shuffled = night.solve(np.array_split(order, 7))
    swapped = order[: len(order) // 2]
    night.data[:, swapped] = np.conj(night.data[[0, 2, 1, 3]][:, swapped])
    night.weight[:, swapped] = night.weight[[0, 2, 1, 3]][:, swapped]
    night.flag[:, swapped] = night.flag[[0, 2, 1, 3]][:, swapped]
    for array in (night.model, night.core):
        array[swapped] = np.conj(array[swapped])
    for result in (shuffled, night.solve()):
        for name, values in expected.items():
            np.testing.assert_allclose(result[name], values, rtol=1e-9, err_msg=name)


def test_only_ratios_of_weights_matter():
    night = Night(seed=6)
    expected = night.solve()
    night.weight *= 7.0
    for name, values in night.solve().items():
        factor = 7.0 if name == "chi2" else 1.0
        np.testing.assert_allclose(values, factor * expected[name], rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_models_unit_does_not_matter(unit):
    night = Night(seed=6)
    expected = night.solve()
    night.model *= unit
    fit = night.solve()
    np.testing.assert_allclose(unit * fit["I_extended"], expected["I_extended"], rtol=1e-9)
    np.testing.assert_allclose(fit["I_compact"], expected["I_compact"], rtol=1e-9)


def test_pulls_are_standard_normal():
    night = Night(seed=7, n=3000, baselines=60)
    fit = night.solve()
    truth = {"I_extended": night.extended, "I_compact": night.compact, **night.polarized}
    for name, true in truth.items():
        pull = (fit[name] - true) / fit[f"{name}_err"]
        # 3000 pulls: the mean is known to 0.018, the standard deviation to 0.013; the errors,
        # from 60 to 120 samples each, make it a t distribution, up to 1.02 wide
        assert abs(pull.mean()) < 0.08, name
        assert 0.94 < pull.std() < 1.08, name


def test_what_an_integration_does_not_determine_is_nan():
    night = Night(seed=8, n=4)
    night.flag[:, night.index == 0] = True  # nothing left
    night.flag[:, np.flatnonzero(night.index == 1)[1:]] = True  # one sample left
    night.model[night.index == 2] = 1.0  # the minispiral looks like the core
    fit = night.solve()
    assert np.isnan(fit["I_extended"]).tolist() == [True, True, True, False]
    assert np.isnan(fit["Q"]).tolist() == [True, True, False, False]


@pytest.mark.parametrize("offset", [(0.0, 0.0), (0.4, -0.7)])
def test_long_baseline_estimate_is_the_modulus_of_the_mean(offset):
    """Of visibilities turned to the core's place."""
    night = Night(seed=9, offset=offset)
    long = np.hypot(*night.uvw[:2]) > 200
    sums = NormalSums(night.n)
    sums.add(night.index, night.stokes(), night.model, night.core, long)
    pair = night.stokes()[0]
    visibilities = pair.values[0] * (1 if night.core is None else np.conj(night.core))
    for t, value in enumerate(sums.solve()["I_long_baselines"]):
        rows = (night.index == t) & long & (pair.weight > 0)
        expected = abs(np.average(visibilities[rows], weights=pair.weight[rows]))
        assert value == pytest.approx(expected)
