"""What came out of a campaign, for Python: light curves, gains, sky, polarimetry, provenance.

`minispiral.read` returns a `CampaignResults`. Files are read when they are asked for, and kept.
Times are UTC, fluxes and angles have their units, and what is missing is NaN. The report and the
commands that work on results read them by this module too.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from astropy import units
from astropy.coordinates import EarthLocation
from astropy.io import fits
from astropy.table import Table
from astropy.time import Time
from astropy.timeseries import TimeSeries

from minispiral.errors import MinispiralError
from minispiral.io.tables import columns, read_table
from minispiral.jobs.provenance import COMMANDS, Job, job_records, read_commands

LIGHT_CURVES = "light_curves.ecsv"
GAIN_COLUMNS = ("gain", "gain_err", "I_extended", "I_extended_err", "scan", "good")


@dataclass(frozen=True)
class Sky:
    """The minispiral that a track was measured against, IM1.

    `components`, a row a pixel: offset east and north of the phase centre (arcsec), flux (Jy).
    `image`, convolved with the CLEAN beam, with its FITS header; Jy/beam. `core`, the core's
    place, arcsec east and north.
    """

    components: Table
    image: fits.PrimaryHDU
    core: tuple[float, float]


@dataclass(frozen=True)
class Provenance:
    """Where results come from: the `configuration` as it was run, and as the `text` of its file."""

    folder: Path
    configuration: Mapping[str, Any]
    text: str

    @property
    def logs(self) -> Path:
        """Folder of what the jobs and CASA logged, a file for each job."""
        return self.folder / "logs"

    @property
    def benchmarks(self) -> Path:
        """Folder of what the jobs took, a file for each job."""
        return self.folder / "benchmarks"

    @cached_property
    def commands(self) -> tuple[str, ...]:
        """Commands that worked on the campaign, each after its time (UTC)."""
        return tuple(read_commands(self.logs / COMMANDS))

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """Jobs with their seconds and memory, the longest first."""
        return tuple(job_records(self.benchmarks)) if self.benchmarks.is_dir() else ()


@dataclass(frozen=True)
class TrackResults:
    """The products of one track."""

    campaign: str
    name: str
    folder: Path

    @cached_property
    def table(self) -> Table:
        """All light curves of the track, as light_curves.ecsv has them, bad integrations too."""
        return self.read(LIGHT_CURVES)

    @cached_property
    def covariance(self) -> Table:
        """What the errors of `table` share, row by row: covariance.ecsv."""
        return self.read("covariance.ecsv")

    @property
    def frequencies(self) -> dict[int, units.Quantity]:
        """Frequency of each spw, in the order of the table."""
        spws, first = np.unique(self.table["spw"], return_index=True)
        return {
            int(spw): self.table["frequency"].quantity[row]
            for spw, row in sorted(zip(spws, first, strict=True), key=lambda pair: pair[1])
        }

    @property
    def spws(self) -> tuple[int, ...]:
        """Spectral windows."""
        return tuple(self.frequencies)

    def light_curve(self, spw: int, *, good: bool = True) -> TimeSeries:
        """Light curve of one spw: all columns of light_curves.ecsv but track, spw and mjd.

        Of the good integrations, or of all with `good` False.
        """
        rows = self.of_spw(self.table, spw)
        if good:
            rows = rows[np.asarray(rows["good"], bool)]
        return self._series(rows, ("track", "spw"))

    def binned(self, spw: int, seconds: float) -> TimeSeries:
        """Light curve of one spw in bins of time, with errors that hold.

        See `minispiral.light_curves.binning`; there is one row for each bin that has data.
        """
        return self._series(self.of_spw(self.all_binned(seconds), spw), ("track", "spw"))

    def all_binned(self, seconds: float) -> Table:
        """Light curves of all spws in bins of time, as a table."""
        from minispiral.light_curves.binning import bin_light_curves  # takes a second to load

        return bin_light_curves(self.table, self.covariance, seconds)

    def gains(self, spw: int) -> TimeSeries:
        """Gain of each integration of one spw, F_ext that it follows from, and whether it is good.

        The gain is the reference flux over F_ext: calibrated visibilities are `gain` times those of
        the input.
        """
        rows = self.of_spw(self.table, spw)
        return self._series(rows[("mjd", *GAIN_COLUMNS)], ())

    @cached_property
    def polarimetry(self) -> TimeSeries | None:
        """Rotation measure, intrinsic EVPA, spectral index, depolarisation; None of one spw."""
        if len(self.spws) < 2:
            return None
        return self._series(self.read("polarimetry.ecsv"), ())

    @cached_property
    def sky(self) -> Sky:
        """The minispiral that the track was measured against."""
        prefix = f"{self.campaign}_{self.name}"
        components = Table(
            np.loadtxt(_there(self.folder, f"{prefix}_CCs.dat"), ndmin=2),
            names=("east", "north", "flux"),
            units=(units.arcsec, units.arcsec, units.Jy),
        )
        with fits.open(_there(self.folder, f"{prefix}_noPeak.fits")) as hdus:
            image = fits.PrimaryHDU(np.array(hdus[0].data), hdus[0].header)
        place = json.loads(_there(self.folder, "core.json").read_text())
        return Sky(components, image, (place["east_arcsec"], place["north_arcsec"]))

    @cached_property
    def place(self) -> tuple[tuple[float, float], tuple[float, float, float]]:
        """Direction of the phase centre (J2000, deg), and place of the array (ITRF, m)."""
        seen = json.loads(_there(self.folder, "inspection.json").read_text())
        return tuple(seen["direction_deg"]), tuple(seen["position_m"])

    def read(self, name: str) -> Table:
        """Any of the track's tables by its name, as ``fit_residuals.ecsv``."""
        return _table(self.folder, name)

    def of_spw(self, table: Table, spw: int) -> Table:
        """Rows of one spw of a table with the column spw.

        Raises
        ------
        MinispiralError
            If the track has no such spw.
        """
        if spw not in self.spws:
            known = ", ".join(map(str, self.spws))
            raise MinispiralError(f"track {self.name} has no spw {spw}: it has {known}")
        return table[np.asarray(table["spw"]) == spw]

    def _series(self, table: Table, without: tuple[str, ...]) -> TimeSeries:
        """A table as a time series, its column mjd as the time, at the array's place if known."""
        kept = [name for name in table.colnames if name not in ("mjd", *without)]
        data = table[kept]
        for name, values in columns(data).items():
            if data[name].unit is not None:
                data[name] = units.Quantity(values, data[name].unit)
        location = None
        if (self.folder / "inspection.json").is_file():
            location = EarthLocation.from_geocentric(*self.place[1], unit=units.m)
        mjd = np.asarray(table["mjd"])
        time = Time(mjd, format="mjd", scale="utc", location=location)
        series = TimeSeries(time=time, data=data)
        series.meta = dict(table.meta)
        return series


@dataclass(frozen=True)
class CampaignResults(Mapping[str, TrackResults]):
    """The results of a campaign: a mapping from names of tracks to `TrackResults`."""

    provenance: Provenance

    @property
    def folder(self) -> Path:
        """Folder of the campaign."""
        return self.provenance.folder

    @property
    def configuration(self) -> Mapping[str, Any]:
        """The configuration as it was run, defaults filled in."""
        return self.provenance.configuration

    @property
    def name(self) -> str:
        """Name of the campaign."""
        return str(self.configuration["campaign"])

    @cached_property
    def _tracks(self) -> dict[str, TrackResults]:
        found = (TrackResults(self.name, name, self.folder / name) for name in self.configured)
        return {one.name: one for one in found if (one.folder / LIGHT_CURVES).is_file()}

    @property
    def configured(self) -> tuple[str, ...]:
        """Names of all tracks of the configuration, also of those that have no results yet."""
        return tuple(map(str, self.configuration.get("tracks") or {}))

    def __getitem__(self, track: str) -> TrackResults:  # noqa: D105
        if track not in self._tracks:
            known = ", ".join(self._tracks) or "none"
            hint = ", which `minispiral run` makes" if track in self.configured else ""
            raise MissingTrackError(
                f"{self.folder} has no light curves of track {track!r}{hint}: it has those of "
                f"{known}"
            )
        return self._tracks[track]

    def __iter__(self) -> Iterator[str]:  # noqa: D105
        return iter(self._tracks)

    def __len__(self) -> int:  # noqa: D105
        return len(self._tracks)

    @cached_property
    def minispiral_flux(self) -> Table:
        """Reference flux of each spw, and the minispiral of each track: minispiral_flux.ecsv."""
        return self.read("minispiral_flux.ecsv")

    @cached_property
    def gain_descriptions(self) -> Table:
        """How the gains of each track and spw were found: gains.ecsv."""
        return self.read("gains.ecsv")

    @cached_property
    def statistics(self) -> Table:
        """Means and variability of each track: statistics.ecsv."""
        return self.read("statistics.ecsv")

    def read(self, name: str) -> Table:
        """Any of the campaign's tables by its name, as ``science/loops.ecsv``."""
        return _table(self.folder, name)


class MissingTrackError(MinispiralError, KeyError):
    """A track that a campaign has no light curves of."""

    def __str__(self) -> str:  # noqa: D105
        return str(self.args[0])


def read_results(folder: str | Path) -> CampaignResults:
    """Read the results of a campaign.

    Parameters
    ----------
    folder : ``{results}/{campaign}``, where config.yaml and the tracks' folders are

    Raises
    ------
    MinispiralError
        If it is no such folder.
    """
    folder = Path(folder)
    path = folder / "config.yaml"
    if not path.is_file():
        raise MinispiralError(
            f"{folder} has no config.yaml: name the folder of a campaign's results, as "
            "results/eht2017"
        )
    text = path.read_text(encoding="utf-8")
    try:
        configuration = yaml.safe_load(text)
    except yaml.YAMLError:
        configuration = None
    if not isinstance(configuration, dict) or "campaign" not in configuration:
        raise MinispiralError(f"{path} is not the configuration that the workflow writes there")
    return CampaignResults(Provenance(folder, configuration, text))


def read_track(folder: str | Path) -> TrackResults:
    """Read the results of one track from its folder alone, wherever that lies.

    Parameters
    ----------
    folder : ``{results}/{campaign}/{track}``

    Raises
    ------
    MinispiralError
        If it has no light curves.
    """
    folder = Path(folder)
    if folder.is_file():
        raise MinispiralError(
            f"{folder} is a file: name the folder of a track's results, that it lies in"
        )
    if not (folder / LIGHT_CURVES).is_file():
        raise MinispiralError(
            f"{folder / LIGHT_CURVES} is not there: name the folder of a track's results, as "
            "results/eht2017/20170406; the workflow makes it"
        )
    whole = folder.resolve()
    return TrackResults(whole.parent.name, whole.name, folder)


def _table(folder: Path, name: str) -> Table:
    path = _there(folder, name)
    try:
        return read_table(path)
    except (ValueError, OSError) as error:
        raise MinispiralError(f"{path} cannot be read as a table: {error}") from error


def _there(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise MinispiralError(f"{path} is not there: `minispiral run` makes it")
    return path
