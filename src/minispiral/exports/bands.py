"""Which spectral window is meant by the name of an EHT band."""

import re
from collections.abc import Mapping
from pathlib import Path

from minispiral.errors import MinispiralError

# centres, Hz: lo and hi of 2017, b1 to b4 since 2018
BANDS = {
    "lo": 227.1e9,
    "hi": 229.1e9,
    "b1": 213.1e9,
    "b2": 215.1e9,
    "b3": 227.1e9,
    "b4": 229.1e9,
}
NEAR = 0.5e9  # Hz, half of what is between the bands' edges


def spw_of_band(band: str, frequencies: Mapping[int, float]) -> int:
    """Return the spw of an EHT band.

    Parameters
    ----------
    frequencies : Hz, of each spw of the track

    Raises
    ------
    MinispiralError
        If there is no such band, or none of the spws is there.
    """
    if band not in BANDS:
        raise MinispiralError(f"there is no band {band!r}: give one of {', '.join(BANDS)}")
    spw = min(frequencies, key=lambda k: abs(frequencies[k] - BANDS[band]))
    if abs(frequencies[spw] - BANDS[band]) > NEAR:
        raise MinispiralError(
            f"no spw is near band {band}, {BANDS[band] / 1e9:.1f} GHz: give --spw, one of "
            f"{_described(frequencies)}"
        )
    return spw


def chosen_spw(
    frequencies: Mapping[int, float], band: str | None, spw: int | None, name: str = ""
) -> int:
    """Return the spw that is asked for: by its number, its band, or the band in a file's name.

    Raises
    ------
    MinispiralError
        If the track has no such spw, or nothing says which of several it is.
    """
    if spw is not None:
        if spw not in frequencies:
            raise MinispiralError(f"there is no spw {spw}: give one of {_described(frequencies)}")
        return spw
    band = band or band_in(name)
    if band is not None:
        return spw_of_band(band, frequencies)
    if len(frequencies) == 1:
        return next(iter(frequencies))
    raise MinispiralError(
        f"nothing says which spw to take: give --band ({', '.join(BANDS)}) or --spw, one of "
        f"{_described(frequencies)}"
    )


def band_in(name: str) -> str | None:
    """Return the only band that a file's name has as a word of its own, as e17b06-lo.antab."""
    words = re.split(r"[^a-z0-9]+", Path(name).name.lower())
    found = [band for band in BANDS if band in words]
    return found[0] if len(found) == 1 else None


def _described(frequencies: Mapping[int, float]) -> str:
    return ", ".join(f"{spw} ({hz / 1e9:.1f} GHz)" for spw, hz in sorted(frequencies.items()))
