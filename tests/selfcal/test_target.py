"""Self-calibration targets: a simulated ALMA source, real VLA data, and a source too faint."""

import copy
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from astropy.io import fits

from minispiral import casa
from minispiral.io.tables import read_table
from minispiral.selfcal.data_state import read_state
from minispiral.selfcal.target import read_solutions
from minispiral.simulation.track import simulate_track
from minispiral.visibilities import transform
from tests.helpers.places import ROOT
from tests.helpers.runs import make, messages, planned, run
from tests.helpers.tracks import corrupt, drifting_gains

pytestmark = pytest.mark.slow

ANTENNAS, SCANS, TIMES = 24, 4, 40
FREQUENCIES = (213.1, 227.1)
# position (arcsec) and flux (Jy) of the simulated sky
SKY = (((0.12, -0.07), 0.5), ((4.1, -2.6), 0.05), ((-3.0, 5.2), 0.03))
IMAGE = {"imsize": 384, "pixels_per_fringe": 10, "niter": 500, "gain": 0.1}
CHEAP = {**IMAGE, "imsize": 128, "niter": 50}  # of what is not looked at
DEGREES = 25.0


def simulated(folder: Path, name: str, scale: float = 1.0, channels: int = 1) -> Path:
    """A measurement set of this sky, with thermal noise that the weights tell, uncorrupted."""
    ms = folder / f"{name}.ms"
    settings = {
        "seed": 1,
        "antennas": ANTENNAS,
        "scans": SCANS,
        "scan_minutes": 1.0,
        "gap_minutes": 10,
        "frequencies_ghz": list(FREQUENCIES),
        "correlations": "XX YY",
        "channels": channels,
        "broken_integrations": 0,
        "start": "2017-04-06T08:45:00",
    }
    simulate_track(ms, folder / f"{name}.truth.csv", settings)
    rng = np.random.default_rng(2)
    with casa.session(), casa.table(ms, writable=True) as table:
        for spw, frequency in enumerate(FREQUENCIES):
            chosen = table.query(f"DATA_DESC_ID == {spw}")
            u, v = transform.uv_wavelengths(chosen.getcol("UVW"), frequency * 1e9)
            sky = sum(flux * transform.point_visibilities(u, v, at) for at, flux in SKY)
            weight = chosen.getcol("WEIGHT")
            shape = (2, len(weight), channels, weight.shape[1])
            noise = rng.standard_normal(shape) / np.sqrt(weight)[:, None]
            chosen.putcol("DATA", scale * sky + noise[0] + 1j * noise[1])
            chosen.close()
    return ms


def phase_errors(seed: int = 7) -> np.ndarray:
    """One phase for each antenna, hand and scan, and an offset for the observation."""
    rng = np.random.default_rng(seed)
    scan = np.repeat(np.arange(SCANS), TIMES // SCANS)
    phase = rng.standard_normal((1, ANTENNAS, 2)) + 0.5 * rng.standard_normal((SCANS, ANTENNAS, 2))
    return np.exp(1j * np.radians(DEGREES) * phase[scan])


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A finished target, and line data to go with it."""
    folder = tmp_path_factory.mktemp("selfcal")
    simulated(folder, "source")
    shutil.copytree(folder / "source.ms", folder / "sound.ms")
    corrupt(folder / "source.ms", phase_errors())
    shutil.copytree(folder / "source.ms", folder / "line.ms")
    make(folder, configuration())
    return folder


def configuration(**changes) -> dict:
    scan = {"calmode": "p", "solint": "inf", "combine": "spw"}
    target = {
        "ms": "source.ms",
        "image": IMAGE,
        # the last round sees the phases as the others have left them, with a better model
        "rounds": [{**scan, "combine": "spw,scan"}, scan, scan],
        "lines": {"co": {"ms": "line.ms"}},
    }
    sound = {"ms": "sound.ms", "image": IMAGE, "rounds": []}
    return {
        "campaign": "s",
        "selfcal_targets": {"source": {**target, **changes}, "sound": sound},
    }


@pytest.fixture(scope="module")
def target(folder) -> Path:
    return folder / "results" / "s" / "selfcal" / "source"


def test_the_solved_phases_are_the_true_ones_within_their_errors(target):
    """The observation's phase, and on top of it the scans', against those put in."""
    with casa.session():
        first, _ = read_solutions(target / "round1" / "gains")
        second, flag = read_solutions(target / "round2" / "gains")
        third, _ = read_solutions(target / "round3" / "gains")
        with casa.table(target / "data.ms") as table:
            weight = np.median(table.getcol("WEIGHT"))
        with casa.table(target / "data.ms/ANTENNA") as table:
            positions = table.getcol("POSITION").T
    assert first.shape == (1, ANTENNAS, 2)
    assert second.shape == (SCANS, ANTENNAS, 2)
    assert not flag.any()
    true = phase_errors()[:: TIMES // SCANS]
    product = first * second * third / true
    phase = np.angle(product * np.conj(product.mean(axis=1, keepdims=True)))
    # a phase common to all antennas, and a gradient over them (the source's place), stay unknown
    basis = np.column_stack([np.ones(ANTENNAS), positions - positions.mean(axis=0)])
    phase = np.moveaxis(phase, 1, 0).reshape(ANTENNAS, -1)
    unknown, *_ = np.linalg.lstsq(basis, phase)
    samples = weight * len(FREQUENCIES) * TIMES / SCANS
    error = 1 / np.sqrt(samples * ANTENNAS) / SKY[0][1]  # of a point source's phase
    left = np.sqrt((ANTENNAS - basis.shape[1]) / ANTENNAS)
    assert np.std(phase - basis @ unknown) == pytest.approx(error * left, rel=0.2)
    assert np.std(np.angle(true)) > 20 * error


def test_the_dynamic_range_rises_to_that_without_errors(target):
    rounds = read_table(target / "rounds.ecsv")
    sound = read_table(target.parent / "sound" / "rounds.ecsv")
    ranges = np.asarray(rounds["dynamic_range"])
    assert list(rounds["accepted"]) == [True] * 4
    assert rounds["best"][-1] == 3
    assert ranges[0] < ranges[1] < ranges[2] < ranges[3]
    # the phases' gradient has moved the source within its pixel, which CLEAN's residual feels
    assert 0.8 < ranges[3] / sound["dynamic_range"][0] < 1.2
    # random errors allow about sqrt(M) N / error; the first image's are those that were put in
    error = np.std(np.angle(phase_errors()))
    assert 0.3 < ranges[0] / (np.sqrt(SCANS) * ANTENNAS / error) < 3
    assert rounds["phase_size"][2] == pytest.approx(0.5 * DEGREES, rel=0.3)


def test_the_rms_expected_from_the_weights_is_that_of_the_noise(target):
    """CASA's own estimate of a naturally weighted image's noise is the judge."""
    with casa.session():
        imager = casa.tools().imager()
        imager.open(str(target / "data.ms"))
        imager.defineimage(nx=64, ny=64, cellx="0.1arcsec", celly="0.1arcsec", spw=[0, 1])
        imager.weight("natural")
        sensitivity = imager.apparentsens()
        imager.close()
    record = read_table(target / "rounds.ecsv")[0]
    _, theirs, _ = sensitivity
    assert record["expected_rms"] == pytest.approx(theirs, rel=0.02)
    sound = read_table(target.parent / "sound" / "rounds.ecsv")[0]
    assert 0.9 < sound["rms"] / sound["expected_rms"] < 1.5  # Briggs weighting is not natural


def sorted_rows(ms: Path) -> list[np.ndarray]:
    with casa.table(ms) as table:
        chosen = table.query("ANTENNA1 != ANTENNA2", sortlist="DATA_DESC_ID,TIME,ANTENNA1,ANTENNA2")
        values = [chosen.getcol(name) for name in ("DATA", "FLAG", "WEIGHT")]
        chosen.close()
    return values


def test_calibrated_data_are_the_data_divided_by_all_the_gains(folder, target):
    with casa.session():
        tables = [read_solutions(target / f"round{n}" / "gains")[0] for n in (1, 2, 3)]
        ours, flag, _ = sorted_rows(target / "source.calibrated.ms")
        before, _, _ = sorted_rows(folder / "source.ms")
        with casa.table(target / "data.ms") as table:
            chosen = table.query("", sortlist="DATA_DESC_ID,TIME,ANTENNA1,ANTENNA2")
            first, second = (chosen.getcol(name) for name in ("ANTENNA1", "ANTENNA2"))
            scan = np.unique(chosen.getcol("SCAN_NUMBER"), return_inverse=True)[1]
            chosen.close()
    gains = tables[0] * tables[1] * tables[2]
    factor = gains[scan, first] * np.conj(gains[scan, second])
    assert not flag.any()
    np.testing.assert_allclose(ours[:, 0], before[:, 0] / factor.T, rtol=1e-4)


def test_line_data_get_the_same_solutions(target):
    with casa.session():
        with casa.table(target / "source_co.calibrated.ms") as table:
            lines = table.getcol("DATA")
        with casa.table(target / "source.calibrated.ms") as table:
            np.testing.assert_allclose(lines, table.getcol("DATA"), rtol=1e-5, atol=1e-7)


def test_the_final_image_is_corrected_for_the_primary_beam(target):
    image = fits.getdata(target / "source.fits").squeeze()
    with casa.session():
        with casa.image(target / "round3" / "clean.image") as tool:
            best = tool.getchunk().squeeze()
        with casa.image(target / "round3" / "clean.pb") as tool:
            pb = np.maximum(tool.getchunk().squeeze(), 1e-30)
        with casa.image(target / "source.image") as tool:
            ours = tool.getchunk().squeeze()
    inside = np.isfinite(image.T)  # beyond the primary beam's end there is nothing
    assert inside[150:234, 150:234].all()
    np.testing.assert_allclose(ours[inside], image.T[inside], rtol=1e-6)
    np.testing.assert_allclose(image.T[inside], (best / pb)[inside], rtol=1e-4)
    assert (target / "before_after.png").stat().st_size > 20000


def test_averaging_is_checked(folder, target):
    check = read_table(target / "averaging.ecsv")[0]
    with casa.session(), casa.table(folder / "source.ms") as table:
        longest = np.hypot(*table.getcol("UVW")[:2]).max()
    beam = np.degrees(299792458.0 / 227.1e9 / longest) * 3600
    # half the primary beam of a 12 m dish, which is smaller than the image
    radius = np.degrees(1.13 * 299792458.0 / 213.1e9 / 12) * 3600 / 2
    assert check["radius_arcsec"] == pytest.approx(radius, rel=1e-3)
    assert check["beam_arcsec"] == pytest.approx(beam, rel=1e-3)
    assert check["interval_s"] == 6
    assert check["channel_width_hz"] == pytest.approx(1.875e9)
    tau = np.sqrt(0.01 / 1.2e-9) * beam / radius
    assert check["integrations"] == int(tau / 6) > 1
    assert check["channels"] >= 1


@pytest.fixture(scope="module")
def mixed(tmp_path_factory) -> Path:
    """Channels, spws solved together and each by itself, a harmful round, lines in one spw."""
    work = tmp_path_factory.mktemp("mixed")
    simulated(work, "source", channels=2)
    corrupt(work / "source.ms", phase_errors())
    with casa.session():
        casa.tasks().split(
            vis=str(work / "source.ms"), outputvis=str(work / "line.ms"), spw="1", datacolumn="data"
        )
        shutil.copytree(work / "line.ms", work / "other.ms")
        with casa.table(work / "other.ms" / "ANTENNA", writable=True) as table:
            table.putcol("NAME", [str(name) for name in table.getcol("NAME")][::-1])
    make(work, mixed_configuration("line"))
    return work


def mixed_configuration(line: str) -> dict:
    scan = {"calmode": "p", "solint": "inf"}
    rounds = [
        {**scan, "combine": "spw"},
        # about half of the solutions are below, so that half of the data would be lost
        {"calmode": "p", "solint": "int", "minsnr": 98},
        scan,
    ]
    target = {
        "ms": "source.ms",
        "image": IMAGE,
        "rounds": rounds,
        "lines": {"co": {"ms": f"{line}.ms"}},
    }
    return {"campaign": "m", "selfcal_targets": {"source": target}}


def test_after_a_refused_round_the_next_builds_on_the_best(mixed):
    target = mixed / "results" / "m" / "selfcal" / "source"
    rounds = read_table(target / "rounds.ecsv")
    assert list(rounds["accepted"]) == [True, True, False, True]
    assert "of the data flagged without a solution" in rounds["reason"][2]
    assert 0 < rounds["solutions_failed"][2] < 1
    assert rounds["flagged"][3] == 0
    assert rounds["tables"][3] == "1 3"
    assert rounds["best"][3] == 3
    assert rounds["solutions"][1] == SCANS * ANTENNAS * 2
    assert rounds["solutions"][3] == 2 * SCANS * ANTENNAS * 2


def test_lines_in_one_spw_get_the_solutions_of_the_nearest_frequency(mixed):
    target = mixed / "results" / "m" / "selfcal" / "source"
    with casa.session():
        line, flag, _ = sorted_rows(target / "source_co.calibrated.ms")
        whole, _, _ = sorted_rows(target / "source.calibrated.ms")
    assert not flag.any()
    assert line.shape[1] == 2
    np.testing.assert_allclose(line, whole[..., whole.shape[-1] // 2 :], rtol=1e-5, atol=1e-7)


def test_lines_of_other_antennas_are_refused(mixed):
    result = run(mixed, mixed_configuration("other"))
    (message,) = (line for line in messages(result) if "antennas" in line)
    assert "other.ms has other antennas than the target's data" in message


def test_a_target_stops_after_a_round_and_goes_on_from_there(folder, tmp_path):
    shutil.copytree(folder / "source.ms", tmp_path / "source.ms")
    config = configuration(lines={}, image=CHEAP)
    del config["selfcal_targets"]["sound"]
    stopped = copy.deepcopy(config)
    stopped["selfcal_targets"]["source"]["stop_after"] = 1
    make(tmp_path, stopped)
    results = tmp_path / "results" / "s" / "selfcal" / "source"
    assert (results / "round1").is_dir()
    assert not (results / "round2").exists()
    assert not (results / "source.calibrated.ms").exists()
    assert len(read_table(results / "rounds.ecsv")) == 2
    jobs = planned(tmp_path, config)
    assert {w for rule, w in jobs if rule == "run_round"} == {
        "target=source, round=2",
        "target=source, round=3",
    }
    assert not {"split_target", "image_target"} & {rule for rule, _ in jobs}


def test_too_faint_a_source_is_left_as_it_is(tmp_path):
    """At a twentieth of a noise that hides all antennas' phases, self-calibration can only hurt."""
    ms = simulated(tmp_path, "faint", scale=2e-3)
    config = {
        "campaign": "f",
        "selfcal_targets": {
            "faint": {
                "ms": "faint.ms",
                "image": CHEAP,
                "rounds": [{"calmode": "p", "solint": "int"}, {"calmode": "ap", "solint": "inf"}],
            }
        },
    }
    make(tmp_path, config)
    results = tmp_path / "results" / "f" / "selfcal" / "faint"
    rounds = read_table(results / "rounds.ecsv")
    assert list(rounds["accepted"]) == [True, False, False]
    assert all("solution" in reason for reason in rounds["reason"][1:])
    with casa.session():
        before, _, _ = sorted_rows(ms)
        after, flag, _ = sorted_rows(results / "faint.calibrated.ms")
    np.testing.assert_array_equal(after, before)
    assert not flag.any()


@pytest.mark.parametrize(
    ("field", "imsize", "by_hand"),
    [("1445+09900002_0", 512, 3894), ("1331+30500002_0", 256, 6273)],
    ids=["1445+099", "3C286"],
)
def test_real_data_of_a_calibrator(tmp_path, field, imsize, by_hand):
    """Raw VLA data, by the rounds of docs/selfcal.md: as good as solved for by hand, or better.

    From no image at all: phases mean nothing before.
    """
    with casa.session():
        uvfits = casa.data_path("demo/NGC5921.fits")
        casa.tasks().importuvfits(fitsfile=str(uvfits), vis=str(tmp_path / "vla.ms"))
    example = yaml.safe_load(_example("docs/selfcal.md", "start: point"))
    target = example["selfcal_targets"]["calibrator"] | {"ms": "vla.ms", "field": field}
    target["image"]["imsize"] = imsize  # 3C286 needs no wider one
    rounds = "results/vla/selfcal/calibrator/rounds.ecsv"
    make(tmp_path, {"campaign": "vla", "selfcal_targets": {"calibrator": target}}, rounds)
    rounds = read_table(tmp_path / rounds)
    assert list(rounds["accepted"]) == [True] * 3
    assert rounds["dynamic_range"][0] < 20
    assert rounds["dynamic_range"][2] > by_hand


def _example(page: str, with_line: str) -> str:
    """The configuration of a page of the docs that has a line."""
    blocks = (ROOT / page).read_text().split("```yaml\n")[1:]
    return next(text for block in blocks if with_line in (text := block.split("```")[0]))


def test_several_fields_have_to_be_named(tmp_path):
    with casa.session():
        uvfits = casa.data_path("demo/NGC5921.fits")
        casa.tasks().importuvfits(fitsfile=str(uvfits), vis=str(tmp_path / "vla.ms"))
    result = run(tmp_path, {"selfcal_targets": {"a": {"ms": "vla.ms"}}})
    (message,) = messages(result)
    assert "has 3 fields with data: set field to one of '1331+30500002_0'" in message


def test_the_state_of_data_counts_flags_and_scans(folder, tmp_path):
    with casa.session():
        whole = read_state(folder / "sound.ms")
        shutil.copytree(folder / "sound.ms", tmp_path / "half.ms")
        with casa.table(tmp_path / "half.ms", writable=True) as table:
            flag = table.getcol("FLAG")
            flag[..., : flag.shape[-1] // 2] = True
            table.putcol("FLAG", flag)
        half = read_state(tmp_path / "half.ms")
    assert whole.flagged == 0
    assert half.flagged == pytest.approx(0.5, abs=1e-3)
    assert half.expected_rms / whole.expected_rms == pytest.approx(np.sqrt(2), rel=1e-3)
    assert whole.scans == SCANS
    assert np.all(whole.unflagged == 1)


def test_drifting_gains_have_nothing_in_common():
    gains = drifting_gains(1, 10, 8, 20.0, 0.1)
    np.testing.assert_allclose(np.log(np.abs(gains)).mean(axis=1), 0, atol=1e-12)
