"""What makes a simulated track: its settings, each checked."""

import itertools
import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from minispiral.config.checking import wrong_values
from minispiral.config.simulation_keys import Simulation
from minispiral.errors import MinispiralError
from minispiral.simulation import source

DIAMETER = 12.0
#: Types of the settings that are numbers, or may be.
_NUMBERS = {
    f.name: float if float in get_args(f.type) else f.type
    for f in fields(Simulation)
    if f.type in (int, float) or float in get_args(f.type)
}


@dataclass(frozen=True)
class TrackSimulation(Simulation):
    """What makes a simulated track; the defaults are a demonstration of 40 minutes.

    The fields are the keys of ``simulate``, which `minispiral.config.simulation_keys` describes.
    """

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "TrackSimulation":
        """Return the simulation that a mapping describes, the rest by default.

        Raises
        ------
        MinispiralError
            If a key is unknown or a value is not possible.
        """
        plain = _plain(settings)
        if wrong := [*wrong_values(Simulation, plain)]:
            raise MinispiralError("\n".join(f"simulation: {problem}" for problem in wrong))
        track = cls(**{key: _typed(key, value) for key, value in plain.items()})
        if track.broken_integrations > track.integrations:
            raise MinispiralError(
                f"simulation: broken_integrations is {track.broken_integrations}, but the track "
                f"has {track.integrations} integrations: ask for fewer"
            )
        least = source.sky_temperature(track.zenith_opacity)
        if track.system_temperature_k < least:
            raise MinispiralError(
                f"simulation: system_temperature_k is {track.system_temperature_k:g}, but the sky "
                f"alone has {least:.1f} K at zenith_opacity {track.zenith_opacity:g}: raise the "
                "first or lower the second"
            )
        return track

    @property
    def integrations(self) -> int:
        """Number of integrations of the track."""
        seconds = [60 * minutes for minutes in self.scan_lengths]
        return sum(max(1, round(length / self.integration_s)) for length in seconds)

    @property
    def scan_lengths(self) -> tuple[float, ...]:
        """Length of each scan, min."""
        lengths = self.scan_minutes
        lengths = lengths if isinstance(lengths, tuple) else (lengths,)
        return tuple(itertools.islice(itertools.cycle(lengths), self.scans))

    @property
    def correlation_names(self) -> tuple[str, ...]:
        """Names of the correlations, one by one."""
        return tuple(self.correlations.split())

    @property
    def linear_feeds(self) -> bool:
        """Whether feeds are X and Y, not R and L."""
        return self.correlations.startswith("X")

    @property
    def perfect_feeds(self) -> bool:
        """Whether calibration leaves nothing of the feeds."""
        return self.d_terms == 0 and self.xy_ratio == 0

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Central frequencies, shape ``(n_spw,)``, Hz."""
        return 1e9 * np.array(self.frequencies_ghz)

    @property
    def channel_width(self) -> float:
        """Width of a channel, Hz."""
        return 1e9 * self.bandwidth_ghz / self.channels

    @property
    def channel_frequencies(self) -> NDArray[np.float64]:
        """Central frequencies of all channels, shape ``(n_spw, n_channel)``, Hz."""
        offset = np.arange(self.channels) - (self.channels - 1) / 2
        return self.frequencies[:, np.newaxis] + self.channel_width * offset

    @property
    def noise(self) -> float:
        """Noise of a visibility of one correlation and channel, real and imaginary each, Jy."""
        return source.thermal_noise(
            self.system_temperature_k, self.channel_width, self.integration_s, DIAMETER
        )

    @property
    def core(self) -> source.Core:
        """What the core's light curves follow."""
        return source.Core(
            flux_jy=self.core_flux_jy,
            rms=self.core_rms,
            timescale_s=3600 * self.core_timescale_h,
            polarized_fraction=self.polarized_fraction,
            rotation_measure=self.rotation_measure,
            circular_fraction=self.circular_fraction,
        )


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as a configuration has them: plain YAML, its numbers no text.

    Raises
    ------
    MinispiralError
        If a number is not finite.
    """
    plain = json.loads(json.dumps(dict(settings), default=str))
    for key, value in plain.items():
        if _NUMBERS.get(key) is float and isinstance(value, str):  # YAML 1.1 takes -4e5 for text
            with suppress(ValueError):
                plain[key] = float(value)
        numbers = plain[key] if isinstance(plain[key], list) else [plain[key]]
        if not all(math.isfinite(n) for n in numbers if isinstance(n, float)):
            raise MinispiralError(f"simulation: {key} is {value}: give a finite number")
    return plain


def _typed(key: str, value: Any) -> Any:
    """Return a value that is possible in the type of its key."""
    if key == "start":
        return utc(value).isoformat()
    if isinstance(value, list):
        return tuple(map(float, value))
    if _NUMBERS.get(key) is int:
        return int(value)
    return float(value) if key in _NUMBERS else value


def utc(value: str) -> datetime:
    """Return an ISO 8601 time in UTC."""
    time = datetime.fromisoformat(value)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
