"""Real data as targets: Sgr A* by the EHT, whose cross hands are all flagged."""

from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.config.defaults import target_defaults
from minispiral.imaging.clean import ImageSettings
from minispiral.ms.inspection import inspect_target
from minispiral.ms.split import split_field
from minispiral.selfcal.products import write_calibrated_target
from minispiral.selfcal.rounds import Gate
from minispiral.selfcal.solver import Round
from minispiral.selfcal.target import RoundJob, first_image, run_round
from tests.helpers.places import REAL

pytestmark = pytest.mark.slow

EHT = REAL / "ER6_SGRA_2017_097_hi_casa_netcal-LMTcal_StokesI.uvfits"
SKIP = pytest.mark.skipif(not EHT.is_file(), reason="no ../shared/real")
# micro-arcsec: the shadow is 50 wide
SETTINGS = ImageSettings({**target_defaults()["image"], "imsize": 64, "niter": 30}, cell=5e-6)


@SKIP
def test_flagged_cross_hands_take_no_part_in_a_target(tmp_path):
    raw, data = tmp_path / "raw.ms", tmp_path / "data.ms"
    with casa.session():
        casa.tasks().importuvfits(fitsfile=str(EHT), vis=str(raw))
        inspection = inspect_target(raw, None, None, "data")
        split_field(raw, data, inspection, "data")
        flag_before = flags(data)
        first = first_image(data, tmp_path / "round0", SETTINGS)
        job = RoundJob(
            ms=data,
            before=[tmp_path / "round0"],
            folder=tmp_path / "round1",
            recipe=Round(calmode="p", solint="60s", minsnr=3.0, refant="1"),
            settings=SETTINGS,
            start="point",
        )
        record = run_round(job, Gate(**target_defaults()["gate"]))
        write_calibrated_target(
            data, tmp_path / "calibrated.ms", [tmp_path / "round0", tmp_path / "round1"]
        )
        flag_after = flags(tmp_path / "calibrated.ms")
    assert flag_before[1:3].all()
    assert not flag_before[0].any()
    # 2.3 Jy of zero spacing, of which an image of intercontinental baselines has a part
    assert 0.05 < first.peak < 3
    assert first.flagged == 0
    assert record.solutions_failed < 0.5
    assert record.flagged < 0.5
    assert np.isfinite(record.peak)
    assert flag_after[1:3].all()
    assert flag_after[0].mean() < 0.5


def flags(ms: Path) -> np.ndarray:
    with casa.table(ms) as table:
        return table.getcol("FLAG")[:, 0]
