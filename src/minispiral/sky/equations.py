r"""Normal equations of the sky that all visibilities share, for given fluxes.

With A_s the transform from the sky x (Jy per pixel) to the rows of track and spw s, B_s the primary
beam's response at its frequency, F_s(t) the minispiral's flux in units of the sky's, C_s(t) the
core's, p its visibilities for 1 Jy, and W_s the weights, the sky minimises::

    sum_s |W_s^(1/2) (V_s - F_s A_s B_s x - C_s p)|^2 + R(x)

so that, but for R::

    (sum_s B_s A_s^H W_s F_s^2 A_s B_s) x = sum_s B_s A_s^H W_s F_s (V_s - C_s p)

A^H W F^2 A is a convolution with the dirty beam of the weights w F^2, exact by FFT on a grid of
twice the size. So two small images of each frequency, the right side and that beam, are all that is
kept of the data. They add up over integrations, blocks of rows and tracks; B is put on afterwards.
Frequencies within a share of `STEP` have their sums together: over that, B changes by 1e-3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.sky.grid import SkyGrid
from minispiral.visibilities.transform import adjoint_image

STEP = 5e-4
SINGLE = np.complex64


@dataclass
class SkySums:
    """Right side ``(n, n)`` and dirty beam ``(2n, 2n)`` by frequency (Hz), of a grid of n pixels.

    The beam's centre is pixel (n, n), where it is the sum of the weights.
    """

    grid: SkyGrid
    right: dict[float, np.ndarray] = field(default_factory=dict)
    beam: dict[float, np.ndarray] = field(default_factory=dict)

    def add_rows(
        self,
        uvw: np.ndarray,
        frequency: float,
        weight: np.ndarray,
        values: np.ndarray,
        flux: np.ndarray,
        threads: int = 1,
    ) -> None:
        """Add a block of rows.

        Parameters
        ----------
        uvw : (3, n_row), metres
        frequency : Hz
        weight : (n_row,), 1/Jy^2, 0 for rows that are not to be used
        values : (n_row,) complex, Jy
            Visibilities without the core, V - C p.
        flux : (n_row,)
            F of the row's integration.
        """
        shape = self.grid.shape
        doubled = (2 * shape[0], 2 * shape[1])
        cell = self.grid.cell
        right = adjoint_image(uvw, frequency, weight * flux * values, shape, cell, threads)
        beam = adjoint_image(uvw, frequency, weight * flux**2, doubled, cell, threads)
        self._add(_common(frequency), right, beam)

    def add(self, other: "SkySums") -> None:
        """Add the sums of other data.

        Raises
        ------
        MinispiralError
            If they are of another grid.
        """
        if other.grid != self.grid:
            raise MinispiralError(
                f"sums of the grids {other.grid} and {self.grid} do not add up: make them again"
            )
        for frequency, right in other.right.items():
            self._add(frequency, right, other.beam[frequency])

    @property
    def dirty_beam(self) -> np.ndarray:
        """That of all frequencies: ``(2n, 2n)``."""
        return np.sum(list(self.beam.values()), axis=0)

    def _add(self, frequency: float, right: np.ndarray, beam: np.ndarray) -> None:
        self.right[frequency] = self.right.get(frequency, 0.0) + right
        self.beam[frequency] = self.beam.get(frequency, 0.0) + beam


def _common(frequency: float) -> float:
    """Frequency of those that have their sums together, to six digits."""
    return float(f"{np.exp(STEP * round(np.log(frequency) / STEP)):.6g}")


class SkyEquations:
    """The normal equations: right side ``(n, n)``, and the matrix as a function of the sky."""

    def __init__(self, sums: SkySums, response: Mapping[float, np.ndarray]) -> None:
        """Take the sums, and the primary beam's response ``(n, n)`` at each of their frequencies.

        Raises
        ------
        MinispiralError
            If there are no data.
        """
        n = sums.grid.size
        self.grid = sums.grid
        self.weight = float(sums.dirty_beam[n, n])
        if not self.weight > 0:
            raise MinispiralError(
                "no integration is good enough for finding the minispiral: look at the data's "
                "flags and weights"
            )
        self.right = sum(response[frequency] * right for frequency, right in sums.right.items())
        self._terms = [
            (response[frequency], sums.beam[frequency], _transfer(sums.beam[frequency], SINGLE))
            for frequency in sums.beam
        ]

    @property
    def responses(self) -> list[np.ndarray]:
        """The primary beam's response at each frequency: ``(n, n)``."""
        return [response for response, *_ in self._terms]

    def matrix(self, sky: np.ndarray, single: bool = False) -> np.ndarray:
        """Multiply the normal matrix with a sky: ``(n, n)`` to ``(n, n)``.

        With `single` precision, to some 1e-7 of the largest value, it takes a quarter of the time.
        """
        result = np.zeros(self.grid.shape)
        for response, beam, transfer in self._terms:
            if single:
                result += response * _convolved((response * sky).astype(np.float32), transfer)
            else:
                result += response * _convolved(response * sky, _transfer(beam))
        return result


def _transfer(beam: np.ndarray, kind: type = complex) -> np.ndarray:
    """Transform of a dirty beam whose centre is its middle pixel: ``(2n, n + 1) complex``."""
    # imported here, as turns that have stopped do without
    from scipy.fft import rfft2

    return np.asarray(rfft2(np.fft.ifftshift(beam)), kind)


def _convolved(image: np.ndarray, transfer: np.ndarray) -> np.ndarray:
    """Convolve ``(n, n)`` with the beam on a grid of twice the size: rows of zeros are left out."""
    from scipy.fft import fft, ifft, irfft, rfft

    n = len(image)
    spectrum = fft(rfft(image, 2 * n, axis=1), 2 * n, axis=0, overwrite_x=True)
    spectrum *= transfer
    rows = ifft(spectrum, axis=0, overwrite_x=True)[:n]
    return np.asarray(irfft(rows, 2 * n, axis=1)[:, :n])


def write_sums(path: str | Path, sums: SkySums) -> None:
    """Write sums, without loss."""
    frequencies = sorted(sums.right)
    with open(path, "wb") as file:
        np.savez(
            file,
            grid=[sums.grid.size, sums.grid.cell],
            frequencies=frequencies,
            right=[sums.right[f] for f in frequencies],
            beam=[sums.beam[f] for f in frequencies],
        )


def read_sums(path: str | Path) -> SkySums:
    """Read what `write_sums` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        frequencies = [float(f) for f in arrays["frequencies"]]
        size, cell = arrays["grid"]
        return SkySums(
            SkyGrid(int(size), float(cell)),
            dict(zip(frequencies, arrays["right"], strict=True)),
            dict(zip(frequencies, arrays["beam"], strict=True)),
        )


def total(parts: Iterable[SkySums]) -> SkySums:
    """Sum of several tracks' sums.

    Raises
    ------
    MinispiralError
        If their grids differ, or there are none.
    """
    result: SkySums | None = None
    for part in parts:
        if result is None:
            result = SkySums(part.grid)
        result.add(part)
    if result is None:
        raise MinispiralError("no track is left for finding the minispiral")
    return result
