"""Self-calibration of a continuum measurement set by CASA, round by round.

Call these inside `minispiral.casa.session`, in whose scratch folder the measurement sets are copied
that CASA writes into. A target's folder holds its data (`data.ms`) and a folder for each round,
`round{n}`: CLEAN images by the name of clean, the table `gains`, and `record.json`.
"""

import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.imaging.clean import clean
from minispiral.ms.windows import BLOCK_ROWS, spectral_windows
from minispiral.selfcal.applycal import apply_gains, interpolation, spw_map
from minispiral.selfcal.data_state import read_state, reference_antennas
from minispiral.selfcal.rounds import (
    GAIN_STATISTICS,
    Gate,
    RoundRecord,
    allowed_dynamic_range,
    gain_statistics,
    judge,
    read_record,
    write_record,
)
from minispiral.selfcal.solver import Round
from minispiral.visibilities.stokes import stokes_pairs

logger = logging.getLogger(__name__)

CLEAN_NAME = "clean"


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
        **dict.fromkeys(GAIN_STATISTICS, np.nan),
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
    logger.info("step 1 of 4: model visibilities of round %d", best.round)
    model = source / f"{CLEAN_NAME}.model"
    if start == "point" and best.round == 0:
        model = _point_model(model, copy)
    casa.tasks().ft(vis=str(copy), model=[str(model)], usescratch=True)
    spws = len(spectral_windows(ms))
    tables = [before[k] / "gains" for k in best.tables]
    interps = [interpolation(read_record(before[k] / "record.json").combine) for k in best.tables]
    folder.mkdir(parents=True, exist_ok=True)
    logger.info("step 2 of 4: gains, calmode %s, solint %s", how.calmode, how.solint)
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
            **dict.fromkeys(GAIN_STATISTICS, np.nan),
            expected_dynamic_range=np.nan,
            flagged=1.0,
            accepted=False,
            reason=f"no solution with S/N above {how.minsnr:g}",
        )
        write_record(folder / "record.json", record)
        return record
    logger.info("step 3 of 4: gains applied")
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
        logger.info("step 4 of 4: image")
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
