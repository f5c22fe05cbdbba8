r"""What the fit leaves, by antenna: in amplitude and in phase.

With r = V - M the residual of Stokes I of a visibility, M its model, and w its weight, turned so
that the model is real, r conj(M) / |M| = a + i p. An antenna whose gain is off by exp(e + i f)
leaves a = |M| e on all its baselines and p = +-|M| f. Each antenna has, over its N visibilities::

    chi2           = sum w |r|^2 / (2 N)
    chi2_amplitude = sum w a^2 / N
    chi2_phase     = sum w p^2 / N          1 each where the model and the weights hold

A wrong weight raises both alike, flux that the model lacks both on the baselines that see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from astropy.table import Table

from minispiral.columns.column import described
from minispiral.columns.fit import BY_ANTENNA


@dataclass
class AntennaSums:
    """Sums over the visibilities of each of the antennas by name; `add` blocks of them."""

    antennas: Sequence[str]
    _sums: np.ndarray = field(init=False)  # N, sum w a^2, sum w p^2

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self._sums = np.zeros((3, len(self.antennas)))

    def add(
        self,
        antenna1: np.ndarray,
        antenna2: np.ndarray,
        weight: np.ndarray,
        residual: np.ndarray,
        model: np.ndarray,
    ) -> None:
        """Add visibilities.

        Parameters
        ----------
        antenna1, antenna2 : (n_row,) int
        weight : (n_row,), 1/Jy^2, 0 where not to be used
        residual, model : (n_row,) complex, Jy
        """
        length = np.abs(model)
        towards = np.divide(model, length, out=np.ones(len(model), complex), where=length > 0)
        turned = residual * np.conj(towards)
        terms = (weight > 0).astype(float), weight * turned.real**2, weight * turned.imag**2
        for antenna in (antenna1, antenna2):
            for sums, values in zip(self._sums, terms, strict=True):
                sums += np.bincount(antenna, values, minlength=len(self.antennas))

    def table(self) -> Table:
        """Table of the antennas that have any: antenna, n_vis, chi2, its two parts."""
        used = self._sums[0] > 0
        n, amplitude, phase = self._sums[:, used]
        table = Table(
            {
                "antenna": np.array(self.antennas, str)[used],
                "n_vis": n.astype(int),
                "chi2": (amplitude + phase) / (2 * n),
                "chi2_amplitude": amplitude / n,
                "chi2_phase": phase / n,
            }
        )
        return described(table, BY_ANTENNA)
