"""Light curves for VLBI programs, read back as these programs read them."""

import importlib.util
import io
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from astropy import units
from astropy.time import Time

import minispiral
from minispiral import cli
from minispiral.errors import MinispiralError
from minispiral.exports import vlbi_curves
from tests.helpers.results import TRACK

MILLISECOND = 1e-3 / 3600  # hours


@pytest.fixture(scope="module")
def curve(campaign):
    return minispiral.read(campaign)[TRACK].binned(1, 10.0)


@pytest.fixture(scope="module")
def night(curve):
    """A track over midnight."""
    later = curve.copy()
    later["time"] = curve.time + (57850 - curve.time[30].mjd) * units.d
    return later


def export(campaign, capsys, form: str) -> str:
    command = ["export", str(campaign), TRACK, "--for", form, "--band", "lo", "--bin", "10"]
    assert cli.main(command) == 0
    return capsys.readouterr().out


def of_day(curve) -> np.ndarray:
    """Hours since 0 h UTC of the first day."""
    return (curve.time.mjd - np.floor(curve.time.mjd.min())) * 24


def test_ehtims_text_has_hours_of_its_day(campaign, curve, capsys, night):
    text = export(campaign, capsys, "ehtim")
    assert "at 227.1000 GHz, hours from MJD 57849, UTC" in text.splitlines()[0]
    hours, flux, error = np.loadtxt(io.StringIO(text), unpack=True)
    np.testing.assert_allclose(hours, of_day(curve), atol=MILLISECOND / 10)
    np.testing.assert_allclose(flux, curve["I"].value, rtol=1e-8)
    np.testing.assert_allclose(error, curve["I_err"].value, rtol=1e-5)
    hours = np.loadtxt(io.StringIO(vlbi_curves.ehtim(night)))[:, 0]
    assert hours[0] < 24 < hours[-1]
    assert (np.diff(hours) > 0).all()


def test_smilis_table_is_read_as_by_smili(campaign, curve, capsys):
    """smili.lightcurve.read_csv: pandas, then utc by astropy."""
    table = pd.read_csv(io.StringIO(export(campaign, capsys, "smili")))
    assert list(table.columns) == ["utc", "gsthour", "flux", "sigma"]
    times = Time(Time(table["utc"].values.tolist()).datetime)
    assert np.abs((times - curve.time).to_value("s")).max() < 1e-4
    np.testing.assert_allclose(table["flux"], curve["I"].value, rtol=1e-8)
    np.testing.assert_allclose(table["sigma"], curve["I_err"].value, rtol=1e-5)
    # mean sidereal time by the formula of the IAU in 1982; the equinoxes are within 1.2 s
    days = curve.time.mjd - 51544.5
    mean = (18.697374558 + 24.06570982441908 * days) % 24
    assert np.abs(table["gsthour"] - mean).max() < 1.5 / 3600


def test_themis_lines_are_read_as_by_themis(campaign, curve, capsys, night):
    """model_image_fixed_lightcurve: source, year, day, hours, flux, by operator >> of C++."""
    for text, expected in (
        (export(campaign, capsys, "themis"), curve),
        (vlbi_curves.themis(night), night),
    ):
        rows = [line.split() for line in text.splitlines() if line[0] != "#"]
        starts = Time([f"{year}:{int(day):03d}" for _, year, day, *_ in rows], scale="utc").mjd
        hours, flux, error = np.array([row[3:] for row in rows], float).T
        assert (hours < 24).all()
        seconds = (starts - expected.time.mjd) * 86400 + hours * 3600
        assert np.abs(seconds).max() < 1e-4
        np.testing.assert_allclose(flux, expected["I"].value, rtol=1e-8)
        np.testing.assert_allclose(error, expected["I_err"].value, rtol=1e-5)
    assert {row[2] for row in rows} == {"96", "97"}


def test_bhnerfs_table_is_read_as_by_bhnerf(campaign, curve, capsys):
    """bhnerf.alma.preprocess_data: an index, hours of the day, and rolling means of all columns."""
    table = pd.read_csv(io.StringIO(export(campaign, capsys, "bhnerf")), index_col=0)
    means = table.rolling(3).mean().loc[::3].dropna()
    assert len(means) == pytest.approx(len(table) / 3, abs=1)
    np.testing.assert_allclose(table["time"], of_day(curve), atol=MILLISECOND / 10)
    for name in ("I", "Q", "U", "V"):
        np.testing.assert_allclose(table[name], curve[name].value, rtol=1e-8)
        np.testing.assert_allclose(table[f"{name}_err"], curve[f"{name}_err"].value, rtol=1e-8)


def test_bhnerf_is_given_no_column_that_would_drop_all_rows(curve):
    """It drops rows in which anything is missing."""
    missing = curve.copy()
    missing["V"][:] = np.nan
    missing["U"][3] = np.nan
    table = pd.read_csv(io.StringIO(vlbi_curves.bhnerf(missing)), index_col=0)
    assert list(table.columns) == ["time", "I", "I_err", "Q", "Q_err", "U", "U_err"]
    assert len(table) == len(table.dropna()) == len(curve) - 1
    missing["Q"][:] = np.nan
    with pytest.raises(MinispiralError, match="has no Stokes Q and U"):
        vlbi_curves.bhnerf(missing)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--band", "lo", "--bin", "3600"], "are longer than a quarter of the track"),
        (["--band", "b2"], "no spw is near band b2"),
        ([], "nothing says which spw to take"),
    ],
)
def test_what_cannot_be_exported_is_said(campaign, capsys, options, says):
    assert cli.main(["export", str(campaign), TRACK, "--for", "ehtim", *options]) == 1
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert says in err


# two stations side by side and one far away see a point that varies; their gains are known
NETWORK = """
import json, sys, warnings
warnings.simplefilter("ignore")
import numpy as np
import ehtim as eh
from ehtim.calibrating.network_cal import network_cal
hours, flux, _ = np.loadtxt(sys.argv[1], unpack=True)
sites = {"AA": (2225061.2, -5440057.4, -2481681.2), "AP": (2225039.5, -5441197.6, -2479303.4),
         "LM": (-768715.6, -5988507.1, 2063354.9)}
row = lambda name, place: (name, *place, 1e2, 1e2, 0, 0, 1, 0, 0)
tarr = np.array([row(*item) for item in sites.items()], dtype=eh.const_def.DTARR)
pairs = [("AA", "AP"), ("AA", "LM"), ("AP", "LM")]
gains = {"AA": 1.15, "AP": 0.85, "LM": 1.0}
times = np.linspace(hours[2], hours[-3], 12)
rows = []
for time in times:
    true = np.interp(time, hours, flux)
    # ehtim 1.3.2 takes scans that are all of one length for something else
    for a, b in pairs[: 1 if time == times[-1] else 3]:
        far = 4e9 if "LM" in (a, b) else 1e6
        vis = gains[a] * gains[b] * true * (0.2 if "LM" in (a, b) else 1.0)
        rows.append((time, 10.0, a, b, 0, 0, far, far, vis, 0, 0, 0, 1e-4, 1e-4, 1e-4, 1e-4))
data = np.array(rows, dtype=eh.const_def.DTPOL_STOKES)
obs = eh.obsdata.Obsdata(17.76, -29.0, 227.1e9, 2e9, data, tarr, source="SGRA", mjd=57849)
zero_baseline = lambda time: np.interp(time, hours, flux)
done = network_cal(obs, zero_baseline, sites=["AA", "AP"], method="amp", gain_tol=10.0)
short = [r for r in done.data if {r["t1"], r["t2"]} == {"AA", "AP"}]
print("RESULT", json.dumps([[r["time"], abs(r["vis"])] for r in short]))
table = network_cal(obs, zero_baseline, sites=["AA", "AP"], method="amp", gain_tol=10.0,
                    caltable=True)
print("GAINS", json.dumps({s: list(np.abs(table.data[s]["rscale"])) for s in ("AA", "AP")}))
"""


@pytest.mark.slow
def test_ehtims_network_calibration_takes_its_zero_baseline_flux_from_it(tmp_path, curve):
    if importlib.util.find_spec("ehtim") is None:
        pytest.skip("ehtim is not installed: make readers")
    path = tmp_path / "zero_baseline.txt"
    path.write_text(vlbi_curves.ehtim(curve))
    command = [sys.executable, "-c", NETWORK, str(path)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = dict(line.split(" ", 1) for line in output.splitlines() if line[:3] in ("RES", "GAI"))
    time, amplitude = np.array(json.loads(lines["RESULT"])).T
    expected = np.interp(time, of_day(curve), curve["I"].value)
    np.testing.assert_allclose(amplitude, expected, rtol=1e-4)
    gains = json.loads(lines["GAINS"])
    # the last scan has no third station, which would tell the two apart
    np.testing.assert_allclose(gains["AA"][:-1], 1 / 1.15, rtol=1e-4)
    np.testing.assert_allclose(gains["AP"][:-1], 1 / 0.85, rtol=1e-4)
