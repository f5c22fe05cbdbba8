"""Tabulate, draw and describe how other ways to find IM1 change the light curves."""

from minispiral.analysis.systematics_tables import systematics_table
from minispiral.analysis.variant_fluxes import AveragedFluxes
from minispiral.columns.analysis import SYSTEMATICS
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.io.records import read_records
from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.measures.stated import META, all_stated, largest
from minispiral.plots.style import save
from minispiral.plots.systematics import plot_systematics
from minispiral.report.systematics import in_a_line, systematics_page


def main(job) -> None:
    """Write table, picture and page."""
    files, params, output = job.input, job.params, job.output
    fluxes: dict[str, list[AveragedFluxes]] = {}
    for name, path in zip(params.variants, files.fluxes, strict=True):
        fluxes.setdefault(name, []).extend(read_records(path, AveragedFluxes))
    curves, covariances = (
        dict(zip(params.tracks, map(read_table, paths), strict=True))
        for paths in (files.light_curves, files.covariances)
    )
    table = systematics_table(fluxes, curves, covariances, params.alone)
    stated = largest(list(all_stated(params.stated).values()))
    table.meta[META] = stated.as_meta()
    with atomic.replacing(output.table) as part:
        write_product(part, table, SYSTEMATICS, origin_of(part))
    save(plot_systematics(table), output.png, output.pdf)
    with atomic.replacing(output.page) as part:
        part.write_text(systematics_page(table, params.title, output.png), encoding="utf-8")
    log.announce(f"{in_a_line(table)}; see {output.page}")


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
