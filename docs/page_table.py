"""The table of a page that a program writes: what lies between its two marks."""

import re
from collections.abc import Sequence
from pathlib import Path

PLACE = r"(<!-- table: [^\n]*{}[^\n]*-->\n).*?(<!-- end of table -->)"


def put_table(page: Path, lines: Sequence[str], about: str = "") -> None:
    """Put the lines of a table into a page; of several, that whose first mark tells what about."""
    place = re.compile(PLACE.format(re.escape(about)), re.DOTALL)
    text = "\n".join(lines)
    page.write_text(place.sub(lambda found: f"{found[1]}{text}\n{found[2]}", page.read_text()))
