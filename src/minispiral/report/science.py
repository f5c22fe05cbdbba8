"""What the light curves say: a section of the report, and a page of its own.

Both are made of the tables and pictures of target `science`, by `read_section`; the report has the
section by one call of `science_section`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astropy.table import Table
from jinja2 import Environment, PackageLoader, StrictUndefined

from minispiral.io.tables import read_table
from minispiral.report.embedding import picture
from minispiral.science.findings import Finding, Tables, findings

TABLES = ("red_noise", "periods", "loops", "lags", "trends", "transients")
PICTURES = {
    "power": "Power spectra of Stokes I over its mean, each with the power law that fits best, and "
    "the level of the errors. What gaps and the length of a track do is taken out.",
    "loops": "Q and U against each other, coloured by time; the cross is the median error.",
    "spectra": "Spectral index against flux, and rotation measure against time, of means of 5 min.",
}
LABELS = {
    "red_noise": "Red noise: power law and damped random walk",
    "periods": "Strongest period of Stokes I",
    "loops": "How Q and U turn",
    "lags": "Lags of a spectral window (spw 2) behind another (spw 1)",
    "trends": "Spectral index and rotation measure",
    "transients": "Transients in the field",
}


@dataclass(frozen=True)
class Section:
    """What the section shows: what was found, pictures as data URLs, and tables by name."""

    findings: Sequence[Finding]
    pictures: Sequence[dict[str, str]]
    tables: Sequence[dict[str, Any]]


def read_section(folder: str | Path) -> Section:
    """Read the products of target `science` from a campaign's folder."""
    folder = Path(folder)
    tables = {name: read_table(folder / "science" / f"{name}.ecsv") for name in TABLES[:-1]}
    tables["transients"] = read_table(folder / "transients.ecsv")
    pictures = [
        picture(folder / "science" / f"{name}.png", caption)
        for name, caption in PICTURES.items()
        if name != "spectra" or len(tables["trends"])
    ]
    return Section(
        findings(Tables(**tables)),
        pictures,
        [_text_table(LABELS[name], table) for name, table in tables.items() if len(table)],
    )


def science_page(section: Section, campaign: str) -> str:
    """Return the page as HTML, one file with everything inside."""
    return _environment().get_template("science.html").render(campaign=campaign, science=section)


def science_section(pages: Sequence[str]) -> str:
    """Return the report's section as HTML; nothing where the report is to have none.

    Parameters
    ----------
    pages : path of science.html, beside which tables and pictures lie; or empty
    """
    if not pages:
        return ""
    section = read_section(Path(pages[0]).parent)
    return _environment().get_template("science_section.html").render(science=section)


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("minispiral.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _text_table(label: str, table: Table) -> dict[str, Any]:
    headings = [
        f"{name} ({table[name].unit})" if table[name].unit else name for name in table.colnames
    ]
    rows = [[_text(name, row[name]) for name in table.colnames] for row in table]
    return {"label": label, "headings": headings, "rows": rows}


def _text(name: str, value: Any) -> str:
    if name.startswith("mjd"):
        return f"{value:.5f}"
    if isinstance(value, float):
        return f"{value:.3g}" if value == value else "–"
    return str(value)
