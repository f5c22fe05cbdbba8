"""A campaign's folder of results with made-up light curves, as the workflow would write it."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import yaml
from astropy.table import Table

from minispiral.fit.memo_file import write_fit_file
from minispiral.gains.covariance_table import covariance_table
from minispiral.gains.description import describe_gains
from minispiral.gains.tables import gain_curves_table
from minispiral.io.tables import write_table
from minispiral.light_curves.scaling import Limits
from minispiral.light_curves.tables import collected, light_curve_table, polarimetry_table
from minispiral.measures.stated import Stated
from tests.helpers.fits import make_fit

NAME, TRACK = "made", "20170406"
FREQUENCIES = (213.1e9, 227.1e9, 229.1e9)
INTERVAL = 4.0
N = 240
BAD = 17  # an integration that is not good
START = 57849 * 86400 + 8 * 3600 + 3002.0
SGR_A = (266.41683708333335, -29.007810555555558)
ALMA = (2225007.6920854556, -5440057.397862953, -2481692.583225749)


def gain() -> np.ndarray:
    """The gain that was put in, of all spws."""
    return 1 + 0.05 * np.sin(np.arange(N) / 40)


def fits() -> list[Table]:
    """Fitted fluxes of each spw."""
    tables = []
    for seed, frequency in enumerate(FREQUENCIES):
        values = make_fit(N, 1.1 / gain(), 2.4 / gain(), seed)
        values["time"] = START + INTERVAL * np.arange(N)
        values["I_compact"][BAD] = 9.0
        table = Table(values, meta={"frequency_hz": frequency, "interval_s": INTERVAL})
        tables.append(table)
    return tables


@cache
def light_curves() -> tuple[list[Table], list[Table], Table]:
    """Fits and light curves of each spw, and the table of their covariance."""
    made = fits()
    good = [np.arange(len(fit)) != BAD for fit in made]
    described = describe_gains(made, good, INTERVAL / 2, "as configured")
    curves = [
        light_curve_table(fit, 1.1, Limits((1.0, 5.0)), TRACK, spw, gains=one.curve)
        for spw, (fit, one) in enumerate(zip(made, described, strict=True))
    ]
    gains = gain_curves_table(range(len(made)), made, described)
    for curve, one in zip(curves, described, strict=True):
        curve.meta["gains"] = {"spws": [], "noise": dict(one.curve.noise), "description": "own"}
    return made, curves, covariance_table(curves, gains)


def write_results(folder: Path) -> Path:
    """Write the campaign's folder, and return it."""
    campaign = folder / NAME
    track = campaign / TRACK
    track.mkdir(parents=True)
    made, curves, covariance = light_curves()
    config = {"campaign": NAME, "tracks": {TRACK: {"ms": "a.ms"}, "later": {"ms": "b.ms"}}}
    (campaign / "config.yaml").write_text(yaml.safe_dump(config))
    write_table(track / "light_curves.ecsv", collected(curves, {TRACK: Stated(0.1, 0.006)}))
    write_table(track / "covariance.ecsv", covariance)
    write_table(track / "polarimetry.ecsv", polarimetry_table(made, curves))
    write_fit_file(track / f"SGRA_FIT_{NAME}_{TRACK}.fit", made, curves)
    place = {"direction_deg": SGR_A, "position_m": ALMA}
    (track / "inspection.json").write_text(json.dumps(place))
    return campaign
