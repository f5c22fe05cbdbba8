"""Statistics of variability against what was drawn: values, noise taken out, errors that hold."""

import numpy as np
import pytest
from astropy.table import Table

from minispiral.analysis.variability import (
    Curve,
    correlation,
    joined,
    mean_flux,
    modulation_index,
    stretch_edges,
    structure_function,
)
from minispiral.analysis.variability_tables import (
    correlation_table,
    statistics_table,
    structure_function_table,
    tracks_of,
)
from minispiral.plots.campaign import plot_variability
from tests.helpers.known_noise import known_noise

N, STRETCHES = 600, 10


def curve(flux: np.ndarray, error: float = 1e-6) -> Curve:
    slot = np.arange(len(flux))
    stretch = slot * STRETCHES // len(flux)
    return Curve(slot, stretch, flux, np.full(len(flux), error), len(flux), STRETCHES)


def walk(rng, step=0.01, n=N) -> np.ndarray:
    return 2.5 + np.cumsum(step * rng.standard_normal(n))


def test_noise_alone_has_no_structure():
    rng = np.random.default_rng(1)
    structures = [
        structure_function(curve(2.5 + 0.02 * rng.standard_normal(N), 0.02), 50) for _ in range(60)
    ]
    values, errors = (
        np.array([getattr(f, name) for f in structures]) for name in ("value", "error")
    )
    assert np.all(np.abs(values.mean(axis=0)) < 4 * values.std(axis=0) / np.sqrt(60))
    # ten stretches: Student's t of nine degrees of freedom
    assert np.std(values / errors) == pytest.approx(np.sqrt(9 / 7), rel=0.15)


def test_structure_of_a_random_walk_grows_with_lag():
    rng = np.random.default_rng(2)
    values = []
    for _ in range(40):
        flux = walk(rng) + 0.02 * rng.standard_normal(N)
        values.append(structure_function(curve(flux, 0.02), 50))
    lag = values[0].lag
    mean = np.mean([structure.value for structure in values], axis=0)
    np.testing.assert_allclose(mean, 1e-4 * lag, rtol=0.15, atol=1e-5)
    # quoted errors are the scatter of repetitions, where the lag is short of a stretch
    short = lag < 20
    scatter = np.std([structure.value for structure in values], axis=0)[short]
    quoted = np.sqrt(np.mean([structure.error**2 for structure in values], axis=0))[short]
    assert np.all((quoted / scatter > 0.7) & (quoted / scatter < 1.4))


def test_pairs_are_all_pairs():
    rng = np.random.default_rng(3)
    some = np.sort(rng.choice(N, 200, replace=False))
    flux = walk(rng)
    whole = curve(flux)
    gappy = Curve(some, whole.stretch[some], flux[some], whole.error[some], N, STRETCHES)
    structure = structure_function(gappy, 3)
    for k, lag in enumerate((1, 2, 3)):
        pairs = [(i, i + lag) for i in some if i + lag in some]
        assert structure.pairs[k] == len(pairs)
        assert structure.lag[k] == lag
        expected = np.mean([(flux[j] - flux[i]) ** 2 for i, j in pairs]) - 2e-12
        assert structure.value[k] == pytest.approx(expected)


def test_a_spw_that_lags_is_seen_to():
    rng = np.random.default_rng(4)
    flux = 2.5 + np.convolve(rng.standard_normal(N + 200), np.ones(5) / 5, "same")
    first, second = (flux[k : k + N] + 0.01 * rng.standard_normal(N) for k in (100, 91))
    correlations = correlation(curve(first, 0.01), curve(second, 0.01), 100)
    best = np.argmax(correlations.value)
    # a triangle of half-width 5 around 9, seen in the bin of lags 8 to 11
    assert correlations.lag[best] == pytest.approx(9.5, abs=0.1)
    assert correlations.value[best] == pytest.approx(0.8, abs=0.05)


def test_correlation_with_itself_and_without_relation():
    rng = np.random.default_rng(5)
    flux = walk(rng)
    itself = correlation(one := curve(flux), one, 100)
    assert itself.lag.min() == 1
    assert itself.value[0] > 0.98
    white = [2.5 + rng.standard_normal(N) for _ in range(2)]
    other = correlation(curve(white[0]), curve(white[1]), 30)
    pull = other.value / other.error
    assert np.std(pull) < 1.5
    assert np.max(np.abs(pull)) < 5
    assert np.all(np.abs(other.value) < 0.15)


def test_modulation_index_is_without_noise():
    rng = np.random.default_rng(6)
    indices = [
        modulation_index(
            curve(
                2.5 * (1 + 0.05 * np.sin(np.arange(N) * 2 * np.pi / 60))
                + 0.1 * rng.standard_normal(N),
                0.1,
            )
        )
        for _ in range(60)
    ]
    values, errors = np.array(indices).T
    expected = 0.05 / np.sqrt(2)
    assert np.mean(values) == pytest.approx(expected, rel=0.01)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.3)
    assert np.isnan(modulation_index(curve(np.full(N, 2.5), 0.1))[0])


def test_the_mean_has_the_error_of_the_noise():
    rng = np.random.default_rng(7)
    fluxes = np.array(
        [mean_flux(curve(2.5 + 0.1 * rng.standard_normal(N), 0.1)) for _ in range(200)]
    )
    assert np.std(fluxes[:, 0]) == pytest.approx(np.mean(fluxes[:, 1]), rel=0.15)


def test_tracks_are_not_paired_with_each_other():
    rng = np.random.default_rng(8)
    tracks = [curve(walk(rng, n=100)) for _ in range(2)]
    both = joined(tracks, 50)
    structure = structure_function(both, 50)
    parts = [structure_function(track, 50) for track in tracks]
    np.testing.assert_array_equal(structure.pairs, parts[0].pairs + parts[1].pairs)
    np.testing.assert_allclose(structure.value, (parts[0].value + parts[1].value) / 2)
    assert both.stretches == 2 * STRETCHES


def test_stretches_are_scans_or_equal_times():
    slot = np.arange(60)
    assert stretch_edges(slot, slot // 10, 60).tolist() == [10, 20, 30, 40, 50]
    assert stretch_edges(slot, slot // 30, 60).tolist() == [12, 24, 36, 48]


def light_curve(track: str, spw: int, flux: np.ndarray) -> Table:
    n = len(flux)
    table = Table(
        {
            "track": np.full(n, track),
            "spw": np.full(n, spw),
            "frequency": np.full(n, 213.1e9),
            "mjd": 57849.0 + 6.0 * np.arange(n) / 86400,
            "I_compact": flux,
            "I_compact_err": np.full(n, 1e-4),
            "I_extended": np.full(n, 1.0),
            "I_extended_err": np.full(n, 1e-4),
            "absorption": np.ones(n),
            "observation": np.zeros(n, int),
            "array": np.zeros(n, int),
            # numbered on from spw to spw, as some data are
            "scan": 100 * spw + np.arange(n) // 20,
            "good": np.arange(n) != 7,
        }
    )
    table.meta = known_noise(6.0, reference=1.1)
    return table


def test_scans_of_one_number_in_two_observations_are_two_stretches():
    """Eight scans are enough to jackknife over, though they have two numbers."""
    table = light_curve("a", 0, 2.5 + 0.1 * walk(np.random.default_rng(2), n=160))
    table["scan"] = np.repeat([1, 1, 2, 2, 1, 1, 2, 2], 20)
    table["observation"] = np.repeat([0, 1, 1, 2, 2, 3, 3, 4], 20)
    (track,) = tracks_of([table])
    assert track.curves[0].stretches == 8


def test_misfit_that_drifts_is_no_noise_to_take_out():
    rng = np.random.default_rng(11)
    table = light_curve("a", 0, walk(rng, n=200))
    structures = structure_function_table(tracks_of([table]))
    for name in ("I_compact", "I_extended"):  # errors that count misfit as well
        table[f"{name}_err"] *= 300
    table.meta["gains"]["noise"] = dict.fromkeys(("I_compact", "I_extended"), 300.0)
    again = structure_function_table(tracks_of([table]))
    np.testing.assert_allclose(again["structure_function"], structures["structure_function"])


def test_what_varies_less_than_its_noise_has_no_correlation():
    rng = np.random.default_rng(12)
    pair = [curve(2.5 + 0.01 * rng.standard_normal(N), 0.02) for _ in range(2)]
    assert np.isnan(correlation(*pair, 30).value).all()


def test_tables_have_each_track_and_all_of_them():
    rng = np.random.default_rng(9)
    curves = [
        light_curve(track, spw, walk(rng, n=n))
        for track, n, spws in (("a", 120, (0, 1)), ("b", 200, (0,)))
        for spw in spws
    ]
    tracks = tracks_of(curves)
    table = statistics_table(tracks)
    assert list(zip(table["track"], table["spw"], strict=True)) == [
        ("a", 0), ("a", 1), ("b", 0), ("*", 0), ("*", 1),
    ]  # fmt: skip
    good = np.asarray(curves[0]["good"])
    assert table["mean"][0] == pytest.approx(1.1 * np.mean(curves[0]["I_compact"][good]), rel=1e-5)
    assert list(table["n"]) == [119, 119, 199, 318, 119]
    structure = structure_function_table(tracks)
    assert str(structure["lag"].unit) == "s"
    assert structure["lag"][0] == 6.0
    assert set(structure["track"]) == {"a", "b", "*"}
    pairs = correlation_table(tracks)
    assert set(zip(pairs["spw_1"], pairs["spw_2"], strict=True)) == {(0, 0), (0, 1), (1, 1)}
    assert len(plot_variability(structure, pairs).axes) == 2 * 3
    assert statistics_table(tracks_of([])).colnames == table.colnames
    curves[0].meta["gains"]["noise_from"]["I_compact"] = "chi2"
    assert list(statistics_table(tracks_of(curves))["track"]) == ["a", "b", "*", "*"]
    constant = [light_curve("a", 0, np.full(50, 2.5))]
    nothing = structure_function_table(tracks_of(constant))
    drawn = plot_variability(nothing, correlation_table(tracks_of(constant)))
    assert drawn.axes[0].get_yscale() == "linear"
    assert len(correlation_table(tracks_of([]))) == 0
