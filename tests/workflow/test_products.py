"""The workflow's products beyond the light curve, on one simulated track with everything in it."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pandas
import pytest

from minispiral import casa
from minispiral.fit.track import fit_measurement_set
from minispiral.imaging.core import read_offset, read_sky_model
from minispiral.io.tables import columns, read_table
from minispiral.light_curves.absorption import predict
from minispiral.light_curves.polarimetry import wrap
from minispiral.simulation.track import simulate_track
from tests.helpers.runs import make

pytestmark = pytest.mark.slow

SPWS = (0, 1, 2, 3)
ABSORBED = 2
OFFSET = (0.83, -1.47)  # arcsec
RM = -4e5
SIMULATION = {
    "seed": 11,
    "antennas": 24,
    "scans": 10,
    "scan_minutes": 1.0,
    "gap_minutes": 20,
    "start": "2017-04-06T05:30:00",
    "channels": 8,
    "line_depth": 0.15,
    "line_width_ghz": 0.6,
    "rotation_measure": RM,
    "core_offset_arcsec": list(OFFSET),
    "broken_integrations": 2,
}
CONFIGURATION = {
    "campaign": "full",
    "image": {"imsize": 256, "pixels_per_fringe": 6, "niter": 1500, "gain": 0.1},
    "model": {"core_offset": "auto", "turns": 5},
    "scale": {"flux_range": [1.0, 6.0], "correct_spws": [ABSORBED]},
    "tracks": {"a": {"ms": "a.ms"}},
}


def checksums(ms: Path) -> dict[str, str]:
    return {
        str(path.relative_to(ms)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(ms.rglob("*"))
        if path.is_file() and path.name != "table.lock"
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A finished campaign, whose input is as it was."""
    folder = tmp_path_factory.mktemp("products")
    simulate_track(folder / "a.ms", folder / "a.truth.csv", SIMULATION)
    before = checksums(folder / "a.ms")
    make(folder, CONFIGURATION, "campaign", "light_curves", "calibrated", "polarimetry", "science")
    assert checksums(folder / "a.ms") == before
    return folder


@pytest.fixture(scope="module")
def track(folder) -> Path:
    return folder / "results" / "full" / "a"


@pytest.fixture(scope="module")
def curves(track) -> dict[int, dict]:
    return {
        spw: columns(read_table(track / "iteration0" / f"spw{spw}" / "light_curve.ecsv"))
        for spw in SPWS
    }


@pytest.fixture(scope="module")
def truth(folder) -> dict[int, pandas.DataFrame]:
    table = pandas.read_csv(folder / "a.truth.csv")
    return {spw: table[table.spw == spw] for spw in SPWS}


def rows_of(ms: Path, spw: int, *names: str) -> dict[str, np.ndarray]:
    """Columns of one spw's rows."""
    with casa.session(), casa.table(ms) as table:
        chosen = table.query(f"DATA_DESC_ID == {spw}")
        values = {name: chosen.getcol(name) for name in names}
        chosen.close()
    return values


def gains_of(curve: dict, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gain and goodness of each row."""
    row = np.argmin(np.abs(curve["mjd"][:, None] * 86400 - np.unique(times)), axis=0)
    row = row[np.unique(times, return_inverse=True)[1]]
    return curve["gain"][row], np.asarray(curve["good"], bool)[row]


# the core's place


def test_the_core_is_found_off_the_phase_centre(track, curves, truth):
    assert read_offset(track / "core.json") == pytest.approx(OFFSET, abs=0.03)
    for spw in SPWS:
        good = curves[spw]["good"]
        ratio = (curves[spw]["I"] / truth[spw].I)[good]
        assert np.median(ratio) == pytest.approx(1, abs=0.03)
        assert np.std(ratio) < 0.005  # over three hours; their errors are of 0.2 %


# absorption


def test_the_absorbed_spw_lies_on_the_others_power_law(curves):
    other_spws = [spw for spw in SPWS if spw != ABSORBED]
    curve = curves[ABSORBED]
    flux, error = (np.array([curves[s][name] for s in other_spws]) for name in ("I", "I_err"))
    frequencies = np.array([curves[s]["frequency"][0] for s in other_spws])
    predicted, predicted_err = predict(curve["frequency"][0], frequencies, flux, error)
    good = np.all([curves[spw]["good"] for spw in SPWS], axis=0)
    pull = ((curve["I"] - predicted) / np.hypot(curve["I_err"], predicted_err))[good]
    assert abs(np.mean(pull)) < 4 / np.sqrt(len(pull))
    assert np.std(pull) < 1.1


def test_the_absorptions_model_follows_the_transmission(track, truth):
    table = columns(read_table(track / "iteration0" / f"spw{ABSORBED}" / "absorption.ecsv"))
    transmission = truth[ABSORBED].transmission.to_numpy()
    assert np.ptp(transmission) > 0.02
    # the spw's flux scale goes along as a factor
    ratio = table["model"] / transmission
    pull = (ratio / np.average(ratio) - 1) / (table["model_err"] / table["model"])
    assert np.max(np.abs(pull)) < 4


def test_absorption_leaves_the_other_spws_and_the_angle_alone(curves):
    for spw in SPWS:
        ratio = curves[spw]["absorption"]
        assert np.all(ratio < 0.98) if spw == ABSORBED else np.all(ratio == 1)
        turn = curves[spw]["EVPA"] - np.degrees(np.arctan2(curves[spw]["U"], curves[spw]["Q"])) / 2
        np.testing.assert_allclose(turn, 0, atol=1e-9)
        np.testing.assert_allclose(
            curves[spw]["I"] * ratio, curves[spw]["gain"] * curves[spw]["I_compact"]
        )


# calibrated data


def test_applycal_with_the_gains_scales_data_and_weights(folder, track, curves, tmp_path):
    ms = tmp_path / "mine.ms"
    shutil.copytree(folder / "a.ms", ms)
    with casa.session():
        casa.tasks().applycal(
            vis=str(ms), gaintable=[str(track / "full_a.gains")], calwt=True, flagbackup=False
        )
    for spw in SPWS:
        before = rows_of(folder / "a.ms", spw, "DATA", "WEIGHT", "FLAG", "TIME")
        after = rows_of(ms, spw, "CORRECTED_DATA", "WEIGHT", "FLAG")
        gain, good = gains_of(curves[spw], before["TIME"])
        assert good.any()
        assert not good.all()
        np.testing.assert_allclose(
            after["CORRECTED_DATA"][..., good], (before["DATA"] * gain)[..., good], rtol=1e-5
        )
        np.testing.assert_allclose(
            after["WEIGHT"][:, good], (before["WEIGHT"] / gain**2)[:, good], rtol=1e-5
        )
        np.testing.assert_array_equal(after["FLAG"], before["FLAG"] | ~good)


def test_calibrated_data_keep_their_channels(folder, track, curves):
    for spw in SPWS:
        before = rows_of(folder / "a.ms", spw, "DATA", "WEIGHT", "SIGMA", "FLAG", "TIME", "UVW")
        after = rows_of(
            track / "full_a.calibrated.ms", spw, "DATA", "WEIGHT", "SIGMA", "FLAG", "TIME", "UVW"
        )
        gain, good = gains_of(curves[spw], before["TIME"])
        np.testing.assert_array_equal(after["UVW"], before["UVW"])
        np.testing.assert_allclose(after["DATA"], before["DATA"] * gain, rtol=1e-6)
        np.testing.assert_allclose(after["WEIGHT"], before["WEIGHT"] / gain**2, rtol=1e-6)
        np.testing.assert_allclose(after["SIGMA"], before["SIGMA"] * gain, rtol=1e-6)
        np.testing.assert_array_equal(after["FLAG"], before["FLAG"] | ~good)


def split_of(ms: Path, spw: int, channels: int, output: Path) -> Path:
    with casa.session():
        casa.tasks().split(
            vis=str(ms), outputvis=str(output), spw=str(spw), width=channels, datacolumn="data"
        )
    return output


@pytest.mark.parametrize("spw", SPWS)
@pytest.mark.parametrize(
    ("product", "channels"), [("full_a.calibrated.ms", 8), ("full_a.ms_ExtendedData", 1)]
)
def test_a_second_fit_gives_a_constant_minispiral(track, curves, tmp_path, spw, product, channels):
    """The memo's own test of success: constant but for the noise, which smooth gains leave."""
    split = split_of(track / product, spw, channels, tmp_path / "split.ms")
    sky = read_sky_model(track.parent / "sky" / "iteration0" / "turn5.fits", track / "core.json")
    with casa.session():
        fit = columns(fit_measurement_set(split, sky))
    meta = read_table(track / "iteration0" / f"spw{spw}" / "light_curve.ecsv").meta
    reference = meta["reference_flux_jy"]
    curve, good = curves[spw], curves[spw]["good"]
    np.testing.assert_array_equal(np.isfinite(fit["I_extended"]), good)
    before = columns_of_fit(track, spw)
    for name, tolerance in (("I_extended", 2e-5), ("I_compact_err", 1e-3)):
        scaled = (curve["gain"] * before[name])[good]
        np.testing.assert_allclose(fit[name][good], scaled, rtol=tolerance)
    noise = (curve["gain"] * before["I_extended_err"])[good]
    noise *= meta["gains"]["white_noise"]["I_extended"]  # without misfit that drifts
    assert 0.8 < np.std((fit["I_extended"][good] - reference) / noise) < 1.2
    assert np.median(fit["I_extended"][good]) == pytest.approx(reference, abs=np.median(noise) / 2)
    for name in ("I_compact", "Q", "U", "V"):
        expected = 0 if channels == 1 else curve["gain"] * columns_of_fit(track, spw)[name]
        np.testing.assert_allclose(
            fit[name][good], np.broadcast_to(expected, good.shape)[good], atol=3e-5
        )


def columns_of_fit(track: Path, spw: int) -> dict:
    return columns(read_table(track / "iteration0" / f"spw{spw}" / "fit.ecsv"))


def test_weights_of_the_minispiral_alone_are_those_of_its_noise(track):
    """Against the fit's model: chi-square of the scaled data is that of the data."""
    for spw in SPWS:
        rows = rows_of(track / "full_a.ms_ExtendedData", spw, "DATA", "WEIGHT", "FLAG")
        good = ~rows["FLAG"][:, 0].any(axis=0)
        cross = rows["DATA"][1:3, 0][:, good]  # the minispiral is not polarised: noise alone
        chi2 = np.sum(rows["WEIGHT"][1:3][:, good] * np.abs(cross) ** 2) / (2 * cross.size)
        assert chi2 == pytest.approx(1, abs=4 / np.sqrt(cross.size))


def test_statistics_are_of_each_track_and_spw(track, truth):
    table = read_table(track.parent / "statistics.ecsv")
    assert list(table["spw"]) == list(SPWS)
    for row in table:
        true = truth[row["spw"]].I
        index = np.std(true) / np.mean(true)
        assert row["modulation_index"] == pytest.approx(index, rel=0.3)
    for name in ("structure_function", "correlation"):
        assert set(read_table(track.parent / f"{name}.ecsv")["track"]) == {"a"}
    assert (track.parent / "variability.png").stat().st_size > 10000


# polarimetry


def test_polarimetry_follows_the_truth_within_its_errors(track, truth):
    table = columns(read_table(track / "polarimetry.ecsv"))
    rows = [int(np.argmin(np.abs(truth[0].mjd_s - t * 86400))) for t in table["mjd"]]
    assert len(rows) > 90
    low, high = (truth[spw].iloc[rows] for spw in (0, 3))
    light2 = (299792458.0 / 213.1e9) ** 2
    evpa = np.degrees(np.arctan2(low.U, low.Q) / 2 - RM * light2).to_numpy()
    fraction = [np.hypot(t.Q, t.U).to_numpy() / t.I.to_numpy() for t in (low, high)]
    expected = {
        "rotation_measure": RM,
        "EVPA_intrinsic": evpa,
        "depolarisation": fraction[0] / fraction[1],
    }
    for name, value in expected.items():
        difference = table[name] - value
        if name == "EVPA_intrinsic":
            difference = wrap(difference)
        pull = difference / table[f"{name}_err"]
        assert abs(np.mean(pull)) < 4 / np.sqrt(len(pull)), name
        assert abs(np.std(pull) - 1) < 3 / np.sqrt(2 * len(pull)), name
    # the factors of the spws' flux scales move the spectral index, and not its scatter
    assert np.std(table["spectral_index"]) < 1.2 * np.median(table["spectral_index_err"])


# what the light curves say


def test_what_the_light_curves_say_is_what_was_put_in(folder):
    results = folder / "results" / "full"
    trends = read_table(results / "science" / "trends.ecsv")
    assert list(trends["track"]) == ["a"]
    error = trends["rotation_measure_err"][0]
    assert abs(trends["rotation_measure"][0] - RM) < 5 * error
    assert error < 0.1 * abs(RM)
    noise = read_table(results / "science" / "red_noise.ecsv")
    assert noise["detected"][0]
    # a random walk of a long memory
    assert noise["slope_low"][0] - 0.5 < 2 < noise["slope_high"][0] + 0.5
    assert np.all(np.isfinite(read_table(results / "psd.ecsv")["noise"]))
    page = (results / "science.html").read_text()
    assert "full: what the light curves say" in page
    assert "Track a: power falls with frequency" in page


def test_the_field_has_no_transients(folder):
    table = read_table(folder / "results" / "full" / "transients.ecsv")
    search = table.meta["searches"]["a"]
    assert len(table) == 0
    assert search["snapshots"] > 10
    assert 4 < search["threshold"] < 7
