"""Averages in time, which all turns read."""

from dataclasses import replace

import numpy as np
import pytest

from minispiral.errors import MinispiralError
from minispiral.io.records import read_fields, read_records, write_records
from minispiral.sky.averages import (
    LOSS,
    Averages,
    _Sums,
    average,
    check_not_zero,
    longest_average,
)
from minispiral.sky.grid import Coverage
from minispiral.visibilities.primary_beam import primary_beam_width
from minispiral.visibilities.smearing import EARTH_RATE, longest_interval_of_baseline
from minispiral.visibilities.time_bins import time_bins
from tests.helpers.averages import Array

N = 500
NAMES = np.array([f"A{k}" for k in range(7)])


def rows(seed: int = 0):
    rng = np.random.default_rng(seed)
    antennas = np.sort(rng.integers(0, 7, (2, N)), axis=0)
    values = rng.normal(size=N) + 1j * rng.normal(size=N)
    return rng.integers(0, 9, N), antennas, rng.normal(size=(2, N)), values, rng.random(N) + 0.1


def test_averages_are_weighted_means_by_bin_and_baseline():
    bins, antennas, uv, values, weight = rows()
    sums = _Sums(9, 7)
    sums.add(bins, antennas, uv, values, weight)
    mean = sums.means()
    labels = list(zip(bins.tolist(), *antennas.tolist(), strict=True))
    assert len(mean[0]) == len(set(labels))
    for k, label in enumerate(sorted(set(labels))):
        chosen = np.array([other == label for other in labels])
        w = weight[chosen]
        assert mean[0][k] == label[0]
        assert mean[3][k] == pytest.approx(w.sum())
        assert mean[2][k] == pytest.approx(np.average(values[chosen], weights=w))
        assert mean[1][:, k] == pytest.approx(np.average(uv[:, chosen], weights=w, axis=1))
        assert (mean[4][k], mean[5][k]) == label[1:]


def test_rows_in_any_order_and_any_blocks_and_turned_baselines_give_the_same():
    bins, antennas, uv, values, weight = rows()
    whole = _Sums(9, 7)
    whole.add(bins, antennas, uv, values, weight)
    order = np.random.default_rng(1).permutation(N)
    turned = np.random.default_rng(2).random(N) < 0.5
    antennas = np.where(turned, antennas[::-1], antennas)
    real = antennas[0] != antennas[1]  # an autocorrelation has no other way round
    uv = np.where(turned & real, -uv, uv)
    values = np.where(turned & real, np.conj(values), values)
    parts = _Sums(9, 7)
    for part in np.array_split(order, 6):
        parts.add(bins[part], antennas[:, part], uv[:, part], values[part], weight[part])
    for one, other in zip(whole.means(), parts.means(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


def test_the_longest_baseline_loses_no_more_than_it_may():
    coverage = Coverage(220e9, 12.0, 3e5)
    width = primary_beam_width(220e9, 12.0)
    seconds = longest_average(coverage, width)
    fringe = 206264.806 / 3e5
    t = np.linspace(-0.5, 0.5, 2001) * seconds
    # at half of the response, the baseline's fringe passes at its fastest
    mean = np.mean(np.cos(2 * np.pi * EARTH_RATE * t * width / 2 / fringe))
    assert 1 - mean == pytest.approx(LOSS, rel=0.01)
    assert longest_interval_of_baseline(4 * LOSS, 1) == pytest.approx(
        2 * longest_interval_of_baseline(LOSS, 1)
    )


def test_bins_stay_within_scans_and_are_of_equal_length():
    time = np.concatenate([np.arange(10) * 4.0, 100 + np.arange(3) * 4.0])
    scan = np.repeat([7, 3], [10, 3])
    number, place, middle = time_bins(time, 4.0, scan, 17.0)
    assert number.tolist() == [1] * 10 + [0] * 3
    assert place.tolist() == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 0, 0, 0]
    assert np.unique(middle[:10]) == pytest.approx([4.667, 18.0, 31.333], abs=1e-3)
    assert np.unique(middle[10:]) == pytest.approx([104.0])


def test_averages_are_written_without_loss(tmp_path):
    bins, antennas, uv, values, weight = rows()
    times = np.arange(20.0)
    columns = bins, uv, values, weight, *antennas, NAMES
    spws = [Averages(f, times, np.arange(20) // 2, *columns) for f in (2e11, 3e11)]
    write_records(tmp_path / "averages.npz", spws)
    for one, other in zip(spws, read_records(tmp_path / "averages.npz", Averages), strict=True):
        for name in Averages.__dataclass_fields__:
            assert np.array_equal(getattr(one, name), getattr(other, name))
    read = list(read_fields(tmp_path / "averages.npz", "antenna1", "antenna2"))
    assert np.array_equal(read, [*antennas, *antennas])
    assert spws[0].number == 10
    assert spws[0].time == pytest.approx(np.arange(10) * 2 + 0.5)
    assert sum(len(part.bin) for part in spws[0].blocks(77)) == N


def test_a_column_that_no_one_has_filled_is_told():
    bins, antennas, uv, values, weight = rows()
    columns = bins, uv, values, weight, *antennas, NAMES
    averages = Averages(220e9, np.arange(9.0), np.arange(9), *columns)
    check_not_zero(averages, "a/spw0/split.ms")
    with pytest.raises(MinispiralError, match="a/spw0/split.ms has nothing but visibilities of 0"):
        check_not_zero(replace(averages, values=0 * values), "a/spw0/split.ms")


def test_averages_keep_the_antennas_of_their_samples():
    samples = Array(5, np.arange(6.0)).rows
    samples = replace(samples, values=samples.antenna1 + 1j * samples.antenna2)
    means = average(samples, np.arange(6) // 3)
    assert means.number == 2
    assert means.time == pytest.approx([1, 4])
    assert len(means.bin) == 2 * 10
    np.testing.assert_allclose(means.values, means.antenna1 + 1j * means.antenna2)
    assert means.weight == pytest.approx(3 * np.ones(20))


def test_gains_that_data_are_divided_by_come_off_them_and_off_their_weights():
    array = Array(6, np.arange(4.0))
    rng = np.random.default_rng(0)
    gain = rng.uniform(0.5, 2, (4, 6)) * np.exp(1j * rng.uniform(-3, 3, (4, 6)))
    plain, gained = (array.data(gain=g, sigma=1e-9) for g in (None, gain))
    corrected = gained.divided(gain)
    np.testing.assert_allclose(corrected.values, plain.values, atol=1e-7)
    # the noise of a datum is divided like the datum
    size = np.abs(gained.values / plain.values)
    np.testing.assert_allclose(corrected.weight, gained.weight * size**2, rtol=1e-6)
