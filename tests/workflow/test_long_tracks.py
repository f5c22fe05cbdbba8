"""The default configuration on two tracks of hours with different baselines: nothing drifts.

Judged by validation.ecsv. Run by `make test-nights` alone, as it takes minutes.
"""

from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from tests.helpers.runs import make
from tests.helpers.shared_tracks import (
    ALONE,
    assert_outliers_are_found,
    campaign_of,
    of_track,
    pooled,
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
