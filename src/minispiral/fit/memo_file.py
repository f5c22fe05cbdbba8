"""The memo's .fit files: FIT_ARRAY as a pickle, for exchange.

A pickle can run any code when it is read. So the workflow reads no pickle, and an unpickler that
knows numpy's arrays and nothing else reads those of other people.

The memo's text calls the column GOODS that says whether an integration is good, its scripts call it
Good. Files are written with both. They are read with either, both or neither: an integration is
good that no column says is bad. The scripts change Good alone, so that the two can differ.

Covariance is written as the covariance of F_ext and F_core, Jy^2. The scripts write, under the
same name, the square of their correlation, which has no unit. Only the files of this workflow have
GOODS.
"""

import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from astropy.table import Table, vstack

from minispiral.columns.column import described
from minispiral.columns.fit import FIT_FILE
from minispiral.errors import MinispiralError
from minispiral.fit import numpy_pickle
from minispiral.io.tables import columns

# column of the memo's FIT_ARRAY -> ours
FIT_ARRAY_COLUMNS = {
    "JDTime": "time",
    "I Extended": "I_extended",
    "I Compact": "I_compact",
    "I LongBas": "I_long_baselines",
    "Q": "Q",
    "U": "U",
    "V": "V",
    "Error Ext.": "I_extended_err",
    "Error Comp.": "I_compact_err",
    "Covariance": "covariance",
    "Error Q": "Q_err",
    "Error U": "U_err",
    "Error V": "V_err",
}
SCRIPTS_COVARIANCE = "correlation_squared"
GOOD = ("GOODS", "Good")  # of the memo's text, of its scripts


def fit_array(fit: Table, good: np.ndarray) -> np.ndarray:
    """Return the memo's structured array of one spw, unscaled, with GOODS and Good."""
    dtype = [(name, float) for name in FIT_ARRAY_COLUMNS] + [(name, bool) for name in GOOD]
    array = np.zeros(len(fit), dtype=dtype)
    fitted = columns(fit)
    for name, column in FIT_ARRAY_COLUMNS.items():
        array[name] = fitted[column]
    for name in GOOD:
        array[name] = good
    return array


def write_fit_file(path: str | Path, fits: Sequence[Table], light_curves: Sequence[Table]) -> None:
    """Write a pickle of [list with an array per spw, array of frequencies in Hz].

    Protocol 2 and numpy's old module name, which the Python of older CASA versions reads.
    """
    arrays = [
        fit_array(fit, np.asarray(curve["good"], bool))
        for fit, curve in zip(fits, light_curves, strict=True)
    ]
    frequencies = np.array([fit.meta["frequency_hz"] for fit in fits])
    data = pickle.dumps([arrays, frequencies], protocol=2)
    # protocol 2 names modules in lines of text: c, module, function
    data = data.replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")
    Path(path).write_bytes(data)


def read_fit_file(path: str | Path) -> Table:
    """Read a .fit file, of this workflow or of the memo's script, into one table.

    Returns
    -------
    astropy Table, one row per spw and integration: spw (counted from 0 in the file's order),
    frequency (Hz), the columns of ``fit.ecsv`` that the file has, and good. Files of
    the memo's scripts, which are those without GOODS, have ``correlation_squared`` in the place of
    ``covariance``.

    Raises
    ------
    MinispiralError
        If it is no such file, or holds anything but numpy's arrays.
    """
    arrays, frequencies = _loaded(path)
    tables = []
    for spw, (array, frequency) in enumerate(zip(arrays, frequencies, strict=True)):
        table = Table(
            {"spw": np.full(len(array), spw), "frequency": np.full(len(array), frequency)}
        )
        for theirs, ours in FIT_ARRAY_COLUMNS.items():
            table[ours] = array[theirs].astype(float)
        table["good"] = _good(array)
        tables.append(table)
    table = vstack(tables, join_type="exact")
    if GOOD[0] not in (arrays[0].dtype.names or ()):
        table.rename_column("covariance", SCRIPTS_COVARIANCE)
    return described(table, FIT_FILE)


def _good(array: np.ndarray) -> np.ndarray:
    """Which integrations no column says are bad, ``(n,) bool``."""
    said = [array[name].astype(bool) for name in GOOD if name in (array.dtype.names or ())]
    return np.logical_and.reduce(said) if said else np.ones(len(array), bool)


def _loaded(path: str | Path) -> tuple[list[np.ndarray], np.ndarray]:
    """What the file holds, if that is arrays of all columns and a frequency for each."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror
        raise MinispiralError(f"{path} cannot be read ({reason}): check the path") from error
    try:
        arrays, frequencies = numpy_pickle.loads(data)
        frequencies = np.asarray(frequencies, float)
        arrays = [np.asarray(array) for array in arrays]
    except numpy_pickle.RefusedError as error:
        raise MinispiralError(
            f"{path} is refused: it asks for {error}, and a .fit file is made of numpy's arrays "
            "alone; do not load it with pickle, it may run code"
        ) from error
    except Exception as error:  # a broken pickle can fail in any way
        raise MinispiralError(
            f"{path} is no .fit file ({type(error).__name__}): it should be the pickle of a list "
            "of arrays, one a spw, and their frequencies"
        ) from error
    wanted = set(FIT_ARRAY_COLUMNS)
    fitting = frequencies.shape == (len(arrays),) != (0,) and all(
        array.ndim == 1 and wanted <= set(array.dtype.names or ()) for array in arrays
    )
    if not fitting:
        raise MinispiralError(
            f"{path} has not the arrays of a .fit file: one for each frequency, with columns "
            f"{', '.join(FIT_ARRAY_COLUMNS)}, and if it has any {' or '.join(GOOD)}"
        )
    return arrays, frequencies
