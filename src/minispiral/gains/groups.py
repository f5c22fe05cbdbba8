r"""Spws whose gains are one process, and the segments of that process, chosen by evidence.

The gain of a spw alone is described in each of four ways (`SMOOTH`, `SCAN`, `LEVELS`, `STEPS`, see
`minispiral.gains.description`), and the one of the greatest evidence is used. Then spws are joined
as long as the sum of evidences rises: one process for all of them, with an offset and a noise
factor for each, against a process for each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from minispiral.gains.curve import LEVELS, SCAN, SMOOTH, STEPS, Fit
from minispiral.gains.process import (
    Process,
    Series,
    constant_evidence,
    fit_process,
    fit_without_outliers,
)
from minispiral.gains.steps import gain_steps
from minispiral.io.progress import progress
from minispiral.measures.times import nearest_times

FEWEST = 20  # integrations that give a description and a noise factor
MAX_ROUNDS, CONVERGED = 20, 1e-9  # of the offsets between spws


@dataclass(frozen=True)
class Spw:
    """One spw: its `fit`, and of the `rows` to learn from what is needed; errors are relative."""

    fit: Fit
    rows: np.ndarray
    time: np.ndarray
    log_extended: np.ndarray
    extended_err: np.ndarray
    core_err: np.ndarray
    log_core: np.ndarray
    scan: np.ndarray


def spw_of(fit: Fit, good: np.ndarray) -> Spw:
    """Take from a fit what describes its gain: good integrations of positive fluxes."""
    with np.errstate(invalid="ignore"):
        usable = good & (fit["I_extended"] > 0) & (fit["I_compact"] > 0)
        usable &= (fit["I_extended_err"] > 0) & (fit["I_compact_err"] > 0)
    rows = np.flatnonzero(usable)
    extended, core = fit["I_extended"][rows], fit["I_compact"][rows]
    return Spw(
        fit=fit,
        rows=rows,
        time=fit["time"][rows],
        log_extended=np.log(extended),
        extended_err=fit["I_extended_err"][rows] / extended,
        core_err=fit["I_compact_err"][rows] / core,
        log_core=np.log(core),
        scan=fit["scan"][rows],
    )


@dataclass(frozen=True)
class Group:
    """Spws whose gains are one process but for a factor: a candidate description.

    `members`, their places; `edges`, times (s) between segments; `offset` of each member's ln F_ext
    against the process, and `noise`, its factor; `kept`, its values that are no outliers;
    `process`; the log evidence of each kind that was tried, and of the members separately; and the
    most that another spw or group would have added, had it joined.
    """

    members: tuple[int, ...]
    spws: tuple[Spw, ...]
    kind: str
    edges: Mapping[str, np.ndarray]
    offset: np.ndarray
    noise: np.ndarray
    kept: tuple[np.ndarray, ...]
    process: Process
    evidences: Mapping[str, float]
    separate: float
    rejected: float = -np.inf

    @property
    def evidence(self) -> float:
        """Logarithm of the evidence of the kind that is kept."""
        return self.evidences[self.kind]


def _edges(spw: Spw) -> dict[str, np.ndarray]:
    """Times between the segments of each kind of description, s."""
    middle = (spw.time[1:] + spw.time[:-1]) / 2
    steps = gain_steps(spw.log_core, spw.extended_err)
    return {
        SMOOTH: middle[:0],
        SCAN: middle[np.diff(spw.scan) != 0],
        LEVELS: middle[np.diff(spw.scan) != 0],
        STEPS: middle[np.diff(steps) != 0],
    }


def segments_at(edges: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Segment of each time, ``(n,) int``, `edges` being the times between segments."""
    return np.searchsorted(edges, time)


def alone(place: int, spw: Spw) -> Group:
    """One spw by itself, in the description of the greatest evidence."""
    edges = _edges(spw)
    # what is no jump of the gain, and yet far off, is an outlier of all descriptions
    data = Series(spw.time, spw.log_extended, spw.extended_err, segments_at(edges[STEPS], spw.time))
    known, kept = fit_without_outliers(data)
    data = data.at(kept)
    processes = {}
    for kind, times in edges.items():
        if kind == (STEPS if len(edges[STEPS]) else SMOOTH):
            processes[kind] = known  # of these segments
        elif kind == SMOOTH or len(times):
            of_kind = replace(data, segment=segments_at(times, data.time))
            processes[kind] = fit_process(of_kind, constant=kind == LEVELS)
    evidences = {kind: process.evidence for kind, process in processes.items()}
    kind = max(evidences, key=evidences.__getitem__)
    return Group(
        members=(place,),
        spws=(spw,),
        kind=kind,
        edges=edges,
        offset=np.zeros(1),
        noise=np.array([processes[kind].noise]),
        kept=(kept,),
        process=processes[kind],
        evidences=evidences,
        separate=evidences[kind],
    )


def join(alone: Sequence[Group], tolerance: float) -> list[Group]:
    """Join spws to groups as long as the sum of evidences rises."""
    groups: list[Group] = []
    for spw in progress(alone, "compare gains", "spws"):
        pairs = [_joined(group, spw, tolerance) for group in groups]
        rises = [
            -np.inf if pair is None else pair.evidence - group.evidence - spw.evidence
            for pair, group in zip(pairs, groups, strict=True)
        ]
        best = max(rises, default=-np.inf)
        pair = pairs[rises.index(best)] if rises else None
        if pair is not None and best > 0:
            groups[rises.index(best)] = pair
        else:
            groups = [
                replace(group, rejected=max(group.rejected, rise))
                for group, rise in zip(groups, rises, strict=True)
            ]
            groups.append(replace(spw, rejected=best))
    return groups


def _joined(first: Group, second: Group, tolerance: float) -> Group | None:
    """Both groups as one process, each spw with the noise it has by itself.

    None where they have too few integrations in common for a comparison of their gains.
    Where several spws have a value, its weighted mean m stands for them in the process, and they
    add, for each value, ln N(y; m, s^2), less that of the mean itself, to the likelihood.
    """
    agreement = _agreement(first, second, tolerance)
    if not np.isfinite(agreement):
        return None
    spws, kept = first.spws + second.spws, first.kept + second.kept
    noise = np.concatenate([first.noise, second.noise])
    edges = {k: _merged(first.edges[k], second.edges[k], tolerance) for k in first.edges}
    chosen = list(zip(spws, kept, strict=True))
    values = Series.unbroken(
        np.concatenate([spw.time[k] for spw, k in chosen]),
        np.concatenate([spw.log_extended[k] for spw, k in chosen]),
        np.concatenate([f * s.extended_err[k] for f, (s, k) in zip(noise, chosen, strict=True)]),
    )
    owner = np.repeat(np.arange(len(spws)), [k.sum() for k in kept])
    offset = _offsets(values, _instants(values.time, tolerance), owner)
    values = replace(values, value=values.value - offset[owner])
    data, instant = _average(values, tolerance)
    likelihood_within = np.sum(_log_normal(values.value - data.value[instant], values.error))
    likelihood_within -= np.sum(_log_normal(np.zeros(len(data)), data.error))
    # half the logarithm for each parameter: a noise factor and an offset for each spw, and the
    # amplitude and timescale that they share
    penalty = np.sum(np.log([k.sum() for k in kept])) + np.log(len(data))
    processes = {
        kind: fit_process(
            replace(data, segment=segments_at(edges[kind], data.time)),
            noise=1.0,
            constant=kind == LEVELS,
        )
        for kind in {first.kind, second.kind}
    }
    evidences = {
        kind: process.log_likelihood + likelihood_within - penalty + agreement
        for kind, process in processes.items()
    }
    kind = max(evidences, key=evidences.__getitem__)
    return Group(
        members=first.members + second.members,
        spws=spws,
        kind=kind,
        edges=edges,
        offset=offset,
        noise=noise,
        kept=kept,
        process=processes[kind],
        evidences=evidences,
        separate=first.separate + second.separate,
    )


def _agreement(first: Group, second: Group, tolerance: float) -> float:
    """Evidence that the ratio of the core's fluxes is constant, less that it is not.

    Minus infinity where they have too few integrations in common for a comparison.

    The gains of both are the same where their ratio is, unless the core's spectrum changes just so
    as to hide it; and F_core shows differences of gains much more precisely than F_ext.
    """
    series = [_mean_core(group, tolerance) for group in (first, second)]
    place, distance = nearest_times(series[0].time, series[1].time)
    common = distance < tolerance
    first_flux, second_flux = series[0].at(place[common]), series[1].at(common)
    ratio = Series.unbroken(
        second_flux.time,
        second_flux.value - first_flux.value,
        np.hypot(second_flux.error, first_flux.error),
    )
    if len(ratio) < FEWEST:
        return -np.inf
    varying, kept = fit_without_outliers(ratio)
    return constant_evidence(ratio.at(kept)) - varying.evidence


def _mean_core(group: Group, tolerance: float) -> Series:
    """Weighted mean of a group's ln F_core, in which each member has its own factor."""
    parts = []
    for spw, kept in zip(group.spws, group.kept, strict=True):
        value = spw.log_core[kept]
        parts.append((spw.time[kept], value - value.mean(), spw.core_err[kept]))
    return _average(Series.unbroken(*np.concatenate(parts, axis=1)), tolerance)[0]


def _merged(first: np.ndarray, second: np.ndarray, tolerance: float) -> np.ndarray:
    """Edges of both, ascending; those within the tolerance are between the same integrations."""
    edges = np.union1d(first, second)
    same = _instants(edges, tolerance)
    return np.bincount(same, edges) / np.bincount(same)


def _instants(time: np.ndarray, tolerance: float) -> np.ndarray:
    """Number of the integration to which each time belongs, whatever the spw, from 0 in order."""
    order = np.argsort(time, kind="stable")
    instant = np.empty(len(time), int)
    begin, number = -np.inf, -1
    for k in order:
        if time[k] - begin >= tolerance:
            begin, number = time[k], number + 1
        instant[k] = number
    return instant


def _average(values: Series, tolerance: float) -> tuple[Series, np.ndarray]:
    """Weighted means of values of the same integration, and each value's integration."""
    instant = _instants(values.time, tolerance)
    weight = values.error**-2
    total = np.bincount(instant, weight)
    means = Series.unbroken(
        np.bincount(instant, values.time) / np.bincount(instant),
        np.bincount(instant, weight * values.value) / total,
        total**-0.5,
    )
    return means, instant


def _offsets(values: Series, instant: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Offset of each spw from what all have in common, by weighted least squares; mean 0."""
    weight, offset = values.error**-2, np.zeros(owner.max() + 1)
    for _ in range(MAX_ROUNDS):
        residual = values.value - offset[owner]
        common = np.bincount(instant, weight * residual) / np.bincount(instant, weight)
        change = np.bincount(owner, weight * (residual - common[instant])) / np.bincount(
            owner, weight
        )
        offset += change
        if np.max(np.abs(change)) < CONVERGED:
            break
    return offset - offset.mean()


def _log_normal(deviation: np.ndarray, error: np.ndarray) -> np.ndarray:
    return -((deviation / error) ** 2) / 2 - np.log(error * np.sqrt(2 * np.pi))
