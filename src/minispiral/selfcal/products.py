"""The products of a self-calibration target, from the best of its rounds.

Call these inside `minispiral.casa.session`, whose scratch folder gets a copy of each measurement
set that CASA changes.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.casa import run_task
from minispiral.errors import MinispiralError
from minispiral.ms.hands import with_parallel_hands_alone
from minispiral.ms.inspection import Inspection
from minispiral.ms.lone_hand import hands_to_calibrate, move_to_first
from minispiral.ms.split import split_field
from minispiral.selfcal.applycal import apply_gains, spw_map
from minispiral.selfcal.rounds import read_record
from minispiral.selfcal.target import CLEAN_NAME


def write_calibrated_target(ms: str | Path, output: Path, rounds: Sequence[Path]) -> None:
    """Write the data with the gains of the best round applied; without any, the data unchanged."""
    tables, combines = _tables_of(rounds)
    if not tables:
        shutil.copytree(ms, output)
        return
    copy = Path("calibrated.ms").resolve()
    shutil.copytree(ms, copy)
    apply_gains(copy, tables, combines)
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

    A hand of the lines that the target's data do not have is left out.

    Parameters
    ----------
    lines : the user's measurement set, which is only read
    inspection, data_column : of it
    target : inspection of the target's own measurement set
    rounds : folders of the target's rounds
    """
    whole = Path("lines.ms").resolve()
    split_field(lines, whole, inspection, data_column)
    hands = hands_to_calibrate(lines, inspection.hands, target.hands)
    copy = whole
    if hands != inspection.hands:
        copy = with_parallel_hands_alone(whole, Path("lines_of_hand.ms").resolve(), hands)
    tables, combines = _tables_of(rounds)
    if not tables:
        shutil.copytree(copy, output)
        return
    _check_antennas(lines, copy, tables[0])
    frequencies = np.array([window.frequency_hz for window in target.spws])
    nearest = [
        int(np.argmin(np.abs(frequencies - window.frequency_hz))) for window in inspection.spws
    ]
    if len(hands) == 1 and hands[0] != target.hands[0]:
        tables = [_of_second_hand(table) for table in tables]
    maps = [spw_map(table, len(nearest)) or nearest for table in tables]
    # where a scan has no solutions of its own, those of others are better than none
    apply_gains(copy, tables, combines, maps, borrow=True)
    _corrected_to(copy, output)


def _of_second_hand(table: Path) -> Path:
    """A copy of a table with the second hand's solutions where CASA looks for a lone hand's."""
    copy = Path(f"{table.parent.name}_second_hand").resolve()
    shutil.copytree(table, copy)
    move_to_first(copy)
    return copy


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


def _tables_of(rounds: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Tables of the best round, and what the solutions of each combine."""
    folders = [rounds[k] for k in read_record(rounds[-1] / "record.json").tables]
    records = [read_record(folder / "record.json") for folder in folders]
    return [folder / "gains" for folder in folders], [record.combine for record in records]


def _corrected_to(copy: Path, output: Path) -> None:
    run_task("split", copy, output, vis=str(copy), outputvis=str(output), datacolumn="corrected")
    shutil.rmtree(copy)


def write_final_image(rounds: Sequence[Path], image: Path, fits: Path) -> None:
    """Write the best round's image, corrected for the primary beam, as CASA image and FITS."""
    best = rounds[read_record(rounds[-1] / "record.json").best]
    image_of_best = best / f"{CLEAN_NAME}.image"
    run_task(
        "impbcor",
        image_of_best,
        image,
        imagename=str(image_of_best),
        pbimage=str(best / f"{CLEAN_NAME}.pb"),
        outfile=str(image),
    )
    with casa.image(image) as tool:
        tool.tofits(str(fits), overwrite=True)
