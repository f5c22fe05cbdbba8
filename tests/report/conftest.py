"""What the tests of pages share: one browser for all of them."""

import pytest

from tests.helpers.browser import started


@pytest.fixture(scope="session")
def browser():
    yield from started()
