r"""Averaging a measurement set in time, as far as smearing over the field allows, for CLEAN.

For each baseline, correlation and time bin of a scan, over unflagged samples of weight w > 0::

    V = sum w V / sum w        w = sum w        (u, v, w), time: means with the same weights

The averages have the parallel hands alone, of which images are made (`minispiral.ms.hands`). These
means are UVW and TIME_CENTROID. TIME is the bin's middle, the same for all baselines: CASA
takes rows of one TIME together, and hundreds of times as long where each row has its own.

Call these inside `minispiral.casa.session`.
"""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.imaging.field_of_view import finest_fringe
from minispiral.io.progress import progress
from minispiral.ms.hands import (
    describe_parallel_hands_alone,
    places_of_hands,
    with_parallel_hands_alone,
)
from minispiral.ms.inspection import Inspection
from minispiral.ms.integrations import interval_of, read_integrations
from minispiral.ms.joining import append
from minispiral.ms.shapes import copy_empty
from minispiral.ms.windows import BLOCK_ROWS, has_weight_spectrum, spectral_windows
from minispiral.visibilities.primary_beam import primary_beam_width
from minispiral.visibilities.smearing import AveragingCheck, check_averaging
from minispiral.visibilities.time_bins import time_bins

logger = logging.getLogger(__name__)

IMAGING_LOSS = 1e-3  # of a source's amplitude at the edge of the field, by averaging for CLEAN


def averaging_of(
    ms: str | Path,
    spws: Sequence[int],
    inspection: Inspection,
    image_radius: float,
    limit: float,
) -> AveragingCheck:
    """Check averaging at the edge of the field: half the primary beam, or the image if smaller.

    The beam is not known before an image is made; taken is the finest fringe, which is smaller, so
    that losses are not understated.

    Parameters
    ----------
    ms, spws : whose widest channel and typical integration are looked at
    inspection : of the track or target
    image_radius : half the image's side, arcsec
    limit : of each loss
    """
    with casa.table(f"{ms}/SPECTRAL_WINDOW") as table:
        widths = [table.getcell("CHAN_WIDTH", spw) for spw in spws]
    with casa.table(ms) as table:
        interval = interval_of(table)
    frequency = min(window.frequency_hz for window in inspection.spws)
    # the smallest dish sees the widest field; where none is known, the image is all there is
    beams = [primary_beam_width(frequency, dish) for dish in inspection.dishes_m]
    return check_averaging(
        radius_arcsec=min(max(beams) / 2, image_radius) if beams else image_radius,
        beam_arcsec=finest_fringe(inspection.longest_baseline_wavelengths),
        limit=limit,
        frequency_hz=frequency,
        channel_width_hz=max(float(np.abs(values).max()) for values in widths),
        interval_s=interval,
    )


def data_to_image(
    ms: str | Path, inspection: Inspection, settings: Mapping[str, Any], cell: float
) -> Path:
    """Return the input of CLEAN: the parallel hands of `ms`, of one spw, or their averages.

    See ``image.time_average`` for the latter.
    """
    as_it_is = Path("parallel_hands.ms").resolve()
    if settings["time_average"] == "none":
        return with_parallel_hands_alone(ms, as_it_is)
    check = averaging_of(ms, [0], inspection, cell * settings["imsize"] / 2, IMAGING_LOSS)
    if check.integrations < 2:
        return with_parallel_hands_alone(ms, as_it_is)
    logger.info("averaged over %d integrations for CLEAN", check.integrations)
    output = Path("averaged.ms").resolve()
    average_in_time(ms, output, check.integrations * check.interval_s)
    return output


def average_in_time(ms: str | Path, output: Path, seconds: float) -> None:
    """Average the parallel hands of a measurement set of one spw and one channel, within scans.

    Parameters
    ----------
    seconds : length of a time bin, at most

    Raises
    ------
    MinispiralError
        If there is no sample to average.
    """
    (window,) = spectral_windows(ms).values()
    hands = places_of_hands(window.correlations)
    with casa.table(ms) as main:
        group, first, middle = _groups(main, seconds)
        sums = _sums(main, hands, group, len(first))
        if not sums[1].any():
            raise MinispiralError(
                f"{ms}: all visibilities are flagged, not finite or without weight: leave out the "
                "spw, or correct its data"
            )
        copy_empty(main, ms, output)
        chosen = main.selectrows(first)
        columns = _averages(chosen, middle, *sums)
        with casa.table(output, writable=True) as table:
            append(table, chosen, partial(_block, columns), "write averages")
        chosen.close()
    describe_parallel_hands_alone(output)


def _groups(table: Any, seconds: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Group of each row, in order of time; of each group the first row, and the bin's middle."""
    known = read_integrations(table)
    times, integration = known.grouped.times, known.grouped.of_row
    scan, place, middle = time_bins(times, known.interval, known.scans, seconds)
    bins = [scan[integration], place[integration]]
    keys = [*bins, table.getcol("ANTENNA1"), table.getcol("ANTENNA2")]
    shape = [int(key.max()) + 1 for key in keys]
    label = np.ravel_multi_index(keys, shape)
    _, first, group = np.unique(label, return_index=True, return_inverse=True)
    return group, first, middle[integration[first]]


class _Samples(NamedTuple):
    """A block's data, weights and flags, ``(n_corr, n_row)`` each."""

    data: np.ndarray
    weight: np.ndarray
    flag: np.ndarray


def _samples(table: Any, hands: list[int], start: int) -> _Samples:
    """Samples of these correlations."""

    def column(name: str) -> np.ndarray:
        return table.getcol(name, start, BLOCK_ROWS)

    weight = column("WEIGHT_SPECTRUM")[:, 0] if has_weight_spectrum(table) else column("WEIGHT")
    flag = column("FLAG")[hands, 0] | column("FLAG_ROW")
    return _Samples(column("DATA")[hands, 0], weight[hands], flag)


def _sums(table: Any, hands: list[int], group: np.ndarray, n: int) -> tuple[np.ndarray, ...]:
    """Sums over the rows of each group: data and weights ``(n_hand, n)``, uvw, time, exposure."""
    correlations = len(hands)
    data, weight = np.zeros((correlations, n), complex), np.zeros((correlations, n))
    means = np.zeros((4, n))  # uvw and time, with the weights of all correlations
    unweighted = np.zeros((6, n))  # uvw and time without weights, exposure, rows
    for start in progress(range(0, len(group), BLOCK_ROWS), "average"):
        groups = group[start : start + BLOCK_ROWS]
        values = _samples(table, hands, start)
        usable = ~values.flag & (values.weight > 0)
        w = np.where(usable, values.weight, 0)
        v = np.where(usable, values.data, 0) * w
        for k in range(correlations):
            weight[k] += np.bincount(groups, w[k], n)
            data[k] += np.bincount(groups, v[k].real, n) + 1j * np.bincount(groups, v[k].imag, n)
        total = w.sum(axis=0)
        place = [*table.getcol("UVW", start, BLOCK_ROWS), table.getcol("TIME", start, BLOCK_ROWS)]
        for k, column in enumerate(place):
            means[k] += np.bincount(groups, column * total, n)
            unweighted[k] += np.bincount(groups, column, n)
        unweighted[4] += np.bincount(groups, table.getcol("EXPOSURE", start, BLOCK_ROWS), n)
        unweighted[5] += np.bincount(groups, minlength=n)
    return data, weight, means, unweighted


def _averages(
    first_rows: Any,
    middle: np.ndarray,
    data: np.ndarray,
    weight: np.ndarray,
    means: np.ndarray,
    unweighted: np.ndarray,
) -> dict[str, np.ndarray]:
    """Columns of the averages, which differ from those of the first row of each group."""
    total = weight.sum(axis=0)
    place = np.where(
        total > 0, means / np.where(total > 0, total, 1), unweighted[:4] / unweighted[5]
    )
    flag = weight <= 0
    divisor = np.where(flag, 1, weight)
    columns = {
        "DATA": np.where(flag, 0, data / divisor)[:, None],
        "WEIGHT": weight,
        "SIGMA": 1 / np.sqrt(divisor),
        "FLAG": flag[:, None],
        "FLAG_ROW": flag.all(axis=0),
        "UVW": place[:3],
        "TIME": middle,
        "TIME_CENTROID": place[3],
        "INTERVAL": first_rows.getcol("INTERVAL") * unweighted[5],
        "EXPOSURE": unweighted[4],
    }
    for name in ("WEIGHT", "SIGMA"):
        columns[f"{name}_SPECTRUM"] = columns[name][:, None]
    return columns


def _block(columns: Mapping[str, np.ndarray], start: int) -> dict[str, np.ndarray]:
    return {name: values[..., start : start + BLOCK_ROWS] for name, values in columns.items()}
