"""Gains on simulated nights: less noise than each integration's own, and errors that hold."""

from functools import cache

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from minispiral.gains.curve import CHI2, INTEGRATION, NEIGHBOURS, WEIGHTS, flux_variance
from minispiral.gains.description import describe_gains
from minispiral.gains.groups import _agreement, alone, join, spw_of
from minispiral.light_curves.scaling import scale
from tests.helpers.nights import INTERVAL, night

SEEDS = range(6)
KINDS = ("smooth", "scan", "steps", "flare", "quiet", "missing")


def describe(fits, smooth=True, good=None, workers=1):
    good = good or [np.isfinite(fit["I_extended"]) for fit in fits]
    return describe_gains(fits, good, INTERVAL / 2, None if smooth else "as configured", workers)


@cache
def described(kind: str, seed: int, shared: bool = False):
    """Descriptions of a night's spws."""
    return describe(night(kind, seed, shared).fits)


@cache
def described_alone(kind: str, seed: int):
    """Description of a night's first spw, without the other."""
    return describe(night(kind, seed).fits[:1])[0]


def deviation(fit, description, truth) -> tuple[np.ndarray, np.ndarray]:
    """Relative deviation of Stokes I from the truth, a factor apart, and its quoted error."""
    curve = description.curve
    flux = fit["I_compact"] * np.exp(-curve.log_extended) / truth
    error = np.sqrt(flux_variance(fit, curve)) / fit["I_compact"]
    flux = flux / np.average(flux, weights=error**-2)
    return flux - 1, error


def polarised_pulls(fit, description, truth) -> dict[str, float]:
    """Root mean square pulls of Q, U and V; the factor is that of Stokes I."""
    curves = scale(fit, 1.0, description.curve)
    factor = np.average(curves["I"] / truth[0], weights=curves["I_err"] ** -2)
    return {
        name: float(np.sqrt(np.mean(((curves[name] - factor * true) / curves[f"{name}_err"]) ** 2)))
        for name, true in zip("QUV", truth[1:], strict=True)
    }


@pytest.fixture(scope="module", params=KINDS)
def nights(request):
    """For a kind of night: of every seed and spw, description, deviation and error, both ways."""
    deviations = {True: [], False: [], "polarised": []}
    for seed in SEEDS:
        made = night(request.param, seed)
        for smooth in (True, False):
            descriptions = describe(made.fits, smooth)
            for k, (fit, description) in enumerate(zip(made.fits, descriptions, strict=True)):
                truth = made.stokes[:, k]
                deviations[smooth].append((description, *deviation(fit, description, truth[0])))
                deviations["polarised"].append(polarised_pulls(fit, description, truth))
    return request.param, deviations


def scatter(deviations) -> float:
    return float(np.sqrt(np.mean([np.var(values) for _, values, _ in deviations])))


@pytest.mark.slow
def test_smooth_gains_are_never_worse_and_mostly_a_third(nights):
    kind, deviations = nights
    ratio = scatter(deviations[True]) / scatter(deviations[False])
    assert ratio < 1.02
    for (_, smooth, _), (_, integration_values, _) in zip(
        deviations[True], deviations[False], strict=True
    ):
        assert np.std(smooth) < 1.02 * np.std(integration_values)
    if kind in ("smooth", "quiet", "missing"):
        assert ratio < 0.4


@pytest.mark.slow
@pytest.mark.parametrize("smooth", [True, False])
def test_errors_hold(nights, smooth):
    _, deviations = nights
    pull = np.sqrt(
        np.mean([np.mean((values / error) ** 2) for _, values, error in deviations[smooth]])
    )
    assert 0.85 < pull < 1.15


@pytest.mark.slow
def test_errors_of_polarisation_hold(nights):
    for name in "QUV":
        pull = np.sqrt(np.mean([pulls[name] ** 2 for pulls in nights[1]["polarised"]]))
        assert 0.93 < pull < 1.07, name


@pytest.mark.slow
def test_the_description_is_that_of_the_night(nights):
    kind, deviations = nights
    kinds = [description.kind for description, _, _ in deviations[True]]
    if kind == "steps":
        assert set(kinds) == {kind}
    if kind == "scan":  # of constant gains within each, for which a process of scans may do as well
        assert set(kinds) <= {"scan", "levels"}
        assert "levels" in kinds
    assert INTEGRATION not in kinds
    assert {description.kind for description, _, _ in deviations[False]} == {INTEGRATION}
    for description, _, _ in deviations[True]:
        assert max(description.evidence.values()) == 0
        assert description.evidence[description.kind] == 0


def test_spws_are_described_together_where_their_gains_agree():
    together = night("smooth", 3, shared=True)
    assert [d.group for d in described("smooth", 3)] == [(0,), (1,)]
    joined = described("smooth", 3, shared=True)
    assert [d.group for d in joined] == [(0, 1), (0, 1)]
    assert joined[0].evidence["separate"] < 0
    # twice the data for the same gain
    alone = [describe([fit])[0] for fit in together.fits]
    for k, fit in enumerate(together.fits):
        both = deviation(fit, joined[k], together.stokes[0, k])[0]
        one = deviation(fit, alone[k], together.stokes[0, k])[0]
        assert np.std(both) < 0.9 * np.std(one)


@pytest.mark.parametrize("kind", ["scan", "steps"])
def test_spws_whose_times_differ_by_milliseconds_have_each_segment_once(kind):
    """Edges lie between integrations, and these are the same in both spws."""
    fits = night(kind, 3, shared=True).fits
    off = np.random.default_rng(1).uniform(-2e-3, 2e-3, len(fits[0]["time"]))
    alike, apart = describe(fits), describe([fits[0], {**fits[1], "time": fits[1]["time"] + off}])
    assert [found.group for found in apart] == [(0, 1)] * 2
    assert [found.segments for found in apart] == [found.segments for found in alike]
    for found, same in zip(apart, alike, strict=True):
        np.testing.assert_array_equal(found.segment, same.segment)
        np.testing.assert_allclose(found.curve.log_extended, same.curve.log_extended, atol=2e-4)


def test_several_workers_find_the_same():
    one, two = described("smooth", 3), describe(night("smooth", 3).fits, workers=2)
    for first, second in zip(one, two, strict=True):
        assert (first.kind, first.group) == (second.kind, second.group)
        for name in ("log_extended", "variance", "weight"):
            np.testing.assert_array_equal(
                getattr(first.curve, name), getattr(second.curve, name), err_msg=name
            )


def test_evidence_counts_each_parameter_once():
    """A group's, of the spws' noise factors and offsets, and of the scales that they share."""
    made = night("smooth", 3, shared=True)
    spws = [spw_of(fit, np.isfinite(fit["I_extended"])) for fit in made.fits]
    (group,) = join([alone(k, spw) for k, spw in enumerate(spws)], INTERVAL / 2)
    counts = [kept.sum() for kept in group.kept]
    times = np.unique(np.concatenate([s.time[k] for s, k in zip(spws, group.kept, strict=True)]))
    # the likelihood of all values by dense algebra
    process, edges = group.process, group.edges[group.kind]
    time = np.concatenate([s.time[k] for s, k in zip(spws, group.kept, strict=True)])
    value = np.concatenate(
        [s.log_extended[k] - o for s, k, o in zip(spws, group.kept, group.offset, strict=True)]
    )
    error = np.concatenate(
        [f * s.extended_err[k] for s, k, f in zip(spws, group.kept, group.noise, strict=True)]
    )
    distance = np.abs(time[:, None] - time) / process.timescale
    smooth = (1 + np.sqrt(3) * distance) * np.exp(-np.sqrt(3) * distance)
    k = process.amplitude**2 * (smooth if process.smoothness == 1.5 else np.exp(-distance))
    segment = np.searchsorted(edges, time)
    k = np.where(segment[:, None] == segment, k, 0) + np.diag(error**2)
    likelihood = multivariate_normal.logpdf(value, np.full(len(value), process.mean), k)
    parameters = np.sum(np.log(counts)) + np.log(len(times))
    agreement = _agreement(*(alone(k, spw) for k, spw in enumerate(spws)), INTERVAL / 2)
    assert group.evidence == pytest.approx(likelihood - parameters + agreement, abs=0.1)


def test_spws_of_other_times_are_described_apart():
    made = night("smooth", 3, shared=True)
    later = {**made.fits[1], "time": made.fits[1]["time"] + INTERVAL / 2}
    often = dict(made.fits[1])
    often["time"] = often["time"][0] + 2.0 * np.arange(len(often["time"]))
    for other in (later, often):
        descriptions = describe([made.fits[0], other])
        assert [d.group for d in descriptions] == [(0,), (1,)]


def test_who_falls_back_to_own_gains_is_no_member_of_its_group():
    made = night("quiet", 1, shared=True)
    fits = [dict(fit) for fit in made.fits]
    rng = np.random.default_rng(3)
    jitter = np.exp(0.004 * rng.standard_normal(len(fits[0]["time"])))
    for name in ("I_extended", "I_compact"):
        fits[0][name] = fits[0][name] * jitter
    descriptions = describe(fits)
    for place, description in enumerate(descriptions):
        assert place in description.group
        if description.kind == INTEGRATION:
            assert description.group == (place,)
        else:
            assert all(descriptions[k].kind == description.kind for k in description.group)


def test_a_gain_that_is_different_every_time_is_the_integrations_own():
    made = night("quiet", 1)
    fit = dict(made.fits[0])
    jitter = np.exp(0.02 * np.random.default_rng(2).standard_normal(len(fit["time"])))
    for name in ("I_extended", "I_compact", "I_extended_err", "I_compact_err"):
        fit[name] = fit[name] * jitter
    fit["covariance"] = fit["covariance"] * jitter**2
    (description,) = describe([fit])
    assert description.kind == INTEGRATION
    assert "better light curves" in description.reason
    values, error = deviation(fit, description, made.stokes[0, 0])
    assert 0.85 < np.std(values / error) < 1.15


def test_few_integrations_keep_their_own_gains_and_say_so():
    made = night("smooth", 1)
    good = [np.arange(len(fit["time"])) < 19 for fit in made.fits]
    for description in describe(made.fits, good=good):
        assert description.kind == INTEGRATION
        assert description.reason == "only 19 good integrations"
        assert {noise.source for noise in description.noise.of.values()} == {CHI2}


def test_errors_scaled_by_a_misfit_are_brought_to_the_noise():
    """Errors twice the noise, as chi-square makes them where the model misfits."""
    made = night("smooth", 1)
    fit = dict(made.fits[0])
    for name in ("I_extended_err", "I_compact_err", "Q_err", "U_err", "V_err"):
        fit[name] = 2 * fit[name]
    fit["covariance"], fit["chi2"] = 4 * fit["covariance"], 4 * fit["chi2"]
    (description,) = describe([fit], smooth=False)
    for noise in description.noise.of.values():
        assert noise.white == pytest.approx(0.5, abs=0.08)
        assert noise.source == NEIGHBOURS
    values, error = deviation(fit, description, made.stokes[0, 0])
    assert 0.85 < np.std(values / error) < 1.15
    # what does not show between neighbours may still drift: the smooth gain's error contains it
    (smooth,), sound = describe([fit]), described_alone("smooth", 1)
    ratio = np.sqrt(np.median(smooth.curve.variance / sound.curve.variance))
    assert 1.3 < ratio < 2.2


def test_a_misfit_that_drifts_is_an_error():
    """A bias of F_ext and chi-square that come and go together, as with drifting phases."""
    made = night("smooth", 1)
    fit = dict(made.fits[0])
    n = len(fit["time"])
    wave = np.cos(2 * np.pi * np.arange(n) / 80)
    size = 4.0  # of the misfit, in units of the noise
    fit["I_extended"] = fit["I_extended"] * (1 + size * 0.004 * wave)
    chi2 = 1 + size**2 * (1 + 0.5 * np.sin(2 * np.pi * np.arange(n) / 90))
    for name in ("I_extended_err", "I_compact_err", "Q_err", "U_err", "V_err"):
        fit[name] = np.sqrt(chi2) * fit[name]
    fit["covariance"], fit["chi2"] = chi2 * fit["covariance"], chi2 * fit["chi2"]
    for smooth in (True, False):
        (description,) = describe([fit], smooth)
        assert description.noise.drift > 0.8
        values, error = deviation(fit, description, made.stokes[0, 0])
        assert 0.5 < np.std(values / error) < 1.5


def test_noise_that_calibration_took_away_is_that_of_the_weights():
    made = night("smooth", 1)
    fit = {**made.fits[0], "Q": 1e-9 + 0.05 * made.fits[0]["I_compact"]}
    (description,) = describe([fit])
    assert description.noise.of["Q"].source == WEIGHTS
    assert description.noise.of["Q"].factor == pytest.approx(1, abs=0.05)
    # whatever chi-square the model's misfit gives Stokes I
    worse = {**fit, "chi2": 9 * fit["chi2"]}
    for name in ("I_extended_err", "I_compact_err"):
        worse[name] = 3 * fit[name]
    (description,) = describe([worse])
    assert description.noise.of["Q"].white == pytest.approx(1, abs=0.05)
    assert description.noise.of["U"].source == NEIGHBOURS


def test_bad_integrations_are_not_learnt_from_and_have_a_gain_all_the_same():
    made = night("smooth", 2)
    fit = dict(made.fits[0])
    clean = described_alone("smooth", 2)
    bad = np.zeros(len(fit["time"]), bool)
    bad[[50, 51, 130]] = True
    fit["I_extended"] = np.where(bad, 0.3 * fit["I_extended"], fit["I_extended"])
    (description,) = describe([fit], good=[~bad])
    np.testing.assert_allclose(description.curve.log_extended, clean.curve.log_extended, atol=4e-3)
    assert np.all(description.curve.weight[bad] == 0)
    assert np.all((description.curve.weight > 0) == ~bad)


def test_an_outlier_the_flagger_missed_keeps_its_own_gain_and_harms_no_other():
    made = night("smooth", 2)
    fit = dict(made.fits[0])
    clean = described_alone("smooth", 2)
    fit["I_extended"] = fit["I_extended"].copy()
    fit["I_extended"][100] *= 1.04
    (description,) = describe([fit])
    curve, other_rows = description.curve, np.arange(len(fit["time"])) != 100
    np.testing.assert_allclose(
        curve.log_extended[other_rows], clean.curve.log_extended[other_rows], atol=2e-3
    )
    assert curve.weight[100] == 1
    assert curve.log_extended[100] == np.log(fit["I_extended"][100])
    assert curve.variance[100] > 4 * curve.variance[99]


def test_the_correlation_with_the_core_is_in_the_error():
    """Errors of F_core and F_ext as the fit correlates them, own gains: against Monte Carlo."""
    rng = np.random.default_rng(4)
    n, s_extended, s_core, correlation = 1000, 0.004, 0.003, -0.8
    covariance = correlation * s_extended * s_core
    matrix = [[s_extended**2, covariance], [covariance, s_core**2]]
    noise = rng.multivariate_normal([0, 0], matrix, n).T
    fit = {
        "time": 6.0 * np.arange(n),
        "scan": np.zeros(n, int),
        "I_extended": 1.1 + noise[0],
        "I_compact": 2.4 + noise[1],
        "I_extended_err": np.full(n, s_extended),
        "I_compact_err": np.full(n, s_core),
        "covariance": np.full(n, covariance),
        "chi2": np.ones(n),
        "n_vis": np.full(n, 276),
    }
    for name in "QUV":
        fit[name], fit[f"{name}_err"] = 0.001 * rng.standard_normal(n), np.full(n, 0.001)
    for smooth in (True, False):
        (description,) = describe([fit], smooth)
        values, error = deviation(fit, description, 2.4)
        assert np.std(values / error) == pytest.approx(1, abs=0.05)
