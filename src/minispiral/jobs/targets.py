"""The products of each target rule: those of the campaign, of its tracks, of its targets.

Snakemake calls the methods that take wildcards, as input functions. Products that a configuration
does not ask for are not in these lists.
"""

from minispiral.config.campaign import Campaign
from minispiral.jobs.signatures import with_signatures
from minispiral.jobs.wildcards import Wildcards


@with_signatures
class Products:
    """The products of a campaign."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign

    def all(self, wildcards: Wildcards) -> list[str]:
        """Everything that the configuration requests."""
        return [
            "<campaign>/config.yaml",
            *self.of_campaign(wildcards),
            *self.of_tracks(wildcards),
            *self.of_targets(wildcards),
            *self.reported_science,
            *self.reports(wildcards),
        ]

    def of_campaign(self, wildcards: Wildcards) -> list[str]:
        """The products of all tracks together."""
        if not self.campaign.tracks:
            return []
        names = ["inputs.ecsv", "light_curves.ecsv", "light_curves.png", "qa2_and_after.png"]
        names += ["minispiral_flux.ecsv"]
        names += ["gains.ecsv", "statistics.ecsv", "structure_function.ecsv"]
        names += ["correlation.ecsv", "variability.png"]
        return [f"<campaign>/{name}" for name in names] + self.convergence(wildcards) + self.turns

    def convergence(self, wildcards: Wildcards) -> list[str]:
        """What each iteration changed, where there are any."""
        iterated = self.campaign.tracks and self.campaign.iterations
        return ["<campaign>/convergence.ecsv"] if iterated else []

    @property
    def turns(self) -> list[str]:
        """What each turn of fluxes and sky changed, where there are any."""
        return ["<campaign>/turns.ecsv"] if self.campaign.skies else []

    def light_curves(self, wildcards: Wildcards) -> list[str]:
        """Light curves as tables, as the memo's ascii files, and as a picture."""
        if not self.campaign.tracks:
            return []
        return [
            "<campaign>/light_curves.ecsv",
            "<campaign>/light_curves.png",
            "<campaign>/qa2_and_after.png",
            *(path for track in self.campaign.tracks for path in self._light_curves_of(track)),
        ]

    def binned(self, wildcards: Wildcards) -> list[str]:
        """Light curves in bins of time, for each configured length."""
        return [
            f"{self._folder(track)}/light_curves_{seconds:g}s.ecsv"
            for track in self.campaign.tracks
            for seconds in self.campaign.bin_seconds
        ]

    def science(self, wildcards: Wildcards) -> list[str]:
        """What the light curves say, as a page, beside which its tables and pictures are made."""
        return ["<campaign>/science.html"] if self.campaign.tracks else []

    @property
    def reported_science(self) -> list[str]:
        """The same where it is to be a section of the report."""
        wanted = self.campaign.tracks and self.campaign.science["in_report"]
        return ["<campaign>/science.html"] if wanted else []

    def polarimetry(self, wildcards: Wildcards) -> list[str]:
        """Tables and pictures of the tracks that have polarimetry."""
        return [
            path
            for track in self.campaign.tracks
            for table in self.polarimetry_of(track)
            for path in (table, f"{self._folder(track)}/figures/polarimetry.pdf")
        ]

    def calibrated(self, wildcards: Wildcards) -> list[str]:
        """The minispiral's data, the gains as CASA tables, and the field with all its channels."""
        return [
            path
            for track in self.campaign.tracks
            for path in (*self._gains_of(track), f"{self._prefix(track)}.calibrated.ms")
        ]

    def core_subtracted(self, wildcards: Wildcards) -> list[str]:
        """The field with all its channels, without the core."""
        return [f"{self._prefix(track)}.core_subtracted.ms" for track in self.campaign.tracks]

    def residual_data(self, wildcards: Wildcards) -> list[str]:
        """What the data have beyond core and minispiral, and maps of snapshots of that."""
        return [
            f"{self._prefix(track)}.{ending}"
            for track in self.campaign.tracks
            for ending in ("residual.ms", "residual_snapshots.fits")
        ]

    def memo_curves(self, wildcards: Wildcards) -> list[str]:
        """Light curves as the text files of the memo's second script, a folder for each track."""
        return [f"{self._folder(track)}/LCurves_SGRA_{track}" for track in self.campaign.tracks]

    def of_tracks(self, wildcards: Wildcards) -> list[str]:
        """The products of every track."""
        products = [path for track in self.campaign.tracks for path in self.of_track(track)]
        return products + (self.memo_curves(wildcards) if self.campaign.exports_memo else [])

    def of_targets(self, wildcards: Wildcards) -> list[str]:
        """The products of every target of self-calibration, as far as it is to go."""
        return [path for target in self.campaign.targets for path in self._of_target(target)]

    def selfcal(self, wildcards: Wildcards) -> list[str]:
        """Antenna gains and convergence of the iterations, and the products of the targets."""
        tracks = self.campaign.tracks
        gains = [path for track in tracks for path in self._antenna_gains_of(track)]
        return [*self.convergence(wildcards), *gains, *self.of_targets(wildcards)]

    def reports(self, wildcards: Wildcards) -> list[str]:
        """The campaign's page, and each track's."""
        pages = [f"{self._folder(track)}/report.html" for track in self.campaign.tracks]
        return ["<campaign>/report.html", *pages]

    def intermediates(self, wildcards: Wildcards) -> list[str]:
        """Measurement sets, averages and images that no product is."""
        iterations = range(1, self.campaign.iterations + 1)
        return [
            *(
                f"{self._folder(track)}/{name}"
                for track in self.campaign.tracks
                for spw in self.campaign.spws(track)
                for name in (
                    f"spw{spw}/split.ms",
                    f"spw{spw}/im0",
                    *(
                        f"iteration{n}/spw{spw}/{folder}"
                        for n in iterations
                        for folder in ("minispiral.ms", "im1")
                    ),
                )
            ),
            *(
                f"{self._folder(track)}/execution{n}/spw{spw}/split.ms"
                for track in self.campaign.nights
                for n in range(1, len(self.campaign.measurement_sets(track)) + 1)
                for spw in self.campaign.spws(track)
            ),
            *(
                f"{self._folder(track)}/iteration{n}/sky_averages.npz"
                for track in self.campaign.tracks
                if self.campaign.is_joint(track)
                for n in (0, *iterations)
            ),
            *(f"{self.campaign.folder}/selfcal/{name}/data.ms" for name in self.campaign.targets),
        ]

    # of one track or target

    def polarimetry_of(self, track: str) -> list[str]:
        """The track's table of polarimetry, for which it needs two spws."""
        if len(self.campaign.spws(track)) < 2:
            return []
        return [f"{self._folder(track)}/polarimetry.ecsv"]

    def skies_of(self, track: str) -> list[str]:
        """Name of the picture that compares the track's sky with CLEAN's, where it has one."""
        joint = self.campaign.is_joint(track)
        return ["skies"] if joint else []

    def figures_of(self, track: str) -> list[str]:
        """The track's pictures for print."""
        names = ["images", "im1", "minispiral_flux", "uv_coverage", "fit_residuals"]
        names += ["residual_image", *self.skies_of(track)]
        if self.polarimetry_of(track):
            names.append("polarimetry")
        return [f"{self._folder(track)}/figures/{name}.pdf" for name in names]

    def of_track(self, track: str) -> list[str]:
        """The products of one track."""
        folder, prefix = self._folder(track), self._prefix(track)
        return [
            *self._light_curves_of(track),
            f"{folder}/SGRA_FIT_{self.campaign.name}_{track}.fit",
            f"{prefix}_CCs.dat",
            f"{prefix}_flags.dat",
            f"{prefix}_noPeak.fits",
            f"{prefix}_noPeak.image",
            f"{folder}/images.ecsv",
            *self._gains_of(track),
            *self.polarimetry_of(track),
            *self.figures_of(track),
            *(
                f"{folder}/<last>/spw{spw}/absorption.png"
                for spw in self.campaign.corrected_spws(track)
            ),
        ]

    def _light_curves_of(self, track: str) -> list[str]:
        """The track's table of light curves, and the memo's file of each spw."""
        folder, name = self._folder(track), f"{self.campaign.name}_{track}.dat"
        ascii_files = [f"{folder}/Light_Curve_SPW{n}_{name}" for n in self.campaign.spws(track)]
        return [f"{folder}/light_curves.ecsv", *ascii_files]

    def _gains_of(self, track: str) -> list[str]:
        """The minispiral's data, and the gains as CASA tables."""
        prefix = self._prefix(track)
        return [f"{prefix}.ms_ExtendedData", f"{prefix}.gains", *self._antenna_gains_of(track)]

    def _antenna_gains_of(self, track: str) -> list[str]:
        """The track's table of antenna gains, where its products may be made with them."""
        by_hand = self.campaign.fit_is_selfcalibrated(track, self.campaign.iterations)
        if not by_hand and not self.campaign.solves_in_turns(track):
            return []
        return [f"{self._prefix(track)}.selfcal_gains"]

    def _of_target(self, name: str) -> list[str]:
        folder = f"<targets>/{name}"
        products = [f"{folder}/averaging.ecsv", f"{folder}/rounds.ecsv"]
        products += [f"{folder}/{name}.png" for name in ("before_after", "rounds", "gains")]
        if self.campaign.target_is_whole(name):
            lines = self.campaign.target(name)["lines"]
            products += [f"{folder}/{name}.image", f"{folder}/{name}.fits"]
            products += [f"{folder}/{name}.calibrated.ms"]
            products += [f"{folder}/{name}_{line}.calibrated.ms" for line in lines]
        return products

    def _folder(self, track: str) -> str:
        return f"{self.campaign.folder}/{track}"

    def _prefix(self, track: str) -> str:
        return f"{self._folder(track)}/{self.campaign.name}_{track}"
