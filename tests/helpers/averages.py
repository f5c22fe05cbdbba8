"""Averages of a made-up array that looks at a known sky, with antenna gains and noise put on."""

from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from minispiral.sky.averages import Averages
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.smearing import EARTH_RATE

FREQUENCY, DISH = 220e9, 12.0
CORE = (0.0, 0.0)
DECLINATION, LATITUDE = np.radians([-29.0, -23.0])


@cache
def sky(size: int = 64, cell: float = 0.5) -> SkyModel:
    """Patches and a halo, 1 Jy in all, none of them symmetric about the centre."""
    n = np.arange(size) - size // 2
    x, y = -n[:, None] * cell, n[None] * cell
    pixels = np.zeros((size, size))
    for flux, east, north, width in (
        (0.3, 4.0, 3.0, 1.2),
        (0.3, -5.0, 1.0, 1.8),
        (0.1, 1.0, -6.0, 1.0),
        (0.2, -2.0, 7.0, 2.2),
        (0.1, 0.0, 0.0, 4.0),
    ):
        gaussian = np.exp(-((x - east) ** 2 + (y - north) ** 2) / (2 * width**2))
        pixels += flux * gaussian / gaussian.sum()
    return SkyModel(pixels, cell, CORE, DISH)


@dataclass(frozen=True)
class Array:
    """An array of `antennas` within 60 m that follows the sky at `times` (s), one bin each."""

    antennas: int
    times: np.ndarray
    seed: int = 8
    rows: Averages = field(init=False)
    minispiral: np.ndarray = field(init=False)  # of 1 Jy, without pointing errors

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        east, north = 30 * rng.normal(size=(2, self.antennas))
        first, second = np.triu_indices(self.antennas, 1)
        x = -np.sin(LATITUDE) * (north[first] - north[second])
        y, z = east[first] - east[second], np.cos(LATITUDE) * (north[first] - north[second])
        h = (EARTH_RATE * (self.times - self.times.mean()))[:, None]
        u = np.sin(h) * x + np.cos(h) * y
        v = -np.sin(DECLINATION) * (np.cos(h) * x - np.sin(h) * y) + np.cos(DECLINATION) * z
        n, pairs = len(self.times), len(first)
        rows = Averages(
            FREQUENCY,
            self.times,
            np.arange(n),
            np.repeat(np.arange(n), pairs),
            np.stack([u, v]).reshape(2, -1),
            np.zeros(n * pairs, complex),
            np.ones(n * pairs),
            np.tile(first, n).astype(np.int16),
            np.tile(second, n).astype(np.int16),
            np.array([f"A{k:02d}" for k in range(self.antennas)]),
        )
        object.__setattr__(self, "rows", rows)
        model = sky().minispiral_visibilities(rows.uv, FREQUENCY)
        object.__setattr__(self, "minispiral", model)

    def data(
        self,
        extended: np.ndarray | float = 1.1,
        compact: np.ndarray | float = 2.5,
        gain: np.ndarray | None = None,
        sigma: float = 0.02,
        seed: int = 1,
        minispiral: np.ndarray | None = None,
    ) -> Averages:
        """Averages with fluxes ``(n_time,)``, Jy, and antenna gains ``(n_time, n_antenna)``.

        `sigma`, Jy: the noise of real and imaginary part, for which the weights are right.
        """
        place = self.rows.bin
        n = len(self.times)
        extended, compact = np.broadcast_to(extended, n), np.broadcast_to(compact, n)
        model = self.minispiral if minispiral is None else minispiral
        values = extended[place] * model + compact[place]
        if gain is not None:
            gain = np.broadcast_to(gain, (n, self.antennas))
            values = values * gain[place, self.rows.antenna1]
            values = values * np.conj(gain[place, self.rows.antenna2])
        rng = np.random.default_rng(seed)
        values = values + sigma * (rng.standard_normal((2, len(place))).T @ [1, 1j])
        weight = np.full(len(place), sigma**-2)
        return replace(self.rows, values=values, weight=weight)


def independent_errors(
    times: np.ndarray, antennas: int, size: float, timescale: float, seed: int
) -> np.ndarray:
    """Errors that vary smoothly over `timescale` (s), each antenna its own: ``(n_time, n)``."""
    rng = np.random.default_rng(seed)
    distance = (times[:, None] - times) / timescale
    covariance = np.exp(-(distance**2) / 2) + 1e-9 * np.eye(len(times))
    return size * np.linalg.cholesky(covariance) @ rng.standard_normal((len(times), antennas))
