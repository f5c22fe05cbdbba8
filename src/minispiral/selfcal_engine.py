"""Self-calibration of a continuum measurement set by CASA, round by round.

Call these inside `minispiral.casa.session`, in whose scratch folder the measurement sets are copied
that CASA writes into. A target's folder holds its data (`data.ms`) and a folder for each round,
`round{n}`: CLEAN images by the name of clean, the table `gains`, and `record.json`.
"""

import logging
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.antenna_gains import Round
from minispiral.errors import MinispiralError
from minispiral.imaging import clean
from minispiral.measurement_set import BLOCK_ROWS, Inspection, spectral_windows
from minispiral.reference_antenna import rank_antennas
from minispiral.selfcal_rounds import (
    Gate,
    RoundRecord,
    allowed_dynamic_range,
    gain_statistics,
    judge,
    read_record,
    write_record,
)
from minispiral.split import split_field
from minispiral.stokes import stokes_pairs

logger = logging.getLogger(__name__)

CLEAN_NAME = "clean"
REFERENCES = 5  # antennas named to gaincal, which takes the next where one is missing


@dataclass(frozen=True)
class DataState:
    """What a measurement set's flags and weights say.

    `flagged`, share of all data; `expected_rms`, Jy/beam, of a naturally weighted image of Stokes
    I; `unflagged` ``(n_antenna,)``, share of each antenna's data; `scans`, with data.
    """

    flagged: float
    expected_rms: float
    unflagged: np.ndarray
    scans: int


def read_state(ms: str | Path) -> DataState:
    """Read flags and weights: the image's noise is 1 / sqrt(sum w), w = 1/sigma^2 of each hand."""
    with casa.table(f"{ms}/ANTENNA") as table:
        count = table.nrows()
    total, good = np.zeros(count), np.zeros(count)
    weights, scans = 0.0, set()
    with casa.table(ms) as main:
        for window in spectral_windows(ms).values():
            pair = stokes_pairs(window.correlations)[0]
            hands = [window.correlations.index(name) for name in (pair.first, pair.second)]
            chosen = main.query(f"DATA_DESC_ID IN {window.ids} && ANTENNA1 != ANTENNA2")
            rows = max(1, BLOCK_ROWS // window.channels)
            for start in range(0, chosen.nrows(), rows):
                flag = chosen.getcol("FLAG", start, rows)[hands]
                flag = flag | chosen.getcol("FLAG_ROW", start, rows)
                weight = chosen.getcol("WEIGHT", start, rows)[hands]
                used = ~flag.any(axis=0) & (weight > 0).all(axis=0)  # (n_chan, n_row)
                weights += float((used.sum(axis=0) * weight.sum(axis=0)).sum())
                for name in ("ANTENNA1", "ANTENNA2"):
                    antenna = chosen.getcol(name, start, rows)
                    good += np.bincount(antenna, used.sum(axis=0), count)
                    total += np.bincount(antenna, minlength=count) * len(used)
                scans |= set(chosen.getcol("SCAN_NUMBER", start, rows)[used.any(axis=0)].tolist())
            chosen.close()
    share = np.divide(good, total, out=np.zeros(count), where=total > 0)
    flagged = 1 - good.sum() / total.sum() if total.sum() else 1.0
    rms = 1 / np.sqrt(weights) if weights else np.inf
    return DataState(float(flagged), float(rms), share, len(scans))


def first_image(
    ms: str | Path,
    folder: Path,
    settings: Mapping[str, Any],
    cell: float,
    mask: Path | None = None,
) -> RoundRecord:
    """Image the data as they come: round 0, into `folder`."""
    clean(ms, folder, settings, cell, mask, name=CLEAN_NAME)
    state = read_state(ms)
    record = RoundRecord(
        round=0,
        calmode="",
        solint="",
        combine="",
        minsnr=np.nan,
        refant="",
        **_image_numbers(folder),
        expected_rms=state.expected_rms,
        solutions=0,
        solutions_failed=0.0,
        flagged=state.flagged,
        phase_scatter=np.nan,
        amplitude_scatter=np.nan,
        phase_size=np.nan,
        amplitude_size=np.nan,
        expected_dynamic_range=np.nan,  # as long as the errors are not known
        scans=state.scans,
        antennas=int(np.sum(state.unflagged > 0)),
        accepted=True,
        reason="the data as they come",
        best=0,
        tables=(),
    )
    write_record(folder / "record.json", record)
    return record


def run_round(
    ms: str | Path,
    before: Sequence[Path],
    folder: Path,
    how: Round,
    gate: Gate,
    settings: Mapping[str, Any],
    cell: float,
    mask: Path | None = None,
    start: str = "image",
) -> RoundRecord:
    """Do one round on a copy of `ms`, from the best round so far, and judge it.

    Parameters
    ----------
    before : folders of the rounds before, the first image's first
    folder : of this round, which gets the table of gains, the images and the record
    settings, cell, mask : of CLEAN; without a mask it is automatic, from that of the best round
    start : "image" or "point"
        What is solved against as long as no round is better than the first image: its model, or a
        point at the phase centre (a calibrator whose raw data make no image).
    """
    best = read_record(before[read_record(before[-1] / "record.json").best] / "record.json")
    source = before[best.round]
    copy = Path("round.ms").resolve()
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ms, copy)
    state = read_state(ms)
    references = reference_antennas(ms, state, how.refant)
    # the model of the best image so far, in the model column
    model = source / f"{CLEAN_NAME}.model"
    if start == "point" and best.round == 0:
        model = _point_model(model, copy)
    casa.tasks().ft(vis=str(copy), model=[str(model)], usescratch=True)
    spws = len(spectral_windows(ms))
    tables = [before[k] / "gains" for k in best.tables]
    interps = [interpolation(read_record(before[k] / "record.json").combine) for k in best.tables]
    folder.mkdir(parents=True, exist_ok=True)
    gains = folder / "gains"
    casa.tasks().gaincal(
        vis=str(copy),
        caltable=str(gains),
        solint=how.solint,
        combine=how.combine,
        refant=",".join(references),
        minsnr=how.minsnr,
        calmode=how.calmode,
        gaintype="G",
        solnorm=how.amplitude,
        gaintable=[str(table) for table in tables],
        spwmap=[spw_map(table, spws) for table in tables],
        interp=interps,
    )
    common = {
        "round": len(before),
        "calmode": how.calmode,
        "solint": how.solint,
        "combine": how.combine,
        "minsnr": how.minsnr,
        "refant": references[0] if references else "",
        "expected_rms": state.expected_rms,
        "scans": state.scans,
        "antennas": int(np.sum(state.unflagged > 0)),
    }
    if not gains.is_dir():
        # gaincal makes no table where no solution is good enough
        record = replace(
            best,
            **common,
            rms=np.nan,
            peak=np.nan,
            dynamic_range=np.nan,
            solutions=0,
            solutions_failed=1.0,
            **dict.fromkeys(gain_statistics(np.ones((1, 1, 1)), np.zeros((1, 1, 1), bool)), np.nan),
            expected_dynamic_range=np.nan,
            flagged=1.0,
            accepted=False,
            reason=f"no solution with S/N above {how.minsnr:g}",
        )
        write_record(folder / "record.json", record)
        return record
    apply_gains(copy, [*tables, gains], [*interps, interpolation(how.combine)])
    after = read_state(copy)
    gain, flag = (
        values[:, np.flatnonzero(state.unflagged > 0)] for values in read_solutions(gains)
    )
    statistics = gain_statistics(gain, flag)
    error = np.radians(statistics["phase_size"])
    if how.amplitude:
        error = float(np.hypot(error, statistics["amplitude_size"]))
    if after.flagged < 1:
        previous = None if mask else source / f"{CLEAN_NAME}.mask"
        clean(
            copy, folder, settings, cell, mask, previous, name=CLEAN_NAME, data_column="corrected"
        )
        numbers = _image_numbers(folder)
        reason = judge(
            numbers["peak"],
            numbers["rms"],
            numbers["beam_major"] * numbers["beam_minor"],
            after.flagged,
            best,
            gate,
        )
    else:
        numbers = {**_numbers_of(best), "rms": np.nan, "peak": np.nan, "dynamic_range": np.nan}
        reason = "all data flagged for want of solutions"
    record = RoundRecord(
        **{**common, "expected_rms": after.expected_rms},
        **numbers,
        **statistics,
        solutions=int(flag.size),
        solutions_failed=float(flag.mean()),
        flagged=after.flagged,
        expected_dynamic_range=allowed_dynamic_range(state.scans, common["antennas"], error),
        accepted=not reason,
        reason=reason or f"S/N up from {best.dynamic_range:.4g}",
        best=best.round if reason else len(before),
        tables=best.tables if reason else (*best.tables, len(before)),
    )
    write_record(folder / "record.json", record)
    shutil.rmtree(copy)
    return record


def _point_model(model: Path, ms: Path) -> Path:
    """Write a model image of a point at the phase centre, with the visibilities' median modulus."""
    point = Path("point.model").resolve()
    shutil.rmtree(point, ignore_errors=True)
    shutil.copytree(model, point)
    moduli = []
    with casa.table(ms) as main:
        for window in spectral_windows(ms).values():
            pair = stokes_pairs(window.correlations)[0]
            hand = window.correlations.index(pair.first)
            chosen = main.query(f"DATA_DESC_ID IN {window.ids} && ANTENNA1 != ANTENNA2")
            rows = max(1, BLOCK_ROWS // window.channels)
            for start in range(0, chosen.nrows(), rows):
                data, flag = (chosen.getcol(name, start, rows)[hand] for name in ("DATA", "FLAG"))
                good = ~(flag | chosen.getcol("FLAG_ROW", start, rows))
                moduli.append(np.abs(data[good & np.isfinite(data)]))
                if len(moduli[-1]):
                    break  # one block with data is enough for a start
            chosen.close()
    if not sum(map(len, moduli)):
        raise MinispiralError(f"{ms}: all data are flagged, so there is nothing to start from")
    with casa.image(point) as image:
        pixels = np.zeros(image.shape())
        centre = np.round(image.coordsys().referencepixel()["numeric"]).astype(int)
        pixels[tuple(centre)] = np.median(np.concatenate(moduli))
        image.putchunk(pixels)
    return point


def reference_antennas(ms: str | Path, state: DataState, given: str | None = None) -> list[str]:
    """Return the antenna to refer phases to, or the best few by position and flagging.

    Raises
    ------
    MinispiralError
        If the one that is given is not there.
    """
    with casa.table(f"{ms}/ANTENNA") as table:
        names = [str(name) for name in table.getcol("NAME")]
        positions = table.getcol("POSITION").T
    if given is not None and given not in names:
        raise MinispiralError(
            f"{ms} has no antenna {given!r} to refer phases to: set refant to one of "
            f"{', '.join(names)}"
        )
    if given is not None:
        return [given]
    return rank_antennas(names, positions, state.unflagged)[:REFERENCES]


def spw_map(table: str | Path, spws: int) -> list[int]:
    """Map every spw to the one whose solutions it takes: its own, or the one of all combined."""
    with casa.table(table) as gains:
        solved = np.unique(gains.getcol("SPECTRAL_WINDOW_ID"))
    return [int(solved[0])] * spws if len(solved) == 1 else []


def interpolation(combine: str) -> str:
    """Interpolation in time of solutions: each scan by its own, unless scans were combined."""
    return "linear" if "scan" in combine else "linearperscan"


def apply_gains(
    ms: str | Path,
    tables: Sequence[Path],
    interps: Sequence[str],
    maps: Sequence[list[int]] | None = None,
) -> None:
    """Apply tables to the corrected column; data without a solution are flagged, weights kept."""
    if maps is None:
        maps = [spw_map(table, len(spectral_windows(ms))) for table in tables]
    casa.tasks().applycal(
        vis=str(ms),
        gaintable=[str(table) for table in tables],
        spwmap=list(maps),
        interp=list(interps),
        calwt=False,
        flagbackup=False,
    )


def read_solutions(table: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Read gains and flags ``(n_interval, n_antenna, n_hand)`` of all antennas of the table."""
    with casa.table(table) as gains:
        values, flag = gains.getcol("CPARAM")[:, 0].T, gains.getcol("FLAG")[:, 0].T
        antenna = gains.getcol("ANTENNA1")
    antennas = int(antenna.max()) + 1
    return tuple(column.reshape(-1, antennas, column.shape[-1]) for column in (values, flag))


def _image_numbers(folder: Path) -> dict[str, float]:
    """Peak of the image, rms of the residual outside the mask, and the beam."""
    with casa.image(folder / f"{CLEAN_NAME}.image") as image:
        pixels, beam = image.getchunk(), image.restoringbeam()
    with casa.image(folder / f"{CLEAN_NAME}.residual") as image:
        residual = image.getchunk()
    with casa.image(folder / f"{CLEAN_NAME}.mask") as image:
        outside = image.getchunk() == 0
    convert = casa.tools().quanta().convert
    rms, peak = float(np.sqrt(np.mean(residual[outside] ** 2))), float(pixels.max())
    return {
        "rms": rms,
        "peak": peak,
        "dynamic_range": peak / rms,
        "beam_major": convert(beam["major"], "arcsec")["value"],
        "beam_minor": convert(beam["minor"], "arcsec")["value"],
        "beam_pa": convert(beam["positionangle"], "deg")["value"],
    }


def _numbers_of(record: RoundRecord) -> dict[str, float]:
    return {name: getattr(record, name) for name in ("beam_major", "beam_minor", "beam_pa")}


def write_calibrated_target(ms: str | Path, output: Path, rounds: Sequence[Path]) -> None:
    """Write the data with the gains of the best round applied; without any, the data unchanged."""
    tables, interps = _tables_of(rounds)
    if not tables:
        shutil.copytree(ms, output)
        return
    copy = Path("calibrated.ms").resolve()
    shutil.copytree(ms, copy)
    apply_gains(copy, tables, interps)
    _corrected_to(copy, output)


def write_calibrated_lines(
    lines: str | Path,
    output: Path,
    inspection: Inspection,
    data_column: str,
    target: Inspection,
    rounds: Sequence[Path],
) -> None:
    """Apply a target's gains to a line measurement set, each spw by those of the nearest frequency.

    Parameters
    ----------
    lines : the user's measurement set, which is only read
    inspection, data_column : of it
    target : inspection of the target's own measurement set
    rounds : folders of the target's rounds
    """
    spws = ",".join(str(window.spw) for window in inspection.spws)
    copy = Path("lines.ms").resolve()
    split_field(lines, copy, inspection, spws, data_column)
    tables, interps = _tables_of(rounds)
    if not tables:
        shutil.copytree(copy, output)
        return
    _check_antennas(lines, copy, tables[0])
    # where a scan has no solutions of its own, those of others are better than none
    interps = [
        "linear" if _scans(copy) - _scans(table) else interp
        for table, interp in zip(tables, interps, strict=True)
    ]
    frequencies = np.array([window.frequency_hz for window in target.spws])
    nearest = [
        int(np.argmin(np.abs(frequencies - window.frequency_hz))) for window in inspection.spws
    ]
    maps = [spw_map(table, len(nearest)) or nearest for table in tables]
    apply_gains(copy, tables, interps, maps)
    _corrected_to(copy, output)


def _check_antennas(lines: str | Path, copy: Path, table: Path) -> None:
    """CASA knows antennas by their numbers alone."""
    names = []
    for path in (copy, table):
        with casa.table(f"{path}/ANTENNA") as antennas:
            names.append([str(name) for name in antennas.getcol("NAME")])
    if names[0] != names[1]:
        raise MinispiralError(
            f"{lines} has other antennas than the target's data, or in another order, so that "
            "their solutions do not fit: split both off the same measurement set"
        )


def _scans(path: str | Path) -> set[int]:
    with casa.table(path) as table:
        return set(np.unique(table.getcol("SCAN_NUMBER")).tolist())


def _tables_of(rounds: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Tables of the best round, and how each is interpolated."""
    used = [rounds[k] for k in read_record(rounds[-1] / "record.json").tables]
    records = [read_record(folder / "record.json") for folder in used]
    return [folder / "gains" for folder in used], [interpolation(r.combine) for r in records]


def _corrected_to(copy: Path, output: Path) -> None:
    try:
        casa.tasks().split(vis=str(copy), outputvis=str(output), datacolumn="corrected")
    except RuntimeError as error:
        raise MinispiralError(f"split failed on {copy}: {str(error).splitlines()[0]}") from error
    shutil.rmtree(copy)


def write_final_image(rounds: Sequence[Path], image: Path, fits: Path) -> None:
    """Write the best round's image, corrected for the primary beam, as CASA image and FITS."""
    best = rounds[read_record(rounds[-1] / "record.json").best]
    casa.tasks().impbcor(
        imagename=str(best / f"{CLEAN_NAME}.image"),
        pbimage=str(best / f"{CLEAN_NAME}.pb"),
        outfile=str(image),
    )
    if not os.path.isdir(image):
        raise MinispiralError(f"impbcor made nothing of {best}/{CLEAN_NAME}.image: see its log")
    with casa.image(image) as tool:
        tool.tofits(str(fits), overwrite=True)


def read_pixels(folder: Path) -> tuple[np.ndarray, float]:
    """Pixels ``(n_x, n_y)`` of a round's image, Jy/beam, and their size, arcsec."""
    with casa.image(folder / f"{CLEAN_NAME}.image") as image:
        increment = image.summary(list=False)["incr"]
        return image.getchunk()[:, :, 0, 0], float(np.degrees(abs(increment[1])) * 3600)
