r"""Gains that a calibration against one point has left in the data, as the model predicts them.

QA2 solves for gains of antennas in each integration, or each scan, as if the source were one point.
What they absorb of the minispiral follows from the model M of a turn, F times the minispiral and
the core: QA2's gains q are those that make a point of it ::

    minimise  sum w |M_ij - q_i conj(q_j)|^2

and the data, divided by q_i conj(q_j), are as they would be without. So these gains have no free
parameter, and are as fast as QA2's were. Either the phases alone are predicted, or the amplitudes
as well. What a point's flux is does not matter, as a gain that all antennas share belongs to the
fluxes of an integration.

Gains and sky follow each other from turn to turn. With T_k, ln q as turn k predicts it, and r_k, by
how much that exceeds the gains of the turn before, the gains of a turn go beyond T_k towards where
the turns lead::

    T_k - sum_j c_j (T_k - T_j)    where c makes r_k - sum_j c_j (r_k - r_j) least

over the turns j before (Anderson 1965, J. ACM 12, 547), and half of r_k where there are none.
"""

from dataclasses import dataclass

import numpy as np

from minispiral.sky.averages import Averages
from minispiral.visibilities.gain_equations import GainSums

PHASES, AMPLITUDES = 1, 2  # what QA2 has solved for: phases, or amplitudes too
KINDS = (PHASES, AMPLITUDES)
NAMES = {0: "", PHASES: "phases", AMPLITUDES: "amplitudes and phases"}
STRIDE = 1.5  # of r_k, where a turn is the first that has one
HISTORY = 5  # turns that tell where they lead
RIDGE = 1e-6  # of the squares' sum, which keeps the equations of c solvable
FARTHEST = 0.1  # of ln g, that a turn may go beyond what is predicted
SETTLED = 3e-4  # rms of r_k below which the gains have stopped


@dataclass(frozen=True)
class PointTurn:
    """Gains of a spw in a turn, ``(n_bin, n_antenna)``, NaN if unknown, and how they came about.

    `predicted` T and `residual` r of the last turns, ``(k, n_bin, n_antenna)``; the first turn has
    no residual, which is NaN.
    """

    gain: np.ndarray
    predicted: np.ndarray
    residual: np.ndarray

    @property
    def settled(self) -> bool:
        """Whether the gains no longer change."""
        known = np.isfinite(self.residual[-1])
        rms = np.sqrt(np.mean(np.abs(self.residual[-1][known]) ** 2)) if known.any() else np.inf
        return bool(rms < SETTLED)


def point_gains(data: Averages, model: np.ndarray, used: np.ndarray, kind: int) -> np.ndarray:
    """Predict the gains by which data are to be divided: ``(n_bin, n_antenna)``, NaN if unknown.

    Parameters
    ----------
    data : averages as they are
    model : (n_row,), Jy; not finite where there is none
    used : (n_bin,) bool, bins whose model is to be believed
    kind : one of `KINDS`
    """
    known = np.isfinite(model) & used[data.bin]
    weight = np.where(known, data.weight, 0.0)
    model = np.where(known, model, 0.0)
    sums = GainSums(data.number, len(data.antennas), hands=1)
    point = np.ones((1, len(model)))
    sums.add(data.bin, data.antenna1, data.antenna2, model[None], point, weight[None])
    gain = sums.solve(kind == AMPLITUDES, 0.0)[:, :, 0]
    known = np.isfinite(gain) & (gain != 0)
    return np.divide(1.0, gain, out=np.full_like(gain, np.nan), where=known)


def first_turn(predicted: np.ndarray) -> PointTurn:
    """Gains as they are predicted, ln g ``(n_bin, n_antenna)``."""
    return PointTurn(np.exp(predicted), predicted[None], np.full_like(predicted, np.nan)[None])


def next_turn(predicted: np.ndarray, before: PointTurn) -> PointTurn:
    """Gains that go beyond the predicted ones, ln g ``(n_bin, n_antenna)``, by the equation above.

    What is unknown counts in no sum.
    """
    residual = _wrapped(predicted - np.log(before.gain))
    beyond = predicted + (STRIDE - 1) * np.nan_to_num(residual)
    earlier = np.isfinite(before.residual).any(axis=(1, 2))
    steps = np.nan_to_num(residual - before.residual[earlier]).reshape(earlier.sum(), residual.size)
    square = np.real(np.conj(steps) @ steps.T)
    if np.trace(square) > 0:
        ridge = RIDGE * np.trace(square) * np.eye(len(square))
        share = np.real(np.conj(steps) @ np.nan_to_num(residual).ravel())
        turned = np.nan_to_num(_wrapped(predicted - before.predicted[earlier]))
        beyond = predicted - np.tensordot(np.linalg.solve(square + ridge, share), turned, 1)
    far = np.abs(beyond - predicted) > FARTHEST
    return PointTurn(
        np.exp(np.where(far, predicted, beyond)),
        np.concatenate([before.predicted, predicted[None]])[-HISTORY:],
        np.concatenate([before.residual, residual[None]])[-HISTORY:],
    )


def _wrapped(logs: np.ndarray) -> np.ndarray:
    """Differences of ln g, the phases of which go the short way round."""
    return logs.real + 1j * np.angle(np.exp(1j * logs.imag))
