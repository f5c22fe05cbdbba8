r"""What calibration leaves of imperfect feeds: leakage, and hands of unequal amplitude.

The antennas' mounts turn their feeds by the parallactic angle psi. With feeds X, Y along position
angle psi and psi + 90 deg, or circular feeds R, L, the Jones matrix of antenna i is::

    J_i = P^-1 G D_i P      D_i = [[1, d_Xi], [d_Yi, 1]]     G = diag(sqrt(r), 1 / sqrt(r))
    P = [[cos psi, sin psi], [-sin psi, cos psi]]  (linear)  diag(e^-i psi, e^i psi)  (circular)

with r the ratio of the hands' amplitudes. P^-1 is QA2's: it delivers data in the sky's frame. The
coherency B of Stokes visibilities (`minispiral.visibilities.stokes`) is seen as
J_i B J_j^H (Hamaker, Bregman & Sault 1996, A&AS 117, 137; Smirnov 2011, A&A 527, A106).

To first order in d and r - 1, the mean over baselines of a core with I, Q_f + i U_f =
(Q + iU) e^(-2i psi) in the feeds' frame, and V, is that of linear feeds (Sault, Hamaker & Bregman
1996, A&AS 117, 149; Hales 2017, AJ 154, 54), with d_X and d_Y now means over antennas::

    dQ_f = Re(d_X - d_Y) U_f + Im(d_X + d_Y) V + (r - 1) I
    dU_f = Re(d_X + d_Y) I - Re(d_X - d_Y) Q_f
    dV   = Im(d_X - d_Y) I - Im(d_X + d_Y) Q_f
    dI   = Re(d_X + d_Y) U_f + Im(d_X - d_Y) V + (r - 1) Q_f

so that leakage of I into Q and U turns with the feeds, by 2 psi in the sky's frame, and that into V
does not. Of circular feeds (R for X, L for Y), Q_f, U_f, V take the places of U_f, V, Q_f.
Nothing here knows of CASA.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from minispiral.visibilities.stokes import correlations_of

#: Correlations in the order of the elements of the 2 x 2 coherency, row by row.
COHERENCY = {"X": ("XX", "XY", "YX", "YY"), "R": ("RR", "RL", "LR", "LL")}


def draw_leakage(
    n_spw: int, n_antenna: int, rms: float, rng: np.random.Generator
) -> NDArray[np.complex128]:
    """Draw d_X and d_Y of each spw and antenna, of complex rms |d|: ``(n_spw, n_antenna, 2)``."""
    parts = rng.standard_normal((n_spw, n_antenna, 2, 2))
    return rms / np.sqrt(2) * parts.view(np.complex128)[..., 0]


def jones(
    leakage: NDArray[np.complex128], ratio: float, psi: NDArray[np.float64], linear: bool
) -> NDArray[np.complex128]:
    """Return the matrices J of the page.

    Parameters
    ----------
    leakage : (..., 2) complex
        d_X and d_Y.
    ratio
        r.
    psi : (...), rad
    linear
        Whether the feeds are; circular ones else.

    Returns
    -------
    (..., 2, 2) complex
    """
    turn = _turn(psi, linear)
    seen = np.empty((*np.broadcast_shapes(leakage.shape[:-1], psi.shape), 2, 2), complex)
    seen[..., 0, 0] = seen[..., 1, 1] = 1
    seen[..., 0, 1], seen[..., 1, 0] = leakage[..., 0], leakage[..., 1]
    seen *= np.sqrt([[ratio], [1 / ratio]])
    return np.conj(turn).swapaxes(-1, -2) @ seen @ turn


def _turn(psi: NDArray[np.float64], linear: bool) -> NDArray[np.complex128]:
    """Return P, unitary, ``(..., 2, 2)``."""
    turn = np.zeros((*psi.shape, 2, 2), complex)
    if linear:
        turn[..., 0, 0] = turn[..., 1, 1] = np.cos(psi)
        turn[..., 0, 1], turn[..., 1, 0] = np.sin(psi), -np.sin(psi)
    else:
        turn[..., 0, 0], turn[..., 1, 1] = np.exp(-1j * psi), np.exp(1j * psi)
    return turn


def seen_by(
    first: NDArray[np.complex128],
    second: NDArray[np.complex128],
    stokes: NDArray[np.complex128],
    correlations: Sequence[str],
) -> NDArray[np.complex128]:
    """Return the correlations of baselines whose antennas have the Jones matrices given.

    Parameters
    ----------
    first, second : (n_row, 2, 2) complex
        J_i and J_j.
    stokes : (n_row, n_channel, 4)
        I, Q, U, V, Jy.
    correlations : names of n_corr of the four correlations of one kind of feeds

    Returns
    -------
    (n_row, n_channel, n_corr) complex, Jy
    """
    names = COHERENCY[correlations[0][0]]
    coherency = correlations_of(stokes, names).reshape(*stokes.shape[:-1], 2, 2)
    adjoint = np.conj(second).swapaxes(-1, -2)
    seen = first[:, np.newaxis] @ coherency @ adjoint[:, np.newaxis]
    return seen.reshape(stokes.shape)[..., [names.index(name) for name in correlations]]
