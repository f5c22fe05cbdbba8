"""The validation as a page: one file with its pictures inside, which opens without a network."""

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure

from minispiral.analysis.truth import STOKES
from minispiral.analysis.validation_tables import AFTER, BEFORE, Validated
from minispiral.io.wording import extremes
from minispiral.measures.units import significant, with_error
from minispiral.plots.validation import (
    plot_drift,
    plot_power,
    plot_pulls,
    plot_residuals,
    plot_timescales,
    rms,
)
from minispiral.report.embedding import data_url, shown_width

HELD = (0.7, 1.3)  # standard deviations of pulls with which errors hold


def validation_page(
    validated: Sequence[Validated], campaign: str, pictures: Mapping[str, str | Path] | None = None
) -> str:
    """Return the page as HTML: verdict, summary, pictures of each track, table of all numbers.

    Parameters
    ----------
    pictures : PNGs of all tracks together, by their captions
    """
    environment = Environment(
        loader=PackageLoader("minispiral.report"), autoescape=True, undefined=StrictUndefined
    )
    tracks = dict.fromkeys(result.track for result in validated)
    return environment.get_template("validation.html").render(
        campaign=campaign,
        verdicts=verdicts(validated),
        pictures=[
            (caption, data_url(path), shown_width(path))
            for caption, path in (pictures or {}).items()
        ],
        tracks=[
            _track([result for result in validated if result.track == name]) for name in tracks
        ],
        stages=(AFTER, BEFORE),
        validated=validated,
        np=np,
        significant=significant,
        with_error=with_error,
    )


def verdicts(validated: Sequence[Validated]) -> list[tuple[bool, str]]:
    """Say of each track, in a sentence, how well Stokes I follows the truth; the worst first.

    With each, whether its errors hold: pulls have a standard deviation within `HELD`.
    """
    judged = []
    for track in dict.fromkeys(result.track for result in validated):
        own = [result for result in validated if result.track == track and result.stokes == "I"]
        after, before = (
            [result for result in own if result.stage == stage] for stage in (AFTER, BEFORE)
        )
        pull = rms([np.std(result.comparison.pull) for result in after])
        judged.append((abs(np.log(pull)), HELD[0] <= pull <= HELD[1], _verdict(after, before)))
    return [(held, text) for _, held, text in sorted(judged, key=lambda each: -each[0])]


def _verdict(after: Sequence[Validated], before: Sequence[Validated]) -> str:
    pull = rms([np.std(result.comparison.pull) for result in after])
    scatter, flattened = (
        f"{100 * rms([r.drift.scatter for r in results if r.drift is not None]):.2g} %"
        for results in (after, before)
    )
    factors = [r.drift.scale for r in after if r.drift is not None]
    scale = extremes(factors, "{:.3f}".format)
    errors = (
        "hold" if HELD[0] <= pull <= HELD[1] else "are too small" if pull > 1 else "are too large"
    )
    return (
        f"{after[0].track}: Stokes I follows the truth to {scatter} in single integrations "
        f"({flattened} as QA2 delivered it), apart from a flux scale of {scale}. Its errors "
        f"{errors}: pulls scatter by {pull:.2f}, where 1 is right."
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
            (
                "Stokes I less the truth times the factor; the band is the quoted error (1 sigma)",
                _embedded(plot_residuals(after)),
            ),
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
