"""Split: one spectral window of the target field, averaged to one channel; or all of the field."""

from pathlib import Path
from typing import Any

from minispiral import casa
from minispiral.bad_samples import flag_bad_samples
from minispiral.errors import MinispiralError
from minispiral.measurement_set import Inspection


def split_spw(
    ms: str | Path,
    output: str | Path,
    inspection: Inspection,
    spw: int,
    data_column: str,
    flag_channels: str | None = None,
) -> None:
    """Write the target field's data in `spw`, averaged over its unflagged channels, to `output`.

    Call it inside `minispiral.casa.session`, in whose scratch folder a copy with all channels is
    flagged if `flag_channels` (ranges such as "17~33;56~112") are to be left out: split itself
    refuses several ranges together with averaging. The input is only read.

    Raises
    ------
    MinispiralError
        If CASA's split fails, or no sample can be used.
    """
    window = next(window for window in inspection.spws if window.spw == spw)
    if flag_channels is None:
        split_field(ms, output, inspection, str(spw), data_column, width=window.channels)
    else:
        copy = Path("all_channels.ms").resolve()
        split_field(ms, copy, inspection, str(spw), data_column)
        casa.tasks().flagdata(vis=str(copy), spw=f"0:{flag_channels}", flagbackup=False)
        _split(copy, output, datacolumn="data", width=window.channels)
    flag_bad_samples(output, f"{ms}, spw {spw}")


def split_field(
    ms: str | Path,
    output: str | Path,
    inspection: Inspection,
    spws: str,
    data_column: str,
    **options: Any,
) -> None:
    """Write the target field's cross-correlations in `spws` (as CASA selects them) to `output`.

    Raises
    ------
    MinispiralError
        If CASA's split fails.
    """
    # the field by id: CASA would take the '*' of "Sgr A*" for a wildcard
    selection = {"field": str(inspection.field_id), "spw": spws, "antenna": "*&"}
    _split(ms, output, datacolumn=data_column, **selection, **options)


def _split(ms: str | Path, output: str | Path, **options: Any) -> None:
    run_task("split", ms, output, vis=str(ms), outputvis=str(output), **options)


def run_task(name: str, ms: str | Path, output: str | Path, **options: Any) -> None:
    """Run a CASA task that makes `output` of `ms`.

    Raises
    ------
    MinispiralError
        If it fails, or makes nothing.
    """
    try:
        getattr(casa.tasks(), name)(**options)
    except RuntimeError as error:
        raise MinispiralError(
            f"{name} failed on {ms} ({str(error).splitlines()[0]}): check that its copy is "
            "complete; the log has all that CASA said"
        ) from error
    if not Path(output).is_dir():
        raise MinispiralError(f"{name} made nothing of {ms}: see its log")
