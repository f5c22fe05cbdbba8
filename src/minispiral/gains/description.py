r"""How the gain of each spw varies: smoothly, scan by scan, in steps, or with every integration.

ln F_ext(t) is the gain up to a constant, and a smooth function of time, so neighbouring
integrations also show it. A Gaussian process describes it (`minispiral.gains.process`), whose
segments are

=========== ======================================================================
smooth      the track
scan        its scans
levels      its scans, within each of which the gain is constant, as QA2's amplitudes are
steps       what lies between jumps of the core's flux (`minispiral.gains.steps`)
=========== ======================================================================

and the one of the greatest evidence is used. Spws whose gains differ only by a constant may share
one process: groups are joined as long as this raises the sum of their evidences. If there are too
few integrations, or if their own gains make better light curves, as where the gain differs in every
integration, the description is ``integration``: each integration keeps its own gain.

The variance of the curve is that of the posterior, less the part that is common to a track (which
belongs to its flux scale), plus that of the drift, plus that of a gain which jumps from integration
to integration for some minutes (`minispiral.gains.noise`). Halves of the array measure the drift
(`minispiral.sky.array_drift`); otherwise a part of the fits' misfit replaces it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from minispiral.gains.curve import (
    INTEGRATION,
    ONLY,
    SEPARATE,
    TOGETHER,
    Drift,
    Fit,
    FitNoise,
    GainCurve,
    GainDescription,
    flux_variance,
    own_gains,
)
from minispiral.gains.groups import FEWEST, Group, Spw, alone, join, segments_at, spw_of
from minispiral.gains.noise import (
    ROTATION,
    hidden_misfit,
    local_excess,
    own_noise,
    quoted_noise,
    smooth_noise,
)
from minispiral.gains.process import Posterior
from minispiral.io.progress import progress
from minispiral.measures.times import SIDEREAL_DAY
from minispiral.workers import workers


def describe_gains(
    fits: Sequence[Fit],
    good: Sequence[np.ndarray],
    tolerance: float,
    reason: str | None = None,
    processes: int = 1,
    drifts: Sequence[Drift] | None = None,
) -> list[GainDescription]:
    """Describe the gain of each spw of a track.

    Parameters
    ----------
    fits : of each spw; columns of `minispiral.fit.normal_equations.NormalSums.solve`, time (s) and
        scan
    good : of each spw ``(n,) bool``, the integrations to learn from
    tolerance : s within which times of different spws are of one integration
    reason : why all integrations are to have their own gains; None where they need not
    processes : each takes a spw at a time
    drifts : of each spw what drifts, where that was measured. Then the fits' errors are the
        noise's, so that a scatter of F_ext beyond them is one of the gain, and counts as an error
        of the light curve while it lasts. Where it is not known the misfit replaces it, and in all
        spws where it is None.
    """
    spws = [spw_of(fit, rows) for fit, rows in zip(fits, good, strict=True)]
    places = [k for k, spw in enumerate(spws) if len(spw.time) >= FEWEST]
    drifts = [Drift(np.nan, np.nan)] * len(spws) if drifts is None else drifts
    measured = [np.isfinite(drift.variance) for drift in drifts]
    reason_of_own = "own gains make better light curves" if reason is None else reason
    groups: list[Group] = []
    posteriors: list[list[Posterior]] = []
    with workers(min(processes, len(places))) as spread:
        noises = spread(own_noise, [spws[k] for k in places], [not measured[k] for k in places])
        own = {
            k: _own(k, spws[k], noise, reason_of_own)
            for k, noise in zip(places, noises, strict=True)
        }
        if reason is None:
            singles = spread(alone, places, [spws[k] for k in places])
            groups = join(list(progress(singles, "describe gains", "spws", len(places))), tolerance)
            posteriors = list(spread(_posteriors, groups))
    for k, spw in enumerate(spws):
        if k not in places:
            own[k] = _own(k, spw, quoted_noise(), f"{ONLY} {len(spw.time)} good integrations")
    descriptions = dict(own)
    for group, posteriors_of_group in zip(groups, posteriors, strict=True):
        descriptions |= _descriptions(group, posteriors_of_group, spws, own, measured)
    return [
        _with_drift(descriptions[k], drift) if measured[k] else descriptions[k]
        for k, drift in enumerate(drifts)
    ]


def _with_drift(description: GainDescription, drift: Drift) -> GainDescription:
    """Add the variance of what drifts."""
    curve = description.curve
    return replace(
        description,
        curve=replace(curve, variance=curve.variance + drift.variance),
        drift=drift,
        measured=True,
    )


def _descriptions(
    group: Group,
    posteriors: Sequence[Posterior],
    spws: Sequence[Spw],
    own: Mapping[int, GainDescription],
    measured: Sequence[bool],
) -> dict[int, GainDescription]:
    """What a group says of its spws' gains; those that keep their own do not count to it."""
    descriptions = {
        k: _described(k, spws[k], group, posterior, own, measured[k])
        for k, posterior in zip(group.members, posteriors, strict=True)
    }
    together = tuple(k for k, description in descriptions.items() if description is not own[k])
    return {
        k: replace(description, group=together) if k in together else description
        for k, description in descriptions.items()
    }


def _described(
    place: int,
    spw: Spw,
    group: Group,
    posterior: Posterior,
    own: Mapping[int, GainDescription],
    measured: bool,
) -> GainDescription:
    """What a spw's group says of its gain, or its own gains where they do better."""
    member = group.members.index(place)
    edges = group.edges[group.kind]
    noise = smooth_noise(spw, own[place].noise, float(group.noise[member]), edges)
    misfit = _misfit_variance(group, [own[k].noise.drift for k in group.members])
    curve = replace(_curve(group, member, posterior, misfit), noise=noise.factors)
    if measured:
        _add_uneven_noise(curve, group, member)
    if _flux_error(spw, own[place].curve) <= _flux_error(spw, curve):
        return own[place]
    evidences = dict(group.evidences)
    if len(group.members) > 1:
        evidences[SEPARATE] = group.separate
    if np.isfinite(group.rejected):
        evidences[TOGETHER] = group.evidence + group.rejected
    learnt_err = np.full(len(curve.variance), np.nan)
    learnt, error = _learnt(group, member)
    learnt_err[learnt] = error
    return GainDescription(
        curve=curve,
        kind=group.kind,
        reason="",
        noise=noise,
        group=group.members,
        amplitude=group.process.amplitude,
        timescale=group.process.timescale,
        smoothness=group.process.smoothness,
        segments=len(edges) + 1,
        segment=segments_at(edges, spw.fit["time"]),
        evidence={kind: value - group.evidence for kind, value in evidences.items()},
        learnt_err=learnt_err,
        drift=Drift(misfit, ROTATION / (2 * np.pi) * SIDEREAL_DAY),
    )


def _fitted(spw: Spw) -> np.ndarray:
    """Whether each integration has a fit, ``(n,) bool``."""
    return np.isfinite(own_gains(spw.fit).log_extended)


def _posteriors(group: Group) -> list[Posterior]:
    """The group's process at the fitted integrations of each spw, which mostly share their times.

    Predicting is the costly part: a time that several spws have is done once.
    """
    times = [spw.fit["time"][_fitted(spw)] for spw in group.spws]
    distinct, place = np.unique(np.concatenate(times), return_inverse=True)
    known = group.process.predict(distinct, segments_at(group.edges[group.kind], distinct))
    return [known.at(rows) for rows in np.split(place, np.cumsum([len(t) for t in times])[:-1])]


def _curve(group: Group, member: int, known: Posterior, misfit: float) -> GainCurve:
    """The gain curve of one spw of a group, at all its integrations with a fit."""
    spw = group.spws[member]
    fitted = _fitted(spw)
    n = len(fitted)
    curve = GainCurve(np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan), np.zeros(n))
    curve.log_extended[fitted] = known.mean + group.offset[member]
    curve.variance[fitted] = known.deviation + misfit
    curve.weight[fitted] = 0.0
    used, error = _learnt(group, member)
    posterior = np.full(n, np.nan)
    posterior[fitted] = known.variance
    curve.weight[used] = posterior[used] / error**2
    # what is far off, and good all the same, may be the gain's or the core's own
    outliers = spw.rows[~group.kept[member]]
    own = own_gains(spw.fit, {"I_extended": float(group.noise[member])})
    for name in ("log_extended", "variance", "weight"):
        getattr(curve, name)[outliers] = getattr(own, name)[outliers]
    curve.independent[outliers] = own.variance[outliers]
    return curve


def _learnt(group: Group, member: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows of a spw from which the process is learnt, and the error of their ln F_ext."""
    spw, kept = group.spws[member], group.kept[member]
    return spw.rows[kept], group.noise[member] * spw.extended_err[kept]


def _add_uneven_noise(curve: GainCurve, group: Group, member: int) -> None:
    """Add the variance of a gain that jumps from integration to integration for some minutes."""
    spw, kept = group.spws[member], group.kept[member]
    used, error = _learnt(group, member)
    noise = error**2
    # the curve has followed each value by its weight
    expected = noise * (1 - np.minimum(curve.weight[used], 0.9))
    deviation = spw.log_extended[kept] - curve.log_extended[used]
    uneven = local_excess((deviation - np.median(deviation)) ** 2 / expected) * noise
    curve.variance[used] += uneven
    curve.independent[used] += uneven


def _misfit_variance(group: Group, drifts: Sequence[float]) -> float:
    """Variance of ln F_ext by misfit that drifts: the mean over spws, as it is alike in all."""
    variances = [
        drift * hidden_misfit(noise, kept.sum()) * np.median(spw.extended_err[kept] ** 2)
        for spw, noise, kept, drift in zip(group.spws, group.noise, group.kept, drifts, strict=True)
    ]
    return float(np.mean(variances))


def _own(place: int, spw: Spw, noise: FitNoise, reason: str) -> GainDescription:
    return GainDescription(own_gains(spw.fit, noise.factors), INTEGRATION, reason, noise, (place,))


def _flux_error(spw: Spw, curve: GainCurve) -> float:
    """Median relative error of Stokes I."""
    error = np.sqrt(flux_variance(spw.fit, curve)) / spw.fit["I_compact"]
    return float(np.median(error[spw.rows]))
