"""The validation as a page: one file with its pictures inside, which opens without a network."""

import base64
import io
from collections.abc import Sequence

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure

from minispiral.analysis.validation_tables import AFTER, BEFORE, STOKES, Validated
from minispiral.plots.validation import plot_power, plot_pulls, plot_residuals, rms


def validation_page(validated: Sequence[Validated], campaign: str) -> str:
    """Return the page as HTML: summary, pictures of each track, and the table of all numbers."""
    environment = Environment(
        loader=PackageLoader("minispiral.report"), autoescape=True, undefined=StrictUndefined
    )
    tracks = list(dict.fromkeys(each.track for each in validated))
    return environment.get_template("validation.html").render(
        campaign=campaign,
        tracks=[_track([each for each in validated if each.track == name]) for name in tracks],
        stages=(AFTER, BEFORE),
        validated=validated,
        np=np,
    )


def _track(validated: Sequence[Validated]) -> dict:
    after = [each for each in validated if each.stage == AFTER]
    return {
        "name": after[0].track,
        "summary": [_summary(validated, stokes) for stokes in STOKES],
        "pictures": [
            ("Stokes I less the truth, a factor apart", _embedded(plot_residuals(after))),
            ("Pulls after scaling, and what they should be", _embedded(plot_pulls(after))),
            (
                "Power of Stokes I on each timescale, and the share of the true variability that "
                "comes through",
                _embedded(plot_power(validated)),
            ),
        ],
    }


def _summary(validated: Sequence[Validated], stokes: str) -> dict:
    """Numbers over all spws of a track: root mean squares of scatter and pulls."""
    found: dict = {"stokes": stokes}
    for stage in (BEFORE, AFTER):
        mine = [e.comparison for e in validated if e.stokes == stokes and e.stage == stage]
        if mine:
            found[stage] = {
                "factor": (min(c.factor for c in mine), max(c.factor for c in mine)),
                "scatter": rms([c.scatter for c in mine]),
                "error": rms([np.median(c.error) for c in mine]),
                "pull": rms([np.std(c.pull) for c in mine]),
            }
    return found


def _embedded(figure: Figure) -> str:
    """A figure as the text of a data URL."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
