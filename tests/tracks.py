"""Simulated tracks that are made difficult, and what is known of them, for the tests."""

from pathlib import Path

import numpy as np

from minispiral import casa, source
from minispiral.image_grid import pixel_offsets


def add_autocorrelations(ms: Path) -> None:
    """Give each antenna and integration a row with itself, bright as autocorrelations are."""
    with casa.session(), casa.table(ms, writable=True) as table:
        chosen = table.query("ANTENNA2 == ANTENNA1 + 1")
        n, start = chosen.nrows(), table.nrows()
        chosen.copyrows(str(ms))
        chosen.close()
    with casa.session(), casa.table(ms, writable=True) as table:
        table.putcol("ANTENNA2", table.getcol("ANTENNA1", start, n), start, n)
        table.putcol("UVW", np.zeros((3, n)), start, n)
        table.putcol("DATA", 1e3 + 0 * table.getcol("DATA", start, n), start, n)


def flag(ms: Path, selection: str) -> None:
    """Flag the rows that a TaQL expression selects."""
    with casa.session(), casa.table(ms, writable=True) as table:
        chosen = table.query(selection)
        chosen.putcol("FLAG", np.ones_like(chosen.getcol("FLAG")))
        chosen.putcol("FLAG_ROW", np.ones(chosen.nrows(), bool))
        chosen.close()


def joined(tracks: list[Path], output: Path) -> Path:
    """Join measurement sets of different spws to one."""
    copies = [output.with_suffix(f".{k}.ms") for k in range(len(tracks))]
    with casa.session():
        for ms, copy in zip(tracks, copies, strict=True):
            # CASA's simulator leaves traces of columns that concat stumbles on
            casa.tasks().split(vis=str(ms), outputvis=str(copy), datacolumn="data")
        casa.tasks().concat(vis=[str(copy) for copy in copies], concatvis=str(output))
    return output


def pixels_of_the_minispiral(size: int, cell: float) -> np.ndarray:
    """The simulated minispiral on a pixel grid: exact where the cell is finer than its detail."""
    x, y = pixel_offsets((size, size), cell)
    sky = source.minispiral(1.0)
    image = np.zeros((size, size))
    for x_k, y_k, flux, fwhm in zip(sky.x, sky.y, sky.flux, sky.fwhm, strict=True):
        sigma = fwhm / source.FWHM_PER_SIGMA
        gaussian = np.exp(-((x - x_k) ** 2 + (y - y_k) ** 2) / (2 * sigma**2))
        image += flux * cell**2 * gaussian / (2 * np.pi * sigma**2)
    return image
