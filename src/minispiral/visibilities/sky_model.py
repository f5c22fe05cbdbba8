"""The sky in fits of visibilities: the minispiral's image and the core's place."""

from dataclasses import dataclass, field

import numpy as np

from minispiral.visibilities import transform
from minispiral.visibilities.primary_beam import (
    loss_of_unlike_offsets,
    pointing_slopes,
    pointing_terms,
    seen_through,
)
from minispiral.visibilities.transform import Offset


@dataclass(frozen=True)
class SkyModel:
    """Minispiral and core, of 1 Jy each.

    `minispiral` ``(n_x, n_y)``, Jy per pixel, see `minispiral.visibilities.transform`: a CLEAN
    model, or the sky itself, which is brought to a total of 1 Jy; `cell`, size of a pixel, arcsec;
    `core_offset`, arcsec east and north of the phase centre; `dish_m`, diameter of the antennas,
    whose primary beam attenuates the minispiral, None where it is in the model already.

    Raises
    ------
    MinispiralError
        If the minispiral's total is not positive, so that no scale can be defined.
    """

    minispiral: np.ndarray
    cell: float
    core_offset: Offset = (0.0, 0.0)
    dish_m: float | None = None
    # the minispiral through the primary beam at the frequency of the last call
    _seen: dict[float, np.ndarray] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Bring the minispiral to 1 Jy, once for all blocks of rows."""
        object.__setattr__(self, "minispiral", transform.unit_image(self.minispiral))

    def minispiral_visibilities(
        self,
        uvw: np.ndarray,
        frequency: float,
        threads: int = 1,
        offset: np.ndarray | None = None,
    ) -> np.ndarray:
        """Visibilities of the minispiral, ``(n_row,) complex``, for UVW in metres and Hz.

        `offset` ``(2, n_row, 2)``, arcsec east and north: the pointing of either antenna of each
        row, if not to the phase centre; see `minispiral.visibilities.primary_beam`.
        """
        if frequency not in self._seen:
            self._seen.clear()
            seen = seen_through(self.minispiral, self.cell, frequency, self.dish_m)
            self._seen[frequency] = transform.trimmed(seen)
        seen = self._seen[frequency]
        model = transform.image_visibilities(uvw, frequency, seen, self.cell, threads)
        if offset is None or self.dish_m is None:
            return model
        east, north = offset.mean(axis=0).T
        through = seen_through(self.minispiral, self.cell, frequency, self.dish_m)
        slopes, curved = pointing_terms(through.shape, self.cell, frequency, self.dish_m)
        powers = (east, north, east**2, east * north, north**2)
        for power, term in zip(powers, (*slopes, *curved), strict=True):
            model += power * self._changed(uvw, frequency, through * term, threads)
        return np.asarray(model * loss_of_unlike_offsets(offset, frequency, self.dish_m))

    def pointing_visibilities(
        self, uvw: np.ndarray, frequency: float, threads: int = 1
    ) -> np.ndarray:
        """What an arcsecond of pointing to the east, and to the north, adds: ``(2, n_row)``.

        Zero where the primary beam is in the model already.
        """
        if self.dish_m is None:
            return np.zeros((2, np.shape(uvw)[1]), complex)
        through = seen_through(self.minispiral, self.cell, frequency, self.dish_m)
        slopes = pointing_slopes(through.shape, self.cell, frequency, self.dish_m)
        return np.stack(
            [self._changed(uvw, frequency, through * slope, threads) for slope in slopes]
        )

    def _changed(
        self, uvw: np.ndarray, frequency: float, image: np.ndarray, threads: int
    ) -> np.ndarray:
        """Visibilities of a change of the minispiral as it is seen, ``(n_x, n_y)``."""
        return transform.image_visibilities(
            uvw, frequency, transform.trimmed(image), self.cell, threads
        )

    def core_visibilities(self, u: np.ndarray, v: np.ndarray) -> np.ndarray | float:
        """Visibilities of the core, ``(n_row,) complex``, or 1 at the phase centre."""
        return transform.core_visibilities(u, v, self.core_offset)
