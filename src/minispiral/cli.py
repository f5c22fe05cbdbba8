"""The command `minispiral`: write a configuration, check one, read the memo's files.

What a subcommand needs is imported when it runs, so that `--help` does not wait for CASA.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

import minispiral
from minispiral.errors import MinispiralError
from minispiral.exports.command_line import add_commands

DESCRIPTION = """\
True light curves of Sgr A* from ALMA data, measured against the constant minispiral.

  minispiral init data/*.ms > config.yaml     write a configuration from measurement sets
  minispiral init --targets data/*.ms > config.yaml       the same, to self-calibrate any source
  minispiral check config.yaml                everything that can be known before running
  snakemake -s MINISPIRAL/Snakefile           run
  minispiral bin results/eht2017/20170406 --seconds 30 > curves.ecsv      average what came out
  minispiral export results/eht2017 20170406 --for ehtim --band lo        for VLBI; see also antab
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 1 where something is wrong, 2 for wrong usage."""
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except MinispiralError as error:
        for line in str(error).splitlines():
            print(f"minispiral: {line}", file=sys.stderr)
    except BrokenPipeError:  # the reader of the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("minispiral: interrupted", file=sys.stderr)
    except Exception as error:
        first = (str(error).splitlines() or [""])[0]
        print(
            f"minispiral: unexpected {type(error).__name__}: {first}: this is a mistake in "
            "minispiral, please report it",
            file=sys.stderr,
        )
    return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="minispiral",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"minispiral {minispiral.__version__}"
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    init = commands.add_parser(
        "init",
        help="write a commented configuration from measurement sets",
        description="Read measurement sets and write a commented configuration to standard "
        "output: minispiral init data/*.ms > config.yaml. What is missing or odd is said on "
        "standard error, and in the comments. The measurement sets are only read.",
    )
    init.add_argument("ms", nargs="+", metavar="MS", help="a calibrated measurement set")
    init.add_argument(
        "--field", help="exact name of the field (default: the one that looks like Sgr A*)"
    )
    init.add_argument(
        "--campaign",
        help="prefix of every product (default: eht, or selfcal, and the year of the data)",
    )
    init.add_argument(
        "--targets",
        action="store_true",
        help="write selfcal_targets, measurement sets of any source that are self-calibrated: a "
        "target for each, of --field or else the field observed longest for science",
    )
    init.set_defaults(run=run_init)
    check = commands.add_parser(
        "check",
        help="check a configuration and all that it names",
        description="Say everything that can be known before running, in one list of lines that "
        "begin with ok, note or error. The exit code is 1 if there is an error. Nothing is "
        "written.",
    )
    check.add_argument(
        "config", nargs="?", default="config.yaml", help="the configuration (default: %(default)s)"
    )
    check.set_defaults(run=run_check)
    binned = commands.add_parser(
        "bin",
        help="print the light curves of a track in bins of time, with errors that hold",
        description="Average the light curves of a track over bins of time, and print them as an "
        "ECSV table: minispiral bin results/eht2017/20170406 --seconds 30 > curves.ecsv. Errors "
        "are by the light curves' covariance, as neighbours share errors: those of the "
        "integrations, over the root of their number, would be too small. Bins share errors too: "
        "for a longer mean bin again, and do not average bins.",
    )
    binned.add_argument(
        "track", metavar="FOLDER", help="a track's results, with light_curves.ecsv, covariance.ecsv"
    )
    binned.add_argument(
        "--seconds", type=float, required=True, help="length of the bins, from 0 h UTC on"
    )
    binned.set_defaults(run=run_bin)
    add_commands(commands)
    table = commands.add_parser(
        "fit-table",
        help="print a .fit file, of whomever, as a table",
        description="Read a .fit file of the memo's script or of this workflow, and print it as an "
        "ECSV table: minispiral fit-table theirs.fit > table.ecsv. Nothing in the file is run: "
        "one that holds anything but numpy's arrays is refused.",
    )
    table.add_argument("fit", metavar="FILE", help="a .fit file")
    table.set_defaults(run=run_fit_table)
    return parser


def run_init(options: argparse.Namespace) -> int:
    """Write the configuration of some measurement sets to standard output."""
    from minispiral.checks.draft import draft
    from minispiral.checks.survey import look_at_all, survey_all
    from minispiral.checks.target_draft import draft_targets
    from minispiral.checks.target_survey import survey_target

    with _streams_of_our_own() as (out, err):
        progress = _progress_on(err)
        if options.targets:
            targets, left_out = look_at_all(options.ms, options.field, progress, survey_target)
            written = draft_targets(targets, left_out, options.campaign)
        else:
            tracks, left_out = survey_all(options.ms, options.field, progress)
            written = draft(tracks, left_out, options.campaign)
        for line in written.notes:
            print(f"minispiral: note: {line}", file=err)
        out.write(written.text)
    return 0


def run_check(options: argparse.Namespace) -> int:
    """Print the findings about a configuration as they come; say whether it can run."""
    from minispiral.checks.findings import ERROR, summary
    from minispiral.checks.preflight import preflight

    findings = []
    with _streams_of_our_own() as (out, err):
        progress = _progress_on(err)
        for finding in preflight(options.config, progress):
            findings.append(finding)
            progress("")
            print(finding, file=out, flush=True)
        print(summary(findings), file=out)
    return int(any(finding.level == ERROR for finding in findings))


def run_bin(options: argparse.Namespace) -> int:
    """Print a track's light curves in bins as an ECSV table."""
    from minispiral.light_curves.binning import bin_light_curves, read_track

    bin_light_curves(*read_track(options.track), options.seconds).write(
        sys.stdout, format="ascii.ecsv"
    )
    return 0


def run_fit_table(options: argparse.Namespace) -> int:
    """Print a .fit file as an ECSV table."""
    from minispiral.fit.memo_file import read_fit_file

    read_fit_file(options.fit).write(sys.stdout, format="ascii.ecsv")
    return 0


def _progress_on(err: TextIO) -> Callable[[str], None]:
    """Say on a terminal what is being read, in a line that the next one replaces."""

    def progress(what: str) -> None:
        if err.isatty():
            line = f"reading {what} ..." if what else ""
            print(f"\r\033[K{line}", end="", file=err, flush=True)

    return progress


@contextmanager
def _streams_of_our_own() -> Iterator[tuple[TextIO, TextIO]]:
    """Yield standard output and error; whatever else is printed, as by CASA, is thrown away."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        for descriptor in (1, 2):
            os.dup2(nothing, descriptor)
        with (
            open(kept[0], "w", encoding="utf-8", closefd=False) as out,
            open(kept[1], "w", encoding="utf-8", closefd=False) as err,
        ):
            try:
                yield out, err
            finally:
                _progress_on(err)("")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for descriptor, copy in zip((1, 2), kept, strict=True):
            os.dup2(copy, descriptor)
            os.close(copy)
        os.close(nothing)
