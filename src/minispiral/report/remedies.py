"""Chi-squares far from 1 in words, and the configuration that cures them: all of it stands here.

A remedy is chosen by what the residuals show (`minispiral.analysis.misfit`), and by what was done
already: antennas that were solved for, and where the sky is from.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from minispiral.analysis import misfit
from minispiral.analysis.misfit import Misfit
from minispiral.io.wording import extremes
from minispiral.report.antenna_gains import (
    FEW_TURNS,
    NEVER,
    NO_FAST_PHASES,
    have_gains,
    may_have_fast_phases,
)
from minispiral.report.places import places
from minispiral.report.summary import CampaignTables

MAX_CHI2 = 3.0  # reduced chi-square of a spw's fit; weights alone may be off by a factor
MIN_CHI2 = 0.3  # below, weights are wrong: noise cannot be less than it is

PHASE_ROUNDS = {"iterations": 2, "selfcal": {"rounds": [{"calmode": "p", "solint": "int"}]}}
AMPLITUDE_ROUNDS = {
    "iterations": 3,
    "selfcal": {
        "rounds": [{"calmode": "p", "solint": "int"}, {"calmode": "ap", "solint": "60s"}],
    },
}
SOLVED_IN_TURNS = {"selfcal": {"solve": "auto"}}
MORE_TURNS = {"model": {"turns": 8}}
SKY_FROM_VISIBILITIES = {"model": {"method": "joint"}}
WEIGHTS = "compute weights from the data's scatter on a copy (CASA's statwt), and use the copy"

SHOWN = {
    misfit.ANTENNAS: "antenna {antennas} fits far worse than all others",
    misfit.SPW: "the other spws of the track fit far better",
    misfit.PHASES: "antenna phases are off, as residuals stand across the model",
    misfit.AMPLITUDES: "antenna amplitudes are off, as residuals lie along the model",
    misfit.SHORT_BASELINES: "short baselines fit worst: IM1 lacks extended flux there",
    misfit.WEIGHTS: "baselines, antennas, phases and amplitudes are all alike, so that weights are "
    "too high by that factor; fluxes and errors do not depend on the factor",
    misfit.UNKNOWN: "IM1 or the antennas' calibration misfits, or weights are too high",
}


@dataclass(frozen=True)
class Remedy:
    """What to do, in `words`; to paste, where there is any, `configuration` or a `call` of CASA."""

    words: str
    configuration: Mapping[str, Any] | None = None
    call: str = ""

    @property
    def snippet(self) -> str:
        """What can be pasted, lines of it; nothing, where there is nothing."""
        if self.configuration is None:
            return self.call
        return yaml.safe_dump(dict(self.configuration), sort_keys=False, default_flow_style=None)


@dataclass(frozen=True)
class Advice:
    """What was found where, in a `line`; with a `title`, what can be pasted, if there is any.

    `is_of_weights`: no flux depends on it, as the data's weights alone are off.
    """

    line: str
    title: str = ""
    snippet: str = ""
    is_of_weights: bool = False


def about_chi2(tables: CampaignTables) -> Iterator[Advice]:
    """Say which fits have a chi-square far above or below 1, what that shows, and what to do."""
    groups: dict[tuple[str, str, str, bool], list[tuple[str, int, float]]] = {}
    for track, spw, found in _found(tables):
        remedy = _remedy(tables, track, spw, found)
        shown = SHOWN[found.cause].format(antennas=", ".join(found.antennas))
        of_weights = found.cause == misfit.WEIGHTS
        groups.setdefault((shown, remedy.words, remedy.snippet, of_weights), []).append(
            (track, spw, found.chi2)
        )
    for (shown, words, snippet, of_weights), rows in groups.items():
        where = places([(track, spw) for track, spw, _ in rows])
        chi2 = extremes((value for *_, value in rows), _digits)
        line = f"{where}: the fit's reduced chi-square is {chi2}: {shown}: {words}"
        if snippet:
            yield Advice(f"{line}: see what to paste, below", f"{where}: {words}", snippet)
        else:
            yield Advice(line, is_of_weights=of_weights)
    yield from _too_low(tables)


def _found(tables: CampaignTables) -> Iterator[tuple[str, int, Misfit]]:
    for track, baselines in tables.residuals.items():
        sound = {k: table for k, table in baselines.items() if (track, k) not in tables.doubtful}
        found = misfit.misfits(sound, tables.antennas.get(track, {}), MAX_CHI2)
        for spw, each in found.items():
            yield track, spw, each


def _too_low(tables: CampaignTables) -> Iterator[Advice]:
    rows = [
        (track, spw, chi2)
        for track, baselines in tables.residuals.items()
        for spw, table in baselines.items()
        if (track, spw) not in tables.doubtful and (chi2 := misfit.reduced_chi2([table])) < MIN_CHI2
    ]
    if rows:
        factors = extremes((1 / chi2 for *_, chi2 in rows), _digits)
        yield Advice(
            f"{places([(track, spw) for track, spw, _ in rows])}: the fit's reduced chi-square is "
            f"{extremes((chi2 for *_, chi2 in rows), _digits)}: the data's weights are {factors} "
            "times too low, as where they were never made (WEIGHT and SIGMA of 1): errors are "
            "scaled by chi-square and hold, but the sky from the visibilities takes less flux in, "
            f"and self-calibration leaves solutions out: {WEIGHTS}",
            is_of_weights=True,
        )


def _remedy(tables: CampaignTables, track: str, spw: int, found: Misfit) -> Remedy:
    """What cures a misfit, as far as it was not done."""
    joint = track in tables.skies
    solved = [row for row in tables.solved if row["track"] == track]
    if found.cause == misfit.ANTENNAS:
        names = ",".join(found.antennas)
        return Remedy(
            "flag it on a copy of the data, and use the copy",
            call=f"flagdata(vis='COPY.ms', mode='manual', antenna='{names}')\n",
        )
    if found.cause == misfit.SPW:
        left = [number for number in tables.residuals[track] if number != spw]
        return Remedy(
            "look at its bandpass and its weights, or leave it out",
            {"tracks": {track: {"spws": left}}},
        )
    if found.cause in (misfit.PHASES, misfit.AMPLITUDES):
        return _antennas(tables, track, found.cause, solved)
    if found.cause == misfit.SHORT_BASELINES:
        if joint:
            return Remedy("look for antennas that shadow each other, and flag them on a copy")
        return Remedy("find IM1 from the visibilities", SKY_FROM_VISIBILITIES)
    if found.cause == misfit.WEIGHTS:
        return Remedy(WEIGHTS)
    return _of_unknown(tables, track)


def _antennas(
    tables: CampaignTables, track: str, cause: str, solved: Sequence[Mapping[str, Any]]
) -> Remedy:
    """Gains in the turns, where they are forbidden; else by hand what the turns have not done."""
    if tables.solves.get(track) == NEVER:
        return Remedy("let the turns solve for antenna gains", SOLVED_IN_TURNS)
    if tables.solves.get(track) == FEW_TURNS:
        return Remedy("take more turns, which then solve for antenna gains", MORE_TURNS)
    gains = tables.antenna_gains.get(track)
    if gains is not None and cause == misfit.PHASES and not may_have_fast_phases(gains):
        remedy = _rounds(cause, solved)
        return replace(remedy, words=f"in the turns {NO_FAST_PHASES}: {remedy.words}")
    if gains is None or not have_gains(gains):
        return _rounds(cause, solved)
    if cause == misfit.PHASES and gains.meta["fast_phases"]:
        return Remedy(
            "though the turns solved for phases of each integration: flag the antennas and times "
            "that fit badly, by the tables of residuals"
        )
    remedy = _rounds(cause, solved)
    return replace(remedy, words=f"it stays high with the turns' antenna gains: {remedy.words}")


def _rounds(cause: str, solved: Sequence[Mapping[str, Any]]) -> Remedy:
    """Rounds of self-calibration that were not done yet; else what is left to do by hand."""
    wanted = PHASE_ROUNDS if cause == misfit.PHASES else AMPLITUDE_ROUNDS
    last: Mapping[str, Any] = wanted["selfcal"]["rounds"][-1]  # type: ignore[index]
    done = any(
        row["calmode"] == last["calmode"] and row["solint"] in ("int", last["solint"])
        for row in solved
    )
    if done:
        return Remedy(
            f"though they were solved for ({last['calmode']}, {last['solint']}): flag the "
            "antennas and times that fit badly, by the tables of residuals"
        )
    return Remedy("self-calibrate", wanted)


def _of_unknown(tables: CampaignTables, track: str) -> Remedy:
    """What may be done where the residuals are not known by antenna."""
    return Remedy(f"see the residuals by baseline; {_by_hand(tables, track)}")


def remedy_of_unevenness(tables: CampaignTables, track: str) -> str:
    """Say what may be done where some baselines fit worse than others, though not badly."""
    return _by_hand(tables, track)


def _by_hand(tables: CampaignTables, track: str) -> str:
    iterate = "iterate and self-calibrate (iterations)"
    if track in tables.skies:
        remedy = "flag the antennas or times that fit badly"
        done = tables.convergence is not None or have_gains(tables.antenna_gains.get(track))
        return remedy if done else f"{iterate}, or {remedy}"
    remedy = "CLEAN deeper (image.niter), or widen the mask"
    return f"{remedy}, or {iterate}" if tables.convergence is None else remedy


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"
