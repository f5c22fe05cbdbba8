"""Dataclasses of numbers and arrays as a file of numpy's, without loss."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from minispiral.errors import MinispiralError

Record = TypeVar("Record")


def write_records(path: str | Path, records: Sequence[Any]) -> None:
    """Write instances of one dataclass, whose fields are numbers or arrays."""
    arrays = {
        f"{field.name}_{place}": getattr(record, field.name)
        for place, record in enumerate(records)
        for field in fields(record)
    }
    with open(path, "wb") as file:
        np.savez(file, **arrays)


def read_records(path: str | Path, kind: type[Record]) -> Iterator[Record]:
    """Yield what `write_records` wrote, instances of `kind`; each is read when it is requested.

    Raises
    ------
    MinispiralError
        If the file has not the fields of `kind`.
    """
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    with np.load(path, allow_pickle=False) as arrays:
        number = len(arrays.files) // len(names)
        if {*arrays.files} != {f"{name}_{place}" for name in names for place in range(number)}:
            raise MinispiralError(
                f"{path} has other fields than {kind.__name__}, as another version of minispiral "
                "made it: remove it, or run without --rerun-triggers mtime"
            )
        for place in range(number):
            values = (arrays[f"{name}_{place}"] for name in names)
            yield kind(*(value if value.ndim else value.item() for value in values))


def read_fields(path: str | Path, *names: str) -> Iterator[np.ndarray]:
    """Yield some fields of all records that `write_records` wrote, without reading the others."""
    with np.load(path, allow_pickle=False) as arrays:
        for stored in arrays.files:
            if stored.rsplit("_", 1)[0] in names:
                yield arrays[stored]
