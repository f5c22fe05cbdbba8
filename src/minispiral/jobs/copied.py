"""Results that were copied without the times of their files, as `cp -r` does: times are set back.

Snakemake redoes what is older than its inputs. In such a copy each file has the time at which it
was copied, so that nearly everything would be made anew. Snakemake has recorded when each product
was made, though, in ``.snakemake/metadata``: a file for each product, named by the base64 of its
path, with the time of modification in seconds as ``endtime``.
"""

import base64
import binascii
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

RECORDS = Path(".snakemake", "metadata")
STAMP = ".snakemake_timestamp"  # within a folder that is a product: its time counts
SAMPLE = 30  # products that are looked at first: a campaign has tens of thousands
LATER = 2.0  # seconds; file systems round times


def restore_times(folder: str | os.PathLike[str], records: Path = RECORDS) -> int:
    """Set back the times of a campaign's products if all were copied without them; count these.

    Nothing is done where any product has the time that was recorded: a run changes times, too, but
    records them.

    Parameters
    ----------
    folder : the campaign's, relative to the working directory
    records : Snakemake's

    Raises
    ------
    OSError
        If times cannot be set, as in somebody else's folder.
    """
    sample = list(islice(_made(folder, records), SAMPLE))
    if not sample or not all(map(_is_later, sample)):
        return 0
    later = list(filter(_is_later, _made(folder, records)))
    for file, made in later:
        os.utime(file, (made, made))
    return len(later)


Made = tuple[Path, float]


def _is_later(product: Made) -> bool:
    file, made = product
    return file.stat().st_mtime > made + LATER


def _made(folder: str | os.PathLike[str], records: Path) -> Iterator[Made]:
    """Products of a folder that are there: what carries their time, and when they were made."""
    for record in _files(records):
        product = _product(record.relative_to(records).parts)
        if product is None or Path(folder) not in product.parents:
            continue
        file = product / STAMP if product.is_dir() else product
        with suppress(OSError, ValueError, TypeError, KeyError):  # a record of another version's
            made = float(json.loads(record.read_text(encoding="utf-8"))["endtime"])
            if file.is_file():
                yield file, made


def _files(folder: str | os.PathLike[str]) -> Iterator[Path]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir():
                yield from _files(entry.path)
            else:
                yield Path(entry.path)


def _product(parts: Iterable[str]) -> Path | None:
    """The path that a record is of: its name, which is cut into folders @... where it is long."""
    name = "".join(part.removeprefix("@") for part in parts)
    with suppress(binascii.Error, UnicodeDecodeError):
        return Path(base64.urlsafe_b64decode(name).decode())
    return None
