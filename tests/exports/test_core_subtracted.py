"""The core's spectrum within a spw: a power law that Faraday rotation turns."""

import numpy as np
import pytest
from astropy.table import Table
from scipy.constants import c

from minispiral.exports.core_subtracted import CoreSpectrum, core_channels, core_spectrum

REFERENCE = 227e9
FREQUENCIES = REFERENCE + np.linspace(-1e9, 1e9, 9)


def test_each_stokes_parameter_follows_its_law():
    stokes = np.array([[2.5, 0.2, -0.1, -0.03], [1.5, -0.1, 0.05, 0.0]])
    channels = core_channels(stokes, FREQUENCIES, REFERENCE, CoreSpectrum(-0.7, -4e5))
    assert channels.shape == (2, 9, 4)
    law = (FREQUENCIES / REFERENCE) ** -0.7
    for found, (i, q, u, v) in zip(channels, stokes, strict=True):
        np.testing.assert_allclose(found[:, 0], i * law, rtol=1e-14)
        np.testing.assert_allclose(found[:, 3], v * law, rtol=1e-14)
        np.testing.assert_allclose(np.hypot(found[:, 1], found[:, 2]), np.hypot(q, u) * law)
        angle = np.arctan2(found[:, 2], found[:, 1]) / 2
        wavelength2 = (c / FREQUENCIES) ** 2
        expected = np.arctan2(u, q) / 2 - 4e5 * (wavelength2 - (c / REFERENCE) ** 2)
        np.testing.assert_allclose(np.exp(2j * angle), np.exp(2j * expected), atol=1e-12)
    np.testing.assert_allclose(channels[:, 4], stokes, rtol=1e-14)


def table(caution: str = "") -> Table:
    made = Table(
        {
            "spectral_index": [0.1, 0.3, np.nan],
            "spectral_index_err": [0.1, 0.2, np.nan],
            "rotation_measure": [-4e5, -3e5, -1.0],
            "rotation_measure_err": [1e4, 1e4, np.inf],
        }
    )
    made.meta["caution"] = caution
    return made


def test_the_tracks_spectrum_is_the_weighted_mean_of_its_polarimetry():
    spectrum, why = core_spectrum(table())
    assert spectrum.index == pytest.approx(0.14)
    assert spectrum.rotation_measure == pytest.approx(-3.5e5)
    assert why == ""


def test_where_spws_do_not_tell_the_spectrum_is_flat_and_that_is_said():
    assert core_spectrum(None) == (CoreSpectrum(), "the track has one spw")
    assert core_spectrum(table("spws are too close")) == (CoreSpectrum(), "spws are too close")
