"""Self-calibration of one spw of a track against its fitted model, streamed in blocks of rows."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.measures.times import nearest_times, reach
from minispiral.ms.rows import Rows, SplitTable, corrected_blocks, open_split
from minispiral.selfcal.data_state import check_reference
from minispiral.selfcal.solver import Round, combine, interval_of, refer_to, with_solutions
from minispiral.visibilities import transform
from minispiral.visibilities.antenna_gains import (
    AntennaGains,
    correction,
    hands_of,
    no_gains,
    without_missing,
)
from minispiral.visibilities.gain_equations import GainSums
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.stokes import correlations_of

logger = logging.getLogger(__name__)

MOST = 0.5  # of a spw's integrations that have a counterpart; a message says where they are fewer


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
    sky: SkyModel,
    recipe: Round,
    against: str = "full",
    threads: int = 1,
) -> AntennaGains:
    """Solve for the antenna gains of the first spw, from the data of all that are given.

    Model: F_ext(t) m + C(t) p for each row, with C the core's correlations; ``against="extended"``
    subtracts the core from the data instead (the memo's step 5), and ``against="core"`` leaves the
    minispiral out of the model. Integrations without a fit take
    no part, nor do those that are not good in solutions over several integrations.

    Parameters
    ----------
    spws : the spw in question, and those combined with it
    sky : IM1 and the core's place
    recipe : of the round
    against : "full", "extended" or "core"

    Raises
    ------
    MinispiralError
        If the reference antenna is not there or has no solution, or no antenna has a solution.
    """
    # data that a round before found no solution for take part again
    spws = [replace(spw, gains=without_missing(spw.gains)) for spw in spws]
    with open_split(spws[0].ms) as split:
        times, antennas = split.times, split.antennas
        interval = interval_of(times, split.scans, recipe)
        length = split.interval
    sums = GainSums(int(interval.max()) + 1, len(antennas))
    for spw in spws:
        with open_split(spw.ms) as split:
            place, distance = nearest_times(times, split.times)
            intervals = interval[place]
            matched = distance < reach(length, split.interval)
            if np.mean(matched) < MOST:
                logger.warning(
                    "%s: only %.0f %% of its integrations are at times of %s, and are combined "
                    "with it",
                    spw.ms,
                    100 * np.mean(matched),
                    spws[0].ms,
                )
            known = matched & _known(spw, split, intervals)
            for rows in corrected_blocks(
                split, spw.gains, work=f"sums of {Path(spw.ms).parent.name}"
            ):
                baselines = intervals[rows.integration], rows.antenna1, rows.antenna2
                sums.add(*baselines, *_equations(rows, spw, split, sky, known, against, threads))
    solved = sums.solve(recipe.amplitude, recipe.minsnr)
    if not np.isfinite(solved).any():
        raise MinispiralError(
            f"{spws[0].ms}: no antenna gain has a signal-to-noise ratio above {recipe.minsnr:g}: "
            "give the round of selfcal.rounds a longer solint, combine: spw, or a smaller minsnr"
        )
    if recipe.refant is not None:
        check_reference(spws[0].ms, with_solutions(solved, antennas), recipe.refant, "solutions")
        solved = refer_to(solved, antennas.index(recipe.refant))
    before = spws[0].gains or no_gains(times, antennas)
    return combine(before, solved, interval, recipe, len(spws))


def _core_correlations(spw: SpwModel, split: SplitTable) -> np.ndarray:
    """The core's parallel hands, ``(2, n)``, Jy."""
    return correlations_of(spw.core, hands_of(split.correlations)).T


def _known(spw: SpwModel, split: SplitTable, interval: np.ndarray) -> np.ndarray:
    """Integrations that have a fit, and are good where their interval has several, ``(n,) bool``.

    `interval` is that of each of the spw's integrations.
    """
    known = np.isfinite(spw.extended) & np.isfinite(_core_correlations(spw, split)).all(axis=0)
    alone = np.bincount(interval)[interval] == 1
    return known & (spw.good | alone)


def _equations(
    rows: Rows,
    spw: SpwModel,
    split: SplitTable,
    sky: SkyModel,
    known: np.ndarray,
    against: str,
    threads: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Data, model and weight of both hands, ``(2, n_row)`` each, 0 where not to be used."""
    hands = hands_of(split.correlations)
    places = [split.correlations.index(hand) for hand in hands]
    core = _core_correlations(spw, split)
    integration = rows.integration
    u, v = transform.uv_wavelengths(rows.uvw, split.frequency)
    point = sky.core_visibilities(u, v)
    minispiral = sky.minispiral_visibilities(rows.uvw, split.frequency, threads)
    extended = 0.0 if against == "core" else spw.extended[integration] * minispiral
    expected = np.broadcast_to(extended, (2, len(integration)))
    data, weight = rows.data[places], rows.weight[places]
    if against == "extended":
        seen = core[:, integration] * point
        if spw.gains is not None and not spw.applied:
            seen = seen / correction(spw.gains, integration, rows.antenna1, rows.antenna2, hands)
        data = data - seen
    else:
        expected = expected + core[:, integration] * point
    usable = ~rows.flag[places] & (weight > 0) & np.isfinite(weight) & np.isfinite(data)
    usable &= known[integration]
    return (
        np.where(usable, data, 0),
        np.where(usable, expected, 0),
        np.where(usable, weight, 0),
    )
