r"""Stokes I of a track, averaged in time as far as the sky's rotation allows.

Model and data are linear in the fluxes, so the mean over a bin of some integrations has the means
of the fluxes. Only the turn of the baselines within a bin is lost. For each baseline and bin, over
samples of weight w > 0::

    V = sum w V / sum w      w = sum w      (u, v) = sum w (u, v) / sum w

The longest baseline loses at most `LOSS` of its amplitude where the response of the field is one
half (`minispiral.visibilities.smearing`). All turns read these averages, so the measurement sets
are read once. Samples are averages over a single integration each.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.imaging.field_of_view import finest_fringe
from minispiral.ms.rows import SplitTable, corrected_blocks, open_split
from minispiral.sky.grid import Coverage
from minispiral.visibilities.antenna_gains import AntennaGains
from minispiral.visibilities.pointing import Pointing
from minispiral.visibilities.smearing import longest_interval_of_baseline
from minispiral.visibilities.stokes import stokes_visibilities
from minispiral.visibilities.time_bins import time_bins

LOSS = 1e-3
MOST = 8  # integrations of a bin: a broken one among more would not be seen
BLOCK = 2**20  # rows that are worked on together
# of `Averages`, in the order in which they are read and averaged; rows are the last axis
ROW_COLUMNS = ("bin", "uv", "values", "weight", "antenna1", "antenna2")


@dataclass(frozen=True)
class Averages:
    """Averages of one spw.

    `frequency` Hz; `times` ``(n_time,)`` of the integrations, s, and their `bins` ``(n_time,)``,
    counted from 0; of each row its `bin`, `uv` ``(2, n_row)`` in metres, Stokes I `values`
    (complex, Jy), their `weight`, 1/Jy^2, and its `antenna1` and `antenna2`, places in `antennas`,
    their names.
    """

    frequency: float
    times: np.ndarray
    bins: np.ndarray
    bin: np.ndarray
    uv: np.ndarray
    values: np.ndarray
    weight: np.ndarray
    antenna1: np.ndarray
    antenna2: np.ndarray
    antennas: np.ndarray

    @property
    def number(self) -> int:
        """Number of bins."""
        return int(self.bins.max(initial=-1)) + 1

    @property
    def time(self) -> np.ndarray:
        """Mean time of the integrations in each bin, s: ``(n_bin,)``."""
        return np.bincount(self.bins, self.times) / np.bincount(self.bins)

    def rows(self, part: slice | np.ndarray) -> "Averages":
        """Some of the rows."""
        return replace(self, **{name: getattr(self, name)[..., part] for name in ROW_COLUMNS})

    def seen_antennas(self) -> np.ndarray:
        """Which antennas have data in each bin: ``(n_bin, n_antenna) bool``."""
        seen = np.zeros((self.number, len(self.antennas)), bool)
        seen[self.bin, self.antenna1] = seen[self.bin, self.antenna2] = True
        return seen

    def offsets(self, pointing: Pointing) -> np.ndarray:
        """Where both antennas of each row point to: ``(2, n_row, 2)``, arcsec east and north."""
        return pointing.of_baselines(
            self.time, self.bin, self.antennas, self.antenna1, self.antenna2
        )

    def blocks(self, rows: int = BLOCK) -> Iterator["Averages"]:
        """Yield the rows in blocks."""
        for start in range(0, len(self.bin), rows):
            yield self.rows(slice(start, start + rows))

    def divided(self, gain: np.ndarray) -> "Averages":
        """Divide by antenna gains of the bins, ``(n_bin, n_antenna)``: V / (g_i conj(g_j))."""
        factor = gain[self.bin, self.antenna1] * np.conj(gain[self.bin, self.antenna2])
        return replace(self, values=self.values / factor, weight=self.weight * np.abs(factor) ** 2)


def longest_average(coverage: Coverage, width: float) -> float:
    """Seconds over which a field of full width at half maximum `width` (arcsec) may be averaged."""
    fringes = width / 2 / finest_fringe(coverage.longest_wavelengths)
    return longest_interval_of_baseline(LOSS, fringes)


def read_samples(
    ms: str | Path, gains: AntennaGains | None, seconds: float
) -> tuple[Averages, np.ndarray]:
    """Read Stokes I of a split measurement set; call it inside `minispiral.casa.session`.

    Parameters
    ----------
    gains : of self-calibration, which correct the data first
    seconds : length of a bin, at most

    Returns
    -------
    The samples, in order of their integrations, and the bin of each integration, ``(n_time,)``.

    Raises
    ------
    MinispiralError
        If all visibilities are zero.
    """
    blocks: list[list[np.ndarray]] = [[] for _ in ROW_COLUMNS]
    with open_split(ms) as split:
        for rows in corrected_blocks(split, gains, work="average"):
            pair = stokes_visibilities(rows.data, rows.weight, rows.flag, split.correlations)[0]
            used = pair.weight > 0
            block = (
                rows.integration[used].astype(np.int32),
                rows.uvw[:2, used],
                pair.values[0][used],
                pair.weight[used],
                rows.antenna1[used].astype(np.int16),
                rows.antenna2[used].astype(np.int16),
            )
            for column, values in zip(blocks, block, strict=True):
                column.append(values)
        columns = []
        while blocks:  # one after the other, as a full track would not be there twice
            columns.append(np.concatenate(blocks.pop(0), axis=-1))
        if np.any(np.diff(columns[0]) < 0):
            order = np.argsort(columns[0], kind="stable")
            columns = [column[..., order] for column in columns]
        samples = Averages(
            frequency=split.frequency,
            times=split.times,
            bins=np.arange(len(split.times)),
            antennas=np.array(split.antennas, str),
            **dict(zip(ROW_COLUMNS, columns, strict=True)),
        )
        check_not_zero(samples, ms)
        return samples, _bins(split, seconds)


def average(samples: Averages, bins: np.ndarray) -> Averages:
    """Average samples over the bins of their integrations, ``(n_time,)``."""
    n = int(bins.max(initial=-1)) + 1
    if n == len(bins):
        return samples
    sums = _Sums(n, len(samples.antennas))
    for rows in samples.blocks():
        antennas = np.stack([rows.antenna1, rows.antenna2]).astype(int)
        sums.add(bins[rows.bin], antennas, rows.uv, rows.values, rows.weight)
    means: dict[str, Any] = dict(zip(ROW_COLUMNS, sums.means(), strict=True))
    return replace(samples, bins=bins, **means)


def check_not_zero(averages: Averages, ms: str | Path) -> None:
    """Refuse data of which every visibility is zero: a column that no one has filled.

    Raises
    ------
    MinispiralError
        If they are.
    """
    if len(averages.values) and not averages.values.any():
        raise MinispiralError(
            f"{ms} has nothing but visibilities of 0 Jy: set split.data_column to the column of "
            "your measurement set that holds the calibrated data"
        )


def _bins(split: SplitTable, seconds: float) -> np.ndarray:
    """Bin of each integration, counted from 0 in order of time: ``(n_time,)``."""
    seconds = min(seconds, MOST * split.interval)
    if seconds < 2 * split.interval:
        return np.arange(len(split.times))
    _, _, middle = time_bins(split.times, split.interval, split.scans, seconds)
    return np.unique(middle, return_inverse=True)[1]


class _Sums:
    """Sums over the samples of each bin and pair of antennas, row by row."""

    def __init__(self, bins: int, antennas: int) -> None:
        self.antennas = antennas
        self.pairs = antennas * (antennas + 1) // 2
        self.sums = np.zeros((5, bins * self.pairs))  # w, w Re V, w Im V, w u, w v

    def add(
        self,
        bins: np.ndarray,
        antennas: np.ndarray,
        uv: np.ndarray,
        values: np.ndarray,
        weight: np.ndarray,
    ) -> None:
        if not len(bins):
            return
        first, second = np.minimum(*antennas), np.maximum(*antennas)
        turned = np.where(antennas[0] > antennas[1], -weight, weight)  # V(-u, -v) is V's conjugate
        pair = first * self.antennas - first * (first - 1) // 2 + second - first
        label = bins * self.pairs + pair
        start = int(label.min())
        size = int(label.max()) - start + 1
        label -= start
        terms = (weight, weight * values.real, turned * values.imag, turned * uv[0], turned * uv[1])
        for total, term in zip(self.sums, terms, strict=True):
            total[start : start + size] += np.bincount(label, term, size)

    def means(self) -> tuple[np.ndarray, ...]:
        """Bin, uv, values, weight and antennas of each row."""
        filled = np.flatnonzero(self.sums[0])
        weight = self.sums[0][filled]
        real, imaginary, u, v = self.sums[1:, filled] / weight
        first, second = (names.astype(np.int16) for names in np.triu_indices(self.antennas))
        bins, pair = np.divmod(filled, self.pairs)
        values = real + 1j * imaginary
        return bins, np.stack([u, v]), values, weight, first[pair], second[pair]
