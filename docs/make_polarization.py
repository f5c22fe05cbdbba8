"""Measure for docs/polarization.md what imperfect feeds do, and how well their floors are found.

python docs/make_polarization.py

Cores of 20 seeds, of simulated tracks about the culmination, are seen by 30 antennas at 60 s, by
the Jones matrices of `minispiral.simulation.feeds`, without minispiral and with the noise of a
spw. A minute on a core. Writes the table of the page, and docs/figures/feeds.webp.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from page_pictures import FEEDS
from page_table import put_table

from minispiral.light_curves.feed_errors import Floors, Polarization, floors
from minispiral.measures.elevation import parallactic_angle
from minispiral.plots.style import COLORS, save, webp
from minispiral.plots.validation import rms
from minispiral.sgr_a import position_deg
from minispiral.simulation.feeds import draw_leakage, jones, seen_by
from minispiral.simulation.source import Core, core_stokes

DOCS = Path(__file__).resolve().parent
PAGE, FIGURE = DOCS / "polarization.md", DOCS / FEEDS
HEADING = (
    "| hours | feeds turn by (deg) | D-terms (%) | X/Y (%) | error of V (% of I) | its floor "
    "| error / floor | error of EVPA (deg) | its floor | pull | covered |"
)
ALMA = (2225142.18, -5440307.37, -2481029.85)  # ITRF, m
CULMINATION = 4998186900.0  # MJD in s, on 6 April 2017
FREQUENCIES = np.array([213.1e9, 215.1e9, 227.1e9, 229.1e9])
NAMES = ("XX", "XY", "YX", "YY")
SEEDS, ANTENNAS, STEP, NOISE = 20, 30, 60.0, 3e-4  # s; Jy, of a spw's mean
CASES = [(5, 0, 0), (5, 0.01, 0), (5, 0, 0.01), (5, 0.01, 0.01), (3, 0.01, 0.01), (1.5, 0.01, 0.01)]


@dataclass(frozen=True)
class Track:
    """Times (s), parallactic angles (rad), Stokes of the core as seen and true: (4, n_spw, n)."""

    times: np.ndarray
    psi: np.ndarray
    seen: np.ndarray
    true: np.ndarray

    @property
    def found(self) -> Floors:
        """Its floors."""
        i, q, u, v = self.seen
        error = NOISE / i
        return floors(
            self.times, Polarization((q + 1j * u) / i, error, v / i, error), self.psi, linear=True
        )

    @property
    def error_of_v(self) -> np.ndarray:
        """Of V / I, by spw, mean over time."""
        return np.mean(self.seen[3] / self.seen[0] - self.true[3] / self.true[0], axis=1)

    @property
    def error_of_evpa(self) -> float:
        """Deg, rms."""
        linear = [stokes[1] + 1j * stokes[2] for stokes in (self.seen, self.true)]
        return float(np.degrees(np.sqrt(np.mean((np.angle(linear[0] / linear[1]) / 2) ** 2))))


def observe(seed: int, hours: float, d_terms: float, ratio: float) -> Track:
    """See a core with imperfect feeds."""
    rng = np.random.default_rng(seed)
    times = CULMINATION + np.arange(-hours * 1800, hours * 1800, STEP)
    psi = np.unwrap(np.radians(parallactic_angle(times, position_deg(), ALMA)))
    true = core_stokes(times, FREQUENCIES, Core(), rng)
    leakage = draw_leakage(len(FREQUENCIES), ANTENNAS, d_terms, rng)
    first, second = np.triu_indices(ANTENNAS, 1)
    seen = np.empty_like(true)
    for spw, n in np.ndindex(true.shape[1:]):
        feeds = jones(leakage[spw], 1 + ratio, np.full(ANTENNAS, psi[n]), linear=True)
        stokes = np.broadcast_to(true[:, spw, n].astype(complex), (len(first), 1, 4))
        xx, xy, yx, yy = seen_by(feeds[first], feeds[second], stokes, NAMES)[:, 0].mean(axis=0)
        seen[:, spw, n] = np.real([xx + yy, xx - yy, xy + yx, (xy - yx) / 1j]) / 2
    return Track(times, psi, seen + NOISE * rng.standard_normal(seen.shape), true)


def row(case: tuple[float, float, float], tracks: Sequence[Track]) -> str:
    """A line of the table."""
    found = [track.found for track in tracks]
    of_v = np.array([track.error_of_v for track in tracks])
    v, v_err, evpa, evpa_err = np.array([(f.v, f.v_err, f.evpa, f.evpa_err) for f in found]).T
    errors = np.array([track.error_of_evpa for track in tracks])
    noise = NOISE / 2.4 / np.sqrt(len(tracks[0].times))
    ratio = rms(of_v / v[:, np.newaxis]) if case[1] else np.nan
    pulls = (errors - evpa) / evpa_err
    cells = [
        f"{case[0]:g}",
        f"{found[0].turn:.0f}",
        f"{100 * case[1]:g}",
        f"{100 * case[2]:g}",
        f"{100 * np.sqrt(max(rms(of_v) ** 2 - noise**2, 0)):.3f}",
        f"{100 * np.mean(v):.3f} ± {100 * np.mean(v_err):.3f}",
        f"{ratio:.2f}" if case[1] else "",
        f"{np.mean(errors):.2f}",
        f"{np.mean(evpa):.2f} ± {np.mean(evpa_err):.2f}",
        f"{rms(pulls):.2f}",
        f"{100 * np.mean(errors < evpa + 2 * evpa_err):.0f} %",
    ]
    return f"| {' | '.join(cells)} |"


def draw(track: Track) -> Figure:
    """Errors of Q, U and V over I of the spws against the parallactic angle."""
    figure = Figure(figsize=(8, 3), layout="constrained")
    axes = figure.subplots(1, 3, sharey=True)
    for axis, k, name in zip(axes, (1, 2, 3), "QUV", strict=True):
        for spw in range(len(FREQUENCIES)):
            off = track.seen[k, spw] / track.seen[0, spw] - track.true[k, spw] / track.true[0, spw]
            label = f"{FREQUENCIES[spw] / 1e9:.0f} GHz"
            axis.plot(np.degrees(track.psi), 100 * off, ".", ms=2, color=COLORS[spw], label=label)
        axis.set(xlabel="parallactic angle (deg)", title=f"{name} / I")
    axes[0].set_ylabel("error (% of I)")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside right upper", frameon=False, fontsize="small", markerscale=4
    )
    return figure


def main() -> None:
    """Write the table and the picture."""
    lines = [HEADING, "|" + "---|" * HEADING.count(" | ") + "---|"]
    for case in CASES:
        tracks = [observe(seed, *case) for seed in range(SEEDS)]
        lines.append(row(case, tracks))
        if case == CASES[3]:
            with tempfile.TemporaryDirectory() as folder:
                save(draw(tracks[1]), Path(folder) / "feeds.png")
                FIGURE.write_bytes(webp(Path(folder) / "feeds.png"))
    put_table(PAGE, lines)


if __name__ == "__main__":
    main()
