"""The report in a browser: headless Chromium, as Debian packages it."""

import json
import time
from pathlib import Path

import pytest

from minispiral.light_curves.flagging import DEVIATION, EXPLANATIONS
from minispiral.report.figures import SECTIONS
from minispiral.report.page import campaign_page
from tests.helpers import reported
from tests.helpers.browser import errors, needed, open_page, wait_for

pytestmark = [pytest.mark.slow, needed]

# colours of the first panel's points, by pixel: a canvas of Bokeh's lies within shadow roots
COUNT_COLOR = """
const [red, green, blue] = arguments[0];
function canvases(node) {
  let found = [...node.querySelectorAll("canvas")];
  for (const each of node.querySelectorAll("*"))
    if (each.shadowRoot) found = found.concat(canvases(each.shadowRoot));
  return found;
}
let n = 0;
for (const canvas of canvases(document.getElementById(arguments[1]))) {
  const context = canvas.getContext("2d");
  if (!context || !canvas.width) continue;
  const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
  for (let k = 0; k < data.length; k += 4)
    n += data[k] === red && data[k + 1] === green && data[k + 2] === blue && data[k + 3] === 255;
}
return n;
"""
# the view of the panel that shows arguments[0]
PANEL = """
const [figures] = Bokeh.documents;
const panel = [...figures._all_models.values()].find((m) => m.tags?.includes(arguments[0]));
const view = Bokeh.index.find_one_by_id(panel.id);
"""
ORANGE = (0xE6, 0x9F, 0x00)  # of the second spw


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    tables = reported.campaign()
    pictures = {name: reported.pictures(folder, name) for name in tables.tracks}
    path = folder / "report.html"
    path.write_text(campaign_page(tables, pictures, reported.origins()), encoding="utf-8")
    return path


def requests(browser) -> set[str]:
    messages = (json.loads(entry["message"])["message"] for entry in browser.get_log("performance"))
    return {
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    }


def click(browser, name: str, value: str) -> None:
    box = f"input[name='{name}'][value='{value}']"
    browser.execute_script(f'document.querySelector("{box}").click()')


def test_it_renders_without_an_error_or_a_request(browser, page):
    browser.get_log("performance")
    open_page(browser, page)
    asked = {url for url in requests(browser) if not url.startswith(("data:", "blob:"))}
    assert asked == {page.as_uri()}
    assert errors(browser) == []
    for section in (*SECTIONS, "polarimetry", "residuals", "hour_angles"):
        assert browser.execute_script(COUNT_COLOR, (0xFF, 0xFF, 0xFF), f"{section}-20170406") >= 0
        height = browser.execute_script(
            "return document.getElementById(arguments[0]).offsetHeight", f"{section}-20170406"
        )
        assert height > 200, section
    loaded = "[...document.images].every((i) => i.loading === 'lazy' || i.naturalWidth > 0)"
    assert browser.execute_script(f"return {loaded}")


@pytest.mark.parametrize("section", ["light_curves", "gains", "residuals"])
def test_a_spw_can_be_hidden_and_shown_again(browser, page, section):
    open_page(browser, page)
    place = f"{section}-20170406"
    before = browser.execute_script(COUNT_COLOR, ORANGE, place)
    assert before > 50
    click(browser, "spw", "spw1")
    wait_for(browser, f"(function() {{ {COUNT_COLOR} }})({list(ORANGE)}, '{place}') === 0")
    click(browser, "spw", "spw1")
    wait_for(browser, f"(function() {{ {COUNT_COLOR} }})({list(ORANGE)}, '{place}') === {before}")


def test_the_other_track_is_drawn_when_it_is_chosen(browser, page):
    open_page(browser, page)
    click(browser, "spw", "spw1")
    click(browser, "track", "20170407")
    wait_for(browser, "document.body.dataset.shown === '20170407'")
    visible = "[...document.querySelectorAll('section [data-track]')].filter((e) => !e.hidden)"
    tracks = browser.execute_script(f"return {visible}.map((e) => e.dataset.track)")
    assert set(tracks) == {"20170407"}
    wait_for(browser, "Bokeh.documents.every((figures) => figures.is_idle)")
    # what was hidden stays hidden
    assert browser.execute_script(COUNT_COLOR, ORANGE, "light_curves-20170407") == 0


def test_a_flagged_point_tells_its_reason(browser, page):
    from selenium.webdriver import ActionChains

    open_page(browser, page)
    x, y = browser.execute_script(
        f"{PANEL}\n"
        """
        document.getElementById("light_curves-20170406").scrollIntoView();
        window.scrollBy(0, -200); // from under the bar that stays at the top
        const cross = panel.renderers.find((r) => r.tags.includes("flagged"));
        const {data} = cross.data_source;
        const box = view.el.getBoundingClientRect();
        const frame = view.frame;
        return [
          box.left + frame.x_scale.compute(data.time[0]),
          box.top + frame.y_scales.get(cross.y_range_name).compute(cross.glyph.y.value),
        ].map(Math.round);
        """,
        "I",
    )
    ActionChains(browser).move_by_offset(x, y).perform()
    end = time.monotonic() + 10
    while EXPLANATIONS[DEVIATION] not in (text := text_of(browser)):
        assert time.monotonic() < end, text
        time.sleep(0.2)
    assert "07:12:00 UTC" in text


def test_zooming_one_panel_in_time_zooms_all(browser, page):
    from selenium.webdriver import ActionChains

    open_page(browser, page)
    x, y, width, height = browser.execute_script(
        f"""
        document.getElementById("light_curves-20170406").scrollIntoView();
        window.scrollBy(0, -200);
        {PANEL}
        const box = view.el.getBoundingClientRect();
        const {{bbox}} = view.frame;
        return [box.left + bbox.left, box.top + bbox.top, bbox.width, bbox.height].map(Math.round);
        """,
        "I",
    )
    range_of = f"{PANEL} const {{start, end}} = view.frame.x_range; return [start, end];"
    before = browser.execute_script(range_of, "V")
    drag = ActionChains(browser)
    drag.w3c_actions.pointer_action.move_to_location(x + width // 4, y + height // 4)
    drag.click_and_hold().move_by_offset(width // 2, height // 2).release().perform()
    end = time.monotonic() + 10
    while (after := browser.execute_script(range_of, "V")) == before:
        assert time.monotonic() < end
        time.sleep(0.2)
    for section in ("V", "gain", "rotation_measure"):
        assert browser.execute_script(range_of, section) == after
    assert after[1] - after[0] == pytest.approx((before[1] - before[0]) / 2, rel=0.05)


def text_of(browser) -> str:
    return browser.execute_script(
        """
        function text(node) {
          let found = [...node.children].map((each) => each.innerText ?? "").join("");
          for (const each of node.querySelectorAll("*"))
            if (each.shadowRoot) found += text(each.shadowRoot);
          return found;
        }
        return text(document.body);
        """
    )
