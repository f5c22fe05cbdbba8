"""Self-calibration of a continuum measurement set by CASA, round by round.

Call these inside `minispiral.casa.session`, whose scratch folder gets a copy of each measurement
set that CASA changes. A target's folder holds its data (`data.ms`) and a folder for each round,
`round{n}`: CLEAN images by the name of clean, the table `gains`, and `record.json`.
"""

import logging
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.imaging.clean import ImageSettings, clean
from minispiral.ms.hands import with_parallel_hands_alone
from minispiral.ms.lone_hand import Hands, read_hands, remarks_on
from minispiral.selfcal.applycal import apply_gains, correct_data
from minispiral.selfcal.data_state import (
    DataState,
    antenna_names,
    failed_antennas,
    read_state,
    reference_antennas,
)
from minispiral.selfcal.prediction import predict_image, predict_point
from minispiral.selfcal.rounds import (
    GainNumbers,
    Gate,
    ImageNumbers,
    RoundRecord,
    Verdict,
    allowed_dynamic_range,
    gain_statistics,
    judge,
    read_record,
    write_record,
)
from minispiral.selfcal.solver import Round

logger = logging.getLogger(__name__)

CLEAN_NAME = "clean"


@dataclass(frozen=True)
class RoundJob:
    """One round of a target, and its start.

    `ms`, the target's data; `before`, folders of the rounds before, the first image's first;
    `folder`, this round's, which gets the table of gains, the images and the record; `recipe`, by
    which it is solved; `settings` of its image, without a mask in which it is automatic, from that
    of the best round; `start` "image" or "point": what is solved against as long as no round is
    better than the first image, its model, or a point at the phase centre (a calibrator whose raw
    data make no image); with `keep_start`, in all rounds (a calibrator that is known to be one).
    """

    ms: Path
    before: Sequence[Path]
    folder: Path
    recipe: Round
    settings: ImageSettings
    start: str = "image"
    keep_start: bool = False

    @property
    def gains(self) -> Path:
        """The round's own table of gains."""
        return self.folder / "gains"

    @cached_property
    def best(self) -> RoundRecord:
        """The best round so far."""
        return self.record(self.record(-1).best)

    @property
    def model_round(self) -> int:
        """The round whose image is the model, unless that is a point."""
        return 0 if self.keep_start else self.best.round

    @property
    def against_point(self) -> bool:
        """Whether it is solved against a point."""
        return self.start == "point" and self.model_round == 0

    @property
    def model(self) -> Path:
        """The CLEAN model of that image."""
        return self.before[self.model_round] / f"{CLEAN_NAME}.model"

    @property
    def model_holds(self) -> bool:
        """Whether that model is of a source."""
        return _has_flux(self.model) and not self.record(self.model_round).shows_nothing

    def record(self, number: int) -> RoundRecord:
        """Record of a round before."""
        return read_record(self.before[number] / "record.json")

    @cached_property
    def tables(self) -> list[Path]:
        """Tables of gains of the best round so far."""
        return [self.before[k] / "gains" for k in self.best.tables]

    @cached_property
    def combines(self) -> list[str]:
        """What the solutions of each of these combine."""
        return [self.record(k).combine for k in self.best.tables]


def first_image(
    ms: str | Path, folder: Path, settings: ImageSettings, remarks: Sequence[str] = ()
) -> RoundRecord:
    """Image the data as they come: round 0, into `folder`; `remarks` on them go into its record."""
    hands = with_parallel_hands_alone(ms, Path("hands.ms").resolve())
    remarks = [*remarks_on(read_hands(ms)), *remarks]
    cleaning = clean(hands, folder, settings, name=CLEAN_NAME)
    remarks += cleaning.remarks
    record = record_of(
        0,
        Round(calmode="", solint="", minsnr=np.nan, refant=""),
        read_state(ms),
        _image_numbers(folder, cleaning.at_threshold),
        GainNumbers(),  # errors are not known yet
        Verdict(True, "; ".join(["the data as they come", *remarks]), best=0, tables=()),
    )
    write_record(folder / "record.json", record)
    return record


def run_round(job: RoundJob, gate: Gate) -> RoundRecord:
    """Do one round on a copy of the data, from the best round so far, and judge it.

    It takes the parallel hands alone: neither gains nor images need others.
    """
    copy = Path("round.ms").resolve()
    shutil.rmtree(copy, ignore_errors=True)
    if with_parallel_hands_alone(job.ms, copy) != copy:  # there are no others
        shutil.copytree(job.ms, copy)
    state = read_state(job.ms)
    references = reference_antennas(job.ms, state, job.recipe.refant)
    recipe = replace(job.recipe, refant=references[0] if references else "")
    job.folder.mkdir(parents=True, exist_ok=True)
    if not (job.against_point or job.model_holds):
        record = _unsolved(job, state, recipe, _nothing_to_solve_against(job))
    else:
        _predict(job, copy)
        correct_data(copy, job.tables, job.combines)
        _solve(job, copy, references)
        if job.gains.is_dir():
            record = _imaged(job, gate, copy, state, recipe)
        else:
            record = _unsolved(job, state, recipe, _no_solution(recipe))
    write_record(job.folder / "record.json", record)
    shutil.rmtree(copy)
    return record


def _has_flux(model: Path) -> bool:
    with casa.image(model) as image:
        return bool(image.getchunk().any())


def _nothing_to_solve_against(job: RoundJob) -> str:
    record = job.record(job.model_round)
    if "CLEAN diverges" in record.reason:
        why, or_raise = f"CLEAN of round {record.round} diverged", ""
    elif record.shows_nothing:
        why = f"the image of round {record.round} shows no source"
        or_raise = ", or raise image.niter"
    else:
        why, or_raise = f"CLEAN of round {record.round} found nothing", ""
    return (
        f"no model to solve against, because {why}: set start: point for a source at the phase "
        f"centre, or mark it by image.mask{or_raise}"
    )


def _no_solution(recipe: Round) -> str:
    return (
        f"no solution with S/N above {recipe.minsnr:g}: lower minsnr, or solve for longer (solint) "
        "or for spws together (combine)"
    )


def _predict(job: RoundJob, copy: Path) -> None:
    """Write the model of the best image so far, or that of the start, to the model column."""
    if job.against_point:
        logger.info("step 1 of 4: model visibilities of a point")
        predict_point(copy)
    else:
        logger.info("step 1 of 4: model visibilities of round %d", job.model_round)
        predict_image(copy, job.model)


def _solve(job: RoundJob, copy: Path, references: Sequence[str]) -> None:
    """Solve for the round's table of gains, which is not made where no solution is good enough."""
    logger.info("step 2 of 4: gains, calmode %s, solint %s", job.recipe.calmode, job.recipe.solint)
    casa.tasks().gaincal(
        vis=str(copy),
        caltable=str(job.gains),
        solint=job.recipe.solint,
        combine=job.recipe.combine,
        refant=",".join(references),
        minsnr=job.recipe.minsnr,
        calmode=job.recipe.calmode,
        gaintype="G",
        solnorm=job.recipe.amplitude,
    )


def _unsolved(job: RoundJob, state: DataState, recipe: Round, reason: str) -> RoundRecord:
    """Record of a round without a solution."""
    return record_of(
        len(job.before),
        recipe,
        replace(state, flagged=1.0),
        _no_image(job.best),
        GainNumbers(solutions_failed=1.0),
        _refusal(job.best, reason),
    )


def _imaged(job: RoundJob, gate: Gate, copy: Path, state: DataState, recipe: Round) -> RoundRecord:
    """Apply the gains to the copy, image it, and judge the image; `state` is that before."""
    logger.info("step 3 of 4: gains applied")
    apply_gains(copy, [job.gains], [recipe.combine])
    after = read_state(copy)
    remarks: list[str] = []
    if after.flagged < 1:
        image, remarks = _image(job, copy)
        reason = judge(
            image.peak,
            image.rms,
            image.beam_major * image.beam_minor,
            after.flagged,
            job.best,
            gate,
            _failed(job, state, after),
        )
    else:
        image, reason = _no_image(job.best), "all data flagged without a solution"
    verdict = _refusal(job.best, reason) if reason else _acceptance(job)
    return record_of(
        len(job.before),
        recipe,
        replace(state, expected_rms=after.expected_rms, flagged=after.flagged),
        image,
        _gain_numbers(job, recipe, state),
        replace(verdict, reason="; ".join([verdict.reason, *remarks])),
    )


def _failed(job: RoundJob, before: DataState, after: DataState) -> list[str]:
    """Antennas without solutions, in words."""
    names, (_, flag) = antenna_names(job.ms), read_solutions(job.gains, read_hands(job.ms))
    failed = np.zeros(len(names))
    failed[: flag.shape[1]] = flag.mean(axis=(0, 2))
    return failed_antennas(names, failed, before, after)


def _image(job: RoundJob, copy: Path) -> tuple[ImageNumbers, list[str]]:
    """CLEAN the corrected data; return what is to be said of it, too."""
    logger.info("step 4 of 4: image")
    source = job.before[job.best.round]
    previous = None if job.settings.mask else source / f"{CLEAN_NAME}.mask"
    cleaning = clean(
        copy, job.folder, job.settings, previous, name=CLEAN_NAME, data_column="corrected"
    )
    return _image_numbers(job.folder, cleaning.at_threshold), cleaning.remarks


def _gain_numbers(job: RoundJob, recipe: Round, state: DataState) -> GainNumbers:
    """Numbers of the round's gains of the antennas that have data."""
    solutions = read_solutions(job.gains, read_hands(job.ms))
    gain, flag = (values[:, state.antennas] for values in solutions)
    statistics = gain_statistics(gain, flag)
    error = np.radians(statistics["phase_size"])
    if recipe.amplitude:
        error = float(np.hypot(error, statistics["amplitude_size"]))
    return GainNumbers(
        solutions=int(flag.size),
        solutions_failed=float(flag.mean()),
        **statistics,
        expected_dynamic_range=allowed_dynamic_range(state.scans, len(state.antennas), error),
    )


def _acceptance(job: RoundJob) -> Verdict:
    number = len(job.before)
    reason = f"S/N up from {job.best.dynamic_range:.4g}"
    return Verdict(True, reason, best=number, tables=(*job.best.tables, number))


def _refusal(best: RoundRecord, reason: str) -> Verdict:
    return Verdict(False, reason, best=best.round, tables=best.tables)


def record_of(
    number: int,
    recipe: Round,
    state: DataState,
    image: ImageNumbers,
    gains: GainNumbers,
    verdict: Verdict,
) -> RoundRecord:
    """Record of a round by its number, with `refant` of the recipe the antenna that was taken.

    Its reason says, too, of an image that shows nothing that it does not.
    """
    record = RoundRecord(
        round=number,
        **asdict(recipe),
        **asdict(image),
        **asdict(gains),
        **asdict(verdict),
        expected_rms=state.expected_rms,
        flagged=state.flagged,
        scans=state.scans,
        antennas=len(state.antennas),
    )
    if record.shows_nothing:
        return replace(record, reason=f"{record.reason}; {_about_nothing(record)}")
    return record


def _about_nothing(record: RoundRecord) -> str:
    return (
        "the image shows no source: CLEAN ended before its threshold, and the rms is "
        f"{record.rms / record.expected_rms:.2g} times that expected from the weights"
    )


def read_solutions(table: str | Path, hands: Hands | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Read gains and flags ``(n_interval, n_antenna, n_hand)`` of all antennas of the table.

    `hands` are those of the data, if not both: a lone one's gains stand first.
    """
    with casa.table(table) as gains:
        values, flag = gains.getcol("CPARAM")[:, 0].T, gains.getcol("FLAG")[:, 0].T
        antenna = gains.getcol("ANTENNA1")
    antennas = int(antenna.max()) + 1
    shape = (-1, antennas, values.shape[-1])
    kept = slice(len(hands) if hands else None)
    return values.reshape(shape)[..., kept], flag.reshape(shape)[..., kept]


def read_solution_times(table: str | Path) -> np.ndarray:
    """Read the times of the gains that `read_solutions` gives, ``(n_interval,)``, MJD in s."""
    with casa.table(table) as gains:
        time, antenna = gains.getcol("TIME"), gains.getcol("ANTENNA1")
    times: np.ndarray = time.reshape(-1, int(antenna.max()) + 1)[:, 0]
    return times


def _image_numbers(folder: Path, at_threshold: bool) -> ImageNumbers:
    """Peak of the image, rms of the residual outside the mask, the beam, and how CLEAN ended."""
    with casa.image(folder / f"{CLEAN_NAME}.image") as image:
        pixels, beam = image.getchunk(), image.restoringbeam()
    with casa.image(folder / f"{CLEAN_NAME}.residual") as image:
        residual = image.getchunk()
    with casa.image(folder / f"{CLEAN_NAME}.mask") as image:
        outside = image.getchunk() == 0
    convert = casa.tools().quanta().convert
    rms, peak = float(np.sqrt(np.mean(residual[outside] ** 2))), float(pixels.max())
    return ImageNumbers(
        rms=rms,
        peak=peak,
        dynamic_range=peak / rms,
        beam_major=convert(beam["major"], "arcsec")["value"],
        beam_minor=convert(beam["minor"], "arcsec")["value"],
        beam_pa=convert(beam["positionangle"], "deg")["value"],
        at_threshold=at_threshold,
    )


def _no_image(best: RoundRecord) -> ImageNumbers:
    """The beam of the best round so far, and nothing else."""
    nan = np.nan
    return ImageNumbers(nan, nan, nan, best.beam_major, best.beam_minor, best.beam_pa, False)
