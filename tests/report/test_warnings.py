"""What a reader of the report should look at."""

import re
from dataclasses import replace

import pytest
from astropy.table import Table

from minispiral.report.warnings import ERRORS, MISSING, WRONG, graded_warnings, limits, warnings_of
from tests.helpers import reported

CONVERGENCE = ("track", "spw", "iteration", "another_is_worth_it", "solutions_failed")


def _row(values: tuple, *names: str) -> Table:
    return Table(rows=[values], names=names)


def _curve(**columns) -> dict[str, Table]:
    """One track's light curves, changed in spw 2."""
    curve = reported.curve("20170406")
    for name, factor in columns.items():
        curve[name][curve["spw"] == 2] *= factor
    return {"20170406": curve}


def _uneven(short: float) -> Table:
    table = reported.residuals()
    table["chi2"][:8] = short
    return table


GAINS = ("track", "spw", "description", "reason")


FLUX = ("spw", "reference_flux", "track", "median", "doubtful")


def test_a_sound_campaign_calls_for_no_attention():
    assert warnings_of(reported.campaign()) == []


def with_other_weights():
    """An inspection in whose second spw a quarter of WEIGHT does not fit SIGMA."""
    inspection = reported.inspection()
    spws = list(inspection.spws)
    spws[1] = replace(spws[1], other_weights=0.25)
    return replace(inspection, spws=tuple(spws))


@pytest.mark.parametrize(
    "fields",
    [
        {"curves": _curve(I=1.008)},
        {"residuals": {"20170406": {0: reported.residuals(2.5)}}},  # weights 2.5 times too high
        {"flux": _row((1, 1.0, "b", 0.96, False), *FLUX)},
        {"gains": _row(("a", 1, "integration", "as configured"), *GAINS)},
        {"convergence": _row(("a", 0, 1, False, 0.05), *CONVERGENCE)},
        {"rounds": {"ngc": Table({"round": [0, 1], "accepted": [True, True]})}},
        {"turns": reported.turns(0.06)},
    ],
)
def test_what_is_within_the_limits_is_not_said(fields):
    assert warnings_of(replace(reported.campaign(), **fields)) == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (
            {"curves": {"20170406": reported.curve("20170406", bad=30)}},
            "50 % of the integrations are good .flags: deviation 30",
        ),
        ({"residuals": {"a": {3: reported.residuals(4.5)}}}, "a, spw 3: .* chi-square is 4.5"),
        ({"residuals": {"a": {3: _uneven(2.8)}}}, "a, spw 3: some baselines fit far worse"),
        ({"gains": _row(("a", 1, "integration", "jumps"), *GAINS)}, "own gain .jumps"),
        (
            {"flux": _row((1, 1.0, "b", 1.1, False), *FLUX)},
            r"track b, spw 1: its minispiral is \+10 % off",
        ),
        (
            {"polarimetry": {"a": Table(meta={"matched": {0: 0.9, 1: 0.12}})}},
            "track a, spw 1: only at 12 % of its good .* take out of spws",
        ),
        ({"curves": _curve(I=0.95)}, "track 20170406, spw 2: its Stokes I is -5.0 % off"),
        (
            {"inspections": {"a": reported.inspection(2, correlations=("XX", "YY"))}},
            "track a, spw 0, 1: no U, V: its correlations are XX, YY",
        ),
        ({"convergence": _row(("a", 0, 1, True, 0.0), *CONVERGENCE)}, "a, spw 0: .* raise iter"),
        (
            {"convergence": _row(("a", 0, 1, False, 0.3), *CONVERGENCE)},
            "30 % of the antenna gains have no solution",
        ),
        (
            {"rounds": {"ngc": Table({"round": [0, 1], "accepted": [True, False]})}},
            "target ngc: no round",
        ),
        (
            {"turns": reported.turns(0.3)},
            r"all tracks: .* by 0.3 of .* a, spw 1: raise model.turns",
        ),
        (
            {"inspections": {t: replace(reported.inspection(), dishes_m=(7, 12)) for t in "ab"}},
            "^tracks a, b: dishes of 7 to 12 m see the sky .* split the data of one kind of dish",
        ),
        (
            {"inspections": {"a": replace(reported.inspection(), dishes_m=())}},
            "^track a: no antenna has a known DISH_DIAMETER",
        ),
        (
            {"inspections": {t: with_other_weights() for t in "ab"}},
            "^tracks a, b: spw 1: in 25 % of the usable rows WEIGHT is not 1/SIGMA",
        ),
        ({"remarks": ["selfcal.rounds has 2"]}, "selfcal.rounds has 2"),
    ],
)
def test_what_needs_a_look_is_said_in_a_line(fields, says):
    lines = warnings_of(replace(reported.campaign(), **fields))
    assert any(re.search(says, line) for line in lines), lines
    assert all("\n" not in line for line in lines)


def test_what_is_the_same_of_all_is_said_once():
    tables = reported.campaign(
        10, inspections={f"t{k}": reported.inspection(correlations=("XX", "YY")) for k in range(10)}
    )
    (line,) = warnings_of(tables)
    assert line.startswith(f"tracks {', '.join(f't{k}' for k in range(10))}, spw 0, 1, 2, 3: no U")


def test_the_worst_is_said_first():
    tables = reported.campaign(
        curves={"20170406": reported.curve("20170406", bad=30)},
        residuals={"a": {3: _uneven(2.8)}},
        gains=_row(("a", 1, "integration", "jumps"), *GAINS),
    )
    graded = graded_warnings(tables)
    assert list(graded) == [WRONG, ERRORS, MISSING]
    assert "some baselines fit far worse" in graded[WRONG][0]
    assert "own gain" in graded[ERRORS][0]
    assert "integrations are good" in graded[MISSING][0]
    assert warnings_of(tables) == [line for lines in graded.values() for line in lines]


def test_polarisation_that_gains_took_away_is_said():
    tables = reported.campaign(tracks=2)
    for curve, spws in zip(tables.curves.values(), ((0, 1), (1,)), strict=True):
        track = str(curve["track"][0])
        curve.meta["not_measured"] = [[track, spw, "Q", "for a reason"] for spw in spws]
    (line,) = warnings_of(tables)
    assert line.startswith("track")
    assert "spw 0, 1" in line
    assert "Q, P, EVPA not measured" in line
    assert "gaintype T" in line


def test_iterations_are_advised_only_where_there_are_none():
    bad = reported.campaign(residuals={"a": {0: reported.residuals(5.0)}})
    assert "(iterations)" in warnings_of(bad)[0]
    iterated = replace(bad, convergence=_row(("a", 0, 1, False, 0.0), *CONVERGENCE))
    assert "(iterations)" not in warnings_of(iterated)[0]


def test_deeper_cleaning_is_not_advised_where_the_sky_is_from_the_visibilities():
    bad = reported.campaign(residuals={"a": {0: reported.residuals(5.0)}})
    assert "CLEAN" in warnings_of(bad)[0]
    assert "CLEAN" not in warnings_of(replace(bad, skies={"a": "*"}))[0]


def test_dishes_matter_where_clean_made_im1():
    """Where it is found from the visibilities, such data were refused."""
    mixed = {"a": replace(reported.inspection(), dishes_m=(7, 12))}
    assert warnings_of(reported.campaign(inspections=mixed, skies={"a": "*"})) == []


def test_limits_are_told_in_words():
    assert any("10 %" in line for line in limits())
    assert len(limits()) == 10
