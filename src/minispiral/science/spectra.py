r"""How the spectral index goes with the flux, and the rotation measure with time, of one track.

In bins of `minispiral.science.inputs.SPECTRUM_BIN`, over the spws k that have them::

    ln I_k = ln I_0 + alpha ln nu_k          EVPA_k = EVPA_0 + RM lambda_k^2

by weighted least squares with the white noise of each, which spws do not share. What they share, of
the flux scale and what drifts, is a factor on all I_k and drops out of alpha; errors of EVPA that
all share drop out of RM. What feeds leak turns with the parallactic angle, differently in each spw
(`minispiral.light_curves.feed_errors`): independent errors of 1 deg in the spws' EVPAs move RM by
rad(1 deg) / sqrt(sum (lambda_k^2 - mean)^2), far more than noise does. How both change over the
track is a regression whose residuals may wander (`minispiral.science.between_spws.regress`).
"""

from dataclasses import dataclass

import numpy as np
from scipy.constants import c

from minispiral.light_curves.linear_polarization import linear_polarization
from minispiral.light_curves.lines import fit_lines
from minispiral.light_curves.polarimetry import unwrap_evpa
from minispiral.science.between_spws import Regression, regress
from minispiral.science.inputs import TrackCurves

FEWEST = 5  # bins, for a line through them
HOUR = 3600.0


@dataclass(frozen=True)
class Spectra:
    """Spectral index and rotation measure (rad/m^2) by bin, ``(n,)`` each, with errors.

    `time` MJD in s; the `flux` at the spws' mean frequency, Jy; `index_fit` has the index at the
    mean flux and its slope against the relative flux, `rotation_fit` the mean RM and its slope per
    hour; None where there are fewer than `FEWEST` bins. `per_degree` is by how much errors of 1 deg
    in each spw's EVPA move RM.
    """

    time: np.ndarray
    flux: np.ndarray
    flux_err: np.ndarray
    index: np.ndarray
    index_err: np.ndarray
    rotation: np.ndarray
    rotation_err: np.ndarray
    index_fit: Regression | None
    rotation_fit: Regression | None
    per_degree: float


def measure_spectra(curves: TrackCurves) -> Spectra | None:
    """Measure both; None of a track with fewer than two spws."""
    spws = list(curves.coarse.values())
    frequencies = np.array([spw.frequency for spw in spws])
    if len(spws) < 2 or np.ptp(frequencies) == 0:
        return None
    flux, error = (np.array([getattr(spw, name) for spw in spws]) for name in ("i", "i_err"))
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = np.log(frequencies / np.exp(np.log(frequencies).mean()))
        line = fit_lines(middle, np.log(flux), error / flux)
    rotation, rotation_err, per_degree = _rotation(curves)
    known = np.isfinite(line.slope + line.slope_err)
    time, mean = curves.coarse_time, np.exp(line.offset)
    index_fit = rotation_fit = None
    if known.sum() >= FEWEST:
        relative = mean[known] / mean[known].mean() - 1
        columns = np.stack([np.ones(known.sum()), relative], axis=1)
        index_fit = regress(time[known], line.slope[known], line.slope_err[known], columns)
    turned = np.isfinite(rotation + rotation_err)
    if turned.sum() >= FEWEST:
        hours = (time[turned] - time[turned].mean()) / HOUR
        columns = np.stack([np.ones(turned.sum()), hours], axis=1)
        rotation_fit = regress(time[turned], rotation[turned], rotation_err[turned], columns)
    return Spectra(
        time,
        mean,
        mean * line.offset_err,
        line.slope,
        line.slope_err,
        rotation,
        rotation_err,
        index_fit,
        rotation_fit,
        per_degree,
    )


def _rotation(curves: TrackCurves) -> tuple[np.ndarray, np.ndarray, float]:
    """Rotation measure of each bin and its error, and what 1 deg makes; NaN where not known."""
    spws = [spw for spw in curves.coarse.values() if np.isfinite(spw.q + spw.u).any()]
    wavelength2 = (c / np.array([spw.frequency for spw in spws])) ** 2
    missing = np.full(len(curves.coarse_time), np.nan)
    if len(spws) < 2 or np.ptp(wavelength2) == 0:
        return missing, missing, np.nan
    per_degree = np.radians(1) / float(np.sqrt(np.sum((wavelength2 - wavelength2.mean()) ** 2)))
    linear = [linear_polarization(spw.q, spw.u, spw.q_err, spw.u_err) for spw in spws]
    error = np.array([of.evpa_err for of in linear])
    evpa = unwrap_evpa(np.array([of.evpa for of in linear]), error, wavelength2)
    line = fit_lines(wavelength2, evpa, error)
    return np.radians(line.slope), np.radians(line.slope_err), per_degree
