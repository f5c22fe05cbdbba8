"""Gains as CASA calibration tables, which applycal puts on the user's own measurement set."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.calibration.solution import Solution
from minispiral.errors import MinispiralError
from minispiral.visibilities.antenna_gains import no_gains, places_among

# subtables of the measurement set with which a calibration table describes itself
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
    stands in for it, since CASA writes into the set for which it makes a table.

    Parameters
    ----------
    ms : the user's measurement set, which is only read
    solutions : for each of its spws

    Raises
    ------
    MinispiralError
        If CASA makes no table.
    """
    _write(ms, output, "T Jones", field_id, solutions, _common_cells)


def write_antenna_gain_table(
    ms: str | Path, output: str | Path, field_id: int, solutions: Mapping[int, Solution]
) -> None:
    """Write the antenna gains of self-calibration as G Jones, a second table beside the gains.

    One solution per integration, spw, antenna and hand; flagged where there is none. Call it inside
    `minispiral.casa.session`, as `write_gain_table`.

    Parameters
    ----------
    ms : the user's measurement set, which is only read
    solutions : for each of its spws; gains of 1 are written of one without antenna gains

    Raises
    ------
    MinispiralError
        If CASA makes no table.
    """
    _write(ms, output, "G Jones", field_id, solutions, _antenna_cells)


def _write(
    ms: str | Path,
    output: str | Path,
    kind: str,
    field_id: int,
    solutions: Mapping[int, Solution],
    cells: Callable[[Solution, Sequence[str]], Mapping[str, np.ndarray]],
) -> None:
    """Write a table with the cells that each solution has for the measurement set's antennas."""
    antennas = _create(ms, output, kind)
    with casa.table(output, writable=True) as table:
        for spw, solution in sorted(solutions.items()):
            _add_rows(table, field_id, spw, solution, len(antennas), cells(solution, antennas))


def _create(ms: str | Path, output: str | Path, kind: str) -> list[str]:
    """Make an empty calibration table; return the names of the measurement set's antennas."""
    stand_in = _empty_copy(ms, Path(Path(ms).name).resolve())
    calibrater = casa.tools().calibrater()
    calibrater.open(str(stand_in), compress=False, addcorr=False, addmodel=False)
    try:
        calibrater.createcaltable(str(output), "Complex", kind, True)
    finally:
        calibrater.close()
        shutil.rmtree(stand_in)  # of a night, another may have its name
    if not Path(output).is_dir():
        raise MinispiralError(f"CASA made no calibration table for {ms}: see its log")
    with casa.table(f"{ms}/ANTENNA") as table:
        return [str(name) for name in table.getcol("NAME")]


def _empty_copy(ms: str | Path, copy: Path) -> Path:
    """Copy a measurement set without its rows, and with the subtables that describe them."""
    with casa.table(ms) as table:
        table.copy(str(copy), deep=True, valuecopy=True, norows=True).close()
    for name in SUBTABLES:
        if (Path(ms) / name).is_dir():
            shutil.rmtree(copy / name, ignore_errors=True)
            shutil.copytree(Path(ms) / name, copy / name)
    return copy


def _common_cells(solution: Solution, antennas: Sequence[str]) -> dict[str, np.ndarray]:
    """Cells ``(1, n_row)`` of a gain that is the same for all antennas."""
    usable = np.isfinite(solution.gain) & (solution.gain > 0)
    gain = np.where(usable, solution.gain, 1.0)
    parameter = gain**-0.5
    relative = np.where(usable, solution.gain_err / (2 * gain), 0.0)  # of 1/sqrt(g)
    cells = {
        "CPARAM": parameter.astype(complex),
        "PARAMERR": parameter * relative,
        "SNR": np.divide(1, relative, out=np.zeros(len(relative)), where=relative > 0),
        "FLAG": ~(solution.good & usable),
    }
    return {name: np.repeat(values, len(antennas))[None] for name, values in cells.items()}


def _antenna_cells(solution: Solution, antennas: Sequence[str]) -> dict[str, np.ndarray]:
    """Cells ``(2, n_row)`` of the antennas' own gains, put to their places."""
    gains = solution.antenna_gains or no_gains(solution.times, antennas)
    n = len(solution.times)
    gain = np.full((n, len(antennas), 2), np.nan, complex)
    gain[:, places_among(gains.antennas, antennas)] = gains.gain
    cells = gain.reshape(n * len(antennas), 2).T
    solved = np.isfinite(cells)
    return {
        "CPARAM": np.where(solved, cells, 1),
        "PARAMERR": np.zeros(cells.shape),
        "SNR": solved.astype(float),
        "FLAG": ~solved,
    }


def _add_rows(
    table: Any,
    field_id: int,
    spw: int,
    solution: Solution,
    antennas: int,
    cells: Mapping[str, np.ndarray],
) -> None:
    """Append rows, time by time and antenna by antenna; `cells` are ``(n_hand, n_row)``."""
    times = len(solution.times)
    start, rows = table.nrows(), times * antennas
    table.addrows(rows)
    everywhere = np.ones(rows, int)
    columns = {
        "TIME": np.repeat(solution.times, antennas),
        "INTERVAL": solution.interval * everywhere,
        "FIELD_ID": field_id * everywhere,
        "SPECTRAL_WINDOW_ID": spw * everywhere,
        "ANTENNA1": np.tile(np.arange(antennas), times),
        "ANTENNA2": -everywhere,
        "SCAN_NUMBER": np.repeat(solution.scans, antennas),
        "OBSERVATION_ID": np.repeat(solution.observations, antennas),
        **{name: values[:, None] for name, values in cells.items()},
        "WEIGHT": np.ones((len(cells["FLAG"]), 1, rows)),
    }
    for name, values in columns.items():
        table.putcol(name, values, start, rows)
