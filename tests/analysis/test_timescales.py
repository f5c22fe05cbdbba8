"""Pulls against timescale, on errors that are what they are said to be, and on others."""

from dataclasses import replace

import numpy as np
import pytest

from minispiral.analysis.timescales import (
    BINNED,
    DIFFERENCES,
    FEWEST,
    Residuals,
    pulls_by_timescale,
)
from minispiral.gains.covariance import SpwErrors

N, INTERVAL = 450, 8.0
TIME = 4998188200.0 + INTERVAL * np.arange(N)
FLUX, DRIFT, TIMESCALE = 2.5, 0.002, 400.0


def errors(drift: float) -> SpwErrors:
    nothing = np.zeros(N)
    return SpwErrors(
        time=TIME,
        segment=np.zeros(N, int),
        learnt=np.zeros(N, bool),
        independent=np.full(N, 1e-6),
        core=nothing,
        core_covariance=nothing,
        absorption=nothing,
        drift=drift**2,
        drift_timescale=TIMESCALE,
        process=None,
        place=np.zeros(0, int),
    )


def residuals(seed: int, drift: float = DRIFT) -> Residuals:
    """Drawn from the covariance."""
    rng = np.random.default_rng(seed)
    distance = np.sqrt(3) * np.abs(TIME[:, None] - TIME) / TIMESCALE
    root = np.linalg.cholesky((1 + distance) * np.exp(-distance) + 1e-9 * np.eye(N))
    relative = DRIFT * root @ rng.standard_normal(N) + 1e-3 * rng.standard_normal(N)
    return Residuals(TIME, np.full(N, FLUX), FLUX * relative, None, errors(drift))


def pulls(drift: float = DRIFT) -> dict[tuple[str, float], float]:
    found: dict[tuple[str, float], list[float]] = {}
    for seed in range(8):
        for of in pulls_by_timescale(residuals(seed, drift), INTERVAL):
            found.setdefault((of.kind, of.seconds), []).append(of.std)
    return {key: float(np.sqrt(np.mean(np.square(values)))) for key, values in found.items()}


def test_pulls_are_1_on_every_timescale_where_errors_are_right():
    found = pulls()
    assert {seconds for _, seconds in found} == {8.0, 30.0, 60.0, 180.0, 600.0}
    assert {kind for kind, _ in found} == {BINNED, DIFFERENCES}
    assert list(found.values()) == pytest.approx([1.0] * len(found), abs=0.2)


def test_errors_that_leave_out_what_drifts_show_on_long_timescales_alone():
    found = pulls(drift=0.0)
    assert found[DIFFERENCES, 8.0] == pytest.approx(1, abs=0.05)
    assert found[BINNED, 180.0] > 4
    assert found[DIFFERENCES, 600.0] > 1.8


def test_a_track_has_the_timescales_that_it_is_long_enough_for():
    short = residuals(0)
    rows = np.arange(N) < FEWEST * 60 / INTERVAL
    short = replace(
        short,
        time=short.time[rows],
        flux=short.flux[rows],
        residual=short.residual[rows],
        errors=short.errors.at(rows),
    )
    assert {of.seconds for of in pulls_by_timescale(short, INTERVAL)} == {8.0, 30.0, 60.0}


def test_polarised_noise_is_independent_and_the_gain_shared():
    rng = np.random.default_rng(0)
    noise = np.full(N, 0.003)
    q = Residuals(TIME, np.full(N, 0.1), 0.003 * rng.standard_normal(N), noise, errors(DRIFT))
    found = {(of.kind, of.seconds): of.std for of in pulls_by_timescale(q, INTERVAL)}
    for key in ((BINNED, INTERVAL), (BINNED, 30.0), (DIFFERENCES, 60.0)):
        assert found[key] == pytest.approx(1.0, abs=0.15)
