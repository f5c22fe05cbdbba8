r"""Covariance of a process with white noise, factored: what costs a time linear in its values.

A = K + N, with K the covariance of the process and N that of the noise, is L D L^T, with the lower
triangle L of semiseparable form (Foreman-Mackey et al. 2017, AJ 154, 220). celerite2 finds the
factors, for values in order of time::

    L_mn = U_m^T P_m ... P_n+1 W_n  for m > n,   P_m = diag exp(-c (x_m - x_m-1))
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from celerite2 import driver, terms


@dataclass(frozen=True)
class Factored:
    """Factors of A at `places` ``(n,)``; `pivots` ``(n,)`` is D's diagonal."""

    places: np.ndarray
    rates: np.ndarray  # c
    pivots: np.ndarray
    _u: np.ndarray
    _w: np.ndarray

    @classmethod
    def of(cls, kernel: terms.Term, places: np.ndarray, noise: np.ndarray) -> "Factored":
        """Factor A of a kernel at places in ascending order, with the variances of the noise.

        Raises
        ------
        numpy.linalg.LinAlgError
            If A is not positive definite to rounding.
        """
        rates, diagonal, u, v = kernel.get_celerite_matrices(places, noise)
        try:
            pivots, w = driver.factor(places, rates, diagonal, u, v, diagonal, v.copy())
        except driver.LinAlgError as error:
            raise np.linalg.LinAlgError(str(error)) from error
        return cls(places, rates, pivots, u, w)

    @property
    def log_determinant(self) -> float:
        """Logarithm of the determinant of A."""
        return float(np.log(self.pivots).sum())

    def forward(self, columns: Iterable[np.ndarray]) -> np.ndarray:
        """L^-1 Y D^-1/2, of the columns of Y: ``(n, n_column)``.

        The products of its columns are those of Y with A^-1 between.
        """
        values = np.column_stack(list(columns))
        solved = driver.solve_lower(self.places, self.rates, self._u, self._w, values, values)
        scaled: np.ndarray = solved / np.sqrt(self.pivots)[:, None]
        return scaled

    def solve(self, values: np.ndarray) -> np.ndarray:
        """A^-1 Y: ``(n,)`` or ``(n, n_column)``."""
        columns = np.array(values.reshape(len(values), -1), float, order="C")
        given = self.places, self.rates, self._u, self._w
        columns = driver.solve_lower(*given, columns, columns) / self.pivots[:, None]
        columns = driver.solve_upper(*given, columns, columns)
        return columns.reshape(values.shape)

    def inverse_diagonal(self) -> np.ndarray:
        """Diagonal of A^-1, ``(n,)``, by a recursion from the last value to the first.

        With Q_m = U_m U_m^T / D_m + (1 - U_m W_m^T) R_m (1 - W_m U_m^T), and
        R_m = P_m+1 Q_m+1 P_m+1, it is 1 / D_m + W_m^T R_m W_m.
        """
        steps = np.exp(-np.diff(self.places)[:, None] * self.rates)
        u, w = self._u, self._w
        own = u[:, :, None] * u[:, None, :] / self.pivots[:, None, None]
        left = np.eye(u.shape[1]) - u[:, :, None] * w[:, None, :]
        later = np.zeros_like(own)  # R
        for m in range(len(own) - 1, 0, -1):
            known = own[m] + left[m] @ later[m] @ left[m].T
            later[m - 1] = known * (steps[m - 1][:, None] * steps[m - 1])
        return 1 / self.pivots + np.einsum("ni,nij,nj->n", w, later, w)
