"""What is known of Sgr A*: where it is, what fields on it are called, the line in front of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from minispiral.errors import MinispiralError
from minispiral.measures.units import separation

DIRECTION = ("J2000", "17:45:40.0409", "-29.00.28.118")  # as CASA writes a direction
NEAR_ARCSEC = 10.0  # a field whose phase centre is this near is one on Sgr A*

# the absorption line in front of the core that Goddi et al. (2021, ApJL 910, L14) report
LINE_GHZ = 226.91
LINE_WIDTH_GHZ = 0.2  # full width at half maximum, as simulated; real ones vary from day to day
LINE_REACH_GHZ = 1.0  # a spw of 1.875 GHz whose centre is this near has the line in it

_NAMES = re.compile(r"(sgr|sag|sagittarius)a(star)?|j?17h?45m?40s?.*|j?1745m?2900.*")


def position_deg() -> tuple[float, float]:
    """Right ascension and declination (J2000), deg."""
    hours, minutes, seconds = map(float, DIRECTION[1].split(":"))
    degrees, arcmin, arcsec = map(float, DIRECTION[2].lstrip("-").split(".", 2))
    return (
        15 * (hours + minutes / 60 + seconds / 3600),
        -(degrees + arcmin / 60 + arcsec / 3600),
    )


@dataclass(frozen=True)
class Field:
    """A field that has data: its name, phase centre (deg, J2000), and the spws of its data."""

    name: str
    direction_deg: tuple[float, float]
    spws: tuple[int, ...]

    @property
    def is_near(self) -> bool:
        """Whether its phase centre is that of Sgr A*."""
        return separation(self.direction_deg, position_deg()) <= NEAR_ARCSEC


def is_name(name: str) -> bool:
    """Whether a field is called after Sgr A*, or after its coordinates."""
    return bool(_NAMES.fullmatch(re.sub(r"[^a-z0-9]", "", name.lower())))


def choose_field(fields: Sequence[Field], asked: str | None) -> Field:
    """Return the requested field, or the one that looks like Sgr A*.

    By name and position, if there is one; else by either.

    Raises
    ------
    MinispiralError
        If there is none, or more than one; it names the fields.
    """
    if not fields:
        raise MinispiralError("no field has data: the copy is incomplete, copy it again")
    names = ", ".join(repr(field.name) for field in fields)
    if asked is not None:
        for field in fields:
            if field.name == asked:
                return field
        raise MinispiralError(f"no data of a field {asked!r}: give --field one of {names}")
    both = [field for field in fields if is_name(field.name) and field.is_near]
    either = [field for field in fields if is_name(field.name) or field.is_near]
    candidates = both or either
    if len(candidates) == 1:
        return candidates[0]
    many = ", ".join(repr(field.name) for field in candidates)
    if candidates:
        raise MinispiralError(f"fields {many} look like Sgr A*: choose one with --field")
    raise MinispiralError(
        f"none of the fields {names} looks like Sgr A*: choose one with --field, or use init "
        "--targets to self-calibrate another source"
    )


def is_near_line(frequency_hz: float) -> bool:
    """Whether a spectral window with this central frequency may have the line in it."""
    return abs(frequency_hz / 1e9 - LINE_GHZ) <= LINE_REACH_GHZ


def channels_in_line(channels_hz: Sequence[float], width_hz: float) -> str | None:
    """Channels within one full width at half maximum of the line's centre, as ``"56~112"``.

    None where there are none. `channels_hz` are the channels' frequencies, each `width_hz` wide.
    """
    reach = 1e9 * LINE_WIDTH_GHZ + width_hz / 2
    inside = [
        channel
        for channel, frequency in enumerate(channels_hz)
        if abs(frequency - 1e9 * LINE_GHZ) <= reach
    ]
    return f"{inside[0]}~{inside[-1]}" if inside else None
