"""Tables as files: the bytes that astropy writes, and the values that were there."""

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from astropy.time import Time

from minispiral.io.tables import read_table, write_table

PLAIN = {
    "name": ["a b", 'quoted "c"', "x#", "d,e"],
    "value": [0.1, np.nan, -np.inf, 1e-300],
    "number": [1, -2, 3, 2**60],
    "good": [True, False, True, False],
}
OTHERS = {
    "missing": MaskedColumn([1.0, 2.0, 3.0, 4.0], mask=[False, True, False, False]),
    "empty": ["", "x", "", "y"],
    "single": np.array([0.1, 0.2, 0.3, 0.4], np.float32),
    "pairs": np.arange(8.0).reshape(4, 2),
    "time": Time(57849.0 + np.arange(4), format="mjd"),
}


@pytest.mark.parametrize("others", [[], *([name] for name in OTHERS)])
@pytest.mark.parametrize("rows", [4, 0])
def test_a_table_is_written_as_astropy_writes_it(tmp_path, others, rows):
    table = Table(PLAIN | {name: OTHERS[name] for name in others}, meta={"spw": {2: [1.0]}})[:rows]
    table["value"].unit = "Jy"
    write_table(tmp_path / "ours.ecsv", table)
    table.write(tmp_path / "astropys.ecsv", format="ascii.ecsv")
    assert (tmp_path / "ours.ecsv").read_bytes() == (tmp_path / "astropys.ecsv").read_bytes()


def test_values_and_meta_are_read_as_they_were_written(tmp_path):
    table = Table(PLAIN, meta={"spw": {2: [1.0]}})
    write_table(tmp_path / "table.ecsv", table)
    read = read_table(tmp_path / "table.ecsv")
    for name in PLAIN:
        np.testing.assert_array_equal(read[name], table[name])
    assert read.meta == table.meta
