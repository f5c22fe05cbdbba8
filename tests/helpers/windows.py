"""Windows of light curves, and curves in them that are drawn without the package."""

from dataclasses import replace

import numpy as np
import pandas
import pytest

from minispiral.science.damped_walk import DampedWalk
from minispiral.science.series import MOST_BINS, SLOW_BIN, Series
from tests.helpers.places import SHARED

WHITE, DRIFT, DRIFT_TIMESCALE = 0.0014, 0.0005, 600.0  # as of a mean over spws


def even_window(bins: int = 60, interval: float = 60.0, gap: slice = slice(25, 32)) -> Series:
    """A window with a gap."""
    place = np.delete(np.arange(bins), gap)
    n = len(place)
    return Series(place, interval, np.zeros(n), np.full(n, 0.001), 0.0005, 600.0)


def window_of(track: str, start: float = 0.0) -> Series:
    """The window of a track of known truth; the test is skipped where these are not."""
    path = SHARED / f"sgra_{track}.truth.csv"
    if not path.is_file():
        pytest.skip("the tracks are not here")
    truth = pandas.read_csv(path)
    time = np.sort(truth[truth["spw"] == 0]["mjd_s"].to_numpy())
    interval = float(np.median(np.diff(time)))
    slot = np.rint((time - time[0]) / interval).astype(int)
    per_bin = -(-(slot[-1] + 1) // MOST_BINS)
    place, number = np.unique(slot // per_bin, return_counts=True)
    white = WHITE / np.sqrt(number)
    zero = np.zeros(len(place))
    return Series(place, interval * per_bin, zero, white, DRIFT, DRIFT_TIMESCALE, start)


def slow_window(series: Series) -> Series:
    """The same window in the bins that what changes slowly is measured in."""
    per_bin = round(SLOW_BIN / series.interval)
    place, number = np.unique(series.place // per_bin, return_counts=True)
    white, interval = np.mean(series.white) / np.sqrt(number), per_bin * series.interval
    return replace(series, place=place, interval=interval, value=np.zeros(len(place)), white=white)


def errors(series: Series, number: int, random: np.random.Generator) -> np.ndarray:
    """Draw errors, ``(number, n)``: white ones and those that drift, by a dense matrix."""
    distance = np.sqrt(3) * np.abs(series.time[:, None] - series.time) / series.drift_timescale
    covariance = series.drift**2 * (1 + distance) * np.exp(-distance)
    covariance += np.diag(series.white**2)
    return random.multivariate_normal(np.zeros(len(series)), covariance, number)


def power_law_curves(
    series: Series, slope: float, amplitude: float, number: int, random: np.random.Generator
) -> np.ndarray:
    """Draw curves of a power law, without errors, ``(number, n)``.

    As Timmer & Koenig (1995, A&A 300, 707) do, on a grid 32 times longer than the window and four
    times finer than its bins, over which it is averaged. Amplitude in 1/Hz at 1 / hour.
    """
    bins, finer = int(series.place[-1]) + 1, 4
    n, step = 32 * bins * finer, series.interval / finer
    frequency = np.arange(1, n // 2 + 1) / (n * step)
    size = np.sqrt(amplitude * (3600 * frequency) ** -slope / 4 * n / step)
    curves = []
    for _ in range(number):
        parts = random.normal(size=(2, n // 2))
        amplitudes = np.concatenate([[0], size * (parts[0] + 1j * parts[1])])
        curve = np.fft.irfft(amplitudes, n)
        start = random.integers(0, n - bins * finer)
        binned = curve[start : start + bins * finer].reshape(bins, finer).mean(axis=1)
        curves.append(binned[series.place])
    return np.array(curves)


def damped_walks(
    tracks: list[Series], timescale: float, deviation: float, random: np.random.Generator
) -> list[Series]:
    """Draw one Ornstein-Uhlenbeck process through the windows of several tracks, with errors.

    It is averaged over bins, as fluxes are, at eight times in each.
    """
    finer = (np.arange(8) + 0.5) / 8
    parts = [track.start + np.add.outer(track.place, finer) * track.interval for track in tracks]
    time = np.concatenate(parts).ravel()
    kept = np.exp(-np.diff(time) / timescale)
    steps = deviation * np.sqrt(1 - np.append(0, kept) ** 2) * random.normal(size=len(time))
    value = np.empty(len(time))
    value[0] = steps[0]
    for k in range(1, len(time)):
        value[k] = kept[k - 1] * value[k - 1] + steps[k]
    value = value.reshape(-1, 8).mean(axis=1)
    ends = np.cumsum([len(track) for track in tracks])[:-1]
    parts = np.split(value, ends)
    return [
        replace(track, value=1 + part + errors(track, 1, random)[0])
        for track, part in zip(tracks, parts, strict=True)
    ]


def holds(walk: DampedWalk, timescale: float) -> bool | None:
    """Whether the limit or the interval of a walk has the timescale (s); None if it says none."""
    if walk.limit == "lower":
        return walk.timescale <= timescale
    if walk.limit == "upper":
        return walk.timescale >= timescale
    if np.isfinite(walk.timescale):
        return walk.timescale_low <= timescale <= walk.timescale_high
    return None
