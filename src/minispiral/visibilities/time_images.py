r"""Dirty images of visibilities in intervals of time, from blocks of rows.

Of an interval, with r its visibilities (Jy) of all spws and w their weights (1/Jy^2, of a real
part), these sums are kept, which add up over blocks, spws and neighbouring intervals::

    D(x, y) = sum w Re[r exp(-2 pi i (u x + v y))]      W = sum w      S = sum w^2 |r|^2

D / W is the dirty image of natural weights, Jy/beam. Noise has in each of its pixels the root mean
square 1 / sqrt(W) by the weights, and sqrt(S / 2) / W by the scatter of r itself.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from minispiral.measures.units import ARCSEC, SPEED_OF_LIGHT
from minispiral.visibilities.transform import adjoint_image


@dataclass
class TimeImages:
    """Sums of each of a `number` of intervals; `add` visibilities of one spw after the other.

    `shape` and `cell` (arcsec) are those of the images; `start` of the first interval, in s, and
    the length of all, `seconds`. Each is ``(number,)``: `images`, `weight` and `squares`, which are
    D, W and S; `weighted_time`, the sum of w t; `first` and `last`, the times of visibilities (s).
    `moments`, of all together, are the sums of w u^2, w v^2 and w u v, (rad/arcsec)^2.
    """

    precision: ClassVar[type[np.floating]] = np.float64  # of the images
    shape: tuple[int, int]
    cell: float
    start: float
    seconds: float
    number: int
    images: np.ndarray = field(init=False)
    weight: np.ndarray = field(init=False)
    squares: np.ndarray = field(init=False)
    weighted_time: np.ndarray = field(init=False)
    first: np.ndarray = field(init=False)
    last: np.ndarray = field(init=False)
    moments: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        """Start from nothing."""
        self.images = np.zeros((self.number, *self.shape), self.precision)
        self.weight, self.squares, self.weighted_time = np.zeros((3, self.number))
        self.moments = np.zeros(3)
        self.first, self.last = np.full(self.number, np.inf), np.full(self.number, -np.inf)

    def add(
        self,
        time: np.ndarray,
        uv: np.ndarray,
        frequency: float,
        weight: np.ndarray,
        values: np.ndarray,
        threads: int = 1,
    ) -> None:
        """Add visibilities of one spw.

        Parameters
        ----------
        time : (n_row,), s, within the intervals but for rounding
        uv : (2, n_row), or UVW, metres
        frequency : Hz
        weight : (n_row,), 1/Jy^2, 0 where not to be used
        values : (n_row,) complex, Jy
        """
        u, v = uv[:2] * (2 * np.pi * frequency / SPEED_OF_LIGHT * ARCSEC)
        self.moments += [np.sum(weight * a * b) for a, b in ((u, u), (v, v), (u, v))]
        interval = np.clip((time - self.start) // self.seconds, 0, self.number - 1).astype(int)
        order = np.argsort(interval, kind="stable")
        edges = np.searchsorted(interval[order], np.arange(self.number + 1))
        for k in range(self.number):
            rows = order[edges[k] : edges[k + 1]]
            rows = rows[weight[rows] > 0]
            if not len(rows):
                continue
            weighted = weight[rows] * values[rows]
            where = (self.shape, self.cell, threads)
            self.images[k] += adjoint_image(uv[:, rows], frequency, weighted, *where)
            self.weight[k] += weight[rows].sum()
            self.squares[k] += np.sum(np.abs(weighted) ** 2)
            self.weighted_time[k] += weight[rows] @ time[rows]
            self.first[k] = min(self.first[k], time[rows].min())
            self.last[k] = max(self.last[k], time[rows].max())
