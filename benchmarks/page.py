"""The pages of results, in Markdown, and where they come from."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from minispiral.jobs.provenance import software

PACKAGES = ("minispiral", "casatools", "casatasks", "ducc0", "numpy", "snakemake")


class Page:
    """A page of results: each line is printed when it comes, and the whole is written at the end.

    A section begins with a blank line, and so do the sentences and tables in it.
    """

    def __init__(self, title: str, origin: list[str]) -> None:
        """Begin a page with its title and with where its results come from."""
        self.lines: list[str] = []
        self._add(f"# {title}")
        self.say(*origin)

    def section(self, title: str) -> None:
        """Begin a section."""
        self.say(f"## {title}")

    def say(self, *lines: str) -> None:
        """Add lines of text."""
        self._add("", *lines)

    def table(self, *headings: str) -> None:
        """Begin a table, whose rows come next."""
        self.say(_row(*headings), "|" + "---|" * len(headings))

    def row(self, *cells: object) -> None:
        """Add a row to the table that was begun last."""
        self._add(_row(*cells))

    def write(self, path: Path) -> None:
        """Write the page to a file."""
        path.write_text("\n".join(self.lines) + "\n")
        print(f"\nwritten to {path.name}\n", flush=True)

    def _add(self, *lines: str) -> None:
        self.lines += lines
        print(*lines, sep="\n", flush=True)


def _row(*cells: object) -> str:
    return " ".join(["|", *(f"{cell} |" if cell != "" else "|" for cell in cells)])


def origin(command: str) -> list[str]:
    """Say by which command results are made, when, on what machine and with which versions."""
    now = datetime.now(UTC)
    versions = software()
    named = ", ".join(f"{package} {versions[package]}" for package in PACKAGES)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return [
        f"Made by `{command}`, {now:%Y-%m-%d}, begun at {now:%H:%M} UTC under a load of "
        f"{os.getloadavg()[0]:.1f}.",
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB; "
        f"Python {versions['Python']}, {named}.",
    ]


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
