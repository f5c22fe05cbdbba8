"""Which files a job reads, where its rule cannot say so by a path alone.

Snakemake calls the methods with a job's wildcards, as input functions; those that are given a path
first return such a function. Paths may hold Snakemake's pathvars, such as ``<campaign>``.
"""

from collections.abc import Callable
from typing import Any

from minispiral.config.campaign import Campaign
from minispiral.jobs.signatures import with_signature, with_signatures
from minispiral.jobs.sky_files import Files, SkyFiles
from minispiral.jobs.systematic_files import SystematicFiles
from minispiral.jobs.target_files import TargetFiles, mask_files
from minispiral.jobs.truth_files import TruthFiles
from minispiral.jobs.wildcards import (
    Wildcards,
    plain_spws,
    referenced_tracks,
    solved_spws,
    tracks_of_job,
)

ANTENNA_GAINS = "<campaign>/{track}/iteration{iteration}/spw{spw}/antenna_gains.npz"
TRACK_GAINS = "<campaign>/{track}/iteration{iteration}/antenna_gains.npz"  # of all spws

EXECUTION = "<campaign>/{track}/execution{execution}"

Pattern = str | Callable[[Wildcards], str]  # a path with {wildcards}, or what makes it of a job


@with_signatures
class JobFiles:
    """The files that the jobs of a campaign read."""

    def __init__(self, campaign: Campaign, ancient: Callable[[str], Any]) -> None:
        """Remember the campaign, and Snakemake's mark of a path whose age says nothing."""
        self.campaign = campaign
        self._ancient = ancient
        self.sky = SkyFiles(campaign)
        self.target = TargetFiles(campaign)
        self.systematics = SystematicFiles(campaign)
        self.truth = TruthFiles(campaign)

    # measurement sets

    def measurement_set(self, wildcards: Wildcards) -> Any:
        """The only one of a track: the user's, whose folder's age says nothing, or simulated."""
        (path,) = self.measurement_sets(wildcards)
        return path

    def measurement_sets(self, wildcards: Wildcards) -> list[Any]:
        """Those of a track: several are the executions of a night."""
        paths = self.campaign.measurement_sets(wildcards.track)
        return list(map(self._ancient, paths)) or ["<campaign>/simulated/{track}.ms"]

    def execution(self, wildcards: Wildcards) -> Any:
        """The measurement set of one execution of a night."""
        return self.measurement_sets(wildcards)[int(wildcards.execution) - 1]

    def first_execution(self, wildcards: Wildcards) -> list[str]:
        """Inspection of the first execution, by which the spws of a further one are found."""
        if wildcards.execution == "1":
            return []
        return [EXECUTION.format(execution=1, **_place(wildcards)) + "/inspection.json"]

    def of_executions(self, name: str) -> Files:
        """Return an input function: the file `name` of each execution of the job's night."""
        pattern = f"{EXECUTION}/{name}"

        @with_signature
        def files(wildcards: Wildcards) -> list[str]:
            number = len(self.campaign.measurement_sets(wildcards.track))
            place = _place(wildcards)
            return [pattern.format(**{**place, "execution": n + 1}) for n in range(number)]

        return files

    def inspections(self, wildcards: Wildcards) -> list[str]:
        """Inspections of the track's measurement sets, each with the set's own ids of spws."""
        if self.campaign.is_night(wildcards.track):
            return self.of_executions("inspection.json")(wildcards)
        return ["<campaign>/{track}/inspection.json"]

    def inspections_of_night(self, wildcards: Wildcards) -> list[str]:
        """The same where there are several, else none."""
        return self.inspections(wildcards) if self.campaign.is_night(wildcards.track) else []

    # one file for each of several spws, tracks, iterations

    def of_all_spws(self, pattern: Pattern) -> Files:
        """Return an input function: a file of every spw of the job's track."""

        @with_signature
        def files(wildcards: Wildcards) -> list[str]:
            return _of_spws(pattern, wildcards, self.campaign.spws(wildcards.track))

        return files

    def of_plain_spws(self, pattern: Pattern) -> Files:
        """Return an input function: a file of the spws whose absorption is not corrected."""

        @with_signature
        def files(wildcards: Wildcards) -> list[str]:
            return _of_spws(pattern, wildcards, plain_spws(self.campaign, wildcards))

        return files

    def of_all_tracks(self, name: str) -> Files:
        """Return an input function: the file `name` in the folder of every track."""

        @with_signature
        def files(wildcards: Wildcards) -> list[str]:
            return [f"{self.campaign.folder}/{track}/{name}" for track in self.campaign.tracks]

        return files

    def of_referenced_tracks(self, name: str) -> Files:
        """Return an input function: a file of the job's spw in each track of its reference."""

        @with_signature
        def files(wildcards: Wildcards) -> list[str]:
            place = f"iteration{wildcards.iteration}/spw{wildcards.spw}"
            tracks = referenced_tracks(self.campaign, wildcards)
            return [f"{self.campaign.folder}/{track}/{place}/{name}" for track in tracks]

        return files

    def of_all_iterations(self, first: str, others: str) -> Files:
        """Return an input function: a file of every track, spw and iteration, in this order."""

        @with_signature
        def files(wildcards: Wildcards) -> list[str]:
            return [
                (others if n else first).format(track=track, spw=spw, iteration=n)
                for track in self.campaign.tracks
                for spw in self.campaign.spws(track)
                for n in range(self.campaign.iterations + 1)
            ]

        return files

    def in_all_iterations(self, name: str) -> Files:
        """Return an input function: the file `name` of every track, spw and iteration."""
        pattern = "<campaign>/{track}/iteration{iteration}/spw{spw}/" + name
        return self.of_all_iterations(pattern, pattern)

    def before(self, pattern: str) -> Callable[[Wildcards], str]:
        """Return an input function: the file of the iteration before."""

        @with_signature
        def file(wildcards: Wildcards) -> str:
            return _of_iteration(pattern, wildcards, int(wildcards.iteration) - 1)

        return file

    def of_solved_spws_before(self, pattern: str) -> Files:
        """Return an input function: a file, of the iteration before, of spws solved together."""

        @with_signature
        def files(wildcards: Wildcards) -> list[str]:
            n = int(wildcards.iteration) - 1
            return [
                pattern.format(track=wildcards.track, iteration=n, spw=spw)
                for spw in solved_spws(self.campaign, wildcards)
            ]

        return files

    # images and models

    def user_mask(self, wildcards: Wildcards) -> list[str]:
        """The mask that the user gives, if any."""
        return mask_files(self.campaign.settings("image", wildcards.track))

    def previous_im0(self, wildcards: Wildcards) -> list[str]:
        """IM0 of the spw before, where the mask starts from its mask."""
        spws = self.campaign.spws(wildcards.track)
        place = spws.index(int(wildcards.spw))
        mask = self.campaign.settings("image", wildcards.track)["mask"]
        if mask != "incremental" or place == 0:
            return []
        return [f"{self.campaign.folder}/{wildcards.track}/spw{spws[place - 1]}/im0"]

    def images_of_core(self, wildcards: Wildcards) -> list[str]:
        """IM0 of the track's spws, where the core's place is taken from them."""
        if self.campaign.method_of_core(wildcards.track) != "clean":
            return []
        return self.of_all_spws("<campaign>/{track}/spw{spw}/im0")(wildcards)

    @property
    def cores_from_data(self) -> bool:
        """Whether any track's core is found from its data: a job of its own on a cluster."""
        methods = map(self.campaign.method_of_core, self.campaign.tracks)
        return "joint" in methods

    def data_of_core(self, wildcards: Wildcards) -> list[str]:
        """Split data of the track's spws, where the core's place is found from them."""
        if self.campaign.method_of_core(wildcards.track) != "joint":
            return []
        return self.of_all_spws("<campaign>/{track}/spw{spw}/split.ms")(wildcards)

    def field_of_core(self, wildcards: Wildcards) -> list[str]:
        """What the field follows from in which the core is looked for in the data."""
        if self.campaign.method_of_core(wildcards.track) != "joint":
            return []
        return [f"<campaign>/{wildcards.track}/sky_coverage.json"]

    def last_images(self, wildcards: Wildcards) -> list[str]:
        """CLEAN images of the track's last iteration, a folder for each spw."""
        if self.campaign.iterations:
            return self.of_all_spws("<campaign>/{track}/<last>/spw{spw}/im1")(wildcards)
        return self.of_all_spws("<campaign>/{track}/spw{spw}/im0")(wildcards)

    def models(self, wildcards: Wildcards) -> list[str]:
        """Core-free models of the job's track, or of all."""
        n = int(wildcards.iteration)
        tracks = tracks_of_job(self.campaign, wildcards)
        return [path for track in tracks for path in models_of(self.campaign, track, n)]

    def im1(self, wildcards: Wildcards) -> str:
        """IM1 of the job's track and iteration."""
        return self._im1_of(wildcards.track, int(wildcards.iteration))

    def im1_before(self, wildcards: Wildcards) -> str:
        """IM1 of the iteration before."""
        return self._im1_of(wildcards.track, int(wildcards.iteration) - 1)

    def im1_subtracted(self, wildcards: Wildcards) -> str:
        """IM1 of the fit by which the minispiral's data are made; see `of_subtracted`."""
        return self._im1_of(wildcards.track, self._subtracted(wildcards))

    def of_subtracted(self, pattern: str) -> Callable[[Wildcards], str]:
        """Return an input function: a file of the fit by which the minispiral's data are made.

        It is that of the iteration before where CLEAN makes IM1 of these data, else of the same.
        """

        @with_signature
        def file(wildcards: Wildcards) -> str:
            return _of_iteration(pattern, wildcards, self._subtracted(wildcards))

        return file

    def _subtracted(self, wildcards: Wildcards) -> int:
        return int(wildcards.iteration) - (0 if self.campaign.is_joint(wildcards.track) else 1)

    def last_im1(self, wildcards: Wildcards) -> str:
        """IM1 of the last iteration."""
        return self._im1_of(wildcards.track, self.campaign.iterations)

    def _im1_of(self, track: str, iteration: int) -> str:
        """IM1 of a track's fit: the campaign's, or its own."""
        if self.campaign.is_joint(track):
            return self.sky.last(track, iteration)
        if self.campaign.settings("model", track)["scope"] == "campaign":
            return f"<campaign>/im1/iteration{iteration}.fits"
        return f"<campaign>/{track}/iteration{iteration}/im1.fits"

    # antenna gains

    def gains_of_all_spws(self, wildcards: Wildcards) -> list[str]:
        """Antenna gains of all spws of the track, where the iteration solves for them."""
        if self.campaign.selfcal_round(wildcards.track, int(wildcards.iteration)) is None:
            return []
        return self.of_all_spws(ANTENNA_GAINS)(wildcards)

    def gains_of_fit(self, wildcards: Wildcards) -> list[str]:
        """The antenna gains with which an iteration's fit is made, where it is self-calibrated."""
        if self.campaign.solves_in_turns(wildcards.track):
            return [TRACK_GAINS]
        if not self.campaign.fit_is_selfcalibrated(wildcards.track, int(wildcards.iteration)):
            return []
        return [ANTENNA_GAINS]

    def pointing_of_fit(self, wildcards: Wildcards) -> list[str]:
        """Where the antennas point to in an iteration, where IM1 is from the visibilities."""
        if not self.campaign.is_joint(wildcards.track):
            return []
        return ["<campaign>/{track}/iteration{iteration}/pointing.ecsv"]

    def last_pointing(self, wildcards: Wildcards) -> list[str]:
        """Where the antennas point to in the last iteration."""
        if not self.campaign.is_joint(wildcards.track):
            return []
        return ["<campaign>/{track}/<last>/pointing.ecsv"]

    def gains_subtracted(self, wildcards: Wildcards) -> list[str]:
        """The antenna gains of the fit by which the minispiral's data are made, if it has any."""
        if self.campaign.solves_in_turns(wildcards.track):
            return [self.of_subtracted(TRACK_GAINS)(wildcards)]
        if not self.campaign.fit_is_selfcalibrated(wildcards.track, self._subtracted(wildcards)):
            return []
        return [self.of_subtracted(ANTENNA_GAINS)(wildcards)]

    def gains_of_iteration(self, wildcards: Wildcards) -> list[str]:
        """The spw's antenna gains, where the iteration solves for them."""
        if self.campaign.solves_in_turns(wildcards.track):
            return [TRACK_GAINS]
        if self.campaign.selfcal_round(wildcards.track, int(wildcards.iteration)) is None:
            return []
        return [ANTENNA_GAINS]

    def gains_of_products(self, wildcards: Wildcards) -> list[str]:
        """For each spw the antenna gains of the track's products, if any."""
        by_hand = self.campaign.fit_is_selfcalibrated(wildcards.track, self.campaign.iterations)
        if not by_hand and not self.campaign.solves_in_turns(wildcards.track):
            return []
        return self.last_gains(wildcards)

    def last_gains(self, wildcards: Wildcards) -> list[str]:
        """For each spw the antenna gains of the last iteration: a file of its own, or all spws'."""
        if self.campaign.solves_in_turns(wildcards.track):
            pattern = "<campaign>/{track}/<last>/antenna_gains.npz"
        else:
            pattern = "<campaign>/{track}/<last>/spw{spw}/antenna_gains.npz"
        return self.of_all_spws(pattern)(wildcards)

    def gains_before(self, wildcards: Wildcards) -> list[str]:
        """Antenna gains so far of the spws solved together; none before the first round."""
        if int(wildcards.iteration) < 2:
            return []
        return self.of_solved_spws_before(ANTENNA_GAINS)(wildcards)

    # light curves

    def reference(self, wildcards: Wildcards) -> str:
        """The reference flux of the track."""
        if self.campaign.has_own_reference(wildcards.track):
            return "<campaign>/{track}/iteration{iteration}/spw{spw}/reference.json"
        return "<campaign>/reference/iteration{iteration}/spw{spw}.json"

    def flag_tables(self, wildcards: Wildcards) -> list[str]:
        """Tables of flags edited by hand, of those tracks of the job's reference that have one."""
        return self.campaign.flag_tables(referenced_tracks(self.campaign, wildcards))

    def flag_table(self, wildcards: Wildcards) -> list[str]:
        """The track's own flags edited by hand, if there are any."""
        return self.campaign.flag_tables([wildcards.track])

    def absorption(self, wildcards: Wildcards) -> list[str]:
        """Tables of absorption of the spws that are to be corrected."""
        folder = f"<campaign>/{wildcards.track}/iteration{wildcards.iteration}"
        spws = self.campaign.corrected_spws(wildcards.track)
        return [f"{folder}/spw{spw}/absorption.ecsv" for spw in spws]

    def polarimetry(self, wildcards: Wildcards) -> list[str]:
        """The track's table of polarimetry, for which it needs two spws."""
        if len(self.campaign.spws(wildcards.track)) < 2:
            return []
        return ["<campaign>/{track}/polarimetry.ecsv"]

    def all_light_curves(self, wildcards: Wildcards) -> list[str]:
        """Light curves of every track and spw, from the last iteration."""
        return [
            f"{self.campaign.folder}/{track}/<last>/spw{spw}/light_curve.ecsv"
            for track in self.campaign.tracks
            for spw in self.campaign.spws(track)
        ]


def models_of(campaign: Campaign, track: str, iteration: int) -> list[str]:
    """Core-free models of a track: one from IM0, else one a spw."""
    folder = f"{campaign.folder}/{track}"
    if iteration == 0:
        return [f"{folder}/without_core.fits"]
    spws = campaign.spws(track)
    return [f"{folder}/iteration{iteration}/spw{spw}/minispiral.fits" for spw in spws]


def _of_spws(pattern: Pattern, wildcards: Wildcards, spws: list[int]) -> list[str]:
    path = pattern if isinstance(pattern, str) else pattern(wildcards)
    return [path.format(**{**dict(wildcards.items()), "spw": spw}) for spw in spws]


def _place(wildcards: Wildcards) -> dict[str, str]:
    return {name: value for name, value in wildcards.items() if name != "execution"}


def _of_iteration(pattern: str, wildcards: Wildcards, iteration: int) -> str:
    return pattern.format(**{**dict(wildcards.items()), "iteration": iteration})
