"""Tables of how the gains of a track vary: between rules, and for the campaign's readers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from astropy.table import Table

from minispiral.columns.column import described
from minispiral.columns.gains import GAIN_CURVES, GAINS
from minispiral.gains.curve import (
    INTEGRATION,
    LEVELS,
    ONLY,
    QUANTITIES,
    SCAN,
    SEPARATE,
    SMOOTH,
    STEPS,
    TOGETHER,
    Fit,
    GainCurve,
    GainDescription,
)
from minispiral.io.tables import columns
from minispiral.measures.units import six_digits

EVIDENCES = (SMOOTH, SCAN, LEVELS, STEPS, SEPARATE, TOGETHER)


def gain_curves_table(
    spws: Sequence[int], fits: Sequence[Fit], descriptions: Sequence[GainDescription]
) -> Table:
    """Table of a track's gain curves: spw, time (s), ln F_ext, its error, own weight, and segment.

    And what determines their covariance, see `minispiral.gains.covariance`. In ``meta``, by spw,
    how each was found, and the noise factors.
    """
    times = [fit["time"] for fit in fits]
    curves = [description.curve for description in descriptions]
    table = Table(
        {
            "spw": np.repeat(spws, [len(time) for time in times]),
            "time": np.concatenate(times),
            "log_extended": np.concatenate([curve.log_extended for curve in curves]),
            "log_extended_err": np.sqrt(np.concatenate([curve.variance for curve in curves])),
            "weight": np.concatenate([curve.weight for curve in curves]),
            "segment": np.concatenate(
                [
                    np.zeros(len(time), int) if d.segment is None else d.segment
                    for d, time in zip(descriptions, times, strict=True)
                ]
            ),
            **_independent_columns(fits, descriptions),
        }
    )
    described(table, GAIN_CURVES)
    table.meta["spws"] = {
        int(spw): _as_meta(description, spws)
        for spw, description in zip(spws, descriptions, strict=True)
    }
    return table


def _independent_columns(
    fits: Sequence[Fit], descriptions: Sequence[GainDescription]
) -> dict[str, np.ndarray]:
    """Relative errors of ln F_ext and of the core's flux that integrations have for themselves."""
    parts: dict[str, list[np.ndarray]] = defaultdict(list)
    for fit, description in zip(fits, descriptions, strict=True):
        curve, n = description.curve, len(fit["time"])
        learnt = np.full(n, np.nan) if description.learnt_err is None else description.learnt_err
        core, extended = curve.noise["I_compact"], curve.noise["I_extended"]
        with np.errstate(invalid="ignore", divide="ignore"):
            core_err = core * fit["I_compact_err"] / fit["I_compact"]
            covariance = fit["covariance"] / (fit["I_compact"] * fit["I_extended"])
        parts["learnt_err"].append(learnt)
        parts["independent_err"].append(np.sqrt(curve.independent))
        parts["core_err"].append(core_err)
        parts["core_covariance"].append(core * extended * covariance)
    return {name: np.concatenate(values) for name, values in parts.items()}


def _as_meta(description: GainDescription, spws: Sequence[int]) -> dict[str, Any]:
    noise = description.noise
    measured = {}
    if description.measured:
        measured["drift_error"] = six_digits(np.sqrt(description.drift.variance))
    return {
        "description": description.kind,
        "reason": description.reason,
        "spws": [int(spws[place]) for place in description.group],
        "amplitude": six_digits(description.amplitude),
        "timescale_s": six_digits(description.timescale),
        "smoothness": description.smoothness,
        "segments": description.segments,
        "evidence": {kind: six_digits(value) for kind, value in description.evidence.items()},
        "noise": {name: six_digits(noise.of[name].factor) for name in QUANTITIES},
        "white_noise": {name: six_digits(noise.of[name].white) for name in QUANTITIES},
        "noise_from": {name: noise.of[name].source for name in QUANTITIES},
        "misfit_drift": six_digits(noise.drift),
        **measured,
        "covariance": _covariance_meta(description, spws),
    }


def _covariance_meta(description: GainDescription, spws: Sequence[int]) -> dict[str, Any]:
    """What `minispiral.gains.covariance` reads, with all digits."""
    return {
        "description": description.kind,
        "spws": [int(spws[place]) for place in description.group],
        "amplitude": float(description.amplitude),
        "timescale_s": float(description.timescale),
        "smoothness": description.smoothness,
        "drift_err": float(np.sqrt(description.drift.variance)),
        "drift_timescale_s": float(description.drift.timescale),
    }


def gain_curve(table: Table, spw: int) -> tuple[GainCurve, dict[str, Any]]:
    """One spw's gain curve of a table of `gain_curves_table`, and how it was found."""
    rows = columns(table[table["spw"] == spw])
    entry = table.meta["spws"][spw]
    curve = GainCurve(
        rows["log_extended"],
        rows["log_extended_err"] ** 2,
        rows["weight"],
        rows["independent_err"] ** 2,
        entry["noise"],
    )
    return curve, entry


def gain_summary(light_curves: Sequence[Table]) -> Table:
    """Table of how the gains were found, a row for each light curve, from their ``meta``."""
    rows = []
    for curve in light_curves:
        entry: Mapping[str, Any] = curve.meta["gains"]
        rows.append(
            {
                "track": str(curve["track"][0]),
                "spw": int(curve["spw"][0]),
                "description": entry["description"],
                "spws": " ".join(map(str, entry["spws"])),
                "reason": entry["reason"] or "-",  # an empty cell would be a missing value
                **{name: entry[name] for name in ("amplitude", "timescale_s", "smoothness")},
                "segments": entry["segments"],
                **{f"evidence_{kind}": entry["evidence"].get(kind, np.nan) for kind in EVIDENCES},
                **{f"noise_{name}": entry["noise"][name] for name in QUANTITIES},
                **{f"noise_from_{name}": entry["noise_from"][name] for name in QUANTITIES},
                "misfit_drift": entry["misfit_drift"],
                **{name: entry[name] for name in ("drift_error",) if name in entry},
            }
        )
    return described(Table(rows=rows), GAINS)


def in_a_line(table: Table, spws: Sequence[int]) -> str:
    """Say in a line how the gains of a track were found."""
    parts, listed = [], set()
    for spw in spws:
        entry = table.meta["spws"][spw]
        if spw not in listed:
            listed |= set(entry["spws"])
            names = ", ".join(map(str, entry["spws"]))
            reason = f" ({entry['reason']})" if entry["description"] == INTEGRATION else ""
            parts.append(f"spw {names} {entry['description']}{reason}")
    return "gains: " + "; ".join(parts)


def calls_for_action(table: Table, spws: Sequence[int]) -> list[str]:
    """Remarks on spws whose gains could be smooth if more of their integrations were good."""
    reasons = {spw: table.meta["spws"][spw]["reason"] for spw in spws}
    return [
        f"spw {spw} has {reason}, too few to smooth its gain, so that its errors are larger: look "
        "at its fit's residuals, and at scale.flux_range, which the others may lie outside"
        for spw, reason in reasons.items()
        if reason.startswith(ONLY)
    ]
