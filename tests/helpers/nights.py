"""Simulated nights for the tests: visibilities by numpy alone, whose gains vary in a chosen way."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.constants import speed_of_light

from minispiral.fit.normal_equations import NormalSums
from minispiral.simulation import source
from minispiral.visibilities.stokes import stokes_visibilities

ANTENNAS = 24
SCANS, SCAN_LENGTH, GAP = 6, 40, 120.0  # integrations, s
INTERVAL = 6.0  # s
START = 4998188200.0  # MJD, s
FREQUENCIES = (213.1e9, 227.1e9)
CORRELATIONS = ("XX", "XY", "YX", "YY")
NOISE = 0.02  # Jy, of a correlation: 0.4 % of F_ext


@dataclass(frozen=True)
class Night:
    """Fits of each spw, and what was put in: the core's Stokes I, Q, U, V, ``(4, n_spw, n)``."""

    fits: list[dict[str, np.ndarray]]
    stokes: np.ndarray


def night(kind: str, seed: int, shared: bool = False) -> Night:
    """Simulate a night of a kind.

    smooth, scan, steps: how QA2's gain varies: with the core, or constant in each scan or minute;
    flare: 30 % within 3 minutes; quiet: a constant core; missing: a fifth of the antennas at a
    time is not there. `shared`: both spws have the same gain.
    """
    rng = np.random.default_rng(seed)
    time, scan = _times()
    rms = 0.0 if kind == "quiet" else 0.1
    core = source.Core(rms=rms)
    stokes = source.core_stokes(time, FREQUENCIES, core, rng)
    if kind == "flare":
        middle = time[scan == 2][SCAN_LENGTH // 2]
        stokes = stokes * (1 + 0.3 * np.exp(-((time - middle) ** 2) / (2 * 76.4**2)))
    stray = np.stack([source.smooth_walk(time, 0.005, 600.0, rng) for _ in FREQUENCIES])
    if shared:
        stray[1:] = stray[0]
    gain = stokes[0].mean() / stokes[0, :1] / (1 + stray)
    if kind in ("scan", "steps"):
        block = scan if kind == "scan" else np.arange(scan.size) // 10
        jump = np.exp(0.03 * rng.standard_normal(block.max() + 1))
        means = [np.bincount(block, g) / np.bincount(block) for g in gain]
        gain = np.array([(mean * jump)[block] for mean in means])
    present = np.ones((scan.size, ANTENNAS), bool)
    if kind == "missing":
        for part in np.array_split(np.arange(scan.size), 5):
            present[part[:, None], rng.choice(ANTENNAS, ANTENNAS // 5, replace=False)] = False
    fits = []
    for k, frequency in enumerate(FREQUENCIES):
        minispiral = _minispiral(frequency)
        fit = _fit(minispiral, stokes[:, k], gain[k], present, rng)
        none = np.zeros(scan.size, int)
        fits.append({"time": time, "observation": none, "array": none, "scan": scan, **fit})
    return Night(fits, stokes)


def _times() -> tuple[np.ndarray, np.ndarray]:
    scan = np.repeat(np.arange(SCANS), SCAN_LENGTH)
    return START + INTERVAL * np.arange(scan.size) + GAP * scan, scan


@cache
def _minispiral(frequency: float) -> np.ndarray:
    """Visibilities of 1 Jy, (n, n_baseline): ALMA sees Sgr A* around its culmination."""
    east, north = np.random.default_rng(0).uniform(-75, 75, (2, ANTENNAS))
    i, j = np.triu_indices(ANTENNAS, 1)
    east, north = east[j] - east[i], north[j] - north[i]
    latitude, declination = np.radians([-23.0, -29.0])
    time = _times()[0]
    hour = 2 * np.pi * (time - time.mean())[:, None] / 86164.0
    x, y, z = -np.sin(latitude) * north, east, np.cos(latitude) * north
    u = np.sin(hour) * x + np.cos(hour) * y
    v = np.sin(declination) * (-np.cos(hour) * x + np.sin(hour) * y) + np.cos(declination) * z
    per_wavelength = frequency / speed_of_light
    return source.gaussian_visibility(
        u * per_wavelength, v * per_wavelength, source.minispiral(1.0)
    )


def _fit(minispiral, stokes, gain, present, rng) -> dict[str, np.ndarray]:
    n, baselines = minispiral.shape
    i, j = np.triu_indices(ANTENNAS, 1)
    i_s, q_s, u_s, v_s = stokes[:, :, None]
    total = i_s + 1.1 * minispiral
    data = np.stack(
        [total + q_s, u_s + 1j * v_s + 0 * total, u_s - 1j * v_s + 0 * total, total - q_s]
    )
    data = data + NOISE * (rng.standard_normal(data.shape) + 1j * rng.standard_normal(data.shape))
    data = (data * gain[:, None]).reshape(4, -1)
    weight = np.full(data.shape, NOISE**-2)
    flag = np.broadcast_to(~(present[:, i] & present[:, j]).reshape(-1), data.shape)
    sums = NormalSums(n)
    sums.add(
        np.repeat(np.arange(n), baselines),
        stokes_visibilities(data, weight, flag, CORRELATIONS),
        minispiral.reshape(-1),
    )
    return sums.solve()
