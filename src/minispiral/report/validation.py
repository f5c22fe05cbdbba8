"""The validation as a page: one file with its pictures inside, which opens without a network."""

import base64
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure

from minispiral.analysis.truth import STOKES
from minispiral.analysis.validation_tables import AFTER, BEFORE, Validated
from minispiral.plots.validation import (
    plot_drift,
    plot_power,
    plot_pulls,
    plot_residuals,
    plot_timescales,
    rms,
)


def validation_page(validated: Sequence[Validated], campaign: str) -> str:
    """Return the page as HTML: summary, pictures of each track, and the table of all numbers."""
    environment = Environment(
        loader=PackageLoader("minispiral.report"), autoescape=True, undefined=StrictUndefined
    )
    tracks = dict.fromkeys(result.track for result in validated)
    return environment.get_template("validation.html").render(
        campaign=campaign,
        tracks=[
            _track([result for result in validated if result.track == name]) for name in tracks
        ],
        stages=(AFTER, BEFORE),
        validated=validated,
        np=np,
    )


def _track(validated: Sequence[Validated]) -> dict[str, Any]:
    after = [result for result in validated if result.stage == AFTER]
    return {
        "name": after[0].track,
        "summary": [_summary(validated, stokes) for stokes in STOKES],
        "drifts": [(result.spw, result.drift) for result in after if result.drift is not None],
        "pictures": [
            (
                "Stokes I over the truth: single integrations, and means of 10 minutes",
                _embedded(plot_drift(after)),
            ),
            ("Stokes I less the truth, a factor apart", _embedded(plot_residuals(after))),
            ("Pulls after scaling, and what they should be", _embedded(plot_pulls(after))),
            (
                "Pulls of Stokes I against timescale: of each spw, and the root mean square over "
                "all",
                _embedded(plot_timescales(after)),
            ),
            (
                "Power of Stokes I on each timescale, and the share of the true variability that "
                "comes through",
                _embedded(plot_power(validated)),
            ),
        ],
    }


def _summary(validated: Sequence[Validated], stokes: str) -> dict[str, Any]:
    """Numbers over all spws of a track: root mean squares of scatter and pulls."""
    numbers: dict[str, Any] = {"stokes": stokes}
    for stage in (BEFORE, AFTER):
        comparisons = [
            result.comparison
            for result in validated
            if result.stokes == stokes and result.stage == stage
        ]
        if comparisons:
            factors = [comparison.factor for comparison in comparisons]
            numbers[stage] = {
                "factor": (min(factors), max(factors)),
                "scatter": rms([comparison.scatter for comparison in comparisons]),
                "error": rms([np.median(comparison.error) for comparison in comparisons]),
                "pull": rms([np.std(comparison.pull) for comparison in comparisons]),
            }
    return numbers


def _embedded(figure: Figure) -> str:
    """A figure as the text of a data URL."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
