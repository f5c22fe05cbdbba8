"""Calibrated measurement sets: the minispiral alone, and the field with its true core.

Call these inside `minispiral.casa.session`. They write a new measurement set and read the others.
"""

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.calibration.solution import (
    Solution,
    antenna_correction,
    core_correlations,
    integration_of,
    row_gains,
)
from minispiral.io.progress import progress
from minispiral.ms.inspection import Inspection
from minispiral.ms.joining import append, lay_out
from minispiral.ms.shapes import fix_shapes, shapes_of_one_channel
from minispiral.ms.split import check_made, split_field
from minispiral.ms.windows import BLOCK_ROWS, Window, has_values, spectral_windows
from minispiral.visibilities import transform
from minispiral.visibilities.transform import Offset

# columns that belong to DATA, and the power of the gain by which each is multiplied
SCALED_COLUMNS = {"WEIGHT": -2, "WEIGHT_SPECTRUM": -2, "SIGMA": 1, "SIGMA_SPECTRUM": 1}


def write_extended_data(
    splits: Sequence[str | Path],
    output: str | Path,
    solutions: Sequence[Solution],
    core_offset: Offset,
) -> None:
    """Write the minispiral alone: core subtracted, scaled to the reference, one channel in a spw.

    Spws are numbered in the order of `splits`. Integrations that are not good are flagged.

    Parameters
    ----------
    splits : measurement sets of one spw and one channel each, as rule split_spw makes them
    solutions : one for each of them
    core_offset : arcsec east and north of the phase centre
    """
    if len(splits) == 1:
        shutil.copytree(splits[0], output)
        _calibrate(output, solutions, core_offset)
        return
    new_ids = lay_out(splits, output)
    made = spectral_windows(output)
    check_made(len(made), len(splits))
    hands = {len(window.correlations) for window in made.values()}
    if len(hands) == 1:  # written in half the time
        fix_shapes(Path(output), shapes_of_one_channel(*hands))
    with casa.table(output, writable=True) as joined:
        for split, ids, solution in zip(splits, new_ids, solutions, strict=True):
            (window,) = spectral_windows(split).values()
            with casa.table(split) as table:
                calibrated = partial(
                    _calibrated,
                    table,
                    rows=BLOCK_ROWS,
                    window=window,
                    solution=solution,
                    core=core_offset,
                )
                append(joined, table, calibrated, f"calibrate {Path(split).parent.name}", ids)


def write_calibrated_data(
    ms: str | Path,
    output: str | Path,
    inspection: Inspection,
    data_column: str,
    solutions: Sequence[Solution],
) -> None:
    """Write the target field with all its channels, scaled: V -> g V, weights to match.

    Spws are numbered in the order of `inspection`. Integrations that are not good are flagged.

    Parameters
    ----------
    solutions : one for each spw of `inspection`
    """
    split_field(ms, output, inspection, data_column)
    _calibrate(output, solutions, None)


def _calibrate(ms: str | Path, solutions: Sequence[Solution], core: Offset | None) -> None:
    """Correct all rows in place by a solution for each spw; subtract the core where placed."""
    windows = sorted(spectral_windows(ms).items())
    for (spw, window), solution in zip(windows, solutions, strict=True):
        with (
            casa.table(ms, writable=True) as main,
            casa.selected(main, f"DATA_DESC_ID IN {window.ids}") as chosen,
        ):
            rows = max(1, BLOCK_ROWS // window.channels)
            blocks = range(0, chosen.nrows(), rows)
            for start in progress(blocks, f"calibrate {Path(ms).name}, spw {spw}"):
                block = _calibrated(chosen, start, rows, window, solution, core)
                for name, values in block.items():
                    chosen.putcol(name, values, start, rows)


def _calibrated(
    table: Any,
    start: int,
    rows: int,
    window: Window,
    solution: Solution,
    core: Offset | None,
) -> dict[str, np.ndarray]:
    """Columns of a block of rows that the calibration changes, as it makes them."""

    def column(name: str) -> np.ndarray:
        return table.getcol(name, start, rows)

    integration = integration_of(column("TIME"), solution)
    gain, good = row_gains(integration, solution)
    antennas = column("ANTENNA1"), column("ANTENNA2")
    factor = antenna_correction(integration, solution.antenna_gains, *antennas, window.correlations)
    missing = ~np.isfinite(factor)
    factor = np.where(missing, 1, factor)
    data = column("DATA")
    if core is not None:
        u, v = transform.uv_wavelengths(column("UVW"), window.frequency_hz)
        point = transform.point_visibilities(u, v, core)
        model = core_correlations(integration, solution, point, window.correlations)
        seen = antenna_correction(integration, solution.core_gains, *antennas, window.correlations)
        data -= (model * np.nan_to_num(seen))[:, None]
    changed = {"DATA": data * (gain / factor)[:, None]}
    scale = gain / np.abs(factor)
    for name, power in SCALED_COLUMNS.items():
        if has_values(table, name, start):
            values = column(name)
            changed[name] = values * (scale if values.ndim == 2 else scale[:, None]) ** power
    flag = column("FLAG") | column("FLAG_ROW") | ~good | missing[:, None]
    return changed | {"FLAG": flag, "FLAG_ROW": flag.all(axis=(0, 1))}
