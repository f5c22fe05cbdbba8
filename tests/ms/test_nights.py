"""Executions joined: the whole is bit by bit the track that they were cut from."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.checks.findings import ERROR, NOTE
from minispiral.checks.nights import group_nights
from minispiral.checks.preflight import preflight
from minispiral.checks.survey import survey
from minispiral.ms.executions import (
    check_intervals,
    inspect_execution,
    intervals_of,
    together,
    what_is_missing,
    without_missing,
)
from minispiral.ms.inspection import inspect
from minispiral.ms.nights import (
    antenna_keys,
    interval_of,
    join_executions,
    observations,
    split_nothing,
)
from minispiral.ms.split import split_spw
from minispiral.ms.windows import spectral_windows
from minispiral.simulation.track import simulate_track
from tests.helpers.executions import Piece, cut
from tests.helpers.tracks import set_columns

pytestmark = pytest.mark.slow

FIELD, SPWS = "Sgr A*", [0, 1, 2]
LEFT_OUT = 2  # an antenna that the last execution has not
PIECES = [
    Piece([0, 1, 2], range(5)),
    Piece([2, 0, 1], [4, 3, 2, 1, 0]),
    Piece([1, 2, 0], [0, 4, 1, 3]),
]
# what is numbered anew
IDS = {"OBSERVATION_ID", "SCAN_NUMBER", "STATE_ID"}


@pytest.fixture(scope="module")
def night(tmp_path_factory) -> tuple[Path, list[Path]]:
    """A track of three spws of four channels, and its three executions."""
    folder = tmp_path_factory.mktemp("night")
    settings = {"antennas": 5, "scans": 3, "scan_minutes": 0.2, "gap_minutes": 0.5, "channels": 4}
    settings |= {"frequencies_ghz": [213.1, 227.1, 229.1], "broken_integrations": 0}
    simulate_track(folder / "whole.ms", folder / "whole.csv", settings)
    sets = [folder / f"e{n}.ms" for n in range(len(PIECES))]
    cut(folder / "whole.ms", sets, PIECES)
    return folder / "whole.ms", sets


def split_and_joined(sets: list[Path], folder: Path, spw: int) -> Path:
    """A spw of the first set's, of all sets."""
    first = inspect(sets[0], FIELD, SPWS, "data")
    inspections = [first, *(inspect_execution(ms, FIELD, first, "data") for ms in sets[1:])]
    parts = []
    folder.mkdir(exist_ok=True)
    for ms, inspection in zip(sets, inspections, strict=True):
        parts.append(folder / f"part_{ms.name}")
        if inspection.spws[spw].is_missing:
            split_nothing(ms, parts[-1], without_missing(inspection), "data")
        else:
            split_spw(ms, parts[-1], inspection, inspection.spws[spw].spw, "data")
    join_executions(parts, folder / "joined.ms")
    return folder / "joined.ms"


def rows(ms: Path) -> dict[str, np.ndarray]:
    """All columns, in the order of time and baseline."""
    with casa.table(ms) as table:
        values = {k: table.getcol(k) for k in table.colnames() if table.iscelldefined(k, 0)}
    order = np.lexsort([values[k] for k in ("ANTENNA2", "ANTENNA1", "TIME")])
    return {name: column[..., order] for name, column in values.items()}


@pytest.mark.parametrize("spw", SPWS)
def test_the_joined_split_is_that_of_the_whole(night, tmp_path, spw):
    whole, sets = night
    with casa.session(scratch=tmp_path):
        joined = rows(split_and_joined(sets, tmp_path, spw))
        inspection = inspect(whole, FIELD, SPWS, "data")
        split_spw(whole, tmp_path / "whole.ms", inspection, spw, "data")
        expected = rows(tmp_path / "whole.ms")
        window, of_whole = (
            spectral_windows(tmp_path / f"{name}.ms")[0] for name in ("joined", "whole")
        )
        names = [antenna_keys(ms) for ms in (tmp_path / "joined.ms", whole)]
    times = np.unique(expected["TIME"])
    late = expected["TIME"] >= np.array_split(times, len(PIECES))[-1][0]
    gone = (expected["ANTENNA1"] == LEFT_OUT) | (expected["ANTENNA2"] == LEFT_OUT)
    kept = ~(late & gone)
    assert not kept.all()
    assert joined.keys() == expected.keys()
    for name in joined.keys() - IDS:
        np.testing.assert_array_equal(joined[name], expected[name][..., kept], err_msg=name)
    assert names[0] == names[1]
    assert window.frequency_hz == of_whole.frequency_hz
    # scans of one number are told apart by the execution
    scans = np.unique([joined["OBSERVATION_ID"], joined["SCAN_NUMBER"]], axis=1)
    assert scans.tolist() == [[0, 1, 2], [1, 1, 1]]


def test_a_shift_in_frequency_keeps_uv_in_wavelengths_and_other_channels_stay_apart(
    night, tmp_path
):
    _, sets = night
    parts = [tmp_path / f"{n}.ms" for n in range(3)]
    with casa.session():
        for n, part in enumerate(parts):
            shutil.copytree(sets[0], part)
            with casa.table(part, writable=True) as table:
                table.putcol("TIME", table.getcol("TIME") + 1e4 * n)
        with casa.table(parts[1] / "SPECTRAL_WINDOW", writable=True) as table:
            channels = table.getcell("CHAN_FREQ", 1)
            width = channels[1] - channels[0]
            table.putcell("CHAN_FREQ", 1, channels + 0.05 * width)
        with casa.table(parts[2] / "SPECTRAL_WINDOW", writable=True) as table:
            table.putcell("CHAN_FREQ", 2, table.getcell("CHAN_FREQ", 2) + 0.5 * width)
        join_executions(parts, tmp_path / "joined.ms")
        windows = spectral_windows(tmp_path / "joined.ms")
        before, after = rows(parts[0]), rows(tmp_path / "joined.ms")
    assert len(windows) == 4
    assert windows[3].frequency_hz - windows[2].frequency_hz == pytest.approx(0.5 * width)
    counts = np.bincount(after["DATA_DESC_ID"]) / np.bincount(before["DATA_DESC_ID"])[0]
    assert counts.tolist() == [3, 3, 2, 1]
    second = (after["OBSERVATION_ID"] == 1) & (after["DATA_DESC_ID"] == 1)
    ratio = after["UVW"][:, second] / before["UVW"][:, before["DATA_DESC_ID"] == 1]
    np.testing.assert_allclose(ratio, 1 + 0.05 * width / channels.mean(), rtol=1e-12)
    others = (after["OBSERVATION_ID"] == 1) & (after["DATA_DESC_ID"] != 1)
    np.testing.assert_array_equal(
        after["UVW"][:, others], before["UVW"][:, before["DATA_DESC_ID"] != 1]
    )


def test_an_interval_that_is_written_too_long_does_not_part_a_night(night, tmp_path):
    """Of one execution; the run, `check` and `init` all tell its integrations by their spacing."""
    first, second = night[1][0], Path(shutil.copytree(night[1][1], tmp_path / "second.ms"))
    with casa.session():
        with casa.table(second) as table:
            true = float(table.getcol("INTERVAL")[0])
        set_columns(second, INTERVAL=2 * true)
        inspections = [inspect(first, FIELD, SPWS, "data")]
        inspections.append(inspect_execution(str(second), FIELD, inspections[0], "data"))
        intervals = [intervals_of(inspections[0], inspection) for inspection in inspections]
        split_spw(second, tmp_path / "part.ms", inspections[1], 1, "data")
        part = interval_of(tmp_path / "part.ms")
        (found,) = group_nights([survey(str(ms), FIELD) for ms in (first, second)])
    check_intervals(["first", "second"], intervals)
    assert [*intervals[1].values(), part] == pytest.approx([true] * 4, abs=1e-5)
    assert len(found.surveys) == 2


def test_an_observation_without_cross_correlations_of_a_spw_is_none_of_it(night, tmp_path):
    """Which would shift the OBSERVATION_ID of gains: of other spws, and of autocorrelations."""
    ms = Path(shutil.copytree(night[1][0], tmp_path / "a.ms"))
    with casa.session():
        with casa.table(ms) as table:
            description, antenna = table.getcol("DATA_DESC_ID"), table.getcol("ANTENNA1")
            second = table.getcol("ANTENNA2")
            late = table.getcol("TIME") > np.mean(np.unique(table.getcol("TIME")))
        alone = (antenna == 0) & (second == 1)
        observation = np.where(alone, 1, np.where(late, 5, 2))
        observation[description == 1] = 3
        set_columns(ms, ANTENNA2=np.where(alone, 0, second), OBSERVATION_ID=observation)
        assert [observations(ms, 0, spw).tolist() for spw in SPWS] == [[2, 5], [3], [2, 5]]


def without_cross_hands(ms: Path, output: Path) -> Path:
    # spws are named, as without that CASA's split mixes them where DATA_DESC_IDs are in other order
    casa.tasks().split(
        vis=str(ms), outputvis=str(output), datacolumn="data", correlation="XX,YY", spw="0~2"
    )
    return output


@pytest.mark.parametrize("number", [0, 1])
def test_cross_hands_that_an_execution_has_not_are_flagged_for_its_times(night, tmp_path, number):
    """The first, which numbers spws and antennas, or the second, whose rows are turned round."""
    sets = list(night[1])
    with casa.session():
        expected = rows(split_and_joined(sets, tmp_path / "all", 1))
        sets[number] = without_cross_hands(sets[number], tmp_path / "parallel.ms")
        joined = split_and_joined(sets, tmp_path / "some", 1)
        (window,) = spectral_windows(joined).values()
        found = rows(joined)
    assert window.correlations == ("XX", "XY", "YX", "YY")
    of_set = found["OBSERVATION_ID"] == number
    assert 0 < of_set.sum() < len(of_set)
    for name in ("DATA", "FLAG", "WEIGHT", "SIGMA", "UVW", "TIME", "ANTENNA1", "ANTENNA2"):
        known = np.ones(expected[name].shape, bool)
        if name in ("DATA", "FLAG", "WEIGHT", "SIGMA"):
            known[1:3, ..., of_set] = False
        np.testing.assert_allclose(found[name][known], expected[name][known], rtol=1e-6)
        if name in ("DATA", "FLAG"):
            assert np.all(found[name][~known] == (name == "FLAG"))
        elif not known.all():
            assert np.all(found[name][~known] > 0)


@pytest.mark.parametrize("spw", [0, 1])
def test_a_spw_that_an_execution_has_not_is_missing_for_its_times(night, tmp_path, spw):
    """Antennas and observations are those of all executions in every spw."""
    sets = list(night[1])
    with casa.session():
        whole = split_and_joined(sets, tmp_path / "all", spw)
        expected = rows(whole)
        # spw 1 is its 2
        casa.tasks().split(
            vis=str(sets[1]), outputvis=str(tmp_path / "e1.ms"), datacolumn="data", spw="0~1"
        )
        sets[1] = tmp_path / "e1.ms"
        joined = split_and_joined(sets, tmp_path / "some", spw)
        found = rows(joined)
        (window,) = spectral_windows(joined).values()
        assert window == next(iter(spectral_windows(whole).values()))
        assert antenna_keys(joined) == antenna_keys(whole)
        first = inspect(sets[0], FIELD, SPWS, "data")
        other = inspect_execution(str(sets[1]), FIELD, first, "data")
    kept = (spw != 1) | (expected["OBSERVATION_ID"] != 1)
    assert kept.all() == (spw == 0)
    for name in found.keys() - {"STATE_ID"}:
        np.testing.assert_array_equal(found[name], expected[name][..., kept], err_msg=name)
    assert what_is_missing(together([first, other]), other) == [
        "it lacks spw 1 (227.100 GHz), which is missing at its times"
    ]


def test_weights_of_channels_that_a_part_has_not_are_its_weights(night, tmp_path):
    _, sets = night
    parts = [shutil.copytree(sets[0], tmp_path / f"{n}.ms") for n in range(2)]
    with casa.session():
        with casa.table(parts[1], writable=True) as table:
            table.putcol("TIME", table.getcol("TIME") + 1e4)
            description = {
                "WEIGHT_SPECTRUM": {
                    "valueType": "float",
                    "ndim": 2,
                    "dataManagerType": "StandardStMan",
                    "dataManagerGroup": "weights",
                    "comment": "",
                    "maxlen": 0,
                    "option": 0,
                    "keywords": {},
                }
            }
            table.addcols(description)
            n = table.nrows()
            table.putcol("WEIGHT_SPECTRUM", np.full((4, 4, n), 7, np.float32))
        join_executions(parts, tmp_path / "joined.ms")
        joined = rows(tmp_path / "joined.ms")
    first = joined["OBSERVATION_ID"] == 0
    assert np.all(joined["WEIGHT_SPECTRUM"][..., ~first] == 7)
    np.testing.assert_array_equal(
        joined["WEIGHT_SPECTRUM"][..., first],
        np.repeat(joined["WEIGHT"][:, None][..., first], 4, axis=1),
    )


def test_the_check_knows_the_night_and_names_what_does_not_fit(night, tmp_path):
    _, sets = night

    def found(paths: list[Path], **keys) -> list:
        config = tmp_path / "config.yaml"
        listed = ", ".join(f'"{path}"' for path in paths)
        text = f"spws: [0, 1, 2]\ntracks: {{n: {{ms: [{listed}]}}}}\n"
        config.write_text(text + "".join(f"{k}: {v}\n" for k, v in keys.items()))
        return list(preflight(config, lambda _: None))

    good = found(sets)
    assert not [finding for finding in good if finding.level == ERROR]
    assert any("spw 0 is its 1, 1 is its 2, 2 is its 0" in finding.text for finding in good)
    with casa.session():
        casa.tasks().split(
            vis=str(sets[1]),
            outputvis=str(tmp_path / "some.ms"),
            datacolumn="data",
            correlation="XX,YY",
            spw="0~1",
        )
    some = found([sets[0], tmp_path / "some.ms"])
    assert not [finding for finding in some if finding.level == ERROR]
    told = [f.text for f in some if f.level == NOTE]
    assert any("lacks spw 1 (227.100 GHz)" in text for text in told)
    assert any("some.ms: its spw 0, 1 has no XY and YX" in text for text in told)
    copy = shutil.copytree(sets[1], tmp_path / "copy.ms")
    (error,) = [f.text for f in found([*sets, copy]) if f.level == ERROR]
    assert "overlap in time" in error
    with casa.session(), casa.table(copy / "FIELD", writable=True) as table:
        table.putcell("NAME", 0, "sgr a*")
    renamed = found([sets[0], copy])
    assert not [finding for finding in renamed if finding.level == ERROR]
    assert any("field 'sgr a*'" in finding.text for finding in renamed)
    with casa.session(), casa.table(copy / "FIELD", writable=True) as table:
        table.putcol("PHASE_DIR", table.getcol("PHASE_DIR") + np.radians(1 / 3600))
    (error,) = [f.text for f in found([sets[0], copy]) if f.level == ERROR]
    assert "has no data of field 'Sgr A*', only of 'sgr a*': none is at its phase centre" in error
