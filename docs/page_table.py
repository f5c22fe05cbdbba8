"""The table of a page that a program writes: what lies between its two marks."""

import re
from collections.abc import Sequence
from pathlib import Path

PLACE = re.compile(r"(<!-- table: [^\n]*-->\n).*?(<!-- end of table -->)", re.DOTALL)


def put_table(page: Path, lines: Sequence[str]) -> None:
    """Put the lines of a table into a page."""
    text = "\n".join(lines)
    page.write_text(PLACE.sub(lambda found: f"{found[1]}{text}\n{found[2]}", page.read_text()))
