"""The keys of a simulated track (``tracks.NAME.simulate``)."""

from dataclasses import dataclass
from typing import Literal

from minispiral.config.key import Pattern, key
from minispiral.sgr_a import LINE_GHZ, LINE_WIDTH_GHZ

FILE_NAME = Pattern(r"^(?!\.\.?$)[^/]+$", "a file name without folder")
MINUTES = 1440


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Simulation:
    """What makes a simulated track; the defaults are a demonstration of 40 minutes."""

    seed: int = key(
        1,
        "seed of everything random: the core, QA2's imperfection, broken integrations, noise",
        least=0,
        most=2**63,
    )
    start: str = key(
        "2017-04-06T08:45:00",
        "start of the first scan in UTC; Sgr A* culminates at ALMA at 09:15 UTC on 6 April, and "
        "four minutes earlier every day",
        time=True,
    )
    scans: int = key(6, "number of scans", least=1, most=1000)
    scan_minutes: float | tuple[float, ...] = key(
        5.0,
        "length of a scan; a list: lengths that the scans take in turn",
        unit="min",
        least=0.01,
        most=MINUTES,
        items=1,
    )
    gap_minutes: float = key(2.0, "time between two scans", unit="min", least=0, most=MINUTES)
    integration_s: float = key(6.0, "integration time", unit="s", least=0.01, most=600)
    antennas: int = key(
        30, "number of antennas, taken evenly from antenna_config", least=2, most=1000
    )
    antenna_config: str = key(
        "alma.cycle4.1.cfg",
        "antenna configuration, a file name in alma/simmos of CASA's data; the default has "
        "baselines of 15-156 m",
        pattern=FILE_NAME,
    )
    frequencies_ghz: tuple[float, ...] = key(
        (213.1, 215.1, 227.1, 229.1),
        "central sky frequency of each spw",
        unit="GHz",
        why="the EHT's at ALMA, band 6",
        least=1,
        most=1000,
        items=1,
    )
    channels: int = key(
        1,
        "channels of each spw; the sky's flux does not vary within a spw",
        least=1,
        most=10000,
    )
    bandwidth_ghz: float = key(1.875, "width of each spw", unit="GHz", least=1e-6, most=100)
    correlations: Literal["XX XY YX YY", "XX YY", "RR RL LR LL", "RR LL"] = key(
        "XX XY YX YY", "correlation products"
    )
    core_flux_jy: float = key(
        2.4, "mean flux density of the core at 220 GHz", unit="Jy", least=1e-6, most=1e6
    )
    core_rms: float = key(
        0.1,
        "rms of the core's flux density, as a fraction of its mean; 0: a constant core",
        least=0,
        most=2,
    )
    core_timescale_h: float = key(
        8.0, "correlation time of the core's flux density", unit="h", least=1e-3, most=1e6
    )
    sky: Literal["components", "smooth"] = key(
        "components",
        "the minispiral; components: Gaussians that are seen as they are; smooth: patches, ridges "
        "and a faint halo, seen through the Gaussian primary beam of the dishes at the frequency "
        "of each spw",
    )
    minispiral_flux_jy: float = key(
        1.1,
        "flux density of the minispiral at 220 GHz, as the antennas see it",
        unit="Jy",
        least=0,
        most=1e6,
    )
    polarized_fraction: float = key(
        0.07, "mean linearly polarised fraction of the core", least=0, most=0.9
    )
    rotation_measure: float = key(
        -4e5, "rotation measure of the core", unit="rad/m^2", least=-1e9, most=1e9
    )
    circular_fraction: float = key(
        -0.01, "Stokes V of the core, as a fraction of its Stokes I", least=-0.4, most=0.4
    )
    core_offset_arcsec: tuple[float, float] = key(
        (0.0, 0.0),
        "place of the core, east and north of the phase centre; the minispiral goes with it",
        unit="arcsec",
        least=-60,
        most=60,
    )
    line_depth: float = key(
        0.0,
        "optical depth at the zenith, at the centre of a line that absorbs the core's flux, and "
        "not the minispiral's; it grows with the airmass",
        least=0,
        most=10,
    )
    line_frequency_ghz: float = key(
        LINE_GHZ,
        "centre of the absorption line",
        unit="GHz",
        why="that of Goddi et al. 2021",
        least=1,
        most=1000,
    )
    line_width_ghz: float = key(
        LINE_WIDTH_GHZ,
        "full width of the absorption line at half maximum",
        unit="GHz",
        least=1e-6,
        most=100,
    )
    system_temperature_k: float = key(
        90.0,
        "system temperature at the zenith, from which the ALMA sensitivity formula gives the noise",
        unit="K",
        least=1e-9,
        most=1e6,
    )
    zenith_opacity: float = key(
        0.0,
        "opacity of the atmosphere at the zenith, with which the noise grows with the airmass "
        "while the weights do not follow; 0: constant noise; 0.1 doubles the variance of the noise "
        "from the zenith to an elevation of 30 deg",
        least=0,
        most=2,
    )
    d_terms: float = key(
        0.0,
        "leakage that calibration leaves between the hands, as rms of complex D-terms, drawn for "
        "each antenna, hand and spw; 0: none; 0.01 is usual",
        least=0,
        most=0.3,
    )
    xy_ratio: float = key(
        0.0,
        "error of the ratio of the hands' amplitudes, X over Y or R over L, that calibration "
        "leaves in all antennas and spws alike; it makes Stokes I appear as Q of linear feeds",
        least=-0.3,
        most=0.3,
    )
    broken_integrations: int = key(
        3,
        "number of integrations in which a third of the antennas fail, in all spws",
        least=0,
        most=1e6,
    )
