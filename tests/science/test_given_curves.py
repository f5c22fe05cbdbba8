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


@pytest.mark.parametrize(
    "words", [("True", "False"), ("true", "FALSE"), ("yes", "No"), ("1", "0"), ("1.0", "0.0")]
)
def test_rows_that_are_not_good_are_left_out_however_it_is_written(tmp_path, words):
    good = [words[k] for k in (0, 0, 1, 0, 1, 0)]
    (one,) = read_curves(written(tmp_path / "x.csv", "mjd,I,good", MJD, range(1, 7), good))
    assert one.flux.tolist() == [1, 2, 4, 6]


@pytest.mark.parametrize(
    ("word", "named"), [("perhaps", "good is perhaps: write true"), ("2", "is 2"), ("", "is empty")]
)
def test_what_is_neither_good_nor_bad_is_named(tmp_path, word, named):
    path = written(tmp_path / "x.csv", "mjd,I,good", MJD, range(1, 7), ["1"] * 5 + [word])
    with pytest.raises(MinispiralError, match=f"x.csv: good {named.removeprefix('good ')}"):
        read_curves(path)


def test_hours_go_on_past_midnight_in_each_curve(tmp_path):
    hours = 23.5 + np.arange(11) / 10
    rows = np.repeat(hours % 24, 2)  # those of both bands by turns
    path = written(tmp_path / "x.csv", "hours,I,band", rows, range(1, 23), ["lo", "hi"] * 11)
    for one, first in zip(read_curves(path), (1, 2), strict=True):
        np.testing.assert_allclose(one.time, hours * 3600)
        assert one.flux.tolist() == list(range(first, 23, 2))
        assert set(one.stretch) == {0}


def test_hours_out_of_order_are_of_one_day(tmp_path):
    path = written(tmp_path / "x.csv", "hours,I", [3, 1, 2, 12, 4], [3, 1, 2, 12, 4])
    (one,) = read_curves(path)
    assert one.flux.tolist() == [1, 2, 3, 4, 12]


def test_a_folder_without_results_and_a_missing_file_are_named(tmp_path):
    with pytest.raises(MinispiralError, match="has no light_curves.ecsv: name a folder"):
        read_curves(tmp_path)
    with pytest.raises(MinispiralError, match="x.csv is not there"):
        read_curves(tmp_path / "x.csv")
