"""A made-up campaign that all tests of exports read."""

import pytest

from tests.helpers.results import write_results


@pytest.fixture(scope="session")
def campaign(tmp_path_factory):
    """Folder of its results; a test may add files, and changes none."""
    return write_results(tmp_path_factory.mktemp("exports"))
