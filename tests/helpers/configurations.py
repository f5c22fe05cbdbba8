"""Configurations and what is wrong with them, for the tests."""

import pytest

from minispiral.config import resolve
from minispiral.errors import MinispiralError

TRACKS = {"20170406": {"ms": "a.ms"}, "20170407": {"ms": "b.ms", "scale": {"flux_range": [1, 5]}}}


def problem(config: dict) -> str:
    """What the configuration is refused with."""
    with pytest.raises(MinispiralError) as error:
        resolve(config)
    return str(error.value)
