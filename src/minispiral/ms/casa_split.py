"""Split by CASA: a spw averaged to one channel, or several with all their channels.

Samples that cannot be used would spoil an average, so that they are flagged in a copy of all
channels before, where there are any.

Call these inside `minispiral.casa.session`, in whose scratch folder such a copy is made.
"""

import shutil
from pathlib import Path
from typing import Any

from minispiral import casa
from minispiral.casa import run_task
from minispiral.ms.bad_samples import SampleCounts, flag_bad_samples
from minispiral.ms.inspection import Inspection
from minispiral.ms.weightless import Selection, Weightless, find_weightless, flag_weightless
from minispiral.ms.windows import spectral_windows


def average_by_casa(
    ms: str | Path,
    output: str | Path,
    inspection: Inspection,
    spw: int,
    data_column: str,
    flag_channels: str | None = None,
) -> SampleCounts:
    """Write the target field's data in `spw`, averaged over its unflagged channels, to `output`.

    Split refuses several ranges of channels to be left out (`flag_channels`, such as
    "17~33;56~112") together with averaging, so that a copy of all channels is flagged.

    Raises
    ------
    MinispiralError
        If CASA's split fails.
    """
    window = next(window for window in inspection.spws if window.spw == spw)
    source = source_of(ms, inspection, spw, window.channels)
    weightless = weightless_in(source, data_column)
    all_channels = Path("all_channels.ms").resolve()

    def flag_copy(copy: str | Path) -> int:
        whole = Selection(Path(copy), "ANTENNA1 != ANTENNA2", window.channels)
        per_channel = window.channels == 1 or copy == all_channels
        return flag_weightless(source, whole, per_channel) if weightless else 0

    in_full = flag_channels is not None or (weightless.channels and window.channels > 1)
    if in_full:
        select(ms, all_channels, inspection, str(spw), data_column)
        lost = flag_copy(all_channels)
        if flag_channels is not None:
            casa.tasks().flagdata(vis=str(all_channels), spw=f"0:{flag_channels}", flagbackup=False)
        _split(all_channels, output, datacolumn="data", width=window.channels)
    else:
        select(ms, output, inspection, str(spw), data_column, width=window.channels)
        lost = flag_copy(output)
    (counts,) = flag_bad_samples(output)
    bad = counts.bad
    if bad and window.channels > 1:
        shutil.rmtree(output)
        if not in_full:
            select(ms, all_channels, inspection, str(spw), data_column)
            lost = flag_copy(all_channels)
        bad = flag_bad_samples(all_channels)[0].bad
        _split(all_channels, output, datacolumn="data", width=window.channels)
        (counts,) = flag_bad_samples(output)
    shutil.rmtree(all_channels, ignore_errors=True)
    return SampleCounts(bad + lost, counts.usable_rows)


def source_of(ms: str | Path, inspection: Inspection, spw: int, channels: int) -> Selection:
    """Return the rows of the input that a spw is split of."""
    ids = spectral_windows(ms, inspection.field_id)[spw].ids
    field = f"FIELD_ID == {inspection.field_id} && ANTENNA1 != ANTENNA2"
    return Selection(Path(ms), f"{field} && DATA_DESC_ID IN {ids}", channels)


def weightless_in(source: Selection, data_column: str) -> Weightless:
    """Look for samples without weight, where split would give them some."""
    return find_weightless(source) if data_column == "data" else Weightless(False, False)


def select(
    ms: str | Path,
    output: str | Path,
    inspection: Inspection,
    spws: str,
    data_column: str,
    **options: Any,
) -> None:
    """Split the field's cross-correlations in some spws.

    Raises
    ------
    MinispiralError
        If CASA's split fails.
    """
    # the field by id: CASA would take the '*' of "Sgr A*" for a wildcard
    selection = {"field": str(inspection.field_id), "spw": spws, "antenna": "*&"}
    _split(ms, output, datacolumn=data_column, **selection, **options)


def _split(ms: str | Path, output: str | Path, **options: Any) -> None:
    # of a MultiMS, one measurement set: all that follows writes to its tables
    run_task("split", ms, output, vis=str(ms), outputvis=str(output), keepmms=False, **options)
