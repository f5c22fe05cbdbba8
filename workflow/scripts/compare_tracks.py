"""Check that the tracks' inputs fit each other, and tabulate them."""

from minispiral.columns.campaign import INPUTS
from minispiral.imaging.clean import choose_cell
from minispiral.imaging.models import check_shared_centre
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.ms.antennas import check_dishes_of_tracks
from minispiral.ms.comparison import check_channels, compare, dishes_of_tracks, inputs_table
from minispiral.ms.inspection import read_inspection


def main(job) -> None:
    """Write the table of inputs."""
    inspections = {
        track: read_inspection(path)
        for track, path in zip(job.params.flag_channels, job.input, strict=True)
    }
    compare(inspections)
    check_channels(inspections, job.params.flag_channels)
    for tracks in job.params.sharing_im1:
        directions = {name: inspections[name].direction_deg for name in tracks}
        cells = {name: choose_cell(keys, inspections[name]) for name, keys in tracks.items()}
        check_shared_centre(directions, cells)
        check_dishes_of_tracks(dish for name in tracks for dish in inspections[name].dishes_m[:1])
    for remark in dishes_of_tracks({name: inspections[name] for name in job.params.cleaned}):
        log.announce(remark)
    with atomic.replacing(job.output[0]) as part:
        write_product(part, inputs_table(inspections), INPUTS, origin_of(part))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
