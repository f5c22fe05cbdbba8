"""Antenna gains of the turns, the array's pointing, and what drifts: in words, and by antenna."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from astropy.table import Table

from minispiral.report.summary import CampaignTables
from minispiral.sky.fast_phases import WORTH
from minispiral.visibilities.pointing import AXES, EVIDENCE

WORST = 3  # antennas that are named
FAR = 1.5  # times the median's chi-square, from which an antenna is among the worst
# why the turns solve for no gains, where they do not by auto or always
BY_HAND, FEW_TURNS, NEVER = "rounds", "turns", "never"
NO_FAST_PHASES = (
    "phases of single integrations cannot be looked for, as integrations are too long to be "
    "averaged"
)


def have_gains(table: Table | None) -> bool:
    """Whether a track's antenna_gains.ecsv tells of any gains."""
    return table is not None and bool(
        table.meta["interval_s"] > 0
        or table.meta["point"]
        or table.meta["fast_phases"]
        or table.meta["scans"]
    )


def may_have_fast_phases(table: Table) -> bool:
    """Whether the averages have several integrations each, which tell of phases within them."""
    return bool(np.isfinite(table.meta["fast_benefit"]))


def gains_and_pointing(tables: CampaignTables, track: str) -> list[str]:
    """Say of a track whose sky is from the visibilities what was solved for, and why."""
    if track not in tables.solves:
        return []
    pointing = tables.pointing.get(track)
    sentences = (
        _gains_in_words(tables.solves[track], tables.antenna_gains.get(track)),
        _pointing_in_words(pointing),
        _drifts_in_words(pointing),
    )
    return [f"{sentence[:1].upper()}{sentence[1:]}" for sentence in sentences if sentence]


def gains_by_antenna(table: Table | None) -> dict[str, Any] | None:
    """Chi-square of the averages by antenna, without and with gains, the worst without first."""
    if table is None or not len(table):
        return None
    solved = bool(table.meta["interval_s"] > 0 or table.meta["point"])
    after = ["chi-square with gains"] if solved else []
    return {
        "headings": ["antenna", "data", "chi-square without gains", *after],
        "rows": [
            [name, f"{n:.0f}", f"{before:.2f}", *([f"{with_gains:.2f}"] if solved else [])]
            for name, n, before, with_gains in _by_antenna(table)
        ],
    }


def _by_antenna(table: Table) -> list[tuple[str, float, float, float]]:
    """Name, number of data, and both chi-squares of each antenna's baselines; worst first."""
    first, second = (np.asarray(table[f"antenna{k}"], str) for k in (1, 2))
    n = np.asarray(table["n"], float)
    rows = []
    for name in np.unique([first, second]):
        own = (first == name) | (second == name)
        before, after = (
            float(np.average(np.asarray(table[f"chi2_{when}"], float)[own], weights=n[own]))
            for when in ("before", "after")
        )
        rows.append((str(name), float(n[own].sum()), before, after))
    return sorted(rows, key=lambda row: -row[2])


def _gains_in_words(how: str, table: Table | None) -> str:
    if how == BY_HAND:
        return (
            "the rounds of selfcal.rounds solve for the antennas before the turns, which therefore "
            "do not."
        )
    if how == FEW_TURNS:
        return (
            "the turns solve for no antenna gains, as too few turns (model.turns) give no sky to "
            "solve against."
        )
    if table is None:
        return "the turns solve for no antenna gains, as configured (selfcal.solve: never)."
    if not have_gains(table):
        return f"no antenna gains are solved for, {_why_none(table)}."
    return f"antenna gains are solved for, {_why(how)}: {'; '.join(_found(table))}."


def _why(how: str) -> str:
    return "as configured (selfcal.solve: always)" if how == "always" else "as the data ask for it"


def _why_none(table: Table) -> str:
    meta = table.meta
    if not meta["criteria"]:
        return "as there was no sky to solve against"
    least = min(float(score) for score in meta["criteria"].values())
    if not np.isfinite(least):
        return "as no averages in time can be used"
    return (
        f"as the data ask for none: chi-square of the averages in time is "
        f"{meta['chi2_before']:.2f}, and with gains Schwarz's criterion is {least:.0f} above that "
        f"without; {_no_fast_phases(table)}"
    )


def _no_fast_phases(table: Table) -> str:
    if not may_have_fast_phases(table):
        return f"{NO_FAST_PHASES}: use selfcal.rounds where they drift"
    return (
        "phases of each integration divide the misfit within the averages by "
        f"{table.meta['fast_benefit']:.2f} (limit {WORTH:g})"
    )


def _found(table: Table) -> Iterator[str]:
    """Say which gains there are, and what they change."""
    meta, antennas = table.meta, _by_antenna(table)
    if meta["point"]:
        yield (
            f"QA2 solved for {meta['point']} of each antenna on a point, in each integration or "
            "scan; what that took of the minispiral is predicted from the model and undone, "
            f"without a free parameter; chi-square of the averages in time is "
            f"{meta['chi2_before']:.2f} without and {meta['chi2_after']:.2f} with all gains"
        )
    if meta["interval_s"] > 0:
        least = min(float(score) for score in meta["criteria"].values())
        yield (
            f"chi-square of the averages in time is {meta['chi2_before']:.2f} without and "
            f"{meta['chi2_after']:.2f} with them, their {meta['parameters']:.0f} degrees of "
            f"freedom counted; amplitudes and phases are constant over {_span(meta['interval_s'])}"
            f" (Schwarz's criterion {least:+.0f} against none)"
        )
    if meta["fast_phases"]:
        yield (
            f"besides, {max(len(antennas) - 1, 0)} antenna phases of each integration and spw, "
            f"which divide the misfit within the averages by {meta['fast_benefit']:.2f} (limit "
            f"{WORTH:g})"
        )
    elif not may_have_fast_phases(table):
        yield _no_fast_phases(table)
    if meta["scans"]:
        scans = f"{meta['scans']} scans of single spws have"
        yield (
            f"{scans if meta['scans'] > 1 else 'one scan of a spw has'} gains of "
            f"{'their' if meta['scans'] > 1 else 'its'} own"
        )
    yield from _worst(antennas)


def _worst(antennas: list[tuple[str, float, float, float]]) -> Iterator[str]:
    if not antennas:
        return
    usual = float(np.median([before for _, _, before, _ in antennas]))
    names = [f"{name} ({before:.1f})" for name, _, before, _ in antennas if before > FAR * usual]
    if names:
        yield f"the worst antennas, by chi-square without gains, are {', '.join(names[:WORST])}"


def _span(seconds: float) -> str:
    if np.isinf(seconds):
        return "the whole track"
    return f"{seconds / 60:.0f} minute{'s' * (seconds != 60)}"


def _pointing_in_words(table: Table | None) -> str:
    if table is None:
        return ""
    meta = table.meta
    evidence = f"logarithm of its evidence {meta['evidence']:.0f}, limit {EVIDENCE:g}"
    if meta["kept"]:
        offset = np.hypot(*(np.asarray(table[axis], float) for axis in ("east", "north")))
        return (
            f"the array points up to {offset.max():.2g} arcsec off the phase centre"
            f"{_of_antennas(table)}, and the fit sees IM1 through beams that point there "
            f"({evidence})."
        )
    if not len(table):
        return "the array's mean pointing is not known: there are too few averages in time."
    if meta["evidence"] > EVIDENCE:
        return (
            f"the array's mean pointing is not used ({evidence}), as it is larger than antennas' "
            "errors are, or as configured (model.pointing: none)."
        )
    return f"no offset of the array's mean pointing is seen ({evidence})."


def _of_antennas(table: Table) -> str:
    """How far antennas point off, where the offset of each is known; and which the farthest."""
    rms = {
        name: float(np.sqrt(np.mean(sum(np.square(table[f"{axis}_{name}"]) for axis in AXES))))
        for name in table.meta.get("antennas", [])
    }
    if not rms:
        return ""
    worst = max(rms, key=lambda name: rms[name])
    size = np.sqrt(np.mean(np.square(list(rms.values()))))
    return (
        f", its antennas {size:.2g} arcsec (root mean square; {worst} with {rms[worst]:.2g} "
        "arcsec the most)"
    )


def _drifts_in_words(table: Table | None) -> str:
    if table is None:
        return ""
    drifts = {int(spw): float(variance) for spw, variance in table.meta["drifts"].items()}
    if not any(np.isfinite(list(drifts.values()))):
        return (
            "what drifts is not known: there are too few antennas to compare halves of the array."
        )
    if not any(variance > 0 for variance in drifts.values()):
        return "halves of the array agree: no error that drifts is added."
    errors = ", ".join(
        f"{100 * np.sqrt(variance):.2g} % (spw {spw})"
        for spw, variance in drifts.items()
        if np.isfinite(variance)
    )
    return f"halves of the array differ, so that errors contain what drifts: {errors}."
