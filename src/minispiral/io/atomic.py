"""Outputs that appear whole or not at all: written beside their place, then renamed into it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(target: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a path beside `target` for writing; rename it to `target` when the block succeeds.

    The yielded path keeps the target's name (CASA and pandas look at it) inside a temporary
    folder beside the target, so that the rename stays within one file system. It may become a
    file or a folder (measurement set, image). If the block raises, the target stays as it was.
    No two may be at work on one target at the same time.
    """
    target = Path(os.path.abspath(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = target.parent / f".part-{target.name}"
    shutil.rmtree(folder, ignore_errors=True)  # of a job that was killed
    folder.mkdir()
    try:
        part = folder / target.name
        yield part
        if not os.path.lexists(part):
            raise FileNotFoundError(f"nothing was written in place of {target}")
        if target.is_dir() and not target.is_symlink():
            # a folder cannot be replaced in one step: move the old one away first
            os.rename(target, folder / "old")
        os.rename(part, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def copy_tree(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> None:
    """Copy a folder (measurement set, image) so that the copy appears whole or not at all."""
    with replacing(target) as part:
        shutil.copytree(source, part)
