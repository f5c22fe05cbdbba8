"""The tables of the contract, and the files made from them."""

import pickle

import numpy as np
import pytest
from astropy.table import Table

from minispiral.fit.memo_file import write_fit_file
from minispiral.io.tables import columns, read_table, write_table
from minispiral.light_curves import tables as products
from minispiral.light_curves.scaling import (
    Limits,
)
from tests.helpers.fits import make_fit

ANY = Limits((0.0, 100.0))


CONTRACT = [
    "track",
    "spw",
    "frequency",
    "mjd",
    "I",
    "I_err",
    "Q",
    "Q_err",
    "U",
    "U_err",
    "V",
    "V_err",
    "P",
    "P_err",
    "EVPA",
    "EVPA_err",
    "gain",
    "gain_err",
    "I_extended",
    "I_extended_err",
    "I_compact",
    "I_compact_err",
    "I_long_baselines",
    "n_vis",
    "scan",
    "good",
]


def as_table(fit: dict[str, np.ndarray]) -> Table:
    return Table(fit, meta={"frequency_hz": 213.1e9, "interval_s": 6.0})


@pytest.fixture
def curve() -> Table:
    fit = make_fit(120)
    fit["I_extended"][5] = np.nan
    return products.light_curve_table(as_table(fit), 1.1, ANY, "20170406", 2)


def test_light_curves_have_the_columns_and_units_of_the_contract(curve):
    assert curve.colnames[: len(CONTRACT)] == CONTRACT
    units = {name: str(curve[name].unit) for name in ("frequency", "mjd", "I", "EVPA", "V_err")}
    assert units == {"frequency": "Hz", "mjd": "d", "I": "Jy", "EVPA": "deg", "V_err": "Jy"}
    assert len(curve) == 120
    assert not curve["good"][5]
    assert curve["flag"][5] == "no fit"


def test_tables_lose_nothing(curve, tmp_path):
    write_table(tmp_path / "x.ecsv", curve)
    read = read_table(tmp_path / "x.ecsv")
    assert read.colnames == curve.colnames
    assert read.meta == curve.meta
    for name in curve.colnames:
        np.testing.assert_array_equal(columns(read)[name], columns(curve)[name], err_msg=name)


def test_the_ascii_light_curve_has_the_good_integrations(curve, tmp_path):
    products.write_ascii_light_curve(tmp_path / "x.dat", curve)
    header = (tmp_path / "x.dat").read_text().splitlines()[0]
    assert header.lstrip("# ").split() == (
        [
            "MJD",
            "I(Jy)",
            "Ierr(Jy)",
            "P(Jy)",
            "Perr(Jy)",
            "EVPA(deg)",
            "EVPAerr(deg)",
            "V(Jy)",
            "Verr(Jy)",
        ]
    )
    data = np.loadtxt(tmp_path / "x.dat")
    assert data.shape == (119, 9)
    good = curve[np.asarray(curve["good"])]
    np.testing.assert_allclose(data[:, 0], good["mjd"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(data[:, 5], good["EVPA"], rtol=1e-8)


def test_the_fit_file_is_the_memos(curve, tmp_path):
    fit = as_table(make_fit(120))
    write_fit_file(tmp_path / "x.fit", [fit, fit], [curve, curve])
    with open(tmp_path / "x.fit", "rb") as file:
        arrays, frequencies = pickle.load(file)
    assert frequencies.tolist() == [213.1e9, 213.1e9]
    assert len(arrays) == 2
    assert arrays[0].dtype.names == (
        "JDTime",
        "I Extended",
        "I Compact",
        "I LongBas",
        "Q",
        "U",
        "V",
        "Error Ext.",
        "Error Comp.",
        "Covariance",
        "Error Q",
        "Error U",
        "Error V",
        "GOODS",
    )
    np.testing.assert_array_equal(arrays[1]["I Compact"], fit["I_compact"])
    assert arrays[0]["GOODS"].sum() == 119
    assert arrays[0]["JDTime"][0] == 4998188200.0


def test_the_minispiral_table_has_a_row_for_each_spw_and_track(curve):
    table = products.minispiral_flux_table([curve])
    good = np.asarray(curve["good"])
    assert table["reference_flux"][0] == 1.1
    assert str(table["median"].unit) == "Jy"
    assert table["median"][0] == np.median(curve["I_extended"][good])
    assert (table["spw"][0], table["track"][0], table["n_good"][0]) == (2, "20170406", 119)


def test_what_has_no_minispiral_is_told_in_the_tables():
    sound = products.light_curve_table(as_table(make_fit(120)), 1.1, ANY, "a", 2)
    weak = products.light_curve_table(as_table(make_fit(120, extended=0.015)), 0.015, ANY, "a", 3)
    table = products.collected([sound, weak])
    assert table.meta["doubtful"] == [["a", 3]]
    assert "minispiral" not in table.meta
    flux = products.minispiral_flux_table([sound, weak])
    assert flux["doubtful"].tolist() == [False, True]
    assert flux["share"][1] == pytest.approx(0.015 / 2.4, rel=0.05)
    assert flux["signal_to_noise"][1] == pytest.approx(0.015 / 0.004, rel=0.1)
