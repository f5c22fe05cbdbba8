"""What a script is given: Snakemake's object for its job, and its paths made absolute."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Job:
    """A job as Snakemake has it, with `input`, `output`, `params` and so on.

    CASA works in a scratch folder (`minispiral.casa.session`), where only absolute paths hold:
    `absolute_input` and `absolute_output` have them. A path in messages and files is as the
    configuration gives it, in `input` and `output`.
    """

    def __init__(self, snakemake: Any) -> None:
        self._snakemake = snakemake
        self.absolute_input = AbsolutePaths(snakemake.input, Path.cwd())
        self.absolute_output = AbsolutePaths(snakemake.output, Path.cwd())

    def __getattr__(self, name: str) -> Any:
        """Return what Snakemake's object has by this name."""
        return getattr(self._snakemake, name)


class AbsolutePaths:
    """Files by name and number, as Snakemake's lists of them, each an absolute path."""

    def __init__(self, files: Any, home: Path) -> None:
        """Remember the files, and the folder of relative paths."""
        self._files, self._home = files, home

    def __getattr__(self, name: str) -> Any:
        """Return the path by this name, or a list of those that share it."""
        return self._absolute(getattr(self._files, name))

    def __getitem__(self, key: int) -> Path:
        """Return one of all paths, by its number."""
        return self._absolute(self._files[key])

    def __iter__(self) -> Iterator[Path]:
        """Go through all paths."""
        return map(self._absolute, self._files)

    def _absolute(self, files: Any) -> Any:
        if isinstance(files, str):
            return (self._home / files).resolve()
        return [self._absolute(file) for file in files]
