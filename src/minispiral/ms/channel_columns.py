"""Columns of a measurement set, averaged over channels as CASA's split does.

The weights of DATA's samples are 1/SIGMA_SPECTRUM^2, or 1/SIGMA^2 without such a column; those of
CORRECTED_DATA's are WEIGHT_SPECTRUM, or WEIGHT. An average has the sum over its unflagged channels
as WEIGHT, and 1/sqrt(WEIGHT) as SIGMA.

What is not finite, or has no proper weight, is flagged before: see `bad_samples`, `weightless`.
"""

from collections.abc import Callable, Mapping

import numpy as np

from minispiral.ms.windows import is_proper
from minispiral.visibilities.channel_average import average_channels

Column = Callable[[str], np.ndarray | None]  # values of some rows, or None where there are none
#: Name of the column of visibilities, by the key that chooses it.
VISIBILITIES = {"data": "DATA", "corrected": "CORRECTED_DATA"}


def average_columns(
    column: Column, data_column: str, left_out: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Average the columns of rows of one shape over channels.

    Parameters
    ----------
    column : returns a column by its name, visibilities as (n_corr, n_chan, n_row)
    data_column : data or corrected
    left_out : (n_chan, n_row) bool, channels that count as flagged

    Returns
    -------
    UVW, DATA, FLAG, FLAG_ROW, WEIGHT, SIGMA, WEIGHT_SPECTRUM, SIGMA_SPECTRUM as CASA has them, the
    spectra of one channel; and FLAGGED, (n_row,), how many samples had to be flagged
    """
    name = VISIBILITIES[data_column]
    others = ("UVW", "FLAG", "FLAG_ROW", "WEIGHT", "SIGMA", "WEIGHT_SPECTRUM", "SIGMA_SPECTRUM")
    there = {other: column(other) for other in others}
    columns = {other: values for other, values in there.items() if values is not None}
    uvw = columns["UVW"]
    weigh = _weights_of_data if data_column == "data" else _weights_of_corrected_data
    weight, spectrum, bad = weigh(columns)
    bad = bad | ~np.isfinite(uvw.sum(axis=0))[None, None]
    data = _there(column, name)
    channels = data.shape[1]
    averaged, flagged, total = _averaged(data, columns["FLAG"], bad, left_out, spectrum)
    if not np.isfinite(averaged).all():  # rarely: it costs less to look for it in the averages
        data = _there(column, name)  # anew, as the average overwrites it
        bad = bad | ~np.isfinite(data)
        data[bad] = 0
        averaged, flagged, total = _averaged(data, columns["FLAG"], bad, left_out, spectrum)
    if channels > 1:
        weight = weight * total if spectrum is None else total
    of_channel = weight if spectrum is None or channels > 1 else spectrum[:, 0]
    as_it_is = channels == 1 and data_column == "data"
    return {
        "UVW": np.where(np.isfinite(uvw), uvw, 0),
        "DATA": averaged[:, None],
        "FLAG": flagged[:, None],
        "FLAG_ROW": columns["FLAG_ROW"],
        "WEIGHT": weight,
        "SIGMA": columns["SIGMA"] if as_it_is else _sigma(weight),
        "WEIGHT_SPECTRUM": of_channel[:, None],
        "SIGMA_SPECTRUM": _sigma(of_channel)[:, None],
        "FLAGGED": _added(bad, columns["FLAG"], columns["FLAG_ROW"]),
    }


def _there(column: Column, name: str) -> np.ndarray:
    values = column(name)
    if values is None:
        raise KeyError(f"no values in {name}")
    return values


def _averaged(
    data: np.ndarray,
    flag: np.ndarray,
    bad: np.ndarray,
    left_out: np.ndarray | None,
    spectrum: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Average over what is not flagged, not bad and not left out."""
    if bad.any():
        flag = flag | bad
    if left_out is not None:
        flag = flag | left_out
    with np.errstate(invalid="ignore"):  # of what is not finite, which is looked for afterwards
        return average_channels(data, flag, spectrum)


def _added(bad: np.ndarray, flag: np.ndarray, flag_row: np.ndarray) -> np.ndarray:
    """How many samples of each row are bad and were not flagged: ``(n_row,) int``."""
    if not bad.any():
        return np.zeros(len(flag_row), int)
    counts: np.ndarray = (bad & ~flag & ~flag_row).sum(axis=(0, 1))
    return counts


Weights = tuple[np.ndarray, np.ndarray | None, np.ndarray]


def _weights_of_data(columns: Mapping[str, np.ndarray]) -> Weights:
    """Weights of rows and of channels, if any, made of sigmas, and which samples have none.

    Split takes no WEIGHT with DATA, so that what WEIGHT leaves out has to be looked for.
    """
    improper = ~is_proper(columns["WEIGHT"])[:, None]
    spectrum = None
    weight = _inverse_square(columns["SIGMA"])
    if "SIGMA_SPECTRUM" in columns:
        spectrum = _inverse_square(columns["SIGMA_SPECTRUM"])
        spectrum, infinite = _nonnegative(spectrum)
        improper = improper | infinite
    else:
        improper = improper | ~is_proper(columns["SIGMA"])[:, None]
    if "WEIGHT_SPECTRUM" in columns:
        improper = improper | ~is_proper(columns["WEIGHT_SPECTRUM"])
    weight, infinite = _nonnegative(weight)
    return weight, spectrum, improper | infinite[:, None]


def _weights_of_corrected_data(columns: Mapping[str, np.ndarray]) -> Weights:
    weight, improper = _nonnegative(columns["WEIGHT"])
    if "WEIGHT_SPECTRUM" not in columns:
        return weight, None, improper[:, None]
    spectrum, of_channel = _nonnegative(columns["WEIGHT_SPECTRUM"])
    return weight, spectrum, improper[:, None] | of_channel


def _nonnegative(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights with zeros where they are negative or not finite, and where that is."""
    with np.errstate(over="ignore"):
        improper = ~(np.isfinite(weight.astype(np.float32)) & (weight >= 0))
    return np.where(improper, 0, weight), improper


def _inverse_square(sigma: np.ndarray) -> np.ndarray:
    """1/sigma^2, zero where there is no sigma."""
    some = sigma > 0
    weight: np.ndarray = np.divide(1, np.where(some, sigma, 1) ** 2)
    return np.where(some, weight, 0)


def _sigma(weight: np.ndarray) -> np.ndarray:
    """1/sqrt(weight), and -1 where there is no weight, as CASA has it."""
    some = weight > 0
    return np.where(some, 1 / np.sqrt(np.where(some, weight, 1)), -1)
