r"""The two-component visibility fit: minispiral and core, integration by integration.

Model, for each integration t, baseline b and one spectral window (memo, equation 2.1)::

    V(t, b) = F_ext(t) m(t, b) + F_core(t) p(t, b)

with m the transform of the minispiral normalised to 1 Jy and p that of a unit point at the core's
place. It is linear in both fluxes, so weighted least squares has a closed form. With
<x, y> = sum_b w Re(x conj(y)) the normal equations are (memo, equations 2.3-2.8)::

    [<m,m> <m,p>] [F_ext ]   [<V,m>]
    [<m,p> <p,p>] [F_core] = [<V,p>]

and the covariance is the inverse matrix times the reduced chi-square, with 2N - 2 degrees of
freedom for N complex samples, less those that self-calibration has spent on the same data. Sums
over baselines are all that is kept, so the data can stream through in blocks of rows of any size
and order.

The minispiral is not polarised. So the same equations, with Q, U or V in place of V(t, b), show by
how much the hands differ in their gains: ``Q_extended`` and ``U_extended`` of linear feeds, and
``V_extended`` of circular ones, are what the minispiral seems to have, with the error of F_ext.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from minispiral.visibilities.stokes import StokesPair

# the determinant of the normal matrix, relative to its diagonal's product, below which the
# minispiral cannot be separated from the core: rounding errors of the sums reach 1e-13 or so
SINGULAR = 1e-10

Spent = np.ndarray | float  # degrees of freedom


@dataclass
class NormalSums:
    """Sums over baselines for `n` integrations; `add` blocks of rows, then `solve`.

    `sums` holds one array ``(n,)`` for each sum, by name; `hands` says for each Stokes parameter
    whether it comes from the parallel or the cross hands, which have their own weights.
    """

    n: int
    sums: dict[str, np.ndarray] = field(default_factory=dict)
    hands: dict[str, str] = field(default_factory=dict)

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
        stokes : from `minispiral.visibilities.stokes.stokes_visibilities`
        model : (n_row,) complex
            m, the minispiral of 1 Jy.
        core : (n_row,) complex, optional
            p, the core of 1 Jy; left out for a core at the phase centre, where p = 1.
        long_baseline : (n_row,) bool, optional
            Rows that enter the long-baseline estimate.
        """
        if not len(index):
            return
        runs = _Runs(index, self.n)
        w, v = stokes[0].weight, stokes[0].values[0]
        self._add(runs, "mm", w * _squared(model))
        self._add(runs, "mp", w * _real_part(model, core))
        self._add(runs, "vm", w * _real_part(v, model))
        self._add(runs, "vp", w * _real_part(v, core))
        self._add(runs, "vv", w * _squared(v))
        for pair, hands in zip(stokes, ("parallel", "cross"), strict=False):
            self.hands.update(dict.fromkeys(pair.names, hands))
            self._add(runs, f"n_{hands}", (pair.weight > 0).astype(float))
            self._add(runs, f"w_{hands}", pair.weight)
            if hands == "cross" and pair.names[0] == "U":
                self._add(runs, "mm_cross", pair.weight * _squared(model))
                self._add(runs, "mp_cross", pair.weight * _real_part(model, core))
            for name, values in zip(pair.names, pair.values, strict=True):
                if name != "I":
                    self._add_mean(runs, name, pair.weight, _real_part(values, core))
                    if hands == "parallel" or (name == "U" and pair.names[0] == "U"):
                        self._add(runs, f"{name}m", pair.weight * _real_part(values, model))
        if long_baseline is not None:
            turned = v if core is None else v * np.conj(core)
            w_long = np.where(long_baseline, w, 0.0)
            self._add(runs, "long", w_long)
            self._add(runs, "long_real", w_long * turned.real)
            self._add(runs, "long_imag", w_long * turned.imag)

    def _add(self, runs: "_Runs", name: str, values: np.ndarray) -> None:
        self.sums[name] = self.sums.get(name, 0.0) + runs.sum(values)

    def _add_mean(self, runs: "_Runs", name: str, w: np.ndarray, real: np.ndarray) -> None:
        weighted = w * real
        self._add(runs, f"s_{name}", weighted)
        self._add(runs, f"ss_{name}", weighted * real)

    def solve(self, phases: Spent = 0.0, amplitudes: Spent = 0.0) -> dict[str, np.ndarray]:
        """Solve for the fluxes of every integration.

        Parameters
        ----------
        phases, amplitudes : (n,) or a number
            Real parameters that self-calibration has spent on an integration of each parallel
            hand: on imaginary and on real parts, so that the means of real parts have lost the
            latter alone, and the cross hands nothing.

        Returns
        -------
        dict of (n,) arrays
            I_extended, I_compact, their _err and covariance (Jy, Jy^2), chi2 (reduced), n_vis,
            I_long_baselines, Q, U, V and their _err, Q_extended ... (Jy). What an integration does
            not determine is NaN: too few samples, a minispiral that looks like the core, missing
            correlations.
        """
        s = defaultdict(lambda: np.zeros(self.n), self.sums)  # no rows, no sums
        result = _solve_two_components(s, 2 * s["n_parallel"] - 2 - phases - amplitudes)
        result["I_long_baselines"] = np.full(self.n, np.nan)
        if "long" in s:
            np.divide(
                np.hypot(s["long_real"], s["long_imag"]),
                s["long"],
                out=result["I_long_baselines"],
                where=s["long"] > 0,
            )
        for name in "QUV":
            result[f"{name}_extended"] = self._polarized_minispiral(name, s)
            spent = amplitudes if self.hands.get(name) == "parallel" else 0.0
            result[name], result[f"{name}_err"] = self._weighted_mean(name, spent)
        return result

    def _polarized_minispiral(self, name: str, sums: Mapping[str, np.ndarray]) -> np.ndarray:
        """Stokes parameter that the minispiral seems to have, Jy; NaN where it is not asked for."""
        if f"{name}m" not in self.sums:
            return np.full(self.n, np.nan)
        hands = self.hands[name]
        own = "" if hands == "parallel" else "_cross"
        mm, mp, pp = sums[f"mm{own}"], sums[f"mp{own}"], sums[f"w_{hands}"]
        return (pp * sums[f"{name}m"] - mp * sums[f"s_{name}"]) / determinant(mm, mp, pp)

    def _weighted_mean(self, name: str, spent: Spent) -> tuple[np.ndarray, np.ndarray]:
        """Mean of the real part and its error, sqrt(chi2_reduced / sum w), N - 1 - spent dof."""
        mean, error = np.full(self.n, np.nan), np.full(self.n, np.nan)
        if name in self.hands:
            n, w = (self.sums[f"{kind}_{self.hands[name]}"] for kind in "nw")
            s, ss = self.sums[f"s_{name}"], self.sums[f"ss_{name}"]
            dof = n - 1 - spent
            ok = dof > 0
            mean[ok] = s[ok] / w[ok]
            chi2 = np.clip(ss[ok] - s[ok] ** 2 / w[ok], 0, None) / dof[ok]
            error[ok] = np.sqrt(chi2 / w[ok])
        return mean, error


class _Runs:
    """Sums over rows of equal index, by runs of rows: they are short work where rows are sorted."""

    def __init__(self, index: np.ndarray, n: int) -> None:
        self.starts = np.flatnonzero(np.diff(index, prepend=-1))
        self.index = index[self.starts]
        self.n = n

    def sum(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.index, np.add.reduceat(values, self.starts), minlength=self.n)


def determinant(mm: np.ndarray, mp: np.ndarray, pp: np.ndarray) -> np.ndarray:
    """Determinant of the normal matrix; NaN where the minispiral cannot be told from the core."""
    value = mm * pp - mp**2
    return np.where(value > SINGULAR * mm * pp, value, np.nan)


def _solve_two_components(sums: Mapping[str, np.ndarray], dof: np.ndarray) -> dict[str, np.ndarray]:
    mm, mp, pp = sums["mm"], sums["mp"], sums["w_parallel"]
    vm, vp, vv = sums["vm"], sums["vp"], sums["vv"]
    det = np.where(dof > 0, determinant(mm, mp, pp), np.nan)
    extended = (pp * vm - mp * vp) / det
    compact = (mm * vp - mp * vm) / det
    chi2 = np.clip(vv - extended * vm - compact * vp, 0, None) / np.where(dof > 0, dof, 1)
    return {
        "I_extended": extended,
        "I_extended_err": np.sqrt(pp / det * chi2),
        "I_compact": compact,
        "I_compact_err": np.sqrt(mm / det * chi2),
        "covariance": -mp / det * chi2,
        "chi2": chi2,
        "n_vis": sums["n_parallel"].astype(int),
    }


def _squared(values: np.ndarray) -> np.ndarray:
    return values.real**2 + values.imag**2


def _real_part(x: np.ndarray, y: np.ndarray | None) -> np.ndarray:
    """Re(x conj(y)); without y, y = 1."""
    return x.real if y is None else x.real * y.real + x.imag * y.imag
