r"""Sums over the baselines between groups of antennas, from which any part of the array is fitted.

For each bin of averages and pair of groups, with m the minispiral of 1 Jy, p the core of 1 Jy, g
the two terms of the pointing (`SkyModel.pointing_visibilities`) and <a, b> = sum w Re(a conj(b)),
all products of V, m, p, g with m, p and g are kept. Fluxes and pointing of any set of groups follow
from the sums within it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from minispiral.fit.normal_equations import determinant
from minispiral.sky.averages import Averages
from minispiral.sky.track import point_visibilities_of
from minispiral.visibilities.pointing import Pointing
from minispiral.visibilities.sky_model import SkyModel

TERMS = ("v", "m", "p", "x", "y")  # data, minispiral, core, pointing to the east and the north


@dataclass(frozen=True)
class GroupSums:
    """Sums of one spw: `time` of its bins, s, and `products` ``(n_bin, G, G)`` by pair of terms."""

    time: np.ndarray
    products: dict[str, np.ndarray]

    def within(self, groups: Sequence[int]) -> "Fit":
        """Sums over the baselines within some groups of antennas."""
        chosen = list(groups)
        return Fit(
            {
                name: values[:, chosen][:, :, chosen].sum(axis=(1, 2))
                for name, values in self.products.items()
            }
        )


def group_sums(
    data: Averages,
    sky: SkyModel,
    group: np.ndarray,
    threads: int = 1,
    pointing: Pointing | None = None,
) -> GroupSums:
    """Sum one spw's averages, `group` ``(n_antenna,)`` being the antennas' groups.

    With the minispiral as the antennas see it that point to where `pointing` says, if it is given.
    """
    n, groups = data.number, int(group.max(initial=0)) + 1
    names = ["".join(pair) for pair in combinations_with_replacement(TERMS, 2)][1:]
    products = {name: np.zeros(n * groups**2) for name in names}
    for rows in data.blocks():
        first, second = group[rows.antenna1], group[rows.antenna2]
        low, high = np.minimum(first, second), np.maximum(first, second)
        place = (rows.bin.astype(int) * groups + low) * groups + high
        point = point_visibilities_of(rows, sky.core_offset)
        east, north = sky.pointing_visibilities(rows.uv, rows.frequency, threads)
        offset = None if pointing is None else rows.offsets(pointing)
        terms = {
            "v": rows.values,
            "m": sky.minispiral_visibilities(rows.uv, rows.frequency, threads, offset),
            "p": np.ones(len(rows.bin)) if point is None else point,
            "x": east,
            "y": north,
        }
        for name in names:
            one, other = terms[name[0]], terms[name[1]]
            product = rows.weight * (one.real * other.real + one.imag * other.imag)
            products[name] += np.bincount(place, product, n * groups**2)
    shape = n, groups, groups
    return GroupSums(data.time, {name: sums.reshape(shape) for name, sums in products.items()})


@dataclass(frozen=True)
class Fit:
    """Fluxes and pointing from one set of sums, ``(n_bin,)`` by pair of terms."""

    s: dict[str, np.ndarray]

    def pointed(self, offset: np.ndarray) -> "Fit":
        """The sums with the minispiral as the array sees it that points to ``(n_bin, 2)``."""
        s, (a, b) = self.s, offset.T
        return Fit(
            {
                **s,
                "vm": s["vm"] + a * s["vx"] + b * s["vy"],
                "mp": s["mp"] + a * s["px"] + b * s["py"],
                "mx": s["mx"] + a * s["xx"] + b * s["xy"],
                "my": s["my"] + a * s["xy"] + b * s["yy"],
                "mm": s["mm"]
                + 2 * (a * s["mx"] + b * s["my"] + a * b * s["xy"])
                + a**2 * s["xx"]
                + b**2 * s["yy"],
            }
        )

    def fluxes(self) -> tuple[np.ndarray, np.ndarray]:
        """F_ext and F_core, NaN where they are not determined."""
        s, det = self.s, self._determinant
        extended = (s["pp"] * s["vm"] - s["mp"] * s["vp"]) / det
        compact = (s["mm"] * s["vp"] - s["mp"] * s["vm"]) / det
        return extended, compact

    def ratio(self) -> tuple[np.ndarray, np.ndarray]:
        """ln(F_core / F_ext) and its variance, for weights that are the noise's."""
        s, det = self.s, self._determinant
        extended, compact = self.fluxes()
        with np.errstate(invalid="ignore", divide="ignore"):
            good = (extended > 0) & (compact > 0)
            value = np.where(good, np.log(compact / extended), np.nan)
            variance = s["pp"] / extended**2 + s["mm"] / compact**2
            variance = (variance + 2 * s["mp"] / (extended * compact)) / det
        return value, np.where(good, variance, np.nan)

    def pointing_equations(self) -> tuple[np.ndarray, np.ndarray]:
        """Normal equations of the pointing, with the fluxes eliminated: matrix and right side.

        ``(n_bin, 2, 2)`` and ``(n_bin, 2)``, zero where the fluxes are not determined.
        """
        s, det = self.s, self._determinant
        extended, compact = self.fluxes()
        with_m = np.stack([s["mx"], s["my"]], axis=-1)
        with_p = np.stack([s["px"], s["py"]], axis=-1)
        square = np.stack([[s["xx"], s["xy"]], [s["xy"], s["yy"]]]).transpose(2, 0, 1)
        of_m, of_p, cross = (s[name] / det for name in ("pp", "mm", "mp"))
        outer = np.einsum("n,ni,nj->nij", of_m, with_m, with_m)
        outer += np.einsum("n,ni,nj->nij", of_p, with_p, with_p)
        outer -= np.einsum("n,ni,nj->nij", cross, with_m, with_p)
        outer -= np.einsum("n,ni,nj->nij", cross, with_p, with_m)
        matrix = extended[:, None, None] ** 2 * (square - outer)
        seen = np.stack([s["vx"], s["vy"]], axis=-1)
        right = extended[:, None] * (seen - extended[:, None] * with_m - compact[:, None] * with_p)
        known = np.isfinite(extended)
        return np.where(known[:, None, None], matrix, 0.0), np.where(known[:, None], right, 0.0)

    @property
    def _determinant(self) -> np.ndarray:
        return determinant(self.s["mm"], self.s["mp"], self.s["pp"])
