r"""The core's place from the visibilities, for all spws of a track.

A point of any flux at (x, y) lies where it takes most of the weighted visibilities away, at the
maximum of the dirty image::

    S(x, y) = sum w r^2 Re[V exp(-i phi)],   phi = 2 pi (u x + v y),   r^2 = u^2 + v^2

The factor r^2 is there because the minispiral is seen on short baselines, and would draw the
maximum to its side. The brightest pixel is refined by Newton's method on the sum itself::

    dS/dx = 2 pi sum w r^2 u Im[V exp(-i phi)],
    d2S/dxdy = -4 pi^2 sum w r^2 u v Re[V exp(-i phi)]

A gain that is common to an integration's baselines, as QA2's is, does not move the maximum.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.imaging.grid import peak_offset
from minispiral.measures.units import ARCSEC
from minispiral.ms.rows import open_split
from minispiral.ms.windows import BLOCK_ROWS
from minispiral.sky.grid import SkyGrid
from minispiral.visibilities.stokes import stokes_visibilities
from minispiral.visibilities.transform import (
    Offset,
    adjoint_image,
    point_visibilities,
    uv_wavelengths,
)

STEPS = 8  # of Newton's method, at most: three do
ACCURACY = 1e-4  # of a pixel, a sixth of the finest fringe: a smaller step is the last one

# of a block: UVW in metres, frequency in Hz, and w r^2 V
Block = tuple[np.ndarray, float, np.ndarray]


def locate_core(splits: Sequence[str | Path], grid: SkyGrid, threads: int = 1) -> Offset:
    """Find the core's place in a track: arcsec east and north of the phase centre.

    Call it inside `minispiral.casa.session`.

    Parameters
    ----------
    splits : measurement sets of one spw and one channel
    grid : of the field in which the core is looked for

    Raises
    ------
    MinispiralError
        If there is no peak within the field.
    """
    image = np.zeros(grid.shape)
    for uvw, frequency, weighted in _all_blocks(splits):
        image += adjoint_image(uvw, frequency, weighted, grid.shape, grid.cell, threads)
    offset = np.array(peak_offset(image, grid.cell))
    for _ in range(STEPS):
        step = newton_step(_all_blocks(splits), (float(offset[0]), float(offset[1])))
        if not np.hypot(*step) < grid.cell:
            break
        offset += step
        if np.hypot(*step) < ACCURACY * grid.cell:
            return float(offset[0]), float(offset[1])
    raise MinispiralError(
        f"no point near {offset[0]:+.3f}, {offset[1]:+.3f} arcsec stands out as the core: give "
        "model.core_offset in arcsec"
    )


def newton_step(blocks: Iterator[Block], offset: Offset) -> np.ndarray:
    """Step from `offset` to the maximum of S: ``(2,)``, arcsec east and north; NaN without one."""
    gradient, curvature = np.zeros(2), np.zeros((2, 2))
    for uvw, frequency, weighted in blocks:
        u, v = uv_wavelengths(uvw, frequency)
        uv = 2 * np.pi * ARCSEC * np.stack([u, v])
        turned = weighted * np.conj(point_visibilities(u, v, offset))
        gradient += uv @ turned.imag
        curvature -= (uv * turned.real) @ uv.T
    if not np.linalg.eigvalsh(curvature).max() < 0:
        return np.full(2, np.nan)
    return -np.linalg.solve(curvature, gradient)


def for_long_baselines(uvw: np.ndarray, frequency: float, weight: np.ndarray) -> np.ndarray:
    """Weights w r^2 ``(n_row,)``, of `weight` and the baselines' lengths in wavelengths."""
    return weight * np.sum(uv_wavelengths(uvw, frequency) ** 2, axis=0)


def _all_blocks(splits: Sequence[str | Path]) -> Iterator[Block]:
    for ms in splits:
        with open_split(ms) as split:
            for rows in split.blocks(BLOCK_ROWS, "core"):
                stokes = stokes_visibilities(rows.data, rows.weight, rows.flag, split.correlations)
                weight = for_long_baselines(rows.uvw, split.frequency, stokes[0].weight)
                yield rows.uvw, split.frequency, weight * stokes[0].values[0]
