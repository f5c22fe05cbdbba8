"""Files of records: what is written comes back, and what another version wrote is refused."""

from dataclasses import dataclass

import numpy as np
import pytest

from minispiral.errors import MinispiralError
from minispiral.io.records import read_records, write_records


@dataclass(frozen=True)
class Older:
    flux: np.ndarray
    number: int


@dataclass(frozen=True)
class Newer:
    flux: np.ndarray
    number: int
    point: np.ndarray


@dataclass(frozen=True)
class Renamed:
    flux: np.ndarray
    count: int


@pytest.mark.parametrize("number", [0, 1, 12])
def test_records_come_back(tmp_path, number):
    path = tmp_path / "x.npz"
    write_records(path, [Older(np.arange(k), k) for k in range(number)])
    read = list(read_records(path, Older))
    assert [(len(one.flux), one.number) for one in read] == [(k, k) for k in range(number)]


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(("wrote", "reads"), [(Older, Newer), (Newer, Older), (Older, Renamed)])
def test_a_file_of_another_version_is_named(tmp_path, wrote, reads, number):
    flux = np.arange(3.0)
    record = Older(flux, 1) if wrote is Older else Newer(flux, 1, flux)
    write_records(tmp_path / "x.npz", [record] * number)
    with pytest.raises(MinispiralError, match=f"x.npz has other fields than {reads.__name__}.*rem"):
        list(read_records(tmp_path / "x.npz", reads))
