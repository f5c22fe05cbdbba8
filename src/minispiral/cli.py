"""The command `minispiral`: write a configuration, check one, run the workflow, read its files.

What a subcommand needs is imported when it runs, so that `--help` does not wait for CASA.
"""

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import minispiral
from minispiral.comparing import add_compare
from minispiral.errors import MinispiralError
from minispiral.exports.command_line import add_commands
from minispiral.io.terminal import say

DESCRIPTION = """\
True light curves of Sgr A* from ALMA data, measured against the constant minispiral.

  minispiral init data/*.ms -o config.yaml    write a configuration from measurement sets
  minispiral init --targets data/*.ms -o config.yaml      the same, to self-calibrate any source
  minispiral check                            everything that can be known before running
  minispiral run -n                           say what would be done
  minispiral run                              do it
  minispiral bin results/eht2017/20170406 --seconds 30 > curves.ecsv      average what came out
  minispiral compare results/eht2017 published.csv > comparison.ecsv      ratio, lag and scatter
  minispiral export results/eht2017 20170406 --for ehtim --band lo        for VLBI; see also antab
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 1 where something is wrong, 2 for wrong usage."""
    options = _parsed(sys.argv[1:] if arguments is None else arguments)
    try:
        return options.run(options)
    except MinispiralError as error:
        for line in str(error).splitlines():
            say(f"minispiral: {line}", sys.stderr)
    except BrokenPipeError:  # the reader of the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("minispiral: interrupted", file=sys.stderr)
    except Exception as error:
        first = (str(error).splitlines() or [""])[0]
        say(
            f"minispiral: unexpected {type(error).__name__}: {first}: this is a mistake in "
            "minispiral, please report it",
            sys.stderr,
        )
    return 1


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line; what comes after the first ``--`` of `run` is Snakemake's."""
    own, snakemake = list(arguments), list[str]()
    if own[:1] == ["run"] and "--" in own:
        end = own.index("--")
        own, snakemake = own[:end], own[end + 1 :]
    ours = parser()
    options, unknown = ours.parse_known_args(own)
    if options.run is run_workflow and not any(word.startswith("-") for word in unknown):
        options.targets += unknown  # those that come after an option
    elif unknown:
        hint = ""
        if options.run is run_workflow:
            given = shlex.join([*unknown, *snakemake])
            hint = f": Snakemake's own options come after --, as in minispiral run -- {given}"
        ours.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
    options.snakemake = snakemake
    return options


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
        description="Read measurement sets and write a commented configuration: minispiral init "
        "data/*.ms -o config.yaml. What is missing or odd is said on standard error, and in the "
        "comments. The measurement sets are only read.",
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
    init.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="the file to write, which must not exist yet (default: standard output)",
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
    workflow = commands.add_parser(
        "run",
        usage="minispiral run [-h] [-n] [--cores N] [TARGET ...] [-- SNAKEMAKE_OPTION ...]",
        help="run the workflow in a folder with config.yaml",
        description="Run the workflow in a folder with config.yaml. This is Snakemake with the "
        "workflow's own Snakefile: the same command goes on after an interruption, and does only "
        "what is not done yet. Options after -- are Snakemake's: minispiral run -- --keep-going.",
    )
    workflow.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        help="a word such as light_curves or report, or a file below results (default: all that "
        "the configuration asks for); docs/workflow.md lists the words",
    )
    workflow.add_argument("--cores", "-c", metavar="N", help="how many cores to use (default: all)")
    workflow.add_argument(
        "-n",
        "--dry-run",
        action="store_true",
        help="only say how many jobs of each rule would be done; run -- -n says why, for each job",
    )
    workflow.set_defaults(run=run_workflow)
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
    add_compare(commands)
    table = commands.add_parser(
        "fit-table",
        help="print a .fit file of the memo's script or of this workflow as a table",
        description="Read a .fit file of the memo's script or of this workflow, and print it as an "
        "ECSV table: minispiral fit-table theirs.fit > table.ecsv. Nothing in the file is run: "
        "one that holds anything but numpy's arrays is refused.",
    )
    table.add_argument("fit", metavar="FILE", help="a .fit file")
    table.set_defaults(run=run_fit_table)
    return parser


def run_init(options: argparse.Namespace) -> int:
    """Write the configuration of some measurement sets to a file, or to standard output."""
    from minispiral.checks.draft import draft
    from minispiral.checks.survey import look_at_all, survey_all
    from minispiral.checks.target_draft import draft_targets
    from minispiral.checks.target_survey import survey_target

    if options.output is not None:
        _check_new(options.output)  # before minutes of reading
    with _streams_of_our_own() as (out, err):
        progress = _progress_on(err)
        if options.targets:
            targets, left_out = look_at_all(options.ms, options.field, progress, survey_target)
            written = draft_targets(targets, left_out, options.campaign)
        else:
            tracks, left_out = survey_all(options.ms, options.field, progress)
            written = draft(tracks, left_out, options.campaign)
        for line in written.notes:
            say(f"minispiral: note: {line}", err)
        if options.output is None:
            out.write(written.text)
        else:
            _write_new(options.output, written.text)
            print(
                f"minispiral: {options.output} is written: next, minispiral check {options.output}",
                file=err,
            )
    return 0


def _check_new(output: str) -> None:
    """Raise a MinispiralError where a file cannot be written, or would replace another."""
    path = Path(output)
    if os.path.lexists(path):
        raise MinispiralError(
            f"{output} exists already and is not overwritten: move it away, or give another name"
        )
    if not path.parent.is_dir():
        raise MinispiralError(f"{output} cannot be written: there is no folder {path.parent}")


def _write_new(output: str, text: str) -> None:
    """Write a file that appears whole or not at all, and replaces no other."""
    from minispiral.io.atomic import replacing

    _check_new(output)  # anew, as minutes may have passed
    try:
        with replacing(output) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise MinispiralError(
            f"{output} cannot be written ({error.strerror}): give a folder that you can write to"
        ) from error


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
            say(str(finding), out, hanging=6)
        print(summary(findings), file=out)
    return int(any(finding.level == ERROR for finding in findings))


def run_workflow(options: argparse.Namespace) -> int:
    """Become Snakemake, so that signals, messages and the exit code are Snakemake's own."""
    from minispiral.jobs.run_command import run_command

    command = run_command(options.targets, options.cores, options.dry_run, options.snakemake)
    os.execv(command[0], command)


def run_bin(options: argparse.Namespace) -> int:
    """Print a track's light curves in bins as an ECSV table."""
    from minispiral.columns.light_curves import BINS
    from minispiral.exports.results import read_track
    from minispiral.io.product_tables import rounded

    binned = read_track(options.track).all_binned(options.seconds)
    rounded(binned, BINS).write(sys.stdout, format="ascii.ecsv")
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
