"""What moves between two light curves: scale, slope, curve, and what quoted errors hold of it."""

import numpy as np
import pytest
from astropy.table import Table

from minispiral.analysis.systematics import Change, change, contained, quoted
from minispiral.analysis.systematics_tables import summary, systematics_table
from minispiral.analysis.variant_fluxes import (
    AveragedFluxes,
    difference,
    references,
    weighted_median,
)
from minispiral.analysis.variants import TRACK, VARIANTS, variants_of
from minispiral.errors import MinispiralError
from minispiral.gains.covariance import SpwErrors

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


def errors(gain: float = 0.0, core: float = 0.001, drift: float = 0.0, n: int = N) -> SpwErrors:
    """Errors of a light curve whose gains are each integration's own, and what drifts."""
    ones, none = np.ones(n), np.zeros(0, int)
    return SpwErrors(
        TIME[0] + STEP * np.arange(n), 0 * ones, ones < 0, gain**2 * ones, core**2 * ones, 0 * ones,
        0 * ones, drift**2, 1200.0, None, none,
    )  # fmt: skip


def curve(single: float = 0.001) -> dict[str, np.ndarray]:
    flux = np.full(N, 2.5)
    good = np.ones(N, bool)
    return {"mjd": TIME / 86400, "I": flux, "I_err": single * flux, "good": good}


def test_independent_errors_average_down():
    found = quoted(curve(), errors())
    assert found.single == pytest.approx(0.001)
    assert found.mean == pytest.approx(0.001 / np.sqrt(20), rel=1e-6)
    x = np.arange(18) / 6
    assert found.slope == pytest.approx(found.mean / np.sqrt(18 * np.var(x)), rel=1e-6)


def test_errors_that_drift_are_quoted_as_they_scatter():
    """Light curves that err by draws from the covariance move as much as is quoted of them."""
    drifting = errors(core=0.0005, drift=0.002)
    rng = np.random.default_rng(4)
    draws = rng.multivariate_normal(np.zeros(N), drifting.covariance(np.eye(N)), 400)
    moved = [change(TIME, draw, np.ones(N)) for draw in draws]
    found = quoted(curve(), drifting)
    assert found.mean == pytest.approx(rms(one.rms_mean for one in moved), rel=0.05)
    assert found.slope == pytest.approx(rms(one.slope for one in moved), rel=0.1)
    assert found.mean > 3 * quoted(curve(), errors(core=0.0005)).mean


def rms(values) -> float:
    return float(np.sqrt(np.mean(np.square(list(values)))))


def test_bad_integrations_are_not_quoted():
    flawed = curve()
    flawed["I_err"][7], flawed["good"][7] = 9.0, False
    assert quoted(flawed, errors()).single == pytest.approx(0.001)
    nothing = {**curve(), "good": np.zeros(N, bool)}
    assert np.isnan(quoted(nothing, errors()).single)


@pytest.mark.parametrize(
    ("error", "of", "share"),
    [(1, 2, 0.25), (2, 1, 1), (1, -2, 0.25), (1, 0, 1), (1, np.nan, np.nan)],
)
def test_the_share_that_is_contained(error, of, share):
    assert contained(error, of) == pytest.approx(share, nan_ok=True)


# the table


def tables(*spws: int, track: str = "a") -> tuple[Table, Table]:
    """A track's light_curves.ecsv and covariance.ecsv."""
    n = N * len(spws)
    curves = Table({name: np.tile(values, len(spws)) for name, values in curve().items()})
    curves["track"], curves["spw"] = np.full(n, track), np.repeat(spws, N)
    covariance = curves[["spw", "mjd", "good"]]
    for name, value in (("learnt_err", np.nan), ("independent_err", 0.0), ("core_err", 0.001)):
        covariance[name] = np.full(n, value)
    for name in ("core_covariance", "absorption_err"):
        covariance[name] = np.zeros(n)
    covariance["segment"] = np.zeros(n, int)
    own = {"description": "integration", "drift_err": 0.0, "drift_timescale_s": 1200.0}
    covariance.meta = {"spws": dict.fromkeys(spws, own)}
    return curves, covariance


def table_of(variants: dict[str, list[AveragedFluxes]], **of_tracks: tuple[Table, Table]) -> Table:
    curves, covariances = ({track: t[k] for track, t in of_tracks.items()} for k in (0, 1))
    return systematics_table(variants, curves, covariances, [])


def test_the_table_has_a_row_for_each_track_spw_and_variant_but_the_default():
    both = [fluxes(), fluxes(spw=1)]
    moved = [fluxes(1.02 * CORE), fluxes(0.99 * CORE, spw=1)]
    table = table_of({"default": both, "weak": moved}, a=tables(0, 1))
    assert table["variant"].tolist() == ["weak", "weak"]
    np.testing.assert_allclose(table["scale"], [1.02, 0.99], rtol=1e-5)
    assert str(table["slope"].unit) == "% / h"
    assert summary(table, "weak")["scale"] == pytest.approx(2, rel=1e-4)
    assert summary(table, "weak", "a")["mean_quoted"] == pytest.approx(0.1 / 20**0.5, rel=1e-4)


def test_a_track_alone_is_scaled_by_its_own_minispiral():
    tracks = [fluxes(track="a"), fluxes(track="b", extended=1.3)]
    # skies of each track alone, in units of their own
    own = [fluxes(track="a", extended=2.2), fluxes(track="b", extended=0.7)]
    table = table_of({"default": tracks, TRACK: own}, a=tables(0), b=tables(0, track="b"))
    # the reference is 1.2 of both together, and each track's own then
    np.testing.assert_allclose(table["scale"], [1.1 / 1.2, 1.3 / 1.2], rtol=1e-5)


def test_without_a_sky_from_the_visibilities_there_is_nothing_to_compare():
    with pytest.raises(MinispiralError, match=r"model\.method: joint"):
        systematics_table({}, {}, {}, [])


def test_variants_that_would_be_the_default_are_left_out():
    assert variants_of(2, True) == list(VARIANTS)
    assert set(VARIANTS) - set(variants_of(1, True)) == {"track"}
    assert set(VARIANTS) - set(variants_of(2, False)) == {"no_beam", "no_pointing"}
