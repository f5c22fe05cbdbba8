"""Figures of how light curves compare with the truth: drift, residuals, pulls, power."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from minispiral.analysis.timescales import BINNED, DIFFERENCES
from minispiral.analysis.truth import STOKES
from minispiral.analysis.validation import PULL_EDGES, Drift, Power
from minispiral.analysis.validation_tables import AFTER, BEFORE, Validated
from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.plots.style import COLORS, label_time, mjd_dates, with_gaps

DPI = 110


def rms(values: Sequence[float]) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


def _spws(validated: Sequence[Validated]) -> list[int]:
    return sorted({result.spw for result in validated})


def plot_drift(after: Sequence[Validated]) -> Figure:
    """Draw Stokes I over the truth in time, a panel for each spw: integrations and their means."""
    drifts = {result.spw: result.drift for result in after if result.drift is not None}
    figure = Figure(figsize=(10, 1.2 + 1.3 * len(drifts)), layout="constrained", dpi=DPI)
    axes = figure.subplots(len(drifts), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axis, spw, color in zip(axes, sorted(drifts), COLORS * len(drifts), strict=False):
        draw_drift(axis, drifts[spw], color)
        axis.set_title(f"spw {spw}", loc="left", fontsize="medium")
    figure.supylabel("recovered / true - 1 (%)")
    label_time(axes[-1])
    return figure


def draw_drift(axis: Axes, drift: Drift, color: str, label: str = "") -> None:
    """Draw a light curve over the truth, less 1, in per cent; the means in black rims."""
    dates, mean_dates = (mjd_dates(t / SECONDS_PER_DAY) for t in (drift.time, drift.mean_time))
    axis.plot(dates, 100 * (drift.ratio - 1), ".", ms=3, mew=0, alpha=0.6, color=color)
    axis.plot(
        mean_dates, 100 * (drift.means - 1), "o", ms=5, mec="black", mew=0.8, color=color,
        label=label or None,
    )  # fmt: skip
    axis.axhline(0, color="black", lw=0.7)
    axis.grid(alpha=0.25)


def plot_residuals(after: Sequence[Validated]) -> Figure:
    """Draw the residuals of Stokes I in time, a panel for each spw, over a band of the errors."""
    spws = _spws(after)
    figure = Figure(figsize=(10, 1.2 + 1.3 * len(spws)), layout="constrained", dpi=DPI)
    axes = figure.subplots(len(spws), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axis, spw, color in zip(axes, spws, COLORS * len(spws), strict=False):
        (of_spw,) = (result for result in after if result.spw == spw and result.stokes == "I")
        mjd = of_spw.time / SECONDS_PER_DAY
        residual, error = 1e3 * of_spw.comparison.residual, 1e3 * of_spw.comparison.error
        times, low, high = with_gaps(mjd, -error, error)
        axis.fill_between(mjd_dates(times), low, high, color="0.85", lw=0)
        axis.plot(mjd_dates(mjd), residual, ".", ms=3, mew=0, color=color)
        axis.axhline(0, color="black", lw=0.7)
        axis.set_title(f"spw {spw}", loc="left", fontsize="medium")
        axis.grid(alpha=0.25)
    figure.supylabel("residual (mJy)")
    label_time(axes[-1])
    return figure


def plot_pulls(after: Sequence[Validated]) -> Figure:
    """Draw histograms of the pulls, a panel for each Stokes parameter, over the normal law."""
    figure = Figure(figsize=(10, 3.1), layout="constrained", dpi=DPI)
    axes = figure.subplots(1, len(STOKES), sharex=True, sharey=True)
    middle, width = (PULL_EDGES[1:] + PULL_EDGES[:-1]) / 2, PULL_EDGES[1] - PULL_EDGES[0]
    for axis, stokes in zip(axes, STOKES, strict=True):
        comparisons = [result.comparison for result in after if result.stokes == stokes]
        if comparisons:
            counts = np.sum([comparison.histogram for comparison in comparisons], axis=0)
            axis.stairs(counts / counts.sum() / width, PULL_EDGES, fill=True, color=COLORS[4])
            pull = rms([np.std(comparison.pull) for comparison in comparisons])
            axis.set_title(f"{stokes}: standard deviation {pull:.2f}", fontsize="medium")
        axis.plot(middle, np.exp(-(middle**2) / 2) / np.sqrt(2 * np.pi), color="black", lw=1)
        axis.grid(alpha=0.25)
    axes[0].set_ylabel("share per unit")
    figure.supxlabel("(recovered - true) / error")
    return figure


def plot_timescales(after: Sequence[Validated]) -> Figure:
    """Draw pulls of Stokes I against timescale: of each spw, and the root mean square over them."""
    figure = Figure(figsize=(10, 3.4), layout="constrained", dpi=DPI)
    axes = figure.subplots(1, 2, sharey=True)
    for axis, kind, label in zip(
        axes,
        (BINNED, DIFFERENCES),
        ("means over bins", "differences of two integrations"),
        strict=True,
    ):
        found: dict[float, list[float]] = {}
        for result in after:
            for pulls in result.timescales:
                if result.stokes == "I" and pulls.kind == kind:
                    found.setdefault(pulls.seconds / 60, []).append(pulls.std)
        for minutes, values in found.items():
            axis.plot([minutes] * len(values), values, ".", color="0.6", ms=5)
        lengths = sorted(found)
        axis.plot(lengths, [rms(found[m]) for m in lengths], "o-", color=COLORS[0], ms=5)
        axis.axhline(1, color="black", lw=0.7)
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter("{x:g}")
        axis.set_xlabel("minutes")
        axis.set_title(label, fontsize="medium")
        axis.grid(alpha=0.25)
    axes[0].set_ylim(0, max(2.0, 1.05 * axes[0].get_ylim()[1]))
    axes[0].set_ylabel("standard deviation of the pulls")
    return figure


def plot_power(validated: Sequence[Validated]) -> Figure:
    """Draw power of truth and residuals against timescale, and the response; mean over spws."""
    figure = Figure(figsize=(10, 4), layout="constrained", dpi=DPI)
    left, right = figure.subplots(1, 2, sharex=True)
    stokes_i = [result for result in validated if result.stokes == "I"]
    after = [result.power for result in stokes_i if result.stage == AFTER]
    before = [result.power for result in stokes_i if result.stage == BEFORE]
    lines: list[tuple[list[Power], str, str, dict[str, Any]]] = [
        (after, "truth", "truth", {"color": "black", "lw": 1.5, "marker": "."}),
        (before, "residual", "residual before scaling", {"color": COLORS[1], "marker": "s"}),
        (after, "residual", "residual after scaling", {"color": COLORS[0], "marker": "o"}),
        (
            after,
            "noise",
            "independent noise of the quoted errors",
            {"color": "0.5", "ls": "--", "marker": "."},
        ),
    ]
    for powers, name, label, style in lines:
        left.loglog(*_mean_over_spws(powers, name), label=label, ms=4, **style)
    left.set_ylabel("mean square fluctuation (Jy$^2$)")
    left.legend(framealpha=0.8, edgecolor="none", fontsize="small")
    minutes, response = _mean_over_spws(after, "response")
    errors = _over_spws(after, "response_err")
    error = [np.sqrt(np.sum(np.square(of_spws))) / len(of_spws) for of_spws in errors.values()]
    right.errorbar(minutes, response, error, fmt="o", ms=4, color=COLORS[0])
    right.axhline(1, color="black", lw=0.7)
    right.set_ylim(min(0, 1.1 * np.min(response)), max(1.5, 1.1 * np.max(response)))
    right.set_ylabel("response: recovered over true fluctuations")
    for axis in (left, right):
        axis.set_xlabel("timescale (min)")
        axis.xaxis.set_major_formatter("{x:g}")
        axis.grid(alpha=0.25)
    return figure


def _over_spws(powers: Sequence[Power], name: str) -> dict[float, list[float]]:
    """Values of those spws that have fluctuations, by timescale (min)."""
    values: dict[float, list[float]] = {}
    for power in powers:
        sampled = power.number > 0
        for timescale, value in zip(
            power.timescale[sampled] / 60, getattr(power, name)[sampled], strict=True
        ):
            values.setdefault(timescale, []).append(value)
    return dict(sorted(values.items()))


def _mean_over_spws(powers: Sequence[Power], name: str) -> tuple[np.ndarray, np.ndarray]:
    """Timescales (min), and the mean over the spws that have fluctuations there."""
    values = _over_spws(powers, name)
    return np.array(list(values)), np.array([np.mean(of_spws) for of_spws in values.values()])
