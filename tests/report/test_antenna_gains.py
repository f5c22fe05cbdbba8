"""What the report says of antenna gains in the turns, of the pointing and of what drifts."""

from dataclasses import replace

import numpy as np
import pytest

from minispiral.report.antenna_gains import gains_and_pointing, gains_by_antenna
from minispiral.report.figures import track_figures
from minispiral.report.page import campaign_page, track_page
from minispiral.report.remedies import about_chi2, remedy_of_unevenness
from tests.helpers import reported

TRACK = "20170406"


def campaign(gains=None, pointing=None, how="auto", **fields):
    tables = reported.campaign(1, skies={TRACK: TRACK}, **fields)
    return replace(
        tables,
        solves={TRACK: how},
        antenna_gains={} if gains is None else {TRACK: gains},
        pointing={} if pointing is None else {TRACK: pointing},
    )


def said_of(tables) -> list[str]:
    return gains_and_pointing(tables, TRACK)


def test_gains_are_told_with_their_reason_and_the_worst_antennas():
    gains = reported.antenna_gains(fast=True, scans=2)
    (line,) = said_of(campaign(gains))
    assert line.startswith("Antenna gains are solved for, as the data ask for it")
    for said in (
        "7.72 without and 1.00 with them, their 24 degrees of freedom counted",
        "constant over 20 minutes (Schwarz's criterion -1000 against none)",
        "3 antenna phases of each integration and spw",
        "by 2.50 (limit 1.1)",
        "2 scans of single spws have gains of their own",
        "the worst antennas, by chi-square without gains, are A03 (10.0)",
    ):
        assert said in line


@pytest.mark.parametrize(
    ("how", "gains", "said"),
    [
        ("never", None, "as configured (selfcal.solve: never)"),
        ("rounds", None, "rounds of selfcal.rounds solve"),
        ("turns", None, "too few turns (model.turns) give no sky"),
        ("auto", reported.antenna_gains(0.0), "Schwarz's criterion is 1544 above that without"),
        ("always", reported.antenna_gains(np.inf), "over the whole track"),
        ("always", reported.antenna_gains(60.0), "over 1 minute ("),
        ("auto", reported.antenna_gains(0.0, scans=1), "one scan of a spw has gains of its own"),
    ],
)
def test_why_there_are_gains_or_none(how, gains, said):
    (line,) = said_of(campaign(gains, how=how))
    assert said in line
    assert ("as configured (selfcal.solve: always)" in line) is (how == "always")


@pytest.mark.parametrize("interval", [0.0, 1200.0])
def test_that_phases_of_long_integrations_cannot_be_looked_for_is_told(interval):
    gains = reported.antenna_gains(interval, benefit=np.nan)
    (line,) = said_of(campaign(gains))
    assert "nan" not in line
    assert (
        "phases of single integrations cannot be looked for, as integrations are too long to be "
        "averaged: use selfcal.rounds" in line
    )
    (advice,) = about_chi2(high(gains=gains))
    assert "phases of single integrations cannot be looked for" in advice.line
    assert "calmode: p, solint: int" in advice.snippet
    assert "cannot be looked for" not in said_of(campaign(reported.antenna_gains(interval)))[0]


def test_chi_square_by_antenna_is_over_its_baselines_by_their_data():
    table = gains_by_antenna(reported.antenna_gains())
    assert table["rows"][0] == ["A03", "1500", "10.00", "1.00"]
    # A02: 300, 400 data of chi-square 1 with A00 and A01, 600 of 10 with A03
    assert ["A02", "1300", f"{(700 + 6000) / 1300:.2f}", "1.00"] in table["rows"]
    assert len(gains_by_antenna(reported.antenna_gains(0.0))["headings"]) == 3
    assert gains_by_antenna(None) is None


def test_pointing_and_what_drifts_are_told():
    used, drifts = said_of(campaign(how="never", pointing=reported.pointing(spw1=1e-6, spw2=4e-6)))[
        1:
    ]
    assert "up to 0.5 arcsec off the phase centre" in used
    # DA41 0.5 arcsec off, DV02 1.2
    assert "its antennas 0.92 arcsec (root mean square; DV02 with 1.2 arcsec the most)" in used
    assert "0.1 % (spw 1), 0.2 % (spw 2)" in drifts
    none, agree = said_of(campaign(pointing=reported.pointing(False, 3.0)))[1:]
    assert "No offset of the array's mean pointing is seen" in none
    assert "limit 100" in none
    assert "no error that drifts is added" in agree
    unknown = reported.pointing(False, 3.0, **{f"spw{spw}": np.nan for spw in range(4)})
    assert "too few antennas" in said_of(campaign(pointing=unknown))[-1]


@pytest.mark.parametrize("kept", [True, False])
def test_the_pointing_is_drawn_where_it_is_used(kept):
    tables = reported.campaign(1)
    figures = track_figures(
        tables.curves[TRACK], {}, {}, None, range(4), 100, reported.pointing(kept)
    )
    assert ("pointing" in figures.sections) is kept


def test_both_pages_have_it():
    tables = campaign(reported.antenna_gains(), reported.pointing(), turns=reported.turns())
    for page in (
        campaign_page(tables, {}, reported.origins()),
        track_page(tables, TRACK, {}, reported.origins()),
    ):
        assert "Antenna gains are solved for" in page
        assert "Chi-square by antenna, without and with the gains" in page
        assert f'id="pointing-{TRACK}"' in page


def test_of_a_track_that_is_cleaned_nothing_is_said():
    tables = reported.campaign(1)
    assert said_of(tables) == []
    assert "Antenna gains and pointing" not in campaign_page(tables, {}, reported.origins())


def high(chi2: float = 20.0, phase: float = 38.0, **fields):
    tables = campaign(
        residuals={TRACK: {spw: reported.residuals(chi2) for spw in range(4)}}, **fields
    )
    return replace(
        tables, antennas={TRACK: {spw: reported.antennas(2.0, phase) for spw in range(4)}}
    )


def test_remedies_go_beyond_what_the_turns_have_done():
    (advice,) = about_chi2(high(how="never"))
    assert "solve: auto" in advice.snippet
    (advice,) = about_chi2(high(how="turns"))
    assert "turns: 8" in advice.snippet
    (advice,) = about_chi2(high(gains=reported.antenna_gains(fast=True)))
    assert "though the turns solved for phases of each integration" in advice.line
    assert not advice.snippet
    (advice,) = about_chi2(high(gains=reported.antenna_gains()))
    assert "it stays high with the turns' antenna gains: self-calibrate" in advice.line
    (advice,) = about_chi2(high(gains=reported.antenna_gains(0.0)))
    assert "rounds" in advice.snippet


def test_rounds_are_not_advised_for_uneven_baselines_where_the_turns_have_solved():
    assert "iterate" not in remedy_of_unevenness(campaign(reported.antenna_gains()), TRACK)
    assert "iterate" in remedy_of_unevenness(campaign(reported.antenna_gains(0.0)), TRACK)
