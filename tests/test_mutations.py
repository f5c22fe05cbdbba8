"""The formulas of fit and scaling are held by their tests: change one anywhere, and a test fails.

Every arithmetic operator, sign, number and weight of these modules is changed, one at a time, and
the tests of the module are run on the changed package. Run by `make test-faults`.
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

from workflow import ROOT

pytestmark = [pytest.mark.faults, pytest.mark.slow]

TESTS = {
    "fit": ("test_visibility_fit.py", "test_fit_properties.py"),
    "stokes": ("test_visibility_fit.py", "test_fit_properties.py"),
    "transform": ("test_visibility_fit.py",),
    "scaling": ("test_light_curves.py",),
    "gain_curve": ("test_light_curves.py",),
    "linear_polarization": ("test_light_curves.py", "test_polarimetry.py"),
}
# changes that change nothing, or no more than an arbitrary limit
HARMLESS = {
    "fit": ["SINGULAR", "SINGULAR * mm * pp"],
    "transform": ["ACCURACY"],
}
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
}
# a weight or a sum taken for its neighbour
EXCHANGED = {"mm": "pp", "pp": "mm", "vm": "vp", "vp": "vm", "i": "j", "j": "i"}


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """What could stand in the place of a node."""
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
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


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Each change of a module as the line that is changed, and the source after it."""
    count = sum(1 for _ in ast.walk(ast.parse(source)))
    for k in range(count):
        tree = ast.parse(source)
        place = list(ast.walk(tree))[k]
        for other in changes(place):
            line = getattr(place, "lineno", 0)
            other = ast.copy_location(copy.deepcopy(other), place)
            text = ast.unparse(ast.fix_missing_locations(Replace(place, other).visit(tree)))
            yield f"{line}: {source.splitlines()[line - 1].strip()} -> {ast.unparse(other)}", text


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
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    shutil.rmtree(folder)
    assert done.returncode in (0, 1, 2), done.stdout + done.stderr  # 2: it cannot be imported
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
    allowed = HARMLESS.get(module, [])
    assert [line for line in survivors if not any(part in line for part in allowed)] == []
