"""Simulated tracks against their own truth, and against CASA's idea of the visibility."""

import csv
import shutil
from datetime import datetime

import numpy as np
import pytest

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.measures.elevation import parallactic_angle
from minispiral.simulation import source
from minispiral.simulation import track as simulate
from minispiral.simulation.settings import TrackSimulation
from minispiral.simulation.track import simulate_track
from tests.helpers.baselines import w_coordinates

SMALL = {
    "seed": 3,
    "antennas": 10,
    "scans": 2,
    "scan_minutes": 1,
    "gap_minutes": 1,
    "frequencies_ghz": [213.1, 229.1],
    "broken_integrations": 2,
}
DAY_START = (datetime(2017, 4, 6) - datetime(1858, 11, 17)).total_seconds()
N_TIME, N_BASELINE, N_SPW = 20, 45, 2


@pytest.fixture(scope="module")
def track(tmp_path_factory):
    """Return the paths of a small track and of its truth."""
    folder = tmp_path_factory.mktemp("track")
    simulate_track(folder / "track.ms", folder / "truth.csv", SMALL, folder / "casa.log")
    return folder / "track.ms", folder / "truth.csv"


@pytest.fixture(scope="module")
def columns(track):
    """Return the columns of the small track, rows first."""
    names = (
        "UVW",
        "TIME",
        "DATA_DESC_ID",
        "SCAN_NUMBER",
        "ANTENNA1",
        "ANTENNA2",
        "DATA",
        "FLAG",
        "FLAG_ROW",
        "WEIGHT",
        "SIGMA",
        "INTERVAL",
        "EXPOSURE",
    )
    with casa.session(), casa.table(track[0]) as table:
        return {name: np.moveaxis(table.getcol(name), -1, 0) for name in names}


@pytest.fixture(scope="module")
def truth(track):
    """Return the truth's columns, each of shape (n_spw, n_time)."""
    with open(track[1], newline="") as file:
        header, *lines = list(csv.reader(file))
    assert tuple(header) == simulate.TRUTH_COLUMNS
    table = dict(zip(header, zip(*lines, strict=True), strict=True))
    numbers = {
        name: np.array(table[name], float).reshape(N_SPW, N_TIME)
        for name in header
        if name != "bad"
    }
    assert set(table["bad"]) == {"True", "False"}
    return numbers | {"bad": np.array(table["bad"]).reshape(N_SPW, N_TIME) == "True"}


def residuals(columns, truth):
    """Return what is left of the data without gain and model, shape (n_row, 4), and the rows' bad.

    The model is written out anew here, from the truth file.
    """
    spw, time = columns["DATA_DESC_ID"], np.searchsorted(truth["mjd_s"][0], columns["TIME"])
    frequency = np.array([213.1e9, 229.1e9])[spw]
    u, v = columns["UVW"].T[:2] * frequency / 299792458.0
    unit = source.gaussian_visibility(u, v, source.minispiral(1.0))
    i, q, u, v, gain, extended, bad = (
        truth[name][spw, time] for name in ("I", "Q", "U", "V", "qa2_gain", "extended", "bad")
    )
    total = i + extended * unit
    model = np.stack([total + q, u + 1j * v, u - 1j * v, total - q], axis=1)
    return columns["DATA"][:, :, 0] / gain[:, np.newaxis] - model, bad, gain


def test_gain_presses_the_core_flat():
    times = np.arange(0.0, 2400.0, 6.0)
    track = TrackSimulation()
    truth = simulate.draw_truth(times, track)
    flattened = truth.qa2_gain * truth.stokes[0]
    assert (np.std(truth.stokes[0], axis=1) / np.mean(truth.stokes[0], axis=1) > 0.005).all()
    np.testing.assert_allclose(
        flattened / truth.stokes[0].mean(axis=1, keepdims=True), 1, atol=5 * simulate.FLATTENING_RMS
    )
    assert (np.ptp(flattened, axis=1) > 0).all()


def test_a_third_of_the_antennas_fail_in_the_broken_integrations():
    truth = simulate.draw_truth(np.arange(0.0, 600.0, 6.0), TrackSimulation(antennas=12))
    assert truth.bad.sum() == 3
    failed = truth.antenna_gain[truth.bad]
    assert ((failed != 1).sum(axis=1) == 4).all()
    np.testing.assert_allclose(np.abs(failed[failed != 1]), 0.4, rtol=1e-12)


def test_tracks_differ_by_their_seed_only_in_what_varies():
    times = np.arange(0.0, 600.0, 6.0)
    one, same, other = (
        simulate.draw_truth(times, TrackSimulation(seed=seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.stokes, same.stokes)
    np.testing.assert_array_equal(one.qa2_gain, same.qa2_gain)
    np.testing.assert_array_equal(one.extended, other.extended)
    assert (one.stokes[0] != other.stokes[0]).all()
    assert (one.qa2_gain != other.qa2_gain).all()


# The measurement set.


@pytest.mark.slow
def test_structure_of_the_measurement_set(track, columns, truth):
    assert columns["TIME"].size == N_TIME * N_BASELINE * N_SPW
    assert not columns["FLAG"].any()
    assert not columns["FLAG_ROW"].any()
    assert (columns["ANTENNA1"] < columns["ANTENNA2"]).all()
    assert np.unique(columns["SCAN_NUMBER"]).tolist() == [1, 2]
    for spw in range(N_SPW):
        rows = columns["DATA_DESC_ID"] == spw
        times, counts = np.unique(columns["TIME"][rows], return_counts=True)
        np.testing.assert_array_equal(times, truth["mjd_s"][spw])
        assert (counts == N_BASELINE).all()
    scans = [np.unique(columns["TIME"][columns["SCAN_NUMBER"] == scan]) for scan in (1, 2)]
    assert [scan.size for scan in scans] == [10, 10]
    assert scans[1][0] - scans[0][0] == pytest.approx(120.0, abs=1e-5)
    assert (columns["INTERVAL"] == 6).all()
    assert (columns["EXPOSURE"] == 6).all()
    with casa.session(), casa.table(track[0]) as table:
        assert not {"MODEL_DATA", "CORRECTED_DATA"} & set(table.colnames())


@pytest.mark.slow
def test_subtables_of_the_measurement_set(track):
    with casa.session():
        with casa.table(track[0] / "POLARIZATION") as table:
            assert (table.getcol("CORR_TYPE").T == [9, 10, 11, 12]).all()
        with casa.table(track[0] / "FIELD") as table:
            assert table.getcol("NAME").tolist() == ["Sgr A*"]
        with casa.table(track[0] / "SPECTRAL_WINDOW") as table:
            np.testing.assert_allclose(table.getcol("CHAN_FREQ"), [[213.1e9, 229.1e9]])
            np.testing.assert_allclose(table.getcol("CHAN_WIDTH"), 1.875e9)
        with casa.table(track[0] / "DATA_DESCRIPTION") as table:
            assert table.getcol("SPECTRAL_WINDOW_ID").tolist() == [0, 1]
        with casa.table(track[0] / "ANTENNA") as table:
            assert len(set(table.getcol("NAME"))) == 10
            assert (table.getcol("DISH_DIAMETER") == 12).all()
        with casa.table(track[0] / "OBSERVATION") as table:
            assert table.getcol("TELESCOPE_NAME").tolist() == ["ALMA"]


@pytest.mark.slow
def test_times_are_utc_and_the_baselines_are_of_that_time(track, columns):
    start = DAY_START + 3600 * 8.75 + 3
    assert columns["TIME"][0] == pytest.approx(start, abs=1e-3)
    first = columns["TIME"] == columns["TIME"][0]
    w = w_coordinates(track[0], start, columns["ANTENNA1"][first], columns["ANTENNA2"][first])
    # 37 s, the distance of TAI, would be up to 0.7 m; aberration is 1e-4 of the baseline
    np.testing.assert_allclose(columns["UVW"][first, 2], w, atol=0.03)


@pytest.mark.slow
def test_weights_are_those_of_the_noise(columns):
    expected = source.thermal_noise(90.0, 1.875e9, 6.0)
    np.testing.assert_allclose(columns["SIGMA"], expected, rtol=1e-6)
    np.testing.assert_allclose(columns["WEIGHT"], columns["SIGMA"] ** -2.0, rtol=1e-5)


@pytest.mark.slow
def test_data_are_the_truth_and_noise(columns, truth):
    left, bad, _ = residuals(columns, truth)
    pull = left[~bad] * np.sqrt(columns["WEIGHT"][~bad])
    for correlation in range(4):
        for part in (pull[:, correlation].real, pull[:, correlation].imag):
            assert np.mean(part**2) == pytest.approx(1, abs=4 * np.sqrt(2 / part.size))
            assert np.mean(part) == pytest.approx(0, abs=4 / np.sqrt(part.size))
    assert bad.sum() == 2 * N_BASELINE * N_SPW
    assert np.mean(np.abs(left[bad][:, [0, 3]]) ** 2 * columns["WEIGHT"][bad][:, [0, 3]]) > 100


@pytest.mark.slow
def test_stokes_of_the_core_are_recovered_from_every_integration(columns, truth):
    left, _, _ = residuals(columns, truth)
    sigma = source.thermal_noise(90.0, 1.875e9, 6.0) / np.sqrt(2 * N_BASELINE)
    xx, xy, yx, yy = left.T
    errors = np.array([xx + yy, xx - yy, xy + yx, (xy - yx) / 1j]).real / 2
    time = np.searchsorted(truth["mjd_s"][0], columns["TIME"])
    index = columns["DATA_DESC_ID"] * N_TIME + time
    good = ~truth["bad"].ravel()
    for error in errors:
        mean = np.bincount(index, error)[good] / N_BASELINE
        pull = mean / sigma
        assert np.abs(pull).max() < 4.5
        assert np.std(pull) == pytest.approx(1, abs=4 / np.sqrt(2 * pull.size))


@pytest.mark.slow
def test_casa_predicts_the_same_visibility_for_an_offset_gaussian(track, columns, tmp_path):
    x, y, flux, fwhm = 6.3, -4.1, 0.7, 1.5
    ms = tmp_path / "copy.ms"
    shutil.copytree(track[0], ms)
    with casa.session():
        measures, components = casa.tools().measures(), casa.tools().componentlist()
        core = measures.direction(*simulate.DIRECTION)
        ra, dec = core["m0"]["value"], core["m1"]["value"]
        place = measures.direction(
            "J2000",
            {"value": ra + x * source.ARCSEC / np.cos(dec), "unit": "rad"},
            {"value": dec + y * source.ARCSEC, "unit": "rad"},
        )
        components.addcomponent(
            dir=place,
            flux=flux,
            fluxunit="Jy",
            freq="220GHz",
            shape="Gaussian",
            majoraxis=f"{fwhm}arcsec",
            minoraxis=f"{fwhm}arcsec",
            positionangle="0deg",
        )
        components.rename(str(tmp_path / "one.cl"))
        components.close()
        casa.tasks().ft(vis=str(ms), complist=str(tmp_path / "one.cl"), usescratch=True)
        with casa.table(ms) as table:
            predicted = table.getcol("MODEL_DATA")[:, 0].T
    u, v = columns["UVW"].T[:2] * np.array([213.1e9, 229.1e9])[columns["DATA_DESC_ID"]] / 299792458
    sky = source.Gaussians(*(np.array([value]) for value in (x, y, flux, fwhm)))
    expected = source.gaussian_visibility(u, v, sky)
    assert np.abs(np.angle(expected)).max() > 2
    np.testing.assert_allclose(predicted[:, 0], expected, atol=2e-3 * flux)
    np.testing.assert_allclose(predicted[:, 3], expected, atol=2e-3 * flux)


@pytest.mark.slow
def test_the_same_seed_makes_the_same_data(track, columns, tmp_path, monkeypatch):
    monkeypatch.setattr(simulate, "BLOCK_SAMPLES", 700)
    monkeypatch.chdir(tmp_path)  # relative paths are of here, not of CASA's scratch folder
    simulate_track("again.ms", "again.csv", SMALL)
    with casa.session(), casa.table(tmp_path / "again.ms") as table:
        again = np.moveaxis(table.getcol("DATA"), -1, 0)
    np.testing.assert_array_equal(again, columns["DATA"])
    assert (tmp_path / "again.csv").read_bytes() == track[1].read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.csv", "again.ms"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("correlations", "types"),
    [("XX YY", [9, 12]), ("RR RL LR LL", [5, 6, 7, 8]), ("RR LL", [5, 8])],
)
def test_other_correlations_and_channels(tmp_path, correlations, types):
    settings = SMALL | {
        "antennas": 4,
        "scans": 1,
        "channels": 3,
        "broken_integrations": 0,
        "system_temperature_k": 1e-3,
        "correlations": correlations,
    }
    simulate_track(tmp_path / "track.ms", tmp_path / "truth.csv", settings)
    with casa.session():
        with casa.table(tmp_path / "track.ms" / "POLARIZATION") as table:
            assert table.getcell("CORR_TYPE", 0).tolist() == types
        with casa.table(tmp_path / "track.ms" / "SPECTRAL_WINDOW") as table:
            np.testing.assert_allclose(
                table.getcol("CHAN_FREQ").T,
                TrackSimulation.from_settings(settings).channel_frequencies,
            )
        with casa.table(tmp_path / "track.ms") as table:
            data = table.getcol("DATA")
    assert data.shape == (len(types), 3, 6 * 10 * 2)
    with open(tmp_path / "truth.csv") as file:
        row = next(csv.DictReader(file))
    polarized = "V" if correlations.startswith("R") else "Q"
    difference = (data[0] - data[-1])[:, 0] / 2
    np.testing.assert_allclose(
        difference, float(row["qa2_gain"]) * float(row[polarized]), atol=1e-4
    )


@pytest.mark.slow
@pytest.mark.parametrize("correlations", ["XX XY YX YY", "RR RL LR LL"])
def test_imperfect_feeds_see_the_core_as_the_first_order_says(tmp_path, correlations):
    settings = SMALL | {
        "start": "2017-04-06T09:20:00",  # near the culmination, where the feeds turn fast
        "broken_integrations": 0,
        "minispiral_flux_jy": 0,
        "system_temperature_k": 1e-3,
        "correlations": correlations,
        "d_terms": 0.003,
        "xy_ratio": 0.003,
    }
    simulate_track(tmp_path / "track.ms", tmp_path / "truth.csv", settings)
    track = TrackSimulation.from_settings(settings)
    with casa.session(), casa.table(tmp_path / "track.ms") as table:
        rows = {name: table.getcol(name) for name in ("DATA", "DATA_DESC_ID", "TIME")}
        drawn = simulate.draw_truth(np.unique(rows["TIME"]), track)
    seen = np.empty((4, N_SPW, N_TIME))
    factors = {"X": (1, 1, 1, -1j), "R": (1, 1, -1j, 1)}[correlations[0]]
    for spw in range(N_SPW):
        own = rows["DATA"][:, 0, rows["DATA_DESC_ID"] == spw]
        a, b, c, d = own.reshape(4, N_TIME, N_BASELINE).mean(axis=2) / drawn.qa2_gain[spw]
        stokes = {"X": (a + d, a - d, b + c, b - c), "R": (a + d, b + c, b - c, a - d)}
        parts = zip(factors, stokes[correlations[0]], strict=True)
        seen[:, spw] = [np.real(factor * part) / 2 for factor, part in parts]
    with casa.session():
        psi = np.radians(parallactic_angle(drawn.times, *simulate._place()))
    z = np.exp(2j * psi)
    i, q, u, v = drawn.stokes
    feeds = (q + 1j * u) / z
    x, y = _leakage_of(drawn, psi, correlations[0] == "X").mean(axis=1).T[..., np.newaxis]
    ratio = track.xy_ratio
    if correlations[0] == "X":
        q_off = (x - y).real * feeds.imag + (x + y).imag * v + ratio * i
        u_off = (x + y).real * i - (x - y).real * feeds.real
        v_off = (x - y).imag * i - (x + y).imag * feeds.real
    else:
        q_off = (x + y).real * i - (x - y).real * v
        u_off = (x - y).imag * i - (x + y).imag * v
        v_off = (x - y).real * feeds.real + (x + y).imag * feeds.imag + ratio * i
    expected = np.array([q + ((q_off + 1j * u_off) * z).real, u + ((q_off + 1j * u_off) * z).imag])
    np.testing.assert_allclose(seen[1:3], expected, atol=2e-4)
    np.testing.assert_allclose(seen[3], v + v_off, atol=2e-4)
    assert np.abs(seen[1:] - drawn.stokes[1:]).max() > 5e-3


def _leakage_of(drawn, psi, linear):
    """D-terms of each spw and antenna, from the Jones matrices of the first integration."""
    turn = np.array([[np.cos(psi[0]), np.sin(psi[0])], [-np.sin(psi[0]), np.cos(psi[0])]])
    if not linear:
        turn = np.diag(np.exp([-1j * psi[0], 1j * psi[0]]))
    seen = turn @ drawn.jones[:, 0] @ np.conj(turn).T
    return np.stack([seen[..., 0, 1] / seen[..., 0, 0], seen[..., 1, 0] / seen[..., 1, 1]], axis=-1)


@pytest.mark.slow
def test_a_track_after_sgr_a_has_set_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(MinispiralError, match="below 15 deg"):
        simulate_track(
            tmp_path / "a.ms", tmp_path / "a.csv", SMALL | {"start": "2017-04-06T18:00:00"}
        )
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"antennas": 60}, "has 40 antennas, not 60"),
        ({"antenna_config": "vla.a.cfg"}, "not one of ALMA"),
        ({"antenna_config": "alma.cycle99.cfg"}, "alma.cycle99.cfg"),
    ],
)
def test_impossible_arrays_are_named(tmp_path, settings, message):
    with pytest.raises(MinispiralError, match=message):
        simulate_track(tmp_path / "a.ms", tmp_path / "a.csv", SMALL | settings)
