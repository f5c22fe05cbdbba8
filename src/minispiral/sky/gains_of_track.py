r"""Antenna gains of a track as the turns have found them: for its products, and as a table.

The gain of an antenna in an integration is the product of its phase within the averages
(`minispiral.sky.fast_phases`), of what varies slowly (`minispiral.sky.slow_gains`), and, in single
scans, of what QA2 has spoilt (`minispiral.sky.scan_gains`). Both hands have the same.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from astropy.table import Table

from minispiral.columns.column import described
from minispiral.columns.gains import ANTENNA_GAINS
from minispiral.sky.fast_phases import FastPhases, benefit
from minispiral.sky.point_gains import NAMES
from minispiral.sky.scan_gains import scan_gains
from minispiral.sky.slow_gains import SlowGains
from minispiral.sky.track import SpwData, minispiral_visibilities
from minispiral.visibilities.antenna_gains import AntennaGains
from minispiral.visibilities.sky_model import SkyModel


def gains_of_spw(
    data: SpwData,
    scans: np.ndarray,
    fast: FastPhases,
    slow: SlowGains,
    sky: SkyModel,
    threads: int = 1,
) -> tuple[AntennaGains, int]:
    """Put the gains of one spw together.

    Parameters
    ----------
    data : samples as they are without gains, in order of their integrations, and the user's flags
    scans : ``(n,)``, of each integration
    fast, slow : of the turns
    sky : the last one, and the core's place

    Returns
    -------
    The gains, with the degrees of freedom that each integration has spent; and the number of scans
    that have gains of their own.
    """
    samples = data.averages
    gain = slow.at(samples.times)
    if fast.applied:
        gain = gain * fast.gain
    corrected = replace(data, averages=samples.divided(gain))
    model = minispiral_visibilities(samples, sky, threads)
    own = scan_gains(corrected, model, scans, sky.core_offset)
    free = np.maximum(samples.seen_antennas().sum(axis=1) - 1.0, 0.0)
    slowly = free / np.maximum(slow.integrations(samples.times), 1) if slow.is_slow else 0.0 * free
    gain = np.repeat((gain * own.gain)[..., None], 2, axis=-1)
    phases = slowly + own.spent + (free if fast.applied else 0.0)
    collected = AntennaGains(samples.times, samples.antennas, gain, phases, slowly + own.spent)
    return collected, len(np.unique(scans[own.scans]))


def gains_table(
    solve: str, fast: Sequence[FastPhases], slow: Sequence[SlowGains], scans: int
) -> Table:
    """Make the table of the misfit of all spws by baseline, without and with gains.

    Parameters
    ----------
    solve : as configured, auto or always
    fast, slow : gains of all spws
    scans : number of scans with gains of their own

    Returns
    -------
    Table with antenna1, antenna2, n (real data), chi2_before and chi2_after: averages' misfit by
    degree of freedom, with the gains' counted. In ``meta``: solve; interval_s, over which gains are
    constant, infinite for the whole track, 0 where there are none; point, the kind of gains that
    QA2 has left in the data, phases, amplitudes and phases, or empty; criteria, Schwarz's, less
    that without gains, by interval; chi2_before, chi2_after, of all baselines; parameters, of the
    gains; fast_phases, whether phases of every integration are on the data, and fast_benefit, the
    misfit within averages without them over that with them; scans, those with gains of their own.
    """
    first = slow[0]
    number, before, after = (
        np.sum([getattr(spw, name) for spw in slow], axis=0)
        for name in ("number", "before", "after")
    )
    if not first.solved:
        after = before
    parameters = sum(spw.parameters for spw in slow)
    total = number.sum()
    i, j = np.nonzero(number)
    share = max(1 - parameters / total, 0.0) if total else 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        table = Table(
            {
                "antenna1": first.antennas[i],
                "antenna2": first.antennas[j],
                "n": number[i, j].astype(int),
                "chi2_before": before[i, j] / number[i, j],
                "chi2_after": after[i, j] / (number[i, j] * share),
            }
        )
        chi2 = float(before.sum() / total), float(after.sum() / (total * share))
    table.meta = {
        "solve": solve,
        "interval_s": float(first.interval) if first.is_slow else 0.0,
        "point": NAMES[first.point],
        "criteria": {
            str(length): float(score)
            for length, score in zip(first.tried, first.score, strict=True)
        },
        "chi2_before": chi2[0],
        "chi2_after": chi2[1],
        "parameters": float(parameters),
        "fast_phases": any(spw.applied for spw in fast),
        "fast_benefit": benefit(fast),
        "scans": int(scans),
    }
    return described(table, ANTENNA_GAINS)
