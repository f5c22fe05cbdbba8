"""Files for those who use the memo's scripts: what these read and write, done over here."""

import pickle

import numpy as np
import pytest

from minispiral.exports.memo_curves import depolarisation, write_memo_curves
from minispiral.fit.memo_file import read_fit_file
from minispiral.light_curves.tables import polarimetry_table
from tests.helpers.results import BAD, NAME, TRACK, N, light_curves

SPWS = range(3)


@pytest.fixture(scope="module")
def made():
    tables, curves, _ = light_curves()
    return tables, curves, polarimetry_table(tables, curves)


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("memo") / "LCurves_SGRA_20170406"
    write_memo_curves(path, TRACK, made[1], made[2])
    return path


def read(folder, name: str) -> np.ndarray:
    return np.loadtxt(folder / f"SGRA_{TRACK}_LCurve_{name}.dat", unpack=True)


@pytest.fixture(scope="module")
def scripts_data(campaign):
    """What the second script takes from our .fit file, by the names that it uses."""
    path = campaign / TRACK / f"SGRA_FIT_{NAME}_{TRACK}.fit"
    data = pickle.loads(path.read_bytes())
    bad = [(data[0][k]["I Extended"] < 0) | ~data[0][k]["Good"] for k in SPWS]
    average = [np.median(data[0][k]["I Extended"][~bad[k]]) for k in SPWS]
    gains = [average[k] / data[0][k]["I Extended"] for k in SPWS]
    return path, data, bad, average, gains


def test_the_second_script_reads_our_fit_file_as_it_is(scripts_data, folder):
    """Its light curves are ours but for its reference: the median of one track."""
    _, data, bad, average, gains = scripts_data
    for k in SPWS:
        rows = data[0][k]
        ours = read(folder, f"StkI_spw{k}")
        assert bad[k].sum() == 1
        np.testing.assert_allclose(ours[0], (rows["JDTime"] / 3600)[~bad[k]], rtol=0, atol=1e-6)
        theirs = (rows["I Compact"] * gains[k])[~bad[k]]
        np.testing.assert_allclose(ours[1] * average[k] / 1.1, theirs, rtol=1e-12)
        for name, column in (("StkQ", "Q"), ("StkU", "U"), ("StkV", "V")):
            theirs = (rows[column] * gains[k])[~bad[k]]
            ours = read(folder, f"{name}_spw{k}")[1]
            np.testing.assert_allclose(ours * average[k] / 1.1, theirs, rtol=1e-12)
        evpa = 180 / np.pi * np.arctan2(rows["U"], rows["Q"]) / 2
        np.testing.assert_allclose(read(folder, f"EVPA_spw{k}")[1], evpa[~bad[k]], rtol=1e-12)
        for name, column in (("StkIQA2", "I Compact"), ("StkI_minispiral", "I Extended")):
            found = read(folder, f"{name}_spw{k}")[1]
            np.testing.assert_allclose(found, rows[column][~bad[k]], rtol=1e-12)


def test_outliers_that_the_second_script_saves_are_read_back(scripts_data, tmp_path):
    """SAVE_OUTLIERS changes Good alone, and writes the file anew."""
    _, data, bad, _, _ = scripts_data
    for k in SPWS:
        data[0][k]["Good"] = ~bad[k] & (np.arange(N) % 3 > 0)
    path = tmp_path / "saved.fit"
    path.write_bytes(pickle.dumps(data, protocol=2))
    table = read_fit_file(path)
    expected = (np.arange(N) % 3 > 0) & (np.arange(N) != BAD)
    np.testing.assert_array_equal(table["good"], np.tile(expected, 3))


def test_files_have_the_scripts_names_and_headers(folder):
    names = {path.name for path in folder.iterdir()}
    kinds = ["StkI", "StkIQA2", "StkI_minispiral", "StkQ", "StkU", "StkV", "EVPA", "PolI"]
    of_spws = {f"SGRA_{TRACK}_LCurve_{kind}_spw{k}.dat" for kind in kinds for k in SPWS}
    of_track = ["RM", "EVPA0", "SpectralIndx_StokesI", "Depolaritation"]
    assert names == of_spws | {f"SGRA_{TRACK}_LCurve_{kind}.dat" for kind in of_track}
    first = (folder / f"SGRA_{TRACK}_LCurve_StkI_spw0.dat").read_text().splitlines()[0]
    assert first == "#\t JDTIME (h) \t STK I (Jy) \t Error I (Jy)"
    first = (folder / f"SGRA_{TRACK}_LCurve_Depolaritation.dat").read_text().splitlines()[0]
    hours, *others = first.split()
    assert f"{float(hours):.18e}" == hours
    assert [f"{float(other):.7e}" for other in others] == others


def test_what_is_of_several_spws_is_that_of_the_polarimetry(folder, made):
    table = made[2]
    hours, rotation, error = read(folder, "RM")
    np.testing.assert_allclose(hours, table["mjd"] * 24, rtol=1e-15)
    np.testing.assert_allclose(rotation, table["rotation_measure"], rtol=1e-12)
    np.testing.assert_allclose(error, table["rotation_measure_err"], rtol=1e-12)
    np.testing.assert_allclose(
        read(folder, "EVPA0")[1], np.radians(table["EVPA_intrinsic"]), rtol=1e-12
    )
    np.testing.assert_allclose(
        read(folder, "SpectralIndx_StokesI")[1], table["spectral_index"], rtol=1e-6, atol=1e-8
    )


def test_depolarisation_is_the_scripts_and_its_error_that_of_its_scatter(made):
    curves = made[1]
    hours, value, error = depolarisation(curves)
    first, last = (curve[np.asarray(curve["good"], bool)] for curve in (curves[0], curves[-1]))
    np.testing.assert_allclose(hours, first["mjd"] * 24)
    expected = (last["P"] - first["P"]) / (last["P"] + first["P"])
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    assert np.std(value / error) == pytest.approx(1.0, abs=0.15)


def test_a_gain_that_spws_share_cancels_in_the_depolarisation(made):
    curves = [curve.copy() for curve in made[1]]
    apart = depolarisation(curves)[2]
    for curve in curves:
        curve.meta["gains"] = {"spws": [0, 1, 2]}
    together = depolarisation(curves)[2]
    gain = np.hypot(*(c["gain_err"] / c["gain"] for c in (curves[0], curves[-1])))
    p1, pn = curves[0]["P"], curves[-1]["P"]
    own = (2 * p1 * pn / (p1 + pn) ** 2 * gain)[np.asarray(curves[0]["good"], bool)]
    np.testing.assert_allclose(apart**2 - together**2, own**2, rtol=1e-6)


def test_a_track_of_one_spw_has_no_files_of_several(made, tmp_path):
    write_memo_curves(tmp_path / "one", TRACK, made[1][:1], None)
    assert all("_spw0.dat" in path.name for path in (tmp_path / "one").iterdir())
