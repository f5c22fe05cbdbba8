"""Copies of measurement sets with the parallel hands alone, which make images of Stokes I.

CASA's tclean leaves out each row of which any correlation is flagged, cross hands included; without
them it leaves out only what it must.

Call these inside `minispiral.casa.session`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.casa import run_task
from minispiral.ms.windows import correlation_names, spectral_windows
from minispiral.visibilities.stokes import PARALLEL_HANDS


def places_of_hands(correlations: Sequence[str]) -> list[int]:
    """Places of the parallel hands among correlations, in order."""
    return [k for k, name in enumerate(correlations) if name in PARALLEL_HANDS]


def with_parallel_hands_alone(
    ms: str | Path, output: Path, hands: Sequence[str] = PARALLEL_HANDS
) -> Path:
    """Return `output`, a copy with the parallel hands of DATA; `ms` itself if it has no others.

    Of the parallel hands, those that are named in `hands` are kept.
    """
    names = {name for window in spectral_windows(ms).values() for name in window.correlations}
    kept = [name for name in PARALLEL_HANDS if name in names and name in hands]
    if names == set(kept):
        return Path(ms)
    run_task(
        "split",
        ms,
        output,
        vis=str(ms),
        outputvis=str(output),
        datacolumn="data",
        correlation=",".join(kept),
        keepmms=False,
    )
    return output


def describe_parallel_hands_alone(ms: str | Path) -> None:
    """Take the cross hands out of the description of correlations, as they are out of the data."""
    with casa.table(f"{ms}/POLARIZATION", writable=True) as table:
        for row in range(table.nrows()):
            kept = places_of_hands(correlation_names(table.getcell("CORR_TYPE", row)))
            table.putcell("NUM_CORR", row, len(kept))
            for name in ("CORR_TYPE", "CORR_PRODUCT"):
                table.putcell(name, row, np.asarray(table.getcell(name, row))[..., kept])
