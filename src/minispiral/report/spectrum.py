"""What is to be said of the spectrum over spws: those off the power law, and those too close."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from astropy.table import Table

from minispiral.analysis.power_law import Outliers, mean_log_flux, off_the_law
from minispiral.io.wording import listed_tracks, names_by_remark
from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.report.summary import CampaignTables
from minispiral.sgr_a import LINE_GHZ, is_near_line

MAX_OFF_LAW = 0.01  # of a spw's mean flux from the power law through the others

Remarks = Iterator[tuple[str, int, str]]  # track, spw, what and what to do


@dataclass(frozen=True)
class _Off:
    """A track with spws off the law: its `spws` and `frequency` (Hz), and what may be off."""

    track: str
    spws: list[int]
    frequency: np.ndarray
    possible: list[Outliers]

    def names(self, outliers: Outliers) -> tuple[int, ...]:
        """Numbers of the spws that are off."""
        return tuple(self.spws[place] for place in outliers.places)

    def is_line(self, outliers: Outliers) -> bool:
        """Whether all that is off is too faint, and where the absorption line is."""
        return all(
            off < 0 and is_near_line(self.frequency[place])
            for place, off in zip(outliers.places, outliers.off, strict=True)
        )

    def of(self, names: tuple[int, ...]) -> Outliers | None:
        """The possible outliers that are these spws."""
        return next((each for each in self.possible if self.names(each) == names), None)


def about_the_power_law(tables: CampaignTables) -> Remarks:
    """Say which spws are off the power law through the others, the same of all tracks alike."""
    left = list(_tracks_off(tables))
    while left:
        names = _most_likely(left)
        concerned = [off for off in left if off.of(names)]
        left = [off for off in left if not off.of(names)]
        for place, spw in enumerate(names):
            text = _in_words(concerned, names, place)
            yield from ((off.track, spw, text) for off in concerned)


def about_close_spws(tables: CampaignTables) -> Remarks:
    """Say where spws are too close to each other for spectral index and rotation measure."""
    for track, table in tables.polarimetry.items():
        caution = table.meta.get("caution")
        if caution:
            for spw in sorted(set(tables.curves[track]["spw"].tolist())):
                yield track, spw, f"{caution}: quote neither (polarimetry.ecsv)"


def cautions(tables: CampaignTables) -> dict[str, str]:
    """Return what is to be known of the polarimetry, and in words which tracks' that is."""
    remarks = (
        (track, table.meta["caution"])
        for track, table in tables.polarimetry.items()
        if table.meta.get("caution")
    )
    return {text: listed_tracks(names) for text, names in names_by_remark(remarks).items()}


def _tracks_off(tables: CampaignTables) -> Iterator[_Off]:
    for track, curve in tables.curves.items():
        good = curve[np.asarray(curve["good"], bool) & tables.sound_rows(track)]
        spws = sorted({int(spw) for spw in good["spw"]})
        rows = [good[good["spw"] == spw] for spw in spws]
        log_flux = mean_log_flux(
            [np.asarray(each["mjd"], float) * SECONDS_PER_DAY for each in rows],
            [np.asarray(each["I"], float) for each in rows],
        )
        if log_flux is None or _uncertain(good):
            continue
        frequency = np.array([float(each["frequency"][0]) for each in rows])
        possible = off_the_law(frequency, log_flux, MAX_OFF_LAW)
        if possible:
            yield _Off(track, spws, frequency, possible)


def _uncertain(good: Table) -> bool:
    """Whether fluxes have errors, much of them shared in time, that are as large as the limit."""
    relative = np.asarray(good["I_err"], float) / np.asarray(good["I"], float)
    return bool(np.median(relative) > MAX_OFF_LAW)


def _most_likely(tracks: Sequence[_Off]) -> tuple[int, ...]:
    """The spws that are off in most tracks; of equals the known line, then the best fit."""
    ranks: dict[tuple[int, ...], list[float]] = {}
    for off in tracks:
        for outliers in off.possible:
            rank = ranks.setdefault(off.names(outliers), [0.0, 0.0, 0.0])
            rank[0] += 1
            rank[1] += off.is_line(outliers)
            rank[2] -= outliers.squares
    return max(ranks, key=lambda names: ranks[names])


def _in_words(tracks: Sequence[_Off], names: tuple[int, ...], place: int) -> str:
    """Say by how much one of the spws that are off is so, in all tracks together, and why."""
    found = [(off, outliers) for off in tracks if (outliers := off.of(names)) is not None]
    shares = [100 * outliers.off[place] for _, outliers in found]
    ends = dict.fromkeys(f"{share:+.1f}" for share in (min(shares), max(shares)))
    text = f"its Stokes I is {' to '.join(ends)} % off the power law through the other spws"
    scatter = max(outliers.scatter for _, outliers in found)
    if scatter > MAX_OFF_LAW:
        return (
            f"{text}, which lie on none themselves, by up to {100 * scatter:.1f} %: the flux "
            "scales of the spws differ: compare their QA2 calibration"
        )
    if all(off.is_line(outliers) for off, outliers in found):
        return (
            f"{text}: the absorption line at {LINE_GHZ} GHz: leave its channels out "
            f"(split.flag_channels), then set scale.correct_spws: [{names[place]}]"
        )
    return (
        f"{text}{_alternatives(found)}: its flux scale: compare its QA2 calibration with that of "
        f"the others; scale.correct_spws: [{names[place]}] brings it onto the law"
    )


def _alternatives(found: Sequence[tuple[_Off, Outliers]]) -> str:
    """Other spws that may be the ones that are off instead, in every track."""
    common = set.intersection(
        *({off.names(each) for each in off.possible} - {off.names(best)} for off, best in found)
    )
    if not common:
        return ""
    return f" (or spw {' or '.join(' and '.join(map(str, names)) for names in sorted(common))} is)"
