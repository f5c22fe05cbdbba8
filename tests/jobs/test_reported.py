"""What the pages of the report read and are told, of a track and of all."""

from snakemake.iocontainers import Wildcards

from minispiral.config import resolve
from minispiral.jobs.reported import Reported

FOLDER = "results/sgr"
ALL, OF_A = Wildcards(fromdict={}), Wildcards(fromdict={"track": "a"})


def reported(**changes) -> Reported:
    tracks = {
        "a": {"ms": "a.ms", "image": {"mask": "a.crtf"}},
        "b": {"simulate": {"frequencies_ghz": [213.1]}, "spws": [0], "flag": {"table": "b.csv"}},
    }
    rounds = [{"calmode": "p"}]
    lines = {"co": {"ms": "co.ms"}}
    targets = {
        "t": {"ms": "t.ms", "rounds": rounds, "lines": lines, "image": {"mask": "t.crtf"}},
        "u": {"ms": "u.ms", "rounds": rounds, "lines": lines, "stop_after": 0},
    }
    config = {"campaign": "sgr", "spws": [0, 1, 2], "tracks": tracks, "selfcal_targets": targets}
    config |= changes
    return Reported(resolve({key: value for key, value in config.items() if value is not None}))


def test_a_tracks_page_reads_files_of_its_track_and_the_campaigns_of_all():
    curves = reported().of_tracks("light_curves.ecsv")
    assert curves(OF_A) == [f"{FOLDER}/a/light_curves.ecsv"]
    assert curves(ALL) == [f"{FOLDER}/{track}/light_curves.ecsv" for track in "ab"]
    assert reported().spws(OF_A) == [("a", [0, 1, 2])]
    assert reported().spws(ALL) == [("a", [0, 1, 2]), ("b", [0])]


def test_what_is_of_all_together_is_on_both_pages_where_there_are_tracks():
    of_campaign = reported().of_campaign("gains.ecsv")
    assert of_campaign(ALL) == of_campaign(OF_A) == [f"{FOLDER}/gains.ecsv"]
    assert reported(tracks=None).of_campaign("gains.ecsv")(ALL) == []
    assert reported(tracks=None).prints(ALL) == reported(tracks=None).variability(ALL) == []


def test_turns_and_skies_are_of_tracks_whose_sky_is_from_the_visibilities():
    page = reported(model={"method": "joint"})
    assert page.turns(ALL) == page.turns(OF_A) == ["<campaign>/turns.ecsv"]
    assert page.skies(OF_A) == [f"{FOLDER}/a/figures/skies.png"]
    assert page.sky_of_tracks(ALL) == [("a", ""), ("b", "")]
    assert f"{FOLDER}/a/figures/skies.pdf" in page.prints(OF_A)
    plain = reported(model={"method": "clean"})
    assert plain.turns(ALL) == plain.skies(ALL) == plain.sky_of_tracks(ALL) == []
    assert f"{FOLDER}/a/figures/residual_image.pdf" in plain.prints(OF_A)


def test_antenna_gains_and_pointing_are_of_tracks_whose_sky_is_from_the_visibilities():
    page = reported()
    tables = [f"{FOLDER}/{track}/<last>/antenna_gains.ecsv" for track in "ab"]
    assert page.antenna_gains(ALL) == tables
    assert page.pointing(OF_A) == [f"{FOLDER}/a/<last>/pointing.ecsv"]
    assert page.solves(ALL) == [("a", "auto"), ("b", "auto")]
    never = reported(selfcal={"solve": "never"})
    assert never.antenna_gains(ALL) == []
    assert never.solves(OF_A) == [("a", "never")]
    few = reported(model={"turns": 2})
    assert few.antenna_gains(ALL) == []
    assert few.solves(OF_A) == [("a", "turns")]
    assert few.pointing(OF_A) == page.pointing(OF_A)
    rounds = reported(iterations=1, selfcal={"rounds": [{"calmode": "p"}]})
    assert rounds.antenna_gains(ALL) == []
    assert rounds.solves(OF_A) == [("a", "rounds")]
    undone = reported(iterations=0, selfcal={"rounds": [{"calmode": "p"}], "solve": "never"})
    assert undone.solves(OF_A) == [("a", "never")]
    clean = reported(model={"method": "clean"})
    assert clean.pointing(ALL) == clean.solves(ALL) == []


def test_of_both_kinds_of_tracks_each_page_has_its_own():
    tracks = {
        "a": {"ms": "a.ms"},
        "b": {"ms": "b.ms", "model": {"method": "clean"}},
        "c": {"ms": "c.ms", "model": {"scope": "track"}},
    }
    page = reported(tracks=tracks, model={"method": "joint"})
    assert page.sky_of_tracks(ALL) == [("a", ""), ("c", "c")]
    of_b = Wildcards(fromdict={"track": "b"})
    assert page.turns(of_b) == page.skies(of_b) == []
    assert page.turns(OF_A) == ["<campaign>/turns.ecsv"]


def test_targets_and_variability_are_on_the_campaigns_page_alone():
    page = reported()
    assert page.of_targets("rounds.ecsv")(ALL) == [f"<targets>/{t}/rounds.ecsv" for t in "tu"]
    assert page.variability(ALL) == [f"{FOLDER}/variability.png"]
    for nothing in (page.of_targets("rounds.ecsv"), page.variability, page.inspections_of_targets):
        assert nothing(OF_A) == []


def test_polarimetry_and_prints_are_of_tracks_that_have_them():
    assert reported().polarimetry(ALL) == [f"{FOLDER}/a/polarimetry.ecsv"]
    assert f"{FOLDER}/a/figures/polarimetry.pdf" in reported().prints(OF_A)
    names = ("qa2_and_after.pdf", "light_curves.pdf", "variability.pdf")
    assert reported().prints(ALL) == [f"{FOLDER}/{name}" for name in names]


def test_products_are_paths_from_the_campaigns_folder():
    of_all = reported().products(ALL)
    assert not any(path.startswith("<") for path in of_all)
    assert {"light_curves.ecsv", "a/report.html", "b/light_curves.ecsv", "a/residual.fits"} <= set(
        of_all
    )
    assert not any(path.startswith((FOLDER, "<campaign>")) for path in of_all)


def test_files_of_the_users_are_named_once_in_order():
    assert reported().files_of_user(ALL) == ["a.crtf", "b.csv", "t.crtf"]
    assert reported().files_of_user(OF_A) == ["a.crtf"]


def test_sources_are_told_with_their_inspections():
    assert reported().sources(ALL) == [
        ("track a", "a.ms", f"{FOLDER}/a/inspection.json"),
        ("track b", "simulated", f"{FOLDER}/b/inspection.json"),
        ("target t", "t.ms", f"{FOLDER}/selfcal/t/inspection.json"),
        ("target t, co", "co.ms", f"{FOLDER}/selfcal/t/lines/co.json"),
        ("target u", "u.ms", f"{FOLDER}/selfcal/u/inspection.json"),
    ]
    assert len(reported().sources(OF_A)) == 1
    inspections = [path for _, _, path in reported().sources(ALL)[2:]]
    assert reported().inspections_of_targets(ALL) == inspections


def test_each_execution_of_a_night_is_a_source():
    page = reported(tracks={"n": {"ms": ["x.ms", "y.ms"]}}, selfcal_targets={})
    assert page.sources(ALL) == [
        ("track n, execution 1", "x.ms", f"{FOLDER}/n/execution1/inspection.json"),
        ("track n, execution 2", "y.ms", f"{FOLDER}/n/execution2/inspection.json"),
    ]
    assert page.inspections_of_executions(ALL) == [path for *_, path in page.sources(ALL)]
    assert reported().inspections_of_executions(ALL) == []


def test_corrected_spws_come_with_their_pictures():
    page = reported(scale={"correct_spws": [1]})
    assert page.corrected(ALL) == page.corrected(OF_A) == [("a", 1)]
    assert page.absorption(ALL) == [f"{FOLDER}/a/<last>/spw1/absorption.png"]


def test_every_round_of_every_track_is_told():
    page = reported(iterations=2, selfcal={"rounds": [{"solint": "60s", "calmode": "p"}]})
    how = {"calmode": "p", "solint": "60s"}
    assert page.solved(OF_A) == [{"track": "a", "iteration": n, "how": how} for n in (1, 2)]
    assert len(page.solved(ALL)) == 4
    assert reported().solved(ALL) == []


def test_what_the_light_curves_say_is_on_the_campaigns_page_alone():
    assert reported().science(ALL) == ["<campaign>/science.html"]
    assert reported().science(OF_A) == []
    assert reported(science={"in_report": False}).science(ALL) == []
    assert reported(tracks=None).science(ALL) == []
