"""Write the table of docs/systematics.md from tables that `snakemake systematics` has made.

python docs/make_systematics.py results/*/systematics.ecsv
"""

import re
import sys
from pathlib import Path

import numpy as np

from minispiral.analysis.systematics_tables import summary
from minispiral.analysis.variants import VARIANTS
from minispiral.io.tables import read_table

PAGE = Path(__file__).resolve().parent / "systematics.md"
HEADING = (
    "| track | IM1 | flux scale (%) | slope (% per hour) | quoted | means of 10 minutes (%) "
    "| quoted | integrations (%) | quoted |"
)
NUMBERS = ("scale", "slope", "slope_quoted", "mean", "mean_quoted", "single", "single_quoted")
PLACE = re.compile(r"(<!-- table: [^\n]*-->\n).*(<!-- end of table -->)", re.DOTALL)


def main() -> None:
    """Put the rows of all tables into the page."""
    lines = [HEADING, "|" + "---|" * (len(NUMBERS) + 2)]
    for path in sys.argv[1:]:
        table = read_table(path)
        for track in sorted(set(table["track"])):
            names = [name for name in VARIANTS if np.any(table["variant"] == name)]
            for name in names:
                numbers = summary(table, name, track)
                cells = [f"{numbers[key]:.2g}" for key in NUMBERS]
                lines.append(f"| {track} | `{name}` | {' | '.join(cells)} |")
    text = "\n".join(lines)
    PAGE.write_text(PLACE.sub(lambda found: f"{found[1]}{text}\n{found[2]}", PAGE.read_text()))


if __name__ == "__main__":
    main()
