"""The visibility fit of one measurement set, streamed in blocks of rows."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from astropy import units
from astropy.table import Table

from minispiral.fit.normal_equations import FLUX_COLUMNS, NormalSums
from minispiral.ms.rows import SplitTable, corrected_blocks, open_split
from minispiral.ms.windows import BLOCK_ROWS
from minispiral.visibilities import transform
from minispiral.visibilities.antenna_gains import AntennaGains, failed_share
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.stokes import stokes_visibilities

SAMPLED = 100  # integrations, of all, from which the error of the sky is taken


def fit_measurement_set(
    ms: str | Path,
    sky: SkyModel,
    min_baseline_m: float = 0.0,
    threads: int = 1,
    block_rows: int = BLOCK_ROWS,
    gains: AntennaGains | None = None,
    half_skies: Sequence[SkyModel] = (),
) -> Table:
    """Fit minispiral and core to every integration of a split measurement set.

    Parameters
    ----------
    ms : measurement set of one spw and one channel
    sky : IM1 and the core's place
    min_baseline_m : metres
        Shortest projected baseline of the long-baseline estimate.
    threads : for the transform
    gains : of self-calibration, with which the data are corrected first
    half_skies : the same as `sky` from either half of the data, which tell the error of the sky

    Returns
    -------
    astropy Table, one row per integration: time (MJD in s, as in the measurement set), scan, what
    `minispiral.fit.normal_equations.NormalSums.solve` gives with units; in ``meta`` the frequency
    (Hz) and the length of an integration (s), and with two `half_skies` the ``sky_error`` of
    F_core / F_ext, relative (`_sky_error`).
    """
    with open_split(ms) as split:
        sums = NormalSums(len(split.times))
        by_half = [NormalSums(len(split.times)) for _ in half_skies]
        step = -(-len(split.times) // SAMPLED)
        for rows in corrected_blocks(split, gains, block_rows, "fit"):
            stokes = stokes_visibilities(rows.data, rows.weight, rows.flag, split.correlations)
            minispiral = sky.minispiral_visibilities(rows.uvw, split.frequency, threads)
            core = None
            if any(sky.core_offset):
                u, v = transform.uv_wavelengths(rows.uvw, split.frequency)
                core = transform.point_visibilities(u, v, sky.core_offset)
            long_baseline = np.hypot(rows.uvw[0], rows.uvw[1]) > min_baseline_m
            sums.add(rows.integration, stokes, minispiral, core, long_baseline)
            sampled = rows.integration % step == 0
            for half, model in zip(by_half, half_skies, strict=True):
                seen = model.minispiral_visibilities(rows.uvw[:, sampled], split.frequency, threads)
                point = None if core is None else core[sampled]
                half.add(rows.integration[sampled], [stokes[0].at(sampled)], seen, point)
        spent = (gains.phases, gains.amplitudes) if gains is not None else ()
        table = _as_table(split, sums.solve(*spent))
    if half_skies:
        table.meta["sky_error"] = _sky_error(*(half.solve() for half in by_half))
    if gains is not None:
        table.meta["solutions_failed"] = failed_share(gains)
    return table


def _sky_error(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> float:
    """Error of F_core / F_ext by the sky's: half of how much two half skies differ in it.

    Both are fits of the same data, so that nothing but the skies makes them differ. What is common
    to all integrations is a flux scale. The standard deviation is a robust one.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = [np.log(fit["I_compact"] / fit["I_extended"]) for fit in (one, other)]
    difference = ratios[0] - ratios[1]
    difference = difference[np.isfinite(difference)]
    if not len(difference):
        return 0.0
    spread = 1.4826 * np.median(np.abs(difference - np.median(difference)))
    return float(spread / 2)


def _as_table(split: SplitTable, fit: dict[str, np.ndarray]) -> Table:
    meta = {"frequency_hz": split.frequency, "interval_s": split.interval}
    table = Table({"time": split.times, "scan": split.scans, **fit}, meta=meta)
    table["time"].unit = units.s
    for name in FLUX_COLUMNS:
        table[name].unit = units.Jy
    table["covariance"].unit = units.Jy**2
    return table
