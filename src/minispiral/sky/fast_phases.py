r"""Phases of antennas that vary within the averages in time: whether they do, and what they are.

Over the length of an average the visibilities of any sky are constant. Let a(t) be the flux of the
core, the weighted mean of Re(V conj(p)) of an integration. The antennas' phases then show as misfit
within each bin::

    E = sum w |V p* / a - mean|^2

where the mean is that of the samples of a baseline in the bin. Phases are solved for against the
core alone, one for each antenna and integration. They are applied to the data if they lower E for
each degree of freedom by the factor `WORTH`, in the median of all bins, which broken antennas in a
few bins do not change. These phases are wrong by the effect of the minispiral. This effect varies
slowly, and `minispiral.sky.slow_gains` then removes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from minispiral.sky.averages import Averages, average
from minispiral.visibilities.gain_equations import GROUPS, MINSNR, GainSums
from minispiral.visibilities.transform import Offset, point_visibilities, uv_wavelengths

WORTH = 1.1  # E by degree of freedom without phases, over that with: less is not worth the noise


@dataclass(frozen=True)
class FastPhases:
    """Phases of one spw, and the misfit E within the averages without and with them.

    `times` ``(n,)``, s; `antennas`, their names; `gain` ``(n, n_antenna)`` complex, of modulus 1,
    by which a datum is divided as V / (g_i conj(g_j)), and empty where they are not worth it;
    `before`, `after` ``(n_bin,)``: E by degree of freedom, NaN where a bin has none.
    """

    times: np.ndarray
    antennas: np.ndarray
    gain: np.ndarray
    before: np.ndarray
    after: np.ndarray

    @property
    def applied(self) -> bool:
        """Whether the phases are on the data."""
        return bool(self.gain.size)


def fast_phases(samples: Averages, bins: np.ndarray, core: Offset) -> FastPhases:
    """Solve for the phases of one spw, and measure the misfit without and with them.

    Parameters
    ----------
    samples : of all integrations, in their order
    bins : ``(n,)``, the average that each integration belongs to
    core : its place, arcsec east and north
    """
    turned = _to_core(samples, core)
    gain = _phases(turned)
    before, freedom = _misfit(turned, bins)
    # the core's flux as well is another where phases no longer take from it
    after, _ = _misfit(_to_core(samples.divided(gain), core), bins)
    return FastPhases(
        samples.times,
        samples.antennas,
        gain,
        _by_freedom(before, freedom),
        _by_freedom(after, freedom - _spent(turned, bins)),
    )


def benefit(spws: Iterable[FastPhases]) -> float:
    """Median misfit of all bins without phases over that with them; NaN if no bin has both."""
    pairs = [(spw.before, spw.after) for spw in spws]
    if not pairs:
        return np.nan
    before, after = (np.concatenate(values) for values in zip(*pairs, strict=True))
    known = np.isfinite(before) & np.isfinite(after)
    if not known.any():
        return np.nan
    return float(np.median(before[known]) / np.median(after[known]))


def worth_it(spws: Iterable[FastPhases]) -> bool:
    """Whether the phases of a track are worth their noise."""
    return benefit(spws) > WORTH


def left_out(phases: FastPhases) -> FastPhases:
    """The same without the phases, which are not worth it."""
    return replace(phases, gain=np.zeros((0, 0), complex))


def _to_core(samples: Averages, core: Offset) -> Averages:
    """Samples with the core at the phase centre and of the same flux, 1 Jy, in all integrations."""
    values = samples.values
    if any(core):
        u, v = uv_wavelengths(samples.uv, samples.frequency)
        values = values * np.conj(point_visibilities(u, v, core))
    n = samples.number
    total = np.bincount(samples.bin, samples.weight, n)
    real = np.bincount(samples.bin, samples.weight * values.real, n)
    flux = np.divide(real, total, out=np.ones(n), where=total > 0)
    flux = np.where(flux > 0, flux, 1.0)[samples.bin]
    return replace(samples, values=values / flux, weight=samples.weight * flux**2)


def _phases(samples: Averages) -> np.ndarray:
    """Phases against a core of 1 Jy, ``(n, n_antenna)``, 1 where S/N is too low."""
    n = samples.number
    gain = np.ones((n, len(samples.antennas)), complex)
    for start in range(0, n, GROUPS):
        first, last = np.searchsorted(samples.bin, [start, start + GROUPS])
        rows = samples.rows(slice(first, last))
        sums = GainSums(min(GROUPS, n - start), len(samples.antennas), hands=1)
        ones = np.ones((1, len(rows.bin)))
        sums.add(
            rows.bin - start,
            rows.antenna1,
            rows.antenna2,
            rows.values[None],
            ones,
            rows.weight[None],
        )
        gain[start : start + GROUPS] = sums.solve(False, MINSNR)[..., 0]
    return np.where(np.isfinite(gain), gain, 1.0)


def _misfit(samples: Averages, bins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """E of each bin, and its degrees of freedom."""
    means = average(samples, bins)
    n = means.number
    place = bins[samples.bin]
    power = np.bincount(place, samples.weight * np.abs(samples.values) ** 2, n)
    explained = np.bincount(means.bin, means.weight * np.abs(means.values) ** 2, n)
    freedom = 2.0 * (np.bincount(place, minlength=n) - np.bincount(means.bin, minlength=n))
    return power - explained, freedom


def _spent(samples: Averages, bins: np.ndarray) -> np.ndarray:
    """Degrees of freedom that phases spend in each bin: one an antenna, but for their mean."""
    seen = samples.seen_antennas()
    n = int(bins.max(initial=-1)) + 1
    in_bins = np.zeros((n, len(samples.antennas)), bool)
    np.logical_or.at(in_bins, bins, seen)
    free = np.bincount(bins, np.maximum(seen.sum(axis=1) - 1, 0), n)
    return free - np.maximum(in_bins.sum(axis=1) - 1, 0)


def _by_freedom(misfit: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    return np.divide(misfit, freedom, out=np.full(len(misfit), np.nan), where=freedom > 0)
