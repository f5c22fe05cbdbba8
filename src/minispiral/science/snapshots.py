r"""Snapshots of the field: dirty images of the residual visibilities in minutes, over their noise.

With r = V - F_ext m - F_core p, the residual of Stokes I in an average in time, and w its weight,
one minute of all spws has ::

    D(x) = sum w Re[r exp(-2 pi i u x)]          W = sum w

over all baselines. Sums of minutes are longer snapshots. Less the mean of all of the track, which
the minispiral's errors leave, a source of S Jy for all of a snapshot appears as D / W = S B(x),
with B the primary beam at the mean frequency, and as signal-to-noise D / (n sqrt W), where n is the
noise that the image itself shows, in units of that of the weights: its robust scatter. What is
there for all of the track is part of the minispiral; near the core, whose flux is fitted in every
integration, nothing can be seen.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from minispiral.measures.scatter import robust_scatter
from minispiral.visibilities.primary_beam import gaussian
from minispiral.visibilities.time_images import TimeImages

MINUTE = 60.0
SECONDS = (60.0, 300.0, 1800.0)
LEAST = 0.3  # share of the fullest snapshot's weight that another has to have


@dataclass(frozen=True)
class Field:
    """Where transients are looked for: ``shape`` pixels of `cell` arcsec; which are `looked` at.

    `response`, of the primary beam, ``(n_x, n_y)``; `core`, the core's place, arcsec east and
    north.
    """

    shape: tuple[int, int]
    cell: float
    response: np.ndarray
    looked: np.ndarray
    core: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def around(
        cls, size: int, cell: float, width: float, core: tuple[float, float], hidden: float
    ) -> "Field":
        """Make a square field of a primary beam of full width `width` (arcsec).

        Parameters
        ----------
        core, hidden : the core's place (arcsec east, north), and the radius about it (arcsec)
            within which nothing can be seen
        """
        offset = (np.arange(size) - size // 2) * cell
        east, north = -offset[:, None], offset
        radius = np.hypot(east, north)
        response = gaussian(radius, width)
        looked = (radius <= offset[-1]) & (np.hypot(east - core[0], north - core[1]) > hidden)
        return cls((size, size), cell, response, looked, core)

    def place(self, x: int, y: int) -> tuple[float, float]:
        """Arcsec east and north of the phase centre of a pixel."""
        return (
            -(x - self.shape[0] // 2) * self.cell,
            (y - self.shape[1] // 2) * self.cell,
        )

    def pixel(self, east: float, north: float) -> tuple[int, int]:
        """The pixel nearest to a place, arcsec."""
        x, y = -east / self.cell, north / self.cell
        return round(x) + self.shape[0] // 2, round(y) + self.shape[1] // 2

    def opposite(self, x: int, y: int) -> tuple[int, int]:
        """The pixel on the other side of the core, as far away."""
        east, north = self.place(x, y)
        return self.pixel(2 * self.core[0] - east, 2 * self.core[1] - north)


@dataclass
class Minutes(TimeImages):
    """Sums over the visibilities of each minute of a track; `add` those of each spw.

    `place`, the field.
    """

    precision = np.float32  # as there are hundreds of minutes
    place: Field

    @property
    def roughness(self) -> float:
        """Square root of the determinant of the covariance of S/N's slopes, per arcsec^2."""
        total = self.weight.sum()
        if total <= 0:
            return 0.0
        uu, vv, uv = self.moments / total
        return float(np.sqrt(max(uu * vv - uv**2, 0.0)))


@dataclass(frozen=True)
class Snapshot:
    """One snapshot: the middle of its `time` (MJD in s), its length, and the image over its noise.

    `noise`, Jy, of a point in the beam's centre; `factor`, of that over the weights' own.
    """

    time: float
    seconds: float
    signal_to_noise: np.ndarray
    noise: float
    factor: float


def snapshots(minutes: Minutes, lengths: Sequence[float] = SECONDS) -> Iterator[Snapshot]:
    """Yield all snapshots of each length, half overlapping where that is no less than a minute.

    Lengths that a track is not three times longer than are left out: their sources would be part of
    the mean.
    """
    total = minutes.weight.sum()
    if total <= 0:
        return
    mean = minutes.images.sum(axis=0, dtype=float) / total
    for seconds in lengths:
        width = round(seconds / MINUTE)
        if minutes.number < 3 * width:
            continue
        starts = range(0, minutes.number - width + 1, max(1, width // 2))
        weights = np.array([minutes.weight[s : s + width].sum() for s in starts])
        for start, weight in zip(starts, weights, strict=True):
            if weight < LEAST * weights.max():
                continue
            image = minutes.images[start : start + width].sum(axis=0, dtype=float) - weight * mean
            # the mean contains the snapshot itself
            variance = weight * (1 - weight / total)
            scaled = image / np.sqrt(variance)
            factor = max(float(robust_scatter(scaled[minutes.place.looked])), 1e-30)
            yield Snapshot(
                minutes.start + (start + width / 2) * MINUTE,
                width * MINUTE,
                scaled / factor,
                factor / np.sqrt(variance),
                factor,
            )


def all_minutes(place: Field, times: Iterable[np.ndarray]) -> Minutes:
    """Minutes that cover some times, MJD in s, and have no sums yet."""
    joined = np.concatenate(list(times))
    start = float(joined.min()) - MINUTE / 2
    start = np.floor(start / MINUTE) * MINUTE
    number = int((joined.max() - start) // MINUTE) + 1
    return Minutes(place.shape, place.cell, float(start), MINUTE, number, place)
