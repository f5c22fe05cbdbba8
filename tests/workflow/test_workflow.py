"""The workflow's behaviour: products, reruns of just what is stale, configurations, masks."""

import pickle
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import yaml
from astropy.io import fits

from minispiral import casa
from minispiral.analysis.variant_fluxes import AveragedFluxes
from minispiral.imaging.grid import components
from minispiral.imaging.models import read_components, read_model
from minispiral.io.records import read_records
from minispiral.io.tables import columns, read_table
from tests.helpers.runs import make, messages, planned, run
from tests.helpers.tiny import SPWS, TRACKS, TURNS, configuration, products

pytestmark = pytest.mark.slow

TABLES = {
    "measure_campaign_reference",
    "scale_light_curves",
    "collect_track_light_curves",
    "collect_campaign_light_curves",
    "export_fit_and_flags",
    "plot_light_curves",
    "write_configuration",
    "measure_polarimetry",
    "write_extended_data",
    "write_gains",
    "write_selfcal_gains",
    "describe_gains",
    "measure_variability",
    "measure_residuals",
    "plot_track",
    "plot_polarimetry",
    "write_report",
    "write_track_report",
}

SKY = {
    "sum_sky",
    "collect_antenna_gains",
    "measure_pointing",
    "solve_campaign_sky",
    "tabulate_turns",
    "export_im1",
    "plot_sky",
    "plot_skies",
    "fit_visibilities",
}


# products


def test_every_product_is_there_and_readable(campaign):
    folder = products(campaign)
    for track in TRACKS:
        with open(folder / track / f"SGRA_FIT_tiny_{track}.fit", "rb") as file:
            arrays, frequencies = pickle.load(file)
        assert len(arrays) == len(frequencies) == 2
        assert len(arrays[0]) == 20
        for spw in SPWS:
            data = np.loadtxt(folder / track / f"Light_Curve_SPW{spw}_tiny_{track}.dat")
            assert data.shape == (arrays[spw]["GOODS"].sum(), 9)
        listed = read_components(folder / track / f"tiny_{track}_CCs.dat")
        im1 = read_model(folder / "sky" / "iteration0" / f"turn{TURNS}.fits")
        np.testing.assert_allclose(listed, components(im1.pixels, im1.cell), rtol=1e-8)
        no_peak = fits.getdata(folder / track / f"tiny_{track}_noPeak.fits").squeeze()
        with casa.session(), casa.image(folder / track / f"tiny_{track}_noPeak.image") as image:
            np.testing.assert_allclose(image.getchunk().squeeze().T, no_peak, rtol=1e-5, atol=1e-8)
        assert len(read_table(folder / track / "light_curves.ecsv")) == 40
        assert (folder / track / f"tiny_{track}.selfcal_gains" / "table.dat").is_file()
        assert "Antenna gains and pointing" in (folder / track / "report.html").read_text()
        commands = (folder / track / f"tiny_{track}_flags.dat").read_text().splitlines()
        assert len(commands) == sum((~a["GOODS"]).sum() for a in arrays)
    assert len(read_table(folder / "light_curves.ecsv")) == 80
    assert len(read_table(folder / "minispiral_flux.ecsv")) == 4
    assert len(read_table(folder / "inputs.ecsv")) == 4
    assert len(read_table(folder / "gains.ecsv")) == 4
    for name in ("statistics", "structure_function", "correlation"):
        # so short tracks cannot tell noise from variability
        assert len(read_table(folder / f"{name}.ecsv")) == 0
    assert (folder / "variability.png").is_file()
    assert (folder / "light_curves.png").stat().st_size > 10000
    assert "pixels_per_fringe: 4" in (folder / "config.yaml").read_text()


def test_every_job_left_a_log_and_a_benchmark(campaign):
    logs = {
        p.relative_to(products(campaign) / "logs").with_suffix("")
        for p in (products(campaign) / "logs").rglob("*.log")
    }
    benchmarks = {
        p.relative_to(products(campaign) / "benchmarks").with_suffix("")
        for p in (products(campaign) / "benchmarks").rglob("*.tsv")
    }
    assert logs == benchmarks
    assert len(logs) > 25


def test_nothing_temporary_is_left(campaign):
    assert not list(campaign.rglob(".part-*"))
    assert not list(campaign.rglob("minispiral-casa-*")) + list(campaign.glob("casa-*.log"))


# reruns


def test_a_second_run_does_nothing_in_5_seconds(campaign):
    seconds = []
    # other tests may take the machine meanwhile, but not each time
    while not seconds or (seconds[-1] >= 5 and len(seconds) < 3):
        start = time.monotonic()
        result = run(campaign, configuration())
        seconds.append(time.monotonic() - start)
        assert result.returncode == 0
        assert "Nothing to be done" in result.stdout + result.stderr
    assert min(seconds) < 5


def rules(jobs: set[tuple[str, str]]) -> set[str]:
    return {rule for rule, _ in jobs}


@pytest.mark.parametrize(
    ("change", "redone"),
    [
        ({"scale": {"flux_range": [1.1, 6.0]}}, set()),
        ({"flag": {"chi2": 5.0}}, set()),
        ({"fit": {"min_baseline_m": 50}}, {"fit_visibilities"}),
        (
            {"model": {"core": "surroundings"}},
            SKY | {"remove_core", "average_track_models"},
        ),
        (
            {"model": {"regularization": 0.1}},
            SKY,
        ),
        # no turn: the sky is that without pointing
        ({"model": {"pointing": "none"}}, {"measure_pointing", "fit_visibilities"}),
    ],
)
def test_a_key_redoes_what_depends_on_it(campaign, change, redone):
    jobs = planned(campaign, configuration(**change))
    assert rules(jobs) - redone == TABLES
    assert redone <= rules(jobs)


def test_a_key_of_clean_redoes_pictures_and_no_light_curve(campaign):
    redone = rules(planned(campaign, configuration(image={"niter": 200})))
    assert redone - {"write_configuration"} == {
        "clean_spw",
        "remove_core",
        "average_track_models",
        "plot_sky",
        "plot_skies",
        "write_report",
        "write_track_report",
    }


@pytest.mark.parametrize("offset", [[0.0, 0.0], "auto"])
def test_no_light_curve_waits_for_clean(campaign, tmp_path, offset):
    (tmp_path / "data").symlink_to(campaign)
    config = configuration(
        tracks={track: {"ms": f"data/{track}.ms"} for track in TRACKS},
        model={"core_offset": offset},
    )
    jobs = rules(planned(tmp_path, config, "light_curves"))
    assert not {"clean_spw", "remove_core", "average_campaign_models"} & jobs
    assert {
        "locate_core",
        "average_for_sky",
        "sum_sky",
        "solve_campaign_sky",
        "fit_visibilities",
    } <= jobs
    assert {"clean_spw", "remove_core", "plot_skies"} <= rules(planned(tmp_path, config))


def test_one_tracks_keys_leave_the_other_tracks_clean_alone(campaign):
    config = configuration()
    config["tracks"]["a"]["image"] = {"niter": 200}
    cleaned = {w for rule, w in planned(campaign, config) if rule == "clean_spw"}
    assert cleaned == {"track=a, spw=0", "track=a, spw=1"}


def test_with_scope_track_the_other_tracks_fit_is_left_alone(campaign, tmp_path):
    shutil.copytree(campaign, tmp_path / "copy", symlinks=True)
    config = configuration(model={"scope": "track"})
    make(tmp_path / "copy", config, "light_curves")
    config["tracks"]["a"]["model"] = {"regularization": 0.1}
    jobs = planned(tmp_path / "copy", config, "light_curves")
    fitted = {w for rule, w in jobs if rule == "fit_visibilities"}
    assert fitted == {"track=a, iteration=0, spw=0", "track=a, iteration=0, spw=1"}


def test_a_changed_input_redoes_its_track_and_a_touched_one_nothing(campaign, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(campaign, folder)
    with casa.session(), casa.table(folder / "a.ms/HISTORY", writable=True) as table:
        table.addrows(1)
    (folder / "a.ms" / "table.lock").touch()
    (folder / "a.ms").touch()
    assert planned(folder, configuration()) == set()
    with casa.session(), casa.table(folder / "a.ms", writable=True) as table:
        table.putcell("DATA", 0, 2 * table.getcell("DATA", 0))
    jobs = planned(folder, configuration())
    for rule in ("split_spw", "clean_spw"):
        assert {w for r, w in jobs if r == rule} == {"track=a, spw=0", "track=a, spw=1"}


def test_nothing_of_a_copy_without_times_is_redone_and_the_command_is_snakemakes(
    campaign, tmp_path
):
    folder = tmp_path / "copy"
    for name in ("results", ".snakemake"):
        shutil.copytree(campaign / name, folder / name, copy_function=shutil.copyfile)
    for track in TRACKS:  # data are elsewhere
        (folder / f"{track}.ms").symlink_to(campaign / f"{track}.ms")
    (folder / "config.yaml").write_text(yaml.safe_dump(configuration()))
    command = [Path(sys.executable).with_name("minispiral"), "run", "-n"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing to be done" in done.stdout + done.stderr
    assert "was copied without the times of its files, as cp -r does: those of" in done.stderr
    # what is changed after that is stale
    (folder / "results" / "tiny" / "a" / "core.json").write_text("[1.0, 0.0]")
    again = subprocess.run([*command, "light_curves"], cwd=folder, capture_output=True, text=True)
    assert "fit_visibilities" in again.stdout + again.stderr
    assert "without the times" not in again.stderr
    wrong = subprocess.run([*command, "light_curve"], cwd=folder, capture_output=True, text=True)
    assert wrong.returncode == 1
    assert "light_curve is no target: did you mean 'light_curves'?" in wrong.stdout + wrong.stderr


def test_one_light_curve_by_name_makes_only_what_it_needs(inputs, tmp_path):
    config = configuration(
        tracks={t: {"ms": str(inputs / f"{t}.ms")} for t in TRACKS},
        model={"scope": "track"},
        scale={"reference": "track"},
    )
    target = "results/tiny/a/Light_Curve_SPW1_tiny_a.dat"
    jobs = planned(tmp_path, config, target)
    # spws may share their gain, so a track's are fitted all
    assert {w for rule, w in jobs if rule == "fit_visibilities"} == {
        f"track=a, iteration=0, spw={spw}" for spw in SPWS
    }
    assert {w for rule, w in jobs if rule == "scale_light_curves"} == {"track=a, iteration=0"}
    assert "export_fit_and_flags" not in rules(jobs)
    make(tmp_path, config, target)
    assert (tmp_path / target).is_file()


# configurations


def test_the_demo_never_mixes_into_a_campaign_of_ones_own(tmp_path):
    (message,) = messages(run(tmp_path, None, "-n"))
    assert f"no config.yaml in {tmp_path}: write one with minispiral init" in message
    text = "tracks: {mine: {simulate: {scans: 1}}}\n"
    (tmp_path / "config.yaml").write_text(text)
    jobs = planned(tmp_path, None)
    assert {w for rule, w in jobs if rule == "simulate"} == {"track=mine"}
    other = configuration(tracks={"other": {"simulate": {}}})
    jobs = planned(tmp_path, other)
    assert {w for rule, w in jobs if rule == "simulate"} == {"track=other"}
    assert {w.split(",")[0] for _, w in jobs if "track=" in w} == {"track=other"}


def test_a_change_on_the_command_line(campaign):
    jobs = planned(campaign, configuration(), "--config", "fit={min_baseline_m: 70}")
    assert rules(jobs) == {"fit_visibilities"} | TABLES


# validation


def test_validate_compares_with_the_users_truth(campaign, inputs, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(campaign, folder)
    tracks = {
        track: {"ms": f"{track}.ms", "truth": str(inputs / f"{track}.truth.csv")}
        for track in TRACKS
    }
    jobs = planned(folder, configuration(tracks=tracks), "validate")
    # the truth is a line under the points
    assert rules(jobs) == {"validate_light_curves", "validate", "plot_light_curves"}
    make(folder, configuration(tracks=tracks), "validate")
    table = read_table(products(folder) / "validation.ecsv")
    assert set(table["track"]) == set(TRACKS)
    assert set(table["stokes"]) == set("IQUV")
    assert np.all(table["n"] == table["n_good"])
    assert "a.ms" not in (products(folder) / "validation.html").read_text()
    result = run(folder, configuration(), "validate")
    assert result.returncode != 0
    assert any("no track has a table of true fluxes" in line for line in messages(result))


def test_systematics_find_im1_in_other_ways_and_redo_nothing_else(campaign, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(campaign, folder)
    jobs = planned(folder, configuration(), "systematics")
    finds = {"average_for_systematics", "fit_campaign_variant", "fit_track_variant"}
    tables = {"average_campaign_models", "tabulate_systematics", "systematics"}
    assert rules(jobs) == finds | tables
    assert {w for rule, w in jobs if rule == "fit_track_variant"} == {
        f"track={track}, variant=track" for track in TRACKS
    }
    paths = [f"results/tiny/systematics/{name}.npz" for name in ("default", "weak")]
    make(folder, configuration(), *paths)
    default, weak = (list(read_records(folder / path, AveragedFluxes)) for path in paths)
    assert [(spw.track, spw.spw) for spw in default] == [(t, s) for t in TRACKS for s in SPWS]
    for spw, other in zip(default, weak, strict=True):
        curve = read_table(products(folder) / spw.track / f"iteration0/spw{spw.spw}/fit.ecsv")
        # averages of the same data that the fit is of
        assert spw.number.sum() == len(curve)
        core = np.median(np.asarray(curve["I_compact"]))
        assert np.median(spw.core[spw.used]) == pytest.approx(core, rel=0.01)
        assert not np.array_equal(spw.core, other.core)


# masks and models


def mask_pixels(folder: Path, track: str, spw: int) -> np.ndarray:
    path = products(folder) / track / f"spw{spw}" / "im0" / "im0.mask"
    with casa.session(), casa.image(path) as image:
        return image.getchunk().squeeze() > 0


def test_incremental_masks_grow_from_spw_to_spw(inputs, tmp_path):
    config = configuration(
        tracks={"a": {"ms": str(inputs / "a.ms")}}, image={"mask": "incremental"}
    )
    make(tmp_path, config, "results/tiny/a/spw1/im0")
    first, second = mask_pixels(tmp_path, "a", 0), mask_pixels(tmp_path, "a", 1)
    assert first.any()
    assert np.all(second[first])


def test_a_mask_image_is_used_as_it_is(campaign, inputs, tmp_path):
    shutil.copytree(products(campaign) / "a" / "spw1" / "im0" / "im0.mask", tmp_path / "my.mask")
    config = configuration(tracks={"a": {"ms": str(inputs / "a.ms")}}, image={"mask": "my.mask"})
    make(tmp_path, config, "results/tiny/a/spw0/im0")
    np.testing.assert_array_equal(mask_pixels(tmp_path, "a", 0), mask_pixels(campaign, "a", 1))


def test_both_ways_of_core_removal_agree(campaign, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(campaign, folder)
    make(folder, configuration(model={"core": "surroundings"}), "light_curves")
    zero, filled = (
        columns(read_table(products(f) / "light_curves.ecsv")) for f in (campaign, folder)
    )
    good = zero["good"] & filled["good"]
    assert np.median(np.abs(zero["I"] / filled["I"] - 1)[good]) < 0.02
    centres = []
    for f in (campaign, folder):
        sky = read_model(products(f) / "sky" / "iteration0" / f"turn{TURNS}.fits").pixels
        centres.append(sky[sky.shape[0] // 2, sky.shape[1] // 2])
    assert centres[0] == 0
    assert centres[1] > 0
