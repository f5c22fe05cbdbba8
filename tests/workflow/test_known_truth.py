"""The memo's way on QA2-like tracks of known truth: light curves within their quoted errors.

Run by `make test-nights` alone, as it takes minutes.
"""

from pathlib import Path

import numpy as np
import pandas
import pytest

from minispiral.io.tables import columns, read_table
from tests.helpers.runs import make
from tests.helpers.shared_tracks import campaign_of, truth_of, unpack

pytestmark = [pytest.mark.nights, pytest.mark.slow]

TRACKS = ("20170406", "20170407")


@pytest.fixture(scope="module", params=["smooth", "integration"])
def campaign(request, tracks) -> Path:
    """Both tracks as one campaign, by CLEAN's IM1; with smooth gains, and with own ones."""
    polarimetry = [f"results/truth/{track}/polarimetry.ecsv" for track in TRACKS]
    gains = configuration(scale={"gains": request.param})
    make(tracks, gains, "campaign", "validate", *polarimetry)
    return tracks


@pytest.fixture(scope="module")
def tracks(tmp_path_factory) -> Path:
    return unpack(tmp_path_factory.mktemp("truth"), *TRACKS)


def configuration(**changes) -> dict:
    return campaign_of(*TRACKS, model={"method": "clean"}, **changes)


def is_smooth(campaign: Path) -> bool:
    kinds = set(read_table(campaign / "results" / "truth" / "gains.ecsv")["description"])
    assert len(kinds) == 1
    return kinds == {"smooth"}


def light_curve(campaign: Path, track: str, spw: int) -> tuple[dict, pandas.DataFrame]:
    truth = pandas.read_csv(truth_of(track))
    truth = truth[truth.spw == spw]
    curve = columns(
        read_table(
            campaign / "results" / "truth" / track / "iteration0" / f"spw{spw}" / "light_curve.ecsv"
        )
    )
    np.testing.assert_allclose(curve["mjd"] * 86400, truth.mjd_s, rtol=0, atol=1e-3)
    return curve, truth


def test_the_core_follows_the_truth_within_its_errors(campaign):
    pulls, scatter = [], []
    for track in TRACKS:
        for spw in range(4):
            curve, truth = light_curve(campaign, track, spw)
            good = ~truth.bad.to_numpy(bool)
            weight = truth.I / curve["I_err"] ** 2
            factor = np.sum((weight * curve["I"])[good]) / np.sum((weight * truth.I)[good])
            assert abs(factor - 1) < 0.02
            for name in "QUV":
                pull = ((curve[name] / factor - truth[name]) / curve[f"{name}_err"])[good]
                assert 0.85 < np.std(pull) < 1.15, name
                assert abs(np.mean(pull)) < 0.3, name  # 4 standard errors of the mean of 177
            pulls.append(((curve["I"] / factor - truth.I) / curve["I_err"])[good])
            scatter.append(np.std((curve["I"] / factor / truth.I)[good]))
    deviations = np.std(pulls, axis=1)
    assert 0.85 < np.sqrt(np.mean(deviations**2)) < 1.15
    if is_smooth(campaign):
        # some five independent values in each
        assert np.all((deviations > 1 - 2.5 / np.sqrt(10)) & (deviations < 1 + 2.5 / np.sqrt(10)))
        assert np.median(scatter) < 0.0012
    else:
        assert np.all((deviations > 0.85) & (deviations < 1.15))
        assert 0.004 < np.median(scatter) < 0.006


@pytest.mark.parametrize("track", TRACKS)
def test_polarised_flux_and_angle_follow_the_truth_within_their_errors(campaign, track):
    pulls: dict[str, list] = {"P": [], "EVPA": []}
    for spw in range(4):
        curve, truth = light_curve(campaign, track, spw)
        good = ~truth.bad.to_numpy(bool)
        p = np.hypot(truth.Q, truth.U).to_numpy()
        factor = np.median((curve["I"] / truth.I)[good])
        pulls["P"].append(((curve["P"] / factor - p) / curve["P_err"])[good])
        angle = np.degrees(np.arctan2(truth.U, truth.Q) / 2)
        turn = (curve["EVPA"] - angle + 90) % 180 - 90
        pulls["EVPA"].append((turn / curve["EVPA_err"])[good])
    for name, values in pulls.items():
        assert 0.9 < np.std(values) < 1.1, name


@pytest.mark.parametrize("track", TRACKS)
def test_polarimetry_follows_the_truth_within_its_errors(campaign, track):
    table = columns(read_table(campaign / "results" / "truth" / track / "polarimetry.ecsv"))
    truth = pandas.read_csv(truth_of(track))
    stokes = {name: truth.pivot(index="mjd_s", columns="spw", values=name) for name in "IQU"}
    rows = np.argmin(np.abs(stokes["I"].index.values[:, None] - table["mjd"] * 86400), axis=0)
    i, q, u = (stokes[name].to_numpy()[rows].T for name in "IQU")
    frequency = read_table(campaign / "results" / "truth" / track / "polarimetry.ecsv").meta[
        "frequencies_hz"
    ]
    wavelength2 = (299792458.0 / np.array(frequency)) ** 2
    faraday = np.polyfit(wavelength2, np.unwrap(np.arctan2(u, q), axis=0) / 2, 1)
    spectrum = np.polyfit(np.log(frequency), np.log(i), 1)
    fraction = np.hypot(q, u) / i
    expected = {
        "rotation_measure": faraday[0],
        "EVPA_intrinsic": np.degrees(faraday[1]),
        "spectral_index": spectrum[0],
        "depolarisation": fraction[0] / fraction[-1],
    }
    for name, value in expected.items():
        difference = table[name] - value
        if name == "EVPA_intrinsic":
            difference = (difference + 90) % 180 - 90
        pull = difference / table[f"{name}_err"]
        # 3 standard errors: of 177 values, or of the five of smooth gains, which alone enter here
        few = is_smooth(campaign) and name == "spectral_index"
        tolerance = 3 / np.sqrt(10) if few else 0.15
        assert abs(np.std(pull) - 1) < tolerance, name
        if name != "spectral_index":  # which the spws' flux scales shift
            assert abs(np.mean(pull)) < 0.3, name


@pytest.mark.parametrize("track", TRACKS)
def test_broken_integrations_are_found_and_good_ones_kept(campaign, track):
    for spw in range(4):
        curve, truth = light_curve(campaign, track, spw)
        bad = truth.bad.to_numpy(bool)
        assert not np.any(curve["good"][bad])
        assert np.mean(curve["good"][~bad]) >= 0.99


def test_the_campaigns_minispiral_is_the_reference(campaign):
    table = read_table(campaign / "results" / "truth" / "minispiral_flux.ecsv")
    for spw in range(4):
        curves = [light_curve(campaign, track, spw)[0] for track in TRACKS]
        extended = np.concatenate([c["I_extended"][c["good"]] for c in curves])
        rows = table[table["spw"] == spw]
        assert list(rows["track"]) == list(TRACKS)
        np.testing.assert_allclose(rows["reference_flux"], np.median(extended))
        for curve in curves:
            reference, good = np.median(extended), curve["good"]
            scaled = (curve["gain"] * curve["I_extended"])[good]
            if is_smooth(campaign):
                noise = (curve["gain"] * curve["I_extended_err"])[good]
                assert 0.85 < np.std((scaled - reference) / noise) < 1.15
            else:
                np.testing.assert_allclose(scaled, reference)


def test_validate_finds_the_same(campaign):
    table = read_table(campaign / "results" / "truth" / "validation.ecsv")
    table = table[(table["stage"] == "after scaling") & (table["stokes"] == "I")]
    for row in table:
        curve, truth = light_curve(campaign, row["track"], row["spw"])
        good = curve["good"] & ~truth.bad.to_numpy(bool)
        assert row["n"] == good.sum()
        residual = (curve["I"] / row["factor"] - truth.I.to_numpy())[good]
        assert row["scatter"] == pytest.approx(np.std(residual), rel=1e-4)
    power = read_table(campaign / "results" / "truth" / "validation_power.ecsv")
    power = power[(power["stage"] == "after scaling") & (power["stokes"] == "I")]
    # no timescale on which variability is eaten
    for timescale in set(power["timescale"]):
        rows = power[(power["timescale"] == timescale) & (power["number"] > 2)]
        if len(rows):
            response = np.average(rows["response"], weights=rows["response_err"] ** -2.0)
            error = np.sum(rows["response_err"] ** -2.0) ** -0.5
            assert response > 1 - max(0.1, 3 * error)


def test_a_track_alone_gives_its_own_reference(campaign):
    scale = {"reference": "track"}
    make(campaign, configuration(scale=scale), "results/truth/minispiral_flux.ecsv")
    table = read_table(campaign / "results" / "truth" / "minispiral_flux.ecsv")
    np.testing.assert_allclose(table["reference_flux"], table["median"])
    assert len(set(table["reference_flux"])) == 8
