"""Export a track's fits as the memo's .fit file, and its flags as commands for CASA's flagdata."""

from minispiral.fit.memo_file import write_fit_file
from minispiral.io import atomic
from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.light_curves.user_flags import SpwIds, write_flagdata_commands
from minispiral.ms.inspection import read_inspection


def main(job) -> None:
    """Write both files."""
    fits = [read_table(path) for path in job.input.fits]
    curves = [read_table(path) for path in job.input.light_curves]
    executions = [
        SpwIds(i.first_time_s, i.last_time_s, dict(zip(spws, (w.spw for w in i.spws), strict=True)))
        for spws in [job.params.spws]
        for i in map(read_inspection, job.input.executions)
    ]
    with atomic.replacing(job.output.fit) as part:
        write_fit_file(part, fits, curves)
    with atomic.replacing(job.output.flags) as part:
        write_flagdata_commands(part, curves, executions)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
