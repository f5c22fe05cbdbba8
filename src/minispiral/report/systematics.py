"""The budget of what is systematic as a page, which opens without a network, and in a line."""

from pathlib import Path

import numpy as np
from astropy.table import Table
from jinja2 import Environment, PackageLoader, StrictUndefined

from minispiral.analysis.systematics_tables import summary, variants_in
from minispiral.analysis.variants import VARIANTS
from minispiral.columns.analysis import SYSTEMATICS
from minispiral.measures.stated import read_stated
from minispiral.report.embedding import data_url, shown_width


def systematics_page(table: Table, campaign: str, picture: str | Path) -> str:
    """Return the page as HTML: a summary of each variant, the picture, and all numbers.

    Parameters
    ----------
    table : of `minispiral.analysis.systematics_tables.systematics_table`
    picture : PNG of `minispiral.plots.systematics`
    """
    environment = Environment(
        loader=PackageLoader("minispiral.report"), autoescape=True, undefined=StrictUndefined
    )
    stated = read_stated(table.meta)
    return environment.get_template("systematics.html").render(
        campaign=campaign,
        stated="" if stated is None else stated.in_words(),
        summary=[(VARIANTS[name].label, summary(table, name)) for name in variants_in(table)],
        picture=data_url(picture),
        width=shown_width(picture),
        columns=list(SYSTEMATICS),
        labels={name: variant.label for name, variant in VARIANTS.items()},
        rows=table,
        np=np,
    )


def in_a_line(table: Table) -> str:
    """Say which variant changes the means of ten minutes most, and by how much."""
    names = variants_in(table)
    numbers = {name: summary(table, name) for name in names}
    known = [name for name in names if np.isfinite(numbers[name]["mean"])]
    if not known:
        return "tracks are too short for means of 10 minutes: flux scales alone are compared"
    largest = max(known, key=lambda name: numbers[name]["mean"])
    return (
        f"means of 10 minutes change most with IM1 {VARIANTS[largest].label}, by "
        f"{numbers[largest]['mean']:.2g} % (quoted: {numbers[largest]['mean_quoted']:.2g} %)"
    )
