"""Model visibilities in a measurement set's model column, the model for gaincal.

CASA's ft confuses the frequencies of the model, which are of the local standard of rest, with those
of the telescope. Channels that then lie outside the one channel of the image get a model of zero:
up to half the channels of a narrow spw, and gaincal's solutions are wrong without a word. Here all
channels have a model, each at its own frequency.

Call these inside `minispiral.casa.session`.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.imaging.models import read_casa_image
from minispiral.io.progress import progress
from minispiral.ms.windows import BLOCK_ROWS, Window, spectral_windows
from minispiral.visibilities.stokes import parallel_hands
from minispiral.visibilities.transform import image_visibilities, trimmed

Prediction = Callable[[np.ndarray, float], np.ndarray]  # from uvw (m) and frequency (Hz)


def predict_image(ms: str | Path, model: str | Path, threads: int = 1) -> None:
    """Write the visibilities of a CASA model image (Jy per pixel) to the model column."""
    pixels, cell = read_casa_image(model)
    pixels = trimmed(pixels.astype(float))

    def visibilities(uvw: np.ndarray, frequency: float) -> np.ndarray:
        return image_visibilities(uvw, frequency, pixels, cell, threads)

    _write(ms, visibilities)


def predict_point(ms: str | Path) -> None:
    """Write the visibilities of a point at the phase centre, of the data's median modulus.

    Raises
    ------
    MinispiralError
        If all data are flagged.
    """
    flux = _median_modulus(ms)
    _write(ms, lambda uvw, _: np.full(uvw.shape[1], flux, complex))


def _write(ms: str | Path, visibilities: Prediction) -> None:
    calibrater = casa.tools().calibrater()
    calibrater.open(str(ms), addcorr=False, addmodel=True)
    calibrater.close()
    with casa.table(ms, writable=True) as main:
        for window in spectral_windows(ms).values():
            chosen = main.query(f"DATA_DESC_ID IN {window.ids}")
            rows = max(1, BLOCK_ROWS // window.channels)
            for start in progress(range(0, chosen.nrows(), rows), "predict"):
                uvw = chosen.getcol("UVW", start, rows)
                uvw = np.where(np.isfinite(uvw), uvw, 0)  # the data there are flagged
                block = _block(window, uvw, visibilities)
                chosen.putcol("MODEL_DATA", block, start, uvw.shape[1])
            chosen.close()


def _block(window: Window, uvw: np.ndarray, visibilities: Prediction) -> np.ndarray:
    """The model of some rows, ``(n_corr, n_chan, n_row)``; cross hands see nothing of Stokes I."""
    block = np.zeros((len(window.correlations), window.channels, uvw.shape[1]), complex)
    hands = [window.correlations.index(name) for name in parallel_hands(window.correlations)]
    for channel, frequency in enumerate(window.channels_hz):
        block[hands, channel] = visibilities(uvw, frequency)
    return block


def _median_modulus(ms: str | Path) -> float:
    moduli = []
    with casa.table(ms) as main:
        for window in spectral_windows(ms).values():
            hand = window.correlations.index(parallel_hands(window.correlations)[0])
            chosen = main.query(f"DATA_DESC_ID IN {window.ids} && ANTENNA1 != ANTENNA2")
            rows = max(1, BLOCK_ROWS // window.channels)
            for start in range(0, chosen.nrows(), rows):
                data, flag = (chosen.getcol(name, start, rows)[hand] for name in ("DATA", "FLAG"))
                good = ~(flag | chosen.getcol("FLAG_ROW", start, rows))
                moduli.append(np.abs(data[good & np.isfinite(data)]))
                if len(moduli[-1]):
                    break  # one block with data is enough for a start
            chosen.close()
    if not sum(map(len, moduli)):
        raise MinispiralError(f"{ms}: all data are flagged, so no round can start")
    return float(np.median(np.concatenate(moduli)))
