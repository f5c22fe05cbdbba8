"""What is in a measurement set of which nothing is known: fields with data, and a target's own."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.measurement_set import Inspection, check_columns, inspect, reading


def fields_with_data(ms: str | Path) -> dict[str, list[int]]:
    """Names of the fields that have rows, with the spws of these rows."""
    with casa.table(f"{ms}/FIELD") as table:
        names = [str(name) for name in table.getcol("NAME")]
    with casa.table(f"{ms}/DATA_DESCRIPTION") as table:
        spw_of = table.getcol("SPECTRAL_WINDOW_ID")
    with casa.table(ms) as table:
        field, description = table.getcol("FIELD_ID"), table.getcol("DATA_DESC_ID")
    return {
        names[k]: sorted(int(spw) for spw in np.unique(spw_of[description[field == k]]))
        for k in np.unique(field)
    }


def inspect_target(
    ms: str | Path,
    field: str | None,
    spws: Sequence[int] | None,
    data_column: str,
    state: str = "",
) -> Inspection:
    """`inspect` the one field that is there, and all its spws, where these are not named.

    Raises
    ------
    MinispiralError
        As `inspect` does, and if there are several fields and none is named.
    """
    check_columns(ms, data_column)
    with reading(ms):
        found = fields_with_data(ms)
    if field is None:
        if len(found) != 1:
            raise MinispiralError(
                f"{ms} has {len(found)} fields with data: set field to one of "
                f"{', '.join(map(repr, found))}"
            )
        (field,) = found
    if field not in found:
        raise MinispiralError(
            f"{ms} has no data of a field {field!r}: set field to one of "
            f"{', '.join(map(repr, found))}"
        )
    return inspect(ms, field, found[field] if spws is None else spws, data_column, state)
