r"""Calibrated data with all their channels, without the core: for lines and deep continuum.

Of calibrated data (`minispiral.calibration.data`), which are g V, the core of each integration t is
taken out of every channel, at its place. It is a power law in frequency whose polarisation angle
turns by Faraday rotation, with the flux that was fitted in the spw's average at nu_k::

    V(nu) - (nu / nu_k)^alpha C(t, nu) p(nu)
    Q + i U at nu = (Q + i U at nu_k) exp(2 i RM (lambda^2 - lambda_k^2))

C are the correlations of g (F_core, Q, U, V), alpha and RM the means of the track's polarimetry
over time, weighted by their errors: within a spw of 2 GHz an error of alpha of 0.1 leaves 0.04 % of
the core at the edges. What Stokes parameters the data do not give are taken for zero. Noise of the
fitted flux goes into all channels of an integration alike.

Call these inside `minispiral.casa.session`. They read one measurement set and write another.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.table import Table
from scipy.constants import c

from minispiral import casa
from minispiral.calibration.solution import Solution, integration_of, row_gains
from minispiral.io.progress import progress
from minispiral.io.tables import columns
from minispiral.ms.windows import BLOCK_ROWS, Window, spectral_windows
from minispiral.visibilities import transform
from minispiral.visibilities.stokes import correlations_of
from minispiral.visibilities.transform import Offset


@dataclass(frozen=True)
class CoreSpectrum:
    """How the core goes with frequency: `index` of a power law, `rotation_measure`, rad/m^2."""

    index: float = 0.0
    rotation_measure: float = 0.0

    def at(self, frequencies: np.ndarray, reference: float) -> tuple[np.ndarray, np.ndarray]:
        """Factors of I and V, real, and of Q + i U, complex: ``(n_channel,)``; Hz."""
        scale = (frequencies / reference) ** self.index
        wavelength2 = (c / frequencies) ** 2 - (c / reference) ** 2
        return scale, scale * np.exp(2j * self.rotation_measure * wavelength2)


def core_spectrum(polarimetry: Table | None) -> tuple[CoreSpectrum, str]:
    """Return the core's mean spectrum over a track, and why it is flat, where it is.

    It is where the track has one spw, or spws too close to each other to tell.
    """
    if polarimetry is None:
        return CoreSpectrum(), "the track has one spw"
    if caution := polarimetry.meta.get("caution"):
        return CoreSpectrum(), str(caution)
    values = columns(polarimetry)
    index = _mean(values, "spectral_index")
    return CoreSpectrum(index, _mean(values, "rotation_measure")), ""


def _mean(values: dict[str, np.ndarray], name: str) -> float:
    """Weighted mean over time; 0 where there is none."""
    weight = values[f"{name}_err"] ** -2.0
    used = np.isfinite(values[name]) & np.isfinite(weight)
    if not used.any():
        return 0.0
    return float(np.average(values[name][used], weights=weight[used]))


def write_core_subtracted(
    calibrated: str | Path,
    output: str | Path,
    solutions: Sequence[Solution],
    core: Offset,
    spectrum: CoreSpectrum,
) -> None:
    """Write calibrated data without the core.

    Parameters
    ----------
    calibrated : as `minispiral.calibration.data.write_calibrated_data` makes it
    solutions : one for each spw of the track
    core : its place, arcsec east and north of the phase centre
    """
    shutil.copytree(calibrated, output)
    for spw, window in sorted(spectral_windows(output).items()):
        # of a night, spws of other channels have further numbers
        solution = min(solutions, key=lambda one: abs(one.frequency - window.frequency_hz))
        with (
            casa.table(output, writable=True) as main,
            casa.selected(main, f"DATA_DESC_ID IN {window.ids}") as chosen,
        ):
            rows = max(1, BLOCK_ROWS // (4 * window.channels))
            blocks = range(0, chosen.nrows(), rows)
            for start in progress(blocks, f"subtract the core, spw {spw}"):
                _subtract(chosen, start, rows, window, solution, core, spectrum)


def _subtract(
    table: Any,
    start: int,
    rows: int,
    window: Window,
    solution: Solution,
    core: Offset,
    spectrum: CoreSpectrum,
) -> None:
    """Take the core out of a block of rows."""
    integration = integration_of(table.getcol("TIME", start, rows), solution)
    gain, _ = row_gains(integration, solution)
    stokes = np.where((integration >= 0)[:, None], solution.core[integration], 0.0)
    frequencies = np.asarray(window.channels_hz)
    seen = core_channels(stokes * gain[:, None], frequencies, solution.frequency, spectrum)
    model = correlations_of(seen, window.correlations)  # (n_row, n_channel, n_corr)
    if any(core):
        u, v = transform.uv_wavelengths(table.getcol("UVW", start, rows), 1.0)
        point = transform.point_visibilities(
            u[:, None] * frequencies, v[:, None] * frequencies, core
        )
        model = model * point[..., None]
    table.putcol("DATA", table.getcol("DATA", start, rows) - model.T, start, rows)


def core_channels(
    stokes: np.ndarray, frequencies: np.ndarray, reference: float, spectrum: CoreSpectrum
) -> np.ndarray:
    """Stokes parameters of the core in each channel, ``(n_row, n_channel, 4)``, Jy.

    Parameters
    ----------
    stokes : (n_row, 4), I, Q, U, V, Jy, at the frequency `reference`, Hz
    frequencies : (n_channel,), Hz
    """
    scale, turn = spectrum.at(frequencies, reference)
    linear = (stokes[:, 1] + 1j * stokes[:, 2])[:, None] * turn
    i, v = stokes[:, 0, None] * scale, stokes[:, 3, None] * scale
    return np.stack([i, linear.real, linear.imag, v], axis=-1)
