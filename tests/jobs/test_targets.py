"""What the target rules ask for: the products of known configurations, and no others."""

import pytest
from snakemake.iocontainers import Wildcards

from minispiral.config import resolve
from minispiral.jobs.targets import Products

FOLDER = "results/sgr"
NONE = Wildcards(fromdict={})


def products_of(**changes) -> Products:
    """Products of a track of two spws and one of a single spw."""
    tracks = {"a": {"ms": "a.ms"}, "b": {"ms": "b.ms", "spws": [3]}}
    return Products(resolve({"campaign": "sgr", "spws": [1, 3], "tracks": tracks, **changes}))


TARGETS = {
    "selfcal_targets": {
        "t": {"ms": "t.ms", "rounds": [{"calmode": "p"}], "lines": {"co": {"ms": "co.ms"}}},
        "u": {"ms": "u.ms", "rounds": [{"calmode": "p"}], "stop_after": 0},
    }
}


def test_everything_is_asked_for_once_but_calibrated_data():
    products = products_of(**TARGETS)
    asked = products.all(NONE)
    assert len(asked) == len(set(asked))
    kinds = (products.of_campaign, products.of_tracks, products.of_targets, products.reports)
    kinds += (products.light_curves, products.selfcal, products.science)
    assert set(asked) == {"<campaign>/config.yaml"}.union(*(kind(NONE) for kind in kinds))
    assert [path for path in asked if path.endswith(".calibrated.ms")] == [
        "<targets>/t/t.calibrated.ms",
        "<targets>/t/t_co.calibrated.ms",
    ]


def test_a_configuration_without_tracks_asks_for_none_of_theirs():
    products = Products(resolve({"campaign": "sgr", "iterations": 1, **TARGETS}))
    for kind in (
        products.of_campaign,
        products.of_tracks,
        products.light_curves,
        products.science,
    ):
        assert kind(NONE) == []
    assert products.convergence(NONE) == []
    assert products.reports(NONE) == ["<campaign>/report.html"]


def test_what_the_light_curves_say_is_left_out_where_it_is_not_wanted():
    products = products_of(science={"in_report": False})
    assert "<campaign>/science.html" not in products.all(NONE)
    assert products.science(NONE) == ["<campaign>/science.html"]


def test_light_curves_are_tables_the_memos_files_and_a_picture():
    assert products_of().light_curves(NONE) == [
        "<campaign>/light_curves.ecsv",
        "<campaign>/light_curves.png",
        "<campaign>/qa2_and_after.png",
        f"{FOLDER}/a/light_curves.ecsv",
        f"{FOLDER}/a/Light_Curve_SPW1_sgr_a.dat",
        f"{FOLDER}/a/Light_Curve_SPW3_sgr_a.dat",
        f"{FOLDER}/b/light_curves.ecsv",
        f"{FOLDER}/b/Light_Curve_SPW3_sgr_b.dat",
    ]


def test_exports_are_a_product_of_each_track():
    products = products_of()
    assert products.core_subtracted(NONE) == [
        f"{FOLDER}/{track}/sgr_{track}.core_subtracted.ms" for track in "ab"
    ]
    assert products.residual_data(NONE) == [
        f"{FOLDER}/{track}/sgr_{track}.{ending}"
        for track in "ab"
        for ending in ("residual.ms", "residual_snapshots.fits")
    ]
    curves = [f"{FOLDER}/{t}/LCurves_SGRA_{t}" for t in "ab"]
    assert products.memo_curves(NONE) == curves
    assert not set(curves) & set(products.all(NONE))
    assert set(curves) < set(products_of(export="memo").all(NONE))


def test_polarimetry_takes_two_spws():
    products = products_of()
    assert products.polarimetry(NONE) == [
        f"{FOLDER}/a/polarimetry.ecsv",
        f"{FOLDER}/a/figures/polarimetry.pdf",
    ]
    assert f"{FOLDER}/a/figures/polarimetry.pdf" in products.figures_of("a")
    assert f"{FOLDER}/b/figures/polarimetry.pdf" not in products.all(NONE)
    assert f"{FOLDER}/b/figures/images.pdf" in products.all(NONE)


@pytest.mark.parametrize(("model", "applied"), [("full", True), ("extended", False)])
def test_antenna_gains_are_a_product_where_fits_are_made_with_them(model, applied):
    selfcal = {"model": model, "rounds": [{"calmode": "p"}]}
    products = products_of(iterations=1, selfcal=selfcal, model={"method": "clean"})
    for kind in (products.all, products.selfcal, products.calibrated):
        assert (f"{FOLDER}/a/sgr_a.selfcal_gains" in kind(NONE)) is applied
    assert "<campaign>/convergence.ecsv" in products.all(NONE)
    assert "<campaign>/convergence.ecsv" not in products_of().all(NONE)


@pytest.mark.parametrize(("solve", "solved"), [("auto", True), ("always", True), ("never", False)])
def test_antenna_gains_are_a_product_where_the_turns_may_solve_for_them(solve, solved):
    products = products_of(selfcal={"solve": solve})
    for kind in (products.all, products.selfcal, products.calibrated):
        assert (f"{FOLDER}/a/sgr_a.selfcal_gains" in kind(NONE)) is solved
    clean = products_of(selfcal={"solve": solve}, model={"method": "clean"})
    assert f"{FOLDER}/a/sgr_a.selfcal_gains" not in clean.all(NONE)


def test_turns_and_skies_are_products_where_a_sky_is_from_the_visibilities():
    joint, clean = (products_of(model={"method": method}) for method in ("joint", "clean"))
    for product in ("<campaign>/turns.ecsv", f"{FOLDER}/a/figures/skies.pdf"):
        assert product in joint.all(NONE)
        assert product not in clean.all(NONE)
    assert f"{FOLDER}/a/figures/residual_image.pdf" in clean.all(NONE)


def test_corrected_spws_have_a_picture_of_it():
    tracks = {"a": {"ms": "a.ms"}}
    products = products_of(spws=[1, 3, 5], scale={"correct_spws": [3]}, tracks=tracks)
    pictures = [path for path in products.all(NONE) if "absorption" in path]
    assert pictures == [f"{FOLDER}/a/<last>/spw3/absorption.png"]


def test_calibrated_data_are_asked_for_by_name():
    assert products_of(selfcal={"solve": "never"}).calibrated(NONE) == [
        f"{FOLDER}/{track}/sgr_{track}.{kind}"
        for track in "ab"
        for kind in ("ms_ExtendedData", "gains", "calibrated.ms")
    ]


def test_a_target_that_stops_early_is_not_finished():
    assert products_of(**TARGETS).of_targets(NONE) == [
        "<targets>/t/averaging.ecsv",
        "<targets>/t/rounds.ecsv",
        "<targets>/t/before_after.png",
        "<targets>/t/rounds.png",
        "<targets>/t/gains.png",
        "<targets>/t/t.image",
        "<targets>/t/t.fits",
        "<targets>/t/t.calibrated.ms",
        "<targets>/t/t_co.calibrated.ms",
        "<targets>/u/averaging.ecsv",
        "<targets>/u/rounds.ecsv",
        "<targets>/u/before_after.png",
        "<targets>/u/rounds.png",
        "<targets>/u/gains.png",
    ]


def test_the_parts_of_a_night_are_intermediate():
    night = {"n": {"ms": ["x.ms", "y.ms"]}}
    removed = products_of(tracks=night, spws=[3]).intermediates(NONE)
    parts = [path for path in removed if "execution" in path]
    assert parts == [f"{FOLDER}/n/execution{k}/spw3/split.ms" for k in (1, 2)]


def test_nothing_that_is_removed_as_intermediate_is_a_product():
    products = products_of(iterations=1, **TARGETS)
    removed = products.intermediates(NONE)
    assert {f"{FOLDER}/a/spw1/split.ms", f"{FOLDER}/b/iteration1/spw3/im1"} <= set(removed)
    assert f"{FOLDER}/selfcal/u/data.ms" in removed
    averages = {f"{FOLDER}/b/iteration{n}/sky_averages.npz" for n in (0, 1)}
    assert averages <= set(removed)
    clean = products_of(iterations=1, model={"method": "clean"}, **TARGETS).intermediates(NONE)
    assert not averages & set(clean)
    kept = [*products.all(NONE), *products.calibrated(NONE)]
    kept = [path.replace("<campaign>", FOLDER).replace("<last>", "iteration1") for path in kept]
    assert not [path for path in kept for folder in removed if path.startswith(folder)]
