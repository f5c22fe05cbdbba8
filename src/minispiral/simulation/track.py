"""Simulated tracks of Sgr A*, flattened as QA2 delivers them, with the truth beside them.

CASA's simulator lays out the measurement set (positions of real ALMA stations, times, u, v, w);
the visibilities are computed here, from `minispiral.simulation.source`, and written with the table
tool.
"""

import csv
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.constants import speed_of_light

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.io.atomic import replacing
from minispiral.io.progress import progress
from minispiral.measures.elevation import airmass, elevation, parallactic_angle
from minispiral.sgr_a import DIRECTION
from minispiral.simulation import feeds, minispiral, source
from minispiral.simulation.settings import DIAMETER, TrackSimulation, utc
from minispiral.visibilities.stokes import correlations_of
from minispiral.visibilities.transform import point_visibilities

FIELD = "Sgr A*"
OBSERVATORY = "ALMA"
#: Sgr A* must stay above this elevation.
ELEVATION_LIMIT = "15deg"
#: How far QA2's flattened core strays from a constant, as a fraction, and for how long (s).
FLATTENING_RMS, FLATTENING_TIMESCALE = 0.005, 600.0
#: Share of the antennas that fail in a broken integration, and the amplitude left to them.
BROKEN_SHARE, BROKEN_AMPLITUDE = 1 / 3, 0.4
#: Rows times channels that are filled at a time.
BLOCK_SAMPLES = 131072
TRUTH_COLUMNS = ("spw", "mjd_s", "I", "Q", "U", "V", "qa2_gain", "extended", "transmission", "bad")

_MJD_EPOCH = datetime(1858, 11, 17, tzinfo=UTC)
_DAY = 86400.0


@dataclass(frozen=True)
class Truth:
    """What happens in a track, by integration."""

    times: NDArray[np.float64]
    """TIME of the measurement set, ascending, shape ``(n_time,)``, s."""
    stokes: NDArray[np.float64]
    """The core's I, Q, U, V, shape ``(4, n_spw, n_time)``, Jy."""
    qa2_gain: NDArray[np.float64]
    """The factor by which QA2 multiplied the visibilities, shape ``(n_spw, n_time)``."""
    extended: NDArray[np.float64]
    """The minispiral's flux density, shape ``(n_spw,)``, Jy."""
    transmission: NDArray[np.float64]
    """Share of the core's flux behind the absorption line, shape
    ``(n_spw, n_channel, n_time)``."""
    antenna_gain: NDArray[np.complex128]
    """1, but for the antennas that failed, shape ``(n_time, n_antenna)``."""
    noise_growth: NDArray[np.float64]
    """The noise over that of the weights, shape ``(n_time,)``."""
    jones: NDArray[np.complex128] | None
    """What is left of feeds, shape ``(n_spw, n_time, n_antenna, 2, 2)``; None of perfect ones."""

    @property
    def bad(self) -> NDArray[np.bool_]:
        """Where antennas failed, shape ``(n_time,)``."""
        return (self.antenna_gain != 1).any(axis=1)


def simulate_track(
    ms: str | os.PathLike[str],
    truth: str | os.PathLike[str],
    settings: Mapping[str, Any],
    log: str | os.PathLike[str] | None = None,
) -> None:
    """Simulate one track as QA2 delivers it.

    V_ij(t) = g(t) [a_i(t) conj(a_j(t)) J_i (V_minispiral(u, v) + T(t) V_core(t)) J_j^H + noise],
    with J the antennas' feeds (`feeds.jones`), T the transmission of the absorption line, the gain
    g = F0 / (T I_core (1 + e)) that presses the core flat at its apparent mean F0 in each spectral
    window (e: `FLATTENING_RMS`, T: the mean over the window) and a = 1 but in broken integrations.
    WEIGHT and SIGMA are those of the noise at the zenith before the gain, as QA2 leaves them. The
    same settings give the same data.

    Parameters
    ----------
    ms
        The measurement set to make; one that is there is replaced.
    truth
        The csv file to make, with the columns `TRUTH_COLUMNS`, a row for each spectral window and
        integration: TIME (s), the core's Stokes parameters (Jy) before absorption, g, the
        minispiral's flux density (Jy), T, and whether the integration is broken.
    settings
        Fields of `TrackSimulation` that differ from the defaults.
    log
        CASA's log.

    Raises
    ------
    MinispiralError
        If a setting is unknown or impossible, or if Sgr A* sets during the track.
    """
    track = TrackSimulation.from_settings(settings)
    with replacing(truth) as truth_part, replacing(ms) as ms_part, casa.session(log):
        _observe(ms_part, track)
        times = _tidy(ms_part, track)
        course = draw_truth(times, track)
        _fill(ms_part, track, course)
        write_truth(truth_part, course)


def antenna_positions(track: TrackSimulation) -> list[tuple[str, float, float, float]]:
    """Return name and position (x east, y north, z up, m) of the track's antennas.

    Raises
    ------
    MinispiralError
        If the configuration is unknown, not ALMA's, or has too few antennas.
    """
    text = casa.data_path(f"alma/simmos/{track.antenna_config}").read_text()
    if "observatory=ALMA" not in text or "coordsys=LOC" not in text:
        raise MinispiralError(
            f"simulation: antenna_config {track.antenna_config} is not one of ALMA in local "
            "coordinates: take one of alma/simmos/alma.cycle*.cfg of CASA's data"
        )
    rows = [line.split() for line in text.splitlines() if line.strip() and line[0] != "#"]
    if len(rows) < track.antennas:
        raise MinispiralError(
            f"simulation: {track.antenna_config} has {len(rows)} antennas, not {track.antennas}: "
            "ask for fewer, or name another antenna_config"
        )
    chosen = np.linspace(0, len(rows) - 1, track.antennas).round().astype(int)
    return [(rows[i][4], *(float(number) for number in rows[i][:3])) for i in chosen]


def draw_truth(times: NDArray[np.float64], track: TrackSimulation) -> Truth:
    """Draw what happens in a track at the given times (s, ascending), from its seed."""
    core_rng, gain_rng, broken_rng, _, feeds_rng = _generators(track)
    stokes = source.core_stokes(times, track.frequencies, track.core, core_rng)
    transmission = line_transmission(times, track)
    apparent = stokes[0] * transmission.mean(axis=1)
    flat = apparent.mean(axis=1, keepdims=True)
    stray = np.stack(
        [
            source.smooth_walk(times, FLATTENING_RMS, FLATTENING_TIMESCALE, gain_rng)
            for _ in track.frequencies
        ]
    )
    return Truth(
        times,
        stokes,
        flat / (apparent * (1 + stray)),
        minispiral.apparent_flux(track),
        transmission,
        _antenna_gains(times.size, track, broken_rng),
        _noise_growth(times, track),
        None if track.perfect_feeds else _jones(times, track, feeds_rng),
    )


def line_transmission(times: NDArray[np.float64], track: TrackSimulation) -> NDArray[np.float64]:
    """Return `Truth.transmission`: exp(-depth airmass profile), with a Gaussian profile."""
    shape = (*track.channel_frequencies.shape, times.size)
    if track.line_depth == 0:
        return np.ones(shape)
    distance = (track.channel_frequencies / 1e9 - track.line_frequency_ghz) / track.line_width_ghz
    depth = track.line_depth * np.exp(-4 * np.log(2) * distance**2)
    return np.exp(-depth[..., np.newaxis] * airmass(elevation(times, *_place())))


def _noise_growth(times: NDArray[np.float64], track: TrackSimulation) -> NDArray[np.float64]:
    """Return `Truth.noise_growth`, see `source.noise_growth`."""
    if track.zenith_opacity == 0:
        return np.ones(times.size)
    air = airmass(elevation(times, *_place()))
    return source.noise_growth(air, track.zenith_opacity, track.system_temperature_k)


def _jones(
    times: NDArray[np.float64], track: TrackSimulation, rng: np.random.Generator
) -> NDArray[np.complex128]:
    """Return `Truth.jones`."""
    psi = np.radians(parallactic_angle(times, *_place()))
    leakage = feeds.draw_leakage(len(track.frequencies), track.antennas, track.d_terms, rng)
    return feeds.jones(
        leakage[:, np.newaxis], 1 + track.xy_ratio, psi[:, np.newaxis], track.linear_feeds
    )


def _place() -> tuple[tuple[float, float], tuple[float, float, float]]:
    """Direction of Sgr A* (deg) and geocentric position of ALMA (m)."""
    measures, quanta = casa.tools().measures(), casa.tools().quanta()
    direction = measures.direction(*DIRECTION)
    ra, dec = (quanta.convert(direction[m], "deg")["value"] % 360 for m in ("m0", "m1"))
    place = casa.observatory(OBSERVATORY)
    if place is None:
        raise MinispiralError(f"CASA's data do not have {OBSERVATORY}: install casadata again")
    return (ra, (dec + 180) % 360 - 180), place


def write_truth(path: Path, truth: Truth) -> None:
    """Write the truth as csv, to all digits."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(TRUTH_COLUMNS)
        for spw, extended in enumerate(truth.extended):
            columns = (
                truth.times,
                *truth.stokes[:, spw],
                truth.qa2_gain[spw],
                np.full(truth.times.size, extended),
                truth.transmission[spw].mean(axis=0),
                truth.bad,
            )
            rows = zip(*(column.tolist() for column in columns), strict=True)
            writer.writerows((spw, *row) for row in rows)


def _generators(track: TrackSimulation) -> list[np.random.Generator]:
    """Return independent generators: core, gains, broken integrations, noise, feeds."""
    return [np.random.default_rng(seed) for seed in np.random.SeedSequence(track.seed).spawn(5)]


def _antenna_gains(
    n_time: int, track: TrackSimulation, rng: np.random.Generator
) -> NDArray[np.complex128]:
    """Return `Truth.antenna_gain`: in some integrations a third of the antennas fail."""
    gains = np.ones((n_time, track.antennas), complex)
    n_broken = max(1, round(BROKEN_SHARE * track.antennas))
    for time in rng.choice(n_time, track.broken_integrations, replace=False):
        antennas = rng.choice(track.antennas, n_broken, replace=False)
        gains[time, antennas] = BROKEN_AMPLITUDE * np.exp(2j * np.pi * rng.random(n_broken))
    return gains


def _observe(ms: Path, track: TrackSimulation) -> None:
    """Lay out the measurement set with CASA's simulator, scan by scan, spw by spw."""
    measures, simulator = casa.tools().measures(), casa.tools().simulator()
    simulator.open(str(ms))
    try:
        _describe(simulator, measures, track)
        days = (utc(track.start) - _MJD_EPOCH).total_seconds() / _DAY
        # The simulator converts the reference time to TAI and then writes (and uses) the number
        # as UTC, 37 s late in 2017; a time that says it is TAI already stays as it is.
        simulator.settimes(
            integrationtime=f"{track.integration_s!r}s",
            usehourangle=False,
            referencetime=measures.epoch("TAI", {"value": days, "unit": "d"}),
        )
        start = 0.0
        for minutes in progress(track.scan_lengths, "lay out", "scans"):
            for spw in range(len(track.frequencies_ghz)):
                simulator.observe(
                    FIELD,
                    f"spw{spw}",
                    starttime=f"{start!r}s",
                    stoptime=f"{start + 60 * minutes!r}s",
                    observer="minispiral",
                    project="simulated QA2 track",
                )
            start += 60 * (minutes + track.gap_minutes)
    finally:
        simulator.close()


def _describe(simulator: Any, measures: Any, track: TrackSimulation) -> None:
    """Tell CASA's simulator the antennas, spectral windows, feeds and the field."""
    names, x, y, z = (list(column) for column in zip(*antenna_positions(track), strict=True))
    simulator.setconfig(
        telescopename=OBSERVATORY,
        x=x,
        y=y,
        z=z,
        dishdiameter=[DIAMETER] * track.antennas,
        mount=["alt-az"] * track.antennas,
        antname=names,
        padname=names,
        coordsystem="local",
        referencelocation=measures.observatory(OBSERVATORY),
    )
    width = f"{track.channel_width!r}Hz"
    for spw, channels in enumerate(track.channel_frequencies.tolist()):
        simulator.setspwindow(
            spwname=f"spw{spw}",
            freq=f"{channels[0]!r}Hz",
            deltafreq=width,
            freqresolution=width,
            nchannels=track.channels,
            stokes=track.correlations,
        )
    simulator.setfeed("perfect X Y" if track.linear_feeds else "perfect R L")
    simulator.setfield(sourcename=FIELD, sourcedirection=measures.direction(*DIRECTION))
    # shadowing is left out: only a source below the limit is flagged
    simulator.setlimits(shadowlimit=1.0, elevationlimit=ELEVATION_LIMIT)
    simulator.setauto(0.0)


def _tidy(ms: Path, track: TrackSimulation) -> NDArray[np.float64]:
    """Make the simulator's layout that of a delivered track; return its distinct times (s).

    The simulator counts a scan for every spectral window, and adds MODEL_DATA and CORRECTED_DATA,
    all zero, which imaging would prefer to DATA.

    Raises
    ------
    MinispiralError
        If anything is flagged, which means that Sgr A* is too low.
    """
    with casa.table(ms, writable=True) as table:
        table.removecols(["MODEL_DATA", "CORRECTED_DATA"])
        scan = table.getcol("SCAN_NUMBER")
        table.putcol("SCAN_NUMBER", (scan - 1) // len(track.frequencies_ghz) + 1)
        if table.getcol("FLAG_ROW").any():
            raise MinispiralError(
                f"simulation: Sgr A* is below {ELEVATION_LIMIT[:-3]} deg at ALMA during the track "
                f"that starts at {track.start}: start it nearer to the culmination (09:15 UTC "
                "on 6 April, four minutes earlier every day)"
            )
        return np.unique(table.getcol("TIME"))


def _fill(ms: Path, track: TrackSimulation, truth: Truth) -> None:
    """Write DATA, WEIGHT and SIGMA, row block by row block."""
    noise_rng = _generators(track)[3]
    with casa.table(ms, writable=True) as table:
        blocks = list(_blocks(table.nrows(), track.channels))
        for start, n_row in progress(blocks, "simulate"):
            rows = {
                name: table.getcol(name, start, n_row)
                for name in ("UVW", "TIME", "DATA_DESC_ID", "ANTENNA1", "ANTENNA2")
            }
            data = _visibilities(rows, track, truth, noise_rng)
            table.putcol("DATA", data.T, start, n_row)
            sigma = np.full((len(track.correlation_names), n_row), track.noise)
            table.putcol("SIGMA", sigma, start, n_row)
            table.putcol("WEIGHT", sigma**-2, start, n_row)


def _blocks(n_row: int, n_channel: int) -> Iterator[tuple[int, int]]:
    """Yield first row and number of rows of each block."""
    block_rows = max(1, BLOCK_SAMPLES // n_channel)
    for start in range(0, n_row, block_rows):
        yield start, min(block_rows, n_row - start)


def _visibilities(
    rows: Mapping[str, NDArray[Any]],
    track: TrackSimulation,
    truth: Truth,
    rng: np.random.Generator,
) -> NDArray[np.complex64]:
    """Return the data of some rows, as `simulate_track` defines them.

    Parameters
    ----------
    rows
        Columns of the measurement set as the table tool returns them.
    track, truth
        What is observed.
    rng
        Draws the noise.

    Returns
    -------
    ndarray
        Shape ``(n_row, n_channel, n_correlation)``, Jy.
    """
    spw, time = rows["DATA_DESC_ID"], np.searchsorted(truth.times, rows["TIME"])
    per_wavelength = track.channel_frequencies[spw] / speed_of_light
    u, v = rows["UVW"][:2, :, np.newaxis] * per_wavelength
    stokes = np.empty((*u.shape, 4), complex)
    stokes[:] = truth.stokes[:, spw, time].T[:, np.newaxis, :]
    stokes *= truth.transmission[spw, :, time][..., np.newaxis]
    unit = minispiral.unit_visibilities(u, v, spw, track)
    stokes[..., 0] += truth.extended[spw, np.newaxis] * unit
    if any(track.core_offset_arcsec):
        stokes *= point_visibilities(u, v, track.core_offset_arcsec)[..., np.newaxis]
    if truth.jones is None:
        data = correlations_of(stokes, track.correlation_names)
    else:
        first, second = (truth.jones[spw, time, rows[f"ANTENNA{n}"]] for n in (1, 2))
        data = feeds.seen_by(first, second, stokes, track.correlation_names)
    pair = truth.antenna_gain[time, rows["ANTENNA1"]] * np.conj(
        truth.antenna_gain[time, rows["ANTENNA2"]]
    )
    data *= pair[:, np.newaxis, np.newaxis]
    noise = rng.standard_normal((*data.shape, 2), dtype=np.float32).view(np.complex64)[..., 0]
    growth = truth.noise_growth[time].astype(np.float32)
    data += track.noise * noise * growth[:, np.newaxis, np.newaxis]
    return (data * truth.qa2_gain[spw, time][:, np.newaxis, np.newaxis]).astype(np.complex64)
