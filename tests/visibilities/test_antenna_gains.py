"""Antenna gains that are missing, and their files."""

from dataclasses import fields, replace

import numpy as np
import pytest

from minispiral.visibilities.antenna_gains import (
    AntennaGains,
    failed_share,
    no_gains,
    read_gains_of_spws,
    without_missing,
    write_gains,
    write_track_gains,
)

ANTENNAS = 12


NAMES = [f"A{n:02d}" for n in range(ANTENNAS)]


def test_missing_gains_are_tried_again():
    gains = no_gains(np.arange(2.0), NAMES)
    gains.gain[0, 3] = np.nan
    assert np.all(without_missing(gains).gain == 1)
    assert np.isnan(gains.gain[0, 3]).all()
    assert without_missing(None) is None
    assert failed_share(gains) == pytest.approx(1 / (2 * ANTENNAS))
    gains.gain[:, 3] = np.nan  # an antenna that is not there has not failed
    assert failed_share(gains) == 0


def gains_of(seed: int) -> AntennaGains:
    rng = np.random.default_rng(seed)
    gain = rng.standard_normal((3, ANTENNAS, 2, 2)) @ [1, 1j]
    return replace(no_gains(np.arange(3.0) + seed, NAMES), gain=gain, phases=rng.random(3))


def same(one: AntennaGains, other: AntennaGains) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))


def test_gains_of_spws_come_from_files_of_their_own_or_from_one(tmp_path):
    gains = {spw: gains_of(spw) for spw in (1, 10, 2)}
    for spw, of_spw in gains.items():
        write_gains(tmp_path / f"{spw}.npz", of_spw)
    write_track_gains(tmp_path / "all.npz", gains)
    spws = [2, 1, 10]
    own = read_gains_of_spws([tmp_path / f"{spw}.npz" for spw in spws], spws)
    shared = read_gains_of_spws([tmp_path / "all.npz"] * 3, spws)
    for spw, one, other in zip(spws, own, shared, strict=True):
        assert same(one, gains[spw])
        assert same(other, gains[spw])


def test_a_spw_without_gains_has_none(tmp_path):
    write_track_gains(tmp_path / "some.npz", {10: gains_of(0)})
    assert read_gains_of_spws([tmp_path / "some.npz"], [1]) == [None]
    write_track_gains(tmp_path / "none.npz", {})
    assert read_gains_of_spws([tmp_path / "none.npz"] * 2, [0, 1]) == [None, None]
    assert read_gains_of_spws([], [0, 1]) == [None, None]
