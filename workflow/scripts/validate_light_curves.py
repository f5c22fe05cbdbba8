"""Compare a campaign's light curves with the truth, where it is known."""

from minispiral.analysis.truth import read_truth
from minispiral.analysis.validation_tables import (
    power_table,
    pulls_table,
    timescales_table,
    validate_curve,
    validation_table,
)
from minispiral.columns.analysis import (
    VALIDATION,
    VALIDATION_POWER,
    VALIDATION_PULLS,
    VALIDATION_TIMESCALES,
)
from minispiral.errors import MinispiralError
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.report.validation import validation_page

PICTURES = {
    "delivered": "As QA2 delivered it (orange), after (blue), and the truth (lines)",
    "curves": "Light curves over the truth (lines)",
}


def main(job) -> None:
    """Write tables and page."""
    files, output = job.input, job.output
    if not job.params.tracks:
        raise MinispiralError(
            "no track has a table of true fluxes: give tracks.NAME.truth, or simulate a track"
        )
    truths = dict(zip(job.params.tracks, map(read_truth, files.truths), strict=True))
    covariances = dict(zip(job.params.tracks, map(read_table, files.covariances), strict=True))
    validated = []
    for light_curve, fit in zip(files.light_curves, files.fits, strict=True):
        curve = read_table(light_curve)
        track = str(curve["track"][0])
        validated += validate_curve(curve, read_table(fit), truths[track], covariances[track])
    table = validation_table(validated)
    for path, content, known in (
        (output.table, table, VALIDATION),
        (output.pulls, pulls_table(validated), VALIDATION_PULLS),
        (output.power, power_table(validated), VALIDATION_POWER),
        (output.timescales, timescales_table(validated), VALIDATION_TIMESCALES),
    ):
        with atomic.replacing(path) as part:
            write_product(part, content, known, origin_of(part))
    with atomic.replacing(output.page) as part:
        pictures = {caption: getattr(files, name) for name, caption in PICTURES.items()}
        page = validation_page(validated, job.params.title, pictures)
        part.write_text(page, encoding="utf-8")
    rows = table[(table["stokes"] == "I") & (table["stage"] == "after scaling")]
    log.announce(
        f"Stokes I: flux scales {min(rows['flux_scale']):.4f} to {max(rows['flux_scale']):.4f}, "
        f"pulls {min(rows['pull_std']):.2f} to {max(rows['pull_std']):.2f}; {sum(rows['n'])} of "
        f"{sum(rows['n_good'])} good integrations compared; see {output.page}"
    )


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
