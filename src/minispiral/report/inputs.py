"""Reading what the report is made from: products, pictures, and the traces that jobs leave."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from astropy.table import Table

from minispiral.exports.results import CampaignResults
from minispiral.io.tables import by_spw, read_table
from minispiral.jobs import provenance
from minispiral.ms.files import folder_bytes, metadata_checksum
from minispiral.ms.inspection import read_inspection
from minispiral.report.antenna_gains import BY_HAND, FEW_TURNS, NEVER
from minispiral.report.page import Origins
from minispiral.report.summary import CampaignTables
from minispiral.selfcal.solver import Round

Content = TypeVar("Content")  # of a file

SHARED_FOLDERS = (
    "reference",
    "im1",
    "selfcal",
    "sky",
    "systematics",
    "science",
)  # of logs, beside the tracks' own


def read_tables(
    results: CampaignResults,
    spws: Mapping[str, Sequence[int]],
    files: Mapping[str, Sequence[str]],
    solves: Mapping[str, str],
    **others: Any,
) -> CampaignTables:
    """Read the tables of a report.

    Parameters
    ----------
    spws : of each track
    files : paths of what lies deeper than a track's products, or may be missing
        inspections, and of the tracks in `solves` antenna_gains and pointing, each in the order of
        the tracks; flux, gains, statistics, convergence, turns: the one table, or none.
    solves : how the turns of tracks solve for antenna gains, see `CampaignTables`
    others : further fields of the result
    """
    none = BY_HAND, FEW_TURNS, NEVER
    solving = [track for track, how in solves.items() if how not in none]
    tracks = {track: results[track] for track in spws}
    polarised = [track for track, numbers in spws.items() if len(numbers) > 1]

    def of_spws(name: str) -> dict[str, dict[int, Table]]:
        return {track: by_spw(one.read(name), spws[track]) for track, one in tracks.items()}

    def only(kind: str) -> Table | None:
        return next(map(read_table, files[kind]), None)

    return CampaignTables(
        results.name,
        curves={track: one.table for track, one in tracks.items()},
        residuals=of_spws("fit_residuals.ecsv"),
        hour_angles=of_spws("fit_residuals_by_hour_angle.ecsv"),
        antennas=of_spws("fit_residuals_by_antenna.ecsv"),
        polarimetry={track: tracks[track].read("polarimetry.ecsv") for track in polarised},
        inspections=_by_track(spws, files["inspections"], read_inspection),
        flux=only("flux"),
        gains=only("gains"),
        statistics=only("statistics"),
        convergence=only("convergence"),
        turns=only("turns"),
        solves=solves,
        antenna_gains=_by_track(solving, files["antenna_gains"], read_table),
        pointing=_by_track(solves, files["pointing"], read_table),
        images={track: one.read("images.ecsv") for track, one in tracks.items()},
        **others,
    )


def _by_track(
    tracks: Iterable[str], paths: Sequence[str], read: Callable[[str], Content]
) -> dict[str, Content]:
    return {track: read(path) for track, path in zip(tracks, paths, strict=True)}


def solved_rounds(rounds: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of how each track's antennas were solved for, defaults filled in.

    Parameters
    ----------
    rounds : track, iteration, and how: the keys of the round as configured
    """
    return [
        {"track": row["track"], "iteration": row["iteration"], **asdict(Round(**row["how"]))}
        for row in rounds
    ]


def read_pictures(
    tracks: Sequence[str], files: Mapping[str, Sequence[str]], skies: Sequence[str] = ()
) -> dict[str, dict[str, Path]]:
    """Pictures of each track by name, from paths of each kind in the order of the tracks.

    Those whose sky is from the visibilities, `skies`, have that instead of IM1, and beside CLEAN's.
    """
    kinds = ("images", "im1", "uv_coverage", "residual_image")
    pictures = {}
    for k, track in enumerate(tracks):
        of_track = {kind: Path(files[kind][k]) for kind in kinds}
        if track in skies:
            of_track["sky"] = of_track.pop("im1")
            of_track["skies"] = Path(files["skies"][list(skies).index(track)])
        pictures[track] = of_track
    return pictures


def read_origins(
    sources: Sequence[tuple[str, str, str]],
    files: Sequence[str],
    results: CampaignResults,
    track: str = "",
    tracks: Sequence[str] = (),
) -> Origins:
    """Read where the results come from.

    Parameters
    ----------
    sources : of each track and target, its name, its measurement set as the user names it, and the
        path of its inspection
    files : of the user's, other than these
    track : whose jobs count; those of the campaign and of all `tracks` where it is left out
    """
    folders = None if track else {*tracks, *SHARED_FOLDERS}
    return Origins(
        inputs=[*map(_source_row, sources), *map(_file_row, files)],
        configuration=results.provenance.text,
        software=provenance.software(),
        commands=results.provenance.commands,
        casa=provenance.casa_calls(results.provenance.logs / track, folders),
        jobs=provenance.job_records(results.provenance.benchmarks / track, folders),
    )


def _source_row(source: tuple[str, str, str]) -> dict[str, Any]:
    name, path, inspected = source
    inspection = read_inspection(inspected)
    return {
        "what": name,
        "input": path,
        "field": inspection.field_name,
        "size (MB)": f"{inspection.bytes / 1e6:.1f}",
        "SHA-256": inspection.metadata_sha256,
    }


def _file_row(path: str) -> dict[str, Any]:
    whole = Path(path)
    if whole.is_dir():  # a mask as CASA image
        size, checksum = folder_bytes(whole), metadata_checksum(whole)
    else:
        size, checksum = whole.stat().st_size, hashlib.sha256(whole.read_bytes()).hexdigest()
    return {
        "what": "file",
        "input": path,
        "field": "",
        "size (MB)": f"{size / 1e6:.1f}",
        "SHA-256": checksum,
    }
