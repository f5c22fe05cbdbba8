"""Light curves from files: which integrations are flagged for what others of their scan are."""

import numpy as np
from astropy.table import Table

from minispiral.io.tables import write_table
from minispiral.light_curves.reading import read_flagged_fit
from tests.helpers.fits import make_fit

LENGTH = 50  # of a scan
LIMITS = {"flagger": {"deviation": 6.0, "chi2": 6.0, "bad_scan": 0.5}}


def test_a_good_scan_is_not_flagged_for_a_bad_one_of_its_number(tmp_path):
    """Scan 1 of the first execution is bad throughout; scan 1 of the second and all arrays not."""
    fit = make_fit(6 * LENGTH)
    scan = np.arange(6 * LENGTH) // LENGTH
    fit["observation"] = np.array([0, 0, 1, 1, 1, 1])[scan]
    fit["array"] = np.array([0, 0, 0, 0, 1, 1])[scan]
    fit["scan"] = np.array([1, 2, 1, 2, 1, 2])[scan]
    rng = np.random.default_rng(1)
    fit["chi2"] = 1 + 0.02 * rng.standard_normal(len(scan))
    fit["chi2"][: int(0.6 * LENGTH)] = 30.0
    write_table(tmp_path / "fit.ecsv", Table(fit, meta={"interval_s": 6.0}))
    flagged = read_flagged_fit(tmp_path / "fit.ecsv", LIMITS)["flag"] != "-"
    shares = [np.mean(flagged[scan == k]) for k in range(6)]
    assert shares[0] == 1
    assert max(shares[1:]) < 0.05
