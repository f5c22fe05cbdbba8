"""IM1 from the visibilities: the workflow on small tracks of known truth."""

import shutil
from pathlib import Path

import numpy as np
import pandas
import pytest
from astropy.io import fits

from minispiral import casa
from minispiral.io.tables import columns, read_table
from minispiral.sky.turns import TOLERANCE
from tests.helpers.runs import make, planned
from tests.helpers.tiny import SPWS, TRACKS, TURNS, configuration, products
from tests.helpers.tracks import corrupt, drifting_gains

pytestmark = pytest.mark.slow


def ratios(folder: Path, track: str, spw: int, truth: Path) -> tuple[np.ndarray, ...]:
    """Stokes I over the truth, pulls but for a factor, flags, and what is not broken."""
    curve = columns(read_table(folder / f"{track}/iteration0/spw{spw}/light_curve.ecsv"))
    true = pandas.read_csv(truth)
    true = true[true.spw == spw]
    ratio = curve["I"] / true.I.to_numpy()
    sound = ~true.bad.to_numpy(bool)
    pull = (ratio - np.median(ratio[sound])) * true.I.to_numpy() / curve["I_err"]
    return ratio, pull, curve["good"], sound


def test_turns_are_told_of_and_stopped(campaign):
    results = products(campaign)
    with fits.open(results / f"sky/iteration0/turn{TURNS}.fits") as units:
        assert units[0].header["STOPPED"]
        assert units[0].data.min() >= 0
        total = units[0].data.sum()
    assert total > 0
    turns = read_table(results / "turns.ecsv")
    assert list(turns["turn"]) == list(range(1, TURNS + 1))
    assert turns["total"][-1] == pytest.approx(total, rel=1e-5)
    assert list(turns["change"][1:] <= TOLERANCE) == [False] * (TURNS - 2) + [True]
    assert list(turns["stopped"]) == ["-"] * (TURNS - 1) + ["fluxes"]
    assert set(turns["changed_most"][1:]) <= {f"{track}, spw {k}" for track in TRACKS for k in SPWS}
    assert turns["chi2"][-1] < turns["chi2"][0]
    # a track has four averages in time, one of them with a broken integration in it
    assert list(turns["used"]) == [0.75] * TURNS


@pytest.mark.parametrize("track", TRACKS)
def test_light_curves_hold_and_no_sky_is_left(campaign, inputs, track):
    results = products(campaign)
    with fits.open(results / track / "residual.fits") as units:
        residual, thermal = units[0].data.squeeze(), units[0].header["THERMRMS"]
    assert "STOPPED" not in units[0].header
    assert np.std(residual) < 2 * thermal
    assert (results / track / "figures/skies.png").stat().st_size > 10_000
    for spw in SPWS:
        ratio, pull, good, sound = ratios(results, track, spw, inputs / f"{track}.truth.csv")
        both = good & sound
        assert both.sum() > 0.9 * sound.sum()
        assert abs(np.median(ratio[both]) - 1) < 0.03
        assert np.std(pull[both]) < 1.5


def test_an_iteration_goes_on_from_the_last_sky_with_antenna_gains(inputs, tmp_path):
    """Without the primary beam, on one track: phases that drift by 5 deg are nearly taken out."""
    ms = tmp_path / "a.ms"
    shutil.copytree(inputs / f"{TRACKS[0]}.ms", ms)
    with casa.session(), casa.table(ms) as table:
        times, antennas = len(np.unique(table.getcol("TIME"))), table.getcol("ANTENNA2").max() + 1
    corrupt(ms, drifting_gains(3, times, antennas, 5.0, 0.0))
    model = {"scope": "track", "turns": 2, "primary_beam": False}
    config = configuration(
        tracks={"a": {"ms": str(ms)}},
        spws=[0],
        model=model,
        iterations=1,
        selfcal={"rounds": [{"calmode": "p"}]},
    )
    wanted = "results/tiny/a/iteration1/spw0/fit.ecsv"
    make(tmp_path, config, wanted)
    (results,) = (tmp_path / "results").iterdir()
    assert not list(results.rglob("im0"))  # no light curve waits for CLEAN
    before, after = (
        np.nanmedian(read_table(results / f"a/iteration{n}/spw0/fit.ecsv")["chi2"]) for n in (0, 1)
    )
    assert before > 20  # two turns are few: the sky has phases in it
    assert after < before / 20
    with fits.open(results / "a/sky/iteration1/turn2.fits") as units:
        assert "DISHDIAM" not in units[0].header
    changed = {**config, "fit": {"min_baseline_m": 50}}  # of the fit alone
    redone = [wildcards for rule, wildcards in planned(tmp_path, changed, wanted) if "sky" in rule]
    assert not any("iteration=0" in wildcards for wildcards in redone)
