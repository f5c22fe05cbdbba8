"""The user's flag table is read as written or refused with its line; flags are listed for CASA."""

import numpy as np
import pytest
from astropy.table import Table
from astropy.time import Time

from minispiral.errors import MinispiralError
from minispiral.light_curves.flagging import TABLE, UNFLAGGED
from minispiral.light_curves.scaling import flag_reasons, limits_of
from minispiral.light_curves.user_flags import SpwIds, read_user_flags, write_flagdata_commands

HEADER = "track, spw, start, end, min_flux, max_flux, comment\n"


def seconds(utc: str) -> float:
    return Time(utc, scale="utc").mjd * 86400


def write(tmp_path, text: str):
    path = tmp_path / "flags.csv"
    path.write_text(text)
    return path


def test_lines_are_read_as_written(tmp_path):
    text = (
        "# comment\n"
        + HEADER
        + (
            '20170406, *, 2017-04-06T09:38:50, 2017-04-06T09:39:10, , , "slewing, twice"\n\n'
            "*, 2, 2017-04-07 08:30:00, 2017-04-07T08:31:00.5, 2.8, 3.5,\n"
        )
    )
    first, second = read_user_flags(write(tmp_path, text))
    assert (first.track, first.spw) == ("20170406", "*")
    assert first.start == pytest.approx(seconds("2017-04-06T09:38:50"), abs=1e-3)
    assert (first.min_flux, first.max_flux) == (-np.inf, np.inf)
    assert second.end == pytest.approx(seconds("2017-04-07T08:31:00.5"), abs=1e-3)
    assert (second.min_flux, second.max_flux) == (2.8, 3.5)
    assert first.concerns("20170406", 3)
    assert not first.concerns("20170407", 3)
    assert second.concerns("x", 2)
    assert not second.concerns("x", 1)


@pytest.mark.parametrize("text", ["\n", "# nothing\n", "track,spw,start,end\n"])
def test_an_empty_table_flags_nothing(tmp_path, text):
    assert read_user_flags(write(tmp_path, text)) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("track, spw, begin, end\n", "line 1: the flag table needs the columns"),
        (HEADER + "a, 0, 2017-04-06T09:00:00, yesterday, , ,\n", "line 2"),
        (HEADER + "a, zero, 2017-04-06T09:00:00, 2017-04-06T09:01:00, , ,\n", "line 2"),
        (HEADER + "a, 0, 2017-04-06T09:00:00, 2017-04-06T08:00:00, , ,\n", "before the start"),
        (HEADER + "a, 0, 2017-04-06T09:00:00, 2017-04-06T09:01:00, low, ,\n", "line 2"),
        (HEADER + "\n\na, 0, 2017-04-06T09:00:00\n", "line 4: 3 cells for 7 columns"),
    ],
)
def test_an_ill_formed_table_is_refused_with_its_line(tmp_path, text, says):
    with pytest.raises(MinispiralError) as error:
        read_user_flags(write(tmp_path, text))
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert str(tmp_path / "flags.csv") in str(error.value)


def test_a_missing_table_is_reported(tmp_path):
    with pytest.raises(MinispiralError, match="cannot read the flag table"):
        read_user_flags(tmp_path / "none.csv")


def test_integrations_in_the_time_and_flux_range_are_flagged(tmp_path):
    start = seconds("2017-04-06T09:00:00")
    n = 10
    fit = {
        "time": start + 6.0 * np.arange(n),
        "I_extended": np.full(n, 1.1),
        "I_extended_err": np.full(n, 1e-3),
        "I_compact": np.linspace(2.0, 2.9, n),
        "I_compact_err": np.full(n, 1e-3),
        "covariance": np.zeros(n),
        **{name: np.full(n, np.nan) for name in ("Q", "U", "V", "Q_err", "U_err", "V_err")},
    }
    table = write(tmp_path, HEADER + "a, 0, 2017-04-06T09:00:12, 2017-04-06T09:00:36, 2.35, ,\n")
    keys = {"track": "a", "table": str(table), "flux_range": [1, 5], "max_polarized_flux": None}
    expected = [UNFLAGGED] * 4 + [TABLE] * 3 + [UNFLAGGED] * 3
    assert flag_reasons(fit, 1.1, limits_of(keys, 0)).tolist() == expected
    assert np.all(flag_reasons(fit, 1.1, limits_of(keys, 1)) == UNFLAGGED)
    assert np.all(flag_reasons(fit, 1.1, limits_of({**keys, "track": "b"}, 0)) == UNFLAGGED)


def test_flagdata_commands_are_one_integration_wide(tmp_path):
    mjd = Time("2017-04-06T23:59:58").mjd
    curves = Table(
        {"spw": [3, 3], "mjd": [mjd, mjd + 1], "good": [False, True], "flag": ["no fit", "-"]},
        meta={"interval_s": 6.0},
    )
    path = tmp_path / "flags.dat"
    write_flagdata_commands(path, [curves])
    assert path.read_text() == (
        "mode='manual' spw='3' timerange='2017/04/06/23:59:55.0~2017/04/07/00:00:01.0' "
        "reason='no_fit'\n"
    )


def flagged(spws: list[int], times: np.ndarray, interval: float) -> Table:
    n = len(spws)
    rows = {"spw": spws, "mjd": times, "good": [False] * n, "flag": ["chi2"] * n}
    return Table(rows, meta={"interval_s": interval})


def test_flags_of_spws_of_unlike_integration_times_are_as_wide_as_their_own(tmp_path):
    time = Time(["2017-04-06T08:00:00"]).mjd
    curves = [flagged([spw], time, interval) for spw, interval in ((0, 4.0), (1, 16.0))]
    write_flagdata_commands(tmp_path / "flags.dat", curves)
    ranges = [line.split("'")[5] for line in (tmp_path / "flags.dat").read_text().splitlines()]
    assert ranges == [
        "2017/04/06/07:59:58.0~2017/04/06/08:00:02.0",
        "2017/04/06/07:59:52.0~2017/04/06/08:00:08.0",
    ]


def test_flags_of_a_night_have_the_spws_of_the_set_that_they_are_in(tmp_path):
    times = Time(["2017-04-06T08:00:00", "2017-04-06T09:00:00", "2017-04-06T09:00:00"]).mjd
    curves = flagged([3, 3, 0], times, 6.0)
    day = np.floor(times[0]) * 86400
    executions = [
        SpwIds(day + 8.5 * 3600, day + 9.5 * 3600, {0: 17, 3: 25}),
        SpwIds(day + 7.5 * 3600, day + 8.4 * 3600, {0: 0, 3: 3}),
    ]
    write_flagdata_commands(tmp_path / "flags.dat", [curves], executions)
    lines = (tmp_path / "flags.dat").read_text().splitlines()
    assert [line.split()[1] for line in lines] == ["spw='3'", "spw='25'", "spw='17'"]


def test_times_may_be_written_as_casa_does(tmp_path):
    header = "track, spw, start, end\n"
    flags = []
    for k, times in enumerate(
        (
            "2017-04-06T09:38:50, 2017-04-06T09:39:10.5",
            "2017/04/06/09:38:50, 2017/04/06/09:39:10.5",
        )
    ):
        (tmp_path / f"{k}.txt").write_text(f"{header}a, 0, {times}\n")
        flags += read_user_flags(tmp_path / f"{k}.txt")
    assert flags[0] == flags[1]
