"""The report as a page: one file with figures, pictures and scripts inside, for any browser.

The page asks nothing of a network, and its own policy forbids it. A campaign's page has all tracks,
with as many points as keep it small; a track's page has that track with all of them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bokeh.core.json_encoder import serialize_json
from bokeh.document import Document
from bokeh.resources import Resources
from jinja2 import Environment, PackageLoader, StrictUndefined

from minispiral.jobs.provenance import Job
from minispiral.light_curves.polarization_floors import META as FLOORS
from minispiral.light_curves.polarization_floors import in_words
from minispiral.light_curves.tables import without_errors
from minispiral.plots.style import WEBP_WIDTH
from minispiral.report.alarms import alarms_of
from minispiral.report.antenna_gains import gains_and_pointing, gains_by_antenna
from minispiral.report.embedding import picture
from minispiral.report.figures import track_figures
from minispiral.report.links import Files
from minispiral.report.remedies import about_chi2
from minispiral.report.spectrum import cautions
from minispiral.report.summary import CampaignTables, summarize_track
from minispiral.report.tables import (
    CONVERGENCE_COLUMNS,
    GAIN_COLUMNS,
    ROUND_COLUMNS,
    TURN_COLUMNS,
    antenna_table,
    clean_table,
    flux_table,
    in_millijansky,
    job_table,
    jobs_summary,
    lead,
    spw_list,
    stated_in_words,
    statistics_table,
    summary_row,
    text_rows,
    text_table,
)
from minispiral.report.turns import turns_in_words
from minispiral.report.warnings import graded_warnings, limits

ALL_POINTS = 30_000  # of all light curves of a campaign's page together
TRACK_POINTS = 60_000  # of a track's own page
PICTURE_BYTES = 6_000_000  # that a campaign's page may spend on the pictures of its tracks
SMALL_WIDTH = 900  # pixels of these pictures; a track's own page has larger ones
MIN_POINTS = 50  # of a light curve, however many there are

NO_FILES = Files()

CONTENTS = {
    "summary": "Summary",
    "light_curves": "Light curves",
    "minispiral": "Minispiral",
    "gains": "Gains",
    "polarimetry": "Polarimetry",
    "images": "Images",
    "residuals": "Fit residuals",
    "variability": "Variability",
    "science": "What the light curves say",
    "iterations": "Self-calibration and convergence",
    "targets": "Self-calibration targets",
    "files": "Files",
    "provenance": "Provenance",
}
CAPTIONS = {
    "im1": "IM1, the minispiral alone, convolved with the CLEAN beam; the cross is the core's "
    "place.",
    "sky": "IM1, the minispiral alone, found from the visibilities and convolved with the main "
    "lobe of the dirty beam (lower left); the cross is the core's place.",
    "images": "IM0, core and minispiral, with the mask (white) and the CLEAN beam; below, what "
    "CLEAN left.",
    "skies": "The same as the antennas see it, through the primary beam, and CLEAN's IM1 of this "
    "track alone; convolved with one beam, on one scale.",
    "residual_image": "Dirty image of the visibilities less the full model, of all good "
    "integrations and spws, with natural weights and their beam: noise, where the model holds. "
    "A sky from the visibilities has taken up some of that noise, so that less is left.",
    "uv_coverage": "Coverage of the uv plane, of some of the good integrations.",
    "before_after": "Before and after, on one scale.",
    "rounds": "The image of each round, on one scale. A round that was refused changed nothing.",
    "antenna_gains": "Gains of each antenna against time, of both hands and all spws; each round "
    "has a colour.",
    "delivered": "Before and after, in one spectral window: QA2 has pressed the core flat "
    "and made the minispiral pulsate (orange); after scaling the core varies, and the minispiral "
    "does not (blue). A thin line is the truth, where it is known. Time between tracks is left "
    "out.",
    "variability": "Structure functions and correlations of Stokes I, the noise taken out.",
}


@dataclass(frozen=True)
class Origins:
    """Where the results come from: rows of inputs, and texts and tables by `provenance`."""

    inputs: Sequence[Mapping[str, Any]]
    configuration: str
    software: Mapping[str, str]
    commands: Sequence[str]
    casa: Sequence[tuple[str, str]]
    jobs: Sequence[Job]


def campaign_page(
    tables: CampaignTables,
    pictures: Mapping[str, Mapping[str, Path]],
    origins: Origins,
    variability: Path | None = None,
    target_pictures: Mapping[str, Mapping[str, Path]] | None = None,
    prints: Sequence[str] = (),
    delivered: Path | None = None,
    files: Files = NO_FILES,
    science: str = "",
) -> str:
    """Return a campaign's page.

    Parameters
    ----------
    pictures : for each track, its pictures by name as in `CAPTIONS`
    variability : picture of the variability
    target_pictures : of each self-calibration target, by name as in `CAPTIONS`
    prints : figures for print, as the page links to them
    delivered : picture of the light curves as QA2 delivered them, and after
    files : what the page links to
    science : section of `minispiral.report.science`, HTML
    """
    curves = sum(len(set(curve["spw"])) for curve in tables.curves.values())
    embedded = _embedded_within(PICTURE_BYTES, pictures)
    targets = [
        {
            "name": name,
            "rounds": text_table(in_millijansky(rounds), ROUND_COLUMNS),
            "pictures": list(_embedded((target_pictures or {})[name]).values()),
        }
        for name, rounds in tables.rounds.items()
    ]
    context = {
        "title": f"{tables.name}: the campaign at a glance",
        "home": None,
        "delivered": _picture(delivered, "delivered") if delivered else None,
        "files": files,
        "summary": _summary(tables, {track: f"{track}/report.html" for track in tables.tracks}),
        "variability": _picture(variability, "variability") if variability else None,
        "science": science,
        "targets": targets,
        "prints": list(prints),
    }
    points = max(ALL_POINTS // max(curves, 1), MIN_POINTS)
    return _render(context | _contents_of(tables, embedded, points) | _provenance(origins))


def track_page(
    tables: CampaignTables,
    track: str,
    pictures: Mapping[str, Path],
    origins: Origins,
    prints: Sequence[str] = (),
    files: Files = NO_FILES,
) -> str:
    """Return the page of one track, which links back to the campaign's."""
    own_tables = tables.of_track(track)
    context = {
        "title": f"{tables.name}, track {track}",
        "home": "../report.html",
        "delivered": None,
        "files": files,
        "summary": _summary(own_tables, {}),
        "variability": None,
        "science": "",
        "targets": [],
        "prints": list(prints),
    }
    points = TRACK_POINTS // len(own_tables.frequencies)
    embedded = {track: _embedded(pictures)}
    return _render(context | _contents_of(own_tables, embedded, points) | _provenance(origins))


def _render(context: Mapping[str, Any]) -> str:
    environment = Environment(
        loader=PackageLoader("minispiral.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    contents = [(name, text) for name, text in CONTENTS.items() if _is_there(name, context)]
    return environment.get_template("report.html").render(
        contents=contents, made=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", **context
    )


def _summary(tables: CampaignTables, links: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        summary_row(summarize_track(tables, track), links.get(track)) for track in tables.tracks
    ]


def _contents_of(
    tables: CampaignTables, pictures: Mapping[str, Mapping[str, Any]], points: int
) -> dict[str, Any]:
    """What both kinds of page show of their tables."""
    tracks = [_track(tables, track, points, pictures.get(track, {})) for track in tables.tracks]
    return {
        "lead": lead(tables),
        "alarms": alarms_of(tables),
        "warnings": graded_warnings(tables),
        "cures": [advice for advice in about_chi2(tables) if advice.snippet],
        "limits": limits(),
        "stated": stated_in_words(tables),
        "cautions": cautions(tables),
        "flux": flux_table(tables),
        "tracks": tracks,
        "absorption": sorted(
            {name for track in tracks for name in track["pictures"]} - {*CAPTIONS}
        ),
        "binned": max((track["binned"] for track in tracks), default=1),
        "spws": spw_list(tables),
        "gains": text_table(tables.gains, GAIN_COLUMNS),
        "statistics": statistics_table(tables),
        "solved": text_rows(tables.solved),
        "convergence": text_table(in_millijansky(tables.convergence), CONVERGENCE_COLUMNS),
        "clean": clean_table(tables),
        "turns": text_table(tables.turns, TURN_COLUMNS),
        "stopped": turns_in_words(tables.turns),
        "bokeh": _library() if tracks else "",
    }


def _provenance(origins: Origins) -> dict[str, Any]:
    return {
        "inputs": text_rows(origins.inputs),
        "configuration": origins.configuration,
        "version": origins.software.get("minispiral", ""),
        "software": {"headings": ["what", "version"], "rows": list(origins.software.items())},
        "commands": "\n".join(origins.commands) or "None are on record.",
        "casa": "\n".join(f"{log}: {call}" for log, call in origins.casa) or "None.",
        "jobs": job_table(origins.jobs),
        "jobs_summary": jobs_summary(origins.jobs),
    }


def _is_there(section: str, context: Mapping[str, Any]) -> bool:
    if section in ("summary", "provenance"):
        return True
    if section == "polarimetry":
        return any(track["polarized"] for track in context["tracks"])
    if section in ("variability", "science", "targets"):
        return bool(context[section])
    if section == "files":
        return context["files"] != NO_FILES
    if section == "iterations":
        solved = any(track["solutions"] for track in context["tracks"])
        return bool(context["convergence"] or context["turns"] or solved)
    return bool(context["tracks"])


def _track(
    tables: CampaignTables, track: str, points: int, pictures: Mapping[str, Any]
) -> dict[str, Any]:
    """One track's figures as data for the page's script, and the places that they go to."""
    figures = track_figures(
        without_errors(tables.curves[track], ~tables.sound_rows(track)),
        tables.residuals.get(track, {}),
        tables.hour_angles.get(track, {}),
        tables.polarimetry.get(track),
        list(tables.frequencies),
        points,
        tables.pointing.get(track),
    )
    document = Document()
    with document.models.freeze():  # or all models are counted again with each
        for grid in figures.sections.values():
            document.add_root(grid)
    places = {section: f"{section}-{track}" for section in figures.sections}
    item = {
        "docid": track,
        "roots": {figures.sections[section].id: place for section, place in places.items()},
        "root_ids": [grid.id for grid in figures.sections.values()],
    }
    documents = serialize_json({track: document.to_json(deferred=False)})
    data = f'{{"documents": {documents}, "items": {json.dumps([item])}}}'
    return {
        "name": track,
        "figures": places,
        "pictures": pictures,
        "pointed": "pointing" in figures.sections,
        "polarized": "polarimetry" in figures.sections,
        "antennas": antenna_table(tables, track),
        "solutions": gains_and_pointing(tables, track),
        "floors": _floors(tables, track),
        "antenna_gains": gains_by_antenna(tables.antenna_gains.get(track)),
        "binned": figures.binned,
        "data": _within_script(data),
    }


def _floors(tables: CampaignTables, track: str) -> str:
    """What errors of the feeds leave in a track's polarisation, in words; nothing if not known."""
    measured = tables.curves[track].meta.get(FLOORS, {})
    return in_words(measured[track]) if track in measured else ""


def _within_script(data: str) -> str:
    """JSON that stands in a page's script element: nothing in it can end the element."""
    return data.replace("<", "\\u003c")


def _library() -> str:
    """BokehJS itself."""
    return "\n".join(Resources(mode="inline", components=["bokeh"]).js_raw).replace(
        "</script", "<\\/script"
    )


def _embedded_within(
    room: int, pictures: Mapping[str, Mapping[str, Path]]
) -> dict[str, dict[str, Any]]:
    """Pictures of all tracks as parts of the page: kind by kind, those for which there is room."""
    embedded: dict[str, dict[str, Any]] = {}
    kinds = dict.fromkeys(name for files in pictures.values() for name in files)
    for name in sorted(kinds, key=lambda kind: (*CAPTIONS, kind).index(kind)):
        of_kind: dict[str, dict[str, str]] = {}
        for track, files in pictures.items():
            if name in files and room >= 0:
                of_kind[track] = _picture(files[name], name, SMALL_WIDTH)
                room -= len(of_kind[track]["source"])
        if room < 0:
            break
        for track, found in of_kind.items():
            embedded.setdefault(track, {})[name] = found
    return embedded


def _embedded(files: Mapping[str, Path]) -> dict[str, Any]:
    return {name: _picture(path, name) for name, path in files.items()}


def _picture(path: Path, name: str, width: int = WEBP_WIDTH) -> dict[str, str]:
    return picture(path, CAPTIONS.get(name, f"{name[:1].upper()}{name[1:]}."), width)
