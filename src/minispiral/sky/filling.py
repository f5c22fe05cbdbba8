r"""How wide a field the uv coverage measures.

A sky within a field of width W has visibilities that are independent in cells of 1/W. The filling
is the share of these cells, within the circle of the longest baseline, in which there is a
measurement. Where it is small, a sky within W can take any visibilities, the calibration's errors
and the core's variations included. `LEAST_FILLING` is the filling that the field must have: two
or three unknowns for one measured cell, and the regularisation does the rest.
"""

import numpy as np

from minispiral.measures.units import ARCSEC

LEAST_FILLING = 0.4
NARROWEST = 3.0  # fringes of the longest baseline: a narrower field is no image
STEP = 1.05  # between two widths that are tried


def uv_filling(u: np.ndarray, v: np.ndarray, width: float) -> float:
    """Share of the uv cells of 1/`width` that hold a measurement; u, v wavelengths, width arcsec.

    V(-u, -v) is the conjugate of V(u, v), so that half of the circle is counted.
    """
    cell = 1 / (width * ARCSEC)
    radius = np.hypot(u, v).max() / cell
    columns, rows = (np.round(axis / cell).astype(int) for axis in (u, v))
    turned = (rows < 0) | ((rows == 0) & (columns < 0))
    columns, rows = (np.where(turned, -axis, axis) for axis in (columns, rows))
    inside = np.hypot(columns, rows) <= radius
    n = int(radius)
    hit = np.unique(rows[inside] * (2 * n + 1) + columns[inside]).size
    heights = np.floor(np.sqrt(radius**2 - np.arange(-n, n + 1) ** 2)).sum()
    return float(hit / (heights + n + 1))  # those above, the row through the centre, the centre


def measured_width(u: np.ndarray, v: np.ndarray, widest: float) -> float:
    """Widest field, up to `widest` arcsec, with a filling of `LEAST_FILLING`: arcsec.

    It is infinite where the widest has it: the coverage then sets no limit.
    """
    if uv_filling(u, v, widest) >= LEAST_FILLING:
        return np.inf
    width = NARROWEST / np.hypot(u, v).max() / ARCSEC
    while width * STEP < widest and uv_filling(u, v, width * STEP) >= LEAST_FILLING:
        width *= STEP
    return float(width)
