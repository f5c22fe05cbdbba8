r"""Dirty image of visibilities with natural weights, and the dirty beam, from blocks of rows.

With V the visibilities (Jy) and w their weights (1/Jy^2, of a real part)::

    image(x, y) = sum w Re[V exp(-2 pi i (u x + v y))] / sum w        Jy/beam
    beam(x, y)  = sum w cos(2 pi (u x + v y)) / sum w                 1 at the centre

A point of S Jy is S beam(x - x0, y - y0). Noise of the weights has the same root mean square in
each pixel, 1 / sqrt(sum w).
"""

from dataclasses import dataclass

import numpy as np

from minispiral.visibilities.transform import adjoint_image


@dataclass
class DirtyImage:
    """Sums that add up over blocks of rows, spws and frequencies; `add` them.

    `shape` and `cell` (arcsec) are those of the image, which is indexed as everywhere: right
    ascension falls along the first axis, and pixel (n_x/2, n_y/2) is the phase centre.
    """

    shape: tuple[int, int]
    cell: float

    def __post_init__(self) -> None:
        """Start from nothing."""
        self._image, self._beam = np.zeros((2, *self.shape))
        self.weight = 0.0

    def add(
        self,
        uvw: np.ndarray,
        frequency: float,
        weight: np.ndarray,
        visibilities: np.ndarray,
        threads: int = 1,
    ) -> None:
        """Add a block of rows.

        Parameters
        ----------
        uvw : (3, n_row), metres
        frequency : Hz
        weight : (n_row,), 1/Jy^2, 0 where not to be used
        visibilities : (n_row,) complex, Jy
        """
        used = weight > 0
        uvw, weight, visibilities = uvw[:, used], weight[used], visibilities[used]
        where = (self.shape, self.cell, threads)
        self._image += adjoint_image(uvw, frequency, weight * visibilities, *where)
        self._beam += adjoint_image(uvw, frequency, weight, *where)
        self.weight += float(weight.sum())

    @property
    def image(self) -> np.ndarray:
        """The dirty image, Jy/beam: ``(n_x, n_y)``; zero where there is no data."""
        return self._image / (self.weight or 1.0)

    @property
    def beam(self) -> np.ndarray:
        """The dirty beam: ``(n_x, n_y)``."""
        return self._beam / (self.weight or 1.0)

    @property
    def thermal_rms(self) -> float:
        """Root mean square that the weights alone let expect, Jy/beam; NaN without data."""
        return self.weight**-0.5 if self.weight > 0 else np.nan
