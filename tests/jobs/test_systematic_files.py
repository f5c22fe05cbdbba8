"""Which files jobs read that find IM1 in other ways: the expected paths."""

from tests.helpers.job_files import files_of, job


def test_variants_of_a_sky_have_a_file_each_and_each_track_alone_one():
    systematics = files_of().systematics
    by_name = dict(zip(systematics.fluxes(job()), systematics.variants, strict=True))
    assert by_name["<campaign>/systematics/weak.npz"] == "weak"
    assert [path for path, name in by_name.items() if name == "track"] == [
        "<campaign>/a/systematics/track.npz",
        "<campaign>/b/systematics/track.npz",
    ]
    assert len(by_name) == len(systematics.names) + 1
    assert systematics.tracks == ["a", "b"]
    assert systematics.light_curves(job())[-1] == "<campaign>/b/light_curves.ecsv"
    assert systematics.covariances(job())[-1] == "<campaign>/b/covariance.ecsv"
    assert systematics.flag_tables(job(variant="weak")) == ["b.csv"]
    assert systematics.flag_tables(job(variant="track", track="a")) == []


def test_tracks_with_skies_of_their_own_have_variants_of_their_own():
    systematics = files_of(model={"scope": "track", "primary_beam": False}).systematics
    paths = systematics.fluxes(job())
    assert "<campaign>/a/systematics/weak.npz" in paths
    assert not {"track", "no_beam", "no_pointing"} & set(systematics.variants)
    own = systematics.given_sky(job(variant="default", track="b"))
    assert own == ["<campaign>/b/sky/iteration0/turn8.fits"]
    clean = systematics.given_sky(job(variant="clean", track="b"))
    assert clean == ["<campaign>/b/iteration0/im1.fits"]


def test_a_sky_that_is_to_be_found_is_not_given():
    systematics = files_of().systematics
    assert systematics.given_sky(job(variant="weak")) == []
    shared = ["<campaign>/sky/iteration0/turn8.fits"]
    for name in ("default", "no_pointing"):
        assert systematics.given_sky(job(variant=name)) == shared
    assert systematics.given_sky(job(variant="clean")) == ["<campaign>/im1/iteration0.fits"]
    assert systematics.averages(job(variant="track", track="a")) == [
        "<campaign>/a/systematics/averages.npz"
    ]


def test_a_campaign_of_clean_has_no_variants():
    assert files_of(model={"method": "clean"}).systematics.fluxes(job()) == []
