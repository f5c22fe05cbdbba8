"""What all figures share: colours, panels against time, and how they are saved."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from PIL import Image

from minispiral.io.atomic import replacing
from minispiral.measures.times import stretches

# Okabe & Ito's colours, which colour-blind readers can distinguish
COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#F0E442")

MANY = 300  # points, whose bars would make one patch of colour, so that they are drawn fainter
WEBP_QUALITY = 88
WEBP_WIDTH = 1500  # pixels at most, about as many as a page shows on a sharp screen
PRINT_DPI = 300  # what journals ask for, of PNG and of what is drawn as pixels in a PDF
FONT_TYPE = 42  # TrueType, which journals take and editors can edit; matplotlib's default is not


@dataclass(frozen=True)
class Panel:
    """A panel against time: the column that it shows, its label, and the unit of the drawing."""

    name: str
    label: str
    unit: float = 1.0


PANELS = (
    Panel("I", "Stokes I (Jy)"),
    Panel("P", "polarised flux P (Jy)"),
    Panel("EVPA", "EVPA (deg)"),
    Panel("V", "Stokes V (Jy)"),
)


def draw_series(
    axis: Axes,
    mjd: Any,
    values: Any,
    errors: Any,
    color: str,
    label: str,
    shared: np.ndarray | None = None,
) -> None:
    """Draw points with error bars against UTC; as pixels in a PDF, of which there may be many.

    All bars are one line with gaps: matplotlib's own, an object each, take ten times as long.

    Parameters
    ----------
    shared : what neighbours share of the errors, in the values' unit
        Drawn as a band; the bars are of the rest.
    """
    x, y, error = mjd_dates(mjd), np.ma.filled(values, np.nan), np.ma.filled(errors, np.nan)
    style: dict[str, Any] = {"color": color, "rasterized": True}
    if shared is not None and np.any(shared > 0):
        own, band = split_error(error, shared)
        times, low, high = with_gaps(np.asarray(mjd, float), y - band, y + band)
        axis.fill_between(
            mjd_dates(times), low, high, color=color, alpha=0.25, lw=0, rasterized=True
        )
        error = own
    bars = np.stack([y - error, y + error, np.full(len(y), np.nan)], axis=1)
    axis.plot(np.repeat(x, 3), bars.ravel(), lw=0.5, alpha=0.6 if len(y) <= MANY else 0.2, **style)
    axis.plot(x, y, ".", ms=3, markeredgewidth=0, alpha=0.6, label=label, **style)


def split_error(error: np.ndarray, shared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is an integration's own of an error, and what neighbours share: each no larger."""
    with np.errstate(invalid="ignore"):
        band = np.minimum(np.abs(shared), error)
        return np.sqrt(np.maximum(error**2 - band**2, 0.0)), band


def with_gaps(mjd: np.ndarray, *series: np.ndarray) -> tuple[np.ndarray, ...]:
    """Times (MJD) and what was measured then, with NaN put in where the observation has a gap."""
    gaps = np.flatnonzero(np.diff(stretches(mjd))) + 1
    return np.insert(mjd, gaps, mjd[gaps - 1]), *(np.insert(each, gaps, np.nan) for each in series)


def padded_range(values: np.ndarray, share: float = 1.0) -> tuple[float, float]:
    """Range of the inner `share` of the values, with a margin; 0 to 1 if there are none."""
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    low, high = np.percentile(values, [50 * (1 - share), 50 * (1 + share)])
    margin = 0.15 * (max(high - low, 1e-3 * abs(high)) or 1.0)
    return float(low - margin), float(high + margin)


def set_range(axis: Axes, values: np.ndarray) -> None:
    """Let an axis show the inner 98 % of its values, whatever outliers there are."""
    axis.set_ylim(*padded_range(values, 0.98))


def mjd_dates(mjd: Any) -> np.ndarray:
    """MJD (UTC days) as numpy datetimes, which matplotlib labels."""
    return np.datetime64("1858-11-17", "us") + (np.asarray(mjd) * 86400e6).astype("timedelta64[us]")


def label_time(axis: Axes) -> None:
    """Label a time axis with UTC hours."""
    locator = AutoDateLocator(minticks=3, maxticks=8)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axis.set_xlabel("UTC")


def save(figure: Figure, *paths: str | Path) -> None:
    """Save a picture for print by the suffix of each path, PNG or PDF, always alike."""
    with for_print():
        for path in paths:
            with replacing(path) as part:
                metadata = {"CreationDate": None} if part.suffix == ".pdf" else {}
                figure.savefig(part, metadata=metadata, dpi=PRINT_DPI)


@contextmanager
def for_print() -> Iterator[None]:
    """Within it, matplotlib writes fonts that journals take."""
    with rc_context({"pdf.fonttype": FONT_TYPE}):
        yield


def webp(path: str | Path, width: int = WEBP_WIDTH) -> bytes:
    """Return a picture for a page, as WebP of at most so many pixels: a fraction of the size."""
    buffer = io.BytesIO()
    with Image.open(path) as image:
        shown = image.convert("RGB")
        if shown.width > width:
            height = round(shown.height * width / shown.width)
            shown = shown.resize((width, height), Image.Resampling.LANCZOS)
        shown.save(buffer, "WEBP", quality=WEBP_QUALITY, method=6)
    return buffer.getvalue()
