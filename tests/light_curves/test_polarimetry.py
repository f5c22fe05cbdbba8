"""Polarimetry against a law that is put in: values, errors by their pulls, resolved ambiguities."""

import numpy as np
import pytest

from minispiral.light_curves.polarimetry import SpwCurve, caution, polarimetry, wrap

LIGHT = 299792458.0
BAND6 = (213.1e9, 215.1e9, 227.1e9, 229.1e9)
BAND7 = (335.6e9, 337.5e9, 347.6e9, 349.6e9)
N = 4000


def curves(
    frequencies, rm=-4e5, evpa=30.0, index=-0.2, fractions=None, n=N, noise=2e-3, seed=1
) -> list[SpwCurve]:
    """Spws of a core that obeys the laws, with Gaussian noise; gains do not matter here."""
    rng = np.random.default_rng(seed)
    fractions = fractions or [0.07] * len(frequencies)
    result = []
    for frequency, fraction in zip(frequencies, fractions, strict=True):
        i = 2.5 * (frequency / 220e9) ** index
        angle = np.radians(evpa) + rm * (LIGHT / frequency) ** 2
        q, u = fraction * i * np.cos(2 * angle), fraction * i * np.sin(2 * angle)
        draw = {
            name: value + rng.normal(0, noise, n)
            for name, value in (("core", i), ("q", q), ("u", u))
        }
        errors = {f"{name}_err": np.full(n, noise) for name in ("core", "q", "u")}
        i_err = 3e-3 * i
        curve = SpwCurve(
            frequency, i + rng.normal(0, i_err, n), np.full(n, i_err), **draw, **errors
        )
        result.append(curve)
    return result


@pytest.mark.parametrize(
    ("frequencies", "rm"),
    [
        (BAND6, -4e5),
        (BAND6, 3.2e6),
        (BAND6, -2.1e7),
        (BAND6[::-1], -4e5),
        (BAND6[::2], -4e5),
        (BAND6[:3], 0.0),
        (BAND7, -1.3e6),
        (BAND6 + BAND7, -4e5),
        ((86.2e9, 88.1e9, 98.3e9, 100.2e9), -2e5),
    ],
)
def test_everything_comes_back_with_honest_errors(frequencies, rm):
    evpa, index = 30.0, -0.2
    low, high = np.argmin(frequencies), np.argmax(frequencies)
    fractions = [0.07] * len(frequencies)
    fractions[low] = 0.06
    quantities = polarimetry(curves(frequencies, rm, evpa, index, fractions))
    truth = {
        "rotation_measure": rm,
        "spectral_index": index,
        "depolarisation": fractions[low] / fractions[high],
        "EVPA_intrinsic": evpa,
    }
    for name, value in truth.items():
        difference = quantities[name] - value
        if name == "EVPA_intrinsic":
            difference = wrap(difference)
        pull = difference / quantities[f"{name}_err"]
        assert 0.95 < np.std(pull) < 1.05, name
        # first order: of the mean, what noise squared leaves
        assert abs(np.mean(pull)) < 0.1, name


def test_two_spws_take_the_smallest_rotation_measure():
    pair = BAND6[::3]
    period = np.pi / abs((LIGHT / pair[0]) ** 2 - (LIGHT / pair[1]) ** 2)
    quantities = polarimetry(curves(pair, rm=-4e5 + period))
    assert np.median(quantities["rotation_measure"]) == pytest.approx(-4e5, rel=0.01)


def test_an_evpa_that_turns_through_the_half_turn_stays_on_its_branch():
    turning = np.linspace(0, 720, 300)
    rows = []
    for curve in curves(BAND6, noise=1e-9, n=300):
        rotated = (curve.q + 1j * curve.u) * np.exp(2j * np.radians(turning))
        rows.append(
            SpwCurve(
                **{
                    **{k: getattr(curve, k) for k in SpwCurve.__dataclass_fields__},
                    "q": rotated.real,
                    "u": rotated.imag,
                }
            )
        )
    quantities = polarimetry(rows)
    np.testing.assert_allclose(quantities["rotation_measure"], -4e5, rtol=1e-4)
    np.testing.assert_allclose(wrap(quantities["EVPA_intrinsic"] - 30 - turning), 0, atol=1e-2)


def test_without_cross_hands_there_is_a_spectral_index_alone():
    missing = [
        SpwCurve(
            **{
                **{k: getattr(curve, k) for k in SpwCurve.__dataclass_fields__},
                "u": np.full(N, np.nan),
                "u_err": np.full(N, np.nan),
            }
        )
        for curve in curves(BAND6)
    ]
    quantities = polarimetry(missing)
    assert np.isfinite(quantities["spectral_index"]).all()
    for name in ("rotation_measure", "EVPA_intrinsic", "depolarisation"):
        assert np.isnan(quantities[name]).all()


def test_no_common_integration_gives_empty_columns():
    assert len(polarimetry(curves(BAND6, n=0))["rotation_measure"]) == 0


def test_a_gain_in_common_is_no_error_of_the_spectral_index():
    """Two spws share a gain, two have their own: pulls against what is drawn."""
    rng = np.random.default_rng(7)
    common, spw_scatter = 4e-3, 1e-3
    shared = common * rng.standard_normal(N)
    rows = []
    for k, curve in enumerate(curves(BAND6, noise=1e-4)):
        together = k < 2
        gain = shared if together else common * rng.standard_normal(N)
        true = 2.5 * (curve.frequency / 220e9) ** -0.2
        values = {name: getattr(curve, name) for name in SpwCurve.__dataclass_fields__}
        values |= {
            "i": true * np.exp(gain + spw_scatter * rng.standard_normal(N)),
            "i_err": np.full(N, true * np.hypot(common, spw_scatter)),
            "gain_err": np.full(N, common),
            "gain_group": (0, 1) if together else (k,),
        }
        rows.append(SpwCurve(**values))
    quantities = polarimetry(rows)
    assert np.std(
        (quantities["spectral_index"] + 0.2) / quantities["spectral_index_err"]
    ) == pytest.approx(1, abs=0.05)


def test_spws_too_close_to_each_other_are_told_with_what_follows():
    eht = [213.1e9, 215.1e9, 227.1e9, 229.1e9]
    assert caution(eht, eht) == ""
    close = [213.1e9, 213.2e9]
    # two points: the slope's error is that of a value times sqrt(2) over their distance
    index = 0.01 * np.sqrt(2) / np.log(213.2 / 213.1)
    rotation = np.radians(1) * np.sqrt(2) / (LIGHT**2 * (213.1e9**-2 - 213.2e9**-2))
    text = caution(close, close)
    assert f"spectral index by {index:.2g}" in text
    assert f"rotation measure by {rotation:.1e} rad/m2" in text
    assert "213.10, 213.20 GHz" in text
    assert "rotation" not in caution(close, [])
    assert "all at one frequency" in caution([213.1e9, 213.1e9], [])
