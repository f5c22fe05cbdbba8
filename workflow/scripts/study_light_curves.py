"""Study the light curves of all tracks: tables, pictures, and a page that says what was found."""

from functools import partial
from pathlib import Path

from minispiral.columns.science import TABLES as COLUMNS
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.io.progress import progress
from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.plots.science import plot_loops, plot_power, plot_spectra
from minispiral.plots.style import save
from minispiral.report.science import PICTURES, read_section, science_page
from minispiral.science import tables
from minispiral.science.inputs import sort_out
from minispiral.science.study import study_campaign, study_track
from minispiral.science.transient_table import all_transients


def main(job) -> None:
    """Write tables, pictures and the page."""
    files, output = job.input, job.output
    curves, left_out = sort_out([read_table(path) for path in files.light_curves])
    studies = [study_track(track) for track in progress(curves, "study")]
    study = study_campaign(studies, bool(job.params.own_scales), left_out)
    made = {
        "psd": tables.psd_table(study),
        "red_noise": tables.red_noise_table(study),
        "periods": tables.periods_table(study),
        "loops": tables.loops_table(study),
        "lags": tables.lags_table(study),
        "spectra": tables.spectra_table(study),
        "trends": tables.trends_table(study),
        "transients": all_transients([read_table(path) for path in files.transients]),
    }
    for name, table in made.items():
        with atomic.replacing(getattr(output, name)) as part:
            write_product(part, table, COLUMNS[name], origin_of(part))
    figures = {
        "power": partial(plot_power, made["psd"], made["red_noise"]),
        "loops": partial(plot_loops, study),
        "spectra": partial(plot_spectra, made["spectra"]),
    }
    for name in PICTURES:
        save(figures[name](), getattr(output, f"{name}_png"), getattr(output, f"{name}_pdf"))
    section = read_section(Path(output.psd).parent)
    with atomic.replacing(output.page) as part:
        part.write_text(science_page(section, job.params.title), encoding="utf-8")
    log.announce(f"what the light curves say: {output.page}")


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
