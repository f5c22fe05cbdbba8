"""What is written is read again, whatever it holds; what else stands in a file is refused."""

import tempfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from minispiral.analysis.truth import read_truth
from minispiral.columns.light_curves import LIGHT_CURVES
from minispiral.errors import MinispiralError
from minispiral.fit.memo_file import FIT_ARRAY_COLUMNS, read_fit_file, write_fit_file
from minispiral.imaging.beam import Beam
from minispiral.imaging.core import read_offset, write_offset
from minispiral.imaging.models import (
    ModelImage,
    read_components,
    read_model,
    write_components,
    write_model,
)
from minispiral.io.tables import read_table, write_table
from minispiral.light_curves.user_flags import read_user_flags
from minispiral.ms.inspection import Inspection, SpectralWindow, read_inspection, write_inspection
from minispiral.selfcal.rounds import RoundRecord, read_record, write_record
from minispiral.visibilities.antenna_gains import AntennaGains, read_gains, write_gains

finite = st.floats(allow_nan=False, allow_infinity=False)
names = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,8}", fullmatch=True)  # as of tracks
lengths = st.integers(1, 5)
quick = settings(deadline=None, max_examples=30)
pytestmark = pytest.mark.slow


def trip(write: Callable[[Path], None], read: Callable[[Path], Any]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        write(path)
        return read(path)


def columns_of(n: int, kind: str) -> st.SearchStrategy:
    if kind == "text":
        return st.lists(names, min_size=n, max_size=n).map(lambda x: np.array(x, dtype=str))
    return npst.arrays({"float": float, "int": np.int64, "bool": bool}[kind], n)


@st.composite
def light_curves(draw) -> Table:
    """A table with the light curves' columns and whatever values."""
    n = draw(lengths)
    kinds = {"track": "text", "flag": "text", "spw": "int", "n_vis": "int", "scan": "int"}
    kinds |= {"observation": "int", "array": "int"}
    kinds["good"] = "bool"
    table = Table(meta={"reference_flux_jy": draw(finite), "campaign": draw(names)})
    for name, unit in ((n, column.unit) for n, column in LIGHT_CURVES.items()):
        table[name] = draw(columns_of(n, kinds.get(name, "float")))
        table[name].unit = unit
    return table


@given(light_curves())
@quick
def test_tables(table):
    read = trip(lambda path: write_table(path, table), read_table)
    assert read.colnames == table.colnames
    assert dict(read.meta) == dict(table.meta)
    for name in table.colnames:
        assert read[name].unit == table[name].unit
        np.testing.assert_array_equal(np.ma.filled(read[name], np.nan), table[name], err_msg=name)


@given(st.data())
@quick
def test_antenna_gains(data):
    n, antennas = data.draw(lengths), data.draw(lengths)
    gains = AntennaGains(
        times=data.draw(columns_of(n, "float")),
        antennas=data.draw(columns_of(antennas, "text")),
        gain=data.draw(npst.arrays(complex, (n, antennas, 2))),
        phases=data.draw(columns_of(n, "float")),
        amplitudes=data.draw(columns_of(n, "float")),
    )
    read = trip(lambda path: write_gains(path, gains), read_gains)
    for field in fields(AntennaGains):
        np.testing.assert_array_equal(getattr(read, field.name), getattr(gains, field.name))


@given(finite, finite)
@quick
def test_offsets(east, north):
    assert trip(lambda path: write_offset(path, (east, north)), read_offset) == (east, north)


texts = st.text(max_size=10)
windows = st.builds(
    SpectralWindow,
    st.integers(0, 99),
    finite,
    st.integers(1, 4000),
    st.lists(st.sampled_from(["XX", "XY", "YX", "YY"])).map(tuple),
    st.integers(0, 2**40),
    st.integers(0, 2**40),
    finite,
)
inspections = st.builds(
    Inspection,
    texts,
    st.integers(0, 99),
    st.tuples(finite, finite),
    st.tuples(finite, finite, finite),
    st.integers(1, 99),
    st.integers(1, 99),
    finite,
    finite,
    st.lists(windows, max_size=3).map(tuple),
    texts,
    st.integers(0, 2**50),
    texts,
)


@given(inspections)
@quick
def test_inspections(inspection):
    assert trip(lambda path: write_inspection(path, inspection), read_inspection) == inspection


records = st.builds(
    RoundRecord,
    **{
        field.name: {
            "int": st.integers(0, 99),
            "float": finite,
            "str": texts,
            "bool": st.booleans(),
            "tuple[int, ...]": st.lists(st.integers(0, 9)).map(tuple),
        }[field.type if isinstance(field.type, str) else field.type.__name__]
        for field in fields(RoundRecord)
        if field.type in (int, float, str, bool)
    },
    tables=st.lists(st.integers(0, 9), max_size=4).map(tuple),
)


@given(records)
@quick
def test_records_of_rounds(record):
    assert trip(lambda path: write_record(path, record), read_record) == record


@given(npst.arrays(float, st.tuples(lengths, st.just(3)), elements=st.floats(-1e6, 1e6)))
@quick
def test_components(components):
    read = trip(lambda path: write_components(path, components, "a title"), read_components)
    np.testing.assert_allclose(read, components, rtol=1e-8)


@given(
    npst.arrays(float, st.sampled_from([(4, 4), (6, 6)]), elements=finite),
    st.floats(0.01, 10),
    st.floats(-90, 90),
)
@quick
def test_models(pixels, major, angle):
    axes = {"SIMPLE": True, "BITPIX": -64, "NAXIS": 4, "NAXIS1": 4, "NAXIS2": 4, "NAXIS3": 1}
    header = fits.Header({**axes, "NAXIS4": 1, "CDELT1": -0.1 / 3600, "CDELT2": 0.1 / 3600})
    image = ModelImage(pixels, 0.1, Beam(major, major / 2, angle), header)
    read = trip(lambda path: write_model(path, image), read_model)
    np.testing.assert_array_equal(read.pixels, pixels)
    assert read.cell == pytest.approx(0.1)
    assert [read.beam.major, read.beam.minor, read.beam.angle] == pytest.approx(
        [major, major / 2, angle]
    )


@given(st.data())
@quick
def test_fit_files(data):
    n = data.draw(lengths)
    fits_, curves = [], []
    for _ in range(data.draw(lengths)):
        columns = {name: data.draw(columns_of(n, "float")) for name in FIT_ARRAY_COLUMNS.values()}
        fits_.append(Table(columns, meta={"frequency_hz": data.draw(finite)}))
        curves.append(Table({"good": data.draw(columns_of(n, "bool"))}))
    read = trip(lambda path: write_fit_file(path, fits_, curves), read_fit_file)
    for spw, (fit, curve) in enumerate(zip(fits_, curves, strict=True)):
        rows = read[read["spw"] == spw]
        for name in fit.colnames:
            np.testing.assert_array_equal(rows[name], fit[name])
        np.testing.assert_array_equal(rows["good"], curve["good"])


def read_or_refused_in_a_line(read: Callable[[Path], Any], content: bytes) -> None:
    try:
        trip(lambda path: path.write_bytes(content), read)
    except MinispiralError as error:
        text = str(error)
        assert text
        assert "\n" not in text


@pytest.mark.parametrize("read", [read_components, read_user_flags, read_fit_file, read_truth])
@given(content=st.binary(max_size=100))
@quick
def test_whatever_stands_in_a_users_file_is_read_or_refused(read, content):
    read_or_refused_in_a_line(read, content)


@pytest.mark.parametrize("read", [read_components, read_user_flags, read_truth])
@given(content=st.text("track,spwend#0123456789.:- \n\"'e", max_size=80))
@quick
def test_whatever_text_stands_in_a_users_table_is_read_or_refused(read, content):
    read_or_refused_in_a_line(read, content.encode())
