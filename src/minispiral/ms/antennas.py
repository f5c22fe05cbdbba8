"""Where the antennas that have data stand, and their dishes.

The table ANTENNA may list others too, with neither a place nor a dish.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError

EARTH_RADIUS_M = (6.3e6, 6.4e6)  # of the surface: poles and sea level to mountains on the equator
MAX_DISH_SPREAD = 0.05  # relative, of dishes that are taken to have one primary beam


def antenna_names(ms: str | Path, antennas: np.ndarray) -> tuple[str, ...]:
    """NAME@STATION of these antennas, in alphabetical order."""
    with casa.table(f"{ms}/ANTENNA") as table:
        names = [
            "@".join(str(table.getcell(column, k)) for column in ("NAME", "STATION"))
            for k in antennas.tolist()
        ]
    return tuple(sorted(names))


def names_of_places(used_antennas: Iterable[str]) -> list[str]:
    """Names without @STATION, as far as each stood at one station alone; a night knows them so."""
    places = list(used_antennas)
    names = [place.partition("@")[0] for place in places]
    return [
        place if names.count(name) > 1 else name for place, name in zip(places, names, strict=True)
    ]


def dish_diameters(ms: str | Path, antennas: np.ndarray) -> tuple[float, ...]:
    """Diameters (m) of these antennas, ascending and each once, as far as they are known.

    Raises
    ------
    MinispiralError
        If there is no such column, since CASA's tasks ask for it.
    """
    with casa.table(f"{ms}/ANTENNA") as table:
        if "DISH_DIAMETER" not in table.colnames():
            raise MinispiralError(
                f"{ms}: its table ANTENNA has no column DISH_DIAMETER, without which CASA's tasks "
                "refuse a measurement set: add it, with the diameters in m"
            )
        diameters = table.getcol("DISH_DIAMETER")[antennas]
    return tuple(np.unique(diameters[diameters > 0]).tolist())


def common_dish(where: str, dishes_m: Iterable[float]) -> float:
    """Return the diameter that all dishes have, from which one primary beam follows.

    Raises
    ------
    MinispiralError
        If none is known, or they differ by more than `MAX_DISH_SPREAD`. It names `where`.
    """
    dishes = sorted(dishes_m)
    if not dishes:
        raise MinispiralError(
            f"{where} has no antenna with a known DISH_DIAMETER, which the primary beam "
            "needs: put it into the table ANTENNA of the measurement set"
        )
    if differ(dishes):
        raise MinispiralError(
            f"{where} has dishes of {dishes[0]:g} to {dishes[-1]:g} m, but model.method: joint "
            "knows one primary beam: split the data of one kind of dish into a measurement set of "
            "its own, or set model.method: clean"
        )
    return dishes[0]


def differ(dishes_m: Iterable[float]) -> bool:
    """Whether dishes, known as they are, have no primary beam in common."""
    dishes = list(dishes_m)
    return bool(dishes) and max(dishes) - min(dishes) > MAX_DISH_SPREAD * min(dishes)


def dish_remarks(dishes_m: Iterable[float]) -> list[str]:
    """Say of dishes without one primary beam that CLEAN makes images as if they had one."""
    dishes = sorted(dishes_m)
    if not dishes:
        return [
            "no antenna has a known DISH_DIAMETER, which the primary beam needs: put it "
            "into the table ANTENNA of the measurement set"
        ]
    if differ(dishes):
        return [
            f"dishes of {dishes[0]:g} to {dishes[-1]:g} m see the sky through different primary "
            "beams, but CLEAN makes one image for all: split the data of one kind of dish into a "
            "measurement set of its own, unless all flux is close to the phase centre"
        ]
    return []


def check_dishes_of_tracks(dishes_m: Iterable[float]) -> None:
    """Check that the dishes of several tracks have one primary beam.

    Raises
    ------
    MinispiralError
        If they have not.
    """
    dishes = sorted(dishes_m)
    if differ(dishes):
        raise MinispiralError(
            f"tracks have dishes of {dishes[0]:g} to {dishes[-1]:g} m, and so no primary beam in "
            "common: set model.scope: track"
        )


def array_position(ms: str | Path, antennas: np.ndarray) -> tuple[float, float, float]:
    """Mean position (m, geocentric) of these antennas; the observatory's where they have none.

    Raises
    ------
    MinispiralError
        If CASA does not know the observatory either.
    """
    with casa.table(f"{ms}/ANTENNA") as table:
        positions = table.getcol("POSITION")[:, antennas]
    radius = np.linalg.norm(positions, axis=0)
    placed = (radius > EARTH_RADIUS_M[0]) & (radius < EARTH_RADIUS_M[1])
    if placed.any():
        x, y, z = positions[:, placed].mean(axis=1).tolist()
        return x, y, z
    with casa.table(f"{ms}/OBSERVATION") as table:
        name = str(table.getcell("TELESCOPE_NAME", 0))
    place = casa.observatory(name)
    if place is None:
        raise MinispiralError(
            f"{ms}: its table ANTENNA has no positions on the Earth, and CASA does not know the "
            f"telescope {name!r} of its table OBSERVATION, so that elevations are unknown: put "
            "geocentric positions into ANTENNA, or the telescope's name into OBSERVATION"
        )
    return place
