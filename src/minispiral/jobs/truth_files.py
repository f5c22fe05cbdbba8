"""Which files the jobs read that hold light curves against true fluxes, where they are known."""

from minispiral.config.campaign import Campaign
from minispiral.jobs.signatures import with_signature, with_signatures
from minispiral.jobs.sky_files import Files
from minispiral.jobs.wildcards import Wildcards


@with_signatures
class TruthFiles:
    """The files of tracks with a truth; see `minispiral.jobs.files.JobFiles`."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign

    def of_spws(self, name: str) -> Files:
        """Return an input function: a file of each spw of the tracks with a truth, in order."""

        @with_signature
        def files(wildcards: Wildcards) -> list[str]:
            return [
                f"{self.campaign.folder}/{track}/<last>/spw{spw}/{name}"
                for track in tracks_with_truth(self.campaign)
                for spw in self.campaign.spws(track)
            ]

        return files

    def of_tracks(self, name: str) -> Files:
        """Return an input function: a file of each of the tracks with a truth, in order."""

        @with_signature
        def files(wildcards: Wildcards) -> list[str]:
            tracks = tracks_with_truth(self.campaign)
            return [f"{self.campaign.folder}/{track}/{name}" for track in tracks]

        return files

    def tables(self, wildcards: Wildcards) -> list[str]:
        """Tables of the true fluxes of the tracks for which they are known."""
        truths = map(self.campaign.truth, self.campaign.tracks)
        return [truth for truth in truths if truth is not None]


def tracks_with_truth(campaign: Campaign) -> list[str]:
    """Tracks whose true fluxes are known."""
    return [track for track in campaign.tracks if campaign.truth(track) is not None]
