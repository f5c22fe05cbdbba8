"""Tracks and spws in words."""

from collections.abc import Sequence

from minispiral.io.wording import listed_tracks, names_by_remark


def places(where: Sequence[tuple[str, int]]) -> str:
    """Tracks and spws as text: ``tracks a, c, spw 0, 1; track b, spw 2``; alike ones together."""
    spws: dict[str, list[str]] = {}
    for track, spw in where:
        spws.setdefault(track, []).append(str(spw))
    tracks = names_by_remark((track, ", ".join(numbers)) for track, numbers in spws.items())
    return "; ".join(f"{listed_tracks(names)}, spw {numbers}" for numbers, names in tracks.items())
