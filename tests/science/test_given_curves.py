"""Light curves as people have them are read: times, fluxes and errors by many names."""

import numpy as np
import pytest

from minispiral.errors import MinispiralError
from minispiral.science.given_curves import NOTHING, read_curves

MJD = 57849.35 + np.arange(6) / 8640


def written(path, head: str, *columns, separator=","):
    rows = [separator.join(map(str, row)) for row in zip(*columns, strict=True)]
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def test_a_published_table_has_a_curve_for_each_day_and_band(tmp_path):
    days, bands = ["096"] * 3 + ["097"] * 3, ["lo", "hi"] * 3
    head = "day,band,freq_ghz,mjd,I"
    path = written(tmp_path / "x.csv", head, days, bands, [227.1, 229.1] * 3, MJD, [2.5] * 6)
    curves = read_curves(path)
    assert [(curve.track, curve.spw) for curve in curves] == [("096", "lo"), ("097", "hi")]
    assert curves[0].frequency == pytest.approx(227.1e9)
    assert np.isnan(curves[0].error).all()
    assert [curve.track for curve in read_curves(path, ["097"])] == ["097"]


@pytest.mark.parametrize(
    ("head", "times", "dated"),
    [
        ("time flux err", MJD, True),
        ("# MJD I(Jy) Ierr(Jy)", MJD, True),
        ("mjd_s Flux ERROR", MJD * 86400, True),
        ("JD flux err".replace("JD", "t"), MJD + 2400000.5, True),
        ("hours I I_err", (MJD % 1) * 24, False),
    ],
)
def test_times_and_fluxes_go_by_many_names(tmp_path, head, times, dated):
    path = written(tmp_path / "x.txt", head, times, [2.5] * 6, [0.1] * 6, separator=" ")
    (curve,) = read_curves(path)
    assert curve.has_date is dated
    np.testing.assert_allclose(curve.time % 86400, MJD % 1 * 86400, atol=1e-4)
    assert (curve.flux.tolist(), curve.error.tolist()) == ([2.5] * 6, [0.1] * 6)
    assert (curve.track, curve.spw) == (NOTHING, NOTHING)
    assert curve.interval == pytest.approx(10, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n3,4\n", "has columns a, b: a light curve needs one of times"),
        ("mjd,I\n,\n", "has no light curve"),
        ("mjd,I\nx,y\n", "have to be numbers"),
        ("mjd,I\n57849,1\n", "has no light curve"),
    ],
)
def test_what_is_no_light_curve_is_refused(tmp_path, text, message):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(MinispiralError, match=message):
        read_curves(tmp_path / "x.csv")


def test_a_folder_without_results_and_a_missing_file_are_named(tmp_path):
    with pytest.raises(MinispiralError, match="has no light_curves.ecsv: name a folder"):
        read_curves(tmp_path)
    with pytest.raises(MinispiralError, match="x.csv is not there"):
        read_curves(tmp_path / "x.csv")
