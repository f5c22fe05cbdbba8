"""Write the table of docs/systematics.md from tables that `snakemake systematics` has made.

python docs/make_systematics.py results/*/systematics.ecsv
"""

import sys
from pathlib import Path

from page_table import put_table

from minispiral.analysis.systematics_tables import summary, variants_in
from minispiral.io.tables import read_table

PAGE = Path(__file__).resolve().parent / "systematics.md"
HEADING = (
    "| track | IM1 | flux scale (%) | slope (% per hour) | quoted | means of 10 minutes (%) "
    "| quoted | integrations (%) | quoted |"
)


def main() -> None:
    """Put the rows of all tables into the page."""
    lines = [HEADING, "|" + "---|" * (HEADING.count("|") - 1)]
    for path in sys.argv[1:]:
        table = read_table(path)
        for track in sorted(set(table["track"])):
            for name in variants_in(table):
                cells = [f"{number:.2g}" for number in summary(table, name, track).values()]
                lines.append(f"| {track} | `{name}` | {' | '.join(cells)} |")
    put_table(PAGE, lines)


if __name__ == "__main__":
    main()
