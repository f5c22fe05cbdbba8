"""Measurement sets as CASA's split lays them out, without rows, to be filled by others.

CASA makes them, of an example of one row whose subtables are those of the input: so subtables,
columns and their storage are what any of its tasks expects, and not made up here.

Call this inside `minispiral.casa.session`, in whose scratch folder the example is put.
"""

import shutil
from pathlib import Path
from typing import Any

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.ms.shapes import fix_shapes, shapes_of_one_channel
from minispiral.ms.windows import Window


def lay_out_split(
    main: Any,
    row: int,
    output: str | Path,
    field_id: int,
    spw: int,
    data_column: str,
    window: Window,
) -> None:
    """Write the measurement set that CASA's split makes of one row, averaged over its channels.

    The row is not in it; arrays have fixed shapes, see `minispiral.ms.shapes`.

    Parameters
    ----------
    main : open main table
    row : a row of the field and spw; its antennas are two
    data_column : data or corrected
    window : the spw

    Raises
    ------
    MinispiralError
        If CASA fails.
    """
    example = Path("example.ms").resolve()
    chosen = main.selectrows([row])
    chosen.copy(str(example)).close()  # a table that refers to the row; and to all subtables
    chosen.close()
    transform = casa.tools().mstransformer()
    try:
        transform.config(
            {
                "inputms": str(example),
                "outputms": str(output),
                "field": str(field_id),
                "spw": str(spw),
                "datacolumn": data_column,
                "chanaverage": window.channels > 1,
                "chanbin": window.channels,
            }
        )
        transform.open()
        transform.run()
        fix_shapes(Path(output), shapes_of_one_channel(len(window.correlations)))
        _note(output, f"spw {spw} of {main.name()}, averaged over {window.channels} channels")
    except RuntimeError as error:
        raise MinispiralError(
            f"{main.name()}: CASA cannot lay out its split ({str(error).splitlines()[0]}): check "
            "that the copy is complete; the log has all that CASA said"
        ) from error
    finally:
        transform.done()
        shutil.rmtree(example)


def _note(output: str | Path, what: str) -> None:
    """Say in HISTORY where the data come from, as CASA's split does."""
    tool = casa.tools().ms()
    tool.open(str(output), nomodify=False)
    tool.writehistory(message=f"minispiral split {what}", origin="minispiral")
    tool.close()
