"""Write the tables of docs/science.md.

python docs/make_science.py slopes      intervals of power laws, in the windows of ../shared/tracks
python docs/make_science.py walks       intervals and limits of damped random walks, the same
python docs/make_science.py transients RESULTS TRACK    sources added to a finished track
python docs/make_science.py literature RESULTS CURVE    2017 April 6 and 7, RESULTS of tracks
                                                        20170406_long and 20170407_long
"""

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas
from astropy.table import Table
from page_table import put_table

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "science.md"
sys.path.insert(0, str(ROOT))  # the windows and curves are those of the tests

from minispiral import casa  # noqa: E402
from minispiral.analysis.variability_tables import (  # noqa: E402
    statistics_table,
    structure_function_table,
    tracks_of,
)
from minispiral.imaging.core import read_sky_model  # noqa: E402
from minispiral.io.tables import read_table  # noqa: E402
from minispiral.measures.scatter import robust_scatter  # noqa: E402
from minispiral.measures.times import nearest_times  # noqa: E402
from minispiral.ms.inspection import read_inspection  # noqa: E402
from minispiral.science.damped_walk import damped_walk  # noqa: E402
from minispiral.science.inputs import curves_of  # noqa: E402
from minispiral.science.power_law import DETECTED, SLOPES, Window, power_law  # noqa: E402
from minispiral.science.residuals import (  # noqa: E402
    field_of,
    longest_average,
    measure,
    minutes_of,
    usable,
    with_source,
)
from minispiral.science.study import CampaignStudy, study_campaign, study_track  # noqa: E402
from minispiral.science.transients import find_transients  # noqa: E402
from minispiral.sky.averages import Averages, average, read_samples  # noqa: E402
from minispiral.visibilities.antenna_gains import read_gains_of_spws  # noqa: E402
from minispiral.visibilities.pointing import read_pointing  # noqa: E402
from tests.helpers.known_noise import known_noise  # noqa: E402
from tests.helpers.windows import (  # noqa: E402
    damped_walks,
    errors,
    holds,
    power_law_curves,
    slow_window,
    window_of,
)

HOUR = 3600.0
NUMBER = 100  # curves of each kind
NIGHTS = {"20170406_long": 96, "20170407_long": 97}  # day of the year of the published curve
LAGS = (60.0, 600.0, 1800.0, 3600.0)  # s
FLUXES = (0.5, 0.7, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)  # mJy
PLACES = 8
LASTING = 600.0  # s
SAME, DAY = 15.0, 86400.0  # s


def slopes(_: Sequence[str]) -> list[str]:
    """How often intervals of slopes hold."""
    random = np.random.default_rng(1)
    lines = ["| process | window | has the truth | of |", "|---|---|---|---|"]
    for track in ("20170406_long", "20170407_app", "20170406"):
        window = Window(window_of(track))
        for slope in (0.0, 2.0, 2.5, 3.0):
            amplitude = 2.88 if slope else 2 * window.series.interval * 0.005**2
            curves = power_law_curves(window.series, slope, amplitude, NUMBER, random)
            fits = window.fit(curves + errors(window.series, NUMBER, random))
            laws = [
                power_law(*of, SLOPES)
                for of in zip(fits.log_likelihood, fits.noise_only, strict=True)
            ]
            held = np.mean([law.slope_low <= slope <= law.slope_high for law in laws])
            what = f"slope {slope:g}" if slope else "white noise"
            lines.append(f"| {what} | `{track}` | {held:.2f} | 0.68 |")
        found = window.fit(errors(window.series, NUMBER, random)).detection
        share = np.mean(found < DETECTED)
        lines.append(f"| errors alone, taken for no variability | `{track}` | {share:.2f} | 0.99 |")
    return lines


def walks(_: Sequence[str]) -> list[str]:
    """How often intervals and limits of damped random walks hold."""
    random = np.random.default_rng(1)
    lines = ["| process | window | cases | has the truth | of |", "|---|---|---|---|---|"]
    week = [slow_window(window_of("20170406_long", 86400.0 * day)) for day in (0, 1, 2, 4, 5, 6)]
    campaigns = {
        "`20170406_long`": week[:1],
        "both `_long`": [week[0], slow_window(window_of("20170407_long", 83616.0))],
        "six nights as `20170406_long`": week,
    }
    for name, tracks in campaigns.items():
        for hours in (8.0, 2.0):
            lines += _walks(name, tracks, hours, random)
    return lines


def _walks(name: str, tracks: list, hours: float, random: np.random.Generator) -> Iterator[str]:
    """How often what is said of a damped random walk holds: intervals, and limits."""
    held: dict[str, list[bool]] = {"": [], "limit": []}
    for _ in range(NUMBER // 4):
        walk = damped_walk(damped_walks(tracks, hours * HOUR, 0.1, random))
        right = holds(walk, hours * HOUR)
        if right is not None:
            held["limit" if walk.limit else ""].append(right)
    unknown = NUMBER // 4 - len(held[""]) - len(held["limit"])
    if unknown:
        yield f"| tau {hours:g} h | {name} | {unknown} that say nothing | | |"
    for kind, level in (("", 0.95), ("limit", 0.95)):
        if held[kind]:
            cases = (
                f"{len(held[kind])} {'limit' if kind else 'interval'}{'s' * (len(held[kind]) > 1)}"
            )
            share = f"{np.mean(held[kind]):.2f} | {level}"
            yield f"| tau {hours:g} h | {name} | {cases} | {share} |"


def transients(arguments: Sequence[str]) -> list[str]:
    """How many sources of ten minutes are found, and how false alarms compare."""
    folder = Path(arguments[0])
    spws, search = _track(folder, arguments[1])
    time = spws[0].times
    random = np.random.default_rng(1)
    angles = 2 * np.pi * np.arange(PLACES) / PLACES
    radii = np.linspace(2.0, 12.0, PLACES)
    begins = time[0] + random.uniform(0.05, 0.9, PLACES) * (np.ptp(time) - LASTING)
    without = search(spws)
    lines = [
        "| flux (mJy) | found | flux found / put in | off by (arcsec) | others |",
        "|---|---|---|---|---|",
        f"| 0 | {len(without.transients)} false | | | |",
    ]
    for flux in FLUXES:
        ratios, distances, others = [], [], 0
        for angle, radius, begin in zip(angles, radii, begins, strict=True):
            east, north = radius * np.cos(angle), radius * np.sin(angle)
            response = _response(spws, radius)
            added = [
                with_source(spw, east, north, 1e-3 * flux * response, (begin, begin + LASTING))
                for spw in spws
            ]
            for one in search(added).transients:
                distance = np.hypot(one.east - east, one.north - north)
                if distance < 1.5 and one.begin < begin + LASTING and one.end > begin:
                    ratios.append(1e3 * one.flux / flux)
                    distances.append(distance)
                else:
                    others += 1
        known = f"{np.mean(ratios):.2f}" if ratios else ""
        known += f" ± {np.std(ratios):.2f}" if len(ratios) > 1 else ""
        off = f"{np.median(distances):.2f}" if ratios else ""
        lines.append(f"| {flux:g} | {len(ratios)} of {PLACES} | {known} | {off} | {others} |")
    return lines


def _response(spws: Sequence[Averages], radius: float) -> float:
    from minispiral.visibilities.primary_beam import gaussian, primary_beam_width

    frequency = float(np.mean([spw.frequency for spw in spws]))
    return float(gaussian(np.array(radius), primary_beam_width(frequency, DISH)))


DISH = 12.0


def _track(folder: Path, track: str) -> tuple[list[Averages], Callable]:
    """Averages of a finished track, and what searches such averages."""
    of = folder / track
    inspection = read_inspection(of / "inspection.json")
    numbers = [spw.spw for spw in inspection.spws]
    skies = sorted((folder / "sky" / "iteration0").glob("turn*.fits"), key=_turn)
    sky = read_sky_model(skies[-1], of / "core.json")
    pointing = read_pointing(of / "iteration0" / "pointing.ecsv")
    path = of / "iteration0" / "antenna_gains.npz"
    gains = read_gains_of_spws([path] * len(numbers) if path.exists() else [], numbers)
    seconds = min(
        longest_average(spw.frequency_hz, spw.longest_baseline_m, DISH) for spw in inspection.spws
    )
    curves = [read_table(of / "iteration0" / f"spw{k}" / "light_curve.ecsv") for k in numbers]
    paths = [(of / f"spw{k}" / "split.ms").resolve() for k in numbers]
    spws = []
    with casa.session("make_science.log"):
        for ms, gain, curve in zip(paths, gains, curves, strict=True):
            samples, bins = read_samples(ms, gain, seconds)
            spws.append(average(usable(samples, curve), bins))

    def search(averages: Sequence[Averages]):
        residuals = [measure(spw, sky, pointing) for spw in averages]
        return find_transients(minutes_of(residuals, field_of(averages, DISH, sky.core_offset)))

    return spws, search


def _turn(path: Path) -> int:
    return int(path.stem.removeprefix("turn"))


def literature(arguments: Sequence[str]) -> list[str]:
    """The nights of April 2017: published curves, and those that the workflow recovered."""
    folder, published = Path(arguments[0]), pandas.read_csv(arguments[1])
    recovered = [
        read_table(path)
        for night in NIGHTS
        for path in sorted((folder / night / "iteration0").glob("spw*/light_curve.ecsv"))
    ]
    given = [table for night in NIGHTS for table in _published(published, night, recovered)]
    for table in recovered:  # between scans the tracks follow a line through the published curve
        times = next(t for t in given if t["track"][0] == table["track"][0])["mjd"]
        table["good"] &= _near(table["mjd"], times)
    columns = [_quantities(tables) for tables in (given, recovered)]
    lines = ["| quantity | night | published curve | recovered |", "|---|---|---|---|"]
    lines += [
        f"| {what} | {night} | {columns[0][what, night]} | {columns[1][what, night]} |"
        for what, night in columns[0]
    ]
    return lines


def _published(curves: pandas.DataFrame, night: str, recovered: Sequence[Table]) -> Iterator[Table]:
    """Published light curves in the hours of a recovered one, as tables of the workflow."""
    of_night = next(table for table in recovered if table["track"][0] == night)
    first, last = np.min(of_night["mjd"]), np.max(of_night["mjd"])
    for spw, (_, band) in enumerate(curves[curves.day == NIGHTS[night]].groupby("band")):
        rows = band[(band.mjd >= first) & (band.mjd <= last)].sort_values("mjd")
        rows = rows[_near(rows.mjd.to_numpy(), np.asarray(of_night["mjd"])[of_night["good"]])]
        flux = rows.I.to_numpy()
        # noise: of third differences, whose variance is 20 times that of white noise
        noise = robust_scatter(np.diff(flux, 3)) / np.sqrt(20)
        n = len(rows)
        table = Table(
            {
                "track": np.full(n, night),
                "spw": np.full(n, spw),
                "frequency": 1e9 * rows.freq_ghz.to_numpy(),
                "mjd": rows.mjd.to_numpy(),
                "I_compact": flux,
                "I_compact_err": np.full(n, noise),
                "I_extended": np.ones(n),
                "I_extended_err": np.full(n, 1e-9),
                "absorption": np.ones(n),
                **{name: np.full(n, np.nan) for name in ("Q", "Q_err", "U", "U_err")},
                "observation": np.zeros(n, int),
                "array": np.zeros(n, int),
                "scan": np.zeros(n, int),
                "good": np.ones(n, bool),
            }
        )
        table.meta = known_noise(10.0)
        yield table


def _near(times: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Whether there is another time within `SAME` of each."""
    return nearest_times(np.asarray(others, float), np.asarray(times, float))[1] < SAME / DAY


def _quantities(tables: Sequence[Table]) -> dict[tuple[str, str], str]:
    """What is compared, as text, by quantity and night."""
    study: CampaignStudy = study_campaign([study_track(c) for c in curves_of(tables)], False)
    found: dict[tuple[str, str], str] = {}
    for night, law, slow, walk in (
        *((of.curves.name, of.law, of.slow and of.slow.law, of.walk) for of in study.tracks),
        ("both", study.law, study.slow, study.walk),
    ):
        for what, of_law in (("slope", law), ("slope beyond 20 min", slow)):
            low, high = of_law.slope_low, of_law.slope_high
            found[what, night] = f"{of_law.slope:.2f} ({low:.2f} to {high:.2f})"
        sign = {"": "", "lower": "> ", "upper": "< "}[walk.limit]
        tau = walk.timescale / HOUR
        found["tau (h)", night] = f"{sign}{tau:.1f}" if np.isfinite(tau) else "any"
    tracks = tracks_of(tables)
    statistics, structure = statistics_table(tracks), structure_function_table(tracks)
    for night in NIGHTS:
        rows = statistics[np.asarray(statistics["track"]) == night]
        index, error = (
            float(np.mean(rows[name])) for name in ("modulation_index", "modulation_index_err")
        )
        found["modulation index", night] = f"{index:.4f} ± {max(error, 1e-4):.4f}"
        for lag in LAGS:
            found[f"structure function at {lag / 60:g} min (mJy²)", night] = _structure(
                structure[np.asarray(structure["track"]) == night], lag
            )
    return found


def _structure(rows: Table, lag: float) -> str:
    """Structure function at a lag, between those that there are, mean over spws; its error."""
    values, errors_ = [], []
    for spw in sorted(set(rows["spw"])):
        of = rows[np.asarray(rows["spw"]) == spw]
        value = np.asarray(of["structure_function"], float)
        x = np.log(np.asarray(of["lag"], float))
        values.append(np.interp(np.log(lag), x, value))
        errors_.append(np.interp(np.log(lag), x, np.asarray(of["structure_function_err"], float)))
    return f"{1e6 * np.mean(values):.3g} ± {1e6 * np.mean(errors_):.2g}"


def main() -> None:
    """Put the table that is asked for into the page."""
    logging.disable(logging.INFO)
    what, *arguments = sys.argv[1:]
    table = {
        "slopes": slopes,
        "walks": walks,
        "transients": transients,
        "literature": literature,
    }[what]
    put_table(PAGE, table(arguments), f"make_science.py {what}")


if __name__ == "__main__":
    main()
