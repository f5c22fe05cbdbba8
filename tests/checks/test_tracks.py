"""Data that do not suit each other or the configuration are found before anything runs."""

from dataclasses import replace
from typing import Any

import pytest

from minispiral.checks.findings import ERROR, NOTE, OK
from minispiral.checks.tracks import check_tracks
from minispiral.config import resolve
from minispiral.imaging.field_of_view import good_size, width_to_cover
from minispiral.sgr_a import position_deg
from minispiral.visibilities.primary_beam import primary_beam_width
from tests.helpers.observations import DAY, FREQUENCIES, START, observation


def found(
    config: dict[str, Any] | None = None, level: str = NOTE, **observations
) -> dict[str, list[str]]:
    """Texts of the findings of a level, by key; of a track a, unless others are given."""
    observations = observations or {"a": observation()}
    tracks = {track: {"ms": f"{track}.ms"} for track in observations}
    campaign = resolve({"tracks": tracks, **(config or {})})
    texts: dict[str, list[str]] = {}
    for finding in check_tracks(campaign, observations):
        if finding.level == level:
            texts.setdefault(finding.key, []).append(finding.text)
    return texts


NO_LINE = {"scale": {"correct_spws": [2]}}


LATER = {"first_time_s": START + DAY, "last_time_s": START + DAY + 1434}


def test_tracks_that_suit_each_other_are_all_right():
    tracks = {"a": observation(), "b": observation(**LATER)}
    assert found(NO_LINE, **tracks) == {}
    assert found(NO_LINE, ERROR, **tracks) == {}
    (texts,) = found(NO_LINE, OK, **tracks).values()
    assert [text.split(":")[0] for text in texts] == ["spws", "model.scope", "tracks a, b"]


def test_tracks_that_overlap_in_time_are_noted():
    (text,) = found(NO_LINE, a=observation(), b=observation(**LATER), c=observation())["tracks"]
    assert text.startswith("tracks a and c overlap in time")


def test_every_spw_of_another_frequency_is_an_error():
    errors = found(level=ERROR, a=observation(), b=observation(frequencies=FREQUENCIES[::-1]))
    assert len(errors["spws"]) == 4
    assert "spw 0 is at 213.100 GHz in track a and at 229.100 GHz in track b" in errors["spws"][0]


def test_every_channel_that_is_not_there_is_an_error():
    config = {"split": {"flag_channels": {"1": "100~128", "2": "9~3"}}}
    errors = found(config, ERROR, a=observation(channels=128))
    assert len(errors["split.flag_channels"]) == 2


def test_phase_centres_apart_are_an_error_unless_tracks_stand_alone():
    ra, dec = position_deg()
    tracks = {"a": observation(), "b": observation(direction_deg=(ra, dec + 0.5 / 3600))}
    (text,) = found(level=ERROR, **tracks)["model.scope"]
    assert "0.5 arcsec apart" in text
    assert "set model.scope: track" in text
    assert not found({"model": {"scope": "track"}}, ERROR, **tracks)
    near = observation(direction_deg=(ra, dec + 0.005 / 3600))
    assert not found(level=ERROR, a=observation(), b=near)


def test_other_cells_are_noted_where_models_are_averaged():
    tracks = {"a": observation(), "b": observation(window={"longest_baseline_m": 200.0})}
    clean = {"method": "clean"}
    assert "IM1 has the finest cell" in found({"model": clean}, **tracks)["image.cell"][0]
    assert "image.cell" not in found({"model": {**clean, "scope": "track"}}, **tracks)
    assert "image.cell" not in found(**tracks)


@pytest.mark.parametrize(("cell", "level"), [(0.1, None), (0.5, None), (0.7, NOTE), (0.9, NOTE)])
def test_a_cell_that_is_too_coarse_is_found(cell, level):
    """The finest fringe is 1.8 arcsec."""
    config = {"image": {"cell": cell}}
    for this in (NOTE, ERROR):
        assert ("image.cell" in found(config, this)) is (this == level)


def test_wavelengths_below_those_of_the_data_are_noted():
    assert (
        "baselines of 114629"
        in found({"image": {"max_uv_wavelengths": 5e4}})["image.max_uv_wavelengths"][0]
    )
    assert "image.max_uv_wavelengths" not in found({"image": {"max_uv_wavelengths": 2e5}})


def test_an_image_has_to_cover_the_primary_beam():
    assert primary_beam_width(213.1e9, 12) == pytest.approx(27.3, abs=0.1)
    needed = width_to_cover(213.1e9, 12)
    assert needed == pytest.approx(41.6, abs=0.1)
    (text,) = found({"image": {"cell": 0.05}})["image.imsize"]
    size = int(text.rsplit(maxsplit=1)[-1])
    assert "25.6 arcsec wide" in text
    assert needed <= size * 0.05 < 1.1 * needed
    assert "image.imsize" not in found({"image": {"cell": 0.05, "imsize": size}})
    assert "faster" in found({"image": {"cell": 0.05, "imsize": 4096}})["image.imsize"][0]


@pytest.mark.parametrize(("pixels", "size"), [(462.3, 480), (512, 512), (513, 540), (15.1, 16)])
def test_sizes_are_even_and_products_of_small_primes(pixels, size):
    assert good_size(pixels) == size


@pytest.mark.parametrize(
    ("kind", "key", "says"),
    [
        ({"direction_deg": (266.0, -29.0)}, "field", "arcsec from Sgr A*"),
        ({"window": {"usable_rows": 300}}, "spws", "spw 0: 70 % of the rows are flagged"),
        ({"window": {"correlations": ("XX", "YY")}}, "spws", "Stokes U and V, P and EVPA"),
        ({"window": {"correlations": ("RR", "LL")}}, "spws", "Stokes Q and U, P and EVPA"),
        ({"frequencies": FREQUENCIES[:1]}, "spws", "no rotation measure"),
        ({"window": {"longest_baseline_m": 90.0}}, "fit.min_baseline_m", "is 100, but the longest"),
        ({}, "scale.correct_spws", "spw 2: the absorption line at 226.91 GHz"),
        ({"channels": 128}, "split.flag_channels", 'split.flag_channels: {2: "'),
        ({"frequencies": FREQUENCIES[2:]}, "scale.correct_spws", "too few other spws"),
    ],
)
def test_what_may_not_be_meant_is_noted_at_its_key(kind, key, says):
    assert any(says in text for text in found(a=observation(**kind))[key])


@pytest.mark.parametrize(
    "config", [{"split": {"flag_channels": {"2": "40~70"}}}, {"scale": {"correct_spws": [2]}}]
)
def test_the_line_is_not_noted_where_something_is_done_about_it(config):
    texts = found(config, a=observation(channels=128))
    assert not any("absorption" in text for part in texts.values() for text in part)


def test_what_is_alike_in_tracks_is_said_once():
    tracks = {name: observation(window={"correlations": ("XX", "YY")}) for name in "abc"}
    tracks["c"] = replace(tracks["c"], ms="c.ms")
    texts = found(NO_LINE, **tracks)["spws"]
    assert len(texts) == 4
    assert all(text.startswith("tracks a, b, c: spw") for text in texts)


@pytest.mark.parametrize(
    ("refant", "level"), [("DA41", OK), ("DV99", ERROR), ("DA42", ERROR), ("DA42@A2", OK)]
)
def test_the_reference_antenna_has_to_have_data(refant, level):
    """Where an antenna was at two stations in a night, each is one."""
    a = observation(used_antennas=("DA41@A1", "DA42@A2", "DA42@A3"))
    config = {"iterations": 2, "selfcal": {"rounds": [{}, {"refant": refant}]}}
    texts = [text for part in found(config, level, a=a).values() for text in part]
    assert sum(f"antenna {refant} " in text.replace("'", "") for text in texts) == 1
    unused = {**config, "iterations": 1}
    assert not any(refant in text for part in found(unused, level, a=a).values() for text in part)


def test_a_flux_range_in_other_units_is_noted():
    noted = found({"scale": {**NO_LINE["scale"], "flux_range": [1500, 4500]}})
    assert "these limits are in Jy" in noted["scale.flux_range"][0]


def test_a_core_outside_of_the_image_is_an_error():
    offsets = {"model": {"core_offset": [40.0, 0.0]}, **NO_LINE}
    (text,) = found(offsets, ERROR)["model.core_offset"]
    assert "outside of the image" in text
    assert found({"model": {"core_offset": "auto"}, **NO_LINE}, ERROR) == {}


@pytest.mark.parametrize(
    ("dishes", "says"),
    [((7.0, 12.0), "dishes of 7 to 12 m"), ((), "DISH_DIAMETER, which the primary beam needs")],
)
def test_dishes_without_one_primary_beam_are_told(dishes, says):
    """Refused where the sky is found through it; noted where CLEAN makes one image for all."""
    mixed = observation(dishes_m=dishes)
    (text,) = found({"model": {"method": "clean"}}, a=mixed)[""]
    assert says in text
    assert "set" in text
    assert "" not in found({"model": {"method": "clean"}})
    (text,) = found(level=ERROR, a=mixed)["model.method"]
    assert "data/a.ms has" in text
    assert says in text
    assert "model.method" not in found(level=ERROR, a=observation(dishes_m=(12.0, 12.3)))


def test_tracks_of_different_dishes_have_no_sky_in_common():
    tracks = {"a": observation(dishes_m=(7.0,)), "b": observation(**LATER)}
    (text,) = found(level=ERROR, **tracks)["model.scope"]
    assert "dishes of 7 to 12 m" in text
    assert "set model.scope: track" in text
    assert found({"model": {"method": "clean"}}, ERROR, **tracks)["model.scope"] == [text]
    assert not found({"model": {"scope": "track"}}, ERROR, **tracks)


def test_weights_that_are_not_those_of_sigma_are_told():
    (text,) = found({"spws": [0]}, a=observation(window={"other_weights": 0.25}))["spws"][:1]
    assert "spw 0: in 25 % of the usable rows WEIGHT is not 1/SIGMA^2" in text
    assert "spws" not in found()


def test_an_image_wider_than_the_sky_is_an_error():
    """CASA says "WCBox - Cannot convert blc of LCBox" of it, after a CLEAN."""
    errors = found({"image": {"cell": 600.0}}, ERROR)
    assert "85.3 degrees wide" in errors["image.cell"][0]
    assert "81 at most" in errors["image.cell"][0]
    # the corners of one of sqrt(2) rad are just on the horizon: 291 708 arcsec
    assert not found({"image": {"cell": 569.7}}, ERROR)
    assert found({"image": {"cell": 569.8}}, ERROR)
