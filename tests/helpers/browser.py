"""Headless Chromium, as Debian packages it."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

needed = pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("chromedriver")),
    reason="needs Debian's packages chromium and chromium-driver",
)
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1200,1000",
)


def started() -> Iterator[Any]:
    """Yield a browser, and end it."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for option in OPTIONS:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


def wait_for(browser: Any, condition: str, seconds: float = 60) -> None:
    """Wait until an expression of JavaScript is true."""
    end = time.monotonic() + seconds
    while not browser.execute_script(f"return {condition}"):
        assert time.monotonic() < end, condition
        time.sleep(0.1)


def open_page(browser: Any, page: Path, track: str = "20170406") -> Any:
    """Open a page, and wait until the figures of a track are drawn."""
    browser.get(page.as_uri())
    wait_for(browser, f"document.body.dataset.shown === '{track}'")
    wait_for(browser, "Bokeh.documents.every((figures) => figures.is_idle)")
    return browser


def errors(browser: Any) -> list[dict]:
    """What the page complained about since this was asked last.

    Advice of the browser on speed, of source "rendering", is no complaint.
    """
    log = browser.get_log("browser")
    return [e for e in log if e["level"] != "INFO" and e["source"] != "rendering"]
