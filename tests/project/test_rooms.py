"""The rooms of the package: their pages of contents, their tests, and what a job has to load."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.helpers.places import ROOT

PACKAGE = ROOT / "src" / "minispiral"
ROOMS = sorted(path.parent for path in PACKAGE.glob("*/__init__.py"))
OTHER_TESTS = {"display", "helpers", "project", "workflow"}
SCRIPTS = sorted((ROOT / "workflow" / "scripts").glob("*.py"))
# what takes from 0.2 to 3 s to load
HEAVY = {"bokeh", "casatasks", "casatools", "celerite2", "matplotlib", "stingray"}
NUMERIC = {"astropy", "numpy", "pandas", "scipy"}
NEEDED = {
    "bin_light_curves": {"celerite2"},
    "compare_rounds": {"matplotlib"},
    "describe_gains": {"celerite2"},
    "measure_absorption": {"matplotlib"},
    "measure_pointing": {"celerite2"},
    "measure_variability": {"matplotlib", "stingray"},
    "plot_light_curves": {"matplotlib"},
    "plot_polarimetry": {"matplotlib"},
    "plot_skies": {"matplotlib"},
    "plot_sky": {"matplotlib"},
    "plot_track": {"matplotlib"},
    "find_transients": set(),
    "study_light_curves": {"celerite2", "matplotlib", "stingray"},
    "tabulate_systematics": {"celerite2", "matplotlib"},
    "validate_light_curves": {"celerite2", "matplotlib"},
    "write_report": {"bokeh", "matplotlib"},
}


def modules(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.py")} - {"__init__"}


# pages of contents


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_lists_its_modules_with_what_they_are_for(room):
    contents = ast.get_docstring(ast.parse((room / "__init__.py").read_text()))
    entries = re.findall(r"^- (\w+): (\S)", contents, re.MULTILINE)
    assert [name for name, _ in entries] == sorted(modules(room))


def test_tests_lie_in_the_rooms_of_what_they_test():
    tests = ROOT / "tests"
    rooms = {room.name for room in ROOMS} | OTHER_TESTS
    folders = {path.parent.name for path in tests.glob("*/*.py")}
    assert folders <= rooms
    assert all(
        path.parent.parent == tests for path in tests.rglob("test_*.py") if path.parent != tests
    )
    at_the_root = {path.stem.removeprefix("test_") for path in tests.glob("test_*.py")}
    assert at_the_root <= modules(PACKAGE)
    listed = ast.get_docstring(ast.parse((tests / "helpers" / "__init__.py").read_text()))
    assert re.findall(r"^- (\w+): ", listed, re.MULTILINE) == sorted(modules(tests / "helpers"))


# what is loaded


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that an import runs: those within blocks, but not within functions."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            continue
        for part in ("body", "orelse", "handlers", "finalbody"):
            if not isinstance(statement, ast.FunctionDef):
                yield from statements(getattr(statement, part, []))


@cache
def imported(text: str) -> frozenset[str]:
    """Names that a module imports when it is loaded; some are not modules, but in one."""
    names = set()
    for statement in statements(ast.parse(text).body):
        if isinstance(statement, ast.Import):
            names |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            names |= {f"{statement.module}.{alias.name}" for alias in statement.names}
    return frozenset(names)


def libraries(text: str) -> set[str]:
    """Libraries that are loaded with a text, by way of whichever modules of the package."""
    met, open_names = set(), set(imported(text))
    while open_names:
        parts = open_names.pop().split(".")
        for name in {".".join(parts[:k]) for k in range(1, len(parts) + 1)} - met:
            met.add(name)
            place = PACKAGE.parent.joinpath(*name.split("."))
            for path in (place.with_suffix(".py"), place / "__init__.py"):
                if path.is_file() and PACKAGE in path.parents:
                    open_names |= imported(path.read_text())
    return {name.split(".")[0] for name in met}


def test_imports_are_followed_within_blocks_and_not_within_functions():
    text = "import a.b\nwith x:\n    from c import d\ndef f():\n    import e\n"
    text += "if TYPE_CHECKING:\n    import g\ntry:\n    import h\nexcept E:\n    import i\n"
    assert imported(text) == {"a.b", "c.d", "h", "i"}
    assert {"numpy", "minispiral"} <= libraries("from minispiral.fit import track")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_job_loads_of_what_takes_long_what_it_needs(script):
    assert HEAVY & libraries(script.read_text()) == NEEDED.get(script.stem, set())


def test_reading_the_rules_loads_nothing_that_takes_long():
    # each job on a cluster reads them
    files = [ROOT / "Snakefile", *(ROOT / "workflow" / "rules").glob("*.smk")]
    imports = [
        line
        for file in files
        for line in re.findall(r"^from minispiral[^(\n]*(?:\([^)]*\))?", file.read_text(), re.M)
    ]
    assert len(imports) > 3
    assert not HEAVY & libraries("\n".join(imports))


PROGRAM = """
import importlib, json, runpy, sys
rooms, scripts, libraries = json.loads(sys.stdin.read())
for room in rooms:
    importlib.import_module(f"minispiral.{room}")
loaded = [sorted(sys.modules.keys() & set(libraries))]
for script in scripts:
    runpy.run_path(script)
loaded.append(sorted(sys.modules.keys() & set(libraries)))
print(json.dumps(loaded))
"""


def test_neither_rooms_nor_jobs_that_need_none_of_it_load_what_takes_long():
    light = [str(script) for script in SCRIPTS if script.stem not in NEEDED]
    given = [[room.name for room in ROOMS], light, sorted(HEAVY | NUMERIC)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(given), capture_output=True, text=True, check=True,
    )  # fmt: skip
    by_rooms, by_jobs = json.loads(done.stdout)
    assert by_rooms == []
    assert not HEAVY & set(by_jobs)
