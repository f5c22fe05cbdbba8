"""Gains of each hand that took polarisation away are told from sources that have none."""

import csv

import numpy as np
import pytest
from astropy.table import Table

from minispiral.columns.light_curves import LIGHT_CURVES
from minispiral.light_curves.hand_gains import (
    Feeds,
    Taken,
    in_words,
    not_measured,
    taken_away,
    without_taken,
)
from minispiral.light_curves.tables import write_ascii_light_curve
from tests.helpers.places import SHARED

LINEAR, CIRCULAR = ("XX", "XY", "YX", "YY"), ("RR", "RL", "LR", "LL")
NOISE = 0.0012  # Jy, of an integration
SCAN = 50  # integrations
SOUND = ("20170406", "20170407", "20170406_phases", "20170406_long", "20170407_long")
SOUND += ("20170407_app", "20170407_pointing")


def turning(rate=10.0):
    """Feeds that turn by so many deg an hour."""
    return lambda times: -80 + rate * (times - times[0]) / 3600


def fits(n=400, p=0.16, wander=1.0, seed=1, step=12.0, noise=NOISE):
    """Fits of a source whose EVPA wanders about by rad as a random walk."""
    rng = np.random.default_rng(seed)
    evpa = 0.3 + wander * np.cumsum(rng.normal(0, 0.05, n))
    linear = p * np.exp(2j * evpa)
    fit = {"time": 4998188200.0 + step * np.arange(n)}
    for name, value in (("Q", linear.real), ("U", linear.imag), ("V", np.full(n, -0.02))):
        fit[name] = value + rng.normal(0, noise, n)
        fit[f"{name}_err"] = np.full(n, noise)
    return fit


def found(fit, names=LINEAR, rate=10.0, good=None):
    scans = np.arange(len(fit["time"])) // SCAN
    good = np.ones(len(scans), bool) if good is None else good
    return taken_away(fit, scans, good, Feeds(names, turning(rate)))


def calibrated_by_hand(fit, over, frame=0.0, left=0.03):
    """What gains over so many integrations leave of Q in a frame at angle `frame` (rad)."""
    linear = (fit["Q"] + 1j * fit["U"]) * np.exp(-2j * frame)
    block = np.arange(len(linear)) // over
    mean = np.bincount(block, linear.real) / np.bincount(block)
    linear = (linear - (1 - left * np.cos(block)) * mean[block]) * np.exp(2j * frame)
    return {**fit, "Q": linear.real, "U": linear.imag}


@pytest.mark.parametrize("over", [1, 10, SCAN])
def test_q_that_gains_took_away_is_missing(over):
    taken = found(calibrated_by_hand(fits(p=0.01), over, left=0.0))
    assert taken.names == ("Q",)
    assert ("scans" if over > 1 else "integrations") in taken.reason


@pytest.mark.parametrize("over", [1, 10, SCAN])
def test_q_of_the_feeds_is_missing_from_both(over):
    """Where the data were turned into the sky's frame afterwards; the feeds' own angle is free."""
    fit = fits(p=0.01)
    frame = 0.7 + np.radians(turning(30.0)(fit["time"]))
    taken = found(calibrated_by_hand(fit, over, frame, 0.0), rate=30.0)
    assert taken.names == ("Q", "U")
    assert "feeds' frame" in taken.reason


@pytest.mark.parametrize(("names", "after"), [(("Q",), False), (("Q", "U"), True)])
def test_polarisation_that_turns_with_the_feeds_is_not_the_skys(names, after):
    """Gains that are smoother than the noise of an integration."""
    fit = fits()
    frame = np.radians(turning(90.0)(fit["time"])) if after else 0.0
    rng = np.random.default_rng(5)
    of_feeds = (fit["Q"] + 1j * fit["U"]) * np.exp(-2j * frame)
    noise = NOISE * (rng.standard_normal(len(of_feeds)) + 0j)
    left = (1j * of_feeds.imag + noise) * np.exp(2j * frame)
    broken = {**fit, "Q": left.real, "U": left.imag}
    assert found(broken, rate=90.0).names == names
    assert found(broken, rate=1.0).names == ()  # they hardly turn, and that may be the sky


@pytest.mark.parametrize("p", [0.0, 1e-4, 0.002, 0.16])
@pytest.mark.parametrize("wander", [0.0, 1.0])
def test_a_source_with_little_polarisation_is_measured(p, wander):
    """400 sources: none of them by chance, of which 0.4 would be allowed."""
    for seed in range(50):
        assert found(fits(p=p, wander=wander, seed=seed), rate=40.0) == Taken()


def test_an_evpa_that_stays_at_45_deg_is_the_skys():
    fit = fits(p=0.16, wander=0.0)
    turned = (fit["Q"] + 1j * fit["U"]) * np.exp(2j * (np.pi / 4 - 0.3))
    assert found({**fit, "Q": turned.real, "U": turned.imag}, rate=40.0) == Taken()


@pytest.mark.parametrize("seed", range(5))
def test_wrong_weights_take_nothing_away(seed):
    """Errors twice too large or too small, of a source without polarisation."""
    for factor in (0.5, 1.4):
        fit = fits(p=0.0, seed=seed)
        for name in "QUV":
            fit[f"{name}_err"] = factor * fit[f"{name}_err"]
        assert found(fit).names == () or factor > 1.3


def test_circular_feeds_lose_v():
    fit = fits()
    rng = np.random.default_rng(2)
    assert found(fit, CIRCULAR) == Taken()
    assert found({**fit, "V": 0.02 * fit["V_err"] * rng.standard_normal(400)}, CIRCULAR).names == (
        "V",
    )


def test_feeds_without_cross_hands_lose_q():
    fit = {**fits(), "U": np.full(400, np.nan), "U_err": np.full(400, np.nan)}
    assert found(fit, ("XX", "YY")) == Taken()
    gone = 0.02 * fit["Q_err"] * np.random.default_rng(3).standard_normal(400)
    assert found({**fit, "Q": gone}, ("XX", "YY")).names == ("Q",)


def test_flagged_integrations_do_not_count():
    fit = calibrated_by_hand(fits(p=0.01), 1, left=0.01)
    fit["Q"][:40] += 0.1
    good = np.arange(400) >= 40
    assert found(fit).names == ()
    assert found(fit, good=good).names == ("Q",)
    assert found(fit, good=np.zeros(400, bool)) == Taken()


@pytest.mark.skipif(not SHARED.exists(), reason="no shared tracks")
@pytest.mark.parametrize("track", SOUND)
def test_no_sound_track_is_blamed(track):
    """Its true Q and U, with noise, turned as its feeds are."""
    with open(SHARED / f"sgra_{track}.truth.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["spw"] == "0"]
    time, q, u, v = (np.array([float(row[name]) for row in rows]) for name in ("mjd_s", *"QUV"))
    rng = np.random.default_rng(4)
    for rate in (0.0, 10.0, 50.0, 130.0):
        fit = {"time": time}
        for name, value in (("Q", q), ("U", u), ("V", v)):
            fit |= {name: value + rng.normal(0, NOISE, len(q)), f"{name}_err": 0 * q + NOISE}
        assert found(fit, rate=rate) == Taken()
        fit["Q"] = 0.02 * (fit["Q"] - q)
        assert found(fit, rate=rate).names == ("Q",)


def table(n=20):
    values = {name: np.ones(n) for name in LIGHT_CURVES}
    values |= {"track": np.full(n, "a"), "spw": np.full(n, 2), "good": np.ones(n, bool)}
    return Table(values)


def test_what_is_taken_is_missing_in_tables_and_said(tmp_path):
    curve = without_taken(table(), Taken(("Q",), "for a reason"))
    for name in ("Q", "P", "EVPA"):
        assert np.isnan(curve[name]).all()
        assert np.isnan(curve[f"{name}_err"]).all()
    assert np.isnan(curve["P_debiased"]).all()
    assert not any(np.isnan(curve[name]).any() for name in ("I", "U", "U_err", "V", "V_err"))
    both = without_taken(table(), Taken(("Q", "U"), "for a reason"))
    assert np.isnan(both["U"]).all()
    sound = without_taken(table(), Taken())
    assert not_measured([curve, sound, both]) == [
        ["a", 2, "Q", "for a reason"],
        ["a", 2, "QU", "for a reason"],
    ]
    text = in_words("Q", "for a reason")
    assert text.startswith("Q, P, EVPA not measured")
    assert "\n" not in text
    write_ascii_light_curve(tmp_path / "a.dat", curve)
    written = np.loadtxt(tmp_path / "a.dat")
    assert written.shape == (20, 9)
    assert np.isnan(written[:, 3:7]).all()
    assert np.isfinite(np.delete(written, range(3, 7), axis=1)).all()
