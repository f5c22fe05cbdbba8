"""Split: one spectral window of the target field, averaged to one channel."""

from pathlib import Path

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.measurement_set import Inspection


def split_spw(
    ms: str | Path, output: str | Path, inspection: Inspection, spw: int, data_column: str
) -> None:
    """Write the target field's data in `spw`, averaged over its unflagged channels, to `output`.

    Call it inside `minispiral.casa.session`. The input is only read.

    Raises
    ------
    MinispiralError
        If CASA's split fails.
    """
    window = next(window for window in inspection.spws if window.spw == spw)
    try:
        # the field by id: CASA would take the '*' of "Sgr A*" for a wildcard
        casa.tasks().split(
            vis=str(ms),
            outputvis=str(output),
            field=str(inspection.field_id),
            spw=str(spw),
            datacolumn=data_column,
            width=window.channels,
        )
    except RuntimeError as error:
        raise MinispiralError(
            f"split failed on {ms}, spw {spw}: {str(error).splitlines()[0]}"
        ) from error
    if not Path(output).is_dir():
        raise MinispiralError(f"split made nothing of {ms}, spw {spw}: see its log")
