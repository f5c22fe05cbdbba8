"""Integrations of the user's table: what a job makes does not depend on their data."""

import importlib.util
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from astropy.time import Time

from minispiral.io.records import write_records
from minispiral.io.tables import read_table
from tests.helpers.averages import FREQUENCY, Array, sky
from tests.helpers.places import ROOT

N, FLAGGED = 120, slice(40, 70)
START = Time("2017-04-07T08:00:00").mjd * 86400
TIMES = START + np.arange(N) * 30.0
ARRAY = Array(12, TIMES)
OFFSET = np.stack([0.15 * np.sin(TIMES / 500), 0.15 * np.cos(TIMES / 700)], axis=-1)


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / f"workflow/scripts/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pointing(folder: Path, strayed: float, table: list[str]):
    """The pointing of a track whose flagged integrations look `strayed` arcsec elsewhere."""
    offset = OFFSET.copy()
    offset[FLAGGED] += strayed
    minispiral = sky().minispiral_visibilities(
        ARRAY.rows.uv, FREQUENCY, offset=np.stack(2 * [offset[ARRAY.rows.bin]])
    )
    data = ARRAY.data(minispiral=minispiral, sigma=0.004)
    write_records(folder / "averages.npz", [data])
    job = SimpleNamespace(
        input=SimpleNamespace(
            averages=folder / "averages.npz",
            gains=[],
            im1="sky.fits",
            core="core.json",
            table=table,
        ),
        output=[folder / "pointing.ecsv"],
        params=SimpleNamespace(spws=[2], pointing="auto"),
        wildcards=SimpleNamespace(track="a"),
        threads=1,
    )
    module = script("measure_pointing")
    module.read_sky_model = lambda *_: sky()
    module.main(job)
    return read_table(folder / "pointing.ecsv")


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "flags.csv"
    start, end = (Time(TIMES[k] / 86400, format="mjd").isot for k in (FLAGGED.start, FLAGGED.stop))
    path.write_text(f"track,spw,start,end\na,2,{start},{end}\nb,*,{start},{end}\n")
    return str(path)


def test_the_pointing_and_what_drifts_are_not_learned_from_them(tmp_path, table):
    sound, strayed = (pointing(tmp_path, size, [table]) for size in (0.0, 1.0))
    assert sound.meta == strayed.meta
    assert sound.meta["kept"]
    for name in sound.colnames:
        assert np.array_equal(sound[name], strayed[name])
    inside = (sound["time"] > TIMES[FLAGGED.start]) & (sound["time"] < TIMES[FLAGGED.stop - 1])
    assert not inside.any()
    # that they would shape it shows without the table
    assert pointing(tmp_path, 1.0, []).meta["drifts"] != sound.meta["drifts"]
