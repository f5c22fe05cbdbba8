r"""A light curve against the truth: bias, scatter, pulls, and what is left on each timescale.

With x what was recovered, s its error and T the truth, the factor
a = sum(T x / s^2) / sum(T^2 / s^2) of Stokes I is the error of the flux scale. Residuals are
r = x / a - T, and pulls a r / s.

Timescales: the fluctuation of a series on a timescale tau is the difference of its means over
two neighbouring stretches of tau/2, which gaps do not harm (the Haar fluctuation; Lovejoy &
Schertzer 2012, Nonlin. Processes Geophys. 19, 513); its mean square is the power. The response is
the share of the true fluctuations that comes through, sum(D_x D_T) / sum(D_T^2): smoothing that
eats real variability shows as a response below 1, and as residual power above that of the noise.

Drift: the ratio q = x / T of Stokes I to the truth has as its median the flux scale Q; the scatter
of q / Q, integration by integration and in means of ten minutes, shows how well a light curve holds
over hours, which neither pulls nor the factor do.
"""

from dataclasses import dataclass

import numpy as np

from minispiral.measures.times import slots

PULL_EDGES = np.linspace(-5, 5, 41)
LEAST_FILLED = 0.5  # share of a stretch that has to be observed
LONG_MEAN = 600.0  # s, of the means that show drifts
LEAST_MEANS = 3  # fewer have no scatter that means anything: tracks shorter than half an hour


@dataclass(frozen=True)
class Comparison:
    """One Stokes parameter against the truth: `residual` and `error`, ``(n,)``, `factor` taken out.

    `bias` is the mean of what was recovered less the truth, factor and all; `bias_err` its error
    if the errors are independent.
    """

    factor: float
    bias: float
    bias_err: float
    residual: np.ndarray
    error: np.ndarray

    @property
    def scatter(self) -> float:
        """Standard deviation of the residual."""
        return float(np.std(self.residual))

    @property
    def pull(self) -> np.ndarray:
        """Residuals in errors, ``(n,)``."""
        return self.residual / self.error

    @property
    def histogram(self) -> np.ndarray:
        """Number of pulls between `PULL_EDGES`; those beyond are in the first and last."""
        inside = np.clip(self.pull, PULL_EDGES[0], np.nextafter(PULL_EDGES[-1], 0))
        return np.histogram(inside, PULL_EDGES)[0]


@dataclass(frozen=True)
class Drift:
    """Recovered over true Stokes I, ``(n,)`` or ``(m,)`` each.

    `ratio` of each integration at `time` (s), 1 being the truth; `scale`, its median, the flux
    scale; `means` of `ratio` over ten minutes, at the mean times `mean_time`.
    """

    time: np.ndarray
    ratio: np.ndarray
    scale: float
    mean_time: np.ndarray
    means: np.ndarray

    @property
    def scatter(self) -> float:
        """Standard deviation of a single integration's ratio, over the flux scale."""
        return float(np.std(self.ratio) / self.scale)

    @property
    def scatter_of_means(self) -> float:
        """Standard deviation of the means, over the flux scale; NaN of fewer than `LEAST_MEANS`."""
        if len(self.means) < LEAST_MEANS:
            return np.nan
        return float(np.std(self.means, ddof=1) / self.scale)


def drift(time: np.ndarray, flux: np.ndarray, truth: np.ndarray) -> Drift:
    """Compare Stokes I with the truth, factor and all.

    Means are of stretches of `LONG_MEAN` from the first integration on; those with less than half
    (`LEAST_FILLED`) as many integrations as the fullest are left out, since their noise is not that
    of ten minutes.

    Parameters
    ----------
    time : (n,), s, ascending
    flux, truth : (n,), Jy
        As recovered and true; the truth not zero.
    """
    ratio = flux / truth
    stretch = ((time - time[0]) // LONG_MEAN).astype(int)
    number = np.bincount(stretch)
    filled = np.flatnonzero(number >= LEAST_FILLED * number.max())
    mean_time, means = (
        np.bincount(stretch, values)[filled] / number[filled] for values in (time - time[0], ratio)
    )
    return Drift(time, ratio, float(np.median(ratio)), time[0] + mean_time, means)


def scale_factor(flux: np.ndarray, error: np.ndarray, truth: np.ndarray) -> float:
    """Weighted ratio of recovered to true flux."""
    weight = error**-2
    return float(np.sum(weight * truth * flux) / np.sum(weight * truth**2))


def compare(flux: np.ndarray, error: np.ndarray, truth: np.ndarray, factor: float) -> Comparison:
    """Compare a recovered Stokes parameter with the truth, ``(n,)`` each, Jy."""
    return Comparison(
        factor=factor,
        bias=float(np.mean(flux - truth)),
        bias_err=float(np.sqrt(np.sum(error**2)) / len(error)),
        residual=flux / factor - truth,
        error=error / factor,
    )


@dataclass(frozen=True)
class Power:
    """Mean square fluctuations on `timescale` (s), ``(m,)`` each, and their number.

    Of the truth, of the residual, and of independent noise of the quoted errors; and the response
    with its error.
    """

    timescale: np.ndarray
    number: np.ndarray
    truth: np.ndarray
    residual: np.ndarray
    noise: np.ndarray
    response: np.ndarray
    response_err: np.ndarray


def power(time: np.ndarray, truth: np.ndarray, compared: Comparison, interval: float) -> Power:
    """Power of the residual against timescale, at octaves from two integrations on.

    Parameters
    ----------
    time : (n,), s
    truth : (n,), of the same integrations as `compared`
    interval : s, length of an integration
    """
    slot = slots(time, interval, time[0])
    octaves = range(int(np.log2(max(slot[-1] + 1, 2))))
    rows = [
        _fluctuations(slot, 2**octave, truth, compared.residual, compared.error)
        for octave in octaves
    ]
    timescale = 2.0 ** (np.arange(len(rows)) + 1) * interval
    return Power(timescale, *(np.array(column) for column in zip(*rows, strict=True)))


def _fluctuations(
    slot: np.ndarray, half: int, truth: np.ndarray, residual: np.ndarray, error: np.ndarray
) -> tuple[float, ...]:
    """Number and mean squares of the fluctuations on 2 `half` integrations, and the response."""
    stretch = slot // half
    n = np.bincount(stretch)
    filled = n >= LEAST_FILLED * half
    pairs = np.flatnonzero(filled[:-1] & filled[1:])
    if not len(pairs):
        return (0, *(np.nan,) * 5)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = [np.bincount(stretch, values) / n for values in (truth, residual)]
        variance = np.bincount(stretch, error**2) / n**2
    true, left = (values[pairs + 1] - values[pairs] for values in means)
    total = np.sum(true**2)
    return (
        len(pairs),
        float(np.mean(true**2)),
        float(np.mean(left**2)),
        float(np.mean(variance[pairs + 1] + variance[pairs])),
        float(1 + np.sum(left * true) / total) if total > 0 else np.nan,
        # each stretch is in two fluctuations
        float(np.sqrt(2 * np.mean(left**2) / total)) if total > 0 else np.nan,
    )
