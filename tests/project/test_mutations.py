"""The formulas of fit and scaling are held by their tests: change one anywhere, and a test fails.

Every arithmetic operator, comparison, sign, number and weight of these modules is changed, one at a
time, and the tests of the module are run on the changed package. Run by `make test-faults`.
"""

import ast
import copy
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.helpers.places import ROOT

pytestmark = [pytest.mark.faults, pytest.mark.slow]

TESTS = {
    "fit/normal_equations": ("fit/test_normal_equations.py", "fit/test_properties.py"),
    "visibilities/stokes": (
        "visibilities/test_stokes.py",
        "fit/test_normal_equations.py",
        "fit/test_properties.py",
    ),
    "visibilities/transform": ("visibilities/test_transform.py", "fit/test_normal_equations.py"),
    "light_curves/scaling": ("light_curves/test_scaling.py", "light_curves/test_tables.py"),
    "gains/curve": ("gains/test_curve.py",),
    "light_curves/linear_polarization": (
        "light_curves/test_scaling.py",
        "light_curves/test_linear_polarization.py",
    ),
}
SECONDS = 120  # of one module's tests, which take a few
# changes that change nothing, or no more than an arbitrary limit
HARMLESS = {
    "fit/normal_equations": {
        "SINGULAR = 1e-10 -> 2e-10",
        # what is divided by it is NaN already
        "chi2 = np.clip(vv - extended * vm - compact * vp, 0, None) / np.where(solvable, dof, 1)"
        " -> 2",
        # any number that is no index
        "self.starts = np.flatnonzero(np.diff(index, prepend=-1)) -> 2",
    },
    "visibilities/transform": {
        "ACCURACY = 1e-7 -> 2e-07",
        "uvw: np.ndarray, frequency: float, image: np.ndarray, cell: float, threads: int = 1 -> 2",
    },
    "light_curves/scaling": {"MAX_ROUNDS = 20 -> 40"},
    # where these numbers are put in, the result is left out
    "gains/curve": {
        'value = np.where(positive, np.log(np.where(positive, fit["I_extended"], 1.0)), np.nan)'
        " -> 2.0",
    },
    "light_curves/linear_polarization": {"noise = np.where(across > 0, across, 1.0) -> 2.0"},
}
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
# a weight or a sum taken for its neighbour
EXCHANGED = {"mm": "pp", "pp": "mm", "vm": "vp", "vp": "vm", "i": "j", "j": "i"}


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """What could stand in the place of a node."""
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)
    elif isinstance(node, ast.AugAssign) and type(node.op) in OPERATORS:
        yield ast.AugAssign(node.target, OPERATORS[type(node.op)](), node.value)
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
        yield ast.Compare(
            node.left, [OPERATORS[type(node.ops[0])](), *node.ops[1:]], node.comparators
        )
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Invert):
        yield node.operand
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value:
        yield ast.Constant(2 * node.value)
    elif isinstance(node, ast.Name) and node.id in EXCHANGED and isinstance(node.ctx, ast.Load):
        yield ast.Name(EXCHANGED[node.id], ast.Load())


class Replace(ast.NodeTransformer):
    """Put another node into a place, counted in the order of a walk."""

    def __init__(self, place: ast.AST, other: ast.AST) -> None:
        self.place, self.other = place, other

    def visit(self, node: ast.AST) -> ast.AST:
        return self.other if node is self.place else self.generic_visit(node)


def places(tree: ast.AST) -> list[ast.AST]:
    """All nodes in the order of a walk, but those of annotations."""
    fields = ("annotation", "returns")
    notes = [getattr(node, field, None) for node in ast.walk(tree) for field in fields]
    left_out = {id(node) for note in notes if note is not None for node in ast.walk(note)}
    return [node for node in ast.walk(tree) if id(node) not in left_out]


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Each change of a module as the line that is changed, and the source after it."""
    for k in range(len(places(ast.parse(source)))):
        tree = ast.parse(source)
        place = places(tree)[k]
        for other in changes(place):
            line = getattr(place, "lineno", 0)
            other = ast.copy_location(copy.deepcopy(other), place)
            text = ast.unparse(ast.fix_missing_locations(Replace(place, other).visit(tree)))
            yield f"{source.splitlines()[line - 1].strip()} -> {ast.unparse(other)}", text


def survives(module: str, text: str, folder: Path) -> bool:
    """Whether the module's tests pass with this text in its place."""
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "src" / "minispiral" / f"{module}.py").write_text(text)
    tests = [str(ROOT / "tests" / name) for name in TESTS[module]]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis"),
    }
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:  # a change that goes on for ever is seen
        return False
    finally:
        shutil.rmtree(folder)
    # 2 and 4: it cannot be imported
    assert done.returncode in (0, 1, 2, 4), done.stdout + done.stderr
    return done.returncode == 0


@pytest.mark.parametrize("module", TESTS)
def test_every_change_of_a_formula_is_caught(module, tmp_path):
    source = (ROOT / "src" / "minispiral" / f"{module}.py").read_text()
    made = list(mutants(source))
    assert len(made) > 5
    assert survives(module, source, tmp_path / "unchanged")

    def tried(k: int) -> bool:
        return survives(module, made[k][1], tmp_path / str(k))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        survivors = [
            made[k][0] for k, alive in enumerate(pool.map(tried, range(len(made)))) if alive
        ]
    left = set(survivors) - HARMLESS.get(module, set())
    assert not left, "\n".join(left)
    assert set(survivors) == HARMLESS.get(module, set()), "of these some are caught now"
