"""Scripts that say of tracks together what none of their inspections says alone."""

import importlib.util
import logging
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from minispiral.errors import MinispiralError
from minispiral.io.tables import read_table
from minispiral.jobs.log import OUTCOME
from minispiral.ms.inspection import write_inspection
from tests.helpers import reported
from tests.helpers.places import ROOT


def script(name: str):
    """A script of the workflow, as a module; Snakemake alone runs it."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"workflow/scripts/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compare_tracks(folder: Path, dishes: dict[str, tuple], cleaned: list[str], apart=True):
    """Compare tracks of these dishes, each with an IM1 of its own or all with one."""
    paths = []
    for track, dishes_m in dishes.items():
        paths.append(folder / f"{track}.json")
        write_inspection(paths[-1], replace(reported.inspection(), dishes_m=dishes_m))
    keys = {"cell": 0.5, "pixels_per_fringe": 18, "max_uv_wavelengths": "auto"}
    params = SimpleNamespace(
        flag_channels={track: {} for track in dishes},
        sharing_im1=[{t: keys} for t in dishes] if apart else [dict.fromkeys(dishes, keys)],
        cleaned=cleaned,
    )
    output = [folder / "inputs.ecsv"]
    script("compare_tracks").main(SimpleNamespace(params=params, input=paths, output=output))
    return read_table(output[0])


def test_dishes_without_one_primary_beam_are_told_where_clean_makes_im1(tmp_path, caplog):
    caplog.set_level(logging.INFO, OUTCOME)
    dishes = {"a": (7.0, 12.0), "b": (7.0, 12.0), "c": (12.0,), "d": (7.0, 12.0)}
    assert set(compare_tracks(tmp_path, dishes, ["a", "b", "c"])["track"]) == set("abcd")
    (line,) = caplog.messages
    assert line.startswith("tracks a, b: dishes of 7 to 12 m see the sky through different")


def test_an_average_over_tracks_of_different_dishes_is_refused(tmp_path):
    dishes = {"a": (7.0,), "b": (12.0,)}
    with pytest.raises(MinispiralError, match=r"7 to 12 m.*set model\.scope: track"):
        compare_tracks(tmp_path, dishes, ["a", "b"], apart=False)
    compare_tracks(tmp_path, dishes, ["a", "b"])
