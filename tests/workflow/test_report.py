"""What a run leaves to be seen: report and figures, target rules by name, and cleaning up."""

import re
import shutil

import numpy as np
import pandas
import pytest

from minispiral.imaging.models import read_model, root_mean_square
from minispiral.io.tables import by_spw, read_table
from minispiral.ms.files import metadata_checksum
from minispiral.report.turns import turns_in_words
from minispiral.sky.turns import TOLERANCE
from tests.helpers.runs import make, messages, planned, run
from tests.helpers.tiny import SPWS, TRACKS, TURNS, configuration, products

pytestmark = pytest.mark.slow

FIGURES = (
    "images",
    "im1",
    "minispiral_flux",
    "uv_coverage",
    "fit_residuals",
    "residual_image",
    "polarimetry",
)


def test_the_report_names_inputs_commands_software_and_jobs(campaign):
    page = (products(campaign) / "report.html").read_text()
    for track in TRACKS:
        assert f"{track}.ms" in page
        assert metadata_checksum(campaign / f"{track}.ms") in page
        assert f'href="{track}/report.html"' in page
    assert re.search(r"\d{4}-\d\d-\d\d [\d:]{8} .*snakemake .*--cores 2", page)
    assert "tclean( vis=" in page
    assert "pixels_per_fringe: 4" in page
    done = list((products(campaign) / "benchmarks").rglob("*.tsv"))
    own = products(campaign) / "benchmarks" / "report.tsv"
    start = own.stat().st_mtime - pandas.read_csv(own, sep="\t").s[0]
    listed = int(re.search(r"Times of the (\d+) jobs done by then", page)[1])
    # not its own, which is not over, nor those that nothing of it needs and that came later
    assert sum(path.stat().st_mtime < start for path in done) <= listed < len(done)
    assert listed > 60


def test_figures_are_beside_it_as_png_and_pdf(campaign):
    paths = [products(campaign) / track / "figures" / f for track in TRACKS for f in FIGURES]
    paths += [
        products(campaign) / name for name in ("light_curves", "variability", "qa2_and_after")
    ]
    for path in paths:
        assert path.with_suffix(".pdf").read_bytes().startswith(b"%PDF"), path
        assert path.with_suffix(".png").read_bytes().startswith(b"\x89PNG"), path


def test_fit_residuals_agree_with_the_fit(campaign):
    """Chi-square over all baselines is the fit's, but for its degrees of freedom."""
    for spw in SPWS:
        folder = products(campaign) / "a" / "iteration0" / f"spw{spw}"
        fit = read_table(folder / "fit.ecsv")
        residuals = by_spw(read_table(products(campaign) / "a" / "fit_residuals.ecsv"), SPWS)[spw]
        good = np.asarray(read_table(folder / "light_curve.ecsv")["good"], bool)
        n = np.asarray(fit["n_vis"][good], float)
        expected = np.sum(fit["chi2"][good] * (2 * n - 2)) / np.sum(2 * n)
        measured = np.sum(residuals["chi2"] * residuals["n_vis"]) / np.sum(residuals["n_vis"])
        assert np.sum(residuals["n_vis"]) == np.sum(n)
        assert measured == pytest.approx(expected, rel=1e-6)


def test_by_hour_angle_and_by_baseline_it_is_the_same_chi_square(campaign):
    folder = products(campaign) / "a"
    total = {}
    for name in ("fit_residuals", "fit_residuals_by_hour_angle"):
        for spw, table in by_spw(read_table(folder / f"{name}.ecsv"), SPWS).items():
            total.setdefault(spw, []).append(float(np.sum(table["chi2"] * table["n_vis"])))
    for one, other in total.values():
        assert one == pytest.approx(other, rel=1e-6)


def test_the_residuals_image_has_nothing_where_the_core_was_fitted(campaign):
    """Of each integration the core is fitted, so that the weighted mean of what is left is 0."""
    image = read_model(products(campaign) / "a" / "residual.fits")
    thermal = image.header["THERMRMS"]
    centre = image.pixels.shape[0] // 2
    assert abs(image.pixels[centre, centre]) < 1e-4 * thermal
    assert root_mean_square(image.pixels) > 0.5 * thermal
    weight = sum(
        np.sum(table["n_vis"] * table["chi2"] / table["residual"] ** 2)
        for table in by_spw(
            read_table(products(campaign) / "a" / "fit_residuals.ecsv"), SPWS
        ).values()
    )  # chi2 / residual^2 is the bin's mean weight
    assert thermal == pytest.approx(weight**-0.5, rel=1e-5)
    page = (products(campaign) / "report.html").read_text()
    assert "Dirty image of the visibilities less the full model" in page


def test_the_report_lists_each_turn(campaign):
    turns = read_table(products(campaign) / "turns.ecsv")
    assert list(turns["turn"]) == list(range(1, TURNS + 1))
    page = (products(campaign) / "report.html").read_text()
    (table,) = re.findall(r"Turns of fluxes and sky</summary>(.*?)</table>", page, re.DOTALL)
    assert len(re.findall("<tr", table)) == 1 + TURNS
    change, stopped = turns["change"][-1], turns["stopped"][-1]
    assert stopped == ("fluxes" if change <= TOLERANCE else "bound")
    (sentence,) = turns_in_words(turns)
    assert f"{change:.2g} of their errors" in sentence
    assert sentence in page


def test_snakemakes_own_report_has_the_figures(campaign, tmp_path):
    page = tmp_path / "snakemake.html"
    make(campaign, configuration(), "--report", str(page))
    text = page.read_text()
    for caption in ("IM1, the minispiral", "fit residuals", "the campaign at a glance"):
        assert caption in text


@pytest.mark.parametrize(
    ("target", "rules"),
    [
        ("campaign", set()),
        ("light_curves", set()),
        ("polarimetry", set()),
        ("selfcal", set()),
        ("report", set()),
        ("calibrated", {"write_calibrated_data"}),
    ],
)
def test_target_rules_ask_for_what_they_say(campaign, target, rules):
    assert {rule for rule, _ in planned(campaign, configuration(), target)} - {target} == rules


def test_all_target_rules_are_listed_with_what_they_make(tmp_path):
    listed = run(tmp_path, configuration(tracks={"a": {"simulate": {}}}), "--list").stdout
    for name in (
        "all",
        "campaign",
        "light_curves",
        "polarimetry",
        "calibrated",
        "selfcal",
        "validate",
        "report",
        "clean_up",
    ):
        assert re.search(rf"^{name} \(.{{20,}}\)$", listed, re.MULTILINE), name


def test_cleaning_up_removes_what_no_one_misses(campaign, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(campaign, folder)
    result = run(folder, configuration(), "clean_up")
    assert result.returncode == 0
    assert any("of intermediate data removed" in line for line in messages(result))
    left = {path.name for path in products(folder).rglob("*") if path.is_dir()}
    assert not left & {"split.ms", "im0"}
    assert not list(products(folder).rglob("sky_averages.npz"))
    assert "tiny_a.ms_ExtendedData" in left
    assert planned(folder, configuration()) == set()


def test_a_campaign_of_one_spw_is_reported_without_polarimetry(inputs, tmp_path):
    config = configuration(spws=[0], tracks={"a": {"ms": str(inputs / "a.ms")}})
    jobs = {rule for rule, _ in planned(tmp_path, config, "report")}
    assert {"write_report", "write_track_report", "plot_sky"} <= jobs
    assert not {"measure_polarimetry", "plot_polarimetry"} & jobs
