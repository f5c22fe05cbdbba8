"""Pictures within pages: shown at the size they were drawn for, in fewer bytes."""

import base64
from io import BytesIO

from PIL import Image

from minispiral.report.embedding import data_url, shown_width


def test_a_picture_is_shown_as_wide_as_it_was_drawn(tmp_path):
    path = tmp_path / "narrow.png"
    Image.new("RGB", (1500, 300), "white").save(path, dpi=(300, 300))
    assert shown_width(path) == 480  # five inches, at 96 px of CSS each


def test_a_picture_is_the_text_of_a_data_url(tmp_path):
    path = tmp_path / "wide.png"
    Image.new("RGB", (400, 100), "white").save(path)
    head, text = data_url(path, 200).split(",")
    assert head == "data:image/webp;base64"
    assert Image.open(BytesIO(base64.b64decode(text))).size == (200, 50)
