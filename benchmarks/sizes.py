"""How large the tracks and campaigns are that the benchmarks work on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

SPWS_GHZ = (213.1, 215.1, 227.1, 229.1)


@dataclass(frozen=True)
class Track:
    """A track to be simulated, and keys of the configuration that differ from the defaults."""

    simulation: Mapping[str, Any]
    settings: Mapping[str, Any] = field(default_factory=dict)
    cores: int = 1

    @property
    def spws(self) -> range:
        """Numbers of its spws."""
        return range(len(self.simulation["frequencies_ghz"]))


@dataclass(frozen=True)
class Growth:
    """Ascending numbers to see the fit grow with; the second, of antennas the last, are usual."""

    minutes: tuple[float, ...]
    antennas: tuple[int, ...]
    components: tuple[int, ...]


@dataclass(frozen=True)
class SplitGrowth:
    """Ascending numbers to see the split grow with; the first of each are usual.

    `track` is what they change: minutes, channels of a spw, spws.
    """

    track: Track
    minutes: tuple[float, ...]
    channels: tuple[int, ...]
    spws: tuple[int, ...]

    def cases(self) -> Iterator[tuple[str, Track]]:
        """Yield what grows, with a track of it."""
        for name, key, values in (
            ("rows", "scan_minutes", self.minutes),
            ("channels", "channels", self.channels),
            ("spws", "frequencies_ghz", tuple(SPWS_GHZ[:n] for n in self.spws)),
        ):
            usual = {
                "scan_minutes": self.minutes[0],
                "channels": self.channels[0],
                "frequencies_ghz": SPWS_GHZ[: self.spws[0]],
            }
            for value in values:
                yield name, Track({**self.track.simulation, **usual, key: value})


@dataclass(frozen=True)
class Size:
    """Sizes of all that the benchmarks work on."""

    small: Track
    full: Track | None  # None: the small one serves for it
    campaigns: tuple[tuple[int, int], ...]  # tracks and spws
    tracks: tuple[int, ...]  # to see the turns of fluxes and sky grow with; the first is 1
    growth: Growth
    light_curves: Track
    channels: Track  # of many channels, to be split
    split_growth: SplitGrowth
    together: tuple[int, int]  # small tracks, and the cores that they share
    memory_mb: int = 4000  # that a process of the full track's runs may have


_ALMA = {
    "antennas": 40,
    "integration_s": 4,
    "start": "2017-04-06T06:00:00",
    "gap_minutes": 3,
    "frequencies_ghz": SPWS_GHZ,
}
BENCH = Size(
    small=Track({**_ALMA, "scans": 2, "scan_minutes": 10}),
    full=Track({**_ALMA, "scans": 10, "scan_minutes": 30}),
    campaigns=((10, 4), (50, 16), (200, 32)),
    tracks=(1, 10),
    growth=Growth(minutes=(10, 20, 40), antennas=(10, 20, 40), components=(300, 1150, 5000)),
    light_curves=Track({"seed": 6, "frequencies_ghz": SPWS_GHZ[::2]}, cores=2),
    channels=Track({**_ALMA, "scans": 2, "scan_minutes": 4, "channels": 128}),
    split_growth=SplitGrowth(
        Track({**_ALMA, "scans": 1}), minutes=(4, 8, 16), channels=(1, 16, 64), spws=(1, 2, 4)
    ),
    together=(10, 2),
)

_TINY = {
    "antennas": 16,
    "scans": 2,
    "scan_minutes": 1,
    "broken_integrations": 1,
    "frequencies_ghz": SPWS_GHZ[:1],
}
_COARSE = {"image": {"imsize": 128, "pixels_per_fringe": 4, "niter": 300, "gain": 0.1}}
# all that BENCH does, in two minutes, to see that it runs
SMOKE = Size(
    small=Track(_TINY, _COARSE, cores=2),
    full=None,
    campaigns=((1, 2),),
    tracks=(1, 2),
    growth=Growth(minutes=(0.5, 1), antennas=(8, 16), components=(30, 100)),
    light_curves=Track(_TINY, _COARSE, cores=2),
    channels=Track({**_TINY, "channels": 8, "frequencies_ghz": SPWS_GHZ[:2]}),
    split_growth=SplitGrowth(Track(_TINY), minutes=(1, 2), channels=(1, 4), spws=(1, 2)),
    together=(2, 2),
)
