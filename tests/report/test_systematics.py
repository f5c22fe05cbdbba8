"""The budget of what is systematic: the script's table, picture, page, and the line it tells."""

import re
import runpy
from types import SimpleNamespace

import numpy as np
import pytest
from astropy.table import Table

from minispiral.analysis.variant_fluxes import AveragedFluxes
from minispiral.analysis.variants import VARIANTS
from minispiral.io.records import write_records
from minispiral.io.tables import read_table, write_table
from minispiral.report.systematics import in_a_line
from tests.helpers.places import ROOT

N, STEP = 180, 60.0
TIME = 5e9 + STEP * np.arange(N)
STATED = {"absolute_scale": 0.1, "v_floor": 0.006}
# of each variant, what the light curve changes by from end to end of three hours
MOVED = {name: 1e-4 * place for place, name in enumerate(VARIANTS)} | {"clean": 0.02}


def fluxes(track: str, moved: float) -> AveragedFluxes:
    ones = np.ones(N)
    wave = 1 + moved * np.sin(TIME / 800)
    return AveragedFluxes(track, 0, TIME, ones.astype(int), 1.1 * ones, 2.5 * wave, ones > 0)


def tables(track: str) -> dict[str, Table]:
    """Of a track: its light curve, and what the covariance follows from."""
    labels = {"spw": np.zeros(N, int), "mjd": TIME / 86400, "good": np.ones(N, bool)}
    flux = {"track": np.full(N, track), "I": np.full(N, 2.5), "I_err": np.full(N, 0.005)}
    errors = {name: np.zeros(N) for name in ("core_covariance", "absorption_err", "segment")}
    errors |= {"learnt_err": np.full(N, np.nan), "core_err": np.full(N, 0.001)}
    errors["independent_err"] = np.full(N, 0.0017)
    own = {"description": "integration", "drift_err": 0.0, "drift_timescale_s": 1200.0}
    covariance = Table({**labels, **errors}, meta={"spws": {0: own}})
    return {"light_curves": Table({**labels, **flux}), "covariances": covariance}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """What the script makes of two tracks, and what it tells."""
    folder, told = tmp_path_factory.mktemp("systematics"), []
    for name, moved in MOVED.items():
        write_records(folder / f"{name}.npz", [fluxes(track, moved) for track in "ab"])
    for track in "ab":
        for kind, table in tables(track).items():
            write_table(folder / f"{track}_{kind}.ecsv", table)
    names = {"table": "ecsv", "png": "png", "pdf": "pdf", "page": "html"}
    job = SimpleNamespace(
        input=SimpleNamespace(
            fluxes=[str(folder / f"{name}.npz") for name in MOVED],
            **{
                kind: [str(folder / f"{track}_{kind}.ecsv") for track in "ab"]
                for kind in ("light_curves", "covariances")
            },
        ),
        output=SimpleNamespace(**{k: str(folder / f"out.{v}") for k, v in names.items()}),
        params=SimpleNamespace(
            title="sgr",
            tracks=["a", "b"],
            variants=list(MOVED),
            alone=[],
            stated={"a": STATED, "b": STATED},
        ),
    )
    script = runpy.run_path(str(ROOT / "workflow" / "scripts" / "tabulate_systematics.py"))
    script["log"].announce, before = told.append, script["log"].announce
    try:
        script["main"](job)
    finally:
        script["log"].announce = before
    return job.output, told


def test_the_table_has_all_variants_and_what_is_stated(made):
    table = read_table(made[0].table)
    assert len(table) == 2 * (len(VARIANTS) - 1)
    assert table.meta["systematic"] == {"absolute_scale": 0.1, "V_floor": 0.006}
    clean = table[table["variant"] == "clean"]
    assert np.all(clean["rms_mean"] > clean["mean_quoted"])
    expected = (clean["mean_quoted"] / clean["rms_mean"]) ** 2
    np.testing.assert_allclose(clean["mean_contained"], expected, rtol=1e-4)


def test_the_page_says_all_of_it_and_needs_nothing_else(made):
    with open(made[0].page) as file:
        page = file.read()
    for variant in list(VARIANTS.values())[1:]:
        assert variant.label.replace("'", "&#39;") in page
    assert "Not in any error: the absolute flux scale, 10 %" in page
    assert "data:image/webp;base64," in page
    text = re.sub(r"base64,[^\"]*", "", page)
    assert "http" not in text
    assert "nan" not in text


def test_the_line_names_what_moves_most(made):
    (line,) = made[1]
    assert line.startswith("means of 10 minutes change most with IM1 of CLEAN, by 1.")
    assert line.endswith("out.html")


def test_short_tracks_are_told_of(made):
    table = read_table(made[0].table)
    for name in ("slope", "slope_err", "slope_quoted", "rms_mean", "mean_quoted"):
        table[name] = np.nan
    assert "too short for means of 10 minutes" in in_a_line(table)
