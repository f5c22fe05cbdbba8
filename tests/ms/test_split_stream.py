"""The split by a stream has what CASA's split has, column by column, whatever the data are like."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.ms.casa_split import average_by_casa
from minispiral.ms.inspection import inspect
from minispiral.ms.split import needs_casa, split_spw
from minispiral.ms.split_stream import NotInOrderError, Wanted, stream_spws
from minispiral.simulation.track import simulate_track
from tests.helpers.tracks import add_autocorrelations, checksums, in_parts, joined, set_columns

pytestmark = pytest.mark.slow

CHANNELS = 8
# CASA sums in single precision: some steps of it, of the largest of what is summed
ROUNDING = 1e-6
SPECTRA = ("WEIGHT_SPECTRUM", "SIGMA_SPECTRUM")


def read(ms: Path, condition: str = "") -> dict[str, np.ndarray]:
    with casa.table(ms) as main, casa.selected(main, condition or "True") as table:
        return {
            name: table.getcol(name) for name in table.colnames() if table.iscelldefined(name, 0)
        }


def sorted_by_time(ms: Path, output: Path) -> Path:
    """Copy a set so that its spws alternate, as they do in data that come from the correlator."""
    with casa.session(), casa.table(ms) as table:
        order = np.lexsort([table.getcol(k) for k in ("ANTENNA1", "DATA_DESC_ID", "TIME")])
        chosen = table.selectrows(order.tolist())
        chosen.copy(str(output), deep=True, valuecopy=True).close()
        chosen.close()
        for subtable in filter(Path.is_dir, ms.iterdir()):
            shutil.rmtree(output / subtable.name, ignore_errors=True)
            shutil.copytree(subtable, output / subtable.name)
    return output


@pytest.fixture(scope="module")
def track(tmp_path_factory) -> Path:
    """Two spws of four correlations, one of two with other channels; autocorrelations; flags."""
    folder = tmp_path_factory.mktemp("stream")
    common = {"antennas": 5, "scans": 2, "scan_minutes": 0.3, "broken_integrations": 0}
    for name, settings in {
        "full": {"channels": CHANNELS, "frequencies_ghz": [213.1, 227.1]},
        "dual": {"channels": 3, "frequencies_ghz": [229.1], "correlations": "XX YY"},
    }.items():
        simulate_track(folder / f"{name}.ms", folder / f"{name}.csv", common | settings)
    for name in ("full", "dual"):
        add_autocorrelations(folder / f"{name}.ms")
    whole = joined([folder / "full.ms", folder / "dual.ms"], folder / "whole.ms")
    ms = sorted_by_time(whole, folder / "a.ms")
    rng = np.random.default_rng(1)
    with casa.session(), casa.table(ms, writable=True) as table:
        for spw in range(3):
            with casa.selected(table, f"DATA_DESC_ID == {spw}") as rows:
                shape = rows.getcol("DATA").shape
                flag = rng.random(shape) < 0.2
                flag[:, :, rng.random(shape[2]) < 0.1] = True  # whole rows
                flag[1, :, rng.random(shape[2]) < 0.1] = True  # a hand
                noise = rng.standard_normal((2, *shape))
                rows.putcol("FLAG", flag)
                rows.putcol("DATA", rows.getcol("DATA") + noise[0] + 1j * noise[1])
                for name in ("WEIGHT", "SIGMA"):
                    rows.putcol(name, rng.uniform(0.5, 2, (shape[0], shape[2])))
        table.putcol("FLAG_ROW", rng.random(table.nrows()) < 0.1)
    return ms


def with_columns(track: Path, output: Path, *names: str) -> Path:
    """Copy a set, with further columns beside DATA, of random values."""
    shutil.copytree(track, output)
    rng = np.random.default_rng(2)
    with casa.session(), casa.table(output, writable=True) as table:
        for name in names:
            description = table.getcoldesc("DATA")
            description["dataManagerGroup"] = name
            if name in SPECTRA:
                description["valueType"] = "float"
            tiles = {"DEFAULTTILESHAPE": np.array([4, CHANNELS, 64])}
            manager = {"NAME": name, "TYPE": "TiledShapeStMan", "SPEC": tiles, "COLUMNS": [name]}
            table.addcols({name: description}, {"*1": manager})
            for spw in range(3):
                with casa.selected(table, f"DATA_DESC_ID == {spw}") as rows:
                    values = rng.uniform(0.5, 2, rows.getcol("DATA").shape)
                    factor = 1 if name in SPECTRA else np.exp(1j) * rows.getcol("DATA")
                    rows.putcol(name, values * factor)
    return output


@dataclass(frozen=True)
class Case:
    """A kind of data, and how they are split."""

    columns: tuple[str, ...] = ()
    data_column: str = "data"
    flag_channels: dict[int, str] = field(default_factory=dict)
    spws: tuple[int, ...] = (0, 1, 2)
    parts: bool = False


CASES = {
    "DATA": Case(),
    "channels left out": Case(flag_channels={0: "1~2;5", 2: "0"}),
    "a part of the spws": Case(spws=(1,)),
    "WEIGHT_SPECTRUM": Case(SPECTRA[:1]),
    "SIGMA_SPECTRUM": Case(SPECTRA, flag_channels={1: "7"}),
    "CORRECTED_DATA": Case(("CORRECTED_DATA",), "corrected"),
    "CORRECTED_DATA, WEIGHT_SPECTRUM": Case(("CORRECTED_DATA", SPECTRA[0]), "corrected"),
    "a MultiMS": Case(parts=True),
}


@pytest.fixture(params=CASES.values(), ids=CASES)
def case(request) -> Case:
    return request.param


def test_each_column_is_that_of_casas_split(track, tmp_path, case):
    ms = with_columns(track, tmp_path / "in.ms", *case.columns) if case.columns else track
    if case.parts:
        ms = in_parts(track, tmp_path / "parts.ms")
    before = checksums(ms)
    with casa.session(scratch=tmp_path):
        inspection = inspect(ms, "Sgr A*", case.spws, case.data_column)
        flagged = {
            spw: np.isin(np.arange(CHANNELS if spw < 2 else 3), left_out)
            for spw, left_out in ((0, [1, 2, 5]), (2, [0]), (1, [7]))
            if spw in case.flag_channels
        }
        wanted = [
            Wanted(window.spw, tmp_path / f"{window.spw}.ms", 1.0, flagged.get(window.spw))
            for window in inspection.spws
        ]
        stream_spws(ms, inspection.field_id, wanted, case.data_column, block=100)
        assert checksums(ms) == before
        for one in wanted:
            judge = tmp_path / f"casa{one.spw}.ms"
            ranges = case.flag_channels.get(one.spw)
            average_by_casa(ms, judge, inspection, one.spw, case.data_column, ranges)
            compare(one.output, judge, "WEIGHT_SPECTRUM" in case.columns)


def compare(ours: Path, casas: Path, has_spectrum: bool) -> None:
    """Compare two sets by their rows in order, their columns, their storage and their subtables."""
    found, expected = read(ours), read(casas)
    assert set(found) == set(expected)
    assert ("WEIGHT_SPECTRUM" in found) == has_spectrum
    assert len(expected["TIME"]) > 20
    keys = ("ANTENNA2", "ANTENNA1", "TIME")
    order, theirs = (np.lexsort([columns[k] for k in keys]) for columns in (found, expected))
    for name, values in expected.items():
        if name in ("DATA", "WEIGHT", "SIGMA", *SPECTRA):
            np.testing.assert_allclose(
                found[name][..., order],
                values[..., theirs],
                rtol=ROUNDING,
                atol=ROUNDING * np.abs(values).max(),
                err_msg=name,
            )
        else:
            np.testing.assert_array_equal(
                found[name][..., order], values[..., theirs], err_msg=name
            )
    for one, other in zip(managers(ours), managers(casas), strict=True):
        assert one == other
    subtables = {path.name for path in casas.iterdir() if path.is_dir()}
    assert {path.name for path in ours.iterdir() if path.is_dir()} == subtables
    for name in subtables - {"HISTORY"}:  # where each says how it came about
        one, other = read_subtable(ours / name), read_subtable(casas / name)
        assert one == other, name


def managers(ms: Path) -> list[tuple]:
    """What stores which columns; arrays of fixed shapes are tiled as others are."""
    with casa.table(ms) as table:
        assert table.getkeyword("MS_VERSION") == 2.0
        assert table.info()["type"] == "Measurement Set"
        return sorted(
            (
                manager["NAME"],
                manager["TYPE"].replace("TiledColumnStMan", "TiledShapeStMan"),
                *sorted(manager["COLUMNS"]),
            )
            for manager in table.getdminfo().values()
        )


def read_subtable(path: Path) -> dict[str, list]:
    with casa.table(path) as table:
        rows = range(table.nrows())
        return {
            name: [
                np.asarray(table.getcell(name, k)).tolist()
                for k in rows
                if table.iscelldefined(name, k)
            ]
            for name in table.colnames()
        }


def test_casas_tasks_take_it_for_a_measurement_set(track, tmp_path):
    with casa.session(scratch=tmp_path):
        inspection = inspect(track, "Sgr A*", [1], "data")
        split_spw(track, tmp_path / "split.ms", inspection, 1, "data")
        casa.check_measurement_set(tmp_path / "split.ms")
        table = str(tmp_path / "split.gains")
        casa.tasks().gaincal(vis=str(tmp_path / "split.ms"), caltable=table, minsnr=0, solint="inf")
        assert read(Path(table))["CPARAM"].shape[2]
        with casa.table(tmp_path / "split.ms" / "HISTORY") as history:
            assert "averaged over 8 channels" in history.getcol("MESSAGE")[-1]


# what is left to CASA's split


def is_split_by_casa(ms: Path, folder: Path, spw: int) -> bool:
    """Split a spw, compare it with CASA's, and return whether CASA had to be asked."""
    with casa.session(scratch=folder):
        inspection = inspect(ms, "Sgr A*", [spw], "data")
        split_spw(ms, folder / "split.ms", inspection, spw, "data")
        average_by_casa(ms, folder / "judge.ms", inspection, spw, "data")
        found, expected = read(folder / "split.ms"), read(folder / "judge.ms")
        np.testing.assert_allclose(found["WEIGHT"], expected["WEIGHT"], rtol=ROUNDING)
        with casa.table(folder / "split.ms" / "HISTORY") as history:
            return "minispiral" not in " ".join(history.getcol("MESSAGE"))


def test_rows_in_another_order_than_time_are_sorted_by_casa(track, tmp_path):
    ms = Path(shutil.copytree(track, tmp_path / "in.ms"))
    with casa.session(scratch=tmp_path):
        with casa.table(ms) as table:
            time = table.getcol("TIME")
        first, second = np.unique(time)[:2]
        swapped = np.where(time == first, second, np.where(time == second, first, time))
        set_columns(ms, TIME=swapped)
        inspection = inspect(ms, "Sgr A*", [0], "data")
        wanted = [Wanted(0, tmp_path / "0.ms", inspection.spws[0].interval_s)]
        with pytest.raises(NotInOrderError):
            stream_spws(ms, inspection.field_id, wanted, "data")
    assert is_split_by_casa(ms, tmp_path, 0)
    with casa.session():
        assert (np.diff(read(tmp_path / "split.ms")["TIME"]) >= 0).all()


def test_what_has_a_spectrum_of_sigmas_alone_is_left_to_casa(track, tmp_path):
    ms = with_columns(track, tmp_path / "in.ms", "SIGMA_SPECTRUM")
    assert is_split_by_casa(ms, tmp_path, 1)


def test_channels_of_several_widths_are_left_to_casa(track, tmp_path):
    ms = Path(shutil.copytree(track, tmp_path / "in.ms"))
    with casa.session(), casa.table(ms / "SPECTRAL_WINDOW", writable=True) as table:
        widths = table.getcell("CHAN_WIDTH", 0)
        widths[-1] *= 2
        table.putcell("CHAN_WIDTH", 0, widths)
    with casa.session():
        inspection = inspect(ms, "Sgr A*", [0, 1], "data")
        assert needs_casa(ms, inspection, 0, "data") == "its channels are not of one width"
        assert needs_casa(ms, inspection, 1, "data") is None
    assert is_split_by_casa(ms, tmp_path, 0)


def test_all_else_is_not(track, tmp_path):
    assert not is_split_by_casa(track, tmp_path, 2)
