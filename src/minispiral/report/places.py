"""Tracks and spws in words."""

from collections.abc import Sequence


def places(where: Sequence[tuple[str, int]]) -> str:
    """Tracks and spws as text: ``track a, spw 0, 1; track b, spw 2``; alike ones together."""
    spws: dict[str, list[str]] = {}
    for track, spw in where:
        spws.setdefault(track, []).append(str(spw))
    return "; ".join(f"track {track}, spw {', '.join(spws[track])}" for track in spws)
