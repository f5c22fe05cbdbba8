"""How the CLEAN of each spw ended: kept beside its images, and as a table of the track."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from astropy.table import Table

from minispiral.columns.column import described
from minispiral.columns.fit import IMAGES
from minispiral.imaging.clean import Cleaning
from minispiral.imaging.models import Sky

NAME = "clean.json"  # in a folder of CLEAN images


def write_clean_state(folder: Path, cleaning: Cleaning, expected_rms: float) -> None:
    """Keep how a CLEAN ended, and the noise (Jy/beam) that the weights let expect."""
    state = {
        "iterations": cleaning.iterations,
        "stopped": cleaning.stopped,
        "expected_rms": expected_rms,
    }
    (folder / NAME).write_text(json.dumps(state), encoding="utf-8")


def read_clean_state(folder: Path) -> dict[str, Any]:
    """Read what `write_clean_state` has written."""
    state: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
    return state


def images_table(
    spws: Sequence[int], skies: Sequence[Sky], states: Sequence[Mapping[str, Any]]
) -> Table:
    """Table of a track's images, a row for each spw.

    `rms` is that of the whole residual, sources that CLEAN left included; `expected_rms` that of a
    naturally weighted image by the weights, 1/sqrt(sum w).
    """
    rows = [
        (
            spw,
            state["iterations"],
            state["stopped"],
            sky.beam.major,
            sky.beam.minor,
            sky.beam.angle,
            float(sky.image.max()),
            sky.rms,
            state["expected_rms"],
        )
        for spw, sky, state in zip(spws, skies, states, strict=True)
    ]
    return described(Table(rows=rows, names=list(IMAGES)), IMAGES)
