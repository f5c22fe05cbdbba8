"""What the report is made from, and each track in a line: what it is and how good it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from astropy.table import Table

from minispiral.analysis.misfit import reduced_chi2
from minispiral.io.tables import columns
from minispiral.measures.times import utc
from minispiral.ms.inspection import Inspection

Item = TypeVar("Item")  # of a track


@dataclass(frozen=True)
class TrackSummary:
    """One track in a line of the summary's table; fluxes in Jy, errors and shares as fractions."""

    name: str
    start: str
    end: str
    antennas: int
    spws: list[int]
    integrations: int
    good: float
    flux: tuple[float, float]
    error: float
    polarized: float
    chi2: float


@dataclass(frozen=True)
class CampaignTables:
    """What the report is made from; all but the tracks' tables may be missing.

    `curves`, `residuals`, `hour_angles` and `antennas` (by spw) and `inspections` by track;
    `polarimetry` of those tracks that have any; `flux`, `gains`, `statistics`, `convergence`,
    `turns`: the campaign's tables of these names; `skies`: of the tracks whose sky is from the
    visibilities, what that goes by in `turns`; of the same tracks, `solves`, how their turns solve
    for antenna gains (auto, always, never, rounds by hand, or too few turns), `antenna_gains`, the
    tables of those that may, and `pointing`; `rounds`: those of each target; `solved`: how
    antennas were solved for before each iteration; `images`: how CLEAN ended, by track.
    """

    name: str
    curves: Mapping[str, Table] = field(default_factory=dict)
    residuals: Mapping[str, Mapping[int, Table]] = field(default_factory=dict)
    hour_angles: Mapping[str, Mapping[int, Table]] = field(default_factory=dict)
    antennas: Mapping[str, Mapping[int, Table]] = field(default_factory=dict)
    polarimetry: Mapping[str, Table] = field(default_factory=dict)
    inspections: Mapping[str, Inspection] = field(default_factory=dict)
    flux: Table | None = None
    gains: Table | None = None
    statistics: Table | None = None
    convergence: Table | None = None
    turns: Table | None = None
    skies: Mapping[str, str] = field(default_factory=dict)
    solves: Mapping[str, str] = field(default_factory=dict)
    antenna_gains: Mapping[str, Table] = field(default_factory=dict)
    pointing: Mapping[str, Table] = field(default_factory=dict)
    rounds: Mapping[str, Table] = field(default_factory=dict)
    solved: Sequence[Mapping[str, Any]] = ()
    remarks: Sequence[str] = ()
    images: Mapping[str, Table] = field(default_factory=dict)

    @property
    def tracks(self) -> list[str]:
        """Names of the tracks."""
        return list(self.curves)

    @property
    def frequencies(self) -> dict[int, float]:
        """Frequency of each spw in Hz, in their order."""
        frequencies: dict[int, float] = {}
        for curve in self.curves.values():
            spws, first = np.unique(curve["spw"], return_index=True)
            of_spws = np.asarray(curve["frequency"])[first]
            frequencies |= dict(zip(spws.tolist(), of_spws.tolist(), strict=True))
        return dict(sorted(frequencies.items()))

    @property
    def doubtful(self) -> set[tuple[str, int]]:
        """Tracks and spws without a minispiral to scale by."""
        if self.flux is None:
            return set()
        return {(str(row["track"]), int(row["spw"])) for row in self.flux if row["doubtful"]}

    def sound_rows(self, track: str) -> np.ndarray:
        """Which rows of a track's light curves are of spws with a minispiral: ``(n,) bool``."""
        doubtful = [spw for name, spw in self.doubtful if name == track]
        return ~np.isin(np.asarray(self.curves[track]["spw"]), doubtful)

    def of_track(self, track: str) -> "CampaignTables":
        """The same of one track alone."""

        def rows(table: Table | None, name: str = track) -> Table | None:
            return None if table is None else table[table["track"] == name]

        def part(tables: Mapping[str, Item]) -> dict[str, Item]:
            return {track: tables[track]} if track in tables else {}

        return CampaignTables(
            self.name,
            part(self.curves),
            part(self.residuals),
            part(self.hour_angles),
            part(self.antennas),
            part(self.polarimetry),
            part(self.inspections),
            rows(self.flux),
            rows(self.gains),
            rows(self.statistics),
            rows(self.convergence),
            rows(self.turns, self.skies[track]) if track in self.skies else None,
            part(self.skies),
            part(self.solves),
            part(self.antenna_gains),
            part(self.pointing),
            solved=[row for row in self.solved if row["track"] == track],
            images=part(self.images),
        )


def summarize_track(tables: CampaignTables, track: str) -> TrackSummary:
    """Put a track into a line; what it has not is NaN, and so are fluxes that do not hold."""
    curve, inspection = columns(tables.curves[track]), tables.inspections[track]
    good = curve["good"].astype(bool)
    held = good & tables.sound_rows(track)
    flux = curve["I"][held]
    return TrackSummary(
        name=track,
        start=utc(inspection.first_time_s)[:16],
        end=utc(inspection.last_time_s)[:16],
        antennas=inspection.antennas,
        spws=sorted({int(spw) for spw in curve["spw"]}),
        integrations=inspection.integrations,
        good=float(good.mean()) if len(good) else np.nan,
        flux=(float(flux.min()), float(flux.max())) if len(flux) else (np.nan, np.nan),
        error=_median(curve["I_err"][held] / flux),
        polarized=_median(curve["P"][good] / curve["I"][good]),
        chi2=reduced_chi2(list(tables.residuals.get(track, {}).values())),
    )


def _median(values: np.ndarray) -> float:
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else np.nan
