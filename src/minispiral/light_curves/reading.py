"""One spw's light curve from the files of the stages before it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from astropy.table import Table

from minispiral.gains.tables import gain_curve
from minispiral.io.tables import columns, read_table
from minispiral.light_curves.flagging import AutomaticFlagger, automatic_flags
from minispiral.light_curves.hand_gains import Feeds, taken_away, without_taken
from minispiral.light_curves.scaling import good_integrations, limits_of
from minispiral.light_curves.tables import light_curve_table
from minispiral.measures.integrations import scan_labels


def read_reference(path: str | Path) -> float:
    """Read a reference flux, Jy."""
    return json.loads(Path(path).read_text())["reference_flux_jy"]


def read_flagged_fit(fit: str | Path, limits: Mapping[str, Any]) -> Table:
    """Read a table of fitted fluxes, with the automatic flags as column ``flag``.

    `limits` has as ``flagger`` the thresholds of
    `minispiral.light_curves.flagging.AutomaticFlagger`.
    """
    table = read_table(fit)
    fitted = {**columns(table), "scan": scan_labels(table)}
    table["flag"] = automatic_flags(fitted, AutomaticFlagger(**limits["flagger"]))
    return table


def read_good_fit(
    fit: str | Path, reference: str | Path, limits: Mapping[str, Any], spw: int
) -> tuple[Table, np.ndarray]:
    """Read a spw's flagged fit, and which integrations are good, ``(n,) bool``.

    `limits` are the keys that say so, see also `minispiral.light_curves.scaling.limits_of`.
    """
    table = read_flagged_fit(fit, limits)
    good = good_integrations(columns(table), read_reference(reference), limits_of(limits, spw))
    return table, good


def scaled_light_curve(
    fit: str | Path,
    reference: str | Path,
    gains: Table,
    limits: Mapping[str, Any],
    track: str,
    spw: int,
    absorption: Table | None = None,
    feeds: Feeds | None = None,
) -> Table:
    """`light_curve_table` from a spw's files, fit and reference flux, and the track's gains.

    In ``meta``, as ``gains``, how the gains were found. Of given `feeds`, what gains of each hand
    took away is missing (`minispiral.light_curves.hand_gains`).
    """
    curve, description = gain_curve(gains, spw)
    fitted = read_flagged_fit(fit, limits)
    table = light_curve_table(
        fitted,
        read_reference(reference),
        limits_of(limits, spw),
        track,
        spw,
        absorption,
        curve,
    )
    table.meta["gains"] = description
    if feeds is None:
        return table
    good = np.asarray(table["good"], bool)
    return without_taken(table, taken_away(columns(fitted), scan_labels(fitted), good, feeds))
