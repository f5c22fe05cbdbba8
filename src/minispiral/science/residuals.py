r"""The residual visibilities of a track, spw by spw, as minutes of the field.

They are of averages in time (`minispiral.sky.averages`), from which core and minispiral are fitted
anew: V - F_ext m - F_core p. A broken antenna and a bright transient both make a fit poor. But the
transient does so on all baselines alike: so antennas whose baselines have a mean w |r|^2 above
`WORSE` times the median antenna's are left out of an average, the worst first, until none is; and
all of an average of which more than `MOST_BROKEN` are. Where many antennas fail at once that does
not tell; so integrations that the light curve does without are left out, but for runs of at least
`SHORTEST` whose chi-square is all that is wrong with them: these may be transients.

The field reaches as far as the primary beam's response is `LEAST_RESPONSE`, and is no finer than
`MOST_PIXELS` allow: baselines whose fringes are too narrow for its pixels are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from astropy.table import Table
from scipy.constants import c

from minispiral.fit.normal_equations import NormalSums
from minispiral.imaging.field_of_view import finest_fringe
from minispiral.light_curves.flagging import CHI2
from minispiral.measures.times import nearest_times
from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.science.snapshots import Field, Minutes, all_minutes
from minispiral.sky.averages import Averages
from minispiral.sky.track import minispiral_visibilities, point_visibilities_of
from minispiral.visibilities.pointing import Pointing
from minispiral.visibilities.primary_beam import primary_beam_width, radius_of_response
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.smearing import longest_interval_of_baseline
from minispiral.visibilities.stokes import StokesPair
from minispiral.visibilities.transform import point_visibilities, uv_wavelengths

LEAST_RESPONSE = 0.3
MOST_PIXELS = 256  # along a side
PIXELS = 3.0  # across the narrowest fringe
HIDDEN = 1.0  # radius about the core, in main lobes, within which its fit takes up what is there
LONGEST = 60.0  # s, of an average
WORSE = 2.0
MOST_BROKEN = 0.6
SHORTEST = 60.0  # s
ROUNDS = 2  # of a fit and a look for broken antennas
LOSS = 0.02  # of the amplitude, by averaging in time, at the field's edge on the longest baseline


@dataclass(frozen=True)
class SpwResiduals:
    """Residuals of one spw's averages: `time` (MJD in s) of each row, `values` and `weight`."""

    averages: Averages
    time: np.ndarray
    values: np.ndarray
    weight: np.ndarray


def longest_average(frequency: float, longest_m: float, dish_m: float) -> float:
    """Seconds that a track's visibilities may be averaged over, to look for transients."""
    radius = radius_of_response(LEAST_RESPONSE, primary_beam_width(frequency, dish_m))
    return min(LONGEST, longest_interval_of_baseline(LOSS, radius / _fringe(frequency, longest_m)))


def _fringe(frequency: float, baseline_m: float) -> float:
    return finest_fringe(baseline_m * frequency / c)


def measure(
    averages: Averages, sky: SkyModel, pointing: Pointing | None = None, threads: int = 1
) -> SpwResiduals:
    """Fit core and minispiral to each average of one spw, and return what is left.

    Parameters
    ----------
    sky : IM1 and the core's place
    pointing : of the antennas, None where it is not part of the fit
    """
    seen = minispiral_visibilities(averages, sky, threads, pointing)
    point = point_visibilities_of(averages, sky.core_offset)
    weight = averages.weight
    for _ in range(ROUNDS):
        values, weight = _residuals(averages, seen, point, weight)
        weight = without_broken(averages, values, weight)
    values, weight = _residuals(averages, seen, point, weight)
    return SpwResiduals(averages, averages.time[averages.bin], values, weight)


def _residuals(
    averages: Averages, seen: np.ndarray, point: np.ndarray | None, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What a fit leaves, and weights: 0 in averages without one."""
    sums = NormalSums(averages.number)
    sums.add(averages.bin, [StokesPair(("I",), averages.values[None], weight)], seen, point)
    fit = sums.solve()
    extended, core = fit["I_extended"], fit["I_compact"]
    known = np.isfinite(extended + core) & (extended > 0)
    bins = averages.bin
    model = extended[bins] * seen + core[bins] * (1.0 if point is None else point)
    weight = np.where(known[bins], weight, 0.0)
    return np.where(weight > 0, averages.values - model, 0), weight


def without_broken(averages: Averages, values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weights of rows ``(n_row,)``, 0 where an antenna is broken; see above.

    Parameters
    ----------
    values : residuals, Jy
    """
    n, bins = len(averages.antennas), averages.number
    square, weight = weight * np.abs(values) ** 2, weight.copy()
    labels = [averages.bin * n + of for of in (averages.antenna1, averages.antenna2)]
    broken = np.zeros((bins, n), bool)
    seen = averages.seen_antennas()
    for _ in range(n):
        used = weight > 0
        sums, numbers = np.zeros((2, bins * n))
        for label in labels:
            sums += np.bincount(label[used], square[used], bins * n)
            numbers += np.bincount(label[used], minlength=bins * n)
        with np.errstate(invalid="ignore"):
            mean = (sums / numbers).reshape(bins, n)
        there = np.isfinite(mean).any(axis=1)
        middle = np.full(bins, np.inf)
        middle[there] = np.nanmedian(mean[there], axis=1)
        worst = np.argmax(np.nan_to_num(mean, nan=-1.0), axis=1)
        bad = np.flatnonzero(mean[np.arange(bins), worst] > WORSE * middle)
        if not len(bad):
            break
        broken[bad, worst[bad]] = True
        weight[broken[averages.bin, averages.antenna1]] = 0.0
        weight[broken[averages.bin, averages.antenna2]] = 0.0
    lost = broken.sum(axis=1) > MOST_BROKEN * seen.sum(axis=1)
    weight[lost[averages.bin]] = 0.0
    return weight


def usable(samples: Averages, light_curve: Table) -> Averages:
    """Samples of the integrations that are used; see above.

    Parameters
    ----------
    light_curve : of the same spw, whose ``good`` and ``flag`` say which those are
    """
    interval = float(light_curve.meta["interval_s"])
    time = np.asarray(light_curve["mjd"], float) * SECONDS_PER_DAY
    used = np.asarray(light_curve["good"], bool).copy()
    misfit = np.asarray(light_curve["flag"]) == CHI2
    edges = np.flatnonzero(np.diff(misfit.astype(int), prepend=0, append=0))
    for first, last in zip(edges[::2], edges[1::2] - 1, strict=True):
        used[first : last + 1] = time[last] - time[first] + interval >= SHORTEST
    place = nearest_times(time, samples.times)[0]
    return samples.rows(used[place][samples.bin])


def field_of(spws: Sequence[Averages], dish_m: float, core: tuple[float, float]) -> Field:
    """The field in which a track's transients are looked for."""
    frequency = float(np.mean([spw.frequency for spw in spws]))
    width = primary_beam_width(frequency, dish_m)
    radius = radius_of_response(LEAST_RESPONSE, width)
    longest = max(float(np.hypot(*spw.uv).max(initial=1.0)) for spw in spws)
    fringe = _fringe(max(spw.frequency for spw in spws), longest)
    cell = max(fringe / PIXELS, 2 * radius / (MOST_PIXELS - 2))
    size = min(2 * (int(np.ceil(radius / cell)) + 1), MOST_PIXELS)
    return Field.around(size, cell, width, core, HIDDEN * max(fringe, PIXELS * cell))


def minutes_of(residuals: Sequence[SpwResiduals], place: Field, threads: int = 1) -> Minutes:
    """Put the residuals of all spws into minutes."""
    minutes = all_minutes(place, [spw.averages.time for spw in residuals])
    for spw in residuals:
        resolved = PIXELS * place.cell <= 1.001 * _fringes(spw.averages)
        weight = np.where(resolved, spw.weight, 0.0)
        minutes.add(spw.time, spw.averages.uv, spw.averages.frequency, weight, spw.values, threads)
    return minutes


def _fringes(averages: Averages) -> np.ndarray:
    return _fringe(averages.frequency, 1.0) / np.maximum(np.hypot(*averages.uv), 1e-9)


def with_source(
    averages: Averages, east: float, north: float, flux: float, seconds: tuple[float, float]
) -> Averages:
    """Add a point of `flux` Jy, as seen, from and to times (MJD in s): to measure what is found."""
    u, v = uv_wavelengths(averages.uv, averages.frequency)
    shining = (averages.time >= seconds[0]) & (averages.time < seconds[1])
    point = flux * point_visibilities(u, v, (east, north))
    return replace(averages, values=averages.values + np.where(shining[averages.bin], point, 0))
