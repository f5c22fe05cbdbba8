r"""Transients in the field: what exceeds, in a snapshot, a threshold set by a false-alarm rate.

Signal-to-noise of a snapshot without sources is a smooth Gaussian field. Over an area A, whose
slopes have the covariance L, it exceeds a high threshold t at so many places (Adler 1981, The
Geometry of Random Fields; Worsley et al. 1992)::

    E(t) = A sqrt(det L) (2 pi)^(-3/2) t exp(-t^2 / 2)

L follows from the baselines (`minispiral.science.snapshots`). The threshold is where E, added up
over all snapshots of all lengths of a track, is the false-alarm rate: so many false alarms a track.
Overlapping snapshots share noise, so that there are fewer.

What exceeds it in snapshots, of any length, that overlap or touch in time and within a beam is one
transient; the snapshot with the largest flux over its error tells place, flux and time. The
sidelobes of a bright one are in the scatter of its snapshots, which lowers its signal-to-noise, and
hides what is far fainter in the same minutes: what appears below `ECHO` of it in snapshots that
touch its own is left out. Its flux's error is that of other snapshots of the length.

Errors of antenna gains spread the core's flux over the field. Those of amplitudes make an image
that is even about the core, those of phases one that is odd. So a peak that has at least `OPPOSITE`
of itself, of either sign, on the other side of the core is no transient. In a snapshot with such
peaks their sidelobes may be mirrored by less, because of noise: another peak has to exceed the
threshold by what it has more than the other side, whose largest value within a pixel counts. Only
then are peaks left out that are below `SIDELOBES` of the strongest that is kept, so that an error
of gains hides no source. As noise may spoil the mirror image in one snapshot, what is mirrored in
the snapshot in which it is strongest is no transient in others. Where gains of the same antennas
have errors of both kinds, even and odd parts may cancel on one side: then a peak is not mirrored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import maximum_filter
from scipy.optimize import brentq

from minispiral.science.snapshots import MINUTE, Field, Minutes, snapshots

FALSE_ALARMS = 0.01  # a track
LOWEST = 3.0  # thresholds below this are none: the formula is of high ones
LOBE = 2.5  # full width of the beam's main lobe, in units of 1 / sqrt(roughness)
ECHO = 0.1  # share of a brighter one's flux, as seen, below which another may be its sidelobe
OPPOSITE = 0.6  # noise has as much there in 1 of 200 of the faintest transients
SIDELOBES = 0.5  # share of a stronger one in the same snapshot below which a peak may be its echo


@dataclass(frozen=True)
class Search:
    """What a track's search found: `transients` in order of time, and what it was like.

    `threshold`, in signal-to-noise; the `number` of snapshots, and their median `noise` in the
    field's centre, Jy, by their length in s; `of_gains`, the number of snapshots in which peaks are
    left out because the core's other side mirrors them.
    """

    transients: list["Transient"]
    threshold: float
    number: int
    noise: dict[float, float]
    of_gains: int = 0


@dataclass(frozen=True)
class Transient:
    """Something that shone for a while.

    `time` of the middle of the snapshot, MJD in s, and its length, `seconds`; `begin` and `end`,
    MJD in s, of all snapshots of that length that show it; place `east` and `north` of the phase
    centre, arcsec, and its error, of either; `flux`, Jy, as it would be without the primary beam,
    and its error; `signal_to_noise`; `false_alarms`, so many of which a track has by chance.
    """

    time: float
    seconds: float
    begin: float
    end: float
    east: float
    north: float
    place_err: float
    flux: float
    flux_err: float
    signal_to_noise: float
    false_alarms: float


def exceedances(threshold: float, area: float, roughness: float) -> float:
    """Number of places above a threshold in one snapshot; see above.

    Parameters
    ----------
    area : arcsec^2
    roughness : sqrt(det L), per arcsec^2
    """
    density = threshold * np.exp(-(threshold**2) / 2) / (2 * np.pi) ** 1.5
    return float(area * roughness * density)


def threshold_of(
    number: int, area: float, roughness: float, false_alarms: float = FALSE_ALARMS
) -> float:
    """Signal-to-noise that so many snapshots exceed `false_alarms` times in all."""

    def excess(threshold: float) -> float:
        return number * exceedances(threshold, area, roughness) - false_alarms

    if number == 0 or excess(LOWEST) <= 0:
        return LOWEST
    return float(brentq(excess, LOWEST, 30.0))


def find_transients(minutes: Minutes, false_alarms: float = FALSE_ALARMS) -> Search:
    """Find transients in a track, with so many `false_alarms` by chance in all of it."""
    place, roughness = minutes.place, minutes.roughness
    # all images at once would take too much memory: they are made twice
    noises = [(one.seconds, one.noise) for one in snapshots(minutes)]
    area = float(place.looked.sum()) * place.cell**2
    threshold = threshold_of(len(noises), area, roughness, false_alarms)
    noise = {
        length: float(np.median([value for seconds, value in noises if seconds == length]))
        for length in sorted({seconds for seconds, _ in noises})
    }
    found: list[Transient] = []
    artefacts: list[Transient] = []
    of_gains = 0
    for snapshot in snapshots(minutes):
        peaks, mirrored = _peaks(snapshot.signal_to_noise, place, threshold)
        of_gains += bool(mirrored)
        for (x, y, value), into in [
            *((peak, found) for peak in peaks),
            *((peak, artefacts) for peak in mirrored),
        ]:
            one = Transient(
                snapshot.time,
                snapshot.seconds,
                snapshot.time - snapshot.seconds / 2,
                snapshot.time + snapshot.seconds / 2,
                *place.place(x, y),
                1 / (value * np.sqrt(max(roughness, 1e-30))),
                value * snapshot.noise / place.response[x, y],
                noise[snapshot.seconds] / place.response[x, y],
                value,
                len(noises) * exceedances(value, area, roughness),
            )
            into.append(one)
    distinct = [_against_the_rest(one, minutes) for one in _distinct(found, artefacts, roughness)]
    distinct = _without_echoes(distinct, place)
    return Search(distinct, threshold, len(noises), noise, of_gains)


Peak = tuple[int, int, float]  # pixels, and the signal-to-noise


def _peaks(image: np.ndarray, place: Field, threshold: float) -> tuple[list[Peak], list[Peak]]:
    """Local maxima that may be sources, and those that the core mirrors.

    What may be a sidelobe of a stronger source is neither.
    """
    inside = np.where(place.looked, image, -np.inf)
    high = (inside >= threshold) & (inside == maximum_filter(inside, size=3))
    peaks = [(int(x), int(y), float(image[x, y])) for x, y in np.argwhere(high)]
    other = {peak: _on_the_other_side(image, place, *peak[:2]) for peak in peaks}
    mirrored = [peak for peak in peaks if other[peak] >= OPPOSITE * peak[2]]
    real = _without_sidelobes([peak for peak in peaks if peak not in mirrored])
    strongest = max((value for *_, value in real), default=0.0)
    mirrored = [peak for peak in mirrored if peak[2] >= SIDELOBES * strongest]
    if mirrored:
        real = [
            peak
            for peak in peaks
            if other[peak] < OPPOSITE * peak[2] and peak[2] - other[peak] >= threshold
        ]
    return _without_sidelobes(real), mirrored


def _without_sidelobes(peaks: Sequence[Peak]) -> list[Peak]:
    """Those that are no sidelobes of the strongest."""
    strongest = max((value for *_, value in peaks), default=0.0)
    return [peak for peak in peaks if peak[2] >= SIDELOBES * strongest]


def _on_the_other_side(image: np.ndarray, place: Field, x: int, y: int) -> float:
    """Largest absolute value within a pixel of the place that the core mirrors."""
    u, v = place.opposite(x, y)
    around = image[max(u - 1, 0) : max(u + 2, 0), max(v - 1, 0) : max(v + 2, 0)]
    return float(np.abs(around).max(initial=0.0))


def _distinct(
    found: Sequence[Transient], artefacts: Sequence[Transient], roughness: float
) -> list[Transient]:
    """The strongest of each group whose members overlap or touch in time and place.

    Groups whose strongest is one of the `artefacts` are none.
    """
    beam = LOBE / np.sqrt(max(roughness, 1e-30))
    groups: list[list[Transient]] = []
    for one in (*found, *artefacts):
        own = [one]
        others = []
        for group in groups:
            if any(_touch(one, other, beam) for other in group):
                own += group
            else:
                others.append(group)
        groups = [*others, own]
    kept = []
    for group in groups:
        strongest = max(group, key=lambda one: one.flux / one.flux_err)
        if strongest in artefacts:
            continue
        like = [one for one in group if one.seconds == strongest.seconds]
        spans = [(one.begin, one.end) for one in like]
        begin, end = min(first for first, _ in spans), max(last for _, last in spans)
        kept.append(replace(strongest, begin=begin, end=end))
    return sorted(kept, key=lambda one: one.time)


def _against_the_rest(one: Transient, minutes: Minutes) -> Transient:
    """The flux as that of its snapshot less the mean of all minutes in which it is not seen."""
    x, y = minutes.place.pixel(one.east, one.north)
    middle = minutes.start + (np.arange(minutes.number) + 0.5) * MINUTE
    seen = (middle > one.begin) & (middle < one.end)
    own = np.abs(middle - one.time) < one.seconds / 2
    weight = minutes.weight
    if weight[~seen].sum() <= 0:
        return one
    image = minutes.images[:, x, y].astype(float)
    flux = image[own].sum() / weight[own].sum() - image[~seen].sum() / weight[~seen].sum()
    return replace(one, flux=float(flux / minutes.place.response[x, y]))


def _without_echoes(found: Sequence[Transient], place: Field) -> list[Transient]:
    """Those that are no sidelobe of a brighter one at the same time."""
    seen = [abs(one.flux) * place.response[place.pixel(one.east, one.north)] for one in found]
    return [
        one
        for one, flux in zip(found, seen, strict=True)
        if not any(
            flux < ECHO * brighter
            and one.begin < other.end + one.seconds
            and one.end > other.begin - one.seconds
            for other, brighter in zip(found, seen, strict=True)
        )
    ]


def _touch(one: Transient, other: Transient, beam: float) -> bool:
    apart = np.hypot(one.east - other.east, one.north - other.north)
    return bool(
        apart < beam and abs(one.time - other.time) <= (one.seconds + other.seconds) / 2 + 1
    )


def in_words(search: Search) -> str:
    """Say in a line what was found."""
    if not search.number:
        return "too short to look for transients"
    if not search.transients:
        text = f"no transient above a signal-to-noise of {search.threshold:.1f}"
        return text + _of_gains(search.of_gains)
    best = max(search.transients, key=lambda one: one.signal_to_noise)
    number = len(search.transients)
    return (
        f"{number} transient{'s' if number > 1 else ''} above a signal-to-noise of "
        f"{search.threshold:.1f}, the strongest {1e3 * best.flux:.1f} mJy for "
        f"{best.seconds / 60:g} min at {best.east:+.1f}, {best.north:+.1f} arcsec"
        f"{_of_gains(search.of_gains)}"
    )


def _of_gains(number: int) -> str:
    if not number:
        return ""
    return (
        f"; in {number} snapshot{'s' if number > 1 else ''}, peaks that the core's other side "
        "mirrors, as errors of antenna gains do, are left out"
    )
