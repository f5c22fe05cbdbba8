"""CLEAN where tclean diverges, or its fit of the beam fails: raw VLA data of 3C286."""

from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.config.defaults import target_defaults
from minispiral.imaging.clean import ImageSettings, clean
from minispiral.imaging.convergence import best_iteration
from minispiral.imaging.models import read_beam, read_casa_image
from tests.helpers.tracks import without_phases

SIZE = 128


def test_the_best_iteration_is_where_the_peak_of_the_residual_was_least():
    # of J1008+0730, raw, in millionths: it would end with a residual of 219
    cycles = {
        "startIterDone": np.array([0.0, 337, 939, 4939, 9457]),
        "startPeakRes": np.array([322.0, 134, 65, 92, 278]),
    }
    assert best_iteration({0: {0: {0: cycles}}}) == 939
    cycles["startPeakRes"][0] = 1
    assert best_iteration({0: {0: {0: cycles}}}) == 0


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> Path:
    """Data whose phases no sky explains, and a mask."""
    folder = tmp_path_factory.mktemp("raw")
    without_phases(folder)
    (folder / "mask.crtf").write_text("#CRTFv0\ncircle[[64pix, 64pix], 60pix]\n")
    return folder


def image(raw: Path, name: str, cell: float, mask: str | None, **keys) -> list[str]:
    settings = target_defaults()["image"] | {"imsize": SIZE, **keys}
    mask = mask and raw / mask
    return clean(raw / "raw.ms", raw / name, ImageSettings(settings, cell, mask)).remarks


def rms(path: Path) -> float:
    return float(np.sqrt(np.mean(read_casa_image(path)[0] ** 2)))


@pytest.mark.slow
def test_clean_that_diverges_is_stopped_where_its_residual_is_least(raw):
    """With a gain of 1, tclean ends with a residual of 200 Jy/beam of a dirty image of 0.03."""
    with casa.session():
        assert image(raw, "dirty", 6.0, "mask.crtf", niter=1) == []
        (remark,) = image(raw, "deep", 6.0, "mask.crtf", nsigma=0.0, gain=1.0, niter=20000)
        dirty, left = rms(raw / "dirty/im0.residual"), rms(raw / "deep/im0.residual")
        model = rms(raw / "deep/im0.model")
    assert remark.startswith("CLEAN diverges and was stopped after ")
    assert left < dirty
    assert 0 < model < dirty


@pytest.mark.slow
def test_a_fit_of_the_beam_that_failed_is_not_believed(raw):
    """Of pixels as wide as the beam tclean makes a beam of 1e-6 arcsec, and says it in its log."""
    with casa.session():
        (remark,) = image(raw, "coarse", 60.0, None)
        image(raw, "fine", 6.0, None)
        coarse, fine = (read_beam(raw / name / "im0.image") for name in ("coarse", "fine"))
        restored, residual = (
            np.abs(read_casa_image(raw / "coarse" / f"im0.{kind}")[0]).max()
            for kind in ("image", "residual")
        )
    assert "1e-06 x 1e-06 arcsec, is not that of the PSF's main lobe" in remark
    # a pixel's width makes the lobe wider, not narrower
    assert fine.size < coarse.size < 60 * np.sqrt(2) * 1.4
    assert restored < 2 * residual
