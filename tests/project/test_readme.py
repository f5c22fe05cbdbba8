"""README and docs stay true: keys exist, the example is valid, the rule graph is the real one."""

import re
import subprocess
import sys

import pytest
import yaml

from minispiral.config import defaults, resolve
from tests.helpers.places import ROOT

README = (ROOT / "README.md").read_text()


def edges(mermaid: str) -> set[tuple[str, str]]:
    return set(re.findall(r"^\s*(\w+) --> (\w+)", mermaid, re.MULTILINE))


def test_keys_of_the_parameter_table_exist():
    table = (ROOT / "docs" / "memo.md").read_text().split("## Parameters")[1].split("##")[0]
    rows = "".join(line for line in table.splitlines() if line.startswith("|"))
    keys = re.findall(r"`([a-z_.]+)`", rows)
    known = {**defaults(), "tracks": {"NAME": {}}}
    assert len(keys) >= 11
    for key in keys:
        section, _, name = key.partition(".")
        assert section in known, key
        assert not name or name in known[section], key


def test_the_example_is_a_complete_configuration():
    example = README.split("```yaml")[1].split("```")[0]
    assert resolve(yaml.safe_load(example)).tracks == ["20170406", "20170407"]


@pytest.mark.parametrize(
    "page", [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.slow
def test_the_rule_graph_is_that_of_the_workflow(tmp_path):
    command = ["-m", "snakemake", "-s", ROOT / "Snakefile", "-d", tmp_path]
    command += ["--rulegraph", "mermaid-js", "--configfile", ROOT / "config.yaml"]
    graph = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True)
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", graph.stdout))
    actual = {(names[a], names[b]) for a, b in edges(graph.stdout)}
    page = (ROOT / "docs" / "workflow.md").read_text()
    shown = page.split("```mermaid")[1].split("```")[0]
    ends = ("all", "write_report", "write_track_report")  # which read the products of all others
    assert edges(shown) == {(a, b) for a, b in actual if b not in ends}
    mentioned = {name for edge in edges(shown) for name in edge} | {"write_configuration", "all"}
    assert mentioned == set(names.values()) - {*ends} | {"all"}
