"""A first image that shows no source, of raw VLA data of 3C286: nothing is solved against it."""

from dataclasses import replace
from pathlib import Path

import pytest

from minispiral import casa
from minispiral.config.defaults import target_defaults
from minispiral.imaging.clean import ImageSettings
from minispiral.selfcal.rounds import Gate, RoundRecord
from minispiral.selfcal.solver import Round
from minispiral.selfcal.target import RoundJob, first_image, run_round
from tests.helpers.tracks import without_phases

pytestmark = pytest.mark.slow

SIZE = 128
MASK = f"#CRTFv0\ncircle[[{SIZE // 2}pix, {SIZE // 2}pix], 60pix]\n"
IMAGE = target_defaults()["image"] | {"imsize": SIZE}
SHORT = IMAGE | {"niter": 20}
DIVERGING = IMAGE | {"gain": 1.0, "nsigma": 0.0, "niter": 20000}


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> Path:
    """Data whose phases no sky explains, and a mask."""
    folder = tmp_path_factory.mktemp("raw")
    without_phases(folder)
    (folder / "mask.crtf").write_text(MASK)
    return folder


def two_rounds(raw: Path, folder: Path, settings: ImageSettings, start: str) -> list[RoundRecord]:
    """Image the raw data, and solve for a phase of each antenna."""
    recipe = Round("p", "inf", "spw,scan", 3.0)
    with casa.session():
        first = first_image(raw / "raw.ms", folder / "round0", settings)
        job = RoundJob(
            raw / "raw.ms", [folder / "round0"], folder / "round1", recipe, settings, start
        )
        # the image of the round is not looked at
        job = replace(job, settings=ImageSettings(SHORT, settings.cell, settings.mask))
        return [first, run_round(job, Gate(**target_defaults()["gate"]))]


@pytest.mark.parametrize(("keys", "why"), [(SHORT, "shows no source"), (DIVERGING, "diverged")])
def test_nothing_is_solved_against_an_image_that_shows_nothing(raw, tmp_path, keys, why):
    settings = ImageSettings(keys, 6.0, raw / "mask.crtf")
    first, second = two_rounds(raw, tmp_path, settings, "image")
    assert not first.at_threshold
    assert first.rms > 100 * first.expected_rms
    assert (
        "the image shows no source: CLEAN ended before its threshold, and the rms" in first.reason
    )
    assert ("CLEAN diverges" in first.reason) == (why == "diverged")
    assert not second.accepted
    assert second.reason.startswith("no model to solve against, because ")
    assert f"of round 0 {why}: set start: point for a source at the phase" in second.reason
    assert not (tmp_path / "round1" / "gains").exists()


def test_a_point_needs_no_first_image(raw, tmp_path):
    _, second = two_rounds(raw, tmp_path, ImageSettings(SHORT, 6.0, raw / "mask.crtf"), "point")
    assert second.accepted
    assert second.dynamic_range > 100
