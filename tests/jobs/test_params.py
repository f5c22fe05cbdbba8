"""What jobs are told: the keys of known configurations, and the states of inputs."""

import pytest
from snakemake.iocontainers import Wildcards

from minispiral.config import resolve
from minispiral.jobs import versions
from minispiral.jobs.params import JobParams
from tests.helpers.tracks import make_ms


def job(**wildcards) -> Wildcards:
    return Wildcards(fromdict={name: str(value) for name, value in wildcards.items()})


def params_of(**changes) -> JobParams:
    tracks = {
        "a": {"ms": "a.ms", "split": {"flag_channels": {"1": "3~5"}}, "field": "SgrA_star"},
        "b": {"simulate": {"scans": 2, "antennas": 9}, "spws": [0, 2]},
    }
    return JobParams(resolve({"spws": [0, 1, 2], "tracks": tracks, **changes}))


def test_a_tracks_own_keys_go_before_the_campaigns():
    params = params_of(image={"niter": 7})
    params.campaign.resolved["tracks"]["b"]["image"] = {"niter": 5}
    settings = params.settings("image")
    assert (settings(job(track="a"))["niter"], settings(job(track="b"))["niter"]) == (7, 5)


def test_the_order_of_a_simulations_keys_does_not_count():
    assert list(params_of().simulation(job(track="b")).items()) == [("antennas", 9), ("scans", 2)]


def test_the_state_of_an_execution_is_its_own(tmp_path):
    sets = [make_ms(tmp_path / f"{name}.ms", {"table.f0": 3}) for name in "xy"]
    params = params_of(tracks={"n": {"ms": list(map(str, sets))}})
    states = [params.state_of_execution(job(track="n", execution=n)) for n in (1, 2)]
    (sets[1] / "table.f0").write_bytes(b"four")
    assert params.state_of_execution(job(track="n", execution=1)) == states[0]
    assert params.state_of_execution(job(track="n", execution=2)) != states[1]
    assert params.measurement_sets(job(track="n")) == list(map(str, sets))


def test_tracks_that_share_im1_are_told_with_what_their_cells_follow_from():
    params = params_of(image={"cell": 0.1})
    params.campaign.resolved["tracks"]["b"]["image"] = {"cell": 0.2}
    (shared,) = params.sharing_im1
    assert {track: keys["cell"] for track, keys in shared.items()} == {"a": 0.1, "b": 0.2}
    assert "niter" not in shared["a"]
    assert params_of(model={"scope": "track"}).sharing_im1 == []


def test_inspections_are_told_field_spws_and_column():
    params = params_of(field="Sgr A*", split={"data_column": "corrected"})
    assert [params.field(job(track=track)) for track in "ab"] == ["SgrA_star", "Sgr A*"]
    assert [params.spws(job(track=track)) for track in "ab"] == [[0, 1, 2], [0, 2]]
    assert params.data_column(job(track="b")) == "corrected"


def test_the_state_changes_with_the_data_and_a_simulation_has_none(tmp_path):
    table = tmp_path / "a.ms" / "table.f1"
    table.parent.mkdir()
    table.write_bytes(b"x")
    params = params_of(tracks={"a": {"ms": str(table.parent)}, "b": {"simulate": {}}})
    before = params.state(job(track="a"))
    table.write_bytes(b"xx")
    assert params.state(job(track="a")) != before
    assert params.state(job(track="b")) == "simulated"


def test_flagged_channels_are_of_a_spw_and_for_comparison_of_all():
    params = params_of()
    assert params.flagged_channels(job(track="a", spw=1)) == "3~5"
    assert params.flagged_channels(job(track="a", spw=0)) is None
    assert params.all_flagged_channels(job()) == {"a": {"1": "3~5"}, "b": {}}


def test_models_are_counted_by_track():
    params = params_of()
    assert params.models_a_track(job(iteration=0)) == [1, 1]
    assert params.models_a_track(job(iteration=1)) == [3, 2]
    assert params.models_a_track(job(track="b", iteration=1)) == [2]


def test_the_cores_keys_are_those_of_its_track():
    params = params_of(model={"core": "surroundings", "core_offset": [0.1, -0.2]})
    assert params.core_fill(job(track="a")) == "surroundings"
    assert params.core_offset(job(track="a")) == [0.1, -0.2]


def test_limits_say_for_each_track_of_the_reference_what_is_good():
    params = params_of(scale={"flux_range": [1, 6]}, flag={"chi2": 5, "table": "f.csv"})
    of_spw, of_track = params.limits(job(spw=1, iteration=0)), params.limits(job(track="b"))
    assert [limits["track"] for limits in of_spw] == ["a"]
    assert [limits["track"] for limits in params.limits(job(spw=2, iteration=0))] == ["a", "b"]
    (limits,) = of_track
    assert limits["flux_range"] == [1, 6]
    assert limits["flagger"]["chi2"] == 5
    assert (limits["table"], limits["version"]) == ("f.csv", versions.FLAG)


def test_spws_are_corrected_or_compared_with():
    params = params_of(scale={"correct_spws": [1]})
    assert params.corrected_spws(job(track="a")) == [1]
    assert params.plain_spws(job(track="a")) == params.plain_spws(job(track="b")) == [0, 2]


def test_only_known_fluxes_are_compared_with():
    assert params_of().tracks_with_truth == ["b"]


@pytest.mark.parametrize(("model", "applied"), [("full", True), ("extended", False)])
def test_rounds_are_told_how_and_against_what(model, applied):
    rounds = [{"solint": "60s", "calmode": "p"}]
    selfcal = {"model": model, "rounds": rounds}
    params = params_of(iterations=2, selfcal=selfcal, model={"method": "clean"})
    place = job(track="a", iteration=2, spw=0)
    assert list(params.selfcal_round(place)) == ["calmode", "solint"]
    assert params.selfcal_model(place) == model
    assert params.fit_before_is_selfcalibrated(place) is applied
    assert not params.fit_before_is_selfcalibrated(job(track="a", iteration=1))


def test_gains_are_by_integration_where_amplitudes_were_solved_for():
    rounds = [{"calmode": "p"}, {"calmode": "ap"}]
    params = params_of(iterations=2, selfcal={"model": "full", "rounds": rounds})
    assert params.reason_for_own_gains(job(track="a", iteration=1)) == ""
    assert "amplitudes" in params.reason_for_own_gains(job(track="a", iteration=2))


def test_targets_are_told_the_keys_that_their_rule_names_and_no_others():
    target = {"ms": "t.ms", "field": "X", "rounds": [{"solint": "inf", "calmode": "p"}]}
    target["lines"] = {"co": {"ms": "none.ms"}, "h2": {"ms": "none.ms", "data_column": "corrected"}}
    params = JobParams(resolve({"selfcal_targets": {"t": target}}))
    place = job(target="t", round=1, line="co")
    assert params.target_settings("field")(place) == {"field": "X"}
    assert list(params.target_round(place)) == ["calmode", "solint"]
    assert params.line(place) == {"field": "X", "data_column": "data", "state": "missing"}
    assert params.line(job(target="t", line="h2"))["data_column"] == "corrected"
    assert params.target_state(place) == "missing"


@pytest.mark.parametrize(
    ("method", "calmode", "iteration", "expected"),
    [
        ("joint", "p", 1, "core"),
        ("joint", "p", 2, "full"),
        ("joint", "ap", 1, "full"),
        ("clean", "p", 1, "full"),
    ],
)
def test_first_phases_are_solved_against_the_core_alone(method, calmode, iteration, expected):
    rounds = {"rounds": [{"calmode": calmode}]}
    params = params_of(iterations=2, selfcal=rounds, model={"method": method})
    assert params.solved_against(job(track="a", iteration=iteration, spw=0)) == expected
