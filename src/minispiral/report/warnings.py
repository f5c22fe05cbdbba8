"""What a reader of the report should look at, each in one line: where, what, and what to do."""

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
from astropy.table import Table

from minispiral.analysis.misfit import reduced_chi2
from minispiral.gains.curve import INTEGRATION
from minispiral.io.tables import columns
from minispiral.io.wording import names_by_remark
from minispiral.light_curves.flagging import UNFLAGGED
from minispiral.light_curves.hand_gains import in_words
from minispiral.light_curves.tables import MOST, unmatched
from minispiral.ms.comparison import dishes_of_tracks, weights_of_tracks
from minispiral.report.places import places
from minispiral.report.remedies import MAX_CHI2, MIN_CHI2, about_chi2, remedy_of_unevenness
from minispiral.report.spectrum import MAX_OFF_LAW, about_close_spws, about_the_power_law
from minispiral.report.summary import CampaignTables
from minispiral.report.turns import unfinished_turns
from minispiral.visibilities.stokes import stokes_pairs

MIN_GOOD = 0.9  # share of good integrations
MAX_CONTRAST = 1.5  # of chi-square over all baselines to that of the bin that fits best
FAIR_SHARE = 0.02  # of the visibilities that such a bin has to have
MAX_FLUX_RATIO = 0.05  # between a track's minispiral and the reference
MAX_FAILED = 0.1  # share of antenna gains without a solution

# what a warning tells of, by how much harm it does
WRONG = "Numbers may be wrong"
ERRORS = "Errors may not hold, or are larger than they need be"
MISSING = "Missing, or not as it was meant"

Remarks = Iterator[tuple[str, int, str]]  # track, spw, what and what to do


def warnings_of(tables: CampaignTables) -> list[str]:
    """Return all warnings, the worst first, see `graded_warnings`."""
    return [line for lines in graded_warnings(tables).values() for line in lines]


def graded_warnings(tables: CampaignTables) -> dict[str, list[str]]:
    """Return the warnings by the harm that they tell of, the worst first; empty ones left out.

    What is the same of several tracks and spws is said once. Not those of spws without a
    minispiral, of which `minispiral.report.alarms` says what matters.
    """
    cleaned = {t: i for t, i in tables.inspections.items() if t not in tables.skies}
    chi2 = list(about_chi2(tables))
    graded = {
        WRONG: [
            *(advice.line for advice in chi2 if not advice.is_of_weights),
            *_lines(tables, _about_fits, _about_fluxes, about_the_power_law, about_close_spws),
            *dishes_of_tracks(cleaned),
            *unfinished_turns(tables.turns),
            *_lines(tables, _about_convergence),
        ],
        ERRORS: [
            *(advice.line for advice in chi2 if advice.is_of_weights),
            *weights_of_tracks(tables.inspections),
            *_lines(tables, _about_gains, _about_solutions),
        ],
        MISSING: [
            *_lines(tables, _about_polarization, _about_integrations),
            *_about_targets(tables),
            *tables.remarks,
        ],
    }
    return {harm: lines for harm, lines in graded.items() if lines}


def _lines(tables: CampaignTables, *checks: Callable[[CampaignTables], Remarks]) -> list[str]:
    """Say what the checks find, once for all tracks and spws of which it is the same."""
    doubtful = tables.doubtful  # all else that is odd about these follows from it
    remarks = (
        ((track, spw), text)
        for check in checks
        for track, spw, text in check(tables)
        if (track, spw) not in doubtful
    )
    return [f"{places(where)}: {text}" for text, where in names_by_remark(remarks).items()]


def limits() -> list[str]:
    """Return the limits beyond which something is worth a warning, in words."""
    return [
        f"less than {100 * MIN_GOOD:.0f} % of the integrations are good, or less than "
        f"{100 * MOST:.0f} % of a spw's good ones have a part in the polarimetry",
        f"the fit's reduced chi-square is above {MAX_CHI2:g} or below {MIN_CHI2:g}, or above "
        f"{MAX_CONTRAST:g} times that of the baselines that fit best",
        "a spw has gains of single integrations, though smooth ones are asked for",
        "gains of each hand have taken Q or V away, which then is missing: it has less than its "
        "noise, or the EVPA keeps its angle to the feeds",
        f"a track's minispiral is {100 * MAX_FLUX_RATIO:.0f} % off the reference",
        f"a spw is {100 * MAX_OFF_LAW:.0f} % off the power law through three others or more, or "
        "spws are too close to each other for a spectral index or rotation measure",
        f"{100 * MAX_FAILED:.0f} % of the antenna gains have no solution",
        "CLEAN's IM1 is of dishes without one primary beam",
        "WEIGHT of the data is not 1/SIGMA^2, or rows have no SIGMA",
        "iterations, or the turns of fluxes and sky, have not converged, or a target's rounds "
        "did not improve it",
    ]


def _by_spw(tables: CampaignTables) -> Iterator[tuple[str, int, dict[str, np.ndarray]]]:
    for track, curve in tables.curves.items():
        for spw in sorted(set(curve["spw"])):
            yield track, int(spw), columns(curve[curve["spw"] == spw])


def _about_integrations(tables: CampaignTables) -> Remarks:
    for track, spw, curve in _by_spw(tables):
        good = curve["good"].astype(bool)
        if len(good) and good.mean() < MIN_GOOD:
            reasons = Counter(str(flag) for flag in curve["flag"] if str(flag) != UNFLAGGED)
            most = ", ".join(f"{reason} {n}" for reason, n in reasons.most_common(3))
            yield (
                track,
                spw,
                f"{100 * good.mean():.0f} % of the integrations are good (flags: {most}): see the "
                "flagged points, and docs/flags.md",
            )


def _about_fits(tables: CampaignTables) -> Remarks:
    for track, residuals in tables.residuals.items():
        for spw, table in residuals.items():
            chi2, best = reduced_chi2([table]), _best_chi2(table)
            if MAX_CONTRAST * best < chi2 <= MAX_CHI2:
                yield (
                    track,
                    spw,
                    f"some baselines fit far worse than others (chi-square {chi2:.2g} over all, "
                    f"{best:.2g} at best): IM1 lacks flux on their scale: "
                    f"{remedy_of_unevenness(tables, track)}",
                )


def _best_chi2(table: Table) -> float:
    """Chi-square of the bin of baselines that fits best, of those with a fair share of the data."""
    n, chi2 = (np.asarray(table[name], float) for name in ("n_vis", "chi2"))
    return float(np.min(chi2[n >= FAIR_SHARE * n.sum()], initial=np.inf))


def _about_gains(tables: CampaignTables) -> Remarks:
    for row in [] if tables.gains is None else tables.gains:
        if row["description"] == INTEGRATION and row["reason"] not in ("-", "as configured"):
            yield (
                str(row["track"]),
                int(row["spw"]),
                f"each integration has its own gain ({row['reason']}): errors are larger than "
                "those of smooth gains: for smaller ones take means over time "
                "(minispiral run binned)",
            )


def _about_fluxes(tables: CampaignTables) -> Remarks:
    for row in [] if tables.flux is None else tables.flux:
        off = row["median"] / row["reference_flux"] - 1
        if abs(off) > MAX_FLUX_RATIO:
            yield (
                str(row["track"]),
                int(row["spw"]),
                f"its minispiral is {100 * off:+.0f} % off the reference flux: either its flux "
                "scale differs, which the gain mends, or IM1 does not fit its data: compare its "
                "sky with that of the others, and look at its fit residuals",
            )


def _about_polarization(tables: CampaignTables) -> Remarks:
    for track, inspection in tables.inspections.items():
        for window in inspection.spws:
            pairs = stokes_pairs(window.correlations)
            missing = set("QUV") - {name for pair in pairs for name in (pair.sum, pair.difference)}
            if missing:
                yield (
                    track,
                    window.spw,
                    f"no {', '.join(sorted(missing))}: its correlations are "
                    f"{', '.join(window.correlations)}: for these, give data with cross hands",
                )
    for curve in tables.curves.values():
        for track, spw, *what in curve.meta.get("not_measured", []):
            yield track, spw, in_words(*what)
    for track, table in tables.polarimetry.items():
        for spw, text in unmatched(table).items():
            yield track, spw, text


def _about_convergence(tables: CampaignTables) -> Remarks:
    for track, spw, row in _last_iteration(tables):
        if row["another_is_worth_it"]:
            yield track, spw, "the last iteration still changed the light curve: raise iterations"


def _last_iteration(tables: CampaignTables) -> Iterator[tuple[str, int, Table.Row]]:
    table = tables.convergence
    if table is not None and len(table):
        for row in table[table["iteration"] == max(table["iteration"])]:
            yield str(row["track"]), int(row["spw"]), row


def _about_solutions(tables: CampaignTables) -> Remarks:
    for track, spw, row in _last_iteration(tables):
        if row["solutions_failed"] > MAX_FAILED:
            yield (
                track,
                spw,
                f"{100 * row['solutions_failed']:.0f} % of the antenna gains have no solution: "
                "give the round of selfcal.rounds a longer solint",
            )


def _about_targets(tables: CampaignTables) -> list[str]:
    return [
        f"target {name}: no round of self-calibration improved it: see its rounds"
        for name, table in tables.rounds.items()
        if len(table) > 1 and not np.any(np.asarray(table["accepted"][1:], bool))
    ]
