"""Pickles of numpy's arrays of numbers, read without letting them call anything.

Nothing of numpy is handed to the pickle, as a forged description of an array (offsets beyond its
bytes, objects for numbers) would make numpy itself read or call what it should not. Its calls fill
stand-ins, which say what the array is to be; it is then made from its bytes, every number checked.
"""

import io
import pickle
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

import numpy as np

MOST = 10_000  # items: lists that hold each other many times can be endlessly many in a few bytes

_NUMBER = re.compile(r"[biufc]\d{1,2}")
_RECORD = re.compile(r"V\d+")
_NAME = re.compile(r"[\w.]+")


class RefusedError(Exception):
    """Something that is not of numpy's arrays of numbers."""


def loads(data: bytes) -> Any:
    """Load a pickle of lists, numbers, text, and numpy's arrays of numbers or records of them.

    Raises
    ------
    RefusedError
        If it asks for anything else by name.
    Exception
        Of any kind, if it is no whole pickle, or an array's description does not fit its bytes.
    """
    return _unpacked(_Unpickler(io.BytesIO(data), encoding="latin1").load(), count())


def _unpacked(value: Any, counter: Iterator[int]) -> Any:
    """Put arrays in the place of stand-ins, as `counter` counts."""
    if next(counter) == MOST:
        raise ValueError(f"more than {MOST} items")
    if isinstance(value, _Array):
        return value.numpy_array()
    if isinstance(value, list | tuple):
        return [_unpacked(item, counter) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ValueError(f"a {type(value).__name__} is no array")


class _Dtype:
    """A data type: the arguments and the state that numpy pickles for it."""

    def __init__(self, code: str, *_: Any) -> None:
        self.code = code
        self.order: Any = "<"
        self.names: Any = None
        self.fields: Any = None
        self.size: Any = 0

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, self.order, subdtype, self.names, self.fields, self.size = state[:6]
        if subdtype is not None:
            raise ValueError("arrays within a record")

    def numpy_dtype(self) -> np.dtype:
        """The data type; numpy checks that fields lie within the record."""
        if _NUMBER.fullmatch(self.code):
            return np.dtype(self.code).newbyteorder(self.order if self.order in "<>" else "=")
        if not _RECORD.fullmatch(self.code) or not isinstance(self.fields, Mapping):
            raise ValueError(f"numbers of type {self.code!r}")
        fields = [self.fields[name] for name in self.names]
        formats = [dtype.numpy_dtype() for dtype, *_ in fields]
        if any(format_.names for format_ in formats):
            raise ValueError("records within a record")
        return np.dtype(
            {
                "names": [str(name) for name in self.names],
                "formats": formats,
                "offsets": [offset for _, offset, *_ in fields],
                "itemsize": self.size,
            }
        )


class _Array:
    """An array: what numpy pickles of it."""

    def __init__(self, data: Any = b"", dtype: Any = None, shape: Any = (0,), order: Any = "C"):
        self.data, self.dtype, self.shape, self.order = data, dtype, shape, order

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, self.shape, self.dtype, fortran, self.data = state
        self.order = "F" if fortran else "C"

    def numpy_array(self) -> np.ndarray:
        """The array, a copy; numpy checks that it has the bytes that it should have."""
        data = self.data.encode("latin1") if isinstance(self.data, str) else bytes(self.data)
        dtype = self.dtype.numpy_dtype()
        shape = tuple(int(length) for length in self.shape)
        if min(shape, default=0) < 0 or len(data) != dtype.itemsize * int(np.prod(shape)):
            raise ValueError(f"{len(data)} bytes for an array of {shape}")
        return np.frombuffer(data, dtype).reshape(shape, order=self.order).copy()


def _reconstruct(*_: Any) -> _Array:
    return _Array()


def _scalar(dtype: Any, data: Any = b"") -> _Array:
    return _Array(data, dtype, ())


def _latin1(text: str, encoding: str) -> bytes:
    """How Python 3 writes bytes in protocols up to 2."""
    if encoding != "latin1":
        raise RefusedError(f"the codec {encoding}")
    return text.encode("latin1")


def _no_bytes() -> bytes:
    return b""


_CORES = ("numpy.core", "numpy._core")  # its name before numpy 2, and since
# what a pickle may name, and what it gets
_KNOWN: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _latin1,
    ("__builtin__", "bytes"): _no_bytes,
    ("builtins", "bytes"): _no_bytes,
    **{(f"{core}.multiarray", "_reconstruct"): _reconstruct for core in _CORES},
    **{(f"{core}.multiarray", "scalar"): _scalar for core in _CORES},
    **{(f"{core}.numeric", "_frombuffer"): _Array for core in _CORES},
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        if (stand_in := _KNOWN.get((module, name))) is not None:
            return stand_in
        if _NAME.fullmatch(module) and _NAME.fullmatch(name):
            raise RefusedError(f"{module}.{name}")
        raise ValueError("a name that is none")

    def persistent_load(self, _pid: Any) -> Any:
        raise RefusedError("an object of another file")
