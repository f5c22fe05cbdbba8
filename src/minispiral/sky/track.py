r"""What one track tells of the sky in a turn: its fluxes, and sums for the next sky.

In the first turn there is no sky yet: F = 1 and the core of a spw is constant, the median of its
integrations' weighted means of Re(V conj(p)). Later both come from the fit of every integration
(`minispiral.fit`). Integrations whose fit is far worse than that of their neighbours in time are
left out of the sums: a broken antenna in one of them would be seen in the sky.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import median_filter

from minispiral.fit.track import fit_measurement_set
from minispiral.io.tables import columns
from minispiral.light_curves.user_flags import UserFlag
from minispiral.ms.rows import Rows, SplitTable, corrected_blocks, open_split
from minispiral.ms.windows import BLOCK_ROWS
from minispiral.sky.equations import SkySums
from minispiral.visibilities.antenna_gains import AntennaGains
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.stokes import stokes_visibilities
from minispiral.visibilities.transform import Offset, core_visibilities, uv_wavelengths

NEIGHBOURS = 31  # integrations whose median chi-square one is compared with
FAR = 6.0  # robust standard deviations of ln chi-square beyond which an integration is left out


@dataclass(frozen=True)
class SpwFluxes:
    """Fluxes of one spw for a given sky, ``(n,)`` each.

    `time` s; `extended` and its `error`, in units of the sky; `core`, Jy; `used`, whether the
    integration is good enough to find the sky from; `chi2`, reduced.
    """

    time: np.ndarray
    extended: np.ndarray
    error: np.ndarray
    core: np.ndarray
    chi2: np.ndarray
    used: np.ndarray


@dataclass(frozen=True)
class SpwData:
    """The split measurement set of one spw, the antenna gains that correct it, and user's flags."""

    ms: Path
    gains: AntennaGains | None = None
    flags: Sequence[UserFlag] = ()


def measure_fluxes(
    data: SpwData, sky: SkyModel | None, scale: float, core: Offset, threads: int = 1
) -> SpwFluxes:
    """Fit the fluxes of one spw.

    Parameters
    ----------
    sky : of a total of 1 Jy; None before there is any
    scale : Jy, the total of the sky that the fluxes are to be in units of
    core : its place, arcsec east and north
    """
    if sky is None:
        return _without_sky(data, core)
    fit = columns(fit_measurement_set(data.ms, sky, threads=threads, gains=data.gains))
    known = np.isfinite(fit["I_extended"]) & (fit["I_extended"] > 0)
    known &= ~_flagged_by_hand(data, fit["time"], fit["I_compact"])
    return SpwFluxes(
        fit["time"],
        fit["I_extended"] / scale,
        fit["I_extended_err"] / scale,
        fit["I_compact"],
        fit["chi2"],
        like_neighbours(fit["chi2"], known),
    )


def _flagged_by_hand(data: SpwData, time: np.ndarray, core: np.ndarray) -> np.ndarray:
    """Which integrations the user has flagged, ``(n,) bool``; `core` Jy, as it is so far."""
    flagged = np.zeros(len(time), bool)
    for flag in data.flags:
        flagged |= flag.matches(time, core)
    return flagged


def add_sums(
    sums: SkySums, data: SpwData, fluxes: SpwFluxes, core: Offset, threads: int = 1
) -> None:
    """Add one spw's rows to the sums, with the fluxes of their integrations."""
    extended = np.where(fluxes.used, fluxes.extended, 0.0)
    compact = np.where(fluxes.used, fluxes.core, 0.0)
    with open_split(data.ms) as split:
        for rows, weight, values, point in _stokes_i(split, data.gains, core, "sum"):
            k = rows.integration
            sums.add_rows(
                rows.uvw,
                split.frequency,
                np.where(fluxes.used[k], weight, 0.0),
                values - compact[k] * point,
                extended[k],
                threads,
            )


def like_neighbours(chi2: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which integrations fit no worse than their neighbours in time, ``(n,) bool``.

    Chi-square may drift, as it does with airmass: each is compared with the median of `NEIGHBOURS`
    around it, whatever scans they are of.
    """
    used = known & np.isfinite(chi2) & (chi2 > 0)
    if not used.any():
        return used
    log = np.log(chi2[used])
    excess = log - median_filter(log, NEIGHBOURS, mode="nearest")
    spread = 1.4826 * np.median(np.abs(excess))
    used[used] = excess <= FAR * spread
    return used


def _without_sky(data: SpwData, core: Offset) -> SpwFluxes:
    with open_split(data.ms) as split:
        time = split.times
        total, real, square, number = np.zeros((4, len(time)))
        for rows, weight, values, point in _stokes_i(split, data.gains, core, "core alone"):
            k = rows.integration
            for sums, terms in (
                (total, weight),
                (real, weight * np.real(values * np.conj(point))),
                (square, weight * np.abs(values) ** 2),
                (number, (weight > 0).astype(float)),
            ):
                sums += np.bincount(k, terms, minlength=len(time))
    known = number > 1
    mean = np.divide(real, total, out=np.full(len(time), np.nan), where=known)
    known &= ~_flagged_by_hand(data, time, mean)
    constant = float(np.median(mean[known])) if known.any() else np.nan
    misfit = square - 2 * constant * real + constant**2 * total
    chi2 = np.divide(misfit, 2 * number - 2, out=np.full(len(time), np.nan), where=known)
    ones = np.ones(len(time))
    return SpwFluxes(time, ones, np.nan * ones, constant * ones, chi2, like_neighbours(chi2, known))


def _stokes_i(
    split: SplitTable, gains: AntennaGains | None, core: Offset, what: str
) -> Iterator[tuple[Rows, np.ndarray, np.ndarray, np.ndarray | float]]:
    """Yield blocks of rows, their weights and visibilities of Stokes I, and the core's for 1 Jy."""
    for rows in corrected_blocks(split, gains, BLOCK_ROWS, what):
        parallel = stokes_visibilities(rows.data, rows.weight, rows.flag, split.correlations)[0]
        u, v = uv_wavelengths(rows.uvw, split.frequency)
        point = core_visibilities(u, v, core)
        yield rows, parallel.weight, parallel.values[0], point


def write_fluxes(path: str | Path, spws: Sequence[SpwFluxes]) -> None:
    """Write the fluxes of a track's spws, without loss."""
    arrays = {
        f"{name}_{place}": getattr(fluxes, name)
        for place, fluxes in enumerate(spws)
        for name in SpwFluxes.__dataclass_fields__
    }
    with open(path, "wb") as file:
        np.savez(file, **arrays)


def read_fluxes(path: str | Path) -> list[SpwFluxes]:
    """Read what `write_fluxes` wrote."""
    names = SpwFluxes.__dataclass_fields__
    with np.load(path, allow_pickle=False) as arrays:
        number = len(arrays.files) // len(names)
        return [
            SpwFluxes(*(arrays[f"{name}_{place}"] for name in names)) for place in range(number)
        ]
