"""Tables of a made-up campaign, as its report is made from them, for the tests."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
from astropy.table import Table

from minispiral.columns.light_curves import LIGHT_CURVES, MINISPIRAL_FLUX
from minispiral.imaging.beam import Beam
from minispiral.imaging.models import Sky
from minispiral.jobs.provenance import Job
from minispiral.light_curves.flagging import DEVIATION
from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.ms.inspection import Inspection, SpectralWindow
from minispiral.plots.sky import Seen, plot_im1, plot_images, plot_residual, plot_skies
from minispiral.plots.style import save
from minispiral.plots.track import plot_uv_coverage
from minispiral.report.page import Origins
from minispiral.report.summary import CampaignTables

START = 57849.3  # MJD
LINEAR = ("XX", "XY", "YX", "YY")
INTERVAL = 6.0  # s
FREQUENCIES = (213.1e9, 215.1e9, 227.1e9, 229.1e9)


def curve(track: str, spws: int = 4, n: int = 60, day: int = 0, bad: int = 2) -> Table:
    """A track's light_curves.ecsv; of each spw the first `bad` integrations are flagged."""
    rng = np.random.default_rng(day)
    mjd = START + day + np.arange(n) * INTERVAL / SECONDS_PER_DAY
    parts = []
    for spw in range(spws):
        values = {name: np.ones(n) for name in LIGHT_CURVES}
        good = np.arange(n) >= bad
        values |= {
            "track": np.full(n, track),
            "spw": np.full(n, spw),
            "frequency": np.full(n, FREQUENCIES[spw % 4] + 1e9 * (spw // 4)),
            "mjd": mjd,
            "I": np.where(good, 2.5 + 0.1 * np.sin(np.arange(n) / 50), 9.0),
            "I_err": np.full(n, 0.005),
            "P": np.full(n, 0.2),
            "EVPA": rng.normal(-50, 1, n),
            "V": rng.normal(-0.03, 0.001, n),
            "gain": rng.normal(1, 0.01, n),
            "gain_weight": np.full(n, 0.1),
            "absorption_err": np.zeros(n),
            "I_extended": rng.normal(1, 0.01, n),
            "observation": np.zeros(n, int),
            "array": np.zeros(n, int),
            "scan": np.arange(n) // 20,
            "good": good,
            "flag": np.where(good, "-", DEVIATION),
        }
        for name in ("Q", "U", "P", "EVPA", "V", "gain", "I_extended", "I_compact"):
            values[f"{name}_err"] = np.full(n, 1e-3)
        parts.append(Table({name: values[name] for name in LIGHT_CURVES}))
    return Table(np.concatenate([part.as_array() for part in parts]))


def inspection(
    spws: int = 4,
    n: int = 60,
    day: int = 0,
    correlations: tuple[str, ...] = ("XX", "XY", "YX", "YY"),
) -> Inspection:
    """What the inspection of its measurement set found."""
    windows = [
        SpectralWindow(spw, FREQUENCIES[spw % 4], 1, correlations, 100, 100, 300.0)
        for spw in range(spws)
    ]
    first = (START + day) * SECONDS_PER_DAY
    return Inspection(
        "Sgr A*", 0, (266.4, -29.0), (0, 0, 0), 30, n, first, first + n * INTERVAL, tuple(windows),
        "", 12_300_000, "ab" * 32, dishes_m=(12.0,),
    )  # fmt: skip


def residuals(chi2: float = 1.0, spw: int = 0) -> Table:
    """What the fit of a spw left."""
    baseline = np.geomspace(1e4, 3e5, 12)
    return Table(
        {
            "baseline": baseline,
            "n_vis": np.full(12, 100),
            "visibility": np.ones(12),
            "residual": np.ones(12),
            "chi2": np.full(12, chi2),
            "mean": np.linspace(-1e-3, 1e-3, 12) * (1 + spw),
            "mean_err": np.full(12, 1e-4),
        }
    )


def antennas(amplitude: float = 1.0, phase: float = 1.0, **worse: float) -> Table:
    """The same by antenna, A00 to A29; `worse` are chi-squares of some by name."""
    names = [f"A{k:02d}" for k in range(30)]
    table = Table({"antenna": names, "n_vis": np.full(30, 80)})
    for name, value in (("chi2_amplitude", amplitude), ("chi2_phase", phase)):
        table[name] = [worse.get(antenna, value) for antenna in names]
    table["chi2"] = (table["chi2_amplitude"] + table["chi2_phase"]) / 2
    return table


def hour_angles(chi2: float = 1.0) -> Table:
    """The same by hour angle."""
    hours = np.arange(-2, 2, 0.25)
    n = np.full(len(hours), 100)
    return Table(
        {"hour_angle": hours, "n_vis": n, "chi2": chi2 + 0 * hours, "residual": 1 + 0 * hours}
    )


def turns(change: float = 0.06, track: str = "*") -> Table:
    """The turns.ecsv of a sky: two turns of at most eight, and what the last one changed."""
    rows = [
        (track, 0, 1, 8, np.nan, "-", 21.0, 0.99, 3.0, "-"),
        (
            track,
            0,
            2,
            8,
            change,
            "a, spw 1",
            1.01,
            0.98,
            3.2,
            "fluxes" if change < 0.1 else "bound",
        ),
    ]
    names = ("track", "iteration", "turn", "turns_allowed", "change", "changed_most", "chi2")
    return Table(rows=rows, names=(*names, "used", "total", "stopped"))


def antenna_gains(
    interval_s: float = 1200.0,
    fast: bool = False,
    scans: int = 0,
    after: float = 1.0,
    benefit: float | None = None,
) -> Table:
    """The antenna_gains.ecsv of four antennas, of which A03 is off by a factor before."""
    pairs = [(i, j) for i in range(4) for j in range(i)]
    table = Table(
        {
            "antenna1": [f"A{j:02d}" for _, j in pairs],
            "antenna2": [f"A{i:02d}" for i, _ in pairs],
            "n": [100 * (1 + i + j) for i, j in pairs],
            "chi2_before": [10.0 if i == 3 else 1.0 for i, _ in pairs],
            "chi2_after": np.full(len(pairs), after),
        }
    )
    table.meta = {
        "solve": "auto", "point": "", "interval_s": interval_s,
        "chi2_before": 7.72, "chi2_after": after,
        "criteria": {"inf": -900.0, "1200.0": -1000.0} if interval_s else {"inf": 1544.0},
        "parameters": 24.0, "fast_phases": fast,
        "fast_benefit": (2.5 if fast else 1.0) if benefit is None else benefit, "scans": scans,
    }  # fmt: skip
    return table


def pointing(kept: bool = True, evidence: float = 264.0, **drifts: float) -> Table:
    """The pointing.ecsv of a track; `drifts` are variances, by spw0 and so on."""
    n, of_spws = 10, {spw: drifts.get(f"spw{spw}", 0.0) for spw in range(4)}
    values = {"time": START * SECONDS_PER_DAY + 100.0 * np.arange(n)}
    values |= {"east": np.linspace(-0.3, 0.3, n), "north": np.full(n, 0.4)}
    values |= {"east_err": np.full(n, 0.04), "north_err": np.full(n, 0.04)}
    values |= {"east_DA41": np.full(n, 0.3), "north_DA41": np.full(n, 0.4)}
    values |= {"east_DV02": np.full(n, 0.0), "north_DV02": np.full(n, -1.2)}
    meta = {"evidence": evidence, "kept": kept, "drifts": of_spws}
    return Table(values, meta={**meta, "antennas": ["DA41", "DV02"] if kept else []})


def polarimetry(curves: Table) -> Table:
    """A track's polarimetry."""
    mjd = curves["mjd"][np.asarray(curves["spw"] == 0) & np.asarray(curves["good"], bool)]
    table = Table({"mjd": mjd})
    for name, value in (
        ("rotation_measure", -4e5),
        ("EVPA_intrinsic", 10.0),
        ("spectral_index", 0.0),
        ("depolarisation", 1.0),
    ):
        table[name] = np.full(len(mjd), value)
        table[f"{name}_err"] = np.full(len(mjd), 0.1)
    return table


def flux(tracks: list[str], spws: int = 4) -> Table:
    """The campaign's minispiral_flux.ecsv."""
    rows = [
        (spw, 1.0, track, 1.01, 0.02, 58, 0.4, 300.0, 0.02, False)
        for spw in range(spws)
        for track in tracks
    ]
    return Table(rows=rows, names=[name for name in MINISPIRAL_FLUX if name != "frequency"])


def without_minispiral(tables: CampaignTables, *tracks: str) -> CampaignTables:
    """The same campaign, but that the IM1 of some tracks has 1 % of the core's flux."""
    flux = tables.flux.copy()
    rows = np.isin(flux["track"], tracks)
    for name, value in (("share", 0.01), ("signal_to_noise", 3.0), ("misfit", 1.5)):
        flux[name][rows] = value
    flux["doubtful"] = rows
    return replace(tables, flux=flux)


def campaign(tracks: int = 2, spws: int = 4, n: int = 60, bad: int = 2, **fields) -> CampaignTables:
    """A campaign with all that every campaign has, and polarimetry; `fields` replace some."""
    names = [f"201704{6 + k:02d}" for k in range(tracks)]
    curves = {name: curve(name, spws, n, k, bad) for k, name in enumerate(names)}
    tables = {
        "curves": curves,
        "residuals": {name: {spw: residuals(spw=spw) for spw in range(spws)} for name in names},
        "hour_angles": {name: {spw: hour_angles() for spw in range(spws)} for name in names},
        "antennas": {name: {spw: antennas() for spw in range(spws)} for name in names},
        "polarimetry": {name: polarimetry(curves[name]) for name in names},
        "inspections": {name: inspection(spws, n, k) for k, name in enumerate(names)},
        "flux": flux(names, spws),
    }
    return CampaignTables("eht2017", **(tables | fields))


def pictures(folder: Path, track: str, spws: int = 4, size: int = 128) -> dict[str, Path]:
    """Pictures of a track's images, skies and coverage, of noise, which takes the most room."""
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 1e-3, (size, size))
    beam = Beam(2.0, 1.5, 60.0)
    mask = np.zeros((size, size), bool)
    mask[size // 4 : size // 2, size // 4 : size // 2] = True
    skies = [Sky(f"spw {spw}", noise + 0.1 * mask, mask, noise, 0.1, beam) for spw in range(spws)]
    uv = {
        spw: Table({"u": rng.normal(0, 1e5, 3000), "v": rng.normal(0, 1e5, 3000)})
        for spw in range(spws)
    }
    figures = {
        "images": plot_images(skies),
        "sky": plot_im1(np.abs(noise), 0.1, beam, (0.0, 0.0)),
        "skies": plot_skies([Seen(n, np.abs(noise), 0.1, 3.0) for n in "ab"], beam, (0.0, 0.0)),
        "residual_image": plot_residual(noise, 0.1, beam, (0.0, 0.0), 1e-3),
        "uv_coverage": plot_uv_coverage(uv),
    }
    paths = {name: folder / f"{track}_{name}.png" for name in figures}
    for name, figure in figures.items():
        save(figure, paths[name])
    return paths


def origins(**fields) -> Origins:
    """Where the results come from."""
    values = {
        "inputs": [{"track": "20170406", "measurement set": "data/a.ms"}],
        "configuration": "campaign: eht2017\n",
        "software": {"Python": "3.11"},
        "commands": ["2026-01-01 00:00:00 snakemake"],
        "casa": [("20170406/spw0/clean.log", "tclean( vis='a.ms' )")],
        "jobs": [Job("20170406/spw0/clean", 61.0, 300.0, datetime(2026, 1, 1))],
    }
    return Origins(**(values | fields))
