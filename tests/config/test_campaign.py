"""What a campaign answers: keys of its own and of its tracks, paths, references, gains."""

import pytest

from minispiral import config as configuration
from tests.helpers.configurations import TRACKS


def test_a_target_can_override_any_key_and_stop():
    settings = {"ms": "a.ms", "image": {"imsize": 128}, "stop_after": 1, "gate": {"rms": 2}}
    campaign = configuration.resolve({"selfcal_targets": {"a": settings}})
    target = campaign.target("a")
    assert target["image"] == {**configuration.target_defaults()["image"], "imsize": 128}
    assert target["gate"]["rms"] == 2
    assert target["gate"]["beam"] == 1.1
    assert campaign.target_rounds("a") == 1


def test_paths_lose_what_snakemake_does_not_want():
    campaign = configuration.resolve(
        {"results": "~/out/", "tracks": {"a": {"ms": "./x.ms/"}}, "image": {"mask": "./m.crtf"}}
    )
    assert campaign.measurement_sets("a") == ["x.ms"]
    assert "~" not in campaign.folder
    assert configuration.mask_path(campaign.settings("image", "a")) == "m.crtf"


def test_a_night_may_be_several_measurement_sets():
    tracks = {
        "a": {"ms": ["./x.ms/", "y.ms"]},
        "b": {"ms": ["z.ms"]},
        "c": {"simulate": {}},
    }
    campaign = configuration.resolve({"tracks": tracks})
    assert campaign.measurement_sets("a") == ["x.ms", "y.ms"]
    assert campaign.measurement_sets("b") == ["z.ms"]
    assert campaign.measurement_sets("c") == []
    assert campaign.nights == ["a"]
    assert campaign.tracks_of_one_set == ["b", "c"]


def test_a_tracks_own_keys_win_and_the_others_are_the_campaigns():
    config = {
        "spws": [0, 2],
        "field": "Sgr A*",
        "scale": {"flux_range": [1, 6], "max_polarized_flux": 0.5},
        "tracks": {
            "a": {"ms": "a.ms"},
            "b": {"ms": "b.ms", "spws": [1], "field": "SgrA", "scale": {"flux_range": [2, 3]}},
        },
    }
    campaign = configuration.resolve(config)
    assert [campaign.spws(track) for track in "ab"] == [[0, 2], [1]]
    assert [campaign.field(track) for track in "ab"] == ["Sgr A*", "SgrA"]
    scales = [campaign.settings("scale", track) for track in "ab"]
    assert [scale["flux_range"] for scale in scales] == [[1, 6], [2, 3]]
    assert [scale["max_polarized_flux"] for scale in scales] == [0.5, 0.5]


def test_settings_are_copies():
    campaign = configuration.resolve({"tracks": TRACKS})
    campaign.settings("scale", "20170407")["flux_range"].append(9)
    campaign.settings("split", "20170406")["flag_channels"]["2"] = "1~2"
    assert campaign.settings("scale", "20170407")["flux_range"] == [1, 5]
    assert campaign.settings("split", "20170406")["flag_channels"] == {}


def test_the_reference_is_taken_over_the_tracks_that_have_the_spw_and_share_it():
    tracks = {
        "a": {"ms": "a.ms"},
        "b": {"ms": "b.ms", "spws": [1]},
        "c": {"ms": "c.ms", "scale": {"reference": "track"}},
    }
    campaign = configuration.resolve({"tracks": tracks, "spws": [0, 1]})
    assert [campaign.reference_tracks(spw) for spw in (0, 1, 2)] == [["a"], ["a", "b"], []]


@pytest.mark.parametrize(
    ("models", "shared"),
    [
        ([{}, {}, {}], "abc"),
        ([{"scope": "track"}] * 3, ""),  # three skies, none of a known total
        ([{}, {}, {"scope": "track"}], "ab"),
        ([{}, {}, {"method": "clean"}], "ab"),
        ([{"method": "clean"}, {"method": "clean"}, {"scope": "track"}], "ab"),
        ([{"method": "clean"}] * 3, "abc"),
        ([{"method": "clean", "scope": "track"}] * 3, "abc"),  # the memo's way, as it was
    ],
)
def test_the_reference_is_taken_over_tracks_whose_fluxes_are_in_one_unit(models, shared):
    tracks = {
        track: {"ms": f"{track}.ms", "model": model}
        for track, model in zip("abc", models, strict=True)
    }
    campaign = configuration.resolve({"tracks": tracks, "spws": [0]})
    assert campaign.reference_tracks(0) == list(shared)
    assert [t for t in tracks if not campaign.has_own_reference(t)] == list(shared)


def test_the_scope_of_the_model():
    tracks = {"a": {"ms": "a.ms"}, "b": {"ms": "b.ms", "model": {"scope": "track"}}}
    for method, shared in (("clean", ["a", "b"]), ("joint", ["a"])):
        model = {"scope": "campaign", "method": method}
        campaign = configuration.resolve({"tracks": tracks, "model": model})
        assert [campaign.model_tracks(track) for track in "ab"] == [shared, ["b"]]


@pytest.mark.parametrize(
    ("changes", "iteration", "says"),
    [
        ({}, 0, ""),
        ({"scale": {"gains": "integration"}}, 0, "as configured"),
        ({"iterations": 2, "selfcal": {"rounds": [{"calmode": "p"}]}}, 2, ""),
        ({"iterations": 2, "selfcal": {"rounds": [{"calmode": "ap"}]}}, 0, ""),
        ({"iterations": 2, "selfcal": {"rounds": [{}, {"calmode": "ap"}]}}, 1, ""),
        ({"iterations": 2, "selfcal": {"rounds": [{}, {"calmode": "ap"}]}}, 2, "amplitudes"),
        (
            {
                "iterations": 1,
                "selfcal": {"rounds": [{"calmode": "ap"}], "model": "extended"},
                "model": {"method": "clean"},
            },
            1,
            "",
        ),
    ],
)
def test_when_integrations_have_their_own_gains(changes, iteration, says):
    campaign = configuration.resolve({"tracks": {"a": {"ms": "a.ms"}}, **changes})
    reason = campaign.reason_for_own_gains("a", iteration)
    assert says in (reason or "")
    assert bool(says) == (reason is not None)


def test_the_truth_is_the_users_or_the_simulations():
    tracks = {"a": {"ms": "a.ms"}, "b": {"ms": "b.ms", "truth": "./b.csv"}, "c": {"simulate": {}}}
    campaign = configuration.resolve({"tracks": tracks})
    assert campaign.truth("a") is None
    assert campaign.truth("b") == "b.csv"
    assert campaign.truth("c") == "results/eht2017/simulated/c.truth.csv"
