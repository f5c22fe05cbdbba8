"""What `make keys` writes from the descriptions of the keys is what the repository has."""

import json
import re
from dataclasses import MISSING, fields, is_dataclass

import jsonschema
import pytest

from docs import make_keys
from minispiral.config import defaults, schema
from minispiral.config.campaign_keys import Configuration
from minispiral.config.key import default_of, description, parts
from minispiral.config.shared_keys import Round
from minispiral.config.simulation_keys import Simulation
from minispiral.config.target_keys import Gate, Target
from minispiral.selfcal import rounds, solver
from minispiral.simulation.settings import TrackSimulation
from tests.helpers.places import ROOT

WRITTEN = make_keys.written()


def classes(of_class: type) -> set[type]:
    """Itself, and the classes that it names."""
    named = {part for f in fields(of_class) for part in parts(f.type)}
    return {of_class}.union(*map(classes, named))


CLASSES = sorted(classes(Configuration), key=lambda c: c.__name__)
KEYS = [(c, f) for c in CLASSES for f in fields(c) if not is_dataclass(f.type)]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_a_written_file_is_what_the_program_writes(path):
    assert path.read_text() == WRITTEN[path], "run: make keys"


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_lines_of_what_people_read_fit_a_hundred_columns(path):
    if path.suffix != ".json":
        assert max(map(len, WRITTEN[path].splitlines())) <= 100


def test_the_schema_of_editors_is_the_one_that_is_checked_by():
    assert json.loads(WRITTEN[ROOT / "src/minispiral/config/config.schema.json"]) == schema()


def test_every_default_is_possible():
    whole = schema()
    for of_class, key in KEYS:
        if (default := default_of(key)) is not MISSING:
            name = of_class.__name__[0].lower() + of_class.__name__[1:]
            node = whole["$defs"].get(name, whole)["properties"][key.name]
            validator = jsonschema.Draft202012Validator({**node, "$defs": whole["$defs"]})
            assert validator.is_valid(default), (name, key.name)


def test_an_explanation_is_a_phrase_that_no_preposition_ends():
    for _, key in KEYS:
        text = description(key).explanation
        assert text, key.name
        assert not text.endswith("."), text
        assert not re.search(r"\b(of|to|from|by|with|for)(;|,|$)", text), text


def test_every_key_stands_on_the_page():
    page = WRITTEN[ROOT / "docs" / "keys.md"]
    assert len(KEYS) > 100
    for of_class, key in KEYS:
        phrase = description(key).explanation[:12]
        assert f"- **`{key.name}`**: {phrase}" in page, (of_class, key.name)


def test_the_memo_s_names_are_those_of_its_page():
    page = (ROOT / "docs" / "memo.md").read_text()
    for of_class in CLASSES:
        for key in fields(of_class):
            for name in filter(None, description(key).memo.split(", ")):
                assert name.removeprefix("step ") in page, name


def test_the_solver_and_the_gate_have_the_defaults_of_the_keys():
    for of_keys, used in ((Round, solver.Round), (Gate, rounds.Gate)):
        assert {f.name: f.default for f in fields(used)} == {
            f.name: default_of(f) for f in fields(of_keys)
        }


def test_a_simulated_track_has_its_keys_and_nothing_else():
    assert fields(TrackSimulation) == fields(Simulation)


def test_a_copy_of_the_defaults_can_be_changed():
    changed = defaults()
    changed["image"]["niter"] = 1
    changed["spws"].append(9)
    assert defaults()["image"]["niter"] == 7500
    assert defaults()["spws"] == [0, 1, 2, 3]


def test_every_key_of_a_target_has_a_default_but_its_measurement_set():
    assert [f.name for f in fields(Target) if default_of(f) is MISSING] == ["ms"]
