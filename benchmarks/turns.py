"""All turns of fluxes and sky of some tracks: the jobs of workflow/rules/sky.smk, one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astropy.io import fits

from benchmarks import job
from benchmarks.job import Cost
from minispiral.config import defaults
from minispiral.config.campaign import FIRST_SOLVED
from minispiral.sky.image import STOPPED

SOLVE = "auto"  # antenna gains are solved for where the data ask for them


@dataclass(frozen=True)
class Track:
    """What the turns need of a track: its inspection, its core's place, spws and split data."""

    inspection: Path
    core: Path
    spws: Sequence[int]
    splits: Sequence[Path]


class Turns:
    """All turns of a number of tracks, each of the same data, with what their jobs cost by name."""

    def __init__(self, folder: Path, track: Track, number: int) -> None:
        """Work in a folder on as many tracks."""
        self.track = track
        self.model: Mapping[str, Any] = defaults()["model"]
        self.costs: dict[str, list[Cost]] = {}
        self._folder = folder
        self._places = [folder / f"track{k}" for k in range(number)]
        self._grid = folder / "grid.json"

    @property
    def number(self) -> int:
        """How many turns there were."""
        return len(self.costs["solve_sky"])

    @property
    def total(self) -> Cost:
        """What all jobs cost."""
        return job.total([cost for costs in self.costs.values() for cost in costs])

    def run(self) -> "Turns":
        """Do all jobs, until the fluxes have stopped."""
        self._average()
        sky: list[Path] = []
        for turn in range(1, self.model["turns"] + 1):
            for place in self._places:
                self._sum(place, turn, sky)
            sky = [self._solve(turn, sky)]
            if STOPPED in fits.getheader(sky[0]):
                break
        for place in self._places:
            self._finish(place, sky[0])
        return self

    def _average(self) -> None:
        """Choose the grid, and average each track."""
        splits = self.track.splits
        for place in self._places:
            files = {"splits": splits, "inspection": self.track.inspection}
            self._do("measure_sky_coverage", files, {"coverage": place / "coverage.json"})
        coverages = [place / "coverage.json" for place in self._places]
        self._do("choose_sky_grid", {"coverages": coverages}, {"grid": self._grid})
        for place, coverage in zip(self._places, coverages, strict=True):
            files = {
                "splits": splits,
                "coverage": coverage,
                "grid": self._grid,
                "core": self.track.core,
                "gains": [],
            }
            output = {"averages": place / "averages.npz", "phases": place / "phases.npz"}
            self._do("average_for_sky", files, output, params={"solve": SOLVE})

    def _sum(self, place: Path, turn: int, sky: list[Path]) -> None:
        """Fit a track's fluxes, and make its sums."""
        files = {
            "averages": place / "averages.npz",
            "core": self.track.core,
            "grid": self._grid,
            "sky": sky,
            "gains": [_gains(place, turn - 1)] if turn > 1 else [],
            "table": [],
        }
        output = {
            "sums": place / "sums.npz",
            "fluxes": _fluxes(place, turn),
            "gains": _gains(place, turn),
        }
        params = {"spws": self.track.spws, "solve": SOLVE, "first_solved": FIRST_SOLVED}
        self._do("sum_sky", files, output, turn, params)

    def _finish(self, place: Path, sky: Path) -> None:
        """Put a track's antenna gains together, and measure its pointing."""
        gains = _gains(place, self.number)
        common: dict[str, Any] = {"im1": sky, "core": self.track.core, "table": []}
        files = {
            "splits": self.track.splits,
            "phases": place / "phases.npz",
            "gains": gains,
            **common,
        }
        output = {"gains": place / "gains.npz", "table": place / "gains.ecsv"}
        params = {"spws": self.track.spws, "solve": SOLVE}
        self._do("collect_antenna_gains", files, output, params=params)
        files = {"averages": place / "averages.npz", "gains": [gains], **common}
        params = {"spws": self.track.spws, "pointing": self.model["pointing"]}
        self._do("measure_pointing", files, {"pointing": place / "pointing.ecsv"}, params=params)

    def _solve(self, turn: int, before: list[Path]) -> Path:
        """Solve for the sky."""
        sky = self._folder / f"turn{turn}.fits"
        places = self._places
        files = {
            "sums": [place / "sums.npz" for place in places],
            "fluxes": [_fluxes(place, turn) for place in places],
            "fluxes_before": [_fluxes(place, turn - 1) for place in places if turn > 1],
            "sky": before,
            "grid": self._grid,
            "cores": [self.track.core] * len(places),
        }
        params = {"settings": self.model, "is_last": turn == self.model["turns"]}
        self._do("solve_sky", files, {"sky": sky}, turn, params)
        return sky

    def _do(
        self,
        script: str,
        files: Mapping[str, Any],
        output: Mapping[str, Any],
        turn: int = 1,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        wildcards = {"track": "a", "turn": str(turn)}
        cost = job.run(script, input=files, output=output, params=params or {}, wildcards=wildcards)
        self.costs.setdefault(script, []).append(cost)


def _gains(place: Path, turn: int) -> Path:
    return place / f"turn{turn}_gains.npz"


def _fluxes(place: Path, turn: int) -> Path:
    return place / f"turn{turn}_fluxes.npz"
