"""Errors that hold for a whole track, stated with each product, never part of its noise.

A factor on all fluxes, and an offset in proportion to Stokes I, do not average down and change no
light curve's shape; so they are numbers of their own.

- Absolute scale: relative error of QA2's flux calibration, nominally 10 % (Francis et al. 2020, AJ
  160, 270, who find 3 % with the best of calibrators, and 0.8 % between spws).
- Floor of Stokes V: what calibration and leakage may leave in V, as a share of Stokes I. The
  smallest circular polarisation that ALMA's Observing Tool lets one ask for in the continuum is
  1.8 % of I (manual of cycle 11, "Expected Source Properties"), three times 0.6 %.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

META = "systematic"  # where tables have them, in their meta
BY_TRACK = "systematic_by_track"  # where those of several tracks have each track's


@dataclass(frozen=True)
class Stated:
    """`absolute_scale`, relative; `v_floor`, one standard deviation as a share of Stokes I."""

    absolute_scale: float
    v_floor: float

    @classmethod
    def of_settings(cls, scale: Mapping[str, Any]) -> "Stated":
        """Take them from the keys of ``scale`` in the configuration."""
        return cls(float(scale["absolute_error"]), float(scale["v_floor"]))

    def as_meta(self) -> dict[str, float]:
        """As tables have it in their meta, under `META`."""
        return {"absolute_scale": self.absolute_scale, "V_floor": self.v_floor}

    def in_words(self) -> str:
        """A sentence for those who read a product."""
        return (
            f"Not in any error: the absolute flux scale, {100 * self.absolute_scale:g} %, a factor "
            f"for all of a track; and the floor of Stokes V, {100 * self.v_floor:g} % of Stokes I "
            "(1 sigma), which calibration and leakage may leave."
        )


def read_stated(meta: Mapping[str, Any]) -> Stated | None:
    """Read what a table states; None of one that states nothing."""
    values = meta.get(META)
    return None if values is None else Stated(values["absolute_scale"], values["V_floor"])


def all_stated(values: Mapping[str, Mapping[str, float]]) -> dict[str, Stated]:
    """Those of some tracks, each given by the fields of `Stated`."""
    return {track: Stated(**of_track) for track, of_track in values.items()}


def largest(stated: Sequence[Stated]) -> Stated:
    """What holds for all of several tracks."""
    return Stated(max(one.absolute_scale for one in stated), max(one.v_floor for one in stated))
