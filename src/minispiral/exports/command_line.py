"""The commands `minispiral antab` and `minispiral export`.

What a command needs is imported when it runs, so that `--help` does not wait for astropy.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from minispiral.errors import MinispiralError
from minispiral.exports.bands import BANDS, chosen_spw

if TYPE_CHECKING:
    from minispiral.exports.results import TrackResults

PROGRAMS = ("ehtim", "smili", "themis", "bhnerf")
TABLES = ("fits", "votable", "cds")
BIN = 10.0  # s, for programs


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to the parser of the command line."""
    antab = commands.add_parser(
        "antab",
        help="put the gain of a track on phased ALMA's system temperatures",
        description="Read an ANTAB file of phased ALMA, multiply its system temperatures by the "
        "gain of a track, at the time of each row, and print it: minispiral antab "
        "e17b06-lo.antab results/eht2017 20170406 > new.antab. That is an amplitude gain of the "
        "root of it for the station. All else of the file stays as it is.",
    )
    antab.add_argument("antab", metavar="FILE", help="an ANTAB file, of one band")
    _add_track(antab)
    antab.add_argument(
        "--station", default="AA", help="name of phased ALMA in the file (default: %(default)s)"
    )
    antab.set_defaults(run=run_antab)
    export = commands.add_parser(
        "export",
        help="write light curves as programs for VLBI data read them, or to be published",
        description="For a program for VLBI data, print the light curve of a track and spw in bins "
        "of time: minispiral export results/eht2017 20170406 --for ehtim --band lo > flux.txt. To "
        "publish them, write the light curves of a track, or of all, as a table with times in UTC, "
        "TAI and at the barycentre: minispiral export results/eht2017 --for fits --output x.fits.",
    )
    _add_track(export, all_tracks=True)
    export.add_argument(
        "--for",
        dest="form",
        choices=(*PROGRAMS, *TABLES),
        required=True,
        help="the program, or the kind of table",
    )
    export.add_argument(
        "--bin",
        type=float,
        metavar="S",
        help=f"length of bins of time, s (default: {BIN:g} for programs, none for tables)",
    )
    export.add_argument(
        "--output",
        metavar="PATH",
        help="what tables are written to: a file, or for cds a folder of a table and its ReadMe",
    )
    export.set_defaults(run=run_export)


def _add_track(parser: argparse.ArgumentParser, all_tracks: bool = False) -> None:
    parser.add_argument("campaign", metavar="CAMPAIGN", help="its folder, as results/eht2017")
    if all_tracks:
        parser.add_argument(
            "track", metavar="TRACK", nargs="?", help="name of a track (default, of tables: all)"
        )
    else:
        parser.add_argument("track", metavar="TRACK", help="name of a track")
    spw = parser.add_mutually_exclusive_group()
    spw.add_argument("--band", choices=tuple(BANDS), help="band of the EHT, which says the spw")
    spw.add_argument("--spw", type=int, help="number of the spw")


def run_antab(options: argparse.Namespace) -> int:
    """Print an ANTAB file with the gain on it; say on standard error what was done."""
    from minispiral.exports.antab import scaled_antab, told
    from minispiral.exports.station_gain import REACH, station_gain

    try:
        # any bytes, as comments may be in any encoding: they come out as they went in
        text = Path(options.antab).read_bytes().decode("latin-1")
    except OSError as error:
        raise MinispiralError(f"{options.antab} cannot be read: {error.strerror}") from error
    track, spw = _chosen(options, options.antab)
    try:
        scaled, report = scaled_antab(text, station_gain(track.table, spw), options.station)
    except MinispiralError as error:
        raise MinispiralError(f"{options.antab}: {error}") from error
    frequency = track.frequencies[spw].to_value("GHz")
    print(f"minispiral: gain of spw {spw}, {frequency:.1f} GHz", file=sys.stderr)
    for line in told(report, Path(options.antab).name, REACH):
        print(f"minispiral: {line}", file=sys.stderr)
    if not report.changed:
        raise MinispiralError(
            f"{options.antab} has no row within {REACH:g} s of an integration of track "
            f"{track.name}: take the file of the same night"
        )
    sys.stdout.flush()
    sys.stdout.buffer.write(scaled.encode("latin-1"))
    return 0


def run_export(options: argparse.Namespace) -> int:
    """Print a light curve in the form that a program reads, or write a table to be published."""
    from minispiral.exports.vlbi_curves import write

    if options.form in TABLES:
        return _publish(options)
    if options.track is None:
        raise MinispiralError(f"--for {options.form} takes one track: give its name too")
    if options.output is not None:
        raise MinispiralError(f"--for {options.form} prints its lines: write > FILE, not --output")
    track, spw = _chosen(options)
    seconds = BIN if options.bin is None else options.bin
    sys.stdout.write(write(options.form, track.binned(spw, seconds)))
    return 0


def _publish(options: argparse.Namespace) -> int:
    """Write a table of the light curves of a track, or of all."""
    from minispiral.exports import publication
    from minispiral.exports.results import read_results
    from minispiral.io import atomic

    if options.output is None:
        raise MinispiralError(f"--for {options.form} writes to a file: name it by --output")
    campaign = read_results(options.campaign)
    tracks = list(campaign) if options.track is None else [options.track]
    if not tracks:
        raise MinispiralError(f"{options.campaign} has no light curves yet: run the workflow")
    spw = options.spw
    if options.band is not None:
        spw = chosen_spw(_hertz(campaign[tracks[0]]), options.band, None)
    table = publication.published_table(campaign, tracks, spw, options.bin)
    write = {
        "fits": publication.write_fits,
        "votable": publication.write_votable,
        "cds": publication.write_cds,
    }[options.form]
    if Path(options.output).exists():
        raise MinispiralError(f"{options.output} is there already: name another, or remove it")
    with atomic.replacing(options.output) as part:
        write(part, table)
    print(f"minispiral: {len(table)} rows in {options.output}", file=sys.stderr)
    return 0


def _chosen(options: argparse.Namespace, name: str = "") -> "tuple[TrackResults, int]":
    """The track that is asked for, and its spw, which a file's `name` may tell."""
    from minispiral.exports.results import read_results

    track = read_results(options.campaign)[options.track]
    return track, chosen_spw(_hertz(track), options.band, options.spw, name)


def _hertz(track: "TrackResults") -> dict[int, float]:
    return {spw: float(f.to_value("Hz")) for spw, f in track.frequencies.items()}
