"""A finding, and the sum of many."""

from minispiral.checks.findings import error, note, ok, summary


def test_a_finding_is_one_line_with_its_level_first():
    lines = [str(finding) for finding in (ok("a"), note("b\n c"), error("d"))]
    assert lines == ["ok    a", "note  b c", "error d"]
    assert summary([ok("a"), note("b"), error("c"), note("d")]) == "1 error, 2 notes"
