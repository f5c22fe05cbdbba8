"""Snapshots of residuals: a source that flares is found, and noise is noise."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from minispiral.exports.residual_data import FittedSky, Snapshots, write_snapshots
from minispiral.imaging.beam import Beam
from minispiral.sky.grid import SkyGrid
from minispiral.sky.image import sky_image
from minispiral.visibilities.pointing import Pointing
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.transform import point_visibilities, uv_wavelengths

FREQUENCY = 227e9
START = 57849 * 86400.0 + 9 * 3600
CELL, SIZE = 0.25, 64
PLACE = (2.5, -3.25)  # arcsec
FLUX = 0.02  # Jy, in the second of three snapshots
NOISE = 0.05  # Jy, of a real part


def snapshots(weight_factor: float = 1.0) -> Snapshots:
    rng = np.random.default_rng(5)
    n = 6000
    time = START + rng.uniform(0, 900, n)
    uvw = rng.normal(0, 60, (3, n))
    u, v = uv_wavelengths(uvw, FREQUENCY)
    noise = NOISE * (rng.standard_normal(n) + 1j * rng.standard_normal(n))
    flare = (time >= START + 300) & (time < START + 600)
    residual = noise + FLUX * flare * point_visibilities(u, v, PLACE)
    weight = np.full(n, weight_factor / NOISE**2)
    weight[::50] = 0
    made = Snapshots.covering([time[:9], np.sort(time), time[:0]], (SIZE, SIZE), CELL)
    for half in (slice(0, n // 2), slice(n // 2, n)):
        made.add(time[half], uvw[:, half], FREQUENCY, weight[half], residual[half])
    return made


def test_a_flare_stands_out_in_its_snapshot_at_its_place():
    table = snapshots().table()
    assert len(table) == 3
    expected = NOISE / np.sqrt(6000 / 3 * 0.98)
    assert table["noise"] == pytest.approx(np.full(3, expected), rel=0.05)
    assert table["highest"][1] == pytest.approx(FLUX / expected, abs=3)
    assert (table["east"][1], table["north"][1]) == PLACE
    assert max(table["highest"][0], table["highest"][2]) < 5
    assert table["std"][[0, 2]] == pytest.approx([1, 1], abs=0.15)
    seconds = (np.asarray(table["mjd"]) - 57849) * 86400 - 9 * 3600
    assert seconds == pytest.approx([150, 450, 750], abs=10)
    assert (table["mjd_first"] < table["mjd"]).all()


def test_the_noise_does_not_follow_from_what_the_weights_say():
    one, other = snapshots(), snapshots(9.0)
    np.testing.assert_allclose(one.maps(), other.maps(), rtol=1e-9)


def test_maps_and_their_table_are_a_fits_file(tmp_path):
    made = snapshots()
    header = sky_image(
        np.ones((SIZE, SIZE)), SkyGrid(SIZE, CELL), Beam(1, 1, 0), (266.4, -29.0), FREQUENCY, None
    )
    write_snapshots(tmp_path / "x.fits", made, header)
    with fits.open(tmp_path / "x.fits") as hdus:
        cube, keys = hdus[0].data, hdus[0].header
        table = Table.read(hdus["SNAPSHOTS"])
    assert cube.shape == (3, SIZE, SIZE)
    y, x = np.unravel_index(np.argmax(cube[1]), cube[1].shape)
    east = (x + 1 - keys["CRPIX1"]) * keys["CDELT1"] * 3600
    north = (y + 1 - keys["CRPIX2"]) * keys["CDELT2"] * 3600
    assert (east, north) == pytest.approx(PLACE)
    assert cube[1].max() == pytest.approx(table["highest"][1], rel=1e-6)
    assert str(table["mjd"].unit) == "d"


class Rows:
    """Some columns, as a CASA table gives them."""

    def __init__(self, **columns: np.ndarray) -> None:
        self.columns = columns

    def getcol(self, name: str, start: int, rows: int) -> np.ndarray:
        return self.columns[name][..., start : start + rows]


def test_the_minispiral_is_seen_as_each_antenna_points():
    """As the fit sees it: by its own offset, in order of names and times, whatever the rows'."""
    rng = np.random.default_rng(2)
    image = np.zeros((SIZE, SIZE))
    image[40, 20] = 1.0  # far out, where pointing tells
    sky = SkyModel(image, CELL, dish_m=12.0)
    times, own = np.array([START, START + 10.0]), rng.normal(0, 1, (2, 2, 2))
    pointing = Pointing(times, own.mean(axis=1), own[:, 0] * 0, 1e3, np.array(["B", "A"]), own)
    place = np.array([1, 0, 1, 0])
    uvw = rng.normal(0, 60, (3, 4))
    rows = Rows(UVW=uvw, ANTENNA1=np.array([0, 0, 1, 0]), ANTENNA2=np.array([1, 2, 2, 1]))
    seen = FittedSky(sky, ["A", "B", "C"], pointing).minispiral(rows, 0, FREQUENCY, times[place])
    of = {"A": own[:, 1], "B": own[:, 0], "C": own.mean(axis=1)}
    pairs = ("AB", "AC", "BC", "AB")
    offset = np.array(
        [[of[pair[k]][p] for pair, p in zip(pairs, place, strict=True)] for k in (0, 1)]
    )
    expected = sky.minispiral_visibilities(uvw, FREQUENCY, 1, offset)
    np.testing.assert_allclose(seen, expected, rtol=1e-12)
    straight = sky.minispiral_visibilities(uvw, FREQUENCY)
    assert np.abs(seen - straight).max() > 0.01 * np.abs(straight).max()
    np.testing.assert_array_equal(
        FittedSky(sky, "ABC").minispiral(rows, 0, FREQUENCY, times), straight
    )
