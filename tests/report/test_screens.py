"""Screens of the report: at three widths, dark, on paper and under a finger; of one track and ten.

What a canvas shows is judged by the texts that BokehJS writes there, and where.
"""

from pathlib import Path

import pytest

from minispiral.plots.delivered import plot_delivered
from minispiral.plots.style import save
from minispiral.report.links import files_of_page
from minispiral.report.page import campaign_page
from tests.helpers import reported
from tests.helpers.browser import errors, needed, open_page, wait_for
from tests.plots.test_pictures import campaign_curves

pytestmark = [pytest.mark.slow, needed]

WIDTHS = (1400, 1000, 420)
PAPER = 1032  # pixels within the margins of A4, landscape
PAPER_HEIGHT = 703
# elements that reach beyond the window, but for those within what scrolls by itself
BEYOND = """
const width = document.documentElement.clientWidth;
const parts = [...document.body.querySelectorAll("*")].filter((part) => {
  const box = part.getBoundingClientRect();
  const seen = box.width > 0 && part.tagName !== "INPUT" && part.tagName !== "SCRIPT";
  return seen && box.right > width + 1 && !part.parentElement.closest(".wide, fieldset");
});
return parts.map((part) => `${part.tagName} ${part.id} ${part.textContent.slice(0, 40)}`);
"""
# notes down what is written on each canvas, and where, from before the page is there
LISTEN = """
{
window.written = new Map();
const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.clearRect = function (...area) {
  window.written.delete(this.canvas);
  return clearRect.apply(this, area);
};
CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...more) {
  const size = this.measureText(text);
  const corners = [];
  for (const u of [x - size.actualBoundingBoxLeft, x + size.actualBoundingBoxRight])
    for (const v of [y - size.actualBoundingBoxAscent, y + size.actualBoundingBoxDescent])
      corners.push(new DOMPoint(u, v).matrixTransform(this.getTransform()));
  const [us, vs] = [corners.map((c) => c.x), corners.map((c) => c.y)];
  const box = [Math.min(...us), Math.max(...us), Math.min(...vs), Math.max(...vs)];
  if (!window.written.has(this.canvas)) window.written.set(this.canvas, []);
  window.written.get(this.canvas).push([text, ...box]);
  return fillText.call(this, text, x, y, ...more);
};
}
"""
# texts that lie upon each other by more than a pixel, or reach over the edge of their canvas
CROWDED = """
const found = [];
let n = 0;
for (const [canvas, all] of window.written) {
  const texts = all.filter(([, left, right]) => right - left > 1); // others are not seen
  n += texts.length;
  texts.forEach(([text, left, right, top, bottom], k) => {
    if (left < -1 || top < -1 || right > canvas.width + 1 || bottom > canvas.height + 1)
      found.push(`${text} is cut`);
    for (const [other, from, to, above, below] of texts.slice(k + 1))
      if (Math.min(right, to) - Math.max(left, from) > 1)
        if (Math.min(bottom, below) - Math.max(top, above) > 1)
          found.push(`${text} lies upon ${other}`);
  });
}
return [n, found];
"""
TOOLBARS = """
return Bokeh.documents.flatMap((figures) => figures.roots())
  .flatMap((root) => [...root.references()])
  .filter((model) => model.type === "Toolbar")
  .map((model) => model.active_drag === null);
"""


@pytest.fixture(scope="module", params=[1, 10])
def page(request, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("screens")
    tables = reported.campaign(request.param, residuals={"20170406": {1: reported.residuals(5.0)}})
    pictures = dict.fromkeys(tables.tracks, reported.pictures(folder, "any"))
    delivered = folder / "delivered.png"
    save(plot_delivered(campaign_curves(request.param), title="eht2017"), delivered)
    products = ["light_curves.ecsv", *(f"{track}/light_curves.ecsv" for track in tables.tracks)]
    files = files_of_page(products, tables.tracks, ["light_curves_10s.ecsv"], True, bool)
    path = folder / "report.html"
    text = campaign_page(
        tables, pictures, reported.origins(), delivered=delivered, files=files,
        prints=["light_curves.pdf"],
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def screen(browser):
    """Let a test choose width and kind of the screen, and put it back."""

    def choose(width: int, **features: str) -> None:
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {
                "media": features.pop("media", ""),
                "features": [
                    {"name": name.replace("_", "-"), "value": value}
                    for name, value in features.items()
                ],
            },
        )

    yield choose
    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_or_crowded(browser, page, screen, width):
    screen(width)
    listening = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": LISTEN})
    open_page(browser, page)
    browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", listening)
    browser.execute_script("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.execute_script(BEYOND) == []
    n, crowded = browser.execute_script(CROWDED)
    assert n > 50
    assert crowded == []
    assert errors(browser) == []


@pytest.mark.parametrize("width", [1400, 420])
def test_a_heading_that_is_jumped_to_stands_below_the_bar(browser, page, screen, width):
    screen(width)
    open_page(browser, page)
    hidden = browser.execute_script(
        """
        const hidden = [];
        for (const link of document.querySelectorAll("nav a[href^='#']")) {
          link.click();
          const part = document.querySelector(link.getAttribute("href"));
          const bar = document.querySelector(".chooser").getBoundingClientRect();
          const heading = part.querySelector("h2");
          const stuck = bar.top <= 0;
          if (heading && stuck && heading.getBoundingClientRect().top < bar.bottom)
            hidden.push(link.textContent);
        }
        return hidden;
        """
    )
    assert hidden == []


def test_buttons_have_names(browser, page, screen):
    screen(1400)
    open_page(browser, page)
    named = browser.execute_script(
        """
        function* within(root) {
          for (const part of root.querySelectorAll("*")) {
            yield part;
            if (part.shadowRoot) yield* within(part.shadowRoot);
          }
        }
        return [...within(document.querySelector(".figures"))]
          .filter((part) => part.classList.contains("bk-tool-icon"))
          .map((icon) => icon.getRootNode().host)
          .map((host) => [host.getAttribute("role"), host.getAttribute("aria-label")]);
        """
    )
    assert len(named) > 4
    assert all(role == "button" and name for role, name in named)


def test_what_is_black_on_white_is_light_in_the_dark_and_black_again_on_paper(
    browser, page, screen
):
    screen(1400, prefers_color_scheme="dark")
    open_page(browser, page)
    ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(23, 25, 28)"
    ink = """
    return [...new Set(Bokeh.documents.flatMap((figures) => figures.roots())
      .flatMap((root) => [...root.references()])
      .filter((model) => /Axis$/.test(model.type))
      .map((model) => model.major_label_text_color))];
    """
    assert browser.execute_script(ink) == ["#e4e4e4"]
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert browser.execute_script(ink) == ["#222222"]


def test_no_figure_is_cut_by_the_edge_of_the_paper(browser, page, screen):
    screen(1400)
    open_page(browser, page)
    screen(PAPER, media="print")
    wait_for(browser, "matchMedia('print').matches")
    sizes = browser.execute_script(
        """
        return [...document.querySelectorAll(".figures:not([hidden]), img")]
          .map((part) => part.getBoundingClientRect())
          .map((box) => [box.right, box.height]);
        """
    )
    assert max(right for right, _ in sizes) <= PAPER + 1
    assert max(height for _, height in sizes) <= PAPER_HEIGHT
    # heading, note and figure stay together, so that no label is torn off onto another sheet
    light_curves = browser.execute_script(
        """
        const section = document.querySelector("#light_curves");
        const figure = section.querySelector(".figures:not([hidden])");
        return figure.getBoundingClientRect().bottom - section.getBoundingClientRect().top;
        """
    )
    assert light_curves <= PAPER_HEIGHT


def test_a_finger_scrolls_the_page(browser, page, screen):
    screen(420)
    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    open_page(browser, page)
    assert browser.execute_script("return matchMedia('(pointer: coarse)').matches")
    toolbars = browser.execute_script(TOOLBARS)
    assert toolbars
    assert all(toolbars)
