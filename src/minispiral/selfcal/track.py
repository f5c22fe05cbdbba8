"""Self-calibration of one spw of a track against its fitted model, streamed in blocks of rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.imaging.core import Offset
from minispiral.measures.times import nearest_times
from minispiral.ms.rows import SplitTable, corrected_blocks, open_split
from minispiral.selfcal.data_state import check_reference
from minispiral.selfcal.solver import GainSums, Round, combine, interval_of, refer_to
from minispiral.visibilities import transform
from minispiral.visibilities.antenna_gains import (
    AntennaGains,
    correction,
    hands_of,
    no_gains,
    without_missing,
)
from minispiral.visibilities.stokes import correlations_of


@dataclass(frozen=True)
class SpwModel:
    """One spw of a track: its split measurement set, its fit, and the gains so far.

    Fitted fluxes of its integrations, Jy: `extended` ``(n,)``, and `core` ``(n, 4)``, Stokes I, Q,
    U, V, zero where the data do not give them; `good` ``(n,)``. The fit was made with the gains
    if they were `applied`, on the data as they come if not.
    """

    ms: Path
    extended: np.ndarray
    core: np.ndarray
    good: np.ndarray
    gains: AntennaGains | None = None
    applied: bool = True


def solve_antenna_gains(
    spws: Sequence[SpwModel],
    im1: np.ndarray,
    cell: float,
    core_offset: Offset,
    how: Round,
    against: str = "full",
    threads: int = 1,
) -> AntennaGains:
    """Solve for the antenna gains of the first spw, from the data of all that are given.

    Model: F_ext(t) m + C(t) p for each row, with C the core's correlations; ``against="extended"``
    subtracts the core from the data instead (the memo's step 5). Integrations without a fit take
    no part, nor do those that are not good in solutions over several integrations.

    Parameters
    ----------
    spws : the spw in question, and those combined with it
    im1 : (n_x, n_y), Jy per pixel
    cell : arcsec
    core_offset : arcsec east and north of the phase centre
    how : the round
    against : "full" or "extended"

    Raises
    ------
    MinispiralError
        If the reference antenna is not there, or no antenna has a solution.
    """
    model = transform.unit_image(im1)
    # data that a round before found no solution for take part again
    spws = [replace(spw, gains=without_missing(spw.gains)) for spw in spws]
    with open_split(spws[0].ms) as split:
        times, antennas = split.times, split.antennas
        interval = interval_of(times, split.scans, how)
        tolerance = split.interval / 2
    sums = GainSums(int(interval.max()) + 1, len(antennas))
    for spw in spws:
        with open_split(spw.ms) as split:
            place, distance = nearest_times(times, split.times)
            shared = distance < tolerance
            _add_rows(
                sums,
                split,
                spw,
                model,
                cell,
                core_offset,
                interval[place],
                shared,
                against,
                threads,
            )
    solved = sums.solve(how)
    if not np.isfinite(solved).any():
        raise MinispiralError(
            f"{spws[0].ms}: no antenna gain has a signal-to-noise ratio above {how.minsnr:g}: give "
            "the round of selfcal.rounds a longer solint, combine: spw, or a smaller minsnr"
        )
    if how.refant is not None:
        check_reference(spws[0].ms, antennas, how.refant)
        solved = refer_to(solved, antennas.index(how.refant))
    before = spws[0].gains or no_gains(times, antennas)
    return combine(before, solved, interval, how, len(spws))


def _add_rows(
    sums: GainSums,
    split: SplitTable,
    spw: SpwModel,
    model: np.ndarray,
    cell: float,
    core_offset: Offset,
    interval: np.ndarray,
    shared: np.ndarray,
    against: str,
    threads: int,
) -> None:
    """Add all rows of one spw; `interval` and `shared` are those of its integrations."""
    hands = hands_of(split.correlations)
    places = [split.correlations.index(hand) for hand in hands]
    core = correlations_of(spw.core, hands).T
    alone = np.bincount(interval)[interval] == 1
    known = shared & np.isfinite(spw.extended) & np.isfinite(core).all(axis=0)
    known &= spw.good | alone
    for rows in corrected_blocks(split, spw.gains, what=f"sums of {Path(spw.ms).parent.name}"):
        at = rows.integration
        u, v = transform.uv_wavelengths(rows.uvw, split.frequency)
        point = transform.core_visibilities(u, v, core_offset)
        minispiral = transform.image_visibilities(rows.uvw, split.frequency, model, cell, threads)
        expected = np.broadcast_to(spw.extended[at] * minispiral, (2, len(at)))
        data, weight = rows.data[places], rows.weight[places]
        if against == "extended":
            seen = core[:, at] * point
            if spw.gains is not None and not spw.applied:
                seen = seen / correction(spw.gains, at, rows.antenna1, rows.antenna2, hands)
            data = data - seen
        else:
            expected = expected + core[:, at] * point
        usable = ~rows.flag[places] & (weight > 0) & np.isfinite(weight) & np.isfinite(data)
        usable &= known[at]
        sums.add(
            interval[at],
            rows.antenna1,
            rows.antenna2,
            np.where(usable, data, 0),
            np.where(usable, expected, 0),
            np.where(usable, weight, 0),
        )
