"""Which files the jobs read that find IM1 in other ways, for the budget of what is systematic.

A sky that tracks share has a file for each variant, and of the variant `TRACK` one for each track.
"""

from minispiral.analysis.variants import CLEAN, TRACK, VARIANTS, variants_of
from minispiral.config.campaign import Campaign
from minispiral.jobs.signatures import with_signatures
from minispiral.jobs.sky_files import SkyFiles
from minispiral.jobs.wildcards import Wildcards, sky_tracks


@with_signatures
class SystematicFiles:
    """The variants of a campaign; see `minispiral.jobs.files.JobFiles`."""

    names = tuple(VARIANTS)

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign

    def averages(self, wildcards: Wildcards) -> list[str]:
        """Averages of the tracks whose sky a job finds."""
        return self._of_tracks(wildcards, "systematics/averages.npz")

    def cores(self, wildcards: Wildcards) -> list[str]:
        """Places of their cores."""
        return self._of_tracks(wildcards, "core.json")

    def pointings(self, wildcards: Wildcards) -> list[str]:
        """The pointing of their antennas."""
        return self._of_tracks(wildcards, "<last>/pointing.ecsv")

    def flag_tables(self, wildcards: Wildcards) -> list[str]:
        """Their tables of flags edited by hand."""
        return self.campaign.flag_tables(sky_tracks(self.campaign, wildcards))

    def given_sky(self, wildcards: Wildcards) -> list[str]:
        """The sky that need not be found: the light curves' own, or CLEAN's first one."""
        if not VARIANTS[wildcards.variant].given:
            return []
        if wildcards.variant != CLEAN:
            track = sky_tracks(self.campaign, wildcards)[0]
            return [SkyFiles(self.campaign).last(track, self.campaign.iterations)]
        if hasattr(wildcards, "track"):
            return [f"<campaign>/{wildcards.track}/iteration0/im1.fits"]
        return ["<campaign>/im1/iteration0.fits"]

    def fluxes(self, wildcards: Wildcards) -> list[str]:
        """Fluxes of all skies and variants, in the order of `variants`."""
        return [path for _, path in self._all()]

    @property
    def variants(self) -> list[str]:
        """The variant of each of `fluxes`."""
        return [name for name, _ in self._all()]

    @property
    def tracks(self) -> list[str]:
        """Those whose IM1 is from the visibilities."""
        return [track for tracks in self.campaign.skies.values() for track in tracks]

    def light_curves(self, wildcards: Wildcards) -> list[str]:
        """Light curves of these tracks."""
        return [f"<campaign>/{track}/light_curves.ecsv" for track in self.tracks]

    def covariances(self, wildcards: Wildcards) -> list[str]:
        """What determines the covariance of their light curves."""
        return [f"<campaign>/{track}/covariance.ecsv" for track in self.tracks]

    def _all(self) -> list[tuple[str, str]]:
        """Variant and file of each sky."""
        found = []
        for alone, tracks in self.campaign.skies.items():
            model = self.campaign.settings("model", tracks[0])
            for name in variants_of(len(tracks), model["primary_beam"]):
                folders = [f"<campaign>/{alone}" if alone else "<campaign>"]
                if name == TRACK:
                    folders = [f"<campaign>/{track}" for track in tracks]
                found += [(name, f"{folder}/systematics/{name}.npz") for folder in folders]
        return found

    def _of_tracks(self, wildcards: Wildcards, name: str) -> list[str]:
        return [f"<campaign>/{track}/{name}" for track in sky_tracks(self.campaign, wildcards)]
