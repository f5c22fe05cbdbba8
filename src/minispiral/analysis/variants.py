"""Other ways to find IM1 from the same data, which should not matter to a light curve.

A change of the light curves, where another way replaces the default, is systematic. Each way
differs from the default in one thing alone. The halves of antennas and of time are those of each
track; the sky is found from one half, and all data are fitted with it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Variant:
    """One of them: its `name`, and the `label` of figures.

    `antennas` and `time`, the half of each track from which the sky is found, 0 or 1, None for all;
    `primary_beam`, whether the sky is seen through it; `pointing`, whether the array's is in the
    fit; `strength`, factor on the regularisation. Others have a sky that exists already (`given`),
    such as CLEAN's.
    """

    name: str
    label: str
    antennas: int | None = None
    time: int | None = None
    primary_beam: bool = True
    strength: float = 1.0
    given: bool = False
    pointing: bool = True


DEFAULT = "default"
TRACK = "track"
CLEAN = "clean"
NO_BEAM = "no_beam"
NO_POINTING = "no_pointing"

VARIANTS = {
    variant.name: variant
    for variant in (
        Variant(DEFAULT, "as the light curves have it", given=True),
        Variant("again", "found again, all alike"),
        Variant(TRACK, "from each track alone"),
        Variant("antennas_1", "from half of the antennas", antennas=0),
        Variant("antennas_2", "from the other antennas", antennas=1),
        Variant("time_1", "from the first half in time", time=0),
        Variant("time_2", "from the second half in time", time=1),
        Variant(NO_POINTING, "without the pointing", given=True, pointing=False),
        Variant(NO_BEAM, "without primary beam and pointing", primary_beam=False, pointing=False),
        Variant("weak", "with a tenth of the regularisation", strength=0.1),
        Variant("strong", "with ten times the regularisation", strength=10.0),
        Variant(CLEAN, "of CLEAN", given=True),
    )
}


def variants_of(tracks: int, primary_beam: bool) -> list[str]:
    """Names of the variants of a sky that so many tracks share.

    A track that has a sky of its own is alone anyway. A sky without the primary beam is without it
    anyway, and without pointing, which only the beam makes seen.
    """
    left_out = set()
    if tracks == 1:
        left_out.add(TRACK)
    if not primary_beam:
        left_out |= {NO_BEAM, NO_POINTING}
    return [name for name in VARIANTS if name not in left_out]
