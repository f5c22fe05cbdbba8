"""The sky in fits of visibilities: the minispiral's image and the core's place."""

from dataclasses import dataclass, field

import numpy as np

from minispiral.visibilities import transform
from minispiral.visibilities.primary_beam import pointing_slopes, seen_through
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

        `offset` ``(n_row, 2)``, arcsec east and north: the pointing of the antennas, if not to the
        phase centre.
        """
        if frequency not in self._seen:
            self._seen.clear()
            seen = seen_through(self.minispiral, self.cell, frequency, self.dish_m)
            self._seen[frequency] = transform.trimmed(seen)
        seen = self._seen[frequency]
        model = transform.image_visibilities(uvw, frequency, seen, self.cell, threads)
        if offset is None:
            return model
        gradient = self.pointing_visibilities(uvw, frequency, threads)
        return model + offset[:, 0] * gradient[0] + offset[:, 1] * gradient[1]

    def pointing_visibilities(
        self, uvw: np.ndarray, frequency: float, threads: int = 1
    ) -> np.ndarray:
        """What an arcsecond of pointing to the east, and to the north, adds: ``(2, n_row)``.

        Zero where the primary beam is in the model already.
        """
        if self.dish_m is None:
            return np.zeros((2, np.shape(uvw)[1]), complex)
        seen = seen_through(self.minispiral, self.cell, frequency, self.dish_m)
        slopes = pointing_slopes(seen.shape, self.cell, frequency, self.dish_m)
        return np.stack(
            [
                transform.image_visibilities(uvw, frequency, seen * slope, self.cell, threads)
                for slope in slopes
            ]
        )

    def core_visibilities(self, u: np.ndarray, v: np.ndarray) -> np.ndarray | float:
        """Visibilities of the core, ``(n_row,) complex``, or 1 at the phase centre."""
        return transform.core_visibilities(u, v, self.core_offset)
