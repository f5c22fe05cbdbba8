r"""Loops of the polarisation: how fast, and which way, a curve turns in the plane of Q and U.

With z = Q + i U in even bins, the changes over a step d, `STEP`, and what follows each ::

    c(t) = z(t + d) - z(t),     r(t) = conj(c(t)) c(t + d)

the angle of r is by how much the curve's direction turns in d, positive counter-clockwise in the
plane of Q (right) and U (up): where EVPA grows, from north through east, counter-clockwise on the
sky. Summed over the track ::

    rate = arg(sum r + n) / d           n = sum of 2 s^2, by which noise lessens Re r
    share of clockwise turning = number of Im r < 0, of all

Both are as of Ricarte et al. (2025, arXiv:2504.01114), who take the turn of the curve's tangent; a
step long against the noise takes the place of smoothing. Turns of more than half a circle in d look
like turns the other way: of periods below 2 d nothing is known. An orbiting spot turns the EVPA by
half a turn, and the curve by a whole one, in each orbit with a vertical field (Wielgus et al. 2022,
A&A 665, L6): 70 min are -5.1 deg/min if clockwise.

Red noise turns too, either way. The errors are what curves of the same spectrum and window do that
have no preferred sense, Q and U being alike and independent (`minispiral.science.power_law`): what
68 % of their rates, and of their shares less one half, do not exceed. `p_value` is how often these
have a share at least as far from one half. Measured noise is in these simulations.
"""

from dataclasses import dataclass, replace

import numpy as np

from minispiral.science.periods import Period, Search, find_period
from minispiral.science.power_law import SLOPES, PowerLaw, Window, draw, power_law
from minispiral.science.series import Series

STEP = 600.0  # s: 51 deg of a turn in 70 min
FEWEST_TURNS = 6  # steps that the track has to have
SIMULATIONS = 400
MINUTE = 60.0
WITHIN = 0.6827  # share of cases within one standard deviation


@dataclass(frozen=True)
class Loops:
    """How a track's polarisation turns.

    `rate` and its error, deg/min, positive counter-clockwise; `clockwise`, the share of clockwise
    turning, its error, and the `p_value` of no preferred sense; `law` of Q and U together; the
    strongest `turning` component, its sense +1 if counter-clockwise.
    """

    rate: float
    rate_err: float
    clockwise: float
    clockwise_err: float
    p_value: float
    steps: int
    law: PowerLaw
    turning: Period | None


@dataclass(frozen=True)
class Turns:
    """Bins a step apart from each other, by their places ``(k,)``; `seconds` of a step."""

    first: np.ndarray
    second: np.ndarray
    third: np.ndarray
    seconds: float

    @classmethod
    def of(cls, series: Series, step: float = STEP) -> "Turns":
        """All three bins a step apart from each other that a series has."""
        bins = max(1, round(step / series.interval))
        at = np.full(int(series.place[-1]) + 2 * bins + 1, -1)
        at[series.place] = np.arange(len(series))
        first = np.arange(len(series))
        second, third = at[series.place + bins], at[series.place + 2 * bins]
        there = (second >= 0) & (third >= 0)
        return cls(first[there], second[there], third[there], bins * series.interval)

    def measure(self, values: np.ndarray, white: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rate (deg/min) and share of clockwise turning of curves ``(m, n)`` complex: (m,) each.

        `white`, the noise of either part ``(n,)``, of which the middle bin's is in both changes.
        """
        change = values[:, self.second] - values[:, self.first]
        later = values[:, self.third] - values[:, self.second]
        turn = change.conj() * later
        total = turn.sum(axis=1) + 2 * np.sum(white[self.second] ** 2)
        rate = np.degrees(np.angle(total)) / (self.seconds / MINUTE)
        return rate, np.mean(turn.imag < 0, axis=1)


def measure_loops(
    series: Series, random: np.random.Generator, simulations: int = SIMULATIONS
) -> Loops | None:
    """Measure how the polarisation turns; None of a track of less than `FEWEST_TURNS` steps.

    Parameters
    ----------
    series : Q + i U, Jy, complex; its errors are those of either
    """
    turns = Turns.of(series)
    if not len(turns.first) or series.covered < FEWEST_TURNS * turns.seconds:
        return None
    window = Window(_scaled(series), SLOPES)
    values = window.series.value
    fits = window.fit(values)
    law = power_law(fits.log_likelihood[0], float(fits.noise_only[0]), window.slopes)
    white = window.series.white
    rate, clockwise = (float(value[0]) for value in turns.measure(values[None], white))
    slopes, amplitudes = draw(law.posterior, simulations, random)
    drawn = turns.measure(window.simulate(slopes, amplitudes, random, parts=2), white)
    # rates are angles, of which a few lie near half a turn a step
    rate_err, clockwise_err = (
        float(np.quantile(np.abs(x), WITHIN)) for x in (drawn[0], drawn[1] - 0.5)
    )
    further = np.abs(drawn[1] - 0.5) >= abs(clockwise - 0.5) - 1e-9
    turning = find_period(Search(window, rotating=True), values, law, random, simulations)
    if turning is not None:
        turning = replace(
            turning,
            amplitude=turning.amplitude * series.mean,
            amplitude_err=turning.amplitude_err * series.mean,
        )
    p_value = float((1 + further.sum()) / (1 + simulations))
    steps = int(series.covered // turns.seconds)
    return Loops(rate, rate_err, clockwise, clockwise_err, p_value, steps, law, turning)


def _scaled(series: Series) -> Series:
    """The series in units of its `mean`, so that amplitudes lie on the grid of power laws."""
    return replace(
        series,
        value=series.value / series.mean,
        white=series.white / series.mean,
        drift=series.drift / series.mean,
    )
