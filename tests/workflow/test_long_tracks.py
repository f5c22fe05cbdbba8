"""The default configuration on two tracks of hours with different baselines: nothing drifts.

Judged by validation.ecsv. Run by `make test-nights` alone, as it takes minutes.
"""

from pathlib import Path

import numpy as np
import pandas
import pytest
from astropy.table import Table

from minispiral import casa
from minispiral.analysis.variability_tables import (
    statistics_table,
    structure_function_table,
    tracks_of,
)
from minispiral.imaging.core import read_sky_model
from minispiral.io.tables import read_table
from minispiral.ms.inspection import read_inspection
from minispiral.science.inputs import curves_of
from minispiral.science.residuals import (
    field_of,
    longest_average,
    measure,
    minutes_of,
    usable,
    with_source,
)
from minispiral.science.study import study_track
from minispiral.science.transients import find_transients
from minispiral.sky.averages import average, read_samples
from minispiral.visibilities.antenna_gains import read_gains_of_spws
from minispiral.visibilities.pointing import read_pointing
from minispiral.visibilities.primary_beam import gaussian, primary_beam_width
from tests.helpers.runs import make
from tests.helpers.shared_tracks import (
    ALONE,
    assert_outliers_are_found,
    campaign_of,
    of_track,
    pooled,
    truth_of,
    unpack,
    validation,
)

pytestmark = [pytest.mark.nights, pytest.mark.slow]

LONG = ("20170406_long", "20170407_long")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return unpack(tmp_path_factory.mktemp("long"), *LONG)


@pytest.fixture(scope="module")
def together(folder) -> Table:
    """What validation says where both tracks share the minispiral."""
    make(folder, campaign_of(*LONG), "validate")
    return validation(folder)


@pytest.fixture(scope="module", params=["together", "alone"])
def validated(request, folder, together) -> Table:
    """The same, and where each track has a minispiral of its own."""
    if request.param == "together":
        return together
    make(folder, campaign_of(*LONG, **ALONE), "validate")
    return validation(folder)


def test_both_tracks_have_one_flux_scale(together):
    scales = np.array([of_track(together, track)["flux_scale"] for track in LONG])
    assert np.all(np.abs(scales - 1) < 0.013)
    assert np.all(np.abs(scales[0] - scales[1]) < 0.007)


def test_light_curves_do_not_drift(validated):
    """Means of 10 minutes, and integrations."""
    assert np.all(validated["n_10min"] > 10)
    assert np.all(validated["relative_scatter_10min"] <= 0.0014)
    assert np.all(validated["relative_scatter"] <= 0.0025)


def test_errors_hold(validated):
    pulls, numbers = (
        np.array([of_track(validated, track)[name] for track in LONG]) for name in ("pull_std", "n")
    )
    assert np.all((pulls > 0.75) & (pulls < 1.4))
    for spw in range(4):
        assert 0.85 < pooled(pulls[:, spw], numbers[:, spw]) < 1.3
    assert 0.9 < pooled(pulls, numbers) < 1.15


@pytest.mark.parametrize("track", LONG)
def test_broken_integrations_are_found_and_good_ones_kept(validated, track):
    assert_outliers_are_found(of_track(validated, track))


# what the light curves say


@pytest.fixture(scope="module")
def science(folder, together) -> Path:  # noqa: ARG001  (in the same folder, at another time)
    """Products of target `science`, where both tracks share the minispiral."""
    make(folder, campaign_of(*LONG), "science")
    return folder / "results" / "truth"


def test_light_curves_say_what_the_truth_says(science):
    """Slope, modulation index and structure function, of the same integrations."""
    recovered = [
        read_table(path)
        for track in LONG
        for path in sorted((science / track / "iteration0").glob("spw*/light_curve.ecsv"))
    ]
    true = []
    for table in recovered:
        copy, truth = table.copy(), pandas.read_csv(truth_of(table["track"][0]))
        rows = truth[truth.spw == table["spw"][0]].sort_values("mjd_s")
        copy["I_compact"] = np.interp(table["mjd"] * 86400, rows.mjd_s, rows.I)
        copy["I_compact_err"] = 1e-5 * copy["I_compact"]
        copy["I_extended"], copy["I_extended_err"] = copy.meta["reference_flux_jy"], 1e-6
        true.append(copy)
    laws, statistics, structures = [], [], []
    for tables in (recovered, true):
        laws.append([study_track(curves, 20).law for curves in curves_of(tables)])
        statistics.append(statistics_table(tracks_of(tables)))
        structures.append(structure_function_table(tracks_of(tables)))
    for found, true_law in zip(*laws, strict=True):
        width = (found.slope_high - found.slope_low) / 2
        assert abs(found.slope - true_law.slope) < 2.5 * width
    indices = [table["modulation_index"] for table in statistics]
    np.testing.assert_allclose(indices[0], indices[1], rtol=0.03)
    both = structures[0]["pairs"] > 30
    apart = np.abs(structures[0]["structure_function"] - structures[1]["structure_function"])
    # noise is in the recovered one alone
    error = np.hypot(*(table["structure_function_err"] for table in structures))
    assert np.mean((apart < error)[both]) > 0.9


def test_nothing_else_shines_in_the_field(science):
    table = read_table(science / "transients.ecsv")
    assert len(table) == 0
    for search in table.meta["searches"].values():
        assert search["snapshots"] > 200
        assert search["noise_jy"]["300"] < 2e-4


@pytest.mark.parametrize("flux", [0.005, 0.03, 0.1])
def test_a_source_of_ten_minutes_is_found(science, flux):
    """Added to the averages of a track, at a place and time."""
    folder, numbers = science / LONG[1], (0, 1, 2, 3)
    inspection = read_inspection(folder / "inspection.json")
    last = max((science / "sky" / "iteration0").glob("turn*.fits"), key=lambda p: int(p.stem[4:]))
    sky = read_sky_model(last, folder / "core.json")
    pointing = read_pointing(folder / "iteration0" / "pointing.ecsv")
    gains = folder / "iteration0" / "antenna_gains.npz"
    seconds = min(
        longest_average(s.frequency_hz, s.longest_baseline_m, 12.0) for s in inspection.spws
    )
    residuals, spws = [], []
    with casa.session(folder / "test.log"):
        for spw, gain in zip(numbers, read_gains_of_spws([gains] * 4, numbers), strict=True):
            curve = read_table(folder / "iteration0" / f"spw{spw}" / "light_curve.ecsv")
            samples, bins = read_samples(
                (folder / f"spw{spw}" / "split.ms").resolve(), gain, seconds
            )
            spws.append(average(usable(samples, curve), bins))
    begin = spws[0].times[0] + 0.4 * np.ptp(spws[0].times)
    east, north = -5.2, 4.1
    width = primary_beam_width(float(np.mean([spw.frequency for spw in spws])), 12.0)
    seen = flux * float(gaussian(np.hypot(east, north), width))
    for spw in spws:
        added = with_source(spw, east, north, seen, (begin, begin + 600))
        residuals.append(measure(added, sky, pointing))
    minutes = minutes_of(residuals, field_of(spws, 12.0, sky.core_offset))
    (found,) = find_transients(minutes).transients
    assert np.hypot(found.east - east, found.north - north) < 0.5
    assert found.flux == pytest.approx(flux, rel=0.15)
    assert abs(found.begin - begin) <= 300
    assert abs(found.end - begin - 600) <= 300
