"""Results copied by `cp -r` get the times back at which they were made."""

import json
import os
from pathlib import Path

import pytest
from snakemake.persistence.file import FilePersistence

from minispiral.jobs.copied import restore_times

MADE = 1_500_000_000.25
FOLDER = "results/a"
PRODUCTS = [f"{FOLDER}/{name}" for name in ("b.ecsv", "c.ms", "d.json", "x" * 200 + ".json")]


def record_path(product: str) -> Path:
    """Where Snakemake itself keeps its record of a product."""
    persistence = FilePersistence.__new__(FilePersistence)
    persistence._max_len = 255
    return Path(persistence._record_path(".snakemake/metadata", product))


@pytest.fixture
def finished(tmp_path, monkeypatch) -> None:
    """Finished results, of which one is a folder: each made a second after the one before."""
    monkeypatch.chdir(tmp_path)
    Path(FOLDER).mkdir(parents=True)
    record_path("a").parent.mkdir(parents=True)
    for k, product in enumerate(PRODUCTS):
        path = file = Path(product)
        if path.suffix == ".ms":
            path.mkdir()
            (path / "table.dat").touch()
            file = path / ".snakemake_timestamp"
        file.touch()
        os.utime(file, (MADE + k, MADE + k))
        record_path(product).parent.mkdir(parents=True, exist_ok=True)
        record_path(product).write_text(json.dumps({"endtime": MADE + k}))


def times() -> list[float]:
    paths = [Path(product) for product in PRODUCTS]
    return [(p / ".snakemake_timestamp" if p.is_dir() else p).stat().st_mtime for p in paths]


def copy() -> None:
    """Give all files the time of now, as `cp -r` does."""
    for path in Path(FOLDER).rglob("*"):
        path.touch()


@pytest.mark.usefixtures("finished")
def test_times_of_a_copy_are_set_back():
    before = times()
    copy()
    assert times()[0] > MADE + 1000
    assert restore_times(FOLDER) == len(PRODUCTS)
    assert times() == before
    assert restore_times(FOLDER) == 0


@pytest.mark.usefixtures("finished")
def test_a_product_that_was_changed_by_hand_stays_changed():
    Path(PRODUCTS[0]).touch()
    changed = times()
    assert restore_times(FOLDER) == 0
    assert times() == changed


@pytest.mark.usefixtures("finished")
def test_what_is_not_there_or_not_the_campaigns_has_no_say():
    for product, made in ((f"{FOLDER}/temporary", MADE), ("results/other/b.ecsv", MADE)):
        record_path(product).write_text(json.dumps({"endtime": made}))
    Path("results/other").mkdir()
    Path("results/other/b.ecsv").touch()
    other = Path("results/other/b.ecsv").stat().st_mtime
    copy()
    assert restore_times(FOLDER) == len(PRODUCTS)
    assert Path("results/other/b.ecsv").stat().st_mtime == other


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"endtime": null}', '{"endtime": "later"}'])
@pytest.mark.usefixtures("finished")
def test_records_of_another_kind_are_passed_over(text):
    record_path(PRODUCTS[2]).write_text(text)
    Path(".snakemake/metadata/no base64").write_text("{}")
    copy()
    assert restore_times(FOLDER) == len(PRODUCTS) - 1


def test_without_records_nothing_is_done(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert restore_times(FOLDER) == 0
