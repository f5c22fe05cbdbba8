"""The gains as a CASA calibration table, which applycal puts on the user's own measurement set."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.calibration import Solution
from minispiral.errors import MinispiralError

# subtables of the measurement set that a calibration table describes itself with
SUBTABLES = (
    "ANTENNA",
    "DATA_DESCRIPTION",
    "FEED",
    "FIELD",
    "OBSERVATION",
    "POLARIZATION",
    "SOURCE",
    "SPECTRAL_WINDOW",
    "STATE",
)


def write_gain_table(
    ms: str | Path, output: str | Path, field_id: int, solutions: Mapping[int, Solution]
) -> None:
    """Write gains as T Jones: applycal, which divides by them, makes V -> g V, w -> w / g^2.

    One solution per integration and spw, 1/sqrt(g), the same for all antennas and hands; flagged
    where the integration is not good, so that applycal flags these data. Call it inside
    `minispiral.casa.session`, in whose scratch folder an empty copy of the measurement set
    stands in for it, since CASA writes into a set that it makes a table for.

    Parameters
    ----------
    ms : the user's measurement set, which is only read
    solutions : for each of its spws

    Raises
    ------
    MinispiralError
        If CASA makes no table.
    """
    stand_in = _empty_copy(ms, Path(Path(ms).name).resolve())
    with casa.table(f"{ms}/ANTENNA") as table:
        antennas = table.nrows()
    calibrater = casa.tools().calibrater()
    calibrater.open(str(stand_in), compress=False, addcorr=False, addmodel=False)
    try:
        calibrater.createcaltable(str(output), "Complex", "T Jones", True)
    finally:
        calibrater.close()
    if not Path(output).is_dir():
        raise MinispiralError(f"CASA made no calibration table for {ms}: see its log")
    with casa.table(output, writable=True) as table:
        for spw, solution in sorted(solutions.items()):
            _add_solutions(table, field_id, spw, solution, antennas)


def _empty_copy(ms: str | Path, copy: Path) -> Path:
    """Copy a measurement set without its rows, and with the subtables that describe them."""
    with casa.table(ms) as table:
        table.copy(str(copy), deep=True, valuecopy=True, norows=True).close()
    for name in SUBTABLES:
        if (Path(ms) / name).is_dir():
            shutil.rmtree(copy / name, ignore_errors=True)
            shutil.copytree(Path(ms) / name, copy / name)
    return copy


def _add_solutions(table, field_id: int, spw: int, solution: Solution, antennas: int) -> None:
    """Append a row for each integration and antenna of one spw."""
    start, rows = table.nrows(), len(solution.times) * antennas
    usable = np.isfinite(solution.gain) & (solution.gain > 0)
    gain = np.where(usable, solution.gain, 1.0)
    parameter = gain**-0.5
    relative = np.where(usable, solution.gain_err / (2 * gain), 0.0)  # of 1/sqrt(g)
    table.addrows(rows)

    def put(name: str, values: np.ndarray, cell: bool = False) -> None:
        column = np.repeat(values, antennas)
        table.putcol(name, column[None, None] if cell else column, start, rows)

    everywhere = np.ones(len(solution.times), int)
    put("TIME", solution.times)
    put("INTERVAL", solution.interval * everywhere)
    put("FIELD_ID", field_id * everywhere)
    put("SPECTRAL_WINDOW_ID", spw * everywhere)
    put("ANTENNA2", -everywhere)
    put("SCAN_NUMBER", solution.scans)
    put("OBSERVATION_ID", 0 * everywhere)
    put("CPARAM", parameter.astype(complex), cell=True)
    put("PARAMERR", parameter * relative, cell=True)
    put("SNR", np.divide(1, relative, out=np.zeros(len(relative)), where=relative > 0), cell=True)
    put("WEIGHT", everywhere.astype(float), cell=True)
    put("FLAG", ~(solution.good & usable), cell=True)
    table.putcol("ANTENNA1", np.tile(np.arange(antennas), len(solution.times)), start, rows)
