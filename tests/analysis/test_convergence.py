"""The table that says whether another iteration is worth it."""

import numpy as np
import pytest
from astropy.table import Table

from minispiral.analysis.convergence import TURNS, convergence_table, light_curve_change
from minispiral.io.tables import read_table, write_table


def iteration(shift: float = 0.0, flux: float = 1.1, chi2: float = 1.0, good: bool = True):
    """Fit and light curve whose Stokes I is off by `shift` errors, alternately up and down."""
    n = 50
    sign = np.where(np.arange(n) % 2, 1, -1)
    fit = Table({"I_extended": np.full(n, flux), "chi2": np.full(n, chi2)})
    curve = Table(
        {
            "I": 2.5 + 0.01 * shift * sign,
            "I_err": np.full(n, 0.01),
            "good": np.full(n, good),
            "track": np.full(n, "a"),
            "spw": np.zeros(n, int),
        }
    )
    return fit, curve


def table(*iterations, residuals):
    fits, curves = zip(*iterations, strict=True)
    return convergence_table(fits, curves, residuals, len(iterations))


def test_changes_are_in_errors_and_relative():
    convergence = table(iteration(), iteration(2.0, 1.21, 0.5), residuals=[2e-3, 1e-3])
    assert convergence["light_curve_change"][1] == pytest.approx(2.0, rel=0.01)
    assert convergence["minispiral_flux_change"][1] == pytest.approx(0.1)
    assert convergence["chi2_change"][1] == pytest.approx(-0.5)
    assert convergence["image_residual_change"][1] == pytest.approx(-0.5)
    assert np.isnan(convergence["chi2_change"][0])


@pytest.mark.parametrize(
    ("second", "residual", "worth"),
    [
        (iteration(0.1), 1.95e-3, False),
        (iteration(1.0), 2e-3, True),
        (iteration(0.1, flux=1.12), 2e-3, True),
        (iteration(0.1, chi2=0.9), 2e-3, True),
        (iteration(0.1), 1e-3, True),
        (iteration(good=False), 2e-3, True),  # nothing is known
    ],
)
def test_another_is_worth_it_while_something_changes(second, residual, worth):
    convergence = table(iteration(), second, residuals=[2e-3, residual])
    assert list(convergence["another_is_worth_it"]) == [True, worth]


def test_a_common_factor_is_no_change_of_the_light_curve():
    _, curve = iteration(0.5)
    scaled = {**{name: np.asarray(curve[name]) for name in curve.colnames}}
    assert light_curve_change({**scaled, "I": 1.1 * scaled["I"]}, scaled) == pytest.approx(0)


def test_how_the_turns_ended_is_told_of_tracks_that_take_them(tmp_path):
    """Of two tracks the second takes none; values that are missing stay so in a file."""
    (fit, curve), (other_fit, other_curve) = iteration(), iteration()
    other_curve["track"] = "b"
    ends = {("a", 0): {"turns": 5, "turns_change": 0.04, "turns_stopped": "fluxes"}}
    arguments = [fit, other_fit], [curve, other_curve], [1e-3, 1e-3], 1
    write_table(tmp_path / "table.ecsv", convergence_table(*arguments, ends))
    table = read_table(tmp_path / "table.ecsv")
    assert tuple(table[0][list(TURNS)]) == (5, 0.04, "fluxes")
    assert all(table[name].mask[1] for name in TURNS)


def test_without_turns_there_is_nothing_about_them():
    assert not set(TURNS) & set(table(iteration(), residuals=[1e-3]).colnames)
