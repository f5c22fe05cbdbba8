r"""Gains that a calibration against one point has left in the data, as the model predicts them.

QA2 solves for gains of antennas in each integration, or each scan, as if the source were one point.
What they absorb of the minispiral follows from the model M of a turn, F times the minispiral and
the core: QA2's gains q are those that make a point of it ::

    minimise  sum w |M_ij - q_i conj(q_j)|^2

and the data, divided by q_i conj(q_j), are as they would be without. So these gains have no free
parameter, and are as fast as QA2's were. Either the phases alone are predicted, or the amplitudes
as well. What a point's flux is does not matter, as a gain that all antennas share belongs to the
fluxes of an integration.
"""

import numpy as np

from minispiral.sky.averages import Averages
from minispiral.visibilities.gain_equations import GainSums

PHASES, AMPLITUDES = 1, 2  # what QA2 has solved for: phases, or amplitudes too
KINDS = (PHASES, AMPLITUDES)
NAMES = {0: "", PHASES: "phases", AMPLITUDES: "amplitudes and phases"}


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
