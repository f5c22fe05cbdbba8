"""A polarised core as imperfect feeds see it, to first order: what light curves have of it."""

from dataclasses import dataclass

import numpy as np

from minispiral.light_curves.feed_errors import Polarization
from minispiral.simulation.source import Core, core_stokes

LATITUDE, DECLINATION = np.radians(-23.02), np.radians(-29.01)
FREQUENCIES = np.array([213.1e9, 215.1e9, 227.1e9, 229.1e9])
START = 4998190800.0  # s, of hour angle 0


def parallactic_angle(times: np.ndarray) -> np.ndarray:
    """Of Sgr A* at ALMA, deg: tan psi = sin H / (tan phi cos delta - sin delta cos H)."""
    hour = 2 * np.pi * (np.asarray(times) - START) / 86164.1
    return np.degrees(
        np.arctan2(
            np.sin(hour),
            np.tan(LATITUDE) * np.cos(DECLINATION) - np.sin(DECLINATION) * np.cos(hour),
        )
    )


@dataclass(frozen=True)
class Seen:
    """Apparent and true Stokes parameters, ``(4, n_spw, n)``, at times, with noise of each."""

    times: np.ndarray
    apparent: np.ndarray
    true: np.ndarray
    noise: float

    @property
    def psi(self) -> np.ndarray:
        return np.unwrap(np.radians(parallactic_angle(self.times)))

    @property
    def polarization(self) -> Polarization:
        i, q, u, v = self.apparent
        error = np.full(i.shape, self.noise) / i
        return Polarization((q + 1j * u) / i, error, v / i, error)

    @property
    def errors_of_v(self) -> np.ndarray:
        """Of V / I, means over time: ``(n_spw,)``."""
        return np.mean(self.apparent[3] / self.apparent[0] - self.true[3] / self.true[0], axis=1)

    @property
    def error_of_evpa(self) -> float:
        """Rms over times and spws, deg."""
        turned = self._linear(self.apparent) / self._linear(self.true)
        return float(np.degrees(np.sqrt(np.mean((np.angle(turned) / 2) ** 2))))

    @staticmethod
    def _linear(stokes: np.ndarray) -> np.ndarray:
        return stokes[1] + 1j * stokes[2]


def observe(
    seed: int,
    hours: float = 5.0,
    d_terms: float = 0.0,
    ratio: float = 0.0,
    spws: int = 4,
    antennas: int = 30,
    step: float = 120.0,
    noise: float = 3e-4,
    phase: float = 0.0,
) -> Seen:
    """Observe about the culmination, with linear feeds; `phase` (rad) is that between the hands."""
    rng = np.random.default_rng(seed)
    times = START + np.arange(-hours * 1800, hours * 1800, step)
    true = core_stokes(times, FREQUENCIES[:spws], Core(), rng)
    i, q, u, v = true
    parts = rng.standard_normal((2, spws, antennas, 2))
    x, y = (d_terms / np.sqrt(2) * (parts[0] + 1j * parts[1])).mean(axis=1).T[..., np.newaxis]
    z = np.exp(2j * np.radians(parallactic_angle(times)))
    q, u = ((q + 1j * u) / z).real, ((q + 1j * u) / z).imag
    seen_i = i + (x + y).real * u + (x - y).imag * v + ratio * q
    seen_q = q + (x - y).real * u + (x + y).imag * v + ratio * i
    seen_u = u + (x + y).real * i - (x - y).real * q
    seen_v = v + (x - y).imag * i - (x + y).imag * q + phase * u
    linear = (seen_q + 1j * seen_u) * z
    apparent = np.array([seen_i, linear.real, linear.imag, seen_v])
    apparent += noise * rng.standard_normal(apparent.shape)
    return Seen(times, apparent, true, noise)
