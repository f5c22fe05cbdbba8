"""The command `minispiral compare`: two runs, or a run and a published curve, side by side.

What the command needs is imported when it runs, so that `--help` does not wait for matplotlib.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from minispiral.errors import MinispiralError

if TYPE_CHECKING:
    from astropy.table import Table

    from minispiral.science.comparison import Compared

TABLES, FIGURES = (".ecsv", ".csv"), (".png", ".pdf")


def add_compare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser of the command line."""
    compare = commands.add_parser(
        "compare",
        help="compare two runs, or a run and a published light curve: ratio, lag, scatter",
        description="Compare the Stokes I of two runs, or of a run and a table, track by track and "
        "spw by spw, and print a table: minispiral compare results/eht2017 published.csv > "
        "comparison.ecsv. Light curves of the same time are compared, each with the one nearest "
        "in frequency. The ratio is B over A, and a positive lag says that B is later.",
    )
    for name, which in (("A", "first"), ("B", "second")):
        compare.add_argument(
            name.lower(),
            metavar=name,
            help=f"the {which} one: a folder of results, as results/eht2017 or that of a track, or "
            "a table with columns of time (MJD, or hours of the day), flux, and perhaps its error",
        )
    compare.add_argument(
        "--track", action="append", default=[], help="only this track; may be given several times"
    )
    compare.add_argument("--spw", help="only this spw of A")
    compare.add_argument(
        "--table", metavar="FILE", help="write the table to FILE, .ecsv or .csv (default: print it)"
    )
    compare.add_argument(
        "--figure", metavar="FILE", help="draw curves and ratios to FILE, .png or .pdf"
    )
    compare.set_defaults(run=run_compare)


def run_compare(options: argparse.Namespace) -> int:
    """Compare, write what is asked for, and say in lines on standard error what was found."""
    from minispiral.columns.comparison import COMPARISON
    from minispiral.io.product_tables import rounded, with_origin
    from minispiral.jobs.provenance import origin_of
    from minispiral.science.comparison import compare, comparison_table, pairs
    from minispiral.science.given_curves import read_curves

    _check_new(options.table, TABLES)
    _check_new(options.figure, FIGURES)
    first, second = (read_curves(path, options.track) for path in (options.a, options.b))
    if options.spw is not None:
        first = [curve for curve in first if curve.spw == options.spw]
        if not first:
            raise MinispiralError(f"{options.a} has no spw {options.spw}")
    compared = []
    for one, other in pairs(first, second):
        found = compare(one, other)
        if found is None:
            print(f"minispiral: {_named(one.track, one.spw)}: too few points", file=sys.stderr)
        else:
            compared.append(found)
            print(f"minispiral: {_told(found)}", file=sys.stderr, flush=True)
    if not compared:
        raise MinispiralError(
            f"{options.a} and {options.b} have next to no points of the same time: is one of them "
            "in hours of another day, or in another time scale?"
        )
    table = rounded(comparison_table(compared), COMPARISON)
    made = {"first": str(options.a), "second": str(options.b), **origin_of(Path())}
    _write(with_origin(table, made), options.table)
    if options.figure is not None:
        from minispiral.plots.comparison import plot_comparison
        from minispiral.plots.style import save

        names = [Path(path).name for path in (options.a, options.b)]
        if names[0] == names[1]:
            names = [options.a, options.b]
        save(plot_comparison(compared, *names), options.figure)
    return 0


def _write(table: "Table", path: str | None) -> None:
    from minispiral.io import atomic

    if path is None:
        table.write(sys.stdout, format="ascii.ecsv")
        return
    form = "ascii.csv" if path.endswith(".csv") else "ascii.ecsv"
    with atomic.replacing(path) as part:
        table.write(part, format=form, overwrite=True)


def _check_new(path: str | None, suffixes: tuple[str, ...]) -> None:
    """Raise a MinispiralError where a file cannot be written, or would replace another."""
    if path is None:
        return
    if Path(path).suffix not in suffixes:
        raise MinispiralError(f"{path}: name a file that ends in {' or '.join(suffixes)}")
    if Path(path).exists():
        raise MinispiralError(f"{path} is there already: name another, or remove it")
    if not Path(path).parent.is_dir():
        raise MinispiralError(f"{path} cannot be written: there is no folder {Path(path).parent}")


def _named(track: str, spw: str) -> str:
    from minispiral.science.given_curves import NOTHING

    parts = [f"track {track}" * (track != NOTHING), f"spw {spw}" * (spw != NOTHING)]
    return ", ".join(filter(None, parts)) or "light curve"


def _told(found: "Compared") -> str:
    """What was found of a pair, in a line."""
    from minispiral.measures.units import with_error

    one, other = found.one, found.other
    lag = found.no_lag or f"{with_error(*found.lag)} s later"
    return (
        f"{_named(one.track, one.spw)} and {_named(other.track, other.spw)}: ratio "
        f"{with_error(*found.ratio)}, {lag}, scatter "
        f"{100 * found.scatter:.2g} %; {len(found.time)} points, {100 * found.share:.0f} % and "
        f"{100 * found.other_share:.0f} % of the two are covered by the other"
    )
