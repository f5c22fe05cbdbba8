"""Which files the jobs read that find the sky from the visibilities, by turns."""

from collections.abc import Callable, Iterator

from minispiral.config.campaign import Campaign
from minispiral.jobs.signatures import with_signature, with_signatures
from minispiral.jobs.wildcards import Wildcards, sky_tracks

Files = Callable[[Wildcards], list[str]]


@with_signatures
class SkyFiles:
    """The skies of a campaign and their inputs; see `minispiral.jobs.files.JobFiles`."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign

    def of(self, track: str, iteration: int, turn: int) -> str:
        """The sky that a track shares, at the end of a turn."""
        return f"{self._folder(track)}/sky/iteration{iteration}/turn{turn}.fits"

    def last(self, track: str, iteration: int) -> str:
        """The last one of an iteration, which is the track's IM1."""
        return self.of(track, iteration, self.campaign.settings("model", track)["turns"])

    def grid(self, wildcards: Wildcards) -> str:
        """The grid of the sky that the track shares, or of that of all."""
        return f"{self._folder(sky_tracks(self.campaign, wildcards)[0])}/sky/grid.json"

    def before_track(self, wildcards: Wildcards) -> list[str]:
        """The sky that a track's fluxes are fitted with in a turn: none in the very first."""
        return self._before(wildcards.track, int(wildcards.iteration), int(wildcards.turn))

    def before(self, wildcards: Wildcards) -> list[str]:
        """The same, for a job that solves for the sky of one track or of all."""
        track = sky_tracks(self.campaign, wildcards)[0]
        return self._before(track, int(wildcards.iteration), int(wildcards.turn))

    def gains_before_turn(self, wildcards: Wildcards) -> list[str]:
        """The track's antenna gains of the turn before, where the turns solve for any."""
        track, turn = wildcards.track, int(wildcards.turn)
        iteration = int(wildcards.iteration)
        if not self.campaign.solves_in_turns(track) or (turn == 1 and iteration == 0):
            return []
        if turn > 1:
            return [self._gains(track, iteration, turn - 1)]
        return [self._gains(track, iteration - 1, self._turns(track))]

    def gains_on_averages(self, wildcards: Wildcards) -> list[str]:
        """The gains that the averages still contain, where the turns solve for any."""
        if not self.campaign.solves_in_turns(wildcards.track):
            return []
        return [self.last_gains(wildcards)]

    def last_gains(self, wildcards: Wildcards) -> str:
        """The track's antenna gains of the last turn of an iteration."""
        track = wildcards.track
        return self._gains(track, int(wildcards.iteration), self._turns(track))

    def _gains(self, track: str, iteration: int, turn: int) -> str:
        return f"<campaign>/{track}/iteration{iteration}/turn{turn}/antenna_gains.npz"

    def _turns(self, track: str) -> int:
        return int(self.campaign.settings("model", track)["turns"])

    def of_joint_tracks(self, name: str) -> Files:
        """Return an input function: the file `name` in the folder of each that shares the sky."""

        @with_signature
        def files(wildcards: Wildcards) -> list[str]:
            return [
                f"{self.campaign.folder}/{track}/{name}" for track in self.campaign.joint_tracks
            ]

        return files

    def of_turn(self, name: str, back: int = 0) -> Files:
        """Return an input function: a file of each of the sky's tracks, of a turn or one before."""

        @with_signature
        def files(wildcards: Wildcards) -> list[str]:
            turn = int(wildcards.turn) - back
            if turn < 1:
                return []
            return [
                f"<campaign>/{track}/iteration{wildcards.iteration}/turn{turn}/{name}"
                for track in sky_tracks(self.campaign, wildcards)
            ]

        return files

    def of_all_turns(self, wildcards: Wildcards) -> list[str]:
        """All skies: of each the iterations, and of these the turns, in order."""
        return [
            self.of(tracks[0], iteration, turn) for tracks, iteration, turn in self._all_turns()
        ]

    def fluxes_of_all_turns(self, wildcards: Wildcards) -> list[str]:
        """The fluxes that belong to `of_all_turns`: for each turn a file of each track."""
        return [
            f"<campaign>/{track}/iteration{iteration}/turn{turn}/fluxes.npz"
            for tracks, iteration, turn in self._all_turns()
            for track in tracks
        ]

    def table_of_turns(self, wildcards: Wildcards) -> list[str]:
        """What each turn changed and what stopped them, where a sky is found by turns."""
        return ["<campaign>/turns.ecsv"] if self.campaign.skies else []

    def _all_turns(self) -> Iterator[tuple[list[str], int, int]]:
        """Yield tracks, iteration and turn of each sky."""
        for tracks in self.campaign.skies.values():
            turns = self.campaign.settings("model", tracks[0])["turns"]
            for iteration in range(self.campaign.iterations + 1):
                for turn in range(1, turns + 1):
                    yield tracks, iteration, turn

    def _before(self, track: str, iteration: int, turn: int) -> list[str]:
        """That of the turn before; before the first, the last of the iteration before, if any.

        The first sky of self-calibrated data is a new one: the sky before contains their errors.
        """
        if turn > 1:
            return [self.of(track, iteration, turn - 1)]
        solves = self.campaign.selfcal_round(track, iteration) is not None
        if iteration == 0 or (iteration == 1 and solves):
            return []
        return [self.last(track, iteration - 1)]

    def _folder(self, track: str) -> str:
        """Where the sky lies that a track shares: the campaign's folder, or its own."""
        model = self.campaign.settings("model", track)
        return "<campaign>" if model["scope"] == "campaign" else f"<campaign>/{track}"
