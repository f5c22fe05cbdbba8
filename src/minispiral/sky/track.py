r"""What one track says about the sky in a turn: its fluxes, and sums for the next sky.

In the first turn there is no sky yet: F = 1 and the core of a spw is constant, the median of its
integrations' weighted means of Re(V conj(p)). Later both come from the fit of every integration
(`minispiral.fit`). An integration is here a bin of `minispiral.sky.averages`. Those whose fit is
far worse than that of their neighbours in time are left out of the sums: a broken antenna in one of
them would be seen in the sky.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from minispiral.fit.normal_equations import NormalSums
from minispiral.light_curves.neighbours import excess
from minispiral.light_curves.user_flags import HandFlag
from minispiral.sky.averages import Averages
from minispiral.sky.equations import SkySums
from minispiral.sky.slow_gains import Data, SlowGains, no_gains, solve_slow_gains
from minispiral.visibilities.pointing import Pointing
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.stokes import StokesPair
from minispiral.visibilities.transform import Offset, point_visibilities, uv_wavelengths

FAR = 6.0  # robust standard deviations of ln chi-square beyond which an integration is left out


@dataclass(frozen=True)
class SpwFluxes:
    """Fluxes of one spw for a given sky, ``(n,)`` each.

    `time` s; `extended` and its `error`, in units of the sky; `core`, Jy; `used`, whether the
    integration is good enough for finding the sky; `chi2`, reduced. `settled`, whether the gains of
    the antennas no longer change.
    """

    time: np.ndarray
    extended: np.ndarray
    error: np.ndarray
    core: np.ndarray
    chi2: np.ndarray
    used: np.ndarray
    settled: bool = True

    @property
    def usual_chi2(self) -> float:
        """Median chi-square of the integrations used; NaN where there are none."""
        return float(np.median(self.chi2[self.used])) if self.used.any() else np.nan


@dataclass(frozen=True)
class SpwData:
    """The averages of one spw, and the flags that the user has given for it."""

    averages: Averages
    flags: Sequence[HandFlag] = ()

    def corrected(self, gains: SlowGains) -> "SpwData":
        """The same data, divided by antenna gains."""
        if not gains.solved:
            return self
        averages = self.averages
        return replace(self, averages=averages.divided(gains.at(averages.time)))


def measure_fluxes(
    data: SpwData, minispiral: np.ndarray | None, scale: float, core: Offset
) -> SpwFluxes:
    """Fit the fluxes of one spw.

    Parameters
    ----------
    minispiral : (n_row,) complex, of 1 Jy; None before there is any sky
    scale : Jy, the total of the sky that the fluxes are to be in units of
    core : its place, arcsec east and north
    """
    if minispiral is None:
        return _without_sky(data, core)
    return fit_fluxes(data, minispiral, scale, core)


def minispiral_visibilities(
    averages: Averages, sky: SkyModel, threads: int = 1, pointing: Pointing | None = None
) -> np.ndarray:
    """Visibilities of a sky of 1 Jy, ``(n_row,)``.

    As the antennas see it that point to where `pointing` says, if it is given.
    """
    blocks = [
        sky.minispiral_visibilities(
            rows.uv, rows.frequency, threads, None if pointing is None else rows.offsets(pointing)
        )
        for rows in averages.blocks()
    ]
    return np.concatenate(blocks) if blocks else np.zeros(0, complex)


def fit_fluxes(data: SpwData, minispiral: np.ndarray, scale: float, core: Offset) -> SpwFluxes:
    """Fit the fluxes of one spw, with the minispiral's visibilities of 1 Jy, ``(n_row,)``."""
    averages = data.averages
    sums = NormalSums(averages.number)
    start = 0
    for rows in averages.blocks():
        model = minispiral[start : start + len(rows.bin)]
        start += len(rows.bin)
        stokes = [StokesPair(("I",), rows.values[None], rows.weight)]
        sums.add(rows.bin, stokes, model, point_visibilities_of(rows, core))
    fit = sums.solve()
    known = np.isfinite(fit["I_extended"]) & (fit["I_extended"] > 0)
    known &= ~flagged_by_hand(data, fit["I_extended"], fit["I_compact"])
    return SpwFluxes(
        averages.time,
        fit["I_extended"] / scale,
        fit["I_extended_err"] / scale,
        fit["I_compact"],
        fit["chi2"],
        like_neighbours(fit["chi2"], known),
    )


def gains_of_turn(
    settled: bool,
    how: str,
    spws: Sequence[SpwData],
    before: Sequence[SlowGains],
    minispirals: Sequence[np.ndarray | None],
    core: Offset,
) -> list[SlowGains]:
    """Antenna gains of a track in a turn: solved, or as they were.

    In the first turns there is no sky to believe, and no gains unless the iteration before had
    some. Data that once asked for none are not asked again.

    Parameters
    ----------
    settled : whether the turns so far have made a sky to believe
    how : auto, where the data ask for gains, or always
    before : gains of the turn before, none in the very first
    minispirals : visibilities of the sky, of 1 Jy, for each spw; None before there is any
    spws, core : as in `solve_track_gains`
    """
    if not before:
        return [no_gains(data.averages.antennas) for data in spws]
    undecided = np.isnan(before[0].interval)
    known = [model for model in minispirals if model is not None]
    if not known or (undecided and not settled) or before[0].unwanted:
        return list(before)
    return solve_track_gains(spws, before, known, core, how == "always")


def solve_track_gains(
    spws: Sequence[SpwData],
    before: Sequence[SlowGains],
    minispirals: Sequence[np.ndarray],
    core: Offset,
    always: bool = False,
) -> list[SlowGains]:
    """Solve for a track's antenna gains against the model of a turn.

    Parameters
    ----------
    spws : its data, as they are without the gains
    before : gains of the turn before
    minispirals : visibilities of the sky, of 1 Jy, for each spw
    core : its place, arcsec east and north
    always : whether gains are wanted even if the data do not ask for them
    """
    solved = []
    for data, gains, minispiral in zip(spws, before, minispirals, strict=True):
        fluxes = fit_fluxes(data.corrected(gains), minispiral, 1.0, core)
        point = point_visibilities_of(data.averages, core)
        model = fluxes.extended[data.averages.bin] * minispiral
        model += fluxes.core[data.averages.bin] * (1.0 if point is None else point)
        solved.append(Data(data.averages, model, fluxes.used))
    return solve_slow_gains(solved, before, always)


def flagged_by_hand(data: SpwData, extended: np.ndarray, core: np.ndarray) -> np.ndarray:
    """Which bins have an integration that the user has flagged, ``(n_bin,) bool``.

    Where a line has fluxes, these are for the core as the light curve has it, scaled by F_ext: here
    to the median of the spw, as the reference that the campaign's tracks share is not known yet.

    Parameters
    ----------
    extended, core : ``(n_bin,)``, Jy or, of the former, any unit, as fitted so far
    """
    times, bins = data.averages.times, data.averages.bins
    flagged = np.zeros(data.averages.number, bool)
    positive = np.where(np.isfinite(extended) & (extended > 0), extended, np.nan)
    if not data.flags or np.isnan(positive).all():
        return flagged
    flux = core * np.nanmedian(positive) / positive
    for flag in data.flags:
        flagged[bins[flag.matches(times, flux[bins])]] = True
    return flagged


def point_visibilities_of(rows: Averages, core: Offset) -> np.ndarray | None:
    """Visibilities of the core for 1 Jy, None for 1 everywhere."""
    if not any(core):
        return None
    u, v = uv_wavelengths(rows.uv, rows.frequency)
    return point_visibilities(u, v, core)


def add_sums(
    sums: SkySums, data: SpwData, fluxes: SpwFluxes, core: Offset, threads: int = 1
) -> None:
    """Add one spw's rows to the sums, with the fluxes of their bins."""
    extended = np.where(fluxes.used, fluxes.extended, 0.0)
    compact = np.where(fluxes.used, fluxes.core, 0.0)
    for rows in data.averages.blocks():
        point = point_visibilities_of(rows, core)
        k = rows.bin
        sums.add_rows(
            rows.uv,
            rows.frequency,
            np.where(fluxes.used[k], rows.weight, 0.0),
            rows.values - compact[k] * (1.0 if point is None else point),
            extended[k],
            threads,
        )


def like_neighbours(chi2: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which integrations fit no worse than their neighbours in time, ``(n,) bool``.

    Chi-square may drift, as it does with airmass: see `minispiral.light_curves.neighbours`.
    """
    used = known & np.isfinite(chi2) & (chi2 > 0)
    if not used.any():
        return used
    log = np.log(np.where(used, chi2, 1.0))
    return used & (excess(log, used) <= FAR)


def _without_sky(data: SpwData, core: Offset) -> SpwFluxes:
    n = data.averages.number
    total, real, square, number = np.zeros((4, n))
    for rows in data.averages.blocks():
        point = point_visibilities_of(rows, core)
        turned = rows.values if point is None else rows.values * np.conj(point)
        for sums, terms in (
            (total, rows.weight),
            (real, rows.weight * turned.real),
            (square, rows.weight * np.abs(turned) ** 2),
            (number, np.ones(len(rows.bin))),
        ):
            sums += np.bincount(rows.bin, terms, minlength=n)
    known = number > 1
    mean = np.divide(real, total, out=np.full(n, np.nan), where=known)
    known &= ~flagged_by_hand(data, np.ones(n), mean)  # there is no F_ext for scaling
    constant = float(np.median(mean[known])) if known.any() else np.nan
    misfit = square - 2 * constant * real + constant**2 * total
    chi2 = np.divide(misfit, 2 * number - 2, out=np.full(n, np.nan), where=known)
    ones = np.ones(n)
    return SpwFluxes(
        data.averages.time,
        ones,
        np.nan * ones,
        constant * ones,
        chi2,
        like_neighbours(chi2, known),
    )
