"""Rules for tracks of different spws: their names, tracks and groups."""

import re
from types import SimpleNamespace

import pytest
from snakemake.iocontainers import Wildcards

from minispiral.config import resolve
from minispiral.jobs.spw_lists import SpwList, spw_lists


def lists_of(*spws: list[int]) -> list[SpwList]:
    """Lists of tracks t0, t1 and so on, which have these spws."""
    tracks = {f"t{n}": {"ms": f"{n}.ms", "spws": track_spws} for n, track_spws in enumerate(spws)}
    return spw_lists(resolve({"tracks": tracks}))


def test_tracks_of_the_same_spws_share_the_stages_own_rule():
    (alike,) = lists_of([0, 1], [0, 1])
    assert alike.rule("scale_light_curves") == "scale_light_curves"
    assert alike.spws == (0, 1)
    assert re.fullmatch(alike.track_pattern, "t1")
    assert not re.fullmatch(alike.track_pattern, "t11")


@pytest.mark.parametrize(
    ("spws", "ending"),
    [
        ([0, 2], "0_2"),
        ([0, 1], "0_1"),
        ([2, 0], "2_0"),
        ([7], "7"),
        (list(range(32)), "0to31"),
        ([0, 1, 2, 5, 7, 8, 9], "0to2_5_7to9"),
        ([2, 1, 0], "2_1_0"),
    ],
)
def test_rules_of_other_lists_are_named_after_their_spws(spws, ending):
    _, other = lists_of([3, 4], spws)
    assert other.rule("scale_light_curves") == f"scale_light_curves_of_spws_{ending}"
    assert other.tracks == ("t1",)


def test_every_list_has_names_of_its_own():
    spws = [[0], [1], [0, 1], [1, 0], [0, 1, 2], [0, 2], [0, 1, 2, 3], [0, 1, 3], [12], [1, 2]]
    assert len({alike.ending for alike in lists_of(*spws)}) == len(spws)


def test_jobs_of_other_lists_have_the_group_that_a_profile_gives_the_stage():
    first, other = lists_of([0], [1])
    workflow = SimpleNamespace(group_settings=None)
    assert first.group("scale", workflow) is None  # the profile knows it by its name
    group = other.group("scale", workflow)
    # as Snakemake does once all rules are read
    workflow.group_settings = SimpleNamespace(overwrite_groups={"scale": "tables_{track}"})
    assert group(Wildcards(fromdict={"track": "t1"})) == "tables_t1"
    workflow.group_settings = SimpleNamespace(overwrite_groups={})
    assert group(Wildcards(fromdict={"track": "t1"})) is None
