r"""The two-component visibility fit: minispiral and core, integration by integration.

Model, for each integration t, baseline b and one spectral window (memo, equation 2.1)::

    V(t, b) = F_ext(t) m(t, b) + F_core(t) p(t, b)

with m the transform of the minispiral normalised to 1 Jy and p that of a unit point at the core's
place. It is linear in both fluxes, so weighted least squares has a closed form. With
<x, y> = sum_b w Re(x conj(y)) the normal equations are (memo, equations 2.3-2.8)::

    [<m,m> <m,p>] [F_ext ]   [<V,m>]
    [<m,p> <p,p>] [F_core] = [<V,p>]

and the covariance is the inverse matrix times the reduced chi-square, with 2N - 2 degrees of
freedom for N complex samples. Sums over baselines are all that is kept, so the data can stream
through in blocks of rows of any size and order.
"""

from dataclasses import dataclass, field

import numpy as np

from minispiral.stokes import StokesPair

# the determinant of the normal matrix, relative to its diagonal's product, below which the
# minispiral cannot be told from the core: rounding errors of the sums reach 1e-13 or so
SINGULAR = 1e-10


@dataclass
class NormalSums:
    """Sums over baselines for `n` integrations; add blocks of rows, then `solve`.

    `parallel` and `cross` hold one row of sums for each integration, see `add`.
    """

    n: int
    sums: dict[str, np.ndarray] = field(default_factory=dict)

    def _add(self, name: str, index: np.ndarray, values: np.ndarray) -> None:
        block = np.bincount(index, values, minlength=self.n)
        if name in self.sums:
            self.sums[name] += block
        else:
            self.sums[name] = block

    def add(
        self,
        index: np.ndarray,
        stokes: list[StokesPair],
        model: np.ndarray,
        core: np.ndarray | None = None,
        long_baseline: np.ndarray | None = None,
    ) -> None:
        """Add a block of rows.

        Parameters
        ----------
        index : (n_row,) int
            The row's integration, from 0 to n - 1.
        stokes : from `minispiral.stokes.stokes_visibilities`
        model : (n_row,) complex
            m, the minispiral of 1 Jy.
        core : (n_row,) complex, optional
            p, the core of 1 Jy; left out for a core at the phase centre, where p = 1.
        long_baseline : (n_row,) bool, optional
            Rows that enter the long-baseline estimate.
        """
        parallel = stokes[0]
        w, v = parallel.weight, parallel.values[0]
        towards_core = _real_part(model, core)
        self._add("n", index, (w > 0).astype(float))
        self._add("pp", index, w)
        self._add("mm", index, w * _squared(model))
        self._add("mp", index, w * towards_core)
        self._add("vm", index, w * (v.real * model.real + v.imag * model.imag))
        self._add("vp", index, w * _real_part(v, core))
        self._add("vv", index, w * _squared(v))
        if long_baseline is not None:
            w_long = np.where(long_baseline, w, 0.0)
            turned = v if core is None else v * np.conj(core)
            self._add("long", index, w_long)
            self._add("long_real", index, w_long * turned.real)
            self._add("long_imag", index, w_long * turned.imag)
        for pair in stokes:
            self._add_polarization(index, pair, core)

    def _add_polarization(
        self, index: np.ndarray, pair: StokesPair, core: np.ndarray | None
    ) -> None:
        w = pair.weight
        for name, values in zip(pair.names, pair.values, strict=True):
            if name != "I":
                real = _real_part(values, core)
                self._add(f"n_{name}", index, (w > 0).astype(float))
                self._add(f"w_{name}", index, w)
                self._add(f"s_{name}", index, w * real)
                self._add(f"ss_{name}", index, w * real**2)

    def solve(self) -> dict[str, np.ndarray]:
        """Solve for the fluxes of every integration.

        Returns
        -------
        dict of (n,) arrays
            I_extended, I_compact, their _err and covariance (Jy, Jy^2), chi2 (reduced), n_vis,
            I_long_baselines, Q, U, V and their _err (Jy). What an integration does not determine
            is NaN: too few samples, a minispiral that looks like the core, missing correlations.
        """
        s = self.sums
        result = _solve_two_components(s["n"], s["mm"], s["mp"], s["pp"], s["vm"], s["vp"], s["vv"])
        with np.errstate(invalid="ignore", divide="ignore"):
            if "long" in s:
                mean = np.hypot(s["long_real"], s["long_imag"]) / s["long"]
                result["I_long_baselines"] = mean
            else:
                result["I_long_baselines"] = np.full(self.n, np.nan)
        for name in "QUV":
            result[name], result[f"{name}_err"] = self._weighted_mean(name)
        return result

    def _weighted_mean(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Mean of the real part and its error, sqrt(chi2_reduced / sum w), N - 1 dof."""
        if f"w_{name}" not in self.sums:
            return np.full(self.n, np.nan), np.full(self.n, np.nan)
        n, w, s, ss = (self.sums[f"{kind}_{name}"] for kind in ("n", "w", "s", "ss"))
        enough = n > 1
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(enough, s / w, np.nan)
            chi2 = np.clip(ss - s**2 / w, 0, None) / (n - 1)
            error = np.where(enough, np.sqrt(chi2 / w), np.nan)
        return mean, error


def _solve_two_components(
    n: np.ndarray, mm: np.ndarray, mp: np.ndarray, pp: np.ndarray,
    vm: np.ndarray, vp: np.ndarray, vv: np.ndarray,
) -> dict[str, np.ndarray]:
    determinant = mm * pp - mp**2
    solvable = (n > 1) & (determinant > SINGULAR * mm * pp)
    det = np.where(solvable, determinant, np.nan)
    extended = (pp * vm - mp * vp) / det
    compact = (mm * vp - mp * vm) / det
    chi2 = np.clip(vv - extended * vm - compact * vp, 0, None) / np.where(solvable, 2 * n - 2, 1)
    return {
        "I_extended": extended,
        "I_extended_err": np.sqrt(pp / det * chi2),
        "I_compact": compact,
        "I_compact_err": np.sqrt(mm / det * chi2),
        "covariance": -mp / det * chi2,
        "chi2": chi2,
        "n_vis": n.astype(int),
    }


def _squared(values: np.ndarray) -> np.ndarray:
    return values.real**2 + values.imag**2


def _real_part(values: np.ndarray, core: np.ndarray | None) -> np.ndarray:
    """Re(values conj(core)), with no core meaning core = 1."""
    if core is None:
        return values.real
    return values.real * core.real + values.imag * core.imag
