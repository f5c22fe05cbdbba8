"""Time the fit and the workflow, and judge light curves of a simulated campaign, in one run.

`make bench` does so with a small track; `FULL=1 make bench` also with one of 14 million rows. The
results are printed and written to small.md and full.md beside this file. Absolute times depend on
the machine and its load; quote the ratios.
"""

import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import fit_bench
import graph_bench
import light_curve_bench
import workflow_bench

SMALL = {"scans": 2, "scan_minutes": 10, "gap_minutes": 3}
FULL = {"scans": 10, "scan_minutes": 30, "gap_minutes": 3}
PACKAGES = ("casatools", "casatasks", "ducc0", "numpy", "snakemake")


def machine() -> str:
    """Name the machine and the versions."""
    name = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            name = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return (
        f"{name}, {os.cpu_count()} cores, {memory:.0f} GB; Python {platform.python_version()}, "
        f"{versions}"
    )


def report(name: str, lines: list[str]) -> None:
    """Write a page of results beside this file."""
    head = [f"# {name}", "", machine()]
    path = Path(__file__).with_name(f"{name.split()[0].lower()}.md")
    path.write_text("\n".join([*head, *lines]) + "\n")
    print(f"written to {path}", file=sys.stderr)


def main() -> None:
    """Bench a small track, and with FULL=1 a full one."""
    print(machine())
    with tempfile.TemporaryDirectory(prefix="minispiral-bench-") as name:
        folder = Path(name)
        lines = graph_bench.bench(folder / "graph")
        lines += [*workflow_bench.bench(folder / "small", SMALL), *fit_bench.bench(folder)]
        lines += [*fit_bench.growth(folder), *light_curve_bench.bench(folder / "light_curves")]
        report("Small track", lines)
        if os.environ.get("FULL") == "1":
            lines = [*workflow_bench.bench(folder / "full", FULL)]
            lines += fit_bench.bench(folder, folder / "full" / "a.ms", with_loop=False)
            report("Full track", lines)


if __name__ == "__main__":
    main()
