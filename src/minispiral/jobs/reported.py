"""The inputs and values of a page of the report: of one track, or of the campaign with its targets.

Snakemake calls the methods with a job's wildcards; a job with a track is about that track's page.
"""

from collections.abc import Callable
from typing import Any

from minispiral.config.campaign import Campaign, mask_path
from minispiral.jobs.signatures import with_signature, with_signatures
from minispiral.jobs.targets import Products
from minispiral.jobs.truth_files import tracks_with_truth
from minispiral.jobs.wildcards import Wildcards, tracks_of_job

# files of a track that are made on the way to its products
ON_THE_WAY = (
    "covariance.ecsv",
    "residual.fits",
    "fit_residuals.ecsv",
    "fit_residuals_by_antenna.ecsv",
    "fit_residuals_by_hour_angle.ecsv",
    "uv_coverage.ecsv",
)

Source = tuple[str, str, str]  # whose, path of a measurement set, and that of its inspection


@with_signatures
class Reported:
    """The files and values of a campaign's pages."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self._products = Products(campaign)

    # files

    def of_tracks(self, name: str) -> Callable[[Wildcards], list[str]]:
        """Return an input function: a file of each of the page's tracks."""

        @with_signature
        def files(wildcards: Wildcards) -> list[str]:
            return [f"{self.campaign.folder}/{track}/{name}" for track in self._tracks(wildcards)]

        return files

    def of_campaign(self, name: str) -> Callable[[Wildcards], list[str]]:
        """Return an input function: a product of all tracks together, where there are tracks."""

        @with_signature
        def files(wildcards: Wildcards) -> list[str]:
            return [f"{self.campaign.folder}/{name}"] if self.campaign.tracks else []

        return files

    def of_targets(self, name: str) -> Callable[[Wildcards], list[str]]:
        """Return an input function: a file of every target, which a track's page does not have."""

        @with_signature
        def files(wildcards: Wildcards) -> list[str]:
            targets = [] if hasattr(wildcards, "track") else self.campaign.targets
            return [f"<targets>/{target}/{name}" for target in targets]

        return files

    def polarimetry(self, wildcards: Wildcards) -> list[str]:
        """Polarimetry of the tracks that have it."""
        tracks = self._tracks(wildcards)
        return [path for track in tracks for path in self._products.polarimetry_of(track)]

    def skies(self, wildcards: Wildcards) -> list[str]:
        """Pictures that compare the tracks' skies with CLEAN's, where they have one."""
        return [
            f"{self.campaign.folder}/{track}/figures/skies.png" for track in self._joint(wildcards)
        ]

    def turns(self, wildcards: Wildcards) -> list[str]:
        """The table of turns of fluxes and sky, where the page has a track with a sky."""
        return self._products.turns if self._joint(wildcards) else []

    def antenna_gains(self, wildcards: Wildcards) -> list[str]:
        """Tables of the antenna gains of those tracks whose turns may solve for them."""
        return [
            f"{self.campaign.folder}/{track}/<last>/antenna_gains.ecsv"
            for track in self._joint(wildcards)
            if self.campaign.solves_in_turns(track)
        ]

    def pointing(self, wildcards: Wildcards) -> list[str]:
        """Tables of the array's pointing, of the tracks whose sky is from the visibilities."""
        return [
            f"{self.campaign.folder}/{track}/<last>/pointing.ecsv"
            for track in self._joint(wildcards)
        ]

    def variability(self, wildcards: Wildcards) -> list[str]:
        """Picture of the variability, which a track's own page does not have."""
        if hasattr(wildcards, "track"):
            return []
        return self.of_campaign("variability.png")(wildcards)

    def science(self, wildcards: Wildcards) -> list[str]:
        """What the light curves say, where the report has it, which a track's own page has not."""
        return [] if hasattr(wildcards, "track") else self._products.reported_science

    def absorption(self, wildcards: Wildcards) -> list[str]:
        """Pictures of the absorption that was corrected."""
        return [
            f"{self.campaign.folder}/{track}/<last>/spw{spw}/absorption.png"
            for track, spw in self.corrected(wildcards)
        ]

    def prints(self, wildcards: Wildcards) -> list[str]:
        """Figures for print, with links on the page: a track's, or those of all together."""
        if hasattr(wildcards, "track"):
            return self._products.figures_of(wildcards.track)
        names = ("qa2_and_after.pdf", "light_curves.pdf", "variability.pdf")
        return [f"{self.campaign.folder}/{name}" for name in names if self.campaign.tracks]

    def inspections_of_targets(self, wildcards: Wildcards) -> list[str]:
        """Inspections of the targets and their lines."""
        return [inspection for *_, inspection in self._sources_of_targets(wildcards)]

    def inspections_of_executions(self, wildcards: Wildcards) -> list[str]:
        """Inspections of the executions of those of the page's tracks that are nights."""
        nights = [track for track in self._tracks(wildcards) if self.campaign.is_night(track)]
        return [inspection for track in nights for *_, inspection in self._of_track(track)]

    def files_of_user(self, wildcards: Wildcards) -> list[str]:
        """The user's files that affect results: masks and tables of flags."""
        campaign, tracks = self.campaign, self._tracks(wildcards)
        masks = [mask_path(campaign.settings("image", track)) for track in tracks]
        if not hasattr(wildcards, "track"):
            masks += [mask_path(campaign.target(name)["image"]) for name in campaign.targets]
        return sorted({path for path in [*masks, *campaign.flag_tables(tracks)] if path})

    # values

    def spws(self, wildcards: Wildcards) -> list[tuple[str, list[int]]]:
        """Spectral windows of each of the page's tracks."""
        return [(track, self.campaign.spws(track)) for track in self._tracks(wildcards)]

    def sky_of_tracks(self, wildcards: Wildcards) -> list[tuple[str, str]]:
        """Tracks whose sky is from the visibilities, and whose that is, see `Campaign.skies`."""
        joint = self._joint(wildcards)
        return [
            (track, name)
            for name, of in self.campaign.skies.items()
            for track in of
            if track in joint
        ]

    def products(self, wildcards: Wildcards) -> list[str]:
        """Products that the page links to, as paths from the campaign's folder."""
        own = [self._products.of_track(track) for track in self._tracks(wildcards)]
        every = ["config.yaml", *self._products.of_campaign(wildcards), *sum(own, [])]
        every += [f"{track}/{name}" for track in self._tracks(wildcards) for name in ON_THE_WAY]
        if not hasattr(wildcards, "track"):
            every += [f"{track}/report.html" for track in self._tracks(wildcards)]
            every += self._products.of_targets(wildcards)
        every = [path.replace("<targets>/", "selfcal/", 1) for path in every]
        for folder in ("<campaign>/", f"{self.campaign.folder}/"):
            every = [path.removeprefix(folder) for path in every]
        return every

    def bins(self, wildcards: Wildcards) -> list[str]:
        """Names of the files of binned light curves, alike for each track."""
        return [f"light_curves_{seconds:g}s.ecsv" for seconds in self.campaign.bin_seconds]

    def has_truth(self, wildcards: Wildcards) -> bool:
        """Whether the true fluxes of any track are known."""
        return bool(tracks_with_truth(self.campaign))

    def corrected(self, wildcards: Wildcards) -> list[tuple[str, int]]:
        """Tracks and spws of which the absorption was corrected."""
        return [
            (track, spw)
            for track in self._tracks(wildcards)
            for spw in self.campaign.corrected_spws(track)
        ]

    def solved(self, wildcards: Wildcards) -> list[dict[str, Any]]:
        """How the antennas of these tracks were solved for before each iteration."""
        return [
            {"track": track, "iteration": n, "how": how}
            for track in self._tracks(wildcards)
            for n in range(1, self.campaign.iterations + 1)
            if (how := self.campaign.selfcal_round(track, n)) is not None
        ]

    def solves(self, wildcards: Wildcards) -> list[tuple[str, str]]:
        """How the turns of tracks solve for antenna gains: auto or always; or why they do not.

        That is rounds by hand, too few turns, or never, as configured.
        """
        return [(track, self._solves(track)) for track in self._joint(wildcards)]

    def _solves(self, track: str) -> str:
        if how := self.campaign.solves_in_turns(track):
            return how
        if self.campaign.is_kept_from_solving(track):
            return "turns"
        by_hand = self.campaign.iterations and self.campaign.selfcal_round(track, 1)
        return "rounds" if by_hand else "never"

    def sources(self, wildcards: Wildcards) -> list[Source]:
        """The inputs of these tracks, and of the targets."""
        tracks = [source for track in self._tracks(wildcards) for source in self._of_track(track)]
        return tracks + self._sources_of_targets(wildcards)

    def _of_track(self, track: str) -> list[Source]:
        sets, folder = self.campaign.measurement_sets(track), f"{self.campaign.folder}/{track}"
        if not self.campaign.is_night(track):
            ms = sets[0] if sets else "simulated"
            return [(f"track {track}", ms, f"{folder}/inspection.json")]
        return [
            (f"track {track}, execution {n}", ms, f"{folder}/execution{n}/inspection.json")
            for n, ms in enumerate(sets, start=1)
        ]

    def _sources_of_targets(self, wildcards: Wildcards) -> list[Source]:
        """The inputs of the targets, which a track's page does not have."""
        if hasattr(wildcards, "track"):
            return []
        sources = []
        for name in self.campaign.targets:
            folder, target = f"{self.campaign.folder}/selfcal/{name}", self.campaign.target(name)
            sources.append((f"target {name}", target["ms"], f"{folder}/inspection.json"))
            if self.campaign.target_is_whole(name):
                sources += [
                    (f"target {name}, {line}", data["ms"], f"{folder}/lines/{line}.json")
                    for line, data in target["lines"].items()
                ]
        return sources

    def _joint(self, wildcards: Wildcards) -> list[str]:
        """Those of the page's tracks whose sky is from the visibilities."""
        return [track for track in self._tracks(wildcards) if self._products.skies_of(track)]

    def _tracks(self, wildcards: Wildcards) -> list[str]:
        return tracks_of_job(self.campaign, wildcards)
