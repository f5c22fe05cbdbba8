"""Flag files of the memo's second script flag what the script flags, and nothing else."""

import numpy as np
import pytest

from minispiral.config import resolve
from minispiral.errors import MinispiralError
from minispiral.light_curves.memo_flags import MemoFlag, read_memo_flags
from minispiral.light_curves.user_flags import flags_of_spws, read_user_flags

FIRST = 57849 * 86400 + 8 * 3600 + 3000.0  # 08:50 UTC
TIMES = FIRST + 4.0 * np.arange(1000)


def as_the_script_flags(lines: list[tuple[float, ...]], flux: np.ndarray) -> np.ndarray:
    """What HEAD of the script does with its hours, written down here by its description."""
    hours = TIMES / 3600.0
    since = hours - int(hours.min())
    flagged = np.zeros(len(TIMES), bool)
    for start, end, low, high in lines:
        inside = (since > start) & (since < end)
        flagged |= inside & ((flux < low) | (flux > high))
    return flagged


def test_the_same_integrations_are_flagged_as_by_the_script(tmp_path):
    lines = [(0.9, 1.1, 2.0, 2.4), (1.5, 1.6, 0.0, 0.0), (30.0, 31.0, 0.0, 0.0)]
    path = tmp_path / "SGRA_flag_info_20170406_spw2.dat"
    path.write_text("".join(f"[{a},{b}]\t\t[{c},{d}]\n" for a, b, c, d in lines))
    flux = 2.2 + 0.4 * np.sin(np.arange(1000))
    flux[::7] = np.nan
    flags = read_user_flags(path)
    assert [flag.concerns("20170406", 2) for flag in flags] == [True] * 3
    assert not any(flag.concerns("20170406", 1) or flag.concerns("20170407", 2) for flag in flags)
    found = np.logical_or.reduce([flag.matches(TIMES, flux) for flag in flags])
    expected = as_the_script_flags(lines, flux)
    assert expected.any()
    np.testing.assert_array_equal(found, expected)
    assert not len(flags[0].matches(np.zeros(0), np.zeros(0)))


def test_a_folder_of_files_is_read_whole(tmp_path):
    for track, spw in (("a", 0), ("a", 10), ("b_1", 0)):
        (tmp_path / f"SGRA_flag_info_{track}_spw{spw}.dat").write_text(" [0,1] [2, 3.5]\n\n")
    (tmp_path / "SGRA_FIT_a.fit").write_text("no flags")
    expected = [MemoFlag(t, s, 0, 1, 2, 3.5) for t, s in (("a", "0"), ("a", "10"), ("b_1", "0"))]
    assert read_user_flags(tmp_path) == expected
    assert flags_of_spws([tmp_path], "a", [0, 1, 10]) == [expected[:1], [], expected[1:2]]
    campaign = resolve({"tracks": {"a": {"ms": "a"}}, "flag": {"table": str(tmp_path)}})
    files = [str(tmp_path / f"SGRA_flag_info_a_spw{spw}.dat") for spw in (0, 10)]
    assert campaign.flag_tables(["a"]) == files


def test_a_folder_without_any_is_refused(tmp_path):
    with pytest.raises(MinispiralError, match="is a folder without any file SGRA_flag_info_TRACK"):
        read_user_flags(tmp_path)


@pytest.mark.parametrize(
    "line",
    ["1.2,1.3 2,3", "[1,2]", "[1,2] [3,4] [5,6]", "[2,1] [0,1]", "[1,2] [4,3]", "[a,2] [0,1]"]
    + ["[nan,2] [0,1]"],
)
def test_a_line_of_another_form_is_refused_with_its_number(tmp_path, line):
    path = tmp_path / "SGRA_flag_info_a_spw0.dat"
    path.write_text(f"# hours, Jy\n[0,1]\t\t[0,1]\n{line}\n")
    with pytest.raises(MinispiralError, match=r"spw0\.dat, line 3: .*first full hour") as error:
        read_memo_flags(path)
    assert "\n" not in str(error.value)


def test_a_file_of_another_name_is_refused(tmp_path):
    with pytest.raises(MinispiralError, match="is not named like SGRA_flag_info_TRACK_spwN.dat"):
        read_memo_flags(tmp_path / "flags.dat")
