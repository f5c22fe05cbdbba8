"""Data of one parallel hand (XX, YY, RR or LL alone), which is then taken as Stokes I.

CASA keeps a gain for each of two hands. Its tasks treat a lone hand, of any name, as the first:
gaincal writes its solutions in the first place, and applycal corrects a lone hand by the solutions
there. So a hand's solutions fit data of the same hand alone, or have to be moved first.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.ms.windows import spectral_windows
from minispiral.visibilities.stokes import parallel_hands

Hands = tuple[str, ...]
#: Columns of a table of gains that have a value for each hand.
OF_HANDS = ("CPARAM", "PARAMERR", "FLAG", "SNR")


def check_hands(ms: str | Path, correlations: Mapping[int, Sequence[str]]) -> None:
    """Check that all spws have the same parallel hands, and a lone one no cross hands beside it.

    Parameters
    ----------
    correlations : of each spw by its number

    Raises
    ------
    MinispiralError
        If spws have different hands: an image of all would be of no one quantity. If there are
        cross hands beside a lone one: they need gains of both.
    """
    spws: dict[Hands, list[str]] = {}
    for spw, names in correlations.items():
        hands = parallel_hands(names)
        if len(hands) == 1 < len(names):
            raise MinispiralError(
                f"{ms}, spw {spw}: cross hands beside {hands[0]} alone ({' '.join(names)}) need "
                f"gains of both hands: split {hands[0]} into a measurement set of its own"
            )
        spws.setdefault(hands, []).append(str(spw))
    if len(spws) > 1:
        listed = ", ".join(
            f"{' '.join(hands)} in spw {', '.join(numbers)}" for hands, numbers in spws.items()
        )
        raise MinispiralError(
            f"the parallel hands of {ms} differ from spw to spw ({listed}): set spws to those of "
            "one kind"
        )


def read_hands(ms: str | Path) -> Hands:
    """Read the parallel hands of a target's own data, which are the same in all spws."""
    return parallel_hands(next(iter(spectral_windows(ms).values())).correlations)


def remarks_on(hands: Hands) -> list[str]:
    """Say that a lone hand is taken as Stokes I; nothing of both."""
    if len(hands) > 1:
        return []
    return [
        f"{hands[0]} alone is taken as Stokes I, which is right for a source without polarisation"
    ]


def hands_to_calibrate(lines: str | Path, of_lines: Hands, of_target: Hands) -> Hands:
    """Return the hands of line data for which a target has solutions.

    Raises
    ------
    MinispiralError
        If there is none.
    """
    shared = tuple(hand for hand in of_lines if hand in of_target)
    if not shared:
        raise MinispiralError(
            f"{lines} has the hands {' '.join(of_lines)}, but the target's solutions are for "
            f"{' '.join(of_target)}: name line data that have these"
        )
    return shared


def remarks_on_lines(of_lines: Hands, of_target: Hands) -> list[str]:
    """Say which hand of line data has no solutions, and is left out."""
    left_out = [hand for hand in of_lines if hand not in of_target]
    return [f"{hand} is left out: the target has no solutions for it" for hand in left_out]


def move_to_first(table: str | Path) -> None:
    """Move the second hand's solutions of a table of gains to where a lone hand's are."""
    with casa.table(table, writable=True) as gains:
        for name in OF_HANDS:
            values = gains.getcol(name)
            values[0] = values[1]
            gains.putcol(name, values)
