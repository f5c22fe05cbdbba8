"""Split: one spectral window of the target field, averaged to one channel; or all of the field."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from minispiral import casa
from minispiral.casa import run_task
from minispiral.errors import MinispiralError
from minispiral.ms.bad_samples import SampleCounts, flag_bad_samples
from minispiral.ms.inspection import Inspection
from minispiral.ms.integrations import check_scans, settle_times
from minispiral.ms.weightless import Selection, Weightless, find_weightless, flag_weightless
from minispiral.ms.windows import spectral_windows


def split_spw(
    ms: str | Path,
    output: str | Path,
    inspection: Inspection,
    spw: int,
    data_column: str,
    flag_channels: str | None = None,
) -> int:
    """Write the target field's data in `spw`, averaged over its unflagged channels, to `output`.

    Rows of one integration get one TIME where theirs differ by rounding or milliseconds. Returns
    how many samples had to be flagged as not finite or of no proper weight.

    Call it inside `minispiral.casa.session`, in whose scratch folder a copy with all channels is
    flagged if `flag_channels` (ranges such as "17~33;56~112") are to be left out: split itself
    refuses several ranges together with averaging. So it is if some channel of a sample is not
    finite, since that spoils the average of all, or has no weight. The input is only read.

    Raises
    ------
    MinispiralError
        If CASA's split fails, no sample can be used, or two scans are observed at once.
    """
    window = next(window for window in inspection.spws if window.spw == spw)
    source = _source(ms, inspection, spw, window.channels)
    weightless = _weightless(source, data_column)
    all_channels = Path("all_channels.ms").resolve()

    def flag_copy(copy: str | Path) -> int:
        whole = Selection(Path(copy), "ANTENNA1 != ANTENNA2", window.channels)
        per_channel = window.channels == 1 or copy == all_channels
        return flag_weightless(source, whole, per_channel) if weightless else 0

    in_full = flag_channels is not None or (weightless.channels and window.channels > 1)
    if in_full:
        _select(ms, all_channels, inspection, str(spw), data_column)
        lost = flag_copy(all_channels)
        if flag_channels is not None:
            casa.tasks().flagdata(vis=str(all_channels), spw=f"0:{flag_channels}", flagbackup=False)
        _split(all_channels, output, datacolumn="data", width=window.channels)
    else:
        _select(ms, output, inspection, str(spw), data_column, width=window.channels)
        lost = flag_copy(output)
    counts = flag_bad_samples(output)
    bad = counts[0].bad
    if bad and window.channels > 1:
        shutil.rmtree(output)
        if not in_full:
            _select(ms, all_channels, inspection, str(spw), data_column)
            lost = flag_copy(all_channels)
        bad = flag_bad_samples(all_channels)[0].bad
        _split(all_channels, output, datacolumn="data", width=window.channels)
        counts = flag_bad_samples(output)
    _check_left(counts, ms, [spw])
    settle_times(output)
    with casa.table(output) as table:
        check_scans(table, f"{ms}, spw {spw}")
    return bad + lost


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
    _select(ms, output, inspection, ",".join(map(str, spws)), data_column)
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
        source = _source(ms, inspection, of_input.spw, window.channels)
        if _weightless(source, data_column):
            condition = f"DATA_DESC_ID IN {window.ids} && ANTENNA1 != ANTENNA2"
            lost += flag_weightless(source, Selection(Path(output), condition, window.channels))
    return lost


def _source(ms: str | Path, inspection: Inspection, spw: int, channels: int) -> Selection:
    """The rows of the input that a spw is split of."""
    ids = spectral_windows(ms, inspection.field_id)[spw].ids
    field = f"FIELD_ID == {inspection.field_id} && ANTENNA1 != ANTENNA2"
    return Selection(Path(ms), f"{field} && DATA_DESC_ID IN {ids}", channels)


def _weightless(source: Selection, data_column: str) -> Weightless:
    """Look for samples without weight, where split would give them some."""
    return find_weightless(source) if data_column == "data" else Weightless(False, False)


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


def _select(
    ms: str | Path,
    output: str | Path,
    inspection: Inspection,
    spws: str,
    data_column: str,
    **options: Any,
) -> None:
    # the field by id: CASA would take the '*' of "Sgr A*" for a wildcard
    selection = {"field": str(inspection.field_id), "spw": spws, "antenna": "*&"}
    _split(ms, output, datacolumn=data_column, **selection, **options)


def _split(ms: str | Path, output: str | Path, **options: Any) -> None:
    # of a MultiMS, one measurement set: all that follows writes to its tables
    run_task("split", ms, output, vis=str(ms), outputvis=str(output), keepmms=False, **options)
