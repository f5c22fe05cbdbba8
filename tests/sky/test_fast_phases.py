"""Phases that vary within averages: whether they are found, and what they are."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from minispiral.io.records import read_records, write_records
from minispiral.sky.fast_phases import FastPhases, benefit, fast_phases, left_out, worth_it
from minispiral.visibilities.gain_equations import _without_common
from minispiral.visibilities.transform import point_visibilities, uv_wavelengths
from tests.helpers.averages import CORE, FREQUENCY, Array

ANTENNAS, TIMES = 10, np.arange(80) * 4.0
BINS = np.arange(80) // 8
ARRAY = Array(ANTENNAS, TIMES)


@cache
def phases(size: float = 0.3, seed: int = 0) -> np.ndarray:
    """Gains of random phases, anew in each integration, with no phase common to all antennas."""
    gain = np.exp(1j * size * np.random.default_rng(seed).standard_normal((len(TIMES), ANTENNAS)))
    return _without_common(gain)


def found(**changes) -> FastPhases:
    return fast_phases(ARRAY.data(**changes), BINS, CORE)


def test_phases_of_every_integration_are_found_and_worth_it():
    result = found(gain=phases())
    assert worth_it([result])
    assert result.applied
    # what is left is the noise, of an E of 1 for each degree of freedom
    assert np.median(result.after) == pytest.approx(1, abs=0.1)
    assert np.median(result.before) > 10


@pytest.mark.parametrize("seed", range(5))
def test_noise_alone_is_not_worth_phases(seed):
    result = found(seed=seed)
    assert not worth_it([result])
    # the degrees of freedom that phases spend are counted
    assert benefit([result]) == pytest.approx(1, abs=0.1)
    assert np.mean(result.before) == pytest.approx(1, abs=0.05)
    assert not left_out(result).applied
    assert left_out(result).antennas is result.antennas


@pytest.mark.parametrize("factor", [1 / 9, 9.0])
def test_the_scale_of_the_weights_does_not_matter(factor):
    for gain in (None, phases(0.1)):
        data = ARRAY.data(gain=gain)
        other = fast_phases(replace(data, weight=factor * data.weight), BINS, CORE)
        assert benefit([other]) == pytest.approx(benefit([found(gain=gain)]), rel=1e-3)


def test_broken_antennas_in_a_few_bins_do_not_change_the_verdict():
    gain = np.ones((len(TIMES), ANTENNAS), complex)
    gain[[3, 21, 22, 60]] = np.exp(2j * np.random.default_rng(1).standard_normal(ANTENNAS))
    result = found(gain=gain)
    assert result.before.max() > 10
    assert not worth_it([result])
    gain = gain * phases()
    assert worth_it([found(gain=gain)])


def test_the_phases_are_right_to_their_noise():
    # against a core alone, for with a minispiral they take that in
    result = found(gain=phases(), extended=0.0)
    error = np.angle(result.gain * np.conj(phases()))
    # a phase from n - 1 baselines of S/N 2.5 / sigma, less what is common
    expected = 0.02 / 2.5 / np.sqrt(ANTENNAS)
    assert np.sqrt(np.mean(error**2)) == pytest.approx(expected, rel=0.15)
    assert np.abs(result.gain) == pytest.approx(np.ones(result.gain.shape))


def test_with_a_minispiral_the_phases_differ_by_what_varies_slowly():
    result = found(gain=phases(), sigma=1e-4)
    error = np.unwrap(np.angle(result.gain * np.conj(phases())), axis=0)
    assert np.abs(error).max() > 0.01
    assert np.abs(np.diff(error, axis=0)).max() < 0.01 * np.std(np.angle(phases()))


def test_neither_the_cores_flux_nor_its_place_matters():
    flux = 2.5 * (1 + 0.3 * np.sin(TIMES / 20))
    assert not worth_it([found(compact=flux, extended=0.0)])
    place = (1.5, -0.7)
    moved = point_visibilities(*uv_wavelengths(ARRAY.rows.uv, FREQUENCY), place)
    data = ARRAY.data(gain=phases(), extended=0.0, sigma=1e-6)
    there = replace(data, values=data.values * moved)
    np.testing.assert_allclose(
        fast_phases(there, BINS, place).gain, fast_phases(data, BINS, CORE).gain, atol=1e-5
    )


def test_the_verdict_is_of_all_spws_and_none_where_nothing_tells():
    quiet, shaking = found(), found(gain=phases())
    assert benefit([quiet, shaking]) > benefit([quiet])
    assert np.isnan(benefit([]))
    assert not worth_it([])
    single = fast_phases(ARRAY.data(gain=phases()), np.arange(len(TIMES)), CORE)
    assert np.isnan(single.before).all()  # an average of one integration has nothing within
    assert not worth_it([single])


def test_phases_are_written_without_loss(tmp_path):
    spws = [found(gain=phases()), left_out(found())]
    write_records(tmp_path / "phases.npz", spws)
    for one, other in zip(spws, read_records(tmp_path / "phases.npz", FastPhases), strict=True):
        for name in FastPhases.__dataclass_fields__:
            assert np.array_equal(getattr(one, name), getattr(other, name))
        assert one.applied == other.applied
