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
    finite, since that spoils the average of all. The input is only read.

    Raises
    ------
    MinispiralError
        If CASA's split fails, no sample can be used, or two scans are observed at once.
    """
    window = next(window for window in inspection.spws if window.spw == spw)
    all_channels = Path("all_channels.ms").resolve()
    if flag_channels is None:
        _select(ms, output, inspection, str(spw), data_column, width=window.channels)
    else:
        _select(ms, all_channels, inspection, str(spw), data_column)
        casa.tasks().flagdata(vis=str(all_channels), spw=f"0:{flag_channels}", flagbackup=False)
        _split(all_channels, output, datacolumn="data", width=window.channels)
    counts = flag_bad_samples(output)
    bad = counts[0].bad
    if bad and window.channels > 1:
        shutil.rmtree(output)
        if flag_channels is None:
            _select(ms, all_channels, inspection, str(spw), data_column)
        bad = flag_bad_samples(all_channels)[0].bad
        _split(all_channels, output, datacolumn="data", width=window.channels)
        counts = flag_bad_samples(output)
    _check_left(counts, ms, [spw])
    settle_times(output)
    with casa.table(output) as table:
        check_scans(table, f"{ms}, spw {spw}")
    return bad


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
    counts = flag_bad_samples(output)
    check_made(len(counts), len(spws))
    _check_left(counts, ms, spws)
    return sum(counts_of_spw.bad for counts_of_spw in counts)


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
    run_task("split", ms, output, vis=str(ms), outputvis=str(output), **options)
