"""Chi-squares far from 1, and the configuration that cures them."""

from dataclasses import replace

import pytest
import yaml

from minispiral.config import resolve
from minispiral.report.page import campaign_page
from minispiral.report.remedies import about_chi2
from minispiral.report.warnings import warnings_of
from tests.helpers import reported

TRACK = "20170406"
SPWS = range(4)


def bad(chi2: float = 20.0, antennas=None, **fields):
    tables = reported.campaign(
        1, residuals={TRACK: {spw: reported.residuals(chi2) for spw in SPWS}}, **fields
    )
    of_track = {spw: reported.antennas() if antennas is None else antennas for spw in SPWS}
    return replace(tables, antennas={TRACK: of_track})


PHASES = reported.antennas(amplitude=2.0, phase=38.0)
AMPLITUDES = reported.antennas(amplitude=38.0, phase=2.0)
SOLVED = [{"track": TRACK, "iteration": 1, "calmode": "p", "solint": "int"}]


def configured(advice) -> dict:
    """What is advised, as a part of a configuration that is possible."""
    changes = yaml.safe_load(advice.snippet)
    tracks = {TRACK: {"ms": "a.ms"} | changes.pop("tracks", {}).get(TRACK, {})}
    resolve({"tracks": tracks} | changes)
    return changes | {"tracks": tracks}


@pytest.mark.parametrize(("antennas", "modes"), [(PHASES, ["p"]), (AMPLITUDES, ["p", "ap"])])
def test_antennas_that_are_off_are_cured_by_rounds_to_paste(antennas, modes):
    (advice,) = about_chi2(bad(antennas=antennas))
    assert advice.line.startswith(f"track {TRACK}, spw 0, 1, 2, 3: the fit's reduced chi-square is")
    configuration = configured(advice)
    assert [each["calmode"] for each in configuration["selfcal"]["rounds"]] == modes
    assert configuration["iterations"] >= len(modes)


def test_what_was_done_is_not_advised_again():
    (advice,) = about_chi2(bad(antennas=PHASES, solved=SOLVED))
    assert not advice.snippet
    assert "flag the antennas" in advice.line
    (other,) = about_chi2(bad(antennas=AMPLITUDES, solved=SOLVED))
    assert "ap" in other.snippet


def test_one_antenna_is_named_with_the_call_that_flags_it():
    (advice,) = about_chi2(bad(antennas=reported.antennas(2.0, 2.0, A07=200.0)))
    assert "antenna A07 fits far worse than all others" in advice.line
    assert "antenna='A07'" in advice.snippet


def test_one_spw_can_be_left_out():
    tables = reported.campaign(1)
    tables.residuals[TRACK][2] = reported.residuals(20.0)
    tables.antennas[TRACK][2] = PHASES
    (advice,) = about_chi2(tables)
    assert advice.line.startswith(f"track {TRACK}, spw 2: ")
    assert configured(advice)["tracks"][TRACK]["spws"] == [0, 1, 3]


def test_flux_that_cleans_model_lacks_is_found_from_the_visibilities():
    tables = bad(antennas=reported.antennas(20.0, 20.0))
    for table in tables.residuals[TRACK].values():
        table["chi2"][6:] = 1.5
    (advice,) = about_chi2(tables)
    assert configured(advice)["model"] == {"method": "joint"}
    (advice,) = about_chi2(replace(tables, skies={TRACK: "*"}))
    assert not advice.snippet
    assert "shadow" in advice.line


def test_weights_that_are_too_high_are_told_as_that():
    (advice,) = about_chi2(bad(antennas=reported.antennas(20.0, 20.0)))
    assert "weights are too high by that factor" in advice.line
    assert "statwt" in advice.line


@pytest.mark.parametrize(("chi2", "factor"), [(0.02, "50"), (0.07, "14")])
def test_a_chi_square_far_below_1_is_told_as_wrong_weights(chi2, factor):
    (line,) = warnings_of(bad(chi2))
    assert f"weights are {factor} times too low" in line
    assert "selfcal.rounds" not in line
    assert warnings_of(bad(0.4)) == []


def test_the_page_shows_what_to_paste_and_the_antennas():
    page = campaign_page(bad(antennas=PHASES), {}, reported.origins())
    summary = page[page.index('<section id="summary">') : page.index('<section id="light_curves">')]
    assert "<pre>iterations: 2" in summary
    assert "By antenna, the worst first" in page
    sound = campaign_page(reported.campaign(1), {}, reported.origins())
    assert "To paste" not in sound
