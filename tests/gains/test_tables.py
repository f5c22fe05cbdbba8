"""Tables of gains: what is written is what is read, and the light curve is scaled by it."""

import numpy as np
import pytest
from astropy.table import Table

from minispiral.gains.description import describe_gains
from minispiral.gains.tables import (
    calls_for_action,
    gain_curve,
    gain_curves_table,
    gain_summary,
    in_a_line,
)
from minispiral.io.tables import columns, read_table, write_table
from minispiral.light_curves.reading import scaled_light_curve
from minispiral.light_curves.tables import polarimetry_table
from tests.helpers.nights import FREQUENCIES, INTERVAL, night

SPWS = (1, 3)
LIMITS = {
    "track": "a",
    "table": None,
    "flux_range": [0.5, 9.0],
    "max_polarized_flux": None,
    "flagger": {"deviation": None, "chi2": 50.0, "bad_scan": None},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A track's files, as the stages before leave them."""
    folder = tmp_path_factory.mktemp("gains")
    made = night("quiet", 3)
    good = [np.isfinite(fit["I_extended"]) for fit in made.fits]
    descriptions = describe_gains(made.fits, good, INTERVAL / 2)
    write_table(folder / "gains.ecsv", gain_curves_table(SPWS, made.fits, descriptions))
    (folder / "reference.json").write_text('{"reference_flux_jy": 1.1}')
    for spw, fit, frequency in zip(SPWS, made.fits, FREQUENCIES, strict=True):
        table = Table(fit, meta={"frequency_hz": frequency, "interval_s": INTERVAL})
        table["chi2"][9] *= 100  # to be flagged
        write_table(folder / f"fit{spw}.ecsv", table)
    return folder, descriptions


def light_curve(folder, spw) -> Table:
    files = (folder / name for name in (f"fit{spw}.ecsv", "reference.json"))
    return scaled_light_curve(*files, read_table(folder / "gains.ecsv"), LIMITS, "a", spw)


def test_curves_are_read_as_they_were_written(folder):
    for spw, description in zip(SPWS, folder[1], strict=True):
        curve, entry = gain_curve(read_table(folder[0] / "gains.ecsv"), spw)
        for name in ("log_extended", "variance", "weight"):
            np.testing.assert_allclose(getattr(curve, name), getattr(description.curve, name))
        assert entry["description"] == description.kind == "smooth"
        assert entry["spws"] == [spw]
        assert curve.noise == pytest.approx(description.curve.noise, rel=1e-5)


def test_the_light_curve_is_scaled_by_the_curve(folder):
    for spw, description in zip(SPWS, folder[1], strict=True):
        table = light_curve(folder[0], spw)
        values, curve = columns(table), description.curve
        np.testing.assert_allclose(values["gain"], 1.1 * np.exp(-curve.log_extended))
        np.testing.assert_allclose(values["gain_err"], values["gain"] * np.sqrt(curve.variance))
        np.testing.assert_allclose(values["I"], values["gain"] * values["I_compact"])
        np.testing.assert_allclose(values["gain_weight"], curve.weight)
        noise = curve.noise["Q"] * columns(Table.read(folder[0] / f"fit{spw}.ecsv"))["Q_err"]
        expected = values["gain"] * np.hypot(
            noise, values["Q"] / values["gain"] * np.sqrt(curve.variance)
        )
        np.testing.assert_allclose(values["Q_err"], expected, rtol=1e-5)
        assert list(np.flatnonzero(~table["good"])) == [9]
        assert np.median(values["I_err"] / values["I"]) < 0.6 * np.median(
            values["I_extended_err"] / values["I_extended"]
        )


def test_summary_and_remark_say_what_was_chosen(folder):
    curves = [light_curve(folder[0], spw) for spw in SPWS]
    table = gain_summary(curves)
    assert list(table["spw"]) == list(SPWS)
    assert set(table["description"]) == {"smooth"}
    assert set(table["noise_from_Q"]) == {"neighbours"}
    assert str(table["timescale_s"].unit) == "s"
    assert np.isnan(table["evidence_separate"]).all()
    assert (table["evidence_together"] < 0).all()
    assert (table["segments"] == 1).all()
    line = in_a_line(Table.read(folder[0] / "gains.ecsv"), SPWS)
    assert line == "gains: spw 1 smooth; spw 3 smooth"


def test_few_integrations_are_remarked_on():
    made = night("quiet", 3, shared=True)
    good = [np.arange(len(fit["time"])) < 10 for fit in made.fits]
    few = gain_curves_table(SPWS, made.fits, describe_gains(made.fits, good, INTERVAL / 2))
    assert "spw 3 integration (only 10 good integrations)" in in_a_line(few, SPWS)
    (first, *_) = calls_for_action(few, [3])
    assert first.startswith("spw 3 has only 10 good integrations, too few to smooth its gain")
    good = [np.isfinite(fit["I_extended"]) for fit in made.fits]
    both = gain_curves_table(SPWS, made.fits, describe_gains(made.fits, good, INTERVAL / 2))
    assert in_a_line(both, SPWS) == "gains: spw 1, 3 smooth"
    assert calls_for_action(both, SPWS) == []


def test_gains_that_are_as_configured_call_for_no_action():
    made = night("quiet", 3, shared=True)
    good = [np.isfinite(fit["I_extended"]) for fit in made.fits]
    own = describe_gains(made.fits, good, INTERVAL / 2, "as configured")
    table = gain_curves_table(SPWS, made.fits, own)
    assert in_a_line(table, SPWS).count("integration (as configured)") == 2
    assert calls_for_action(table, SPWS) == []


def test_polarimetry_has_the_noise_of_the_neighbours(folder):
    fits = [Table.read(folder[0] / f"fit{spw}.ecsv") for spw in SPWS]
    curves = [light_curve(folder[0], spw) for spw in SPWS]
    table = polarimetry_table(fits, curves)
    for curve in curves:
        noise = curve.meta["gains"]["noise"]
        noise["Q"], noise["U"] = 3 * noise["Q"], 3 * noise["U"]
    louder = polarimetry_table(fits, curves)
    np.testing.assert_allclose(
        louder["rotation_measure_err"], 3 * table["rotation_measure_err"], rtol=1e-6
    )
