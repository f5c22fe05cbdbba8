r"""What averaging in frequency and time costs: the loss of a source's amplitude by smearing.

For a source at angle theta from the phase centre and a synthesised beam of FWHM b::

    bandwidth    R_b = 1 / sqrt(1 + beta^2),    beta = (dnu / nu) (theta / b)
    time         R_t = 1 - 1.2e-9 (theta / b)^2 tau^2,    tau in s

after Bridle & Schwab (1999, in Synthesis Imaging in Radio Astronomy II, chapter 18). R_t is a mean
over an image's baselines. The longest of them, whose fringe is f wide, loses up to 1 - sinc(pi w
tau theta / f), with w the earth's angular velocity; to second order::

    (pi w tau theta / f)^2 / 6
"""

from dataclasses import dataclass

import numpy as np

from minispiral.measures.times import SIDEREAL_DAY

EARTH_RATE = 2 * np.pi / SIDEREAL_DAY  # rad/s
TIME_SMEARING = 1.2e-9  # s^-2: the mean over hour angles and position angles, for the earth's turn


def bandwidth_loss(width: float, frequency: float, radius: float) -> float:
    """Share of the amplitude that is lost by channels of `width` (Hz) at `radius`, in beams."""
    return 1 - 1 / np.sqrt(1 + (width / frequency * radius) ** 2)


def time_loss(interval: float, radius: float) -> float:
    """Share of the amplitude lost by integrations of `interval` (s) at `radius`, in beams."""
    return TIME_SMEARING * (radius * interval) ** 2


def widest_channel(limit: float, frequency: float, radius: float) -> float:
    """Width (Hz) at which the bandwidth loss at `radius` (beams) is `limit`."""
    return frequency / radius * np.sqrt(1 / (1 - limit) ** 2 - 1)


def longest_interval(limit: float, radius: float) -> float:
    """Interval (s) at which the time loss at `radius` (beams) is `limit`."""
    return np.sqrt(limit / TIME_SMEARING) / radius


def longest_interval_of_baseline(limit: float, radius: float) -> float:
    """Interval (s) in which a baseline loses at most `limit` at `radius`, in fringes of its own."""
    return float(np.sqrt(6 * limit) / (np.pi * EARTH_RATE * radius))


@dataclass(frozen=True)
class AveragingCheck:
    """The losses of some data at the edge of their field, and the averaging that is allowed.

    `radius_arcsec` of the field, `beam_arcsec` (FWHM); `channel_width_hz` and `interval_s` of the
    data with their losses; the largest number of channels and integrations whose average keeps each
    loss under `limit`. A loss already beyond it allows one.
    """

    radius_arcsec: float
    beam_arcsec: float
    limit: float
    frequency_hz: float
    channel_width_hz: float
    bandwidth_loss: float
    widest_channel_hz: float
    channels: int
    interval_s: float
    time_loss: float
    longest_interval_s: float
    integrations: int


def check_averaging(
    radius_arcsec: float,
    beam_arcsec: float,
    limit: float,
    frequency_hz: float,
    channel_width_hz: float,
    interval_s: float,
) -> AveragingCheck:
    """Work out the losses at the edge of a field, and the widest averaging under a limit."""
    radius = radius_arcsec / beam_arcsec
    width = widest_channel(limit, frequency_hz, radius)
    interval = longest_interval(limit, radius)
    return AveragingCheck(
        radius_arcsec=radius_arcsec,
        beam_arcsec=beam_arcsec,
        limit=limit,
        frequency_hz=frequency_hz,
        channel_width_hz=channel_width_hz,
        bandwidth_loss=float(bandwidth_loss(channel_width_hz, frequency_hz, radius)),
        widest_channel_hz=float(width),
        channels=max(1, int(width / channel_width_hz)),
        interval_s=interval_s,
        time_loss=float(time_loss(interval_s, radius)),
        longest_interval_s=float(interval),
        integrations=max(1, int(interval / interval_s)),
    )
