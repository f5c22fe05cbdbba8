"""A made-up campaign from its tables to the page that says what was found."""

import numpy as np
import pytest
from astropy.table import Table
from scipy.constants import c

from minispiral.io.tables import read_table, write_table
from minispiral.plots.science import plot_loops, plot_power, plot_spectra
from minispiral.plots.style import save
from minispiral.report.science import read_section, science_page, science_section
from minispiral.science import tables
from minispiral.science.findings import Tables, findings
from minispiral.science.inputs import curves_of, sort_out
from minispiral.science.study import study_campaign, study_track
from minispiral.science.transient_table import all_transients, transients_table
from minispiral.science.transients import Search, Transient
from tests.helpers.known_noise import known_noise

FREQUENCIES = (213.1e9, 215.1e9, 227.1e9)
INDEX, ROTATION = -0.2, -4e5
INTERVAL, MINUTES = 150.0, 150
SPOT = 0.03
FEW = 120  # simulations


def light_curves(track: str, start: float, random: np.random.Generator) -> list[Table]:
    """Light curves of three spws: a random walk, a spectrum, and a spot that turns clockwise."""
    n = round(MINUTES * 60 / INTERVAL)
    time = INTERVAL * np.arange(n)
    # averaged over integrations, as fluxes are
    walk = np.cumsum(0.005 * random.normal(size=8 * n)).reshape(n, 8).mean(axis=1)
    flux = 2.5 * np.exp(walk)
    z = 0.2 + SPOT * np.exp(-2j * np.pi * time / 3000)
    curves = []
    for spw, frequency in enumerate(FREQUENCIES):
        core = flux * (frequency / FREQUENCIES[0]) ** INDEX
        turn = 2 * ROTATION * ((c / frequency) ** 2 - (c / FREQUENCIES[0]) ** 2)
        linear = z * np.exp(1j * turn)
        noise = 3e-4 * random.normal(size=(3, n))
        columns = {
            "track": np.full(n, track),
            "spw": np.full(n, spw),
            "frequency": np.full(n, frequency),
            "mjd": 57849.4 + (start + time) / 86400,
            "I_compact": core * (1 + noise[0]),
            "I_compact_err": 3e-4 * core,
            "I_extended": np.ones(n),
            "I_extended_err": np.full(n, 1e-5),
            "absorption": np.ones(n),
            "Q": linear.real + noise[1],
            "U": linear.imag + noise[2],
            "Q_err": np.full(n, 3e-4),
            "U_err": np.full(n, 3e-4),
            "observation": np.zeros(n, int),
            "array": np.zeros(n, int),
            "scan": np.arange(n) // 10,
            "good": (np.arange(n) % 10) < 9,
        }
        table = Table(columns)
        table.meta = known_noise(INTERVAL)
        curves.append(table)
    return curves


@pytest.fixture(scope="module")
def study():
    random = np.random.default_rng(1)
    # the later one first: tracks are put in order of time
    given = [*light_curves("b", 86400.0, random), *light_curves("a", 0.0, random)]
    curves = curves_of(given)
    assert [one.name for one in curves] == ["a", "b"]
    return study_campaign([study_track(one, FEW) for one in curves], own_scales=False)


@pytest.fixture(scope="module")
def made(study) -> dict[str, Table]:
    names = ("psd", "red_noise", "periods", "loops", "lags", "spectra", "trends")
    return {name: getattr(tables, f"{name}_table")(study) for name in names}


@pytest.fixture(scope="module")
def transients() -> Table:
    one = Transient(
        4998190000.0, 300.0, 4998189700.0, 4998190300.0, 5.0, -3.0, 0.1, 0.02, 0.001, 18.0, 1e-9
    )
    found = transients_table("a", Search([one], 5.6, 200, {60.0: 2e-3, 300.0: 1e-3}))
    none = transients_table("b", Search([], 5.6, 200, {60.0: 2e-3, 300.0: 1e-3}))
    return all_transients([found, none])


def test_tables_say_what_was_put_in(made):
    noise = made["red_noise"]
    assert list(noise["track"]) == ["a", "b", "*"]
    assert all(noise["detected"])
    # a random walk
    assert noise["slope_low"][2] - 0.15 < 2 < noise["slope_high"][2] + 0.15
    for name, true, tolerance in (
        ("spectral_index", INDEX, 5),
        ("rotation_measure", ROTATION, 5),
    ):
        for row in made["trends"]:
            assert abs(row[name] - true) < tolerance * row[f"{name}_err"]
    # of three windows at 213.1, 215.1 and 227.1 GHz, by hand
    np.testing.assert_allclose(made["trends"]["rotation_per_degree"], 9.6955e4, rtol=1e-3)
    loops = made["loops"]
    assert np.all(loops["clockwise"] > 0.9)
    assert list(loops["track"]) == ["a", "b", "*"]
    assert list(loops["sense"]) == [-1, -1, 0]
    np.testing.assert_allclose(loops["period"][:2], 50, atol=3)
    np.testing.assert_allclose(loops["amplitude"][:2], SPOT, rtol=0.1)
    assert loops["clockwise_err"][2] < min(loops["clockwise_err"][:2])
    assert loops["p_value"][2] < max(loops["p_value"][:2])
    lags = made["lags"]
    assert len(lags) == 9
    assert np.all(np.abs(lags["lag"] / lags["lag_err"]) < 4.5)
    assert set(made["psd"]["track"]) == {"a", "b", "*"}
    assert made["spectra"]["rotation_measure"].unit is not None


def test_a_rerun_gives_the_same_numbers(study):
    again = study_track(study.tracks[0].curves, FEW)
    assert again.spectrum.p_value == study.tracks[0].spectrum.p_value
    assert again.period.false_alarm == study.tracks[0].period.false_alarm


def test_what_was_found_is_said_in_words(made, transients):
    said = findings(Tables(*(made[n] for n in FOUND), transients))
    text = {finding.topic: " ".join(finding.sentences) for finding in said}
    assert "All tracks together: the power of the variability falls" in text["Red noise"]
    assert "On timescales beyond 20 min alone, b = " in text["Red noise"]
    assert "lags agree within their errors" in text["Between spectral windows"]
    assert "turns clockwise once in" in text["Loops"]
    assert "found" in text["Loops"]
    assert "20.0 ± 1.0 mJy" in text["Transients"]
    assert "Track b: no transient is found" in text["Transients"]
    assert "11 mJy for 1 min" in text["Transients"]
    assert "nan" not in " ".join(text.values())


FOUND = ("red_noise", "periods", "loops", "lags", "trends")


def test_the_page_and_the_section_have_it_all(study, made, transients, tmp_path):
    folder = tmp_path / "science"
    folder.mkdir()
    for name in FOUND:
        write_table(folder / f"{name}.ecsv", made[name])
    write_table(tmp_path / "transients.ecsv", transients)
    for name, figure in (
        ("power", plot_power(made["psd"], made["red_noise"])),
        ("loops", plot_loops(study)),
        ("spectra", plot_spectra(made["spectra"])),
    ):
        assert all(axis.get_xlabel() for axis in figure.axes[:2])
        save(figure, folder / f"{name}.png")
    page = science_page(read_section(tmp_path), "made up")
    assert page.count("data:image/webp") == 3
    assert "made up: what the light curves say" in page
    section = science_section([str(tmp_path / "science.html")])
    assert "<h3>Transients</h3>" in section
    assert section in page.replace("\r", "") or "Q and U turn at" in section
    assert science_section([]) == ""
    assert len(read_table(tmp_path / "transients.ecsv")) == 1


def said_of(curves: list[Table]) -> dict[str, str]:
    """What is said, by topic, of light curves of a campaign."""
    kept, left_out = sort_out(curves)
    study = study_campaign([study_track(one, 10) for one in kept], False, left_out)
    made = [getattr(tables, f"{name}_table")(study) for name in FOUND]
    said = {of.topic: " ".join(of.sentences) for of in findings(Tables(*made))}
    assert "nan" not in " ".join(said.values())
    return said


def test_of_a_track_of_minutes_it_is_said_what_it_is_too_short_for():
    said = said_of(light_curves_of(30.0, 36))
    assert said["Red noise"].startswith("Track a: the power of the variability falls")
    assert said["Loops"] == "Track a: less than 60 min, or gaps that leave no steps."
    assert "Track a: fewer than 5 bins of 5 min in two" in said["Between spectral windows"]


def light_curves_of(interval: float, number: int, every: int = 1) -> list[Table]:
    """Light curves of shorter integrations, of which only some are there."""
    curves = light_curves("a", 0.0, np.random.default_rng(2))
    for curve in curves:
        curve["mjd"] = curve["mjd"][0] + (curve["mjd"] - curve["mjd"][0]) * interval / INTERVAL
        curve.meta = known_noise(interval / every)
    return [curve[:number] for curve in curves]


def test_scans_of_one_integration_are_curves_as_others():
    said = said_of(light_curves_of(60.0, 36, every=15))
    assert said["Red noise"].startswith("Track a: the power of the variability falls")
    assert "spectral index is" in said["Between spectral windows"]


def test_noise_that_neighbours_do_not_tell_is_a_reason():
    curves = light_curves("a", 0.0, np.random.default_rng(2))
    for curve in curves:
        curve.meta = known_noise(INTERVAL, noise_from="chi2")
    assert said_of(curves) == {
        "Red noise": "Track a: left out, as its integrations have too few neighbours in time to "
        "tell their noise."
    }


def test_tracks_of_bad_integrations_and_of_few_are_left_out_with_a_reason():
    bad, few = (light_curves(name, 0.0, np.random.default_rng(2)) for name in "bf")
    for curve in bad:
        curve["good"] = False
        curve["I_compact"] = np.nan
    said = said_of([*bad, *(curve[:12] for curve in few)])["Red noise"]
    assert "Track b: left out, as none of its integrations is good." in said
    assert "Track f: left out, as its light curve has 11 bins, fewer than 20." in said


def test_one_spw_of_parallel_hands_says_what_it_cannot():
    curve = light_curves("a", 0.0, np.random.default_rng(2))[0][:40]
    curve["U"] = curve["U_err"] = np.nan
    said = said_of([curve])
    assert "Track a: no Q and U in 20 bins" in said["Loops"]
    between = said["Between spectral windows"]
    assert "Track a: one spectral window only." in between
    assert "Track a: one frequency only." in between
    assert "All tracks" not in " ".join(said.values())


def test_tracks_without_anything_leave_tables_with_their_columns():
    short = [table[:5] for table in light_curves("a", 0.0, np.random.default_rng(2))]
    assert curves_of(short) == []
    nothing = study_campaign([], own_scales=False)
    for name in ("psd", "red_noise", "periods", "loops", "lags", "spectra", "trends"):
        table = getattr(tables, f"{name}_table")(nothing)
        assert len(table) == 0
        assert "track" in table.colnames
