"""What all rules share: the campaign, where its files lie, and questions asked about a track.

Anything with a decision in it lives in the package; here it is put into Snakemake's terms.
"""

import functools
import gc
import os
import signal
import sys

from minispiral import config as configuration
from minispiral.checks import inputs as input_checks
from minispiral.ms import files as input_state
from minispiral.jobs import provenance
from minispiral.jobs import resources
from minispiral.jobs import lock as run_lock
from minispiral.jobs import versions
from minispiral.errors import MinispiralError


def stop_early(*_) -> None:
    """Ctrl-C before any job has begun: nothing is to be ended, and no traceback tells more."""
    print("minispiral: stopped before any job began", file=sys.stderr, flush=True)
    os._exit(130)


if workflow.is_main_process:
    signal.signal(signal.SIGINT, stop_early)


def load_campaign() -> configuration.Campaign:
    """Read the configuration: --configfile, else config.yaml here, else the demo's.

    Snakemake's own `configfile:` would merge the demo's tracks into the user's.
    """
    files = workflow.overwrite_configfiles or [
        configuration.default_file(workflow.basedir)
    ]
    try:
        loaded = configuration.load(files, workflow.config_settings.config)
        if workflow.is_main_process:  # and not again in every job
            input_checks.check_inputs(loaded)
            for remark in [*input_checks.file_remarks(files), *input_checks.remarks(loaded)]:
                print(f"minispiral: note: {remark}", file=sys.stderr)
            # the display of runs keeps their log there
            logger.info(None, extra={"minispiral_logs": f"{loaded.folder}/logs"})
    except MinispiralError as error:
        sys.exit("\n".join(f"minispiral: {line}" for line in str(error).splitlines()))
    return loaded


campaign = load_campaign()

# a graph of jobs is hundreds of thousands of objects that stay: looking through them for garbage
# again and again takes a seventh of the time for it
gc.set_threshold(200_000, 50, 50)


pathvars:
    campaign=campaign.folder,
    logs=f"{campaign.folder}/logs",
    benchmarks=f"{campaign.folder}/benchmarks",
    targets=f"{campaign.folder}/selfcal",
    last=f"iteration{campaign.iterations}",


wildcard_constraints:
    track="|".join(campaign.tracks) or r"(?!)",
    spw="|".join(map(str, campaign.all_spws)) or r"(?!)",
    iteration=r"\d+",
    target="|".join(campaign.targets) or r"(?!)",


def settings_of(stage: str):
    """Return a params function: the keys of one stage for the job's track."""

    def settings(wildcards) -> dict:
        return campaign.settings(stage, wildcards.track)

    return settings


def request_memory(stage: str):
    """Return a resources function: MB that a stage's job needs, more with each attempt."""

    def mem_mb(wildcards, attempt, threads) -> int:
        tracks = 1 if hasattr(wildcards, "target") else len(tracks_of_job(wildcards))
        return resources.memory_mb(
            stage, input_bytes(wildcards), attempt, tracks, threads
        )

    return mem_mb


def request_threads(stage: str):
    """Return a threads function: as many as a track's size and its spws are worth."""

    def threads(wildcards) -> int:
        spws = len(campaign.spws(wildcards.track))
        return resources.threads(stage, input_bytes(wildcards), spws)

    return threads


def request_runtime(stage: str):
    """Return a resources function: minutes that a stage's job may take, more with each attempt."""

    def runtime(wildcards, attempt) -> int:
        return resources.runtime_minutes(stage, input_bytes(wildcards), attempt)

    return runtime


def input_bytes(wildcards) -> int:
    """Size of the measurement set of the job's track or target; of all tracks where it has none."""
    if hasattr(wildcards, "target"):
        return input_state.measurement_set_bytes(campaign.target(wildcards.target)["ms"])
    return sum(map(track_bytes, tracks_of_job(wildcards)))


def track_bytes(track: str) -> int:
    """Size of a track's measurement set: the user's looked up once, not for each of its jobs."""
    given = campaign.measurement_set(track) is not None
    return given_bytes(track) if given else resources.track_bytes(campaign, track)


given_bytes = functools.cache(functools.partial(resources.track_bytes, campaign))


def tracks_of_job(wildcards) -> list[str]:
    """The tracks that a job is about: its own, or all."""
    return [wildcards.track] if hasattr(wildcards, "track") else campaign.tracks


def measurement_set(wildcards):
    """The track's measurement set: the user's, whose folder's age says nothing, or simulated."""
    path = campaign.measurement_set(wildcards.track)
    if path is None:
        return "<campaign>/simulated/{track}.ms"
    return ancient(path)


def data_column(wildcards) -> str:
    """The column that holds the track's QA2-calibrated data."""
    return campaign.settings("split", wildcards.track)["data_column"]


def gains_of_fit(wildcards) -> list[str]:
    """The antenna gains with which an iteration's fit is made, where it is self-calibrated."""
    if not campaign.fit_is_selfcalibrated(wildcards.track, int(wildcards.iteration)):
        return []
    return ["<campaign>/{track}/iteration{iteration}/spw{spw}/antenna_gains.npz"]


def gains_of_products(wildcards) -> list[str]:
    """The antenna gains of all spws that the track's products are made with, if any."""
    if not campaign.fit_is_selfcalibrated(wildcards.track, campaign.iterations):
        return []
    return of_all_spws("<campaign>/{track}/<last>/spw{spw}/antenna_gains.npz")(wildcards)


def of_spws(pattern, spws):
    """Return an input function: `pattern`, or what it makes of a job, for some spws of its track."""

    def files(wildcards) -> list[str]:
        path = pattern(wildcards) if callable(pattern) else pattern
        return [
            path.format(**{**dict(wildcards.items()), "spw": spw})
            for spw in spws(wildcards)
        ]

    return files


def of_all_spws(pattern):
    """Return an input function: the same for every spw of the job's track."""
    return of_spws(pattern, lambda wildcards: campaign.spws(wildcards.track))


def hold_results() -> None:
    """Let no other run work on the campaign's folder as long as this one does."""
    try:
        if not run_lock.hold(campaign.folder):
            where = f"the file system of {campaign.folder} has no locks"
            print(f"minispiral: note: {where}: start no second run on it", file=sys.stderr)
    except MinispiralError as error:
        sys.exit(f"minispiral: {error}")


def record_command() -> None:
    """Add this command to the record that the report quotes."""
    try:
        provenance.record_command(f"{campaign.folder}/logs/{provenance.COMMANDS}", sys.argv)
    except OSError as error:  # a full disk: jobs will say so
        print(f"minispiral: note: no record of this command: {error}", file=sys.stderr)
