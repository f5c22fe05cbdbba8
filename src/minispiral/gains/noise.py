r"""Noise of fitted fluxes, by what they show between neighbouring integrations.

The fit scales its errors s by the reduced chi-square, so it counts systematic misfit as noise.
Neighbouring integrations show the noise itself. The series for this do not depend on the gain of
the data: F_core / F_ext, and Q, U, V over F_core; and F_core itself between the steps of the gain.
Smooth variation is subtracted first. F_ext and F_core / F_ext are noisy, so a Gaussian process does
this, and f is its noise factor (`minispiral.gains.process`). The others may vary by more than their
noise within minutes; for them f^2 is the reduced chi-square of polynomials, of order 5 through 20
neighbours, or less through fewer.

Misfit. The rest of s^2, (1 - f^2) s^2, is misfit that neighbouring integrations share. A misfit
that never changes is part of the flux scale. A misfit that drifts is an error of the light curve.
Errors are f_eff s with f_eff^2 = f^2 + d (1 - f^2), as far as f is below 1 by more than twice its
own error. The share d that drifts, 1 at most, is the larger of two. First, N antennas with errors
of their own, which come and go, make chi-square vary by sqrt(2/N): d is the variance of the smooth
part of ln chi-square over 2/N. Second, the sky turns over the baselines: errors of the minispiral's
model drift by their full size when it has turned by `ROTATION`, and in proportion over shorter
tracks. Where halves of the array measure the drift (`minispiral.sky.array_drift`), d is 0.

Self-calibration on a point can remove Q with its noise from data of linear feeds. So noise of less
than half of that of the weights is not believed, and that of the weights is quoted. It can remove
the noise from F_core as well, and puts it into the gain, and so into F_ext. A smooth gain averages
it there: then F_core has the noise that it shows.
"""

from collections.abc import Sequence

import numpy as np
from numpy.polynomial import legendre
from scipy.ndimage import maximum_filter1d
from scipy.special import gammaincc

from minispiral.gains.curve import CHI2, NEIGHBOURS, QUANTITIES, WEIGHTS, FitNoise, Noise
from minispiral.gains.groups import FEWEST, Spw, segments_at
from minispiral.gains.process import Series, fit_process, fit_without_outliers
from minispiral.measures.scatter import OUTLIER, robust_scatter
from minispiral.measures.times import GAP, SIDEREAL_DAY

# rad; in simulated tracks, F_ext drifts by 0.17 of its misfit in 24 minutes where QA2 has solved
# each antenna, and by all of it and more in 3 hours where CLEAN was shallow
ROTATION = 0.6
BLOCK, ORDER = 20, 5  # integrations under a polynomial, and its order, at most
LOCAL, UNLIKELY = 31, 1e-3  # integrations that show an uneven gain; chance of noise that does
BELIEVED = 0.5  # least noise of Q, U, V to be believed, in units of the weights'
LEAST = 1e-3  # of F_core, in units of the fit's: no error is zero


_QUOTED = Noise(1.0, CHI2, 1.0)


def quoted_noise() -> FitNoise:
    """The fit's errors as they are."""
    return FitNoise(dict.fromkeys(QUANTITIES, _QUOTED))


def own_noise(spw: Spw, misfit: bool = True) -> FitNoise:
    """Noise for a light curve scaled by own gains: that of F_core / F_ext for both.

    `misfit`, whether what is left of the fit's errors counts as far as it drifts.
    """
    fit, rows = spw.fit, spw.rows
    covariance = fit["covariance"][rows] / (fit["I_extended"] * fit["I_compact"])[rows]
    variance = spw.core_err**2 + spw.extended_err**2 - 2 * covariance
    ratio = Series.unbroken(spw.time, spw.log_core - spw.log_extended, np.sqrt(variance))
    drift = misfit_drift(spw) if misfit else 0.0
    white = fit_without_outliers(ratio)[0].noise
    noise = _noise(white, NEIGHBOURS, drift, len(spw.time))
    return FitNoise(
        {"I_extended": noise, "I_compact": noise, **_polarized_noise(spw, drift)}, drift
    )


def smooth_noise(spw: Spw, own: FitNoise, extended: float, edges: np.ndarray) -> FitNoise:
    """Noise for a light curve whose gain is a process: its noise factor is that of F_ext.

    Parameters
    ----------
    own : from `own_noise`
    edges : times between the process's segments, s
    """
    core = Series(spw.time, spw.log_core, spw.core_err, segments_at(edges, spw.time))
    factor = neighbour_noise(core)
    of_core = _QUOTED
    if factor is not None:
        of_core = _noise(max(factor, LEAST), NEIGHBOURS, own.drift, len(spw.time))
    noise = {
        "I_extended": _noise(extended, NEIGHBOURS, own.drift, len(spw.time)),
        "I_compact": of_core,
    }
    return FitNoise({**own.of, **noise}, own.drift)


def neighbour_noise(data: Series) -> float | None:
    """Noise in units of the quoted errors, by deviations from polynomials through neighbours.

    Neighbours are up to `BLOCK` of one segment, without gaps. Deviations of more than `OUTLIER`
    robust standard deviations are left out; None if there are fewer than `FEWEST`.
    """
    if len(data) < FEWEST:
        return None
    step = np.diff(data.time)
    breaks = (step > GAP * np.median(step)) | (np.diff(data.segment) != 0)
    blocks = [
        block
        for run in np.split(np.arange(len(data)), np.flatnonzero(breaks) + 1)
        for block in np.array_split(run, -(-len(run) // BLOCK))
    ]
    deviation = _deviations(data, blocks)
    kept = np.abs(deviation) <= OUTLIER * robust_scatter(deviation)
    left = [block[kept[block]] for block in blocks]
    residual = _deviations(data, left)
    used = [block for block in left if len(block) and np.isfinite(residual[block]).all()]
    freedom = sum(len(block) - _order(len(block)) - 1 for block in used)
    if freedom < FEWEST / 2:
        return None
    return float(np.sqrt(np.sum(residual[np.concatenate(used)] ** 2) / freedom))


def _order(n: int) -> int:
    """Order of the polynomial through n neighbours: four of them for each."""
    return min(ORDER, n // 4)


def _deviations(data: Series, blocks: Sequence[np.ndarray]) -> np.ndarray:
    """Deviations from a weighted polynomial through each block, in errors: ``(n,)``.

    NaN where a block has too few values, and for values of no block.
    """
    deviation = np.full(len(data), np.nan)
    for length in {len(block) for block in blocks}:
        if _order(length) >= 1:  # those of one length together, as most are
            alike = np.stack([block for block in blocks if len(block) == length])
            deviation[alike] = _deviations_alike(data.at(alike))
    return deviation


def _deviations_alike(blocks: Series) -> np.ndarray:
    """Deviations within blocks of one length: ``(n_block, n)``, as are the values."""
    time, error = blocks.time, blocks.error
    scaled = (time - time[:, :1]) / (time[:, -1:] - time[:, :1]) * 2 - 1
    order = _order(time.shape[1])
    basis, _ = np.linalg.qr(legendre.legvander(scaled, order) / error[..., None])
    # less the mean, of whose size all may be
    values = (blocks.value - blocks.value.mean(axis=1, keepdims=True)) / error
    return values - np.einsum("bni,bmi,bm->bn", basis, basis, values, optimize=True)


def misfit_drift(spw: Spw) -> float:
    """Share of the misfit that drifts, 0 to 1."""
    n = spw.fit["n_vis"][spw.rows].astype(float)
    chi2 = spw.fit["chi2"][spw.rows]
    known = chi2 > 0
    if known.sum() < FEWEST:
        return 0.0
    # of 2 n real numbers
    series = Series.unbroken(spw.time[known], np.log(chi2[known]), n[known] ** -0.5)
    smooth = fit_process(series).at_data
    antennas = (1 + np.sqrt(1 + 8 * np.median(n))) / 2
    # of times spread evenly, the standard deviation is the length over sqrt(12)
    turned = 2 * np.pi / SIDEREAL_DAY * np.sqrt(12) * np.std(spw.time)
    return float(min(1.0, max(np.var(smooth) * antennas / 2, (turned / ROTATION) ** 2)))


def local_excess(squares: np.ndarray) -> np.ndarray:
    """Excess of a gain's scatter over its noise where it is uneven, ``(n,)``; elsewhere 0.

    Parameters
    ----------
    squares : (n,), in order of time
        Of deviations from the gain's curve, in units of their noise: of mean 1, if the gain is as
        smooth as its curve.

    Returns
    -------
    mean - 1 over `LOCAL` neighbours, in all of them, where noise has so large a sum of squares with
    a probability below `UNLIKELY`: a gain that jumps for some minutes is known worse there.
    """
    if len(squares) < LOCAL:
        return np.zeros(len(squares))
    window = np.ones(LOCAL)
    number = np.convolve(np.ones(len(squares)), window, "same")
    total = np.convolve(squares, window, "same")
    chance = gammaincc(number / 2, total / 2)  # of chi-square with as many degrees of freedom
    excess = np.where(chance < UNLIKELY, total / number - 1, 0.0)
    return np.asarray(maximum_filter1d(excess, LOCAL, mode="constant"))


def hidden_misfit(factor: float, n: int) -> float:
    """1 - f^2, for a noise factor f of n values, which is known to 1 / sqrt(2 n)."""
    return 1 - min(1.0, factor * (1 + 2 / np.sqrt(2 * n))) ** 2


def _noise(white: float, source: str, drift: float, n: int) -> Noise:
    """Noise between neighbours, and of misfit that drifts."""
    return Noise(float(np.sqrt(white**2 + drift * hidden_misfit(white, n))), source, float(white))


def _polarized_noise(spw: Spw, drift: float) -> dict[str, Noise]:
    """Noise of Q, U, V; the fit's where there are too few values."""
    core, noise = spw.fit["I_compact"][spw.rows], {}
    for name in "QUV":
        value, error = (spw.fit[n][spw.rows] / core for n in (name, f"{name}_err"))
        known = np.isfinite(value) & (error > 0)
        series = Series.unbroken(spw.time[known], value[known], error[known])
        noise[name] = _believed(neighbour_noise(series), spw, name, drift)
    return noise


def _believed(factor: float | None, spw: Spw, name: str, drift: float) -> Noise:
    if factor is None:
        return _QUOTED
    # weights that are too small make chi-square less than 1, and say nothing of the noise
    chi2 = np.maximum(np.median(spw.fit["chi2"][spw.rows]), 1.0)
    # of the same or equal correlations, Q, U and V have the noise of F_core
    by_weights = spw.fit["I_compact_err"][spw.rows] / np.sqrt(chi2)
    least = float(np.nanmedian(by_weights / spw.fit[f"{name}_err"][spw.rows]))
    if factor < BELIEVED * least:
        return _noise(least, WEIGHTS, drift, len(spw.time))
    return _noise(factor, NEIGHBOURS, drift, len(spw.time))
