"""Which files jobs read that find the sky from the visibilities: the expected paths."""

from minispiral.jobs.params import JobParams
from tests.helpers.job_files import FOLDER, files_of, job

JOINT = {"method": "joint", "turns": 3}


def test_the_sky_of_a_turn_is_made_from_the_tracks_that_share_it():
    files = files_of(model=JOINT)
    assert files.im1(job(track="a", iteration=0)) == "<campaign>/sky/iteration0/turn3.fits"
    assert files.sky.grid(job(track="b")) == "<campaign>/sky/grid.json"
    sums = files.sky.of_turn("sky_sums.npz")
    assert sums(job(iteration=0, turn=2)) == [
        f"<campaign>/{t}/iteration0/turn2/sky_sums.npz" for t in "ab"
    ]
    assert sums(job(track="b", iteration=0, turn=2)) == [
        "<campaign>/b/iteration0/turn2/sky_sums.npz"
    ]
    assert files.sky.of_turn("fluxes.npz", back=1)(job(iteration=0, turn=1)) == []


def test_each_turn_starts_from_the_one_before_and_an_iteration_from_the_last():
    files = files_of(model=JOINT, iterations=1)
    assert files.sky.before(job(iteration=0, turn=1)) == []
    assert files.sky.before(job(iteration=0, turn=2)) == ["<campaign>/sky/iteration0/turn1.fits"]
    assert files.sky.before_track(job(track="b", iteration=1, turn=1)) == [
        "<campaign>/sky/iteration0/turn3.fits"
    ]


def test_convergence_reads_the_turns_where_there_are_any():
    assert files_of(model=JOINT).sky.table_of_turns(job()) == ["<campaign>/turns.ecsv"]
    assert files_of(model={"method": "clean"}).sky.table_of_turns(job()) == []


def test_a_track_with_a_sky_of_its_own_has_no_part_in_the_campaigns():
    own = {"ms": "a.ms", "model": {"scope": "track", "turns": 5}}
    files = files_of(tracks={"a": own, "b": {"ms": "b.ms"}}, model=JOINT)
    assert files.im1(job(track="a", iteration=0)) == "<campaign>/a/sky/iteration0/turn5.fits"
    assert files.im1(job(track="b", iteration=0)) == "<campaign>/sky/iteration0/turn3.fits"
    assert files.sky.of_joint_tracks("core.json")(job()) == [f"{FOLDER}/b/core.json"]
    assert files.sky.of_turn("fluxes.npz")(job(iteration=0, turn=1)) == [
        "<campaign>/b/iteration0/turn1/fluxes.npz"
    ]
    assert files.sky.before(job(iteration=0, turn=2)) == ["<campaign>/sky/iteration0/turn1.fits"]


def test_the_table_of_turns_reads_each_turn_of_each_sky_with_its_tracks():
    tracks = {
        "a": {"ms": "a.ms"},
        "b": {"ms": "b.ms"},
        "c": {"ms": "c.ms", "model": {"scope": "track", "turns": 1}},
        "d": {"ms": "d.ms", "model": {"method": "clean"}},
    }
    files = files_of(tracks=tracks, iterations=1, model={"method": "joint", "turns": 2})
    assert files.sky.of_all_turns(job()) == [
        *(f"<campaign>/sky/iteration{n}/turn{k}.fits" for n in (0, 1) for k in (1, 2)),
        *(f"<campaign>/c/sky/iteration{n}/turn1.fits" for n in (0, 1)),
    ]
    assert files.sky.fluxes_of_all_turns(job()) == [
        *(
            f"<campaign>/{track}/iteration{n}/turn{k}/fluxes.npz"
            for n in (0, 1)
            for k in (1, 2)
            for track in "ab"
        ),
        *(f"<campaign>/c/iteration{n}/turn1/fluxes.npz" for n in (0, 1)),
    ]
    assert [(sky["track"], list(sky["spws"])) for sky in JobParams(files.campaign).skies] == [
        ("", ["a", "b"]),
        ("c", ["c"]),
    ]
