r"""Why a fit misfits: what its residuals say by antenna, by baseline, and of several spws.

All of this uses the excess of the reduced chi-square over 1, which noise of the right weight has.
Errors of antenna gains show across the model if they are phases, and along it if they are
amplitudes, see `minispiral.fit.antenna_residuals`. Flux that the model lacks, and weights that are
too high, raise both parts alike; the first does so on the baselines that see it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from astropy.table import Table

ANTENNAS, SPW, PHASES, AMPLITUDES = "antennas", "spw", "phases", "amplitudes"
SHORT_BASELINES, WEIGHTS, UNKNOWN = "short baselines", "weights", "unknown"

FAR_WORSE = 4.0  # times the median's excess: one antenna, or one spw, alone
FEW = 0.1  # largest share of the antennas that counts as single ones
MORE = 1.6  # times the other's excess: phases or amplitudes alone
UNEVEN = 2.0  # times the longer half's excess: short baselines


@dataclass(frozen=True)
class Misfit:
    """A spw's reduced `chi2`, of what `cause`, and the `antennas` by name where it is these."""

    chi2: float
    cause: str
    antennas: tuple[str, ...] = ()


def reduced_chi2(tables: Sequence[Table]) -> float:
    """Reduced chi-square over all visibilities of tables with n_vis and chi2; NaN without any."""
    n = sum(float(np.sum(table["n_vis"])) for table in tables)
    total = sum(float(np.sum(table["n_vis"] * table["chi2"])) for table in tables)
    return total / n if n else np.nan


def misfits(
    baselines: Mapping[int, Table], antennas: Mapping[int, Table], limit: float
) -> dict[int, Misfit]:
    """Say of the spws of a track whose chi-square is above `limit` what their residuals show.

    Parameters
    ----------
    baselines : by spw, `minispiral.fit.residuals.ResidualSums.table`
    antennas : by spw, `minispiral.fit.antenna_residuals.AntennaSums.table`; may be missing
    """
    chi2 = {spw: reduced_chi2([table]) for spw, table in baselines.items()}
    return {
        spw: Misfit(value, *_cause(spw, chi2, baselines[spw], antennas.get(spw)))
        for spw, value in chi2.items()
        if value > limit
    }


def _cause(
    spw: int, chi2: Mapping[int, float], baselines: Table, antennas: Table | None
) -> tuple[str, tuple[str, ...]]:
    if antennas is None or not len(antennas):
        return UNKNOWN, ()
    bad = _bad_antennas(antennas)
    if bad:
        return ANTENNAS, bad
    others = [value for other, value in chi2.items() if other != spw and np.isfinite(value)]
    if len(others) > 1 and _excess(chi2[spw]) > FAR_WORSE * _excess(float(np.median(others))):
        return SPW, ()
    along, across = (
        _excess(float(np.average(antennas[f"chi2_{kind}"], weights=antennas["n_vis"])))
        for kind in ("amplitude", "phase")
    )
    if across > MORE * along:
        return PHASES, ()
    if along > MORE * across:
        return AMPLITUDES, ()
    short, long = _halves(baselines)
    return (SHORT_BASELINES if short > UNEVEN * long else WEIGHTS), ()


def _excess(chi2: float) -> float:
    """Excess over 1, at least what the weights' own errors make."""
    return max(chi2 - 1, 0.1)


def _bad_antennas(antennas: Table) -> tuple[str, ...]:
    """Names of those few that fit far worse than the others."""
    chi2 = np.asarray(antennas["chi2"], float)
    worse = chi2 - 1 > FAR_WORSE * _excess(float(np.median(chi2)))
    if not 0 < worse.sum() <= max(1, FEW * len(chi2)):
        return ()
    return tuple(str(name) for name in antennas["antenna"][worse])


def _halves(baselines: Table) -> tuple[float, float]:
    """Excess over the shorter and the longer half of the visibilities."""
    table = baselines[np.argsort(baselines["baseline"])]
    shorter = np.cumsum(table["n_vis"]) <= np.sum(table["n_vis"]) / 2
    shorter[0] = True
    longer = ~shorter if not shorter.all() else shorter
    return _excess(reduced_chi2([table[shorter]])), _excess(reduced_chi2([table[longer]]))
