r"""Rounds of self-calibration: what each achieved, and the gate that it has to pass.

Dynamic range that random errors of the antennas allow, N antennas and M scans with independent
errors (Perley 1999, in Synthesis Imaging in Radio Astronomy II, chapter 13)::

    D = sqrt(M) N / error,    error in rad, or relative in amplitude

This is the tutorial's number (20 deg and 43 antennas: 120 sqrt(M)); its formula, sqrt(M N) / error,
is lower by sqrt(N).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from astropy.table import Table

from minispiral.columns.campaign import ROUNDS
from minispiral.columns.column import described
from minispiral.measures.units import six_digits

FAR_ABOVE = 3.0  # times the rms that is expected from the weights
UNPHASED = 1.0  # rad: phases that err by more than this show no source


@dataclass(frozen=True)
class RoundRecord:
    """One round: how it was solved, its image, its gains, and what the gate said.

    `round` 0 is the first image, of the data as they come. `rms`, `peak` and `expected_rms` (from
    the weights, for natural weighting) in Jy/beam; `at_threshold`, whether CLEAN's residual is as
    small as requested; the beam's axes in arcsec and its position angle in deg; `solutions_failed`,
    and `flagged` of all data, as shares; `phase_scatter` (deg) and `amplitude_scatter` (relative)
    of the gains about each antenna's mean, or about none where there is one solution; `phase_size`
    and `amplitude_size`, their rms about zero and one; `scans` and `antennas` with data. `best` is
    the best round so far, this one included, and `tables` the rounds whose gains it uses.
    """

    round: int
    calmode: str
    solint: str
    combine: str
    minsnr: float
    refant: str
    rms: float
    peak: float
    dynamic_range: float
    at_threshold: bool
    expected_rms: float
    beam_major: float
    beam_minor: float
    beam_pa: float
    solutions: int
    solutions_failed: float
    flagged: float
    phase_scatter: float
    amplitude_scatter: float
    phase_size: float
    amplitude_size: float
    expected_dynamic_range: float
    scans: int
    antennas: int
    accepted: bool
    reason: str
    best: int
    tables: tuple[int, ...]

    @property
    def shows_nothing(self) -> bool:
        """Whether the image shows no source that could be a model.

        Then CLEAN ended before its threshold, with a residual whose rms is far above that of the
        weights and of what antennas leave whose phases err by a radian (`UNPHASED`).
        """
        allowed = allowed_dynamic_range(self.scans, self.antennas, UNPHASED)
        far_above = self.rms > FAR_ABOVE * self.expected_rms
        return not self.at_threshold and far_above and self.dynamic_range < allowed


@dataclass(frozen=True)
class ImageNumbers:
    """What a round's image achieved, see `RoundRecord`."""

    rms: float
    peak: float
    dynamic_range: float
    beam_major: float
    beam_minor: float
    beam_pa: float
    at_threshold: bool


@dataclass(frozen=True)
class GainNumbers:
    """What a round's gains are, see `RoundRecord`; without an argument, that there are none."""

    solutions: int = 0
    solutions_failed: float = 0.0
    phase_scatter: float = np.nan
    amplitude_scatter: float = np.nan
    phase_size: float = np.nan
    amplitude_size: float = np.nan
    expected_dynamic_range: float = np.nan


@dataclass(frozen=True)
class Verdict:
    """What the gate said of a round, and what is best after it, see `RoundRecord`."""

    accepted: bool
    reason: str
    best: int
    tables: tuple[int, ...]


@dataclass(frozen=True)
class Gate:
    """Limits of a round against the best before it.

    `snr`: factor by which peak / rms must at least rise; `rms` and `beam`: factors by which rms and
    the beam's area may at most grow; `flagged`: share of the data that may at most be lost.
    """

    snr: float = 1.0
    rms: float = 1.05
    beam: float = 1.1
    flagged: float = 0.05


def judge(
    peak: float,
    rms: float,
    beam_area: float,
    flagged: float,
    best: RoundRecord,
    gate: Gate,
    failed: Sequence[str] = (),
) -> str:
    """Say why a round is not better than the best so far, and what would let it pass; or nothing.

    Parameters
    ----------
    peak, rms : of its image, Jy/beam
    beam_area : product of the beam's axes, arcsec^2
    flagged : share of all data
    failed : antennas without a solution, in words
    """
    growth = beam_area / (best.beam_major * best.beam_minor)
    lost = flagged - best.flagged
    rise, noise = peak / rms / best.dynamic_range, rms / best.rms
    problems = []
    if not rise > gate.snr:
        text = f"S/N {peak / rms:.4g} against {best.dynamic_range:.4g}"
        problems.append(text + _let_pass("snr", rise, np.floor))
    if not noise <= gate.rms:
        text = f"rms {rms:.3g} against {best.rms:.3g} Jy/beam"
        problems.append(text + _let_pass("rms", noise, np.ceil))
    if not growth <= gate.beam:
        text = f"beam larger by {100 * (growth - 1):.0f} %"
        problems.append(text + _let_pass("beam", growth, np.ceil))
    if not lost <= gate.flagged:
        text = f"{100 * lost:.1f} % of the data flagged without a solution"
        text += f", those of antenna {', '.join(failed)}" if failed else ""
        problems.append(text + _let_pass("flagged", lost, np.ceil))
    return "; ".join(problems)


def _let_pass(key: str, value: float, rounding: Callable[[float], float]) -> str:
    """The key that would let a round of this value pass, with three decimal places."""
    if not np.isfinite(value):
        return ""
    limit = rounding(1000 * value) / 1000
    if key == "snr" and not value > limit:  # which has to be exceeded
        limit -= 0.001
    return f" (gate.{key}: {max(limit, 0.0):g} would let it pass)"


def allowed_dynamic_range(scans: int, antennas: int, error: float) -> float:
    """Dynamic range that random errors (rad, or relative) of the antennas allow."""
    return float(np.sqrt(scans) * antennas / error) if error > 0 else np.inf


def gain_statistics(gain: np.ndarray, flag: np.ndarray) -> dict[str, float]:
    """Statistics of a table's solutions ``(n_interval, n_antenna, n_hand)``, failed ones left out.

    A phase or amplitude common to all antennas of an interval and hand is no error of theirs and is
    taken out first.
    """
    failed = flag | ~np.isfinite(gain) | (gain == 0)
    size = np.ma.masked_array(np.abs(gain), failed)
    unit = np.ma.masked_array(np.where(failed, 1, gain) / np.where(failed, 1, np.abs(gain)), failed)
    common = unit.mean(axis=1, keepdims=True)
    phase = np.ma.masked_array(np.angle(unit.filled(1) * np.conj(common.filled(1))), failed)
    size = size / size.mean(axis=1, keepdims=True)
    return {
        "phase_scatter": float(np.degrees(_over_intervals(phase))),
        "amplitude_scatter": _over_intervals(size),
        "phase_size": float(np.degrees(_rms(phase))),
        "amplitude_size": _rms(size - 1),
    }


def _rms(values: np.ma.MaskedArray) -> float:
    return float(np.sqrt(np.ma.filled((values**2).mean(), np.nan)))


def _over_intervals(values: np.ma.MaskedArray) -> float:
    """Standard deviation about each antenna's mean over intervals; about all if there is one."""
    axis = 0 if len(values) > 1 else None
    return _rms(values - values.mean(axis=axis))


def write_record(path: str | Path, record: RoundRecord) -> None:
    """Write a record as JSON."""
    Path(path).write_text(json.dumps(asdict(record), indent=1) + "\n")


def read_record(path: str | Path) -> RoundRecord:
    """Read what `write_record` wrote."""
    values: Mapping[str, Any] = json.loads(Path(path).read_text())
    return RoundRecord(**{**values, "tables": tuple(values["tables"])})


def rounds_table(records: Sequence[RoundRecord], error: float) -> Table:
    """Table of all rounds, one row each.

    The first image's expected dynamic range is that for antennas' errors of `error` (rad, or
    relative): its own are not known.
    """
    first = records[0]
    allowed = allowed_dynamic_range(first.scans, first.antennas, error)
    records = [replace(first, expected_dynamic_range=allowed), *records[1:]]
    names = [field.name for field in fields(RoundRecord) if field.name != "tables"]
    table = Table(
        {name: [six_digits(getattr(record, name)) for record in records] for name in names}
    )
    table["tables"] = [" ".join(map(str, record.tables)) for record in records]
    return described(table, ROUNDS)
