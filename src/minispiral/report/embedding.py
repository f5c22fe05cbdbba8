"""Pictures as parts of a page: their text, and the width at which they are shown as printed."""

import base64
from pathlib import Path

from PIL import Image

from minispiral.plots.style import PRINT_DPI, WEBP_WIDTH, webp

PIXELS_PER_INCH = 96  # of a page, by the definition of CSS's px
MIME = "image/webp"


def data_url(path: str | Path, width: int = WEBP_WIDTH) -> str:
    """Return a picture of at most so many pixels as the text of a data URL."""
    return f"data:{MIME};base64,{base64.b64encode(webp(path, width)).decode()}"


def picture(path: str | Path, caption: str, width: int = WEBP_WIDTH) -> dict[str, str]:
    """What a page needs of a picture: its text, of a fraction of the file's size, and caption."""
    return {
        "source": data_url(path, width),
        "width": str(shown_width(path)),
        "caption": caption,
    }


def shown_width(path: str | Path) -> int:
    """Width (CSS px) that gives a picture the size it was drawn for, and its text that of the page.

    Without it a page shows narrow pictures as wide as it is itself, with giant letters.
    """
    with Image.open(path) as image:
        dots_per_inch, _ = image.info.get("dpi", (PRINT_DPI, PRINT_DPI))
        return round(image.width / dots_per_inch * PIXELS_PER_INCH)
