"""What is wrong with values by the classes that describe their keys."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import jsonschema

from minispiral.config.json_schema import TIME, schema_of
from minispiral.config.problem import Problem
from minispiral.config.schema_errors import explain

_FORMATS = jsonschema.FormatChecker(())


@_FORMATS.checks(TIME, raises=ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


def errors(of_class: type, values: Mapping[str, Any]) -> list[jsonschema.ValidationError]:
    """Return the errors of the values of a class's keys, in the order of their places."""
    found = _validator(of_class).iter_errors(values)
    return sorted(found, key=lambda error: [str(part) for part in error.path])


def wrong_values(of_class: type, values: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with each key: its value, and what is possible."""
    explained = set()
    for error in errors(of_class, values):
        if tuple(error.path) not in explained:  # one line for each key
            yield from explain(error)
        explained.add(tuple(error.path))


@cache
def _validator(of_class: type) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema_of(of_class), format_checker=_FORMATS)
