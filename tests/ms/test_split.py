"""Split averages the channels that are wanted, and reads its input only."""

from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.ms.inspection import inspect
from minispiral.ms.rows import open_split
from minispiral.ms.split import split_spw
from tests.helpers.tracks import checksums, in_parts, short_track

pytestmark = pytest.mark.slow

CHANNELS = 8
ABSORBED = [1, 2, 5]


@pytest.fixture(scope="module")
def track(tmp_path_factory) -> Path:
    """Two spws of eight channels; in three of them spw 1 has lost half of its flux."""
    ms = short_track(tmp_path_factory.mktemp("split"), CHANNELS)
    with casa.session(), casa.table(ms, writable=True) as table:
        data = table.getcol("DATA")
        spw = table.getcol("DATA_DESC_ID")
        for channel in ABSORBED:
            data[:, channel, spw == 1] *= 0.5
        table.putcol("DATA", data)
    return ms


def averaged(track: Path, output: Path, spw: int, flag_channels: str | None) -> np.ndarray:
    with casa.session(scratch=output.parent):
        inspection = inspect(track, "Sgr A*", [0, 1], "data")
        split_spw(track, output, inspection, spw, "data", flag_channels)
        with open_split(output) as split:
            return np.concatenate([rows.data for rows in split.blocks()], axis=1)


def channels(track: Path, spw: int) -> np.ndarray:
    with casa.session(), casa.table(track) as table:
        return table.getcol("DATA")[:, :, table.getcol("DATA_DESC_ID") == spw]


@pytest.mark.parametrize(
    ("spw", "ranges", "left_out"),
    [(0, None, []), (1, None, []), (1, "1~2;5", ABSORBED), (0, "7", [7])],
)
def test_the_average_is_over_the_other_channels(track, tmp_path, spw, ranges, left_out):
    before = checksums(track)
    result = averaged(track, tmp_path / "split.ms", spw, ranges)
    expected = np.delete(channels(track, spw), left_out, axis=1).mean(axis=1)
    np.testing.assert_allclose(result, expected, rtol=1e-5)
    assert checksums(track) == before
    assert [path.name for path in tmp_path.iterdir()] == ["split.ms"]


def test_of_a_multims_one_measurement_set_is_made(track, tmp_path):
    whole, of_parts = (tmp_path / f"{name}.split.ms" for name in ("whole", "parts"))
    parts = in_parts(track, tmp_path / "parts.ms")
    expected = averaged(track, whole, 1, None)
    np.testing.assert_array_equal(averaged(parts, of_parts, 1, None), expected)
    assert (parts / "SUBMSS").is_dir()
    assert not (of_parts / "SUBMSS").exists()
