"""What `minispiral.read` gives is what the tables have, with units and times."""

import shutil

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.timeseries import TimeSeries

import minispiral
from minispiral.errors import MinispiralError
from minispiral.exports.results import read_track
from minispiral.io.tables import read_table
from minispiral.light_curves.binning import bin_light_curves
from minispiral.measures.elevation import own_tables
from minispiral.measures.time_scales import bjd_tdb
from tests.helpers.places import ROOT
from tests.helpers.results import ALMA, BAD, FREQUENCIES, NAME, SGR_A, TRACK, N


@pytest.fixture(scope="module")
def results(campaign):
    return minispiral.read(campaign)


def test_a_campaign_maps_names_to_the_tracks_that_are_there(results):
    assert (results.name, list(results), len(results)) == (NAME, [TRACK], 1)
    assert "later" not in results
    assert results.get("later") is None
    assert results.configured == (TRACK, "later")
    of = "20170406$"
    with pytest.raises(MinispiralError, match=f"of track 'later', which `minispiral run` .* {of}"):
        results["later"]
    with pytest.raises(MinispiralError, match=f"of track 'other': it has those of {of}"):
        results["other"]


def test_light_curves_are_time_series_with_units(results, campaign):
    table = read_table(campaign / TRACK / "light_curves.ecsv")
    track = results[TRACK]
    assert track.spws == (0, 1, 2)
    assert [f.to_value("Hz") for f in track.frequencies.values()] == list(FREQUENCIES)
    for spw in track.spws:
        rows = table[table["spw"] == spw]
        curve = track.light_curve(spw)
        assert isinstance(curve, TimeSeries)
        assert curve.time.scale == "utc"
        assert len(curve) == N - 1
        every = track.light_curve(spw, good=False)
        assert len(every) == N
        assert not every["good"][BAD]
        np.testing.assert_array_equal(every.time.mjd, rows["mjd"])
        for name in ("I", "I_err", "Q", "EVPA", "gain", "flag"):
            np.testing.assert_array_equal(np.asarray(every[name]), np.asarray(rows[name]))
        assert (every["I"].unit, every["EVPA"].unit) == (units.Jy, units.deg)
        assert every.meta["systematic"] == table.meta["systematic"]
    direction = SkyCoord(*SGR_A, unit="deg")  # times know where they were taken
    with own_tables():
        arrived = (curve.time.tdb + curve.time.light_travel_time(direction)).jd
    np.testing.assert_allclose(arrived, bjd_tdb(curve.time.mjd, SGR_A, ALMA), rtol=0, atol=1e-9)
    assert (curve["I"] + 1 * units.mJy).unit == units.Jy  # quantities, which know their units


def test_gains_and_means_are_those_of_the_tables(results, campaign):
    track = results[TRACK]
    gains = track.gains(1)
    reference = gains["gain"] * gains["I_extended"]
    np.testing.assert_allclose(reference.to_value("Jy"), 1.1, rtol=1e-12)
    names = ("light_curves.ecsv", "covariance.ecsv")
    tables = (read_table(campaign / TRACK / name) for name in names)
    binned = bin_light_curves(*tables, 60.0)
    expected = binned[binned["spw"] == 2]
    curve = track.binned(2, 60.0)
    np.testing.assert_array_equal(curve["I_err"].value, expected["I_err"])
    np.testing.assert_array_equal(curve.time.mjd, expected["mjd"])


def test_polarimetry_has_its_units(results, campaign):
    table = read_table(campaign / TRACK / "polarimetry.ecsv")
    series = results[TRACK].polarimetry
    assert series["rotation_measure"].unit == units.rad / units.m**2
    np.testing.assert_array_equal(series["spectral_index"], table["spectral_index"])


def test_the_sky_is_components_and_an_image(results, campaign):
    prefix = campaign / TRACK / f"{NAME}_{TRACK}"
    (prefix.parent / f"{prefix.name}_CCs.dat").write_text("# pixels\n1.5 -2.5 0.25\n")
    fits.PrimaryHDU(np.ones((2, 3))).writeto(f"{prefix}_noPeak.fits")
    (prefix.parent / "core.json").write_text('{"east_arcsec": 0.5, "north_arcsec": -0.25}')
    sky = results[TRACK].sky
    assert sky.core == (0.5, -0.25)
    assert sky.image.shape == (2, 3)
    assert list(sky.components[0]) == [1.5, -2.5, 0.25]
    assert sky.components["flux"].unit == units.Jy


def test_provenance_has_configuration_commands_and_jobs(results, campaign):
    (campaign / "logs").mkdir()
    (campaign / "logs" / "commands.txt").write_text("2026-01-01 10:00:00 snakemake --cores 2\n")
    (campaign / "benchmarks" / TRACK).mkdir(parents=True)
    (campaign / "benchmarks" / TRACK / "fit.tsv").write_text("s\tmax_rss\n2.5\t100\n")
    found = results.provenance
    assert found.configuration["campaign"] == NAME
    assert found.text == (campaign / "config.yaml").read_text()
    assert found.commands == ("2026-01-01 10:00:00 snakemake --cores 2",)
    assert [(job.name, job.seconds) for job in found.jobs] == [(f"{TRACK}/fit", 2.5)]


def test_the_examples_of_the_page_run(campaign, capsys):
    page = (ROOT / "docs" / "exports.md").read_text()
    section = page.partition("## Python\n")[2].partition("\n## ")[0]
    code = "\n".join(line[4:] for line in section.splitlines() if line.startswith("    "))
    found = {}
    exec(code.replace("results/eht2017", str(campaign)), found)  # noqa: S102
    assert capsys.readouterr().out.startswith(f"{TRACK} 2.4")
    assert found["means"]["I_err"].unit == units.Jy


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda c: minispiral.read(c / "none"), "none has no config.yaml: name the folder"),
        (lambda c: minispiral.read(c)[TRACK].light_curve(7), "has no spw 7: it has 0, 1, 2"),
        (lambda c: minispiral.read(c).statistics, "statistics.ecsv is not there: `minispiral run`"),
        (lambda c: minispiral.read(c).read("config.yaml"), "config.yaml cannot be read as a table"),
        (lambda c: read_track(c), "light_curves.ecsv is not there: name the folder of a track's"),
        (lambda c: read_track(c / "config.yaml"), "config.yaml is a file: name the folder"),
    ],
)
def test_what_is_not_there_is_said_in_a_line(campaign, ask, says):
    with pytest.raises(MinispiralError, match=says) as error:
        ask(campaign)
    assert "\n" not in str(error.value)


def test_a_track_is_read_from_its_folder_alone(results, campaign, tmp_path):
    shutil.copytree(campaign / TRACK, tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "covariance.ecsv").rename(tmp_path / "c.ecsv")
    alone = read_track(tmp_path / "elsewhere")
    np.testing.assert_array_equal(alone.light_curve(1)["I"], results[TRACK].light_curve(1)["I"])
    with pytest.raises(MinispiralError, match=r"covariance\.ecsv is not there"):
        alone.binned(1, 60.0)


@pytest.mark.parametrize("text", ["- a\n", "a: [\n"])
def test_a_file_that_is_no_configuration_is_refused(tmp_path, text):
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(MinispiralError, match="is not the configuration that the workflow writes"):
        minispiral.read(tmp_path)
