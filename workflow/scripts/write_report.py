"""Write the page of a campaign, or of one of its tracks."""

from pathlib import Path

import minispiral
from minispiral.io import atomic
from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.report.alarms import alarms_of
from minispiral.report.inputs import read_origins, read_pictures, read_tables, solved_rounds
from minispiral.report.links import files_of_page
from minispiral.report.page import campaign_page, track_page
from minispiral.report.science import science_section
from minispiral.sky.history import ALL_TRACKS


def main(job) -> None:
    """Write report.html."""
    files, params = job.input, job.params
    spws, track = dict(params.spws), job.wildcards.get("track", "")
    skies = {name: whose or ALL_TRACKS for name, whose in params.skies}
    others = {"solved": solved_rounds(params.solved), "skies": skies}
    if not track:
        rounds = map(read_table, files.rounds)
        others["rounds"] = dict(zip(params.targets, rounds, strict=True))
        others["remarks"] = params.remarks
    results = minispiral.read(Path(files.configuration).parent)
    tables = read_tables(results, spws, files, dict(params.solves), **others)
    pictures = read_pictures(list(spws), files, [name for name in spws if name in skies])
    folder = Path(job.output[0]).parent
    prints = [Path(path).relative_to(folder).as_posix() for path in files.prints]
    for (name, spw), path in zip(params.corrected, files.absorption, strict=True):
        pictures[name][f"absorption, spw {spw}"] = Path(path)
    origins = read_origins(params.sources, files.files, results, track, list(spws))
    linked = files_of_page(
        params.products,
        list(spws),
        params.bins,
        params.has_truth,
        lambda path: folder.joinpath(path).exists(),
        track,
    )
    if track:
        page = track_page(tables, track, pictures[track], origins, prints, linked)
    else:
        kinds = zip(files.before_after, files.round_images, files.round_gains, strict=True)
        of_targets = [
            dict(zip(("before_after", "rounds", "antenna_gains"), map(Path, paths), strict=True))
            for paths in kinds
        ]
        page = campaign_page(
            tables,
            pictures,
            origins,
            variability=next(map(Path, files.variability), None),
            target_pictures=dict(zip(params.targets, of_targets, strict=True)),
            prints=prints,
            delivered=next(map(Path, files.delivered), None),
            files=linked,
            science=science_section(files.science),
        )
    with atomic.replacing(job.output[0]) as part:
        part.write_text(page, encoding="utf-8")
    if not track:
        for alarm in alarms_of(tables):
            log.announce(alarm)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
