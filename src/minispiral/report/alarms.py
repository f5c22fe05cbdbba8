"""What no reader may overlook: light curves that stand on no minispiral, and so do not hold."""

from collections.abc import Iterable, Sequence

import numpy as np
from astropy.table import Table

from minispiral.io.wording import extremes
from minispiral.light_curves.minispiral import MAX_MISFIT, MIN_SHARE, MIN_SIGNAL_TO_NOISE
from minispiral.report.places import places
from minispiral.report.summary import CampaignTables

MEANING = "gains, fluxes, their errors and all that is made from them do not hold; the EVPA holds"


def alarms_of(tables: CampaignTables) -> list[str]:
    """Return a line that says where no minispiral was found, why, and what to do; or none."""
    doubtful = [] if tables.flux is None else [row for row in tables.flux if row["doubtful"]]
    if not doubtful:
        return []
    where = [(str(row["track"]), int(row["spw"])) for row in doubtful]
    joint = all(track in tables.skies for track, _ in where)
    return [f"No minispiral was found ({places(where)}): {MEANING}. {_why(doubtful)}. {_do(joint)}"]


def _why(rows: Sequence[Table.Row]) -> str:
    """Say which numbers are not what they would be with a minispiral."""
    share, noise, misfit = (
        np.array([float(row[name]) for row in rows])
        for name in ("share", "signal_to_noise", "misfit")
    )
    reasons = []
    if np.any(share < MIN_SHARE):
        reasons.append(
            f"IM1 has {_tenths(100 * share)} % of the core's flux (below "
            f"{100 * MIN_SHARE:g} % it may be what calibration left)"
        )
    if np.any(noise < MIN_SIGNAL_TO_NOISE):
        reasons.append(
            f"IM1's flux in an integration is {_tenths(noise)} times its error (the least is "
            f"{MIN_SIGNAL_TO_NOISE:g})"
        )
    if np.any(misfit > MAX_MISFIT):
        reasons.append(
            f"the fit's residual is {_tenths(misfit)} times as large as what IM1 explains"
        )
    return "; ".join(reasons)


def _tenths(values: Iterable[float]) -> str:
    return extremes(values, "{:.1f}".format)


def _do(joint: bool) -> str:
    """Say what to do: with a sky from the visibilities, or CLEAN's IM1."""
    if joint:
        return (
            "Look at the sky, and at field and split.data_column; a source without extended flux "
            "cannot be scaled this way."
        )
    return (
        "Look at IM0 and its mask: widen image.mask or raise image.niter, or set model.method: "
        "joint, which needs no mask; a source without extended flux cannot be scaled this way."
    )
