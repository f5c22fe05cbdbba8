"""What a simulated track is made of: its settings, each checked."""

import difflib
import itertools
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minispiral.errors import MinispiralError
from minispiral.sgr_a import LINE_GHZ, LINE_WIDTH_GHZ
from minispiral.simulation import source

DIAMETER = 12.0
#: Correlation products that an observation can have, and CASA's name of their feeds.
CORRELATIONS = {
    "XX XY YX YY": "perfect X Y",
    "XX YY": "perfect X Y",
    "RR RL LR LL": "perfect R L",
    "RR LL": "perfect R L",
}
#: Skies that there are.
SKIES = ("components", "smooth")
#: Settings that are one of a few words.
_CHOICES: dict[str, tuple[str, ...]] = {"correlations": tuple(CORRELATIONS), "sky": SKIES}
#: The kind of each number among the settings, its lower and its upper bound (inclusive).
_BOUNDS: dict[str, tuple[type, float, float]] = {
    "seed": (int, 0, 2**63),
    "scans": (int, 1, 1000),
    "scan_minutes": (float, 0.01, 1440),
    "gap_minutes": (float, 0, 1440),
    "integration_s": (float, 0.01, 600),
    "antennas": (int, 2, 1000),
    "channels": (int, 1, 10000),
    "bandwidth_ghz": (float, 1e-6, 100),
    "core_flux_jy": (float, 1e-6, 1e6),
    "core_rms": (float, 0, 2),
    "core_timescale_h": (float, 1e-3, 1e6),
    "minispiral_flux_jy": (float, 0, 1e6),
    "polarized_fraction": (float, 0, 0.9),
    "rotation_measure": (float, -1e9, 1e9),
    "circular_fraction": (float, -0.4, 0.4),
    "line_depth": (float, 0, 10),
    "line_frequency_ghz": (float, 1, 1000),
    "line_width_ghz": (float, 1e-6, 100),
    "system_temperature_k": (float, 1e-9, 1e6),
    "zenith_opacity": (float, 0, 2),
    "d_terms": (float, 0, 0.3),
    "xy_ratio": (float, -0.3, 0.3),
    "broken_integrations": (int, 0, 1e6),
}
#: What the numbers of a list among the settings are, their lower and their upper bound.
_LISTS: dict[str, tuple[str, float, float]] = {
    "frequencies_ghz": ("a number for each spw", 1, 1000),
    "core_offset_arcsec": ("arcsec east and north", -60, 60),
    "scan_minutes": ("the length of each scan in turn", *_BOUNDS["scan_minutes"][1:]),
}


@dataclass(frozen=True)
class TrackSimulation:
    """What a simulated track is made of; the defaults are a demonstration of 40 minutes."""

    seed: int = 1
    """Seed of everything random: the core, QA2's imperfection, broken integrations, noise."""
    start: str = "2017-04-06T08:45:00"
    """Start of the first scan, ISO 8601, UTC. Sgr A* culminates at ALMA at 09:15 UTC on 6 April,
    and four minutes earlier every day."""
    scans: int = 6
    """Number of scans."""
    scan_minutes: float | tuple[float, ...] = 5.0
    """Length of a scan, min; a list where scans differ, which take its lengths in turn."""
    gap_minutes: float = 2.0
    """Time between two scans, min."""
    integration_s: float = 6.0
    """Integration time, s."""
    antennas: int = 30
    """Number of antennas, taken evenly from `antenna_config`."""
    antenna_config: str = "alma.cycle4.1.cfg"
    """Antenna configuration: a file name in ``alma/simmos`` of CASA's data. The default has
    baselines of 15-156 m."""
    frequencies_ghz: tuple[float, ...] = (213.1, 215.1, 227.1, 229.1)
    """Central sky frequency of each spectral window, GHz (the EHT's at ALMA, band 6)."""
    channels: int = 1
    """Channels of each spectral window. The sky's flux does not vary within a window."""
    bandwidth_ghz: float = 1.875
    """Width of each spectral window, GHz."""
    correlations: str = "XX XY YX YY"
    """Correlation products, one of `CORRELATIONS`."""
    core_flux_jy: float = 2.4
    """Mean flux density of the core at 220 GHz, Jy."""
    core_rms: float = 0.1
    """Rms of the core's flux density as a fraction of its mean; 0 is a constant core."""
    core_timescale_h: float = 8.0
    """Correlation time of the core's flux density, h."""
    sky: str = "components"
    """The minispiral: "components", Gaussians that are seen as they are, or "smooth": patches,
    ridges and a faint halo, seen through the Gaussian primary beam of the dishes at each spw's
    frequency."""
    minispiral_flux_jy: float = 1.1
    """Flux density of the minispiral at 220 GHz, as the antennas see it, Jy."""
    polarized_fraction: float = 0.07
    """Mean linearly polarised fraction of the core."""
    rotation_measure: float = -4e5
    """Rotation measure of the core, rad/m^2."""
    circular_fraction: float = -0.01
    """Stokes V of the core as a fraction of its I."""
    core_offset_arcsec: tuple[float, float] = (0.0, 0.0)
    """The core's place east and north of the phase centre, arcsec; the minispiral goes with it."""
    line_depth: float = 0.0
    """Optical depth at the zenith, at its centre, of a line that absorbs the core's flux, and not
    the minispiral's; it grows with the airmass."""
    line_frequency_ghz: float = LINE_GHZ
    """Centre of the absorption line, GHz (that of Goddi et al. 2021)."""
    line_width_ghz: float = LINE_WIDTH_GHZ
    """Full width of the absorption line at half maximum, GHz."""
    system_temperature_k: float = 90.0
    """System temperature at the zenith, K (noise of a visibility: `source.thermal_noise`)."""
    zenith_opacity: float = 0.0
    """Opacity of the atmosphere at the zenith, with which noise grows with the airmass while the
    weights do not follow (`source.noise_growth`); 0 is constant noise. 0.1 doubles the variance of
    the noise from the zenith to an elevation of 30 deg."""
    d_terms: float = 0.0
    """Leakage that calibration leaves between the hands, as rms of complex D-terms, drawn for each
    antenna, hand and spectral window (`minispiral.simulation.feeds`); 0 is none, 0.01 is usual."""
    xy_ratio: float = 0.0
    """Error of the ratio of the hands' amplitudes, X over Y or R over L, that calibration leaves in
    all antennas and spectral windows alike; it makes Stokes I appear as Q of linear feeds."""
    broken_integrations: int = 3
    """Number of integrations in which a third of the antennas fail, in all spectral windows."""

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "TrackSimulation":
        """Return the simulation that a mapping describes, the rest by default.

        Raises
        ------
        MinispiralError
            If a key is unknown or a value is not possible.
        """
        known = [field.name for field in fields(cls)]
        for key in settings:
            if key not in known:
                close = difflib.get_close_matches(str(key), known, n=1)
                hint = f"did you mean '{close[0]}'?" if close else f"possible: {', '.join(known)}"
                raise MinispiralError(f"simulation: unknown setting '{key}': {hint}")
        track = cls(**{key: _checked(key, value) for key, value in settings.items()})
        if len(track.core_offset_arcsec) != 2:
            raise MinispiralError(
                f"simulation: core_offset_arcsec is {list(track.core_offset_arcsec)}: give two "
                "numbers, arcsec east and north"
            )
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
        return sum(
            max(1, round(60 * minutes / self.integration_s)) for minutes in self.scan_lengths
        )

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
        """What the core's light curves are drawn from."""
        return source.Core(
            flux_jy=self.core_flux_jy,
            rms=self.core_rms,
            timescale_s=3600 * self.core_timescale_h,
            polarized_fraction=self.polarized_fraction,
            rotation_measure=self.rotation_measure,
            circular_fraction=self.circular_fraction,
        )


def _checked(key: str, value: Any) -> Any:
    """Return the value of a setting in its type.

    Raises
    ------
    MinispiralError
        If the value is not possible.
    """
    if key in _BOUNDS and not (key in _LISTS and isinstance(value, list | tuple)):
        return _number(key, value, *_BOUNDS[key])
    if key in _LISTS:
        if not isinstance(value, list | tuple) or not value:
            raise MinispiralError(f"simulation: {key} is {value!r}: give a list, {_LISTS[key][0]}")
        return tuple(_number(key, number, float, *_LISTS[key][1:]) for number in value)
    if key == "start":
        return utc(value).isoformat()
    if key in _CHOICES:
        if value not in _CHOICES[key]:
            raise MinispiralError(
                f"simulation: {key} is {value!r}: possible are "
                + ", ".join(f"'{name}'" for name in _CHOICES[key])
            )
    elif not isinstance(value, str) or not value or os.path.basename(value) != value:
        raise MinispiralError(f"simulation: {key} is {value!r}: give a file name without folder")
    return value


def _number(key: str, value: Any, kind: type, low: float, high: float) -> Any:
    """Return a number in its type; raise MinispiralError if it is none or out of bounds."""
    number = value
    if kind is float and isinstance(value, str):  # YAML takes -4e5 for text
        with suppress(ValueError):
            number = float(value)
    types = int if kind is int else (int, float)
    if not isinstance(number, types) or isinstance(number, bool) or not low <= number <= high:
        name = "whole number" if kind is int else "number"
        raise MinispiralError(
            f"simulation: {key} is {value!r}: give a {name} between {low:g} and {high:g}"
        )
    return kind(number)


def utc(value: Any) -> datetime:
    """Return an ISO 8601 time (or a datetime, as YAML reads one) in UTC."""
    try:
        time = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise MinispiralError(
            f"simulation: start is {value!r}: give a time in UTC, such as 2017-04-06T08:45:00"
        ) from error
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
