"""What moves between two light curves: scale, slope, curve, and what quoted errors hold of it."""

import numpy as np
import pytest
from astropy.table import Table

from minispiral.analysis.systematics import (
    AveragedFluxes,
    Change,
    change,
    contained,
    difference,
    quoted,
    references,
    weighted_median,
)
from minispiral.analysis.systematics_tables import summary, systematics_table
from minispiral.analysis.variants import TRACK, VARIANTS, variants_of
from minispiral.errors import MinispiralError

N, STEP = 360, 30.0  # three hours
TIME = 5e9 + STEP * np.arange(N)
HOURS = (TIME - TIME[0]) / 3600
CORE = 2.5 * (1 + 0.1 * np.sin(3 * HOURS))


def fluxes(core=CORE, extended=1.1, track="a", spw=0, used=True, number=4) -> AveragedFluxes:
    ones = np.ones(N)
    return AveragedFluxes(
        track, spw, TIME, (number * ones).astype(int), extended * ones, core * ones,
        np.broadcast_to(used, N).copy(),
    )  # fmt: skip


def changed(default: AveragedFluxes, other: AveragedFluxes) -> Change:
    scales = [references([spw], [])[None, 0] for spw in (default, other)]
    return change(*difference(default, other, *scales))


def test_a_scale_and_a_slope_are_found_as_they_were_put_in():
    other = fluxes(CORE * 1.02 * np.exp(0.003 * (HOURS - HOURS.mean())))
    found = changed(fluxes(), other)
    assert found.scale == pytest.approx(1.02, rel=1e-6)
    assert found.slope == pytest.approx(0.003, rel=1e-6)
    assert found.slope_err < 1e-9
    assert max(found.rms_mean, found.rms_single) < 1e-9


def test_a_change_of_a_minispirals_units_changes_no_light_curve():
    found = changed(fluxes(), fluxes(extended=3.3))
    assert found.scale == pytest.approx(1, rel=1e-12)
    assert found.rms_single < 1e-12


def test_slow_waves_are_in_the_means_and_fast_ones_in_integrations_alone():
    slow = 0.002 * np.sin(2 * np.pi * HOURS / 0.75)
    fast = 0.002 * np.where(np.arange(N) % 2, 1, -1)
    of_slow, of_fast = (changed(fluxes(), fluxes(CORE * np.exp(wave))) for wave in (slow, fast))
    mean = np.sqrt(0.5) * 0.002 * np.sinc(600 / 2700)  # of a sine over ten minutes
    assert of_slow.rms_mean == pytest.approx(mean, rel=0.1)
    assert of_slow.rms_single == pytest.approx(np.sqrt(0.5) * 0.002, rel=0.05)
    assert of_fast.rms_mean < 1e-6
    assert of_fast.rms_single == pytest.approx(0.002, rel=1e-4)


def test_the_slopes_error_is_that_of_the_means_about_the_line():
    rng = np.random.default_rng(3)
    block = np.arange(N) // 20
    pulls = []
    for _ in range(300):
        found = changed(fluxes(), fluxes(CORE * np.exp(0.001 * rng.standard_normal(18)[block])))
        pulls.append(found.slope / found.slope_err)
    # Student's t of 16 degrees of freedom
    assert np.std(pulls) == pytest.approx(np.sqrt(16 / 14), abs=0.12)


def test_bad_averages_count_neither_here_nor_in_the_reference():
    bad = np.arange(N) == 100
    other = fluxes(np.where(bad, 40.0, CORE), np.where(bad, -7.0, 1.1), used=~bad)
    found = changed(fluxes(), other)
    assert found.scale == pytest.approx(1, rel=1e-12)
    assert found.rms_single < 1e-12


def test_a_short_track_has_a_scale_and_no_slope():
    time, c, number = TIME[:30], np.full(30, 0.01), np.ones(30)
    found = change(time, c, number)
    assert found.scale == pytest.approx(np.exp(0.01))
    assert np.isnan([found.slope, found.slope_err, found.rms_mean]).all()
    assert np.isnan(change(time[:0], c[:0], number[:0]).scale)


def test_the_weighted_median_is_that_of_repeated_values():
    values, weight = np.array([3.0, 1.0, 2.0, 10.0]), np.array([1, 1, 1, 1])
    assert weighted_median(values, weight) == 2.5
    assert weighted_median(values[:3], weight[:3]) == 2
    rng = np.random.default_rng(2)
    many, times = rng.normal(size=2001), rng.integers(1, 9, 2001)
    expected = np.median(np.repeat(many, times))
    assert weighted_median(many, times) == pytest.approx(expected, abs=1e-3)
    assert np.isnan(weighted_median(values[:0], weight[:0]))


def test_references_are_of_all_tracks_but_those_alone():
    spws = [
        fluxes(extended=level, track=track) for track, level in zip("abc", (1, 2, 9), strict=True)
    ]
    assert references(spws, ["c"]) == {(None, 0): 1.5, ("c", 0): 9.0}


# what is quoted


def curve(gain_err: float = 0.002, core_err: float = 0.001, kind: str = "smooth") -> Table:
    n = 4 * N
    mjd = (TIME[0] + STEP / 4 * np.arange(n)) / 86400
    flux = np.full(n, 2.5)
    table = Table(
        {
            "track": np.full(n, "a"), "spw": np.zeros(n, int), "mjd": mjd, "I": flux,
            "I_err": flux * np.hypot(gain_err, core_err), "gain": np.ones(n),
            "gain_err": np.full(n, gain_err), "good": np.ones(n, bool),
        }
    )  # fmt: skip
    table.meta["gains"] = {"description": kind}
    return table


def test_a_mean_keeps_the_gains_error_where_neighbours_share_it():
    columns = {name: np.asarray(curve()[name]) for name in curve().colnames}
    smooth, own = quoted(columns, own_gains=False), quoted(columns, own_gains=True)
    assert smooth.single == own.single == pytest.approx(np.hypot(0.002, 0.001))
    assert smooth.mean == pytest.approx(np.sqrt(0.002**2 + 0.001**2 / 80), rel=1e-3)
    assert own.mean == pytest.approx(np.hypot(0.002, 0.001) / np.sqrt(80), rel=1e-3)
    x = np.arange(18) / 6
    assert own.slope == pytest.approx(own.mean / np.sqrt(18 * np.var(x)), rel=1e-3)


@pytest.mark.parametrize(
    ("error", "of", "share"),
    [(1, 2, 0.25), (2, 1, 1), (1, -2, 0.25), (1, 0, 1), (1, np.nan, np.nan)],
)
def test_the_share_that_is_contained(error, of, share):
    assert contained(error, of) == pytest.approx(share, nan_ok=True)


# the table


def test_the_table_has_a_row_for_each_track_spw_and_variant_but_the_default():
    both = [fluxes(), fluxes(spw=1)]
    moved = [fluxes(1.02 * CORE), fluxes(0.99 * CORE, spw=1)]
    other = curve()
    other["spw"] = 1
    table = systematics_table({"default": both, "weak": moved}, [curve(), other], [])
    assert table["variant"].tolist() == ["weak", "weak"]
    np.testing.assert_allclose(table["scale"], [1.02, 0.99], rtol=1e-5)
    assert str(table["slope"].unit) == "% / h"
    assert summary(table, "weak")["scale"] == pytest.approx(2, rel=1e-4)
    assert summary(table, "weak", "a")["mean_quoted"] == pytest.approx(0.2, rel=0.01)


def test_a_track_alone_is_scaled_by_its_own_minispiral():
    tracks = [fluxes(track="a"), fluxes(track="b", extended=1.3)]
    # skies of each track alone, in units of their own
    own = [fluxes(track="a", extended=2.2), fluxes(track="b", extended=0.7)]
    other = curve()
    other["track"] = "b"
    table = systematics_table({"default": tracks, TRACK: own}, [curve(), other], [])
    # the reference is 1.2 of both together, and each track's own then
    np.testing.assert_allclose(table["scale"], [1.1 / 1.2, 1.3 / 1.2], rtol=1e-5)


def test_without_a_sky_from_the_visibilities_there_is_nothing_to_compare():
    with pytest.raises(MinispiralError, match=r"model\.method: joint"):
        systematics_table({}, [], [])


def test_variants_that_would_be_the_default_are_left_out():
    assert variants_of(2, True) == list(VARIANTS)
    assert set(VARIANTS) - set(variants_of(1, True)) == {"track"}
    assert set(VARIANTS) - set(variants_of(2, False)) == {"no_beam", "no_pointing"}
