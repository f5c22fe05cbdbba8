"""Words that stand for several things."""

from minispiral.io.wording import extremes


def test_extremes_are_said_once_where_they_read_alike():
    assert extremes([2.0, 1.5, 1.7], "{:.1f}".format) == "1.5 to 2.0"
    assert extremes(iter([1.52, 1.48]), "{:.1f}".format) == "1.5"
