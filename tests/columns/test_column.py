"""Columns: each has its name, unit and description in one place, which files and pages show."""

import re

import pytest
from astropy import units
from astropy.table import Table

from docs import make_columns
from minispiral.columns import analysis, fit, gains, light_curves, science
from minispiral.columns.column import Column, column_of, described, with_errors
from minispiral.columns.files import OF_COMMANDS, ON_THE_WAY, PRODUCTS
from tests.helpers.places import ROOT

ALL = PRODUCTS | ON_THE_WAY | OF_COMMANDS
# section of a page -> columns that it explains
EXPLAINED = {
    ("products.md", "Light curves: `light_curves.ecsv`"): light_curves.LIGHT_CURVES,
    ("products.md", "The minispiral's flux"): light_curves.MINISPIRAL_FLUX,
    ("products.md", "Polarimetry:"): light_curves.POLARIMETRY,
    ("products.md", "The report:"): gains.TURNS,
    ("products.md", "The report:", "fit"): fit.BY_ANTENNA,
    ("errors.md", "What was chosen"): gains.GAINS,
    ("errors.md", "Means over time"): gains.COVARIANCE,
    ("iterations.md", "Whether another"): analysis.CONVERGENCE,
    ("science.md", "Transients"): science.TRANSIENTS,
    ("compare.md", "The table"): OF_COMMANDS["minispiral compare"],
}
# in every table, and explained once
EVERYWHERE = {"track", "spw", "mjd", "good", "antenna", "iteration", "n_good", "frequency"}


def test_a_table_is_told_the_units_and_descriptions_of_its_columns():
    known = with_errors({"a": Column("First", units.Jy), "b_{x}": Column("Of x", units.m)}, "a")
    table = described(Table({"a": [1.0], "a_err": [0.1], "b_7": [2.0]}), known)
    assert [str(table[name].unit) for name in table.colnames] == ["Jy", "Jy", "m"]
    assert [table[name].description for name in table.colnames] == ["First", "Error of a", "Of x"]


def test_a_column_without_description_is_refused():
    with pytest.raises(KeyError, match="column c has no description"):
        described(Table({"c": [1.0]}), {"a": Column("First")})


@pytest.mark.parametrize("file", ALL)
def test_descriptions_are_phrases_that_any_reader_of_text_can_skip(file):
    for name, column in ALL[file].items():
        assert re.fullmatch(r"[A-Za-z][^#\n|]{1,95}[^.\s]", column.description), name
        if column.error is not None:
            assert column_of(ALL[file], column.error).unit == column.unit, name


def test_the_page_of_all_columns_is_what_the_program_writes():
    assert make_columns.PAGE.read_text() == make_columns.page(), "run: make keys"


@pytest.mark.parametrize("place", EXPLAINED, ids=lambda place: " ".join(place)[:40])
def test_pages_explain_all_columns(place):
    text = (ROOT / "docs" / place[0]).read_text()
    (section,) = re.findall(rf"(?ms)^## {re.escape(place[1])}.*?(?=^## |\Z)", text)
    named = set(re.findall(r"`(\w+)`", section))
    wanted = {
        name
        for name in EXPLAINED[place]
        if not name.startswith("noise_")
        and (not name.endswith("_err") or name.removesuffix("_err") not in EXPLAINED[place])
    }
    assert wanted - EVERYWHERE <= named
