"""Rows of a measurement set of one spw and one channel, block by block."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.io.progress import progress
from minispiral.ms.integrations import read_integrations
from minispiral.ms.windows import BLOCK_ROWS, has_weight_spectrum, spectral_windows
from minispiral.visibilities.antenna_gains import AntennaGains, correction
from minispiral.visibilities.pointing import Pointing


@dataclass(frozen=True)
class Rows:
    """A block of rows of one spw of one channel, autocorrelations and flagged rows dropped.

    `integration` counts the distinct times of the measurement set from 0; `data`, `weight` and
    `flag` are ``(n_corr, n_row)``, `uvw` is ``(3, n_row)`` in metres.
    """

    integration: np.ndarray
    antenna1: np.ndarray
    antenna2: np.ndarray
    uvw: np.ndarray
    data: np.ndarray
    weight: np.ndarray
    flag: np.ndarray

    def divided(self, factor: np.ndarray) -> "Rows":
        """Divide the data by a complex factor ``(n_corr, n_row)``, and flag where it is missing."""
        missing = ~np.isfinite(factor)
        factor = np.where(missing, 1, factor)
        return replace(
            self,
            data=self.data / factor,
            weight=self.weight * np.abs(factor) ** 2,
            flag=self.flag | missing,
        )


class SplitTable:
    """An open measurement set as rule split_spw leaves it: one field, one spw, one channel.

    `times` are the integrations' (s, ascending), `interval` their length (s); `scans` numbers their
    scans, from 0, and `scan_ids` are the columns observation, array and scan that name them;
    `antennas` the antennas' names.
    """

    def __init__(self, table: Any, frequency: float, correlations: tuple[str, ...]) -> None:
        """Hold the open main table; use `open_split`."""
        self._table = table
        self.frequency = frequency
        self.correlations = correlations
        self._per_channel = has_weight_spectrum(table)
        integrations = read_integrations(table)
        self.times, self._integration = integrations.grouped.times, integrations.grouped.of_row
        self.scans, self.scan_ids = integrations.scans, integrations.scan_ids
        self.interval = integrations.interval
        with casa.table(f"{table.name()}/ANTENNA") as antennas:
            self.antennas = [str(name) for name in antennas.getcol("NAME")]

    def offsets(self, pointing: Pointing, rows: Rows) -> np.ndarray:
        """Where both antennas of each row point to: ``(2, n_row, 2)``, arcsec east and north."""
        return pointing.of_baselines(
            self.times, rows.integration, self.antennas, rows.antenna1, rows.antenna2
        )

    def blocks(self, rows: int = BLOCK_ROWS, work: str = "read") -> Iterator[Rows]:
        """Yield the rows in blocks, so that memory does not grow with the track.

        The log says how far `work` is done with them.
        """
        for start in progress(range(0, self._table.nrows(), rows), work):
            yield self._read(start, rows)

    def _read(self, start: int, rows: int) -> Rows:
        def column(name: str) -> np.ndarray:
            return self._table.getcol(name, start, rows)

        weight = column("WEIGHT_SPECTRUM")[:, 0] if self._per_channel else column("WEIGHT")
        block = Rows(
            self._integration[start : start + rows],
            column("ANTENNA1"),
            column("ANTENNA2"),
            column("UVW"),
            column("DATA")[:, 0],
            weight,
            column("FLAG")[:, 0],
        )
        drop = column("FLAG_ROW") | (block.antenna1 == block.antenna2)
        if not drop.any():
            return block
        return Rows(*(getattr(block, name)[..., ~drop] for name in Rows.__dataclass_fields__))


@contextmanager
def open_split(ms: str | Path) -> Iterator[SplitTable]:
    """Open a measurement set of one spw and one channel for streaming.

    Raises
    ------
    MinispiralError
        If it cannot be read or has more than one spw or channel.
    """
    windows = spectral_windows(ms)
    window = next(iter(windows.values()))
    if len(windows) != 1 or window.channels != 1:
        raise MinispiralError(f"{ms}: expected one spw of one channel, as rule split_spw makes it")
    with casa.table(ms) as table:
        yield SplitTable(table, window.frequency_hz, window.correlations)


def corrected_blocks(
    split: SplitTable,
    gains: AntennaGains | None,
    block_rows: int = BLOCK_ROWS,
    work: str = "read",
) -> Iterator[Rows]:
    """Yield the rows in blocks, corrected by antenna gains where there are any; see `blocks`."""
    for rows in split.blocks(block_rows, work):
        if gains is None:
            yield rows
        else:
            yield rows.divided(
                correction(
                    gains, rows.integration, rows.antenna1, rows.antenna2, split.correlations
                )
            )
