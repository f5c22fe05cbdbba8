"""Split one spw of an execution of a night, averaged to one channel."""

from minispiral import casa
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.executions import counterpart, same_channels, without_missing
from minispiral.ms.inspection import read_inspection
from minispiral.ms.nights import split_nothing
from minispiral.ms.split import split_spw


def main(job) -> None:
    """Write the split measurement set."""
    ms, output = job.absolute_input.ms, job.absolute_output[0]
    inspection = read_inspection(job.input.inspection)
    first = next(map(read_inspection, job.input.first), inspection)
    named, own = counterpart(first, inspection, int(job.wildcards.spw))
    flagged = job.params.flag_channels
    if flagged is not None and not own.is_missing:
        flagged = same_channels(flagged, named, own)
    # the scratch folder beside the output: it may have to hold all channels of the spw
    with (
        atomic.replacing(output) as part,
        casa.session(job.log[0], scratch=part.parent, threads=job.threads),
    ):
        if own.is_missing:
            split_nothing(ms, part, without_missing(inspection), job.params.data_column)
            return
        bad = split_spw(ms, part, inspection, own.spw, job.params.data_column, flagged)
    if bad:
        log.announce(f"flagged {bad} samples that are not finite or have no proper weight")


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
