"""System temperatures are scaled, and nothing else; a parser of others reads what was written."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from minispiral import cli
from minispiral.errors import MinispiralError
from minispiral.exports.antab import scaled_antab
from minispiral.exports.results import read_results
from minispiral.exports.station_gain import StationGain, station_gain
from tests.helpers.results import START, TRACK

MJD = 57849.35
GAIN = StationGain(
    MJD + np.arange(100) * 4 / 86400,
    1 + 0.1 * np.sin(np.arange(100) / 20),
    np.arange(100) // 25,
)
HEADER = """! phased ALMA, band lo / made
GAIN AA ELEV DPFU=0.0145,0.0145 FREQ=10,300000
POLY=1.0 /
TSYS AA FT=1.0 TIMEOFF=0
INDEX= 'R1|L1', 'R2|L2' /
"""


def hours(seconds: float) -> str:
    """Time of day as in ANTAB files of ALMA, HH:MM.mmmm."""
    return f"{int(seconds // 3600):02d}:{seconds % 3600 / 60:07.4f}"


def times(n: int) -> np.ndarray:
    """Seconds of the day of n rows within the track's."""
    return (GAIN.times[0] % 1) * 86400 + np.linspace(0, 390, n)


def file_of(values: np.ndarray) -> str:
    seconds = times(len(values))
    rows = (f"096 {hours(t)} {a:.3f} {b:.3f}\n" for t, (a, b) in zip(seconds, values, strict=True))
    return HEADER + "".join(rows) + "/\n"


def test_a_calibrated_visibility_of_two_stations_is_the_true_one():
    """Toy data: QA2 presses a variable source flat, and with it the array's SEFD."""
    n, dpfu, other = 60, 0.0145, 1.2e4  # K/Jy; Jy, SEFD of a station that is right
    seconds = times(n)
    mjd = np.floor(MJD) + seconds / 86400
    inside = [GAIN.at(t) for t in mjd]
    flux = 2.5 * np.array(inside)  # Jy, the truth; QA2 takes it for 2.5 Jy, F_ext for R / g
    tsys = 80 * (1 + 0.3 * np.cos(np.arange(n) / 9))  # K, the true ones
    rho = flux / np.sqrt(tsys / dpfu * other)  # what the correlator measures
    given = tsys / np.array(inside)  # K, on QA2's flux scale
    text, report = scaled_antab(file_of(np.column_stack([given, given])), GAIN)
    scaled = read_rows(text)[:, 0]
    wrong = rho * np.sqrt(given / dpfu * other)
    right = rho * np.sqrt(scaled / dpfu * other)
    np.testing.assert_allclose(wrong, flux / np.sqrt(inside), rtol=1e-4)
    np.testing.assert_allclose(right, flux, rtol=1e-4)
    assert report.changed == n
    assert (report.lowest, report.highest) == pytest.approx((min(inside), max(inside)), rel=1e-6)


def read_rows(text: str) -> np.ndarray:
    rows = [line.split() for line in text.splitlines() if re.match(r"\d{3} ", line)]
    return np.array([row[2:] for row in rows], float)


def test_all_but_the_stations_numbers_stays_to_the_byte():
    rows = (
        " 096 08:24.0000 12.5  13.10 ! a remark 5.0\n"
        "! 096 08:24.0000 1.0 1.0\n"
        "\n"
        " 096 08:25:30.00\t 7.3 999.9\r\n"
        " 096 08:26.0 -1.0 0.0 9999. 1.25e+01/\n"
    )
    other = "TSYS PV INDEX='R1','L1' /\n096 08:24.0000 100. 100. /\n"
    text, report = scaled_antab(HEADER + rows + other, GAIN)
    assert text.startswith(HEADER)
    assert text.endswith(other)
    assert report.changed == 3
    changed = text[len(HEADER) : -len(other)]
    plain = re.sub(r"(?<=\d) *\d+\.\d+(?:e\+01)?", "#", rows)
    assert re.sub(r"(?<=\d) *\d+\.\d+(?:e\+01)?", "#", changed).count("#") == plain.count("#")
    assert "! a remark 5.0" in changed
    assert "! 096 08:24.0000 1.0 1.0\n\n 096 08:25:30.00\t" in changed
    assert " 999.9\r\n" in changed
    assert " -1.0 0.0 9999. " in changed
    assert changed.endswith("/\n")


def value_at(time: str, gain: StationGain = GAIN, offset: str = "0") -> float:
    """Factor that is put on a row of this time."""
    header = HEADER.replace("TIMEOFF=0", f"TIMEOFF = {offset}")
    text, _ = scaled_antab(f"{header}{time} 100000. 1.\n/\n", gain)
    return float(text.splitlines()[-2].split()[-2]) / 1e5


@pytest.mark.parametrize(
    "time",
    ["096 08:26.5000", "096 08:26:30", "096 08:26:30.000", "96 8.4416666666", "096-08:26:30.0"]
    + ["095 32:26.5"],
)
def test_times_are_read_in_every_form_to_the_millisecond(time):
    expected = GAIN.at(57849 + (8 * 3600 + 26 * 60 + 30) / 86400)
    assert value_at(time) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "header",
    ["TSYS AA INDEX= 'R1|L1', 'R2|L2' / ! a remark", "tsys SRC/SYS aa FT = 1.0\nINDEX='R1','L1'/"],
)
def test_headers_are_read_in_every_form(header):
    text, report = scaled_antab(f"{header}\n096 08:26.5 100. 1./\n", GAIN)
    assert text.startswith(f"{header}\n096 08:26.5 ")
    assert report.changed == 1


def test_the_time_offset_of_the_group_counts():
    assert value_at("096 08:26.5000", offset="-30.0") == pytest.approx(
        value_at("096 08:26.0"), rel=1e-6
    )


def test_rows_of_a_new_year_belong_to_it():
    """A track that begins on December 31 has rows of day 001."""
    new_year = StationGain(57754 + np.arange(-50, 50) * 4 / 86400, GAIN.gain, GAIN.scan * 0)
    assert value_at("001 00:00:40", new_year) == pytest.approx(GAIN.gain[60], rel=1e-5)
    assert value_at("366 23:59:20", new_year) == pytest.approx(GAIN.gain[40], rel=1e-5)


def test_within_a_scan_gains_are_interpolated_and_across_its_edge_they_step():
    steps = StationGain(GAIN.times, 1.0 + GAIN.scan, GAIN.scan)
    edge = steps.times[25]
    assert [steps.at(edge - s / 86400) for s in (4, 2.1, 1.9, 0)] == [1.0, 1.0, 2.0, 2.0]
    smooth = StationGain(GAIN.times, np.arange(100.0), GAIN.scan)
    assert smooth.at(smooth.times[10] + 1 / 86400) == pytest.approx(10.25, abs=1e-5)
    assert smooth.at(smooth.times[-1] + 50 / 86400) == 99.0


def test_rows_far_from_the_track_stay_and_are_counted():
    text, report = scaled_antab(HEADER + "096 09:00.0 50. 60.\n095 08:24.0 5. 6.\n/\n", GAIN)
    assert "096 09:00.0 50. 60.\n095 08:24.0 5. 6.\n" in text
    assert (report.changed, report.far) == (0, 2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEADER + "096 08:24.0 50.\n", "no '/' at its end"),
        (HEADER + "096 0824 50.\n/\n", "line 6: '096 0824 50.' is no row"),
        (HEADER.replace("AA", "AX") + "/\n", "no TSYS group of station AA, only of AX"),
        ("GAIN AA DPFU=1 /\n", "no TSYS group of station AA, only of none"),
        (HEADER.replace("/\nTSYS", "/ TSYS"), "line 3: put what follows '/'"),
    ],
)
def test_what_is_no_such_file_is_said(text, says):
    with pytest.raises(MinispiralError) as error:
        scaled_antab(text, GAIN)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_the_command_scales_by_the_gain_of_the_bands_spw(campaign, tmp_path, capsysbinary):
    start = START % 86400
    rows = "".join(f"096 {hours(start + t)} 100.000 200.000\n" for t in range(0, 900, 30))
    path = tmp_path / "e17b06-hi.antab"
    path.write_bytes(f"! Cr\u00e9\u00e9 {HEADER}{rows}097 00:00.0 1. 1.\n/\n".encode("latin-1"))
    assert cli.main(["antab", str(path), str(campaign), TRACK]) == 0
    out, err = (text.decode("latin-1") for text in capsysbinary.readouterr())
    assert out.startswith("! Cr\u00e9\u00e9 ! phased ALMA")
    gain = station_gain(read_results(campaign)[TRACK].table, 2)
    seconds = np.array([start + t for t in range(0, 900, 30)])
    expected = [gain.at(57849 + s / 86400) for s in seconds]
    np.testing.assert_allclose(read_rows(out)[:-1, 0] / 100, expected, rtol=2e-5)
    assert "gain of spw 2, 229.1 GHz" in err
    assert "the system temperatures in 30 rows of e17b06-hi.antab are multiplied by" in err
    assert "1 rows of e17b06-hi.antab are further than 60 s" in err


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("x.antab", [], "nothing says which spw to take: give --band"),
        ("x.antab", ["--band", "b2"], "no spw is near band b2, 215.1 GHz: give --spw"),
        ("x.antab", ["--spw", "7"], "there is no spw 7"),
        ("x-lo.antab", ["--station", "PV"], "no TSYS group of station PV, only of AA"),
        ("y-lo.antab", [], "cannot be read"),
        ("other-lo.antab", [], "take the file of the same night"),
    ],
)
def test_what_the_command_cannot_do_is_said_in_a_line(
    campaign, tmp_path, capsys, name, options, says
):
    for known in ("x.antab", "x-lo.antab"):
        (tmp_path / known).write_text(HEADER + "096 08:51.0 1. 1.\n/\n")
    (tmp_path / "other-lo.antab").write_text(HEADER + "101 08:51.0 1. 1.\n/\n")
    assert cli.main(["antab", str(tmp_path / name), str(campaign), TRACK, *options]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err.splitlines()[-1]


# reads a file as append_tsys of casa-vlbi does, without a FITS-IDI file to append it to
JIVE = """
import io, json, sys
from types import SimpleNamespace
sys.path.insert(0, sys.argv[1])
from casavlbitools import fitsidi, key
idi = SimpleNamespace(antenna_map={"AA": 1}, n_band=2, reftime=float(sys.argv[3]))
idi.find_source = lambda time: 1
data, kept = fitsidi.TSysTable(), io.StringIO()
with open(sys.argv[2]) as file:
    for line in file:
        if line.startswith("!"):
            continue
        kept.write(line)
        if line.strip().endswith("/"):
            kept.seek(0)
            found = key.read_keyfile(kept)
            if found and found[0] and found[0][0][0] == "TSYS":
                fitsidi.process_values(file, found, [], idi, data)
            kept = io.StringIO()
print(json.dumps([data.time, data.tsys_1, data.tsys_2]))
"""


OTHER = """GAIN PV ELEV DPFU=0.15 POLY=1.0,-0.002,0.00001 /
TSYS PV FT=1.0
INDEX='R1','L1' /
096 23:59.0 100. 100.
/
"""
FOUR_COLUMNS = """GAIN AA ELEV DPFU=0.0145,0.0145 FREQ=10,300000
POLY=1.0,-0.002,0.00001 /
TSYS AA FT=1.0 TIMEOFF=0
INDEX= 'R1','L1',
'R2', 'L2' /
"""


@pytest.mark.slow
def test_the_reader_of_casa_vlbi_reads_what_was_written(tmp_path):
    """JIVE's, as the package avica ships it; over midnight, with another station in the file."""
    found = importlib.util.find_spec("avica")
    if found is None:
        pytest.skip("avica is not installed: make readers")
    midnight = StationGain(GAIN.times - GAIN.times[50] + 57850, GAIN.gain, GAIN.scan)
    seconds = (midnight.times[0] - 57849) * 86400 + np.linspace(3, 393, 40)
    values = 50 + 10 * np.random.default_rng(3).random((40, 4))
    rows = (
        f"{96 + int(t // 86400):03d} {hours(t % 86400)} " + " ".join(f"{x:.3f}" for x in row)
        for t, row in zip(seconds, values, strict=True)
    )
    written = OTHER + FOUR_COLUMNS + "\n! a remark / of AA\n".join(rows) + "\n/\n"
    text, report = scaled_antab(written, midnight)
    assert (report.changed, report.far) == (40, 0)
    path = tmp_path / "new.antab"
    path.write_text(text)
    tools = Path(found.origin).parent / "external" / "jive"
    day = (57849 - 40587) * 86400  # s, as in Unix
    command = [sys.executable, "-W", "ignore", "-c", JIVE, tools, path, day]
    output = subprocess.run(map(str, command), capture_output=True, text=True, check=True).stdout
    days, right, left = map(np.array, json.loads(output.splitlines()[-1]))
    gain = np.array([midnight.at(57849 + t / 86400) for t in seconds])
    # it cuts times to whole seconds
    np.testing.assert_allclose(days * 86400, np.floor(seconds), atol=1.001)
    np.testing.assert_allclose(right, values[:, ::2] * gain[:, None], rtol=2e-5)
    np.testing.assert_allclose(left, values[:, 1::2] * gain[:, None], rtol=2e-5)
