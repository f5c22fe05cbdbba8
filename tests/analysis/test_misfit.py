"""Why a fit misfits: of residuals that were made in known ways."""

from itertools import combinations

import numpy as np
import pytest

from minispiral.analysis.misfit import misfits
from minispiral.fit.antenna_residuals import AntennaSums
from minispiral.fit.residuals import ResidualSums

N, TIMES, SIGMA, LIMIT = 20, 50, 0.01, 3.0
FIRST, SECOND = np.array(list(combinations(range(N), 2))).T


def tables(seed: int = 1, phase=0.0, amplitude=0.0, lacking: float = 0.0, noise: float = 1.0):
    """Tables of residuals with errors (rms) of gains, of all antennas or each, and of IM1."""
    rng = np.random.default_rng(seed)
    place = rng.normal(0, 5e4, (N, 2))  # wavelengths
    baseline = np.hypot(*(place[FIRST] - place[SECOND]).T)
    errors = rng.standard_normal((2, TIMES, N))
    gains = np.exp(amplitude * errors[0] + 1j * phase * errors[1])
    model = 2.4 + 0.2j * np.ones(len(FIRST))
    seen = model * gains[:, FIRST] * np.conj(gains[:, SECOND])
    flux = lacking * np.exp(-((baseline / 3e4) ** 2) + 2j * np.pi * rng.uniform(size=len(FIRST)))
    parts = rng.standard_normal((2, *seen.shape))
    residual = seen - model + flux + noise * SIGMA * (parts[0] + 1j * parts[1])
    by_baseline, by_antenna = ResidualSums(), AntennaSums([f"A{k}" for k in range(N)])
    for row in residual:
        weight = np.full(len(row), SIGMA**-2.0)
        by_baseline.add(baseline, weight, row, model)
        by_antenna.add(FIRST, SECOND, weight, row, model)
    return by_baseline.table(), by_antenna.table()


def cause(*spws):
    by_baseline, by_antenna = zip(*spws, strict=True)
    return misfits(dict(enumerate(by_baseline)), dict(enumerate(by_antenna)), LIMIT)


def of_one(error: float) -> np.ndarray:
    return np.where(np.arange(N) == 7, error, 0.0)


@pytest.mark.parametrize(
    ("made", "seen", "antennas"),
    [
        ({"phase": 0.05}, "phases", ()),
        ({"amplitude": 0.03}, "amplitudes", ()),
        ({"phase": of_one(0.5)}, "antennas", ("A7",)),
        ({"amplitude": of_one(0.5)}, "antennas", ("A7",)),
        ({"lacking": 0.1}, "short baselines", ()),
        ({"noise": 3.0}, "weights", ()),
    ],
)
def test_the_cause_is_the_one_that_was_put_in(made, seen, antennas):
    found = cause(tables(**made))[0]
    assert found.chi2 > LIMIT
    assert (found.cause, found.antennas) == (seen, antennas)


def test_of_several_spws_the_one_that_is_bad_by_itself_is_told():
    found = cause(tables(1), tables(2, phase=0.05), tables(3), tables(4))
    assert set(found) == {1}
    assert found[1].cause == "spw"
    alike = cause(*(tables(seed, phase=0.05) for seed in range(4)))
    assert {each.cause for each in alike.values()} == {"phases"}


def test_a_sound_fit_has_none_and_without_antennas_the_cause_is_not_known():
    assert cause(tables()) == {}
    by_baseline, _ = tables(phase=0.05)
    assert misfits({0: by_baseline}, {}, LIMIT)[0].cause == "unknown"
