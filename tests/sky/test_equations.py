"""The minispiral from the visibilities: transforms, normal equations, and their solution."""

import numpy as np
import pytest

from minispiral.errors import MinispiralError
from minispiral.sky.equations import SkyEquations, SkySums, read_sums, total, write_sums
from minispiral.sky.grid import EDGE_RESPONSE, Coverage, SkyGrid, choose_grid
from minispiral.sky.solver import Regularisation, objective, solve_sky
from minispiral.visibilities.primary_beam import gaussian, primary_beam_width, radius_of_response
from minispiral.visibilities.transform import adjoint_image, image_visibilities

FREQUENCIES = (213.1e9, 229.1e9)
GRID = SkyGrid(48, 0.5)


def rows(seed: int = 1, n: int = 900, longest: float = 150.0) -> np.ndarray:
    """UVW of baselines in all directions, most of them short: ``(3, n)``, m."""
    rng = np.random.default_rng(seed)
    length, angle = longest * rng.random(n) ** 0.7, 2 * np.pi * rng.random(n)
    return np.stack([length * np.cos(angle), length * np.sin(angle), 0 * length])


def sky(grid: SkyGrid = GRID) -> np.ndarray:
    """Two patches and a ridge, none of them at the centre."""
    n = grid.size
    x, y = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    patches = [(0.62, 0.55, 2.0, 4.0), (0.4, 0.36, 1.5, 2.0), (0.5, 0.7, 3.0, 1.2)]
    return sum(
        flux * np.exp(-((x - a * n) ** 2 + (y - b * n) ** 2) / 2 / width**2)
        for a, b, width, flux in patches
    )


def responses(grid: SkyGrid = GRID) -> dict[float, np.ndarray]:
    return {f: gaussian(grid.radius(), primary_beam_width(f, 12.0)) for f in FREQUENCIES}


def equations_of(sums: SkySums) -> SkyEquations:
    """Equations with the primary beam at the frequencies that have their sums together."""
    return SkyEquations(
        sums, {f: gaussian(GRID.radius(), primary_beam_width(f, 12.0)) for f in sums.right}
    )


def sums_of(true: np.ndarray, flux: float = 1.0, seed: int = 1, noise: float = 0.0) -> SkySums:
    """Sums of the visibilities of a sky at both frequencies, whose flux varies from row to row."""
    rng = np.random.default_rng(seed)
    sums = SkySums(GRID)
    for frequency, response in responses().items():
        uvw = rows(seed)
        gain = flux * (1 + 0.2 * rng.standard_normal(uvw.shape[1]))
        weight = rng.random(uvw.shape[1])
        v = gain * image_visibilities(uvw, frequency, response * true, GRID.cell)
        v += noise * rng.standard_normal((2, len(v))).T @ [1, 1j] / np.sqrt(weight)
        sums.add_rows(uvw, frequency, weight, v, gain)
    return sums


def test_the_adjoint_is_the_transforms_by_the_dot_product():
    rng = np.random.default_rng(0)
    uvw, x = rows(), rng.standard_normal(GRID.shape)
    v = rng.standard_normal((2, uvw.shape[1])).T @ [1, 1j]
    forward = image_visibilities(uvw, 213e9, x, GRID.cell)
    adjoint = adjoint_image(uvw, 213e9, v, GRID.shape, GRID.cell)
    of_visibilities = np.sum(np.real(np.conj(forward) * v))
    of_images = np.sum(x * adjoint)
    assert abs(of_visibilities - of_images) < 1e-10 * np.linalg.norm(forward) * np.linalg.norm(v)


@pytest.mark.parametrize("single", [False, True])
def test_the_convolution_with_the_dirty_beam_is_the_normal_matrix(single):
    true, rng = sky(), np.random.default_rng(1)
    expected = np.zeros(GRID.shape)
    sums = SkySums(GRID)
    for frequency in FREQUENCIES:
        uvw, weight, flux = rows(), rng.random(900), 1 + rng.random(900)
        part = SkySums(GRID)
        part.add_rows(uvw, frequency, weight, np.zeros(900, complex), flux)
        sums.add(part)
        (response,) = equations_of(part).responses
        v = image_visibilities(uvw, frequency, response * true, GRID.cell)
        weighted = weight * flux**2 * v
        expected += response * adjoint_image(uvw, frequency, weighted, GRID.shape, GRID.cell)
    product = equations_of(sums).matrix(true, single)
    assert np.abs(product - expected).max() < 1e-6 * np.abs(expected).max()


def test_the_gradient_is_that_of_the_objective_by_differences():
    equations = equations_of(sums_of(sky()))
    prior = Regularisation(gaussian(GRID.radius(), 20.0))
    rng = np.random.default_rng(2)
    y, direction = rng.random(GRID.shape), rng.standard_normal(GRID.shape)
    ahead, behind = (objective(equations, prior, y + s * direction)[0] for s in (1e-3, -1e-3))
    slope = np.sum(objective(equations, prior, y)[1] * direction)
    assert (ahead - behind) / 2e-3 == pytest.approx(slope, rel=1e-6)


def test_a_known_sky_without_noise_comes_back_where_it_is_measured():
    true = sky()
    prior = Regularisation(np.ones(GRID.shape), strength=1e-6)
    found = solve_sky(equations_of(sums_of(true)), prior, steps=400)
    for frequency, response in responses().items():
        uvw = rows(seed=5, n=300)  # other baselines of the same lengths
        expected = image_visibilities(uvw, frequency, response * true, GRID.cell)
        visibilities = image_visibilities(uvw, frequency, response * found, GRID.cell)
        measured = np.hypot(*uvw[:2]) > 10
        worst = np.abs(visibilities - expected)[measured].max()
        assert worst < 3e-3 * np.abs(expected).max()
    assert found.min() >= 0
    assert found.sum() == pytest.approx(true.sum(), rel=0.02)


def test_the_sky_is_the_minimum_though_steps_are_of_single_precision():
    """There the gradient is zero where there is flux, and not negative elsewhere."""
    equations, prior = equations_of(sums_of(sky(), noise=0.3)), Regularisation(np.ones(GRID.shape))
    found = solve_sky(equations, prior, steps=4000)
    _, gradient = objective(equations, prior, found)
    _, at_first = objective(equations, prior, np.zeros(GRID.shape))
    assert np.abs(gradient[found > 0]).max() < 1e-7 * np.abs(at_first).max()
    assert gradient[found == 0].min() > -1e-7 * np.abs(at_first).max()


def test_a_factor_between_sky_and_fluxes_changes_nothing_else():
    prior = Regularisation(gaussian(GRID.radius(), 30.0))
    one, three = (
        solve_sky(equations_of(sums_of(sky() / f, f)), prior, steps=2000) for f in (1.0, 3.0)
    )
    assert 3 * three == pytest.approx(one, abs=1e-4 * one.max())


def test_sums_are_the_same_in_any_blocks_and_order():
    rng = np.random.default_rng(3)
    uvw, v = rows(), rng.standard_normal((2, 900)).T @ [1, 1j]
    weight, flux = rng.random(900), rng.random(900)
    whole, parts = SkySums(GRID), []
    whole.add_rows(uvw, 213e9, weight, v, flux)
    for block in np.array_split(rng.permutation(900), 7):
        part = SkySums(GRID)
        part.add_rows(uvw[:, block], 213e9, weight[block], v[block], flux[block])
        parts.append(part)
    summed = total(parts)
    for name in ("right", "beam"):
        (one,), (other,) = (getattr(sums, name).values() for sums in (whole, summed))
        assert other == pytest.approx(one, abs=2e-6 * np.abs(one).max())


def test_flux_is_kept_out_of_where_the_envelope_has_none():
    envelope = np.where(GRID.radius() < 1.0, 0.0, 1.0)
    found = solve_sky(equations_of(sums_of(sky())), Regularisation(envelope))
    assert not found[envelope == 0].any()
    assert found.sum() > 0


def test_a_sky_that_is_solved_again_from_itself_stays():
    equations = equations_of(sums_of(sky(), noise=0.3))
    prior = Regularisation(gaussian(GRID.radius(), 25.0))
    first = solve_sky(equations, prior, steps=500)
    again = solve_sky(equations, prior, start=first, steps=5)
    assert again == pytest.approx(first, abs=1e-3 * first.max())


def test_sums_are_written_without_loss(tmp_path):
    sums = sums_of(sky())
    write_sums(tmp_path / "sums.npz", sums)
    again = read_sums(tmp_path / "sums.npz")
    assert again.grid == sums.grid
    for name in ("right", "beam"):
        for frequency, image in getattr(sums, name).items():
            assert np.array_equal(getattr(again, name)[frequency], image)


def test_sums_of_other_grids_do_not_add_up():
    with pytest.raises(MinispiralError, match="make them again"):
        SkySums(GRID).add(SkySums(SkyGrid(48, 0.25)))


def test_no_data_make_no_sky():
    with pytest.raises(MinispiralError, match="no track"):
        total([])
    empty = SkySums(GRID)
    empty.add_rows(rows(), FREQUENCIES[0], np.zeros(900), np.ones(900, complex), np.ones(900))
    with pytest.raises(MinispiralError, match="flags and weights"):
        SkyEquations(empty, responses())


def test_the_field_is_the_primary_beam_and_the_finest_fringe_has_its_pixels():
    windows = [Coverage(213.1e9, 12.0, 90e3), Coverage(229.1e9, 12.0, 131.6e3)]
    grid = choose_grid(windows)
    fringe = 1 / 131.6e3 / np.pi * 180 * 3600
    assert fringe / 6.6 < grid.cell <= fringe / 6
    width = primary_beam_width(213.1e9, 12.0)
    assert gaussian(grid.size * grid.cell / 2, width) == pytest.approx(EDGE_RESPONSE, rel=0.1)
    assert radius_of_response(0.5, width) == pytest.approx(width / 2)
    assert grid.size % 2 == 0


def test_a_field_of_too_many_pixels_is_refused():
    with pytest.raises(MinispiralError, match="pixels"):
        choose_grid([Coverage(8.1e9, 25.0, 2.3e8)])
