"""Transients: the threshold's false alarms, sources that shine for minutes, broken antennas."""

from dataclasses import replace

import numpy as np
import pytest
from astropy.table import Table
from scipy.constants import arcsec, c

from minispiral.science.residuals import (
    SpwResiduals,
    field_of,
    minutes_of,
    usable,
    with_source,
    without_broken,
)
from minispiral.science.snapshots import snapshots
from minispiral.science.transients import (
    exceedances,
    find_transients,
    in_words,
    threshold_of,
)
from minispiral.sky.averages import Averages
from minispiral.visibilities.primary_beam import gaussian, primary_beam_width

FREQUENCY, DISH = 230e9, 12.0
ANTENNAS, MINUTES = 14, 60
WEIGHT = 1 / 0.05**2
START = 4998186000.0


def noise(random: np.random.Generator, antennas: int = ANTENNAS) -> Averages:
    """Averages of a minute that are noise, of antennas within 150 m that the sky turns over."""
    places = random.normal(size=(2, antennas)) * 45.0
    first, second = np.triu_indices(antennas, 1)
    n = len(first)
    turn = np.exp(1j * np.linspace(0, 0.3, MINUTES))[:, None]
    baseline = ((places[0] + 1j * places[1])[second] - (places[0] + 1j * places[1])[first]) * turn
    rows = MINUTES * n
    parts = random.normal(size=(2, rows)) / np.sqrt(WEIGHT)
    return Averages(
        FREQUENCY,
        START + 60.0 * np.arange(MINUTES) + 30,
        np.arange(MINUTES),
        np.repeat(np.arange(MINUTES), n),
        np.stack([baseline.real.ravel(), baseline.imag.ravel()]),
        parts[0] + 1j * parts[1],
        np.full(rows, WEIGHT),
        np.tile(first, MINUTES),
        np.tile(second, MINUTES),
        np.array([f"A{k}" for k in range(antennas)]),
    )


def search(averages: Averages, false_alarms: float = 0.01):
    place = field_of([averages], DISH, (0.0, 0.0))
    residuals = SpwResiduals(
        averages, averages.time[averages.bin], averages.values, averages.weight
    )
    minutes = minutes_of([residuals], place)
    return minutes, find_transients(minutes, false_alarms)


def test_the_threshold_is_that_of_so_many_false_alarms():
    threshold = threshold_of(100, 500.0, 2.0, 0.01)
    assert 100 * exceedances(threshold, 500.0, 2.0) == pytest.approx(0.01)
    assert threshold_of(0, 500.0, 2.0) == 3.0


def test_noise_exceeds_thresholds_as_often_as_is_said():
    """With ten false alarms a track, so that they can be counted."""
    random, found, expected = np.random.default_rng(1), 0, 0.0
    for _ in range(8):
        minutes, of = search(noise(random), 3.0)
        found += len(of.transients)
        assert all(one.false_alarms <= 3.0 * 1.001 for one in of.transients)
        expected += 3.0
    # overlapping snapshots and lengths are one transient, so that there are fewer
    assert 0.2 * expected < found < expected + 3 * np.sqrt(expected)


def test_snapshots_are_over_their_noise():
    minutes, _ = search(noise(np.random.default_rng(2)))
    for snapshot in snapshots(minutes):
        inside = snapshot.signal_to_noise[minutes.place.looked]
        assert np.std(inside) == pytest.approx(1, rel=0.1)
        assert snapshot.factor == pytest.approx(1, abs=0.35)


def test_a_source_of_ten_minutes_is_found_with_place_flux_and_time():
    averages = noise(np.random.default_rng(3))
    begin = START + 20 * 60
    east, north = 5.3, -3.9
    response = float(gaussian(np.hypot(east, north), primary_beam_width(FREQUENCY, DISH)))
    _, found = search(with_source(averages, east, north, 0.04 * response, (begin, begin + 600)))
    (one,) = found.transients
    assert np.hypot(one.east - east, one.north - north) < 0.6
    assert one.flux == pytest.approx(0.04, abs=4 * one.flux_err)
    assert abs(one.begin - begin) <= 300
    assert abs(one.end - begin - 600) <= 300
    assert one.signal_to_noise > found.threshold
    assert "1 transient above" in in_words(found)


def test_nothing_is_found_where_nothing_is():
    _, found = search(noise(np.random.default_rng(4)))
    assert found.transients == []
    assert in_words(found).startswith("no transient above a signal-to-noise of")
    assert found.noise[300.0] == pytest.approx(found.noise[60.0] / np.sqrt(5), rel=0.1)


def test_a_source_is_as_with_source_adds_it():
    averages = noise(np.random.default_rng(5))
    added = with_source(averages, 1.0, 2.0, 0.5, (START, START + 120)).values - averages.values
    u, v = averages.uv * FREQUENCY / c
    expected = 0.5 * np.exp(2j * np.pi * arcsec * (u * 1.0 + v * 2.0))
    shining = averages.bin < 2
    np.testing.assert_allclose(added[shining], expected[shining], atol=1e-12)
    assert not added[~shining].any()


def test_antennas_that_fail_are_left_out_and_sources_kept():
    averages = noise(np.random.default_rng(6))
    values = averages.values.copy()
    broken = ((averages.antenna1 == 3) | (averages.antenna2 == 3)) & (averages.bin == 10)
    values[broken] += 1.0
    weight = without_broken(averages, values, averages.weight)
    assert not weight[broken].any()
    assert np.mean(weight[averages.bin == 10] > 0) > 0.7
    bright = with_source(averages, 4.0, 4.0, 0.5, (START, START + 600))
    kept = without_broken(averages, bright.values, averages.weight) > 0
    assert np.mean(kept[averages.bin < 10]) > 0.95


def test_short_runs_of_poor_fits_are_left_out_and_long_ones_kept():
    averages = noise(np.random.default_rng(7))
    averages = replace(averages, times=START + 6.0 * np.arange(MINUTES))
    flag = np.full(MINUTES, "", "U10")
    flag[[3, 4]] = "chi2"
    flag[10:25] = "chi2"
    flag[40] = "deviation"
    table = Table({"mjd": averages.times / 86400.0, "good": flag == "", "flag": flag})
    table.meta["interval_s"] = 6.0
    left = set(range(MINUTES)) - set(usable(averages, table).bin.tolist())
    assert left == {3, 4, 40}


@pytest.mark.parametrize("sign", [1, -1])
def test_what_the_other_side_of_the_core_mirrors_is_no_transient(sign):
    """Errors of amplitudes make an even image of the core, errors of phases an odd one."""
    averages = noise(np.random.default_rng(5))
    u, v = averages.uv * FREQUENCY / c * arcsec
    some = (averages.bin >= 20) & (averages.bin < 30)
    one = 0.02 * some * np.exp(2j * np.pi * (5.0 * u - 4.0 * v))
    _, alone = search(replace(averages, values=averages.values + one))
    assert len(alone.transients) == 1
    assert not alone.of_gains
    _, found = search(replace(averages, values=averages.values + one + sign * np.conj(one)))
    assert not found.transients
    assert found.of_gains > 0
    assert "errors of antenna gains" in in_words(found)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_source_beside_what_the_core_mirrors_is_found(sign):
    """A source of less than half of the artefact of gains, in the same ten minutes."""
    averages = noise(np.random.default_rng(10), 36)
    begin = START + 20 * 60
    u, v = averages.uv * FREQUENCY / c * arcsec
    some = (averages.bin >= 20) & (averages.bin < 30)
    one = 0.023 * some * np.exp(2j * np.pi * (5.0 * u - 4.0 * v))
    mirrored = replace(averages, values=averages.values + one + sign * np.conj(one))
    _, artefact = search(mirrored)
    assert not artefact.transients
    assert artefact.of_gains > 0
    both = with_source(mirrored, -6.0, -7.0, 0.0097, (begin, begin + 600))
    minutes, found = search(both)
    (transient,) = found.transients
    assert np.hypot(transient.east + 6.0, transient.north + 7.0) < 0.6
    (image,) = (
        one.signal_to_noise
        for one in snapshots(minutes)
        if (one.time, one.seconds) == (transient.time, transient.seconds)
    )
    inside = image[minutes.place.looked]
    assert transient.signal_to_noise < 0.5 * inside.max()
    assert found.of_gains > 0
