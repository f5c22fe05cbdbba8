"""Model visibilities in the model column: CASA's own, but for the channels that it leaves out."""

from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.ms.windows import BLOCK_ROWS
from minispiral.selfcal.prediction import predict_image, predict_point

pytestmark = pytest.mark.slow

SIZE, CELL = 128, 6.0
SKY = {(64, 64): 1.2, (80, 50): 0.3, (41, 77): 0.1}  # Jy in pixels


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Real data of 63 channels and two hands, and a model."""
    folder = tmp_path_factory.mktemp("prediction")
    with casa.session():
        tasks = casa.tasks()
        uvfits = str(casa.data_path("demo/NGC5921.fits"))
        tasks.importuvfits(fitsfile=uvfits, vis=str(folder / "all.ms"))
        for name in ("ours.ms", "theirs.ms"):
            tasks.split(
                vis=str(folder / "all.ms"),
                outputvis=str(folder / name),
                field="0",
                datacolumn="data",
            )
        tasks.tclean(
            vis=str(folder / "ours.ms"),
            imagename=str(folder / "sky"),
            imsize=SIZE,
            cell=f"{CELL}arcsec",
            niter=0,
        )
        with casa.image(folder / "sky.model") as image:
            pixels = image.getchunk()
            for (x, y), flux in SKY.items():
                pixels[x, y] = flux
            image.putchunk(pixels)
    return folder


def model_column(ms: Path) -> np.ndarray:
    with casa.table(ms) as table:
        return table.getcol("MODEL_DATA")


def test_every_channel_has_the_model_that_casa_has_where_frames_agree(folder):
    with casa.session():
        predict_image(folder / "ours.ms", folder / "sky.model")
        ours = model_column(folder / "ours.ms")
        model = [str(folder / "sky.model")]
        casa.tasks().ft(vis=str(folder / "theirs.ms"), model=model, usescratch=True)
        with casa.table(folder / "ours.ms") as table:
            cross = table.getcol("ANTENNA1") != table.getcol("ANTENNA2")
        theirs = model_column(folder / "theirs.ms")  # interpolated on a grid
        np.testing.assert_allclose(ours[..., cross], theirs[..., cross], atol=5e-3)
        # as where the data's frame is the telescope's, and the spw as narrow as the Earth is fast
        with casa.image(folder / "sky.model") as image:
            axes = image.coordsys()
            reference = axes.referencevalue()["numeric"]
            reference[3] += axes.increment()["numeric"][3] / 2
            axes.setreferencevalue(value=reference)
            image.setcoordsys(axes.torecord())
        casa.tasks().ft(vis=str(folder / "theirs.ms"), model=model, usescratch=True)
        assert np.mean(model_column(folder / "theirs.ms")[..., cross] == 0) > 0.4
        predict_image(folder / "ours.ms", folder / "sky.model")
        np.testing.assert_array_equal(model_column(folder / "ours.ms"), ours)


def test_a_point_has_the_median_modulus_of_the_data(folder):
    with casa.session():
        predict_point(folder / "ours.ms")
        with casa.table(folder / "ours.ms") as table:
            cross = table.getcol("ANTENNA1") != table.getcol("ANTENNA2")
            data = table.getcol("DATA")[0][:, cross]
        median = np.median(np.abs(data[:, : BLOCK_ROWS // len(data)]))  # one block will do
        np.testing.assert_allclose(model_column(folder / "ours.ms"), median, rtol=1e-6)
