"""The workflow's products beyond the light curve, on one simulated track with everything in it."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pandas
import pytest
from astropy.io import fits

from minispiral import casa
from minispiral.calibration.solution import read_solutions
from minispiral.exports.core_subtracted import core_spectrum, write_core_subtracted
from minispiral.fit.track import fit_measurement_set
from minispiral.imaging.core import read_offset, read_sky_model
from minispiral.io.tables import columns, read_table
from minispiral.light_curves.absorption import predict
from minispiral.light_curves.polarimetry import wrap
from minispiral.ms.windows import spectral_windows
from minispiral.simulation.track import simulate_track
from minispiral.visibilities.transform import point_visibilities, uv_wavelengths
from tests.helpers.runs import make
from tests.helpers.tracks import checksums

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


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A finished campaign, whose input is as it was."""
    folder = tmp_path_factory.mktemp("products")
    simulate_track(folder / "a.ms", folder / "a.truth.csv", SIMULATION)
    before = checksums(folder / "a.ms")
    targets = ["campaign", "light_curves", "calibrated", "polarimetry", "science"]
    targets += ["core_subtracted", "residual_data", "memo_curves", "results/full/config.yaml"]
    make(folder, CONFIGURATION, *targets)
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


# data for others


def test_a_line_at_the_cores_place_is_left_when_the_core_is_taken_out(track, tmp_path):
    """Injected into the calibrated data of a spw, in two channels; others have the minispiral."""
    spw, profile = 0, np.array([0, 0, 0, 0.2, -0.1, 0, 0, 0])  # Jy
    injected, output = tmp_path / "injected.ms", tmp_path / "output.ms"
    shutil.copytree(track / "full_a.calibrated.ms", injected)
    with casa.session():
        window = spectral_windows(injected)[spw]
        frequencies = np.array(window.channels_hz)
        with (
            casa.table(injected, writable=True) as table,
            casa.selected(table, f"DATA_DESC_ID IN {window.ids}") as chosen,
        ):
            u, v = uv_wavelengths(chosen.getcol("UVW"), 1.0)
            line = point_visibilities(frequencies[:, None] * u, frequencies[:, None] * v, OFFSET)
            data = chosen.getcol("DATA")
            data[[0, -1]] += profile[:, None] * line
            chosen.putcol("DATA", data)
        folders = [track / "iteration0" / f"spw{k}" for k in SPWS]
        solutions = read_solutions(
            SPWS, [f / "fit.ecsv" for f in folders], [f / "light_curve.ecsv" for f in folders]
        )
        spectrum, why_flat = core_spectrum(read_table(track / "polarimetry.ecsv"))
        core = read_offset(track / "core.json")
        write_core_subtracted(injected, output, solutions, core, spectrum)
    assert why_flat == ""
    assert spectrum.rotation_measure == pytest.approx(RM, rel=0.1)
    sky = read_sky_model(track.parent / "sky" / "iteration0" / "turn5.fits", track / "core.json")
    for channel in (0, 3, 4, 7):
        split = tmp_path / f"channel{channel}.ms"
        with casa.session():
            casa.tasks().split(
                vis=str(output), outputvis=str(split), spw=f"{spw}:{channel}", datacolumn="data"
            )
            fit = columns(fit_measurement_set(split, sky))
        used = np.isfinite(fit["I_compact"])
        error = np.median(fit["I_compact_err"][used]) / np.sqrt(used.sum())
        found = {name: np.mean(fit[name][used]) for name in ("I_compact", "Q", "U", "V")}
        # what the power law misses at the edge, and the correlations of feeds that leak
        assert found["I_compact"] == pytest.approx(profile[channel], abs=4 * error + 1e-3)
        assert [found[k] for k in "QUV"] == pytest.approx([0, 0, 0], abs=4 * error + 1e-3)


def test_the_workflow_writes_data_without_the_core(track, curves):
    for spw in SPWS:
        names = ("DATA", "FLAG", "WEIGHT", "TIME", "UVW")
        before = rows_of(track / "full_a.calibrated.ms", spw, *names)
        after = rows_of(track / "full_a.core_subtracted.ms", spw, *names)
        for name in names[1:]:
            np.testing.assert_array_equal(after[name], before[name])
        u, v = uv_wavelengths(before["UVW"], columns_of_frequency(track, spw))
        taken = before["DATA"].mean(axis=1) - after["DATA"].mean(axis=1)
        core = taken * np.conj(point_visibilities(u, v, read_offset(track / "core.json")))
        flux = (core[0] + core[-1]) / 2
        row = np.argmin(np.abs(curves[spw]["mjd"][:, None] * 86400 - before["TIME"][::97]), axis=0)
        fit = columns_of_fit(track, spw)
        good = np.asarray(curves[spw]["good"], bool)[row]
        expected = (curves[spw]["gain"] * fit["I_compact"])[row][good]
        np.testing.assert_allclose(flux.real[::97][good], expected, rtol=1e-3)


def columns_of_frequency(track: Path, spw: int) -> float:
    return read_table(track / "iteration0" / f"spw{spw}" / "fit.ecsv").meta["frequency_hz"]


def test_residual_data_are_noise(track):
    """Neither core nor minispiral is left, and maps over their noise are those of noise."""
    for spw in SPWS:
        rows = rows_of(track / "full_a.residual.ms", spw, "DATA", "FLAG", "WEIGHT")
        used = ~rows["FLAG"].any(axis=(0, 1))
        weight = rows["WEIGHT"][[0, -1]][:, used].mean(axis=0)
        stokes = rows["DATA"][[0, -1], 0][:, used].mean(axis=0)
        chi2 = np.mean(2 * weight * np.abs(stokes) ** 2) / 2
        assert 0.9 < chi2 < 1.2
        error = np.sqrt(chi2 / (2 * weight.sum()))
        assert abs(np.average(stokes.real, weights=weight)) < 4 * error
    with fits.open(track / "full_a.residual_snapshots.fits") as hdus:
        cube, table = hdus[0].data, hdus["SNAPSHOTS"].data
    assert len(cube) == len(table) >= 10  # a scan a minute long each, twenty minutes apart
    assert np.std(cube, axis=(1, 2)) == pytest.approx(np.ones(len(cube)), abs=0.4)
    assert np.abs(cube).max() < 6


def test_the_memos_ascii_files_have_the_light_curves(track, curves):
    for spw in SPWS:
        good = np.asarray(curves[spw]["good"], bool)
        for name, column in (("StkI", "I"), ("EVPA", "EVPA"), ("StkIQA2", "I_compact")):
            path = track / "LCurves_SGRA_a" / f"SGRA_a_LCurve_{name}_spw{spw}.dat"
            hours, value, error = np.loadtxt(path, unpack=True)
            np.testing.assert_allclose(hours, curves[spw]["mjd"][good] * 24, rtol=1e-14)
            np.testing.assert_allclose(value, curves[spw][column][good], rtol=1e-12)
            np.testing.assert_allclose(error, curves[spw][f"{column}_err"][good], rtol=1e-12)


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


# what tables say of themselves


def test_products_say_what_their_columns_are_and_what_made_them(track):
    results = track.parent
    checksum = hashlib.sha256((results / "config.yaml").read_bytes()).hexdigest()
    products = [path for path in results.rglob("*.ecsv") if "iteration0" not in path.parts]
    assert len(products) > 15
    for path in products:
        table = read_table(path)
        assert table.meta["campaign"] == "full", path
        assert table.meta["configuration_sha256"] == checksum, path
        assert all(table[name].description for name in table.colnames), path


def test_collected_light_curves_have_times_on_other_scales(track):
    for path in (track / "light_curves.ecsv", track.parent / "light_curves.ecsv"):
        curves = read_table(path)
        assert curves.colnames[-2:] == ["tai", "bjd_tdb"]
        np.testing.assert_allclose((curves["tai"] - curves["mjd"]) * 86400, 37, atol=1e-3)
        # in April the Earth is nearer to Sgr A*: light comes to the barycentre later
        late = (curves["bjd_tdb"] - 2400000.5 - curves["tai"]) * 86400 - 32.184
        assert np.all((late > 100) & (late < 400))
