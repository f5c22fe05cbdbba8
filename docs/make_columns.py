"""Write docs/columns.md, the columns of all tables, from their descriptions: by ``make keys``."""

from collections.abc import Iterator
from pathlib import Path

from minispiral.columns.column import Columns
from minispiral.columns.files import OF_COMMANDS, ON_THE_WAY, PRODUCTS

PAGE = Path(__file__).resolve().parent / "columns.md"
HEAD = """\
# Columns of all tables

<!-- `make keys` writes this page from the descriptions in src/minispiral/columns. -->

These are the columns of the tables below `results/{campaign}/`, with the units and descriptions
that the files have too. [Products](products.md) explains them, and says how other programs read
these files. A column that ends in `_err` has the error of the column before.
"""
PARTS: tuple[tuple[str, str, dict[str, Columns]], ...] = (
    ("Products", "Numbers have as many digits as mean something.", PRODUCTS),
    (
        "Tables of each iteration",
        "Later jobs calculate with these tables, so numbers have all digits.",
        ON_THE_WAY,
    ),
    ("Tables that commands make", "", OF_COMMANDS),
)


def page() -> str:
    """The page."""
    return HEAD + "".join(block for part in PARTS for block in _part(*part))


def _part(title: str, introduction: str, tables: dict[str, Columns]) -> Iterator[str]:
    yield f"\n## {title}\n"
    if introduction:
        yield f"\n{introduction}\n"
    for file, columns in tables.items():
        names = ", ".join(f"`{name}`" for name in file.split(", "))
        yield f"\n### {names}\n\n| column | unit | what |\n|---|---|---|\n"
        for name, column in columns.items():
            unit = "" if column.unit is None else column.unit.to_string("unicode")
            yield f"| `{name}` | {unit} | {column.description} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
