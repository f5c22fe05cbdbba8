"""The page for those who change the code says of the package what is so."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.helpers.places import ROOT

PAGE = (ROOT / "docs" / "developing.md").read_text()
PACKAGE = ROOT / "src" / "minispiral"


def rows(heading: str) -> list[list[str]]:
    """Cells of the tables below a heading."""
    (text,) = re.findall(rf"^## {heading}\n(.*?)^## ", PAGE, re.MULTILINE | re.DOTALL)
    return [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]


def names_of(module: Path) -> set[str]:
    """What a module defines or takes from others."""
    names: set[str] = set()
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.ImportFrom):
            names.update(alias.name for alias in node.names)
    return names


def faces() -> dict[Path, list[str]]:
    """Names that may be imported, by their module."""
    promised: dict[Path, list[str]] = {}
    for module, names in rows("What may be imported from Python"):
        place = PACKAGE.joinpath(*module.strip(" `").split(".")[1:])
        path = place.with_suffix(".py") if not place.is_dir() else place / "__init__.py"
        for name in re.findall(r"`([\w.]+)`", names):
            *before, last = name.split(".")
            if before and before[0]:
                path = place / f"{before[0]}.py"
            promised.setdefault(path, []).append(last)
    return promised


@pytest.mark.parametrize("module", faces(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_may_be_imported_is_there(module):
    assert set(faces()[module]) <= names_of(module)


def test_each_room_stands_on_its_floor():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = (c["layers"] for c in settings["contracts"] if c["id"] == "floors")
    floors = {
        name: floor
        for floor, layer in enumerate(reversed(layers), start=1)
        for name in layer.split(" | ")
    }
    told = {
        cells[0].strip(" `").removesuffix(".py"): int(cells[2])
        for cells in rows("Where things are")
        if cells[2].strip().isdigit()
    }
    # these are told of in the text below the table
    ground = {name for name in floors if floors[name] < floors["config"]}
    ground |= {"visibilities", "casa"}
    assert told == {name: floor for name, floor in floors.items() if name not in ground}
