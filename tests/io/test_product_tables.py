"""Digits of products: as many as mean something, and never so few that rounding matters."""

import numpy as np
import pandas
import pytest
from astropy import units
from astropy.table import MaskedColumn, Table

from minispiral.columns.column import Column, described, with_errors
from minispiral.io.product_tables import rounded, to_decimals, write_product
from minispiral.io.tables import read_table

KNOWN = with_errors(
    {
        "name": Column("Name"),
        "n": Column("Number"),
        "mjd": Column("Time", units.d, decimals=10),
        "I": Column("Flux density", units.Jy),
        "other": Column("Has the error of I", units.Jy, error="I_err"),
        "share": Column("A share"),
        "kept": Column("Others calculate with it", exact=True),
    },
    "I",
)
ORIGIN = {"campaign": "made", "date": "2026-01-01T00:00:00"}


@pytest.fixture
def table() -> Table:
    rng, n = np.random.default_rng(1), 200
    error = 10.0 ** rng.uniform(-9, 3, n)
    values = {
        "name": np.full(n, "a"),
        "n": np.arange(n),
        "mjd": 57849 + rng.random(n),
        "I": 10.0 ** rng.uniform(-3, 3, n) * rng.choice([-1, 1], n),
        "I_err": error,
        "other": rng.normal(size=n),
        "share": rng.random(n),
        "kept": rng.normal(size=n),
    }
    return described(Table(values, meta={"campaign": "old", "interval_s": 4.0}), KNOWN)


def test_rounding_changes_no_value_by_a_thousandth_of_its_error(table):
    new = rounded(table, KNOWN)
    for name in ("I", "I_err", "other"):
        changed = np.abs(new[name] - table[name]) / table["I_err"]
        assert changed.max() < 5.1e-4
        assert changed.max() > 1e-4
    np.testing.assert_array_equal(new["kept"], table["kept"])
    assert np.abs(new["mjd"] - table["mjd"]).max() * 86400 < 1e-5


def test_a_file_has_no_more_digits_than_that(table, tmp_path):
    write_product(tmp_path / "x.ecsv", table, KNOWN, ORIGIN)
    rows = [line.split() for line in (tmp_path / "x.ecsv").read_text().splitlines()]
    rows = [row for row in rows if row[0] == "a"]
    for place, digits in ((4, 4), (6, 6)):
        for row in rows:
            mantissa = row[place].lower().partition("e")[0].replace(".", "").strip("0")
            assert len(mantissa) <= digits, row
    assert all(len(row[2].partition(".")[2]) <= 10 for row in rows)
    assert max(len(row[7]) for row in rows) > 15


def test_what_made_a_product_comes_first_in_its_meta(table, tmp_path):
    write_product(tmp_path / "x.ecsv", table, KNOWN, ORIGIN)
    read = read_table(tmp_path / "x.ecsv")
    assert dict(read.meta) == {**ORIGIN, "interval_s": 4.0}
    assert list(read.meta)[: len(ORIGIN)] == list(ORIGIN)
    assert table.meta["campaign"] == "old"
    assert {read[name].description for name in read.colnames} <= {
        column.description for column in KNOWN.values()
    }


def test_pandas_reads_the_names_and_values_that_astropy_reads(table, tmp_path):
    write_product(tmp_path / "x.ecsv", table, KNOWN, ORIGIN)
    ours = read_table(tmp_path / "x.ecsv")
    theirs = pandas.read_csv(tmp_path / "x.ecsv", comment="#", sep=" ")
    assert list(theirs.columns) == ours.colnames
    for name in ours.colnames:
        np.testing.assert_allclose(theirs[name], ours[name], rtol=1e-15) if name != "name" else None


def test_what_is_missing_or_has_no_error_keeps_nine_digits():
    values = [1.23456789012, np.nan, np.inf, 0.0, 12.3456789012]
    made = Table({"I": values, "I_err": [0.0, 0.1, 0.1, 0.1, np.nan]})
    made["share"] = MaskedColumn([1 / 3] * 5, mask=[True] + [False] * 4)
    new = rounded(made, KNOWN)
    np.testing.assert_array_equal(new["I"], [1.23456789, np.nan, np.inf, 0.0, 12.3456789])
    assert new["share"].mask.tolist() == [True] + [False] * 4
    assert new["share"][1] == 0.333333


@pytest.mark.parametrize("decimals", [-3, 0, 5, 22, 40])
def test_decimals_are_those_of_pythons_own_rounding(decimals):
    values = np.random.default_rng(2).normal(0, 1e4, 50)
    ours = to_decimals(values, np.full(50, decimals))
    assert ours.tolist() == [round(float(value), decimals) for value in values]
