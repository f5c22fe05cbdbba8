"""Functions that Snakemake calls for every job state their parameters at once.

It asks for them (`inspect.signature`) several times a job, and finding them out takes longer than
most of these functions do. A function with the attribute ``__signature__`` (PEP 362) is not
inspected.
"""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])
Kind = TypeVar("Kind", bound=type)


def with_signature(function: Function) -> Function:
    """Remember a function's signature in it, and return it."""
    function.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    return function


def with_signatures(kind: Kind) -> Kind:
    """Remember the signatures of a class's methods in them, and return the class."""
    for method in filter(inspect.isfunction, vars(kind).values()):
        with_signature(method)
    return kind
