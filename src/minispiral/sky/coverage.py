"""What determines the sky's grid, track by track, and the frame that all of them share."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.imaging.models import check_phase_centres
from minispiral.measures.units import SPEED_OF_LIGHT
from minispiral.ms.antennas import check_dishes_of_tracks, common_dish
from minispiral.ms.inspection import Inspection
from minispiral.ms.integrations import read_integrations
from minispiral.ms.windows import spectral_windows
from minispiral.sky.filling import measured_width
from minispiral.sky.grid import Coverage, SkyGrid, choose_grid, envelope_width
from minispiral.visibilities.primary_beam import primary_beam_width
from minispiral.visibilities.transform import uv_wavelengths

SAMPLED = 400  # integrations whose uv coverage counts


@dataclass(frozen=True)
class TrackCoverage:
    """Phase centre of a track (right ascension, declination), and its spws."""

    direction_deg: tuple[float, float]
    spws: tuple[Coverage, ...]


@dataclass(frozen=True)
class SkyFrame:
    """Grid of a sky, its phase centre, mean frequency, and the dishes that see it.

    `envelope_arcsec`, full width at half maximum of what the sky may fill.
    """

    grid: SkyGrid
    direction_deg: tuple[float, float]
    frequency_hz: float
    dish_m: float
    envelope_arcsec: float


def measure_coverage(splits: Sequence[str | Path], inspection: Inspection) -> TrackCoverage:
    """Look at the split data of a track; call it inside `minispiral.casa.session`.

    Raises
    ------
    MinispiralError
        If its dishes have no primary beam in common, or their diameters are unknown.
    """
    spws = []
    dish = common_dish(f"field {inspection.field_name!r}", inspection.dishes_m)
    for ms, spw in zip(splits, inspection.spws, strict=True):
        (window,) = spectral_windows(ms).values()
        frequency = window.frequency_hz
        width = primary_beam_width(frequency, dish)
        u, v = uv_wavelengths(_sampled_uvw(ms), frequency)
        measured = measured_width(u, v, width)
        longest = spw.longest_baseline_m * frequency / SPEED_OF_LIGHT
        spws.append(Coverage(frequency, dish, longest, measured))
    return TrackCoverage(inspection.direction_deg, tuple(spws))


def sky_frame(tracks: Iterable[TrackCoverage]) -> SkyFrame:
    """Choose the frame of the sky that these tracks share.

    Raises
    ------
    MinispiralError
        If their phase centres differ, or the grid would be too large.
    """
    tracks = list(tracks)
    spws = [spw for track in tracks for spw in track.spws]
    grid = choose_grid(spws)
    for track in tracks:
        check_phase_centres(track.direction_deg, tracks[0].direction_deg, grid.cell)
    dishes = [spw.dish_m for spw in spws]
    check_dishes_of_tracks(dishes)
    frequency, dish = float(np.mean([spw.frequency_hz for spw in spws])), min(dishes)
    envelope = envelope_width(spws, frequency, dish)
    return SkyFrame(grid, tracks[0].direction_deg, frequency, dish, envelope)


def _sampled_uvw(ms: str | Path) -> np.ndarray:
    """UVW of baselines without FLAG_ROW, of integrations spread evenly: (3, n_row), m."""
    with casa.table(ms) as main:
        integration = read_integrations(main).grouped.of_row
        step = integration.max() // SAMPLED + 1
        used = integration % step == 0
        used &= ~main.getcol("FLAG_ROW") & (main.getcol("ANTENNA1") != main.getcol("ANTENNA2"))
        uvw: np.ndarray = main.getcol("UVW")
    return uvw[:, used]


def write_coverage(path: str | Path, coverage: TrackCoverage) -> None:
    """Write a track's coverage as JSON."""
    _write(path, coverage)


def read_coverage(path: str | Path) -> TrackCoverage:
    """Read what `write_coverage` wrote."""
    values = json.loads(Path(path).read_text())
    spws = tuple(Coverage(**spw) for spw in values["spws"])
    return TrackCoverage(tuple(values["direction_deg"]), spws)


def write_frame(path: str | Path, frame: SkyFrame) -> None:
    """Write a frame as JSON."""
    _write(path, frame)


def read_frame(path: str | Path) -> SkyFrame:
    """Read what `write_frame` wrote."""
    values = json.loads(Path(path).read_text())
    values["grid"] = SkyGrid(**values["grid"])
    values["direction_deg"] = tuple(values["direction_deg"])
    return SkyFrame(**values)


def _write(path: str | Path, values: TrackCoverage | SkyFrame) -> None:
    Path(path).write_text(json.dumps(asdict(values), indent=1) + "\n")
