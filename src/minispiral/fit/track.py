"""The visibility fit of one measurement set, streamed in blocks of rows."""

from pathlib import Path

import numpy as np
from astropy.table import Table

from minispiral.columns.column import described
from minispiral.columns.fit import FIT
from minispiral.fit.normal_equations import NormalSums
from minispiral.ms.rows import SplitTable, corrected_blocks, open_split
from minispiral.ms.windows import BLOCK_ROWS
from minispiral.visibilities import transform
from minispiral.visibilities.antenna_gains import AntennaGains, failed_share
from minispiral.visibilities.pointing import Pointing
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.stokes import stokes_visibilities


def fit_measurement_set(
    ms: str | Path,
    sky: SkyModel,
    min_baseline_m: float = 0.0,
    threads: int = 1,
    block_rows: int = BLOCK_ROWS,
    gains: AntennaGains | None = None,
    pointing: Pointing | None = None,
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
    pointing : of the array, through whose primary beam the minispiral is seen

    Returns
    -------
    astropy Table, one row per integration: time (MJD in s, as in the measurement set),
    observation, array and scan as there, which name the scan, what
    `minispiral.fit.normal_equations.NormalSums.solve` gives with units; in ``meta`` the frequency
    (Hz) and the length of an integration (s).
    """
    with open_split(ms) as split:
        sums = NormalSums(len(split.times))
        for rows in corrected_blocks(split, gains, block_rows, "fit"):
            stokes = stokes_visibilities(rows.data, rows.weight, rows.flag, split.correlations)
            offset = None if pointing is None else split.offsets(pointing, rows)
            minispiral = sky.minispiral_visibilities(rows.uvw, split.frequency, threads, offset)
            core = None
            if any(sky.core_offset):
                place = transform.uv_wavelengths(rows.uvw, split.frequency)
                core = transform.point_visibilities(place[0], place[1], sky.core_offset)
            u, v = rows.uvw[:2]
            long_baseline = u * u + v * v > min_baseline_m**2
            sums.add(rows.integration, stokes, minispiral, core, long_baseline)
        spent = (gains.phases, gains.amplitudes) if gains is not None else ()
        table = _as_table(split, sums.solve(*spent))
    if gains is not None:
        table.meta["solutions_failed"] = failed_share(gains)
    return table


def _as_table(split: SplitTable, fit: dict[str, np.ndarray]) -> Table:
    meta = {"frequency_hz": split.frequency, "interval_s": split.interval}
    table = Table({"time": split.times, **split.scan_ids, **fit}, meta=meta)
    return described(table, FIT)
