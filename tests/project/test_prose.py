"""Prose of the documents: lines that fit a window, and sentences that end in no preposition."""

import re

import pytest

from tests.helpers.places import ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
WIDTH = 100

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def wrapped(text: str) -> list[str]:
    """Lines that can be broken: those of tables cannot, nor can what has no space."""
    lines = [line for line in text.splitlines() if not line.startswith(("|", "<!--"))]
    return [line for line in lines if " " in line.strip()]


def prose(text: str) -> str:
    """Text without code, formulas and comments, in one line."""
    text = re.sub(r"(?s)```.*?```|\$\$.*?\$\$|<!--.*?-->", "", text)
    text = re.sub(r"(?m)^    .*$", "", text)
    return " ".join(re.sub(r"`[^`]*`|\$[^$]*\$", "X", text).split())


@every_page
def test_lines_have_a_hundred_characters_at_most(page):
    long = [line for line in wrapped(page.read_text()) if len(line) > WIDTH]
    assert not long


@every_page
def test_no_sentence_ends_in_of(page):
    assert not re.findall(r"[^.]{,60}\bof[.;:](?= |$)", prose(page.read_text()))
