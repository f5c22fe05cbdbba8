"""Which files jobs read: the expected paths, for known configurations."""

import pytest

from minispiral.config import resolve
from minispiral.jobs.files import JobFiles
from tests.helpers.job_files import FOLDER, files_of, job

GAINS = "<campaign>/{track}/iteration{iteration}/spw{spw}/antenna_gains.npz"
TRACK_GAINS = "<campaign>/{track}/iteration{iteration}/antenna_gains.npz"
POINTING = "<campaign>/{track}/iteration{iteration}/pointing.ecsv"
CLEAN = {"method": "clean"}


def test_the_age_of_a_users_folder_says_nothing_and_that_of_a_simulated_does():
    files = files_of()
    assert files.measurement_set(job(track="a")) == ("ancient", "data/a.ms")
    assert files.measurement_set(job(track="b")) == "<campaign>/simulated/{track}.ms"


def test_a_nights_executions_are_counted_in_the_order_of_its_list():
    files = files_of(tracks={"n": {"ms": ["y.ms", "x.ms"]}, "a": {"ms": "a.ms"}})
    second = job(track="n", execution=2, spw=1)
    assert files.execution(second) == ("ancient", "x.ms")
    assert files.first_execution(second) == ["<campaign>/n/execution1/inspection.json"]
    assert files.first_execution(job(track="n", execution=1)) == []
    assert files.of_executions("spw{spw}/split.ms")(job(track="n", spw=1)) == [
        "<campaign>/n/execution1/spw1/split.ms",
        "<campaign>/n/execution2/spw1/split.ms",
    ]
    assert files.measurement_sets(second) == [("ancient", "y.ms"), ("ancient", "x.ms")]
    inspections = ["<campaign>/n/execution1/inspection.json"]
    inspections += ["<campaign>/n/execution2/inspection.json"]
    assert files.inspections(job(track="n")) == inspections
    assert files.inspections_of_night(job(track="n")) == inspections
    assert files.inspections(job(track="a")) == ["<campaign>/{track}/inspection.json"]
    assert files.inspections_of_night(job(track="a")) == []


def test_a_file_of_every_spw_is_of_the_jobs_own_track():
    fits = files_of().of_all_spws("<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv")
    assert fits(job(track="b", iteration=1)) == [
        "<campaign>/b/iteration1/spw0/fit.ecsv",
        "<campaign>/b/iteration1/spw2/fit.ecsv",
    ]


def test_references_are_the_campaigns_or_those_of_tracks_that_have_their_own():
    files = files_of()
    files.campaign.resolved["tracks"]["a"]["scale"] = {"reference": "track"}
    references = files.of_all_spws(files.reference)
    assert references(job(track="b", iteration=0)) == [
        "<campaign>/reference/iteration0/spw0.json",
        "<campaign>/reference/iteration0/spw2.json",
    ]
    assert (
        references(job(track="a", iteration=0))[1] == "<campaign>/a/iteration0/spw1/reference.json"
    )
    fits = files.of_referenced_tracks("fit.ecsv")
    assert fits(job(iteration=0, spw=2)) == [f"{FOLDER}/b/iteration0/spw2/fit.ecsv"]
    assert fits(job(track="a", iteration=0, spw=1)) == [f"{FOLDER}/a/iteration0/spw1/fit.ecsv"]


def test_a_reference_over_tracks_takes_those_that_have_the_spw():
    fits = files_of().of_referenced_tracks("fit.ecsv")
    assert fits(job(iteration=0, spw=0)) == [f"{FOLDER}/{t}/iteration0/spw0/fit.ecsv" for t in "ab"]
    assert fits(job(iteration=0, spw=1)) == [f"{FOLDER}/a/iteration0/spw1/fit.ecsv"]


def test_a_table_of_flags_is_read_once_however_many_tracks_share_it():
    assert files_of().flag_tables(job(spw=0, iteration=0)) == ["b.csv"]
    assert files_of().flag_tables(job(track="a", iteration=0)) == []
    shared = files_of(flag={"table": "all.csv"})
    assert shared.flag_tables(job(spw=0, iteration=0)) == ["all.csv", "b.csv"]
    assert shared.flag_tables(job(spw=1, iteration=0)) == ["all.csv"]


@pytest.mark.parametrize(
    ("mask", "given", "previous"),
    [
        ("auto", [], []),
        ("my.crtf", ["my.crtf"], []),
        ("incremental", [], [f"{FOLDER}/b/spw0/im0"]),
    ],
)
def test_clean_starts_from_the_users_mask_or_that_of_the_spw_before(mask, given, previous):
    files = files_of(image={"mask": mask})
    assert files.user_mask(job(track="b", spw=2)) == given
    assert files.previous_im0(job(track="b", spw=2)) == previous
    assert files.previous_im0(job(track="b", spw=0)) == []


def test_the_cores_place_needs_images_only_where_it_is_taken_from_them():
    assert files_of().images_of_core(job(track="b")) == []
    files = files_of(model={"core_offset": "auto", "method": "clean"})
    assert files.images_of_core(job(track="b")) == [f"<campaign>/b/spw{spw}/im0" for spw in (0, 2)]
    assert files.data_of_core(job(track="b")) == files.field_of_core(job(track="b")) == []
    assert not files.cores_from_data


def test_the_cores_place_is_found_from_the_data_without_clean():
    assert files_of().data_of_core(job(track="b")) == []
    files = files_of(model={"core_offset": "auto", "method": "joint"})
    assert files.images_of_core(job(track="b")) == []
    assert files.data_of_core(job(track="b")) == [
        f"<campaign>/b/spw{spw}/split.ms" for spw in (0, 2)
    ]
    assert files.field_of_core(job(track="b")) == ["<campaign>/b/sky_coverage.json"]
    assert files.cores_from_data


def test_models_are_one_a_track_at_first_and_then_one_a_spw():
    files = files_of()
    assert files.models(job(iteration=0)) == [f"{FOLDER}/{t}/without_core.fits" for t in "ab"]
    assert files.models(job(track="b", iteration=2)) == [
        f"{FOLDER}/b/iteration2/spw{spw}/minispiral.fits" for spw in (0, 2)
    ]
    assert len(files.models(job(iteration=1))) == 5


def test_im1_is_the_campaigns_or_the_tracks_own():
    files = files_of(iterations=3, model={"method": "clean"})
    place = job(track="a", iteration=2)
    assert files.im1(place) == "<campaign>/im1/iteration2.fits"
    assert files.im1_before(place) == "<campaign>/im1/iteration1.fits"
    assert files.last_im1(place) == "<campaign>/im1/iteration3.fits"
    track_files = files_of(model={"method": "clean", "scope": "track"})
    assert track_files.im1(place) == "<campaign>/a/iteration2/im1.fits"


def test_the_last_images_are_those_of_the_last_iteration():
    assert files_of().last_images(job(track="b"))[1] == "<campaign>/b/spw2/im0"
    assert files_of(iterations=1).last_images(job(track="b"))[1] == "<campaign>/b/<last>/spw2/im1"


def selfcalibrated(model: str = "full") -> JobFiles:
    rounds = [{"calmode": "p"}, {"calmode": "p", "combine": "spw"}]
    selfcal = {"model": model, "rounds": rounds}
    return files_of(iterations=2, selfcal=selfcal, model={"method": "clean"})


def test_antenna_gains_are_read_where_fits_are_made_with_them():
    place = job(track="b", iteration=1, spw=2)
    for files, applied in ((selfcalibrated(), True), (selfcalibrated("extended"), False)):
        assert files.gains_of_iteration(place) == [GAINS]
        assert files.gains_of_fit(place) == ([GAINS] if applied else [])
        assert files.gains_subtracted(place) == []
        after = job(track="b", iteration=2, spw=2)
        before = ["<campaign>/b/iteration1/spw2/antenna_gains.npz"]
        assert files.gains_subtracted(after) == (before if applied else [])
        last = [f"<campaign>/b/<last>/spw{spw}/antenna_gains.npz" for spw in (0, 2)]
        assert files.gains_of_products(job(track="b")) == (last if applied else [])
        assert files.sky.gains_before_turn(job(track="b", iteration=1, turn=2)) == []
        assert files.sky.gains_on_averages(place) == []


@pytest.mark.parametrize(
    "changes",
    [{"selfcal": {"solve": "never"}}, {"model": CLEAN}, {"model": {"turns": 2}}],
)
def test_where_nothing_solves_for_antenna_gains_none_are_read(changes):
    files, place = files_of(iterations=2, **changes), job(track="b", iteration=1, spw=2, turn=2)
    assert files.gains_of_iteration(place) == files.gains_of_fit(place) == []
    assert files.gains_subtracted(place) == files.gains_of_products(job(track="b")) == []
    assert files.sky.gains_before_turn(place) == files.sky.gains_on_averages(place) == []
    assert files.campaign.solves_in_turns("b") is None


@pytest.mark.parametrize("solve", ["auto", "always"])
def test_gains_that_the_turns_solve_for_are_one_file_of_all_spws(solve):
    files = files_of(iterations=2, selfcal={"solve": solve}, model={"method": "joint", "turns": 3})
    place = job(track="b", iteration=1, spw=2)
    assert files.campaign.solves_in_turns("b") == solve
    assert files.gains_of_iteration(place) == files.gains_of_fit(place) == [TRACK_GAINS]
    assert files.gains_of_all_spws(place) == []  # those of rounds
    assert files.gains_of_products(job(track="b")) == ["<campaign>/b/<last>/antenna_gains.npz"] * 2
    turns = "<campaign>/b/iteration{}/turn{}/antenna_gains.npz"
    before = [
        files.sky.gains_before_turn(job(track="b", iteration=iteration, turn=turn))
        for iteration, turn in ((0, 1), (0, 2), (1, 1), (1, 3))
    ]
    expected = [turns.format(*of) for of in ((0, 1), (0, 3), (1, 2))]
    assert before == [[], *([path] for path in expected)]
    assert files.sky.last_gains(place) == turns.format(1, 3)
    assert files.sky.gains_on_averages(place) == [turns.format(1, 3)]


def test_the_data_of_a_sky_are_made_with_the_gains_of_the_fit_they_go_with():
    # a sky from the visibilities is of the iteration itself
    files = files_of(iterations=2, model={"method": "joint", "turns": 3})
    for iteration in (1, 2):
        place = job(track="b", iteration=iteration, spw=2)
        path = f"<campaign>/b/iteration{iteration}/antenna_gains.npz"
        assert files.gains_subtracted(place) == [path]
        assert files.pointing_of_fit(place) == [POINTING]
    assert files.last_pointing(job(track="b")) == ["<campaign>/{track}/<last>/pointing.ecsv"]


def test_clean_knows_no_pointing():
    files = files_of(model=CLEAN)
    assert files.pointing_of_fit(job(track="b", iteration=1)) == []
    assert files.last_pointing(job(track="b")) == []


def test_rounds_of_selfcal_take_the_place_of_gains_in_turns_once_there_are_iterations():
    settings = {"selfcal": {"rounds": [{"calmode": "p"}]}}
    assert files_of(iterations=2, **settings).campaign.solves_in_turns("a") is None
    assert files_of(iterations=0, **settings).campaign.solves_in_turns("a") == "auto"


def test_with_the_sky_from_the_visibilities_an_iteration_is_of_its_own():
    rounds = {"rounds": [{"calmode": "p"}]}
    files = files_of(iterations=2, selfcal=rounds, model={"method": "joint", "turns": 3})
    place = job(track="a", iteration=1, spw=2)
    assert files.gains_subtracted(place) == ["<campaign>/a/iteration1/spw2/antenna_gains.npz"]
    assert files.im1_subtracted(place) == "<campaign>/sky/iteration1/turn3.fits"
    fit = files.of_subtracted("{track}/iteration{iteration}/spw{spw}/fit.ecsv")
    assert fit(place) == "a/iteration1/spw2/fit.ecsv"
    # self-calibrated data begin without a sky, later ones with that of the iteration before
    first, second = (job(track="a", iteration=n, turn=1) for n in (1, 2))
    assert files.sky.before_track(first) == []
    assert files.sky.before_track(second) == ["<campaign>/sky/iteration1/turn3.fits"]
    plain = files_of(iterations=2, model={"method": "joint", "turns": 3})
    assert plain.sky.before_track(first) == ["<campaign>/sky/iteration0/turn3.fits"]


def test_spws_that_are_solved_together_begin_with_the_own_one():
    splits = selfcalibrated().of_solved_spws_before("<campaign>/{track}/spw{spw}/split.ms")
    assert splits(job(track="b", iteration=1, spw=2)) == ["<campaign>/b/spw2/split.ms"]
    assert splits(job(track="b", iteration=2, spw=2)) == [
        f"<campaign>/b/spw{spw}/split.ms" for spw in (2, 0)
    ]
    assert selfcalibrated().gains_before(job(track="b", iteration=1, spw=2)) == []
    assert selfcalibrated().gains_before(job(track="b", iteration=2, spw=2)) == [
        f"<campaign>/b/iteration1/spw{spw}/antenna_gains.npz" for spw in (2, 0)
    ]


def test_the_iteration_before_is_that_of_the_same_track_and_spw():
    fit = files_of().before("<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv")
    assert fit(job(track="a", iteration=1, spw=2)) == "<campaign>/a/iteration0/spw2/fit.ecsv"


def test_convergence_compares_every_iteration_of_every_spw():
    files = files_of(iterations=1)
    images = files.of_all_iterations("{track}/spw{spw}/im0", "{track}/{iteration}/spw{spw}/im1")
    assert images(job())[:3] == ["a/spw0/im0", "a/1/spw0/im1", "a/spw1/im0"]
    assert len(images(job())) == 2 * 5 == len(files.in_all_iterations("fit.ecsv")(job()))


def test_absorption_is_measured_of_some_spws_by_the_others():
    files = files_of(scale={"correct_spws": [1]})
    place = job(track="a", iteration=0)
    assert files.absorption(place) == ["<campaign>/a/iteration0/spw1/absorption.ecsv"]
    assert files.of_plain_spws("{track}/{spw}")(place) == ["a/0", "a/2"]
    assert files.absorption(job(track="b", iteration=0)) == []


def test_truths_are_those_of_simulations_and_those_given():
    files = files_of()
    assert files.truth.tables(job()) == [f"{FOLDER}/simulated/b.truth.csv"]
    assert files.truth.of_spws("fit.ecsv")(job()) == [
        f"{FOLDER}/b/<last>/spw{spw}/fit.ecsv" for spw in (0, 2)
    ]
    files.campaign.resolved["tracks"]["a"]["truth"] = "true.csv"
    assert files.truth.tables(job())[0] == "true.csv"


def test_light_curves_and_inspections_are_of_all_tracks():
    files = files_of()
    curves = files.all_light_curves(job())
    assert len(curves) == 5
    assert curves[-1] == f"{FOLDER}/b/<last>/spw2/light_curve.ecsv"
    assert files.of_all_tracks("inspection.json")(job()) == [
        f"{FOLDER}/{track}/inspection.json" for track in "ab"
    ]


def test_targets_read_their_own_data_masks_and_rounds():
    target = {"ms": "t.ms", "rounds": [{"calmode": "p"}] * 3, "image": {"mask": "m.crtf"}}
    target |= {"lines": {"co": {"ms": "./co.ms"}}, "stop_after": 2}
    files = JobFiles(resolve({"selfcal_targets": {"t": target}}), str)
    assert files.target.measurement_set(job(target="t")) == "t.ms"
    assert files.target.measurement_set_of_line(job(target="t", line="co")) == "co.ms"
    assert files.target.mask(job(target="t")) == ["m.crtf"]
    rounds = [f"<targets>/t/round{n}" for n in range(3)]
    assert files.target.rounds_before(job(target="t", round=2)) == rounds[:2]
    assert files.target.all_rounds(job(target="t")) == rounds
