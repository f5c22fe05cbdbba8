"""The fit and the model visibilities, against direct sums and a generic least-squares solver."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minispiral.errors import MinispiralError
from minispiral.fit.normal_equations import NormalSums
from minispiral.imaging.grid import cell_size, components
from minispiral.visibilities.stokes import (
    CORRELATION_NAMES,
    StokesPair,
    correlations_of,
    stokes_pairs,
    stokes_visibilities,
)
from minispiral.visibilities.transform import (
    component_visibilities,
    core_visibilities,
    image_visibilities,
    point_visibilities,
    trimmed,
    unit_image,
    uv_wavelengths,
)

FREQUENCY = 230e9
LIGHT = 299792458.0
LINEAR = ("XX", "XY", "YX", "YY")


def random_uvw(rng, n: int, longest_m: float = 300.0) -> np.ndarray:
    return rng.uniform(-longest_m, longest_m, (3, n)) * [[1], [1], [0.1]]


def random_model(rng, size: int = 128, n: int = 200) -> np.ndarray:
    model = np.zeros((size, size))
    model[tuple(rng.integers(size // 4, 3 * size // 4, (2, n)))] = rng.normal(1, 0.5, n)
    return model


# model visibilities


@pytest.mark.parametrize("seed", range(4))
def test_gridded_model_equals_the_direct_sum(seed):
    rng = np.random.default_rng(seed)
    model, uvw = random_model(rng), random_uvw(rng, 500)
    cell = cell_size(300 * FREQUENCY / LIGHT, 4)
    direct = component_visibilities(*uv_wavelengths(uvw, FREQUENCY), *components(model, cell).T)
    gridded = image_visibilities(uvw, FREQUENCY, model, cell)
    assert np.max(np.abs(gridded - direct)) < 1e-6 * np.abs(model).sum()


@given(
    st.tuples(st.integers(2, 17), st.integers(2, 17)),
    st.lists(st.tuples(st.integers(0, 16), st.integers(0, 16)), min_size=1, max_size=4),
)
@settings(deadline=None)
def test_a_trimmed_image_has_the_same_visibilities(shape, places):
    image = np.zeros(shape)
    for k, (x, y) in enumerate(places, start=1):
        image[x % shape[0], y % shape[1]] += k
    uvw = random_uvw(np.random.default_rng(1), 20)
    part = trimmed(image)
    assert part.sum() == image.sum() and part.size <= image.size
    direct = component_visibilities(*uv_wavelengths(uvw, FREQUENCY), *components(image, 0.1).T)
    np.testing.assert_allclose(image_visibilities(uvw, FREQUENCY, part, 0.1), direct, atol=1e-5)
    assert image_visibilities(uvw[:, :0], FREQUENCY, image, 0.1).shape == (0,)


def test_little_is_left_of_an_image_with_a_source_in_its_middle():
    image = np.zeros((64, 64))
    image[32, 32] = image[31, 34] = 1
    assert trimmed(image).shape == (4, 6)
    assert trimmed(np.zeros((64, 64))).size > 0


def test_a_component_to_the_east_has_positive_phase_at_positive_u():
    model = np.zeros((64, 64))
    model[32 - 10, 32] = 1.0  # right ascension falls along the first axis
    uvw = np.array([[10.0], [0.0], [0.0]])
    phase = np.angle(image_visibilities(uvw, FREQUENCY, model, 0.1))[0]
    assert phase == pytest.approx(2 * np.pi * 10 * FREQUENCY / LIGHT * np.radians(1 / 3600))


def test_a_component_to_the_north_has_positive_phase_at_positive_v():
    model = np.zeros((64, 64))
    model[32, 32 + 10] = 1.0
    uvw = np.array([[0.0], [10.0], [0.0]])
    assert np.angle(image_visibilities(uvw, FREQUENCY, model, 0.1))[0] > 0


def test_cell_size_is_a_fraction_of_the_finest_fringe():
    assert cell_size(206264.806, 10) == pytest.approx(0.1, rel=1e-6)


@pytest.mark.parametrize("total", [0.0, -1.0, np.nan])
def test_a_model_without_flux_cannot_be_normalised(total):
    with pytest.raises(MinispiralError, match="total flux density"):
        unit_image(np.array([[total]]))


def test_a_normalised_model_has_a_flux_of_one():
    np.testing.assert_allclose(unit_image(np.array([[0.5, 1.5], [0.0, 2.0]])).sum(), 1, rtol=1e-15)


def test_a_core_at_the_phase_centre_is_one_everywhere():
    u, v = np.array([1e5, -3e5]), np.array([2e5, 1e5])
    assert core_visibilities(u, v, (0.0, 0.0)) == 1
    phase = np.angle(core_visibilities(u, v, (0.2, 0.1)))
    np.testing.assert_allclose(phase, 2 * np.pi * np.radians((0.2 * u + 0.1 * v) / 3600))


# the fit


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
    there = pair.values[0] * (1 if night.core is None else np.conj(night.core))
    for t, value in enumerate(sums.solve()["I_long_baselines"]):
        rows = (night.index == t) & long & (pair.weight > 0)
        expected = abs(np.average(there[rows], weights=pair.weight[rows]))
        assert value == pytest.approx(expected)


# Stokes parameters

SKY = {"I": 2.5, "Q": 0.2, "U": -0.3, "V": 0.1}
BY_HAND = {
    "XX": SKY["I"] + SKY["Q"],
    "YY": SKY["I"] - SKY["Q"],
    "XY": SKY["U"] + 1j * SKY["V"],
    "YX": SKY["U"] - 1j * SKY["V"],
    "RR": SKY["I"] + SKY["V"],
    "LL": SKY["I"] - SKY["V"],
    "RL": SKY["Q"] + 1j * SKY["U"],
    "LR": SKY["Q"] - 1j * SKY["U"],
}


@pytest.mark.parametrize(
    ("correlations", "names"),
    [("XX XY YX YY", "IQUV"), ("XX YY", "IQ"), ("RR RL LR LL", "IVQU"), ("RR LL", "IV")],
)
def test_stokes_parameters_of_both_feeds(correlations, names):
    products = tuple(correlations.split())
    data = np.array([[BY_HAND[name]] for name in products], complex)
    pairs = stokes_visibilities(data, np.ones(data.shape), np.zeros(data.shape, bool), products)
    found = {n: v[0] for pair in pairs for n, v in zip(pair.names, pair.values, strict=True)}
    assert found == pytest.approx({name: SKY[name] for name in names})


@pytest.mark.parametrize("correlations", [("XX",), ("XX", "XY"), ("RL", "LR"), ()])
def test_without_both_parallel_hands_there_is_no_stokes_i(correlations):
    with pytest.raises(MinispiralError, match="both parallel hands"):
        stokes_pairs(correlations)


def test_weights_are_those_of_the_half_sum():
    rng = np.random.default_rng(2)
    weight = np.array([3.0, 1.0, 2.0, 0.5])[:, None] * np.ones((4, 200000))
    data = rng.standard_normal(weight.shape) / np.sqrt(weight)
    for pair in stokes_visibilities(data.astype(complex), weight, weight < 0, LINEAR):
        for values in pair.values:
            # complex values hold real noise here, which V's factor -i turns
            assert 1 / np.var(values.real + values.imag) == pytest.approx(pair.weight[0], rel=0.02)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_samples_without_a_proper_weight_are_not_used(bad):
    weight = np.ones((4, 3))
    weight[3, 1] = bad
    parallel, cross = stokes_visibilities(
        np.ones((4, 3), complex), weight, np.zeros((4, 3), bool), LINEAR
    )
    assert (parallel.weight > 0).tolist() == [True, False, True]
    assert np.all(cross.weight > 0)


def test_flags_and_nan_of_a_hand_hit_its_own_stokes_parameters():
    data, flag = np.ones((4, 3), complex), np.zeros((4, 3), bool)
    flag[1, 0] = True
    data[0, 2] = np.nan
    parallel, cross = stokes_visibilities(data, np.ones((4, 3)), flag, LINEAR)
    assert (parallel.weight > 0).tolist() == [True, True, False]
    assert (cross.weight > 0).tolist() == [False, True, True]
    assert np.all(np.isfinite(parallel.values)) and np.all(np.isfinite(cross.values))


def test_correlations_are_numbered_as_casacore_does():
    names = "Undefined I Q U V RR RL LR LL XX XY YX YY".split()
    assert dict(list(enumerate(names))[5:]) == CORRELATION_NAMES


def test_correlations_of_linear_and_circular_feeds():
    stokes = np.array([3.0, 0.3, -0.2, 0.05])
    xx, xy, yx, yy = correlations_of(stokes, ("XX", "XY", "YX", "YY"))
    assert (xx, yy) == pytest.approx((3.3, 2.7))
    assert (xy, yx) == pytest.approx((-0.2 + 0.05j, -0.2 - 0.05j))
    rr, rl, lr, ll = correlations_of(stokes, ("RR", "RL", "LR", "LL"))
    assert (rr, ll) == pytest.approx((3.05, 2.95))
    assert (rl, lr) == pytest.approx((0.3 - 0.2j, 0.3 + 0.2j))
    assert correlations_of(np.ones((5, 2, 4)), ("XX", "YY")).shape == (5, 2, 2)
