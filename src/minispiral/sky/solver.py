r"""The sky that solves its normal equations and is one that an astronomer believes.

The data leave much of the sky open: its total, and all that lies between the baselines. There the
regularisation decides. With N the normal matrix, b its right side, N_0 the dirty beam's centre, and
E(r) the square root of a Gaussian envelope, x = E y minimises::

    1/2 x^T N x - b^T x + mu N_0 / 2 sum (x / E)^2 + kappa sqrt(N_0) sum x / E,   x >= 0

No pixel is negative: real emission is not. The term with mu makes pixels small unless the data want
them, the more so the farther out. It alone would fill what the data do not measure with a plateau,
since a sum of squares is smallest where flux is spread. The last term asks for little flux in
total: sqrt(N_0) is the noise of a pixel of b, so that flux is taken in where it is worth more than
the share kappa of its noise. Pixels in which the core is are held at zero. By scipy's L-BFGS-B
(Byrd et al. 1995, SIAM J. Sci. Comput. 16, 1190), every step of which costs FFTs alone.

These FFTs are of single precision, which is four times as fast. They are asked for the change d
from a y whose gradient g is known in double precision, g^T d + 1/2 d^T H d, so that their errors
are a share of the change. Where steps become too small for them, a new round starts from there.
"""

from dataclasses import dataclass

import numpy as np

from minispiral.sky.equations import SkyEquations

STRENGTH = 1e-3
# kappa; simulated tracks of 24 minutes with 1.1 Jy gave 3.0 Jy without it, 1.5 Jy with it
THRIFT = 0.3
STEPS = 60  # of the minimisation in a turn, which the next turn continues
HISTORY = 5  # corrections that L-BFGS-B remembers; more of them cost time and save no step
SMALL = 1e-7  # of a round's gain: single precision does not resolve a step that gains less
SETTLED = 1e-14  # of the objective: a round that gains less is the last
# L-BFGS-B stops by absolute gradients: pixels of some mJy are to be numbers of about one
UNIT = 1e-3


@dataclass(frozen=True)
class Regularisation:
    """The `envelope` E ``(n, n)``, 0 where there is to be no flux, and the strength mu."""

    envelope: np.ndarray
    strength: float = STRENGTH


def objective(
    equations: SkyEquations, prior: Regularisation, scaled: np.ndarray
) -> tuple[float, np.ndarray]:
    """What is minimised, over N_0, at y = `scaled` ``(n, n)``, and its gradient there."""
    right = prior.envelope * equations.right / equations.weight
    product = prior.envelope * equations.matrix(prior.envelope * scaled) / equations.weight
    product += prior.strength * scaled
    right = right - THRIFT / np.sqrt(equations.weight) * (prior.envelope > 0)
    return float(np.sum((0.5 * product - right) * scaled)), product - right


def solve_sky(
    equations: SkyEquations,
    prior: Regularisation,
    start: np.ndarray | None = None,
    steps: int = STEPS,
) -> np.ndarray:
    """Find the sky, Jy per pixel in units of the fluxes F: ``(n, n)``.

    Parameters
    ----------
    start : (n, n), a sky for the start; none is as good, and takes more steps
    steps : at most
    """
    free = prior.envelope > 0
    scaled = np.zeros(equations.grid.shape)
    if start is not None:
        scaled[free] = np.maximum(start[free], 0) / prior.envelope[free]
    value, gradient = objective(equations, prior, scaled)
    while steps > 0:
        scaled, taken = _improve(equations, prior, scaled, gradient, steps)
        before = value
        value, gradient = objective(equations, prior, scaled)
        if not taken or before - value <= SETTLED * max(abs(value), UNIT**2):
            break
        steps -= taken
    return prior.envelope * scaled


def _improve(
    equations: SkyEquations,
    prior: Regularisation,
    scaled: np.ndarray,
    gradient: np.ndarray,
    steps: int,
) -> tuple[np.ndarray, int]:
    """Go down from a y whose gradient is known: the new y, and the number of steps to it."""
    # imported here, as turns that have stopped do without
    from scipy.optimize import Bounds, minimize

    shape = equations.grid.shape

    def function(flat: np.ndarray) -> tuple[float, np.ndarray]:
        change = UNIT * flat.reshape(shape)
        product = prior.envelope * equations.matrix(prior.envelope * change, single=True)
        product = product / equations.weight + prior.strength * change
        value = np.sum((gradient + 0.5 * product) * change)
        return float(value) / UNIT**2, (gradient + product).ravel() / UNIT

    upper = np.where(prior.envelope > 0, np.inf, 0.0)
    solution = minimize(
        function,
        np.zeros(scaled.size),
        jac=True,
        method="L-BFGS-B",
        bounds=Bounds(-scaled.ravel() / UNIT, upper.ravel()),
        options={"maxiter": steps, "maxcor": HISTORY, "ftol": SMALL, "gtol": 1e-8},
    )
    return np.maximum(scaled + UNIT * solution.x.reshape(shape), 0), int(solution.nit)
