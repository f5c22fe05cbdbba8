"""The minispiral of a track as the antennas see it: its flux densities and visibilities."""

import numpy as np
from numpy.typing import NDArray

from minispiral.simulation import source
from minispiral.simulation.settings import DIAMETER, TrackSimulation
from minispiral.simulation.smooth_sky import (
    EllipticalGaussians,
    seen_through,
    smooth_sky,
    visibility,
)
from minispiral.visibilities.primary_beam import primary_beam_width


def apparent_flux(track: TrackSimulation) -> NDArray[np.float64]:
    """Return the minispiral's flux density through the primary beam, shape ``(n_spw,)``, Jy.

    At `source.REFERENCE_FREQUENCY` it is `minispiral_flux_jy` where the antennas point at the core.
    From there the true flux follows `source.FREE_FREE_INDEX`, and the share that a smooth sky keeps
    falls with frequency, as the beam narrows.
    """
    flux = source.flux_at(track.minispiral_flux_jy, track.frequencies, source.FREE_FREE_INDEX)
    if track.sky == "components":  # apparent as it is, at all frequencies
        return flux
    whole = _seen(source.REFERENCE_FREQUENCY, (0.0, 0.0)).flux.sum()
    kept = [_seen(hertz, _pointing(track)).flux.sum() for hertz in track.frequencies]
    return flux * np.array(kept) / whole


def unit_visibilities(
    u: NDArray[np.float64],
    v: NDArray[np.float64],
    spw: NDArray[np.int_],
    track: TrackSimulation,
) -> NDArray[np.complex128]:
    """Return the minispiral's visibilities, of an apparent flux of 1 Jy, about the core's place.

    Parameters
    ----------
    u, v
        Baselines, shape ``(n_row, n_channel)``, wavelengths.
    spw
        Spectral window of each row, shape ``(n_row,)``; the primary beam is that of its centre.
    track
        Which sky it is, and where the core is.
    """
    if track.sky == "components":
        return source.gaussian_visibility(u, v, source.minispiral(1.0))
    visibilities = np.empty(u.shape, complex)
    for index in np.unique(spw):
        rows = spw == index
        seen = _seen(track.frequencies[index], _pointing(track))
        visibilities[rows] = visibility(u[rows], v[rows], seen) / seen.flux.sum()
    return visibilities


def _seen(frequency: float, pointing: tuple[float, float]) -> EllipticalGaussians:
    return seen_through(smooth_sky(), primary_beam_width(frequency, DIAMETER), pointing)


def _pointing(track: TrackSimulation) -> tuple[float, float]:
    """Where the antennas point, at the phase centre, from the core: arcsec east and north."""
    east, north = track.core_offset_arcsec
    return -east, -north
