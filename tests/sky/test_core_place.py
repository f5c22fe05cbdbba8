"""The core's place from the visibilities."""

import numpy as np
import pytest

from minispiral.sky.core_place import for_long_baselines, newton_step
from minispiral.visibilities.transform import component_visibilities, uv_wavelengths

PLACE = (0.183, -0.427)
FREQUENCIES = (213.1e9, 229.1e9)
FRINGE = 0.9  # arcsec, of the longest baseline


def baselines(longest: float = 300.0, n: int = 3000) -> np.ndarray:
    """UVW of baselines in all directions, most of them short: ``(3, n)``, m."""
    rng = np.random.default_rng(1)
    length, angle = longest * rng.random(n) ** 0.7, 2 * np.pi * rng.random(n)
    return np.stack([length * np.cos(angle), length * np.sin(angle), 0 * length])


def blocks(minispiral: float):
    """A variable core at its place, and beside it a minispiral of 2 arcsec."""
    uvw, rng = baselines(), np.random.default_rng(2)
    gain = 1 + 0.3 * rng.random(uvw.shape[1])
    for frequency in FREQUENCIES:
        u, v = uv_wavelengths(uvw, frequency)
        values = component_visibilities(u, v, *np.array([PLACE]).T, np.array([2.5]))
        size = np.exp(-2 * (np.pi * np.hypot(u, v) * 2.0 / 2.355 / 206265) ** 2)
        values += size * component_visibilities(u, v, *np.array([[2.0, 1.0]]).T, [minispiral])
        yield uvw, frequency, for_long_baselines(uvw, frequency, gain) * gain * values


def found(minispiral: float, start: tuple[float, float]) -> tuple[float, float]:
    for _ in range(5):
        step = newton_step(blocks(minispiral), start)
        start = (float(start[0] + step[0]), float(start[1] + step[1]))
    return start


def test_a_point_alone_is_found_where_it_is():
    assert found(0.0, (PLACE[0] + 0.1, PLACE[1] - 0.12)) == pytest.approx(PLACE, abs=1e-9)


def test_the_minispiral_beside_it_moves_it_by_less_than_a_hundredth_of_a_fringe():
    place = found(1.5, (PLACE[0] - 0.1, PLACE[1] + 0.05))
    assert np.hypot(*np.subtract(place, PLACE)) < 0.01 * FRINGE


def test_there_is_no_step_where_there_is_no_maximum():
    step = newton_step(blocks(0.0), (PLACE[0] + 0.7, PLACE[1]))
    assert np.isnan(step).all()
