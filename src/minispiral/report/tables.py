"""The report's tables, as headings and rows of text."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from astropy.table import Table

from minispiral.io.wording import extremes
from minispiral.jobs.provenance import Job
from minispiral.measures.stated import read_stated
from minispiral.measures.times import utc
from minispiral.measures.units import significant, with_error
from minispiral.report.panels import spw_color
from minispiral.report.summary import CampaignTables, TrackSummary

ERROR = "±"  # written with the column of its error, to as many digits as that has
# column of a table: its heading, and how its numbers are written
GAIN_COLUMNS = {
    "track": ("track", ""),
    "spw": ("spw", ""),
    "description": ("gains", ""),
    "spws": ("spws together", ""),
    "timescale_s": ("timescale (s)", ".0f"),
    "amplitude": ("amplitude", ".2%"),
    "segments": ("segments", ""),
    "noise_I_extended": ("noise of F_ext / chi-square's", ".2f"),
    "noise_from_I_extended": ("noise from", ""),
    "reason": ("reason", ""),
}
STATISTICS_COLUMNS = {
    "track": ("track", ""),
    "spw": ("spw", ""),
    "n": ("integrations", ""),
    "mean": ("mean (Jy)", ERROR),
    "modulation_index": ("modulation index", ERROR),
}
ANTENNA_COLUMNS = {
    "chi2": "chi-square",
    "chi2_amplitude": "of amplitudes",
    "chi2_phase": "of phases",
}
CONVERGENCE_COLUMNS = {
    "track": ("track", ""),
    "spw": ("spw", ""),
    "iteration": ("iteration", ""),
    "good": ("good", ".1%"),
    "scatter": ("scatter of I", ".2%"),
    "minispiral_flux": ("minispiral (Jy)", ".4f"),
    "chi2": ("chi-square", ".2f"),
    "image_residual": ("residual (mJy/beam)", "#.3g"),
    "solutions_failed": ("no solution", ".1%"),
    "light_curve_change": ("change", ".2f"),
    "another_is_worth_it": ("another is worth it", ""),
}
TURN_COLUMNS = {
    "track": ("sky of track", ""),
    "iteration": ("iteration", ""),
    "turn": ("turn", ""),
    "change": ("change of fluxes", ".2g"),
    "changed_most": ("most in track", ""),
    "chi2": ("chi-square", ".3f"),
    "used": ("averages used", ".1%"),
    "total": ("sky (Jy)", ".3f"),
    "stopped": ("stopped by", ""),
}
ROUND_COLUMNS = {
    "round": ("round", ""),
    "calmode": ("mode", ""),
    "solint": ("solint", ""),
    "combine": ("combine", ""),
    "rms": ("rms (mJy/beam)", "#.3g"),
    "dynamic_range": ("peak / rms", ".0f"),
    "expected_dynamic_range": ("expected", ".0f"),
    "phase_scatter": ("phases (deg)", ".1f"),
    "solutions_failed": ("no solution", ".1%"),
    "flagged": ("flagged", ".1%"),
    "accepted": ("accepted", ""),
    "reason": ("why", ""),
}


def lead(tables: CampaignTables) -> str:
    """A sentence or two that say what there is and how good it is."""
    good = [
        curve[np.asarray(curve["good"], bool) & tables.sound_rows(track)]
        for track, curve in tables.curves.items()
    ]
    flux, error = (
        np.concatenate([[], *(curve[name] for curve in good)]) for name in ("I", "I_err")
    )
    targets = _targets(tables.rounds)
    if not tables.tracks:
        return targets
    number = (
        f"{_count(tables.tracks, 'track')}{_dates(tables)}, "
        f"{_count(tables.frequencies, 'spectral window')} at {_gigahertz(tables)} GHz. "
    )
    if not len(flux):
        why = "No flux of the core holds" if tables.doubtful else "No integration is good"
        return f"{number}{why}. {targets}"
    return (
        f"{number}Stokes I of the core lies between {significant(flux.min())} and "
        f"{significant(flux.max())} Jy; the "
        "error of an integration, much of it shared with its neighbours, is "
        f"{100 * np.median(error / flux):.2g} %. {targets}"
    )


def _targets(rounds: Mapping[str, Table]) -> str:
    """What self-calibration did for each target; nothing where there are none."""
    gained = []
    for name, table in rounds.items():
        reached, best = np.asarray(table["dynamic_range"], float), int(table["best"][-1])
        gained.append(
            f"{name} (peak / rms from {reached[0]:.0f} to {reached[best]:.0f}, by round {best})"
            if best
            else f"{name} (no round was better than none: peak / rms {reached[0]:.0f})"
        )
    return f"Self-calibrated: {', '.join(gained)}." if gained else ""


def _dates(tables: CampaignTables) -> str:
    """On which days (UTC) the tracks began."""
    first = [inspection.first_time_s for inspection in tables.inspections.values()]
    days = [utc(time)[:10] for time in (min(first), max(first))] if first else []
    return f", {' to '.join(dict.fromkeys(days))}" if days else ""


def _gigahertz(tables: CampaignTables) -> str:
    return extremes(tables.frequencies.values(), lambda hz: f"{hz / 1e9:.1f}")


def stated_in_words(tables: CampaignTables) -> list[str]:
    """Sentences of what is stated beside the errors, with the tracks where they differ."""
    tracks: dict[str, list[str]] = {}
    for track, curve in tables.curves.items():
        stated = read_stated(curve.meta)
        if stated is not None:
            tracks.setdefault(stated.in_words(), []).append(track)
    if len(tracks) == 1:
        return list(tracks)
    return [f"{', '.join(names)}: {sentence}" for sentence, names in tracks.items()]


def in_millijansky(table: Table | None) -> Table | None:
    """A table whose image noise, Jy/beam, is given in mJy/beam."""
    if table is None:
        return None
    scaled = table.copy()
    for name in {"rms", "image_residual", "expected_rms"} & set(scaled.colnames):
        scaled[name] = 1e3 * np.asarray(scaled[name], float)
    return scaled


def _percent(share: float, digits: int = 1) -> str:
    """A share in per cent; a dash where it is not known."""
    return f"{100 * share:.{digits}f}\u00a0%" if np.isfinite(share) else "-"


def _count(things: Collection[Any], name: str) -> str:
    return f"{len(things)} {name}{'s' * (len(things) != 1)}"


def summary_row(row: TrackSummary, href: str | None) -> dict[str, Any]:
    """One track's line of the summary, with a link to its page where there is one."""
    return {
        "name": row.name,
        "href": href,
        "cells": [
            f"{row.start} to {row.end[11:] if row.end[:10] == row.start[:10] else row.end}",
            row.antennas,
            ", ".join(map(str, row.spws)),
            row.integrations,
            _percent(row.good),
            " to ".join(map(significant, row.flux)) if np.isfinite(row.flux[0]) else "-",
            _percent(row.error, 2),
            _percent(row.polarized),
            f"{row.chi2:.2f}" if np.isfinite(row.chi2) else "-",
        ],
    }


def flux_table(tables: CampaignTables) -> dict[str, Any] | None:
    """Reference flux of each spw, and each track's own over it: a row for each track."""
    if tables.flux is None:
        return None
    own = {(str(row["track"]), int(row["spw"])): row for row in tables.flux}
    references = [
        sorted({significant(row["reference_flux"], 4) for (_, s), row in own.items() if s == spw})
        for spw in tables.frequencies
    ]
    rows = [["reference (Jy)", *(" to ".join(dict.fromkeys(r[:1] + r[-1:])) for r in references)]]
    for track in tables.tracks:
        rows.append([track, *(_own_flux(own.get((track, spw))) for spw in tables.frequencies)])
    headings = [f"spw {spw}, {hz / 1e9:.1f}\u00a0GHz" for spw, hz in tables.frequencies.items()]
    return {"headings": ["track", *headings], "rows": rows}


def _own_flux(row: Table.Row | None) -> str:
    """A track's minispiral over the reference, and by how much QA2 makes it vary."""
    if row is None:
        return "-"
    if row["doubtful"]:
        return "no minispiral"
    error = row["scatter"] / row["reference_flux"]
    return f"{row['median'] / row['reference_flux']:.3f} ±\u00a0{_percent(error)}"


def antenna_table(tables: CampaignTables, track: str) -> dict[str, Any] | None:
    """What a track's fit leaves by antenna, over all spws, the worst first; None if not known."""
    spws = list(tables.antennas.get(track, {}).values())
    rows: dict[str, np.ndarray] = {}
    for row in (row for table in spws for row in table):
        weighted = row["n_vis"] * np.array([1.0, *(row[name] for name in ANTENNA_COLUMNS)])
        rows[str(row["antenna"])] = rows.get(str(row["antenna"]), 0.0) + weighted
    if not rows:
        return None
    worst = sorted(rows.items(), key=lambda item: -item[1][1] / item[1][0])
    return {
        "headings": ["antenna", "visibilities", *ANTENNA_COLUMNS.values()],
        "rows": [
            [name, f"{total[0]:.0f}", *(f"{value:.2f}" for value in total[1:] / total[0])]
            for name, total in worst
        ],
    }


def clean_table(tables: CampaignTables) -> dict[str, Any] | None:
    """How CLEAN ended in each track and spw: iterations, why, beam, and noise against expected."""
    rows = [
        [
            track,
            row["spw"],
            row["iterations"],
            row["stopped"],
            f"{significant(row['beam_major'])} x {significant(row['beam_minor'])}",
            significant(row["peak"], 4),
            significant(1e3 * row["rms"]),
            significant(1e3 * row["expected_rms"]),
        ]
        for track, table in tables.images.items()
        for row in table
    ]
    headings = ["track", "spw", "iterations", "stopped by", "beam (arcsec)", "peak (Jy/beam)"]
    headings += ["rms (mJy/beam)", "expected"]
    return {"headings": headings, "rows": rows} if rows else None


def statistics_table(tables: CampaignTables) -> dict[str, Any] | None:
    """Mean flux and modulation index of each light curve that stands on a minispiral."""
    if tables.statistics is None:
        return None
    doubtful = tables.doubtful
    held = [(row["track"], int(row["spw"])) not in doubtful for row in tables.statistics]
    return text_table(tables.statistics[held], STATISTICS_COLUMNS)


def spw_list(tables: CampaignTables) -> list[dict[str, Any]]:
    """Number, frequency and colour of each spw."""
    numbers = list(tables.frequencies)
    return [
        {"number": spw, "ghz": f"{frequency / 1e9:.1f}", "color": spw_color(numbers, spw)}
        for spw, frequency in tables.frequencies.items()
    ]


def text_table(
    table: Table | None, columns: Mapping[str, tuple[str, str]]
) -> dict[str, Any] | None:
    """Rows of a table as text; None where there are none."""
    if table is None or not len(table):
        return None
    shown = {name: style for name, style in columns.items() if name in table.colnames}
    return {
        "headings": [heading for heading, _ in shown.values()],
        "rows": [
            [
                with_error(row[name], row[f"{name}_err"])
                if form == ERROR
                else _cell(row[name], form)
                for name, (_, form) in shown.items()
            ]
            for row in table
        ],
    }


def _cell(value: Any, form: str) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if np.ma.is_masked(value) or (isinstance(value, float) and not np.isfinite(value)):
        return "-"
    if form.startswith("#"):
        return significant(value, int(form[2]))
    return _percent(value, int(form[1])) if form.endswith("%") else format(value, form)


def text_rows(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Rows of text, with their keys as headings; None where there are none."""
    rows = list(rows)
    if not rows:
        return None
    cells = [["-" if value in (None, "") else value for value in row.values()] for row in rows]
    return {"headings": list(rows[0]), "rows": cells}


def job_table(jobs: Sequence[Job]) -> dict[str, Any]:
    """Time, memory and end of each job."""
    return {
        "headings": ["job", "seconds", "peak memory (MB)", "ended (UTC)"],
        "rows": [
            [
                job.name,
                f"{job.seconds:.1f}",
                "-" if np.isnan(job.memory_mb) else f"{job.memory_mb:.0f}",
                f"{job.ended:%Y-%m-%d %H:%M:%S}",
            ]
            for job in jobs
        ],
    }


def jobs_summary(jobs: Sequence[Job]) -> str:
    """Times of all jobs in a line."""
    total = sum(job.seconds for job in jobs if np.isfinite(job.seconds))
    memory = [job.memory_mb for job in jobs if np.isfinite(job.memory_mb)]
    most = f", at most {max(memory):.0f} MB of memory each" if memory else ""
    return (
        f"Times of the {_count(jobs, 'job')} done by then: {total / 60:.1f} minutes together{most}"
    )
