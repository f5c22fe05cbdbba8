"""Floors of V and EVPA against the errors that imperfect feeds made, by their pulls."""

from dataclasses import replace

import numpy as np
import pytest

from minispiral.light_curves.feed_errors import Floors, Polarization, floors
from tests.helpers.feeds import observe

SEEDS = range(12)


def measured(seen) -> Floors:
    return floors(seen.times, seen.polarization, seen.psi, linear=True)


@pytest.mark.parametrize(("d_terms", "ratio", "hours"), [(0.01, 0.01, 5.0), (0.01, 0.0, 3.0)])
def test_floors_cover_the_errors_that_feeds_make(d_terms, ratio, hours):
    tracks = [observe(seed, hours, d_terms, ratio) for seed in SEEDS]
    found = [measured(track) for track in tracks]
    of_v = np.array([t.errors_of_v / f.v for t, f in zip(tracks, found, strict=True)])
    # 12 floors, each of 6 numbers
    assert 0.75 < np.sqrt(np.mean(of_v**2)) < 1.3
    assert np.mean(np.abs(of_v) < 2) > 0.9
    pulls = np.array(
        [(t.error_of_evpa - f.evpa) / f.evpa_err for t, f in zip(tracks, found, strict=True)]
    )
    assert 0.2 < np.sqrt(np.mean(pulls**2)) < 1.3
    assert np.mean(pulls < 2) > 0.9
    if ratio:  # 3 deg, and known to half a degree
        assert np.median([f.evpa / f.evpa_err for f in found]) > 5
        assert np.mean([f.evpa for f in found]) == pytest.approx(
            np.mean([t.error_of_evpa for t in tracks]), rel=0.05
        )


@pytest.mark.parametrize("hours", [1.5, 5.0])
def test_sound_feeds_have_floors_of_nothing(hours):
    found = [measured(observe(seed, hours)) for seed in SEEDS]
    # three errors of its square
    assert all(f.v < 6 * f.v_err for f in found)
    assert all(f.v + 2 * f.v_err < 3e-4 for f in found)
    assert all(f.evpa < 6 * f.evpa_err for f in found)
    if hours == 5:
        assert all(f.evpa + 2 * f.evpa_err < 4 for f in found)


def test_hands_of_unequal_amplitude_leave_v_alone():
    found = measured(observe(3, ratio=0.02))
    assert found.v < 3 * found.v_err < 3e-4
    assert found.evpa > 10 * found.evpa_err


def test_a_phase_between_the_hands_counts_in_v():
    """V = 0.02 U of the feeds: an rms of 0.1 % of I, which turns."""
    track = observe(4, phase=0.02)
    error = track.apparent[3] / track.apparent[0] - track.true[3] / track.true[0]
    found = measured(track)
    assert found.v == pytest.approx(np.sqrt(np.mean(error**2)), rel=0.15)
    assert found.v > 5 * found.v_err


def test_a_steady_core_tells_as_well():
    """Of constant Q and U, all that turns is the feeds'."""
    track = observe(5)
    shape = track.true[0].shape
    z = np.exp(2j * track.psi)
    rng = np.random.default_rng(5)
    noise = 2e-4 * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
    still = Polarization(
        np.full(shape, 0.05 - 0.03j) + 0.01 * z + noise,
        np.full(shape, 2e-4),
        np.full(shape, -0.01) + noise.real,
        np.full(shape, 2e-4),
    )
    found = floors(track.times, still, track.psi, linear=True)
    off = np.angle((0.05 - 0.03j + 0.01 * z) / (0.05 - 0.03j)) / 2
    assert found.evpa == pytest.approx(np.degrees(np.sqrt(np.mean(off**2))), rel=0.15)


def test_where_nothing_tells_there_is_no_number_and_a_reason():
    track = observe(1)
    some = np.arange(len(track.times)) % 8 == 0
    short = floors(track.times[some], track.polarization.at(some), track.psi[some], True)
    assert np.isnan([short.v, short.evpa]).all()
    assert "too few" in short.remark
    still = floors(track.times, track.polarization, track.psi / 10, True)
    assert np.isnan([still.v, still.evpa]).all()
    assert still.remark == "the feeds turn by 18 deg, and 30 deg are needed"
    alone = measured(observe(1, spws=1, ratio=0.01))
    assert np.isnan(alone.v)
    assert "only one spw" in alone.remark
    assert alone.evpa > 2 * alone.evpa_err
    circular = floors(track.times, track.polarization, track.psi, False)
    assert np.isnan(circular.v)
    assert np.isfinite(circular.evpa)
    assert "circular" in circular.remark


def test_an_unpolarised_core_has_no_evpa():
    track = observe(2)
    nothing = replace(track.polarization, linear=1e-6 * track.polarization.linear)
    found = floors(track.times, nothing, track.psi, True)
    assert np.isnan(found.evpa)
    assert np.isfinite(found.v)
