"""The covariance of light curves: against dense algebra, quoted errors, and simulated nights."""

from functools import cache

import numpy as np
import pytest
from astropy.table import Table

from minispiral.analysis.timescales import BINNED, Residuals, pulls_by_timescale
from minispiral.gains.covariance import errors_of_spw
from minispiral.gains.covariance_table import covariance_table, noise_of_spw
from minispiral.gains.curve import Drift, flux_variance
from minispiral.gains.description import describe_gains
from minispiral.gains.process import ROUGH, SMOOTH, Process
from minispiral.gains.tables import gain_curves_table
from minispiral.io.tables import read_table, write_table
from minispiral.light_curves.scaling import Limits
from minispiral.light_curves.tables import light_curve_table
from tests.gains.test_process import covariance, draw, times
from tests.helpers.nights import FREQUENCIES, INTERVAL, night

SEEDS = 4
KINDS = ("smooth", "scan", "steps", "flare", "quiet", "missing")


@pytest.mark.parametrize("smoothness", [SMOOTH, ROUGH])
def test_sums_of_a_process_have_the_covariance_of_dense_algebra(smoothness):
    data = draw(n=60)
    process = Process(0.03, 900.0, 0.9, data, smoothness)
    time = np.sort(np.concatenate([data.time[::3], data.time[:-1:4] + 2.0]))
    weights = np.random.default_rng(0).normal(size=(5, len(time)))
    every = np.concatenate([data.time, time])
    k = covariance(smoothness, 0.03, 900.0, every)
    a = k[:60, :60] + np.diag((0.9 * data.error) ** 2)
    inverse, one = np.linalg.inv(a), np.ones(60)
    h = k[60:, :60] @ inverse
    left = 1 - h @ one
    total = one @ inverse @ one
    posterior = k[60:, 60:] - h @ k[:60, 60:] + np.outer(left, left) / total
    response = h + np.outer(left, one @ inverse) / total
    sums = process.of_sums(time, np.zeros(len(time), int), weights)
    expected = weights @ posterior @ weights.T
    assert np.abs(sums.covariance - expected).max() < 1e-3 * np.abs(expected).max()
    assert np.abs(sums.response - weights @ response).max() < 1e-3


@cache
def tables(kind: str, seed: int = 0, drift: float = 0.0, own: bool = False):
    """Fits, covariance table and light curves of a night, with what was put in."""
    made = night(kind, seed)
    good = [np.isfinite(fit["I_extended"]) for fit in made.fits]
    drifts = [Drift(drift**2, 300.0)] * len(good)
    reason = "as configured" if own else None
    described = describe_gains(made.fits, good, INTERVAL / 2, reason, drifts=drifts)
    curves = []
    for spw, (fit, description) in enumerate(zip(made.fits, described, strict=True)):
        table = Table(fit, meta={"frequency_hz": FREQUENCIES[spw], "interval_s": INTERVAL})
        curve = light_curve_table(
            table, 1.0, Limits((0.0, 1e3)), kind, spw, gains=description.curve
        )
        curves.append(curve)
    gains = gain_curves_table(range(len(good)), made.fits, described)
    return made, covariance_table(curves, gains), curves, described


@pytest.mark.parametrize("own", [False, True])
def test_variances_are_the_quoted_ones(own):
    made, table, curves, described = tables("smooth", own=own)
    for spw, curve in enumerate(curves):
        errors = errors_of_spw(table, spw)
        quoted = flux_variance(made.fits[spw], described[spw].curve)
        quoted = quoted / made.fits[spw]["I_compact"] ** 2
        n = len(quoted)
        # the curve's quoted errors leave out what is common to all: as weights less their mean do
        found = errors.variance(np.eye(n) - (0 if own else 1 / n))
        assert found == pytest.approx(quoted, rel=0.05)
        for name, noise in noise_of_spw(table, spw).items():
            expected = described[spw].curve.noise[name] * made.fits[spw][f"{name}_err"]
            assert noise == pytest.approx(np.asarray(curve["gain"]) * expected, rel=1e-6)


def test_the_error_of_a_mean_of_own_gains_falls_with_the_root_of_their_number():
    _, table, _, _ = tables("smooth", own=True)
    errors = errors_of_spw(table, 0)
    n = len(errors.time)
    single = np.mean(errors.variance(np.eye(n)))
    assert errors.variance(np.full((1, n), 1 / n))[0] == pytest.approx(single / n, rel=1e-6)


def test_what_drifts_is_shared_within_its_timescale():
    without, drifting = (errors_of_spw(tables("smooth", 0, drift)[1], 0) for drift in (0, 0.01))
    n = len(without.time)
    weights = np.zeros((2, n))
    weights[0, :10] = 0.1  # a minute
    weights[1, :] = 1 / n  # half an hour
    added = drifting.variance(weights) - without.variance(weights)
    assert added[0] == pytest.approx(0.01**2, rel=0.05)
    assert 0.01**2 / n < added[1] < 0.5 * 0.01**2


def test_a_table_that_was_written_says_the_same(tmp_path):
    _, table, _, _ = tables("steps", drift=0.001)
    write_table(tmp_path / "covariance.ecsv", table)
    weights = np.random.default_rng(1).normal(size=(3, len(times())))
    before, after = (
        errors_of_spw(t, 1).covariance(weights)
        for t in (table, read_table(tmp_path / "covariance.ecsv"))
    )
    assert np.array_equal(before, after)


@cache
def pulls(kind: str) -> dict[tuple[str, float], float]:
    """Root mean square pulls of Stokes I by kind of sum and timescale, over seeds and spws."""
    found: dict[tuple[str, float], list[float]] = {}
    for seed in range(SEEDS):
        made, table, curves, _ = tables(kind, seed)
        for spw, curve in enumerate(curves):
            flux, error, truth = curve["I"].data, curve["I_err"].data, made.stokes[0, spw]
            factor = np.average(flux / truth, weights=error**-2)
            residuals = Residuals(
                made.fits[spw]["time"],
                flux / factor,
                flux / factor - truth,
                None,
                errors_of_spw(table, spw),
            )
            for of in pulls_by_timescale(residuals, INTERVAL):
                found.setdefault((of.kind, of.seconds), []).append(of.std)
    return {key: float(np.sqrt(np.mean(np.square(values)))) for key, values in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_errors_hold_on_every_timescale(kind):
    found = pulls(kind)
    assert {seconds for of, seconds in found if of == BINNED} == {6.0, 10.0, 30.0, 60.0, 180.0}
    assert max(found.values()) < 1.3


@pytest.mark.slow
def test_errors_of_all_nights_together_hold_on_every_timescale():
    pooled = {
        key: float(np.sqrt(np.mean([pulls(kind)[key] ** 2 for kind in KINDS])))
        for key in pulls(KINDS[0])
    }
    assert max(pooled.values()) < 1.15
    # within seconds the simulated gains are smoother than any process of the description
    assert min(of for (_, seconds), of in pooled.items() if seconds > 10) > 0.85
    assert np.sqrt(np.mean(np.square(list(pooled.values())))) > 0.85
