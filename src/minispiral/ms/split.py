"""Split: one spectral window of the target field, averaged to one channel; or all of the field.

Averages are made by a stream of our own, two to three times as fast as CASA's split, whose result
it has column by column. What it does not know is left to CASA.
"""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.ms.bad_samples import SampleCounts, flag_bad_samples
from minispiral.ms.casa_split import average_by_casa, select, source_of, weightless_in
from minispiral.ms.inspection import Inspection
from minispiral.ms.integrations import check_scans, settle_times
from minispiral.ms.split_stream import NotInOrderError, Wanted, stream_spws
from minispiral.ms.weightless import Selection, flag_weightless
from minispiral.ms.windows import channel_set, has_values, spectral_windows

logger = logging.getLogger(__name__)

SAME_WIDTH = 1e-6  # by which widths of channels may differ that are taken for one, relative


def split_spw(
    ms: str | Path,
    output: str | Path,
    inspection: Inspection,
    spw: int,
    data_column: str,
    flag_channels: str | None = None,
) -> int:
    """Write the target field's data in `spw`, averaged over its unflagged channels, to `output`.

    What `flag_channels` (ranges such as "17~33;56~112") names is left out. Rows of one integration
    get one TIME where theirs differ by rounding or milliseconds. Returns how many samples had to be
    flagged as not finite or of no proper weight.

    Call it inside `minispiral.casa.session`, whose scratch folder has to hold a copy with all
    channels where the average is left to CASA: see `needs_casa`. The input is only read.

    Raises
    ------
    MinispiralError
        If the input cannot be read, no sample can be used, or two scans are observed at once.
    """
    output = Path(output)
    counts = _streamed(ms, output, inspection, spw, data_column, flag_channels)
    if counts is None:
        counts = average_by_casa(ms, output, inspection, spw, data_column, flag_channels)
    _check_left([counts], ms, [spw])
    settle_times(output)
    with casa.table(output) as table:
        check_scans(table, f"{ms}, spw {spw}")
    return counts.bad


def needs_casa(ms: str | Path, inspection: Inspection, spw: int, data_column: str) -> str | None:
    """Return why CASA's split has to average a spw, or None.

    Of channels of several widths it leaves some out, and of SIGMA_SPECTRUM without WEIGHT_SPECTRUM
    it makes weights by a rule of its own. That rows have to be sorted shows only as they are read.
    """
    with casa.table(f"{ms}/SPECTRAL_WINDOW") as table:
        widths = np.abs(table.getcell("CHAN_WIDTH", spw))
    if np.ptp(widths) > SAME_WIDTH * widths.max():
        return "its channels are not of one width"
    with casa.table(ms) as main:
        if data_column != "data" or "SIGMA_SPECTRUM" not in main.colnames():
            return None
        condition = f"{source_of(ms, inspection, spw, 1).condition} LIMIT 1"
        with casa.selected(main, condition) as rows:
            if has_values(rows, "SIGMA_SPECTRUM") and not has_values(rows, "WEIGHT_SPECTRUM"):
                return "it has SIGMA_SPECTRUM and no WEIGHT_SPECTRUM"
    return None


def _streamed(
    ms: str | Path,
    output: Path,
    inspection: Inspection,
    spw: int,
    data_column: str,
    flag_channels: str | None,
) -> SampleCounts | None:
    """Split by a stream; None, and nothing written, where CASA has to do it."""
    reason = needs_casa(ms, inspection, spw, data_column)
    if reason is None:
        window = next(window for window in inspection.spws if window.spw == spw)
        flagged = _flagged(flag_channels, window.channels)
        wanted = Wanted(spw, output, window.interval_s, flagged)
        try:
            return stream_spws(ms, inspection.field_id, [wanted], data_column)[0]
        except NotInOrderError:
            reason = "its rows are not in the order of time"
            shutil.rmtree(output)
    logger.info("spw %d is averaged by CASA's split: %s", spw, reason)
    return None


def _flagged(ranges: str | None, channels: int) -> np.ndarray | None:
    """Channels that are in some ranges: ``(n_chan,) bool``."""
    if ranges is None:
        return None
    return np.isin(np.arange(channels), list(channel_set(ranges)))


def split_field(
    ms: str | Path, output: str | Path, inspection: Inspection, data_column: str
) -> int:
    """Write the target field's cross-correlations in all spws of `inspection` to `output`.

    Spws are numbered in their order. Returns how many samples had to be flagged as not finite or of
    no proper weight.

    Raises
    ------
    MinispiralError
        If CASA's split fails, makes fewer spws, or no sample of a spw can be used.
    """
    spws = [window.spw for window in inspection.spws]
    select(ms, output, inspection, ",".join(map(str, spws)), data_column)
    check_made(len(spectral_windows(output)), len(spws))
    lost = _flag_field(ms, output, inspection, data_column)
    counts = flag_bad_samples(output)
    _check_left(counts, ms, spws)
    return sum(counts_of_spw.bad for counts_of_spw in counts) + lost


def _flag_field(
    ms: str | Path, output: str | Path, inspection: Inspection, data_column: str
) -> int:
    """Flag what has no weight in the input; return how many samples that are."""
    lost = 0
    windows = sorted(spectral_windows(output).items())
    for of_input, (_, window) in zip(inspection.spws, windows, strict=True):
        source = source_of(ms, inspection, of_input.spw, window.channels)
        if weightless_in(source, data_column):
            condition = f"DATA_DESC_ID IN {window.ids} && ANTENNA1 != ANTENNA2"
            lost += flag_weightless(source, Selection(Path(output), condition, window.channels))
    return lost


def check_made(made: int, wanted: int) -> None:
    """Check that CASA made as many spws as it was given: it takes those of one frequency for one.

    Raises
    ------
    MinispiralError
        If it did not.
    """
    if made != wanted:
        raise MinispiralError(
            f"CASA made {made} spws of {wanted}: two of them are at one frequency, so leave out one"
        )


def _check_left(counts: Sequence[SampleCounts], ms: str | Path, spws: Sequence[int]) -> None:
    for spw, counts_of_spw in zip(spws, counts, strict=True):
        if not counts_of_spw.usable_rows:
            raise MinispiralError(
                f"{ms}, spw {spw}: all data are flagged, not finite or without weight in at least "
                "one of the parallel hands: leave out the spw, or correct its data"
            )
