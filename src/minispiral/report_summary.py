"""The report's first page: what a campaign's tracks are, how good they are, and what to look at."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from astropy.table import Table

from minispiral.flagging import UNFLAGGED
from minispiral.gain_description import INTEGRATION
from minispiral.measurement_set import Inspection
from minispiral.products import columns
from minispiral.times import utc

# what is worth a word of warning
MIN_GOOD = 0.9  # share of good integrations
MAX_CHI2 = 1.5  # reduced chi-square of a spw's fit, over all baselines
MAX_FLUX_RATIO = 0.05  # between a track's minispiral and the reference
MAX_FAILED = 0.1  # share of antenna gains without a solution


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

    `curves`, `residuals` (by spw) and `inspections` by track; `polarimetry` of those tracks that
    have any; `flux`, `gains`, `statistics`, `convergence`: the campaign's tables of these names;
    `rounds`: those of each target; `solved`: how antennas were solved for before each iteration.
    """

    name: str
    curves: Mapping[str, Table] = field(default_factory=dict)
    residuals: Mapping[str, Mapping[int, Table]] = field(default_factory=dict)
    polarimetry: Mapping[str, Table] = field(default_factory=dict)
    inspections: Mapping[str, Inspection] = field(default_factory=dict)
    flux: Table | None = None
    gains: Table | None = None
    statistics: Table | None = None
    convergence: Table | None = None
    rounds: Mapping[str, Table] = field(default_factory=dict)
    solved: Sequence[Mapping[str, Any]] = ()
    remarks: Sequence[str] = ()

    @property
    def tracks(self) -> list[str]:
        """Names of the tracks."""
        return list(self.curves)

    @property
    def frequencies(self) -> dict[int, float]:
        """Frequency of each spw in Hz, in their order."""
        found = {
            int(spw): float(frequency)
            for curve in self.curves.values()
            for spw, frequency in zip(curve["spw"], curve["frequency"], strict=True)
        }
        return dict(sorted(found.items()))

    def of_track(self, track: str) -> "CampaignTables":
        """The same of one track alone."""

        def rows(table: Table | None) -> Table | None:
            return None if table is None else table[table["track"] == track]

        def part(tables: Mapping) -> dict:
            return {track: tables[track]} if track in tables else {}

        return CampaignTables(
            self.name,
            part(self.curves),
            part(self.residuals),
            part(self.polarimetry),
            part(self.inspections),
            rows(self.flux),
            rows(self.gains),
            rows(self.statistics),
            rows(self.convergence),
            solved=[each for each in self.solved if each["track"] == track],
        )


def summarize_track(tables: CampaignTables, track: str) -> TrackSummary:
    """Put a track into a line; what it has not is NaN."""
    curve, found = columns(tables.curves[track]), tables.inspections[track]
    good = curve["good"].astype(bool)
    flux = curve["I"][good]
    return TrackSummary(
        name=track,
        start=utc(found.first_time_s)[:16],
        end=utc(found.last_time_s)[:16],
        antennas=found.antennas,
        spws=sorted({int(spw) for spw in curve["spw"]}),
        integrations=found.integrations,
        good=float(good.mean()) if len(good) else np.nan,
        flux=(float(flux.min()), float(flux.max())) if len(flux) else (np.nan, np.nan),
        error=_median(curve["I_err"][good] / flux),
        polarized=_median(curve["P"][good] / flux),
        chi2=_chi2(tables.residuals.get(track, {}).values()),
    )


def _median(values: np.ndarray) -> float:
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else np.nan


def _chi2(tables: Sequence[Table]) -> float:
    """Reduced chi-square over all baselines."""
    n = sum(float(np.sum(table["n_vis"])) for table in tables)
    total = sum(float(np.sum(table["n_vis"] * table["chi2"])) for table in tables)
    return total / n if n else np.nan


def warnings_of(tables: CampaignTables) -> list[str]:
    """What a reader should look at, each in one line: where, what, and what to do."""
    return [
        *tables.remarks,
        *_about_integrations(tables),
        *_about_fits(tables),
        *_about_gains(tables),
        *_about_fluxes(tables),
        *_about_polarization(tables),
        *_about_iterations(tables),
        *_about_targets(tables),
    ]


def _about_integrations(tables: CampaignTables) -> list[str]:
    found = []
    for track, spw, curve in _by_spw(tables):
        good = curve["good"].astype(bool)
        if len(good) and good.mean() < MIN_GOOD:
            reasons = Counter(str(flag) for flag in curve["flag"] if str(flag) != UNFLAGGED)
            most = ", ".join(f"{reason} {n}" for reason, n in reasons.most_common(3))
            found.append(
                f"track {track}, spw {spw}: {good.mean():.0%} of the integrations are good "
                f"(flags: {most}): see the flagged points, and docs/flags.md"
            )
    return found


def _by_spw(tables: CampaignTables):  # noqa: ANN202
    for track, curve in tables.curves.items():
        for spw in sorted(set(curve["spw"])):
            yield track, int(spw), columns(curve[curve["spw"] == spw])


def _about_fits(tables: CampaignTables) -> list[str]:
    found = []
    for track, residuals in tables.residuals.items():
        bad = {spw: _chi2([table]) for spw, table in residuals.items()}
        bad = {spw: chi2 for spw, chi2 in bad.items() if chi2 > MAX_CHI2}
        if bad:
            listed = ", ".join(f"spw {spw} {chi2:.2g}" for spw, chi2 in bad.items())
            found.append(
                f"track {track}: the model misfits the visibilities, reduced chi-square {listed}: "
                "look at the residuals by baseline; CLEAN deeper (image.niter), or self-calibrate "
                "(iterations)"
            )
    return found


def _about_gains(tables: CampaignTables) -> list[str]:
    if tables.gains is None:
        return []
    return [
        f"track {row['track']}, spw {row['spw']}: each integration has its own gain "
        f"({row['reason']}): its errors are larger than smooth gains' would be"
        for row in tables.gains
        if row["description"] == INTEGRATION and row["reason"] not in ("-", "as configured")
    ]


def _about_fluxes(tables: CampaignTables) -> list[str]:
    if tables.flux is None:
        return []
    return [
        f"track {row['track']}, spw {row['spw']}: its minispiral is {ratio:+.1%} off the "
        "reference flux: either its flux scale differs, which the gain mends, or IM1 does not fit "
        "its data"
        for row in tables.flux
        if abs(ratio := row["median"] / row["reference_flux"] - 1) > MAX_FLUX_RATIO
    ]


def _about_polarization(tables: CampaignTables) -> list[str]:
    found = []
    for track, spw, curve in _by_spw(tables):
        missing = [name for name in "QUV" if not np.isfinite(curve[name]).any()]
        if missing:
            found.append(
                f"track {track}, spw {spw}: no {', '.join(missing)}: the data lack the "
                "correlations for it"
            )
    return found


def _about_iterations(tables: CampaignTables) -> list[str]:
    if tables.convergence is None or not len(tables.convergence):
        return []
    table = tables.convergence
    last = table[table["iteration"] == max(table["iteration"])]
    found = []
    moving = last[np.asarray(last["another_is_worth_it"], bool)]
    if len(moving):
        where = ", ".join(f"{row['track']} spw {row['spw']}" for row in moving)
        found.append(f"iterations have not converged ({where}): raise iterations")
    for row in last[np.asarray(last["solutions_failed"], float) > MAX_FAILED]:
        found.append(
            f"track {row['track']}, spw {row['spw']}: {row['solutions_failed']:.0%} of the "
            "antenna gains have no solution: give the round of selfcal.rounds a longer solint"
        )
    return found


def _about_targets(tables: CampaignTables) -> list[str]:
    return [
        f"target {name}: no round of self-calibration was better than none: see its rounds"
        for name, table in tables.rounds.items()
        if len(table) > 1 and not np.any(np.asarray(table["accepted"][1:], bool))
    ]
