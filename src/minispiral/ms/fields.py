"""Fields of a measurement set: by name, and which of them have data."""

from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.measures.units import separation


def field_id_of(ms: str | Path, field: str) -> int:
    """Return the row of FIELD that has this name, or of several the one that has data.

    Raises
    ------
    MinispiralError
        If there is none, or several have data.
    """
    with casa.table(f"{ms}/FIELD") as table:
        names = [str(name) for name in table.getcol("NAME")]
    ids = [i for i, name in enumerate(names) if name == field]
    if not ids:
        raise MinispiralError(
            f"{ms} has no field {field!r}: set field to one of {', '.join(map(repr, names))}"
        )
    if len(ids) > 1:
        with casa.table(ms) as table:
            ids = sorted(set(ids) & set(np.unique(table.getcol("FIELD_ID")))) or ids
        if len(ids) > 1:
            raise MinispiralError(
                f"{ms} has {len(ids)} fields named {field!r} (ids {', '.join(map(str, ids))}): "
                "split the one to be used into a measurement set of its own"
            )
    return int(ids[0])


def phase_centre(ms: str | Path, field_id: int) -> tuple[float, float]:
    """Right ascension and declination (deg) of a field's phase centre."""
    with casa.table(f"{ms}/FIELD") as table:
        ra, dec = np.degrees(table.getcell("PHASE_DIR", field_id)[:, 0])
    return float(ra % 360), float(dec)


def fields_at(
    ms: str | Path, direction_deg: tuple[float, float], within_arcsec: float
) -> list[str]:
    """Names of the fields with data whose phase centres are there, in alphabetical order."""
    with casa.table(f"{ms}/FIELD") as table:
        names = [str(name) for name in table.getcol("NAME")]
    with casa.table(ms) as table:
        ids = np.unique(table.getcol("FIELD_ID")).tolist()
    near = [k for k in ids if separation(phase_centre(ms, k), direction_deg) <= within_arcsec]
    return sorted({names[k] for k in near})


def fields_with_data(ms: str | Path) -> dict[str, list[int]]:
    """Names of the fields that have rows, with the spws of these rows."""
    with casa.table(f"{ms}/FIELD") as table:
        names = [str(name) for name in table.getcol("NAME")]
    with casa.table(f"{ms}/DATA_DESCRIPTION") as table:
        spw_of = table.getcol("SPECTRAL_WINDOW_ID")
    with casa.table(ms) as table:
        field, description = table.getcol("FIELD_ID"), table.getcol("DATA_DESC_ID")
    spws: dict[str, set[int]] = {}
    for k in np.unique(field):
        of_field = spw_of[np.unique(description[field == k])]
        spws.setdefault(names[k], set()).update(of_field.tolist())
    return {name: sorted(of_field) for name, of_field in spws.items()}
