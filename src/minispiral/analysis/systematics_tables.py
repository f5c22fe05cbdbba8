"""The budget of what is systematic as a table: a row for each track, spw and variant of IM1."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from astropy.table import Table

from minispiral.analysis.systematics import (
    Quoted,
    change,
    contained,
    quoted,
)
from minispiral.analysis.variant_fluxes import AveragedFluxes, difference, references
from minispiral.analysis.variants import DEFAULT, TRACK, VARIANTS
from minispiral.columns.analysis import SYSTEMATICS
from minispiral.columns.column import described
from minispiral.errors import MinispiralError
from minispiral.gains.covariance import errors_of_spw
from minispiral.io.tables import columns, rounded_table

PER_CENT = 100.0


def systematics_table(
    fluxes: Mapping[str, Iterable[AveragedFluxes]],
    curves: Mapping[str, Table],
    covariances: Mapping[str, Table],
    alone: Sequence[str],
) -> Table:
    """Compare the light curves of all variants with the default's.

    Parameters
    ----------
    fluxes : for each variant those of tracks and spws, the default's among them
    curves, covariances : for each track, as in its light_curves.ecsv and covariance.ecsv
    alone : tracks that are scaled to their own minispiral; with the variant `TRACK` all are

    Returns
    -------
    Table with the columns of `SYSTEMATICS`: factor of the flux scale; slope and its error; rms of
    means of ten minutes, and of single integrations; beside each what light curves quote,
    and the share of its square that the quoted error contains.

    Raises
    ------
    MinispiralError
        If there is no default.
    """
    errors = {
        (track, int(spw)): _quoted_of(curve, covariances[track], int(spw))
        for track, curve in curves.items()
        for spw in dict.fromkeys(curve["spw"])
    }
    by_variant = {name: list(of_variant) for name, of_variant in fluxes.items()}
    if not by_variant.get(DEFAULT):
        raise MinispiralError(
            "no track has an IM1 from the visibilities, and only such an IM1 can be varied: set "
            "model.method: joint"
        )
    tracks = {spw.track for spw in by_variant[DEFAULT]}
    default = {(spw.track, spw.spw): spw for spw in by_variant[DEFAULT]}
    scales = references(by_variant[DEFAULT], alone)
    rows = []
    for name, of_variant in by_variant.items():
        if name == DEFAULT:
            continue
        own = sorted(tracks) if name == TRACK else alone
        own_scales = references(of_variant, own)
        for spw in of_variant:
            place = spw.track, spw.spw
            reference = scales[spw.track if spw.track in alone else None, spw.spw]
            other = own_scales[spw.track if spw.track in own else None, spw.spw]
            changed = change(*difference(default[place], spw, reference, other))
            error = errors[place]
            rows.append(
                {
                    "track": spw.track,
                    "spw": spw.spw,
                    "variant": name,
                    "scale": changed.scale,
                    "slope": PER_CENT * changed.slope,
                    "slope_err": PER_CENT * changed.slope_err,
                    "slope_quoted": PER_CENT * error.slope,
                    "slope_contained": contained(error.slope, changed.slope),
                    "rms_mean": PER_CENT * changed.rms_mean,
                    "mean_quoted": PER_CENT * error.mean,
                    "mean_contained": contained(error.mean, changed.rms_mean),
                    "rms_single": PER_CENT * changed.rms_single,
                    "single_quoted": PER_CENT * error.single,
                    "single_contained": contained(error.single, changed.rms_single),
                }
            )
    rows.sort(key=lambda row: (row["track"], row["spw"]))
    return described(rounded_table(rows), SYSTEMATICS)


def _quoted_of(curve: Table, covariance: Table, spw: int) -> Quoted:
    rows = curve[np.asarray(curve["spw"]) == spw]
    return quoted(columns(rows), errors_of_spw(covariance, spw))


def variants_in(table: Table) -> list[str]:
    """Names of the variants that a table has, in their order."""
    there = set(table["variant"])
    return [name for name in VARIANTS if name in there]


def summary(table: Table, variant: str, track: str | None = None) -> dict[str, float]:
    """Numbers of a variant over all spws, of one track or of all: per cent, per cent per hour.

    In this order: `scale`, the largest change of the flux scale; `slope`, `mean`, `single`, each
    followed by what is quoted of it, root mean squares.
    """
    rows = table[np.asarray(table["variant"]) == variant]
    if track is not None:
        rows = rows[np.asarray(rows["track"]) == track]
    values = columns(rows)
    numbers = {"scale": PER_CENT * float(np.max(np.abs(values["scale"] - 1)))}
    for name, column in (
        ("slope", "slope"),
        ("slope_quoted", "slope_quoted"),
        ("mean", "rms_mean"),
        ("mean_quoted", "mean_quoted"),
        ("single", "rms_single"),
        ("single_quoted", "single_quoted"),
    ):
        known = values[column][np.isfinite(values[column])]
        numbers[name] = float(np.sqrt(np.mean(known**2))) if len(known) else float("nan")
    return numbers
