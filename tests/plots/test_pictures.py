"""Pictures can be read: every axis says what it shows, and no labels lie upon each other."""

from dataclasses import fields
from functools import cache
from io import BytesIO
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from astropy.table import Table
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import SymLogNorm
from matplotlib.figure import Figure
from PIL import Image

from minispiral.analysis.variants import VARIANTS
from minispiral.columns.analysis import SYSTEMATICS
from minispiral.imaging.beam import Beam
from minispiral.imaging.models import Sky
from minispiral.plots.campaign import ALARM, plot_light_curves
from minispiral.plots.delivered import plot_delivered
from minispiral.plots.rounds import RoundGains, plot_antenna_gains, plot_rounds
from minispiral.plots.science import plot_loops, plot_spectra
from minispiral.plots.sky import (
    Seen,
    angular_unit,
    decades,
    plot_im1,
    plot_images,
    plot_residual,
    plot_skies,
)
from minispiral.plots.style import COLORS, label_time, mjd_dates, webp
from minispiral.plots.systematics import plot_systematics
from minispiral.plots.track import (
    plot_absorption,
    plot_fit_residuals,
    plot_minispiral_flux,
    plot_polarimetry,
    plot_uv_coverage,
)
from minispiral.selfcal.rounds import RoundRecord
from tests.helpers import reported

BEAM = Beam(2.0, 1.5, 60.0)


def skies(n: int) -> list[Sky]:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 1e-3, (64, 64))
    mask = np.zeros((64, 64), bool)
    mask[20:40, 10:50] = True
    return [Sky(f"20170406, spw {k}", noise + mask, mask, noise, 0.4, BEAM) for k in range(n)]


def systematics(tracks: list[str]) -> Table:
    """Changes of all sizes and both signs; of the first variant unknown, as of a short track."""
    rng = np.random.default_rng(5)
    rows = []
    for track in tracks:
        for place, variant in enumerate(list(VARIANTS)[1:]):
            size = 10.0 ** rng.uniform(-5, 0.5, len(SYSTEMATICS)) if place else np.nan
            sizes = np.broadcast_to(size, len(SYSTEMATICS)).tolist()
            row = dict(zip(SYSTEMATICS, sizes, strict=True))
            row |= {"track": track, "spw": 0, "variant": variant}
            row |= {"scale": 1 + 0.01 * rng.normal(), "slope": row["slope"] * rng.choice([-1, 1])}
            rows.append(row)
    return Table(rows=rows)


def absorption() -> Table:
    """What the line takes from a spw, from 30 deg of elevation to the culmination."""
    elevation = np.linspace(30.0, 85.0, 200)
    model = 1 - 0.004 / np.sin(np.radians(elevation))
    ratio = model + 1e-3 * np.random.default_rng(3).standard_normal(200)
    table = Table({"elevation": elevation, "ratio": ratio, "model": model})
    table["ratio_err"], table["model_err"], table["used"] = 1e-3, 3e-4, elevation < 80
    table.meta = {"order": 2, "spws": [0, 1, 3]}
    return table


def coverage(n: int) -> dict[int, Table]:
    rng = np.random.default_rng(2)
    return {spw: Table({name: rng.normal(0, 1e5, 300) for name in "uv"}) for spw in range(n)}


def campaign_curves(tracks: int, doubtful: tuple[int, ...] = ()) -> Table:
    names, tables = zip(*reported.campaign(tracks).curves.items(), strict=True)
    table = Table(np.concatenate([table.as_array() for table in tables]))
    table.meta["doubtful"] = [[names[k], spw] for k in doubtful for spw in range(4)]
    return table


def record(number: int) -> RoundRecord:
    values = {field.name: 1.0 for field in fields(RoundRecord)}
    values |= {"round": number, "calmode": "p", "solint": "inf", "accepted": number < 3}
    return RoundRecord(**(values | {"rms": 1e-3 / (1 + number), "peak": 1.0}))


def gains(amplitude: bool) -> RoundGains:
    rng = np.random.default_rng(3)
    gain = np.exp(1j * rng.normal(0, 0.3, (20, 14, 2)))
    gain[:, 5] = np.nan
    return RoundGains(5e9 + 60.0 * np.arange(20), gain, amplitude)


FIGURES = {
    "images of one spw": lambda: plot_images(skies(1)),
    "images of five": lambda: plot_images(skies(5)),
    "im1 of microarcseconds": lambda: plot_im1(
        skies(1)[0].image, 2e-6, Beam(2e-5, 1.5e-5, 60.0), (0.0, 0.0), "IM1"
    ),
    "im1": lambda: plot_im1(skies(1)[0].image, 0.4, BEAM, (0.0, 0.0), "IM1"),
    "uv coverage": lambda: plot_uv_coverage(coverage(4), "20170406"),
    "fit residuals": lambda: plot_fit_residuals(
        {spw: reported.residuals(spw=spw) for spw in range(4)},
        {spw: reported.hour_angles() for spw in range(4)},
        "20170406",
    ),
    "skies": lambda: plot_skies(
        [Seen(name, skies(1)[0].image, 0.4, 3.0) for name in ("ours", "CLEAN's")], BEAM, (0.0, 0.0)
    ),
    "residual image": lambda: plot_residual(
        skies(1)[0].residual, 0.4, BEAM, (0.0, 0.0), 1e-3, "20170406"
    ),
    "minispiral": lambda: plot_minispiral_flux(reported.curve("20170406"), "20170406"),
    "minispiral of 12 spws": lambda: plot_minispiral_flux(reported.curve("20170406", spws=12)),
    "polarimetry": lambda: plot_polarimetry(
        reported.polarimetry(reported.curve("20170406")), "20170406"
    ),
    "light curves": lambda: plot_light_curves(campaign_curves(2)),
    "light curves without a minispiral": lambda: plot_light_curves(campaign_curves(2, (0, 1))),
    "light curves of ten tracks": lambda: plot_light_curves(campaign_curves(10)),
    "delivered": lambda: plot_delivered(campaign_curves(2), title="demo"),
    "delivered, ten tracks": lambda: plot_delivered(campaign_curves(10), title="demo"),
    "light curves of one track": lambda: plot_light_curves(campaign_curves(1)),
    "rounds": lambda: plot_rounds(
        [*[np.ones((64, 64))] * 5, None], 0.4, [record(k) for k in range(6)]
    ),
    "antenna gains": lambda: plot_antenna_gains(
        [f"A{k:02d}" for k in range(14)], {"round 1": gains(False), "round 2": gains(True)}
    ),
    "absorption": lambda: plot_absorption(absorption(), "20170406, spw 2"),
    "systematics": lambda: plot_systematics(systematics(["20170406", "20170407"])),
    "systematics of 12 tracks": lambda: plot_systematics(systematics(list("abcdefghijkl"))),
}


@pytest.mark.parametrize(
    ("half", "unit"),
    [(30.0, "arcsec"), (1.0, "arcsec"), (0.2, "mas"), (6e-5, "µas"), (1e-8, "µas")],
)
def test_offsets_have_a_unit_in_which_they_are_read(half, unit):
    assert angular_unit(half) == unit


RATIOS = ("absorption",)  # figures of what has no unit
ROWS = ("systematics", "systematics of 12 tracks")


@pytest.mark.parametrize("name", FIGURES)
def test_axes_say_what_they_show(name):
    figure, _ = drawn(name)
    shown = [axis for axis in figure.axes if axis.axison and axis.get_visible()]
    below = [part.get_supxlabel() for part in (figure, *figure.subfigs)]
    assert any(below) or any(axis.get_xlabel() for axis in shown)
    # of a figure whose rows are names, along the other axis
    units = [axis.get_xlabel() if name in ROWS else axis.get_ylabel() for axis in shown]
    assert name in RATIOS or any("(" in unit for unit in units), "no unit"


@cache
def drawn(name: str) -> tuple[Figure, RendererBase]:
    figure = FIGURES[name]()
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    return figure, renderer


@pytest.mark.parametrize("name", FIGURES)
def test_labels_of_an_axis_do_not_overlap(name):
    figure, renderer = drawn(name)
    for axis in figure.axes:
        for one, labels in ((axis.xaxis, "x"), (axis.yaxis, "y")):
            texts = [*one.get_majorticklabels(), *one.get_minorticklabels()]
            shown = [t.get_window_extent(renderer) for t in texts if t.get_text().strip()]
            inside = [box for box in shown if box.width > 0 and axis.get_visible()]
            start, end = ("x0", "x1") if labels == "x" else ("y0", "y1")
            inside.sort(key=lambda box: getattr(box, start))
            for before, after in pairwise(inside):
                assert getattr(before, end) <= getattr(after, start) + 0.5, (name, labels)


@pytest.mark.parametrize("name", FIGURES)
def test_no_legend_runs_over_the_edge(name):
    figure, renderer = drawn(name)
    for legend in figure.legends:
        box = legend.get_window_extent(renderer)
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.x1
        assert box.y1 <= figure.bbox.y1


def test_colours_are_told_apart_by_the_colour_blind():
    """Okabe & Ito's, none twice."""
    assert len(set(COLORS)) == len(COLORS) == 8


def test_the_beam_turns_from_north_to_east():
    """East is to the left, so that an angle of 60 deg leans to the left of north."""
    figure = plot_im1(np.ones((64, 64)), 0.4, BEAM, (0.0, 0.0))
    (beam,) = figure.axes[0].patches
    assert (beam.height, beam.width) == (BEAM.major, BEAM.minor)
    tip = np.array([-np.sin(np.radians(beam.angle)), np.cos(np.radians(beam.angle))])
    # in data coordinates x is the offset to the east
    assert tip == pytest.approx([np.sin(np.radians(60)), np.cos(np.radians(60))])


def test_a_picture_for_a_page_looks_as_it_was_drawn(tmp_path):
    path = tmp_path / "a.png"
    plot_images(skies(4)).savefig(path)
    drawn, embedded = (
        np.asarray(Image.open(file).convert("RGB"), float) for file in (path, BytesIO(webp(path)))
    )
    assert drawn.shape == embedded.shape
    assert np.mean(np.abs(drawn - embedded)) < 4  # of 255


def test_what_has_no_minispiral_is_drawn_in_red_without_errors():
    figure = plot_light_curves(campaign_curves(2, (1,)))
    sound, doubtful = figure.axes[:2]
    assert (sound.get_title(), sound.title.get_color()) == ("20170406", "black")
    assert doubtful.get_title().startswith("20170407: no minispiral found")
    assert doubtful.title.get_color() == ALARM
    bars, bars_of_doubtful = (
        next(line.get_ydata() for line in axis.lines if line.get_linewidth() == 0.5)
        for axis in (sound, doubtful)
    )
    assert np.isfinite(bars).any()
    assert not np.isfinite(bars_of_doubtful).any()


def test_a_caution_stands_above_the_polarimetry():
    table = reported.polarimetry(reported.curve("20170406"))
    table.meta["caution"] = "spws (213.10, 213.20 GHz) are too close to each other: " + 20 * "so "
    title = plot_polarimetry(table, "20170406").get_suptitle()
    assert " ".join(title.split()) == f"20170406 {table.meta['caution'].strip()}"
    assert max(map(len, title.splitlines())) <= 80


@pytest.mark.parametrize(
    ("linear", "highest", "labels"),
    [(0.004, 0.13, [0, 0.01, 0.1]), (8.0, 2800.0, [0, 10, 100, 1000]), (2.0, 7.4, [0, 7])],
)
def test_colour_bars_are_labelled_at_powers_of_ten(linear, highest, labels):
    norm = SymLogNorm(linthresh=linear, vmin=-1.0, vmax=highest)
    np.testing.assert_allclose(decades(norm), labels)


@pytest.mark.parametrize(("tracks", "columns"), [(1, 1), (9, 4)])
def test_loops_of_many_tracks_wrap(tracks, columns):
    q = np.array([1.0, 2.0]) * np.exp(1j)
    polarised = SimpleNamespace(value=q, time=np.arange(2.0), white=np.full(2, 0.1))
    of = SimpleNamespace(curves=SimpleNamespace(name="a", polarised=polarised), loops=None)
    figure = plot_loops(SimpleNamespace(tracks=[of] * tracks))
    panels = [axis for axis in figure.axes if axis.get_xlabel() == "Q (mJy)"]
    assert len(panels) == tracks
    assert len({round(axis.get_position().x0, 3) for axis in panels}) <= columns
    for axis in panels:  # the cross of the errors lies within the panel, and not in its corner
        (cross,) = axis.containers
        x, y = axis.transAxes.inverted().transform(
            axis.transData.transform(cross[2][0].get_segments()[0].mean(axis=0))
        )
        assert 0.05 < x < 0.2
        assert 0.05 < y < 0.2


def test_what_short_tracks_do_not_have_is_left_out():
    table = systematics(["20170406"])
    for name in ("slope", "slope_quoted", "rms_mean", "mean_quoted"):
        table[name] = np.nan
    labels = [axis.get_xlabel() for axis in plot_systematics(table).axes]
    assert labels == ["rms of integrations (%)", "flux scale (%)"]


def test_the_lowest_image_of_each_column_has_its_offsets():
    figure = plot_rounds([np.zeros((8, 8))] * 5, 0.5, [record(k) for k in range(5)])
    labels = [axis.get_xlabel() for axis in figure.axes[:5]]
    assert labels == ["", *["east (arcsec)"] * 4]


def test_dual_hand_data_have_no_panel_of_the_rotation_measure():
    names = ("flux", "spectral_index", "rotation_measure")
    table = Table({"track": ["a", "b"], "mjd": [57849.2, 57850.3]})
    for name in (*names, *(f"{name}_err" for name in names)):
        table[name] = [1.0, 2.0]
    labels = [axis.get_ylabel().partition(" (")[0] for axis in plot_spectra(table).axes]
    assert labels == ["spectral index", "rotation measure"]
    table["rotation_measure"] = np.nan
    assert [axis.get_ylabel() for axis in plot_spectra(table).axes] == ["spectral index"]
    assert plot_spectra(table[:0]).axes == []


@pytest.mark.parametrize("minutes", [6, 24, 100, 231, 299, 600])
def test_time_has_a_few_labels_however_long_a_track_is(minutes):
    axis = Figure().subplots()
    axis.set_xlim(*mjd_dates(np.array([57849.3, 57849.3 + minutes / 1440])))
    label_time(axis)
    assert 3 <= len(axis.get_xticks()) <= 9
