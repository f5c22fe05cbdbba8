"""CASA's site configuration: executed by casaconfig at the first import of casatools.

Without it casatools refuses to start on a machine that has no measures data of its own. The
package `casadata` carries them; a casarundata folder that the user keeps in ~/.casa/data wins.
"""

import importlib.util
import os
import pathlib

_spec = importlib.util.find_spec("casadata")
if _spec is None or _spec.origin is None:
    raise ModuleNotFoundError("the package casadata is not installed")

_own = pathlib.Path.home() / ".casa" / "data"
_packaged = pathlib.Path(_spec.origin).parent / "__data__"

measurespath = str(_own if (_own / "geodetic").is_dir() else _packaged)
datapath = [measurespath]
measures_auto_update = data_auto_update = False
nologger = True
logfile = os.devnull  # until a session names one: CASA would drop casa-*.log where it is run
log2term = False
