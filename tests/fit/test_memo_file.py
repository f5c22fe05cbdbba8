"""Files of the memo's script: read whole, and never run."""

import os
import pickle
import subprocess

import numpy as np
import pytest
from astropy.table import Table

from minispiral import cli
from minispiral.errors import MinispiralError
from minispiral.fit.memo_file import (
    FIT_ARRAY_COLUMNS,
    GOOD,
    fit_array,
    read_fit_file,
    write_fit_file,
)

N = 5


def fit(seed: int) -> Table:
    rng = np.random.default_rng(seed)
    values = {name: rng.normal(size=N) for name in FIT_ARRAY_COLUMNS.values()}
    return Table(values, meta={"frequency_hz": 213.1e9 + seed})


FITS = [fit(0), fit(1)]
CURVES = [Table({"good": np.arange(N) % 2 == k}) for k in range(2)]
ARRAYS = [fit_array(one, curve["good"]) for one, curve in zip(FITS, CURVES, strict=True)]
FREQUENCIES = np.array([one.meta["frequency_hz"] for one in FITS])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "theirs.fit"


def check(table: Table) -> None:
    for spw, (one, curve) in enumerate(zip(FITS, CURVES, strict=True)):
        rows = table[table["spw"] == spw]
        assert set(rows["frequency"]) == {one.meta["frequency_hz"]}
        for name in one.colnames:
            np.testing.assert_array_equal(rows[name], one[name])
        np.testing.assert_array_equal(rows["good"], curve["good"])


def test_what_was_written_is_read(path):
    write_fit_file(path, FITS, CURVES)
    check(read_fit_file(path))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_is_read(path, protocol):
    path.write_bytes(pickle.dumps([ARRAYS, FREQUENCIES], protocol=protocol))
    check(read_fit_file(path))


def test_a_pickle_of_python_2_is_read(path):
    """Its bytes are text, and numpy's modules have their old names."""
    data = pickle.dumps([ARRAYS, list(map(float, FREQUENCIES))], protocol=0)
    path.write_bytes(data.replace(b"numpy._core", b"numpy.core"))
    check(read_fit_file(path))


def without(names: tuple[str, ...]) -> list[np.ndarray]:
    kept = [name for name in ARRAYS[0].dtype.names if name not in names]
    return [np.array(array[kept].tolist(), array[kept].dtype) for array in ARRAYS]


def write(path, arrays: list[np.ndarray]) -> Table:
    path.write_bytes(pickle.dumps([arrays, FREQUENCIES], protocol=2))
    return read_fit_file(path)


@pytest.mark.parametrize("name", GOOD)
def test_either_column_says_what_is_good(path, name):
    (other,) = {*GOOD} - {name}
    table = write(path, without((other,)))
    np.testing.assert_array_equal(table["good"], np.concatenate([c["good"] for c in CURVES]))


def test_without_either_column_all_is_good(path):
    assert write(path, without(GOOD))["good"].all()


def test_what_one_column_says_is_bad_is_bad(path):
    """The memo's second script changes Good alone."""
    arrays = [array.copy() for array in ARRAYS]
    arrays[1]["Good"][2:] = False
    table = write(path, arrays)
    for spw, (array, curve) in enumerate(zip(arrays, CURVES, strict=True)):
        expected = np.asarray(curve["good"]) & array["Good"]
        np.testing.assert_array_equal(table["good"][table["spw"] == spw], expected)


def test_the_scripts_covariance_is_named_by_what_it_is(path):
    """In their files it is the correlation squared, which has no unit."""
    table = write(path, without(("GOODS",)))
    assert "covariance" not in table.colnames
    assert table["correlation_squared"].unit is None
    np.testing.assert_array_equal(
        table["correlation_squared"], np.concatenate([array["Covariance"] for array in ARRAYS])
    )
    write_fit_file(path, FITS, CURVES)
    assert str(read_fit_file(path)["covariance"].unit) == "Jy2"


class Payload:
    """Runs something when it is unpickled."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    "payload",
    [
        lambda mark: Payload(os.system, f"touch {mark}"),
        lambda mark: Payload(subprocess.check_call, ["touch", mark]),
        lambda mark: Payload(eval, f"open({mark!r}, 'w')"),
        lambda mark: Payload(np.save, mark, np.zeros(1)),
        lambda mark: np.array([Payload(os.system, f"touch {mark}")], dtype=object),
    ],
)
@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_code_is_refused_and_not_run(path, tmp_path, payload, protocol):
    mark = str(tmp_path / "mark")
    path.write_bytes(pickle.dumps([[*ARRAYS, payload(mark)], FREQUENCIES], protocol=protocol))
    with pytest.raises(MinispiralError, match=r"theirs\.fit is refused: it asks for .*may run"):
        read_fit_file(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["theirs.fit"]


class Forged:
    """A type of numbers whose fields lie beyond its bytes, or are objects."""

    def __init__(self, offset: int, kind: str) -> None:
        self.state = (3, "|", None, ("Q",), {"Q": (np.dtype(kind), offset)}, 8, 1, 0)

    def __reduce__(self):
        return np.dtype, ("V8", False, True), self.state


@pytest.mark.parametrize(("offset", "kind"), [(2**30, "f8"), (0, "O"), (-8, "f8"), (4, "f8")])
def test_a_forged_description_of_an_array_is_refused(path, offset, kind):
    class Array:
        def __reduce__(self):
            state = (1, (3,), Forged(offset, kind), False, bytes(24))
            return np.zeros(1).__reduce__()[0], (np.ndarray, (0,), b"b"), state

    path.write_bytes(pickle.dumps([[Array()], [1.0]], protocol=2))
    with pytest.raises(MinispiralError, match=r"is no \.fit file"):
        read_fit_file(path)


def test_a_few_bytes_do_not_keep_it_busy(path):
    lists = [1.0]
    for _ in range(20):
        lists = [lists] * 10
    path.write_bytes(pickle.dumps([ARRAYS, lists]))
    with pytest.raises(MinispiralError, match=r"is no \.fit file"):
        read_fit_file(path)


def test_tables_without_rows_are_read(path):
    write_fit_file(path, [FITS[0][:0]], [CURVES[0][:0]])
    assert len(read_fit_file(path)) == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", r"is no \.fit file \(EOFError\)"),
        (b"no pickle", r"is no \.fit file"),
        (pickle.dumps([ARRAYS, FREQUENCIES])[:500], r"is no \.fit file"),
        (pickle.dumps(3), r"is no \.fit file"),
        (pickle.dumps([ARRAYS, FREQUENCIES[:1]]), "has not the arrays"),
        (pickle.dumps([[], []]), "has not the arrays"),
        (pickle.dumps([ARRAYS[:1], [[1.0, 2.0]]]), "has not the arrays"),
        (b"campaign: trial\nspws: [0, 1]\n", r"is no \.fit file"),
        (pickle.dumps([[np.zeros(3)], [1.0]]), "has not the arrays"),
        (pickle.dumps([[ARRAYS[0][["Q", "U"]]], [1.0]]), "has not the arrays"),
    ],
)
def test_what_is_no_fit_file_is_said(path, content, says):
    path.write_bytes(content)
    with pytest.raises(MinispiralError, match=says) as error:
        read_fit_file(path)
    assert "\n" not in str(error.value)


def test_the_command_prints_the_table(path, capsys):
    write_fit_file(path, FITS, CURVES)
    assert cli.main(["fit-table", str(path)]) == 0
    check(Table.read(capsys.readouterr().out, format="ascii.ecsv"))
    assert cli.main(["fit-table", str(path) + "s"]) == 1
    assert capsys.readouterr().err.endswith(
        "cannot be read (No such file or directory): check the path\n"
    )
