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

FORMS = ("ehtim", "smili", "themis", "bhnerf")
BIN = 10.0  # s


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
        help="print the light curve of a track as programs for VLBI data read it",
        description="Print the light curve of a track and spw in bins of time, in the form that a "
        "program for VLBI data reads: minispiral export results/eht2017 20170406 --for ehtim "
        "--band lo > zero_baseline.txt.",
    )
    _add_track(export)
    export.add_argument("--for", dest="form", choices=FORMS, required=True, help="the program")
    export.add_argument(
        "--bin", type=float, default=BIN, metavar="S", help="length of the bins, s (%(default)g)"
    )
    export.set_defaults(run=run_export)


def _add_track(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("campaign", metavar="CAMPAIGN", help="its folder, as results/eht2017")
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
    """Print a light curve in the form that a program reads."""
    from minispiral.exports.vlbi_curves import write

    track, spw = _chosen(options)
    sys.stdout.write(write(options.form, track.binned(spw, options.bin)))
    return 0


def _chosen(options: argparse.Namespace, name: str = "") -> "tuple[TrackResults, int]":
    """The track that is asked for, and its spw, which a file's `name` may tell."""
    from minispiral.exports.results import read_results

    track = read_results(options.campaign)[options.track]
    frequencies = {spw: f.to_value("Hz") for spw, f in track.frequencies.items()}
    return track, chosen_spw(frequencies, options.band, options.spw, name)
