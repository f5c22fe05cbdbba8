"""Pictures of the documentation: each is made by a program, and shown on a page."""

import re

from docs.page_pictures import MADE_BY, made_by_none
from tests.helpers.places import ROOT

DOCS = ROOT / "docs"
SHOWN = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")


def test_no_picture_is_left_that_no_program_makes():
    assert made_by_none() == []


def test_what_a_page_shows_is_there():
    pages = [ROOT / "README.md", *DOCS.glob("*.md")]
    shown = {(page.parent / path) for page in pages for path in SHOWN.findall(page.read_text())}
    assert len(shown) > 10
    assert sorted(str(path) for path in shown if not path.is_file()) == []


def test_what_programs_make_is_there_and_they_exist():
    for program, pictures in MADE_BY.items():
        assert (DOCS / program).is_file()
        assert [path for path in pictures if not (DOCS / path).is_file()] == []
