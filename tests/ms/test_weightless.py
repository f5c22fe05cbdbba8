"""Rows of a copy are found in their source, whatever order they are in."""

import numpy as np

from minispiral.ms.weightless import matching_rows


def test_rows_are_found_by_their_keys_and_those_of_one_key_in_order():
    rng = np.random.default_rng(1)
    source = rng.integers(0, 3, (3, 60))  # 27 keys: many rows share one
    order = rng.permutation(60)
    copy = source[:, np.sort(order)][:, np.argsort(rng.integers(0, 9, 60), kind="stable")]
    places = matching_rows(copy, source)
    assert sorted(places) == list(range(60))
    np.testing.assert_array_equal(source[:, places], copy)
    for key in np.unique(copy, axis=1).T:
        of_key = (copy == key[:, None]).all(axis=0)
        assert np.all(np.diff(places[of_key]) > 0)


def test_other_rows_are_no_match():
    source = np.arange(12.0).reshape(3, 4)
    assert matching_rows(source[:, :3], source) is None
    assert matching_rows(source + [[0], [0], [1e-3]], source) is None
