"""Write the table of pulls of docs/errors.md from tables that `snakemake validate` has made.

python docs/make_errors.py NAME=FOLDER/validation_timescales.ecsv[:TRACK] ...

A row for each name and kind of sum; of the same name, tracks of several files are put together.
"""

import sys
from pathlib import Path

from page_table import put_table

from minispiral.analysis.timescales import BINNED, DIFFERENCES
from minispiral.io.tables import read_table
from minispiral.plots.validation import rms

PAGE = Path(__file__).resolve().parent / "errors.md"
LENGTHS = (10.0, 30.0, 60.0, 180.0, 600.0, 1800.0, 3600.0)
KINDS = {BINNED: "means", DIFFERENCES: "differences"}


def main() -> None:
    """Put the pulls into the page, all tracks together last."""
    pulls: dict[str, list[tuple[str, float, float]]] = {}
    for argument in sys.argv[1:]:
        name, _, source = argument.partition("=")
        path, _, track = source.partition(":")
        table = read_table(path)
        rows = table[table["stokes"] == "I"]
        if track:
            rows = rows[rows["track"] == track]
        shortest = min(rows["seconds"])
        for row in rows:
            seconds = 0.0 if row["seconds"] == shortest else float(row["seconds"])
            pulls.setdefault(name, []).append((str(row["kind"]), seconds, float(row["pull_std"])))
    every = [entry for of_name in pulls.values() for entry in of_name]
    columns = [0.0, *LENGTHS]
    heading = ["int", *(f"{seconds:g} s" for seconds in LENGTHS)]
    lines = [f"| track | of | {' | '.join(heading)} |", "|" + "---|" * (len(columns) + 2)]
    for name, entries in {**pulls, "all": every}.items():
        for kind, word in KINDS.items():
            of_kind = [[p for k, s, p in entries if (k, s) == (kind, c)] for c in columns]
            cells = [f"{rms(found):.2f}" if found else "" for found in of_kind]
            lines.append(f"| {name} | {word} | {' | '.join(cells)} |")
    put_table(PAGE, lines)


if __name__ == "__main__":
    main()
