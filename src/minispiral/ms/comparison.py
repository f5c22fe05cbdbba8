"""The campaign's inputs side by side: do the tracks fit each other, and what is in them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from minispiral.errors import raise_all
from minispiral.io.wording import listed_tracks, names_by_remark
from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.ms.antennas import dish_remarks
from minispiral.ms.inspection import Inspection, SpectralWindow
from minispiral.ms.windows import channel_set

if TYPE_CHECKING:
    from astropy.table import Table

# the same spw of two tracks may differ by this fraction in frequency: Doppler setting and a
# slightly other tuning are fine, another spw is not
FREQUENCY_TOLERANCE = 2e-3


def compare(inspections: Mapping[str, Inspection]) -> None:
    """Check that a spw has one frequency in all tracks, as the reference flux is taken by spw.

    Raises
    ------
    MinispiralError
        One line for each that has not: spws may be numbered differently in a measurement set.
    """
    raise_all(_other_frequencies(inspections))


def _other_frequencies(inspections: Mapping[str, Inspection]) -> Iterator[str]:
    first: dict[int, tuple[str, float]] = {}
    for track, inspection in inspections.items():
        for window in inspection.spws:
            other_track, frequency = first.setdefault(window.spw, (track, window.frequency_hz))
            if abs(window.frequency_hz / frequency - 1) > FREQUENCY_TOLERANCE:
                yield (
                    f"spw {window.spw} is at {frequency / 1e9:.3f} GHz in track {other_track} and "
                    f"at {window.frequency_hz / 1e9:.3f} GHz in track {track}: a campaign's spws "
                    "must agree, so split one of them into a measurement set with the same spws"
                )


def check_channels(
    inspections: Mapping[str, Inspection], flag_channels: Mapping[str, Mapping[str, str]]
) -> None:
    """Check that the channels to be left out are there, and that some others remain.

    Parameters
    ----------
    flag_channels : for each track and spw, ranges such as "17~33;56~112"

    Raises
    ------
    MinispiralError
        One line for each spw or channel that is not there, or spw of which nothing remains.
    """
    raise_all(_wrong_channels(inspections, flag_channels))


def _wrong_channels(
    inspections: Mapping[str, Inspection], flag_channels: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    for track, inspection in inspections.items():
        channels = {str(window.spw): window.channels for window in inspection.spws}
        for spw, ranges in flag_channels[track].items():
            place = f"track {track}, split.flag_channels: spw {spw}"
            if spw not in channels:
                yield f"{place} is not among {', '.join(channels)}: leave it out"
                continue
            flagged = channel_set(ranges)
            if not flagged or max(flagged) >= channels[spw]:
                yield (
                    f"{place} has channels 0 to {channels[spw] - 1}, but ranges {ranges!r}: "
                    "correct them"
                )
            elif len(flagged) == channels[spw]:
                yield f"{place} has no channel left: correct {ranges!r}"


def weight_remarks(inspection: Inspection) -> list[str]:
    """Say of which spws WEIGHT and SIGMA do not fit each other, a line each."""
    without = [
        f"spw {window.spw}: {100 * window.without_sigma:.3g} % of the rows have no SIGMA (zero or "
        "not finite) and so no weight, as CASA computes the weights of DATA from SIGMA: these rows "
        "are left out; where their WEIGHT is right, put 1/sqrt(WEIGHT) into SIGMA"
        for window in inspection.spws
        if window.without_sigma
    ]
    return without + [
        f"spw {window.spw}: in {100 * window.other_weights:.3g} % of the usable rows WEIGHT is not "
        "1/SIGMA^2, from which CASA computes the weights of DATA: where WEIGHT is right, put "
        "1/sqrt(WEIGHT) into SIGMA; where SIGMA is, 1/SIGMA^2 into WEIGHT"
        for window in inspection.spws
        if window.other_weights
    ]


def weights_of_tracks(inspections: Mapping[str, Inspection]) -> list[str]:
    """Say of which tracks and spws WEIGHT and SIGMA do not fit each other, a line each."""
    return _of_tracks(inspections, weight_remarks)


def dishes_of_tracks(inspections: Mapping[str, Inspection]) -> list[str]:
    """Say of which tracks, all CLEANed, the dishes have no primary beam in common, a line each."""
    return _of_tracks(inspections, lambda inspection: dish_remarks(inspection.dishes_m))


def _of_tracks(
    inspections: Mapping[str, Inspection], of_track: Callable[[Inspection], Iterable[str]]
) -> list[str]:
    """Remarks on inspections, each line with its tracks."""
    remarks = (
        (track, remark)
        for track, inspection in inspections.items()
        for remark in of_track(inspection)
    )
    return [f"{listed_tracks(t)}: {text}" for text, t in names_by_remark(remarks).items()]


def inputs_table(inspections: Mapping[str, Inspection]) -> "Table":
    """Tabulate what was found, one row for each track and spw."""
    # imported here, as they take longer to load than many a job its work
    from astropy.table import Table

    from minispiral.columns.campaign import INPUTS
    from minispiral.columns.column import described

    rows = [
        {"track": track, "spw": window.spw, **_content(inspection, window)}
        for track, inspection in inspections.items()
        for window in inspection.spws
    ]
    return described(Table(rows=rows), INPUTS)


def executions_table(sets: Sequence[str], inspections: Sequence[Inspection]) -> "Table":
    """Tabulate which spw of each measurement set is which of the track, and what is in it."""
    # imported here, as they take longer to load than many a job its work
    from astropy.table import Table

    from minispiral.columns.campaign import EXECUTIONS
    from minispiral.columns.column import described

    rows = [
        {
            "execution": number,
            "measurement_set": ms,
            "spw": window.spw,
            "own_spw": own.spw,
            **_content(inspection, own),
        }
        for number, (ms, inspection) in enumerate(zip(sets, inspections, strict=True), start=1)
        for window, own in zip(inspections[0].spws, inspection.spws, strict=True)
        if not own.is_missing
    ]
    return described(Table(rows=rows), EXECUTIONS)


def _content(inspection: Inspection, window: SpectralWindow) -> dict[str, Any]:
    """What a spw of a measurement set holds: from its frequency to its longest baseline."""
    # imported here, as it takes longer to load than many a job its work
    from astropy.time import Time

    return {
        "frequency": window.frequency_hz,
        "channels": window.channels,
        "correlations": " ".join(window.correlations),
        "antennas": inspection.antennas,
        "integrations": inspection.integrations,
        "start": Time(inspection.first_time_s / SECONDS_PER_DAY, format="mjd").isot,
        "end": Time(inspection.last_time_s / SECONDS_PER_DAY, format="mjd").isot,
        "rows": window.rows,
        "usable_rows": window.usable_rows,
        "longest_baseline": window.longest_baseline_m,
    }
