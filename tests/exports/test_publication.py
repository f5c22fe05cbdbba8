"""Tables to be published, read back by astropy, with units, UCDs and times."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.io.votable import parse, validate
from astropy.io.votable.ucd import check_ucd
from astropy.table import Table
from astropy.time import Time

import minispiral
from minispiral import cli
from minispiral.exports.publication import (
    COLUMNS,
    cds_name,
    published_table,
    write_cds,
    write_fits,
    write_votable,
)
from minispiral.measures.time_scales import bjd_tdb, tai
from tests.helpers.results import ALMA, FREQUENCIES, SGR_A, TRACK, N

MILLISECOND = 1e-3 / 86400


@pytest.fixture(scope="module")
def results(campaign):
    return minispiral.read(campaign)


@pytest.fixture(scope="module")
def table(results):
    made = published_table(results, [TRACK])
    for name in ("V", "V_err"):
        made[name][5:9] = np.nan
    return made


def check(read: Table, table: Table, name=str, decimals: bool = False) -> None:
    assert len(read) == len(table) == 3 * N
    assert read.colnames == [name(column) for column in table.colnames]
    for column in table.colnames:
        found = np.ma.filled(np.ma.asarray(read[name(column)]), np.nan if column[0] == "V" else 0)
        expected = table[column]
        if expected.dtype.kind == "f":
            places = COLUMNS[column].decimals if decimals else 14
            np.testing.assert_allclose(found, expected, rtol=1e-15, atol=0.501 * 10.0**-places)
        else:
            np.testing.assert_array_equal(found, expected)
        assert read[name(column)].unit == expected.unit, column
        assert np.isnan(found[5:9].astype(float)).all() or column not in ("V", "V_err")


def test_the_times_are_those_of_the_light_curve_on_three_scales(results, table):
    curves = results[TRACK].table
    np.testing.assert_array_equal(table["mjd"], curves["mjd"])
    np.testing.assert_array_equal(table["tai"], tai(np.asarray(curves["mjd"])))
    np.testing.assert_array_equal(table["bjd_tdb"], bjd_tdb(curves["mjd"], SGR_A, ALMA))
    assert sorted(set(table["frequency"])) == [f / 1e9 for f in FREQUENCIES]
    assert set(table["good"]) == {0, 1}


@pytest.mark.parametrize("name", COLUMNS)
def test_ucds_are_of_the_ivoas_vocabulary(name):
    assert check_ucd(COLUMNS[name].ucd, check_controlled_vocabulary=True)


def test_a_fits_table_is_read_back_with_its_times(table, tmp_path):
    write_fits(tmp_path / "x.fits", table)
    check(Table.read(tmp_path / "x.fits", hdu=1), table)
    with fits.open(tmp_path / "x.fits") as hdus:
        hdus.verify("exception")
        header = hdus["LIGHT_CURVES"].header
    assert (header["TIMESYS"], header["MJDREF"], header["TREFPOS"]) == ("UTC", 0, "TOPOCENTER")
    assert [header[f"OBSGEO-{axis}"] for axis in "XYZ"] == pytest.approx(ALMA)
    assert abs(Time(header["DATE-OBS"]).mjd - table["mjd"].min()) < MILLISECOND
    names = {header[f"TTYPE{k}"]: k for k in range(1, header["TFIELDS"] + 1)}
    assert header[f"TCTYP{names['tai']}"] == "TAI"
    assert header[f"TRPOS{names['tai']}"] == "TOPOCENTER"
    assert header[f"TCOMM{names['bjd_tdb']}"] == "Barycentric Julian date, TDB"
    assert header[f"TUCD{names['I_err']}"] == COLUMNS["I_err"].ucd


def test_astropy_takes_the_fits_columns_for_times(table, tmp_path):
    """By the FITS standard's keywords alone."""
    write_fits(tmp_path / "x.fits", table)
    native = Table.read(tmp_path / "x.fits", hdu=1, astropy_native=True)
    assert (native["mjd"].scale, native["tai"].scale) == ("utc", "tai")
    assert np.abs(native["mjd"].mjd - table["mjd"]).max() < MILLISECOND
    assert np.abs(native["tai"].utc.mjd - table["mjd"]).max() < MILLISECOND
    # a Julian date, which the standard would count from MJDREF, is a number as it is
    np.testing.assert_array_equal(native["bjd_tdb"], table["bjd_tdb"])


def test_a_votable_is_read_back_and_is_valid(table, tmp_path):
    path = tmp_path / "x.xml"
    write_votable(path, table)
    check(Table.read(path, format="votable"), table)
    with open(tmp_path / "told.txt", "w") as told:
        assert validate(str(path), output=told)
    votable = parse(str(path))
    systems = {one.ID: one for one in votable.iter_timesys()}
    fields = {one.name: one for one in votable.get_first_table().fields}
    for name, scale, place in (
        ("mjd", "UTC", "TOPOCENTER"),
        ("tai", "TAI", "TOPOCENTER"),
        ("bjd_tdb", "TDB", "BARYCENTER"),
    ):
        system = systems[fields[name].ref]
        assert (system.timescale, system.refposition) == (scale, place)
    assert {name: entry.ucd for name, entry in fields.items()} == {
        name: COLUMNS[name].ucd for name in table.colnames
    }


def test_a_table_of_the_cds_is_read_back_by_its_readme(table, tmp_path):
    write_cds(tmp_path / "cds", table)
    read = Table.read(
        tmp_path / "cds" / "lightcur.dat", readme=tmp_path / "cds" / "ReadMe", format="ascii.cds"
    )
    check(read, table, cds_name, decimals=True)
    assert read["V"].mask.sum() == 4
    text = (tmp_path / "cds" / "ReadMe").read_text()
    assert max(map(len, text.splitlines())) <= 80
    length = max(map(len, (tmp_path / "cds" / "lightcur.dat").read_text().splitlines()))
    assert f"lightcur.dat {length:7d} {3 * N:8d}" in text
    assert "e_I" in text


@pytest.mark.parametrize("form", ["fits", "votable", "cds"])
def test_the_command_writes_bins_of_one_spw(campaign, results, tmp_path, capsys, form):
    output = tmp_path / "x"
    command = ["export", str(campaign), "--for", form, "--output", str(output), "--bin", "60"]
    assert cli.main([*command, "--band", "hi"]) == 0
    expected = results[TRACK].binned(2, 60.0)
    assert capsys.readouterr().err == f"minispiral: {len(expected)} rows in {output}\n"
    if form == "cds":
        read = Table.read(output / "lightcur.dat", readme=output / "ReadMe", format="ascii.cds")
    else:
        read = Table.read(output, format=form)
    np.testing.assert_allclose(read["I"], expected["I"].value, atol=1e-6)
    np.testing.assert_array_equal(read["n"], expected["n"])
    assert set(read["spw"]) == {2}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--for", "fits"], "--for fits writes to a file: name it by --output"),
        (["--for", "fits", "--output", "."], ". is there already"),
        (["--for", "ehtim"], "--for ehtim takes one track"),
        ([TRACK, "--for", "ehtim", "--output", "x", "--spw", "0"], "--for ehtim prints"),
        (["later", "--for", "fits", "--output", "x"], "has no light curves of track 'later'"),
    ],
)
def test_what_the_command_cannot_do_is_said_in_a_line(campaign, capsys, options, says):
    assert cli.main(["export", str(campaign), *options]) == 1
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert says in err
