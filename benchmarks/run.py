"""Time the fit and the workflow, and judge light curves of a simulated campaign, in one run.

`make bench` does so with a small track, `FULL=1 make bench` also with one of 14 million rows. The
results are printed, and written to small.md and full.md beside this file. Absolute times depend on
the machine and its load; quote the ratios.

`make bench-smoke` does all of both with next to no data, to see that it runs; it leaves nothing
behind, and its times mean nothing.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import (
    campaign_bench,
    fit_bench,
    graph_bench,
    light_curve_bench,
    split_bench,
    turns_bench,
    workflow_bench,
)
from benchmarks.page import Page, origin
from benchmarks.sizes import BENCH, SMOKE, Size


def bench_small(page: Page, folder: Path, size: Size) -> Path:
    """Bench all, of tracks that take a minute each; return a spw of the small track."""
    graph_bench.bench(page, folder / "graph", size.campaigns)
    split_bench.bench(page, folder / "channels", size.channels)
    split_bench.growth(page, folder / "split_growth", size.split_growth)
    split = workflow_bench.bench(page, folder / "small", size.small)
    campaign_bench.bench(page, folder / "together", size.small, *size.together)
    turns_bench.bench(page, folder / "small_turns", split.parent.parent, size.tracks)
    fit_bench.bench(page, split)
    fit_bench.growth(page, folder, size.growth)
    light_curve_bench.bench(page, folder / "light_curves", size.light_curves)
    return split


def bench_full(page: Page, folder: Path, size: Size, split: Path) -> None:
    """Bench a full track, its turns, and the fit of a spw of it without the loop of minutes.

    Where there is none, the turns and the fit are of the track that `split` belongs to.
    """
    if size.full is not None:
        split = workflow_bench.bench(page, folder / "full", size.full, size.memory_mb)
    turns_bench.bench(page, folder / "full_turns", split.parent.parent, size.tracks)
    fit_bench.bench(page, split, with_loop=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Bench a small track, and if asked for a full one; `arguments` are the command line's."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--full", action="store_true", help="also a full track")
    kinds.add_argument("--smoke", action="store_true", help="all, with next to no data")
    options = parser.parse_args(arguments)
    size, command, with_full = BENCH, "make bench", options.full
    if options.full:
        command = "FULL=1 make bench"
    if options.smoke:
        size, command, with_full = SMOKE, "make bench-smoke", True
    source = origin(command)  # before there is any load of its own
    with tempfile.TemporaryDirectory(prefix="minispiral-bench-") as name:
        scratch = Path(name)
        output = scratch if options.smoke else Path(__file__).parent
        page = Page("Small track", source)
        split = bench_small(page, scratch, size)
        page.write(output / "small.md")
        if with_full:
            page = Page("Full track", source)
            bench_full(page, scratch, size, split)
            page.write(output / "full.md")


if __name__ == "__main__":
    main()
