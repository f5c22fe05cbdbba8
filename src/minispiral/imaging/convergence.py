"""tclean kept from diverging: it stops where what it leaves is least.

CLEAN diverges where no sky explains the data: raw phases, an image too small for its source, cells
too coarse, few baselines. Each component then adds more errors than it takes away.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minispiral import casa

# tclean's codes for a peak of the residual that has trebled, in a cycle or since the least one
TREBLED = (5, 6)
AT_THRESHOLD = (2, 8)  # for a residual as small as requested, in Jy/beam or units of its rms
GROWTH = 1.1  # of the residual's rms: no CLEAN that converges leaves more than it found
CHANGED = ("image", "model", "residual", "mask")  # what tclean changes of the images of a name


# why tclean stopped, by its code
STOPS = {
    1: "all iterations done",
    2: "threshold",
    3: "asked to stop",
    4: "residual no longer changes",
    7: "nothing in the mask",
    8: "threshold in units of the rms",
    9: "all cycles done",
}
DIVERGED = "diverged: least residual kept"


class End(NamedTuple):
    """How CLEAN ended: after how many iterations its divergence stopped it, and its residual.

    `iterations` is 0 where none made the residual less, None where it converged; `at_threshold`,
    whether the residual is as small as requested; `done`, the iterations whose components are in
    the model; `stopped`, why there were no more.
    """

    iterations: int | None
    at_threshold: bool
    done: int
    stopped: str


def converging(parameters: Mapping[str, Any]) -> End:
    """CLEAN on from the images that are there, no further than to where the residual is least.

    Parameters
    ----------
    parameters : of tclean
        With ``calcres=False``, so that the residual is there before.
    """
    name = parameters["imagename"]
    most = GROWTH * residual_rms(name)
    with _kept(name) as put_back:
        summary = casa.tasks().tclean(**parameters, fullsummary=True)
        if summary["stopcode"] not in TREBLED and residual_rms(name) <= most:
            code = int(summary["stopcode"])
            why = STOPS.get(code, f"tclean's code {code}")
            return End(None, code in AT_THRESHOLD, int(summary["iterdone"]), why)
        put_back()
        iterations = best_iteration(summary["summaryminor"])
        if iterations:
            casa.tasks().tclean(**{**parameters, "niter": iterations})
            if not residual_rms(name) <= most:
                put_back()
                iterations = 0
    return End(iterations, at_threshold=False, done=iterations, stopped=DIVERGED)


def best_iteration(cycles: Mapping[Any, Any]) -> int:
    """After how many iterations the residual's peak was least, of tclean's full ``summaryminor``.

    Residuals are known as the data have them at the start of each cycle of minor iterations.
    """
    while "startPeakRes" not in cycles:  # by field, channel and correlation, of which there is one
        cycles = next(iter(cycles.values()))
    return int(cycles["startIterDone"][int(np.argmin(cycles["startPeakRes"]))])


def residual_rms(name: str) -> float:
    """Root mean square of the residual image of a name, Jy/beam."""
    with casa.image(f"{name}.residual") as image:
        return float(np.sqrt(np.mean(image.getchunk() ** 2)))


@contextmanager
def _kept(name: str) -> Iterator[Callable[[], None]]:
    """Keep the images of a name aside, and yield what puts them back."""
    aside = Path("before_clean").resolve()
    shutil.rmtree(aside, ignore_errors=True)
    there = [kind for kind in CHANGED if Path(f"{name}.{kind}").is_dir()]
    for kind in there:
        shutil.copytree(f"{name}.{kind}", aside / kind)

    def put_back() -> None:
        for kind in CHANGED:
            shutil.rmtree(f"{name}.{kind}", ignore_errors=True)
        for kind in there:
            shutil.copytree(aside / kind, f"{name}.{kind}")

    try:
        yield put_back
    finally:
        shutil.rmtree(aside)
