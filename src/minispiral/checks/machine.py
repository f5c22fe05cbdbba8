"""Whether this machine can run a campaign: its software, its memory, its disks."""

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from minispiral import casa
from minispiral.checks.findings import Finding, error, note, ok
from minispiral.checks.survey import Observation
from minispiral.config.campaign import Campaign
from minispiral.errors import MinispiralError
from minispiral.jobs import resources
from minispiral.ms.files import folder_bytes, measurement_set_bytes
from minispiral.ms.inspection import SpectralWindow

GB = 1e9
PACKAGES = ("snakemake", "casatools", "casatasks")

# Bytes of a measurement set, measured on full tracks: of a row whatever its data, of each of its
# correlations (WEIGHT, SIGMA), and of each sample (DATA; FLAG takes a bit).
ROW_BYTES, CORRELATION_BYTES, SAMPLE_BYTES = 110, 8, 8.125
# Bytes a pixel of what a CLEAN leaves: seven images of CASA's, and the model as FITS.
CLEAN_BYTES = 7 * 4 + 8
# Bytes of a row of the averages in time of the turns, and how many integrations each is
# made of where baselines are 390 m long: 8, and half of their room, where they are below 200 m.
AVERAGE_BYTES, INTEGRATIONS = 52, 4
COPIES = 2  # of a spw's averaged data, or a target's: as split, and as product


def check_machine(
    campaign: Campaign | None,
    observations: Mapping[str, Observation],
    targets: Mapping[str, Observation],
) -> Iterator[Finding]:
    """Check software, and where there is a campaign, memory and disks.

    `observations` are of the tracks, `targets` of what is self-calibrated on images of itself.
    """
    yield from check_software()
    if campaign is None:
        return
    yield check_memory(campaign)
    yield from check_disks(campaign, observations, targets)


def check_software() -> Iterator[Finding]:
    """Look for the packages that the workflow needs, and CASA's data."""
    versions = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            yield error(f"software: {package} is not installed: set up the environment, `make env`")
    try:
        data = casa.data_path("geodetic").parent
        yield ok(f"software: {', '.join(versions)}, CASA's data in {data}")
    except MinispiralError as problem:
        yield error(f"software: {problem}")


def largest_request(campaign: Campaign) -> tuple[int, str]:
    """Memory (MB) that the largest job of a run of all asks for at first, and which job that is."""
    requests = []
    for track in campaign.tracks:
        size = resources.track_bytes(campaign, track)
        left_out = {"variant"}  # made on request
        if campaign.simulation(track) is None:
            left_out.add("simulate")
        if not any(campaign.selfcal_round(track, n) for n in range(1, campaign.iterations + 1)):
            left_out.add("solve")
        if campaign.settings("model", track)["method"] == "clean":
            left_out |= {"sum_sky", "solve_sky"}
        for stage in set(resources.MEMORY) - left_out:
            requests.append((resources.memory_mb(stage, size, 1), f"{stage}, track {track}"))
    for name in campaign.targets:
        size = measurement_set_bytes(campaign.target(name)["ms"])
        for stage in ("inspect", "split", "clean", "calibrate"):
            requests.append((resources.memory_mb(stage, size, 1), f"{stage}, target {name}"))
    return max(requests)


def check_memory(campaign: Campaign) -> Finding:
    """Compare the largest request of a job with the machine's memory, for one and for all cores."""
    megabytes, job = largest_request(campaign)
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / resources.MB
    cores = os.cpu_count() or 1
    sizes = (
        f"memory: the largest job ({job}) asks for {megabytes} MB of this machine's {installed:.0f}"
    )
    if megabytes > installed:
        return note(f"{sizes}: run the workflow on a machine with more memory")
    if megabytes * cores > installed:
        return note(
            f"{sizes}, which is too little for {cores} such jobs at a time: run with --cores "
            f"{int(installed // megabytes)}, or --resources mem_mb={installed:.0f}"
        )
    return ok(sizes)


def row_bytes(window: SpectralWindow, channels: int) -> float:
    """Bytes of a row of a spw, with so many channels."""
    return ROW_BYTES + len(window.correlations) * (CORRELATION_BYTES + SAMPLE_BYTES * channels)


def estimate_results(campaign: Campaign, observations: Mapping[str, Observation]) -> float:
    """Bytes of the results of the tracks that were inspected.

    For each spw its data averaged to one channel, `COPIES` times and once more for each iteration,
    or for one where they are not kept, and of a night of several sets before these are joined; its
    images, and those of each iteration; with a sky from the visibilities its averages in time.
    Tables and pictures are small beside these.
    """
    total = 0.0
    further = campaign.iterations if campaign.keeps_intermediates else min(campaign.iterations, 1)
    for track, observation in observations.items():
        pixels = campaign.settings("image", track)["imsize"] ** 2
        copies = COPIES + further + (1 if campaign.is_night(track) else 0)
        for window in observation.inspection.spws:
            data = window.rows * row_bytes(window, 1) + observation.subtable_bytes
            total += data * copies
            total += pixels * CLEAN_BYTES * (1 + campaign.iterations)
            if campaign.is_joint(track):
                averages = window.rows / INTEGRATIONS * AVERAGE_BYTES
                total += averages * (1 + campaign.iterations)
    return total


def estimate_scratch(campaign: Campaign, observations: Mapping[str, Observation]) -> float:
    """Bytes of the largest scratch copy of one job.

    One spw with all its channels, where some are to be left out; its average in time for CLEAN; or
    the subtables of all spws, when these are joined.
    """
    largest = 0.0
    for track, observation in observations.items():
        flagged = campaign.settings("split", track)["flag_channels"]
        windows = observation.inspection.spws
        sizes = [w.rows * row_bytes(w, w.channels) for w in windows if str(w.spw) in flagged]
        averages = [w.rows * row_bytes(w, 1) / 2 for w in windows]  # of two integrations at least
        subtables = (len(windows) + 1) * observation.subtable_bytes
        largest = max(largest, subtables, *averages, *sizes)
    return largest


def estimate_targets(campaign: Campaign, targets: Mapping[str, Observation]) -> float:
    """Bytes of the results of the targets: `COPIES` of the data, and the images of each round."""
    total = 0.0
    for name, observation in targets.items():
        windows = observation.inspection.spws
        data = sum(w.rows * row_bytes(w, w.channels) for w in windows) + observation.subtable_bytes
        pixels = campaign.target(name)["image"]["imsize"] ** 2
        images = 2 + campaign.target_rounds(name)  # the first, the rounds', and the best as product
        total += COPIES * data + images * pixels * CLEAN_BYTES
    return total


def check_disks(
    campaign: Campaign,
    observations: Mapping[str, Observation],
    targets: Mapping[str, Observation],
) -> Iterator[Finding]:
    """Compare what is still to be written with what is free, and see whether it may be written."""
    folder = Path(campaign.folder)
    existing = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        yield error(f"results: {existing} cannot be written to: change results, or its permissions")
        return
    if not observations and not targets:
        yield ok(f"results: {campaign.folder} can be written to")
        return
    needed = estimate_results(campaign, observations) + estimate_targets(campaign, targets)
    needed = max(0.0, needed - folder_bytes(folder))
    yield _check_space(campaign.folder, needed, existing, "free some, or change results")
    needed, scratch = estimate_scratch(campaign, observations), Path(tempfile.gettempdir())
    yield _check_space("scratch of a job", needed, scratch, "set TMPDIR to a larger disk")


def _check_space(what: str, needed: float, place: Path, remedy: str) -> Finding:
    free = shutil.disk_usage(place).free
    line = (
        f"disk: {what}: {needed / GB:.2g} GB are needed, and {free / GB:.3g} GB are free in {place}"
    )
    return error(f"{line}: {remedy}") if needed > free else ok(line)
