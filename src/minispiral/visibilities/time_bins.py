"""Bins in time for averages of integrations, or of rows."""

import numpy as np


def time_bins(
    time: np.ndarray, interval: np.ndarray | float, scan: np.ndarray, seconds: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Divide each scan into bins of equal length, of at most `seconds`.

    Parameters
    ----------
    time : (n,), s, middle of an integration; any order
    interval : (n,) or a number, s, its length
    scan : (n,) int

    Returns
    -------
    (n,) each: number of the scan, from 0; number of the bin in its scan; middle of the bin, s.
    """
    scans, number = np.unique(scan, return_inverse=True)
    start = np.full(len(scans), np.inf)
    np.minimum.at(start, number, time)
    span = np.zeros(len(scans))
    np.maximum.at(span, number, time - start[number] + interval)
    # a little less than a whole bin too many is rounding
    count = np.maximum(np.ceil(span / seconds - 1e-6), 1)
    width = span / count
    place = np.minimum((time - start[number] + interval / 2) // width[number], count[number] - 1)
    middle = start[number] + (place + 0.5) * width[number] - np.min(interval) / 2
    return number, place.astype(int), middle
