"""Bad input: refused in one line with file, track, spw and remedy; or of no harm to the rest."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.io.tables import columns, read_table
from tests.helpers.runs import messages, run
from tests.helpers.tiny import configuration, products
from tests.helpers.tracks import flag

pytestmark = [pytest.mark.faults, pytest.mark.slow]

Change = Callable[[Path], None]
CLEANED = {"model": {"method": "clean"}}  # no other light curve waits for CLEAN
FIT = "results/tiny/a/iteration0/spw0/fit.ecsv"


def put(name: str, change: Callable[[np.ndarray], np.ndarray], selection: str = "") -> Change:
    """Change a column, of the rows that a TaQL expression selects."""

    def changed(ms: Path) -> None:
        with casa.session(), casa.table(ms, writable=True) as table:
            rows = table.query(selection) if selection else table
            rows.putcol(name, change(rows.getcol(name)))
            if selection:
                rows.close()

    return changed


def without_column(name: str) -> Change:
    def changed(ms: Path) -> None:
        with casa.session(), casa.table(ms, writable=True) as table:
            table.renamecol(name, "OTHER")

    return changed


def without_subtable(name: str) -> Change:
    return lambda ms: shutil.rmtree(ms / name)


def replaced_by(choose: Callable[[object], object]) -> Change:
    """Put chosen rows of a measurement set into its place."""

    def changed(ms: Path) -> None:
        with casa.session(), casa.table(ms) as table:
            chosen = choose(table)
            chosen.copy(f"{ms}.chosen", deep=True).close()
            chosen.close()
        shutil.rmtree(ms)
        Path(f"{ms}.chosen").rename(ms)

    return changed


def rows_of(selection: str) -> Change:
    """Leave no rows but those of a TaQL expression."""
    return replaced_by(lambda table: table.query(selection))


def in_any_order(table) -> object:
    return table.selectrows(np.random.default_rng(2).permutation(table.nrows()))


def no_measurement_set(ms: Path) -> None:
    shutil.rmtree(ms)
    ms.mkdir()
    (ms / "notes.txt").write_text("no table")


def two_fields_of_one_name(ms: Path) -> None:
    with casa.session():
        with casa.table(ms / "FIELD", writable=True) as field:
            field.copyrows(str(ms / "FIELD"))
            names = field.getcol("NAME")
            names[:] = "Sgr A*"
            for row, name in enumerate(names):
                field.putcell("NAME", row, str(name))
        with casa.table(ms, writable=True) as table:
            field_id = table.getcol("FIELD_ID")
            field_id[::2] = 1
            table.putcol("FIELD_ID", field_id)


def truncated(ms: Path) -> None:
    largest = max(ms.glob("table.f*"), key=lambda file: file.stat().st_size)
    largest.write_bytes(largest.read_bytes()[: largest.stat().st_size // 3])


def started(inputs: Path, folder: Path, change: Change, *targets: str, **config):
    """Run the workflow on a track that is changed first."""
    shutil.copytree(inputs / "a.ms", folder / "a.ms")
    change(folder / "a.ms")
    return run(folder, configuration(tracks={"a": {"ms": "a.ms"}}, **config), *targets)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (no_measurement_set, ["a.ms", "no readable measurement set"]),
        (truncated, ["a.ms", "the copy is incomplete, copy it again"]),
        (without_column("DATA"), ["a.ms has no column DATA", "split.data_column"]),
        (without_column("FLAG"), ["a.ms has no column FLAG", "copy it again"]),
        (without_column("WEIGHT"), ["a.ms has no column WEIGHT", "copy it again"]),
        (without_column("UVW"), ["a.ms has no column UVW", "copy it again"]),
        (without_subtable("SPECTRAL_WINDOW"), ["a.ms/SPECTRAL_WINDOW", "copy complete"]),
        (without_subtable("ANTENNA"), ["a.ms/ANTENNA", "copy complete"]),
        (put("FLAG", np.ones_like), ["a.ms", "spw 0", "leave out the spw"]),
        (put("WEIGHT", np.zeros_like), ["a.ms", "spw 0", "without weight"]),
        (put("WEIGHT", lambda w: -w), ["a.ms", "spw 0", "without weight"]),
        (put("WEIGHT", lambda w: np.nan * w), ["a.ms", "spw 0", "without weight"]),
        (put("UVW", lambda uvw: np.nan * uvw), ["a.ms", "spw 0", "without UVW"]),
        (put("UVW", np.zeros_like), ["a.ms", "spw 0", "no length in column UVW"]),
        (rows_of("DATA_DESC_ID == 0"), ["a.ms has no data", "spw 1", "leave out the spw"]),
        (rows_of("DATA_DESC_ID > 5"), ["a.ms has no data", "spw 0"]),
        (
            rows_of("ANTENNA1 == 0 && ANTENNA2 == 1"),
            ["a.ms", "spw 0", "too few baselines", "(1, at least 3)"],
        ),
        (two_fields_of_one_name, ["a.ms has 2 fields named 'Sgr A*'", "split the one"]),
    ],
)
def test_what_cannot_be_used_is_refused_before_any_long_work(inputs, tmp_path, change, says):
    result = started(inputs, tmp_path, change)
    assert result.returncode == 1
    (message,) = messages(result)
    assert all(part in message for part in says), message
    output = result.stdout + result.stderr
    assert "Traceback" not in output
    assert "split spw" not in output


def write_mask(path: Path, pixels: np.ndarray, cell: str | None) -> None:
    """An image at right ascension and declination 0; without a cell, of two linear axes."""
    with casa.session():
        if cell is None:
            axes = casa.tools().coordsys().newcoordsys(linear=2)
        else:
            axes = casa.tools().coordsys().newcoordsys(direction=True, stokes=["I"], spectral=True)
            axes.setincrement([f"-{cell}", cell], type="direction")
        made = casa.tools().image()
        made.fromarray(str(path), pixels, csys=axes.torecord())
        made.close()


@pytest.mark.parametrize(
    ("change", "config", "says"),
    [
        (put("DATA", np.zeros_like), CLEANED, ["track a", "CLEAN found no", "image."]),
        (
            put("DATA", np.zeros_like),
            {},
            ["a/spw0/split.ms", "nothing but visibilities of 0 Jy", "split.data_column"],
        ),
        (put("DATA", lambda v: np.nan * v), {}, ["a", "spw 0", "not finite"]),
        (
            lambda _: None,
            {**CLEANED, "image": {"mask": "empty.mask", "cell": 0.3}},
            ["track a", "empty.mask marks no pixel"],
        ),
        (
            lambda _: None,
            {**CLEANED, "image": {"mask": "elsewhere.mask", "cell": 0.3}},
            ["track a", "elsewhere.mask marks no pixel", "on the sky"],
        ),
        (
            lambda _: None,
            {**CLEANED, "image": {"mask": "plain.mask"}},
            ["plain.mask has no directions"],
        ),
        (
            lambda _: None,
            {**CLEANED, "image": {"mask": "small.mask", "cell": 0.3}},
            ["small.mask has 64 x 64 pixels", "128 x 128", "image.imsize"],
        ),
        (
            lambda _: None,
            {**CLEANED, "image": {"mask": "empty.mask", "cell": 0.2}},
            ["empty.mask has 128 x 128 pixels of 0.3 arcsec", "of 0.2", "image.cell"],
        ),
        (
            lambda _: None,
            {**CLEANED, "image": {"niter": 1}},
            ["track a", "total flux density of 0 Jy", "image."],
        ),
        (
            lambda _: None,
            {"scale": {"flux_range": [90.0, 91.0]}},
            ["no good integration is left", "scale.flux_range"],
        ),
    ],
)
def test_what_turns_out_on_the_way_is_told_in_one_line(inputs, tmp_path, change, config, says):
    for name, size, value in (("empty", 128, 0), ("small", 64, 1), ("elsewhere", 128, 1)):
        write_mask(
            tmp_path / f"{name}.mask", np.full((size, size, 1, 1), value, float), "0.3arcsec"
        )
    write_mask(tmp_path / "plain.mask", np.ones((128, 128)), None)
    result = started(inputs, tmp_path, change, "light_curves", spws=[0], **config)
    assert result.returncode == 1
    (message,) = messages(result)
    assert all(part in message for part in says), message
    assert "Traceback" not in result.stdout + result.stderr


def some(values: np.ndarray, bad: complex) -> np.ndarray:
    """Put a bad value into a hundredth of the rows."""
    values[..., np.random.default_rng(1).random(values.shape[-1]) < 0.01] = bad
    return values


def doubled(ms: Path) -> None:
    """Every row twice."""
    with casa.session(), casa.table(ms, writable=True) as table:
        table.copyrows(str(ms))


# how IM1 is found: from the visibilities, or by CLEAN of data as they come or of averages
JOINT, AS_THEY_COME, AVERAGED = (
    {"model": {"method": "joint"}},
    {**CLEANED, "image": {"time_average": "none"}},
    {**CLEANED, "image": {"time_average": "auto"}},
)


def fitted(inputs: Path, folder: Path, change: Change, config: dict) -> dict[str, np.ndarray]:
    result = started(inputs, folder, change, FIT, spws=[0], **config)
    assert result.returncode == 0, result.stdout + result.stderr
    return columns(read_table(folder / FIT))


@pytest.fixture(scope="module")
def undisturbed(inputs, tmp_path_factory) -> dict[str, dict[str, np.ndarray]]:
    """Fits of the track as it is, by the method that IM1 is found by."""
    return {
        config["model"]["method"]: fitted(
            inputs, tmp_path_factory.mktemp("undisturbed"), lambda _: None, config
        )
        for config in (JOINT, AS_THEY_COME)
    }


@pytest.mark.parametrize(
    ("change", "config"),
    [
        (put("DATA", lambda v: some(v, np.nan)), JOINT),
        (put("DATA", lambda v: some(v, np.nan)), AVERAGED),
        (put("DATA", lambda v: some(v, np.inf)), AS_THEY_COME),
        (put("UVW", lambda v: some(v, np.nan)), JOINT),
        (put("UVW", lambda v: some(v, np.nan)), AVERAGED),
        (put("UVW", lambda v: some(v, np.nan)), AS_THEY_COME),
        (put("WEIGHT", lambda w: some(w, -1.0)), JOINT),
        (put("WEIGHT", lambda w: some(w, -1.0)), AS_THEY_COME),
        (put("WEIGHT", lambda w: some(w, np.nan)), AS_THEY_COME),
        (doubled, JOINT),
        (doubled, AVERAGED),
        (replaced_by(in_any_order), JOINT),
        (replaced_by(in_any_order), AVERAGED),
    ],
)
def test_bad_rows_do_no_harm_to_the_rest(inputs, undisturbed, tmp_path, change, config):
    """A hundredth of the rows less, or rows twice or in any order: the same within the errors.

    But for the scale of F_ext, which is that of another IM1; light curves do not have it.
    """
    fit, whole = fitted(inputs, tmp_path, change, config), undisturbed[config["model"]["method"]]
    scale = np.nanmedian(fit["I_extended"] / whole["I_extended"])
    assert abs(scale - 1) < 0.05
    fit["I_extended"] /= scale
    for name in ("I_extended", "I_compact", "Q"):
        assert np.isfinite(fit[name]).mean() > 0.9, name
        difference = (fit[name] - whole[name]) / whole[f"{name}_err"]
        assert np.sqrt(np.nanmean(difference**2)) < 0.5, name


TARGET = {
    "ms": "a.ms",
    "image": {"imsize": 128, "cell": 0.3, "niter": 50},
    "rounds": [{"solint": "inf"}],
}


def test_bad_rows_do_no_harm_to_a_target_either(inputs, tmp_path):
    shutil.copytree(inputs / "a.ms", tmp_path / "a.ms")
    put("DATA", lambda v: some(v, np.nan))(tmp_path / "a.ms")
    result = run(tmp_path, {"campaign": "tiny", "selfcal_targets": {"source": TARGET}}, "selfcal")
    assert result.returncode == 0, result.stdout + result.stderr
    assert any("samples that are not finite" in line for line in messages(result))
    rounds = read_table(products(tmp_path) / "selfcal" / "source" / "rounds.ecsv")
    assert np.all(np.asarray(rounds["dynamic_range"]) > 10)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (no_measurement_set, ["a.ms", "no readable measurement set"]),
        (truncated, ["a.ms", "the copy is incomplete, copy it again"]),
        (without_column("DATA"), ["a.ms has no column DATA", "data_column"]),
        (without_column("FIELD_ID"), ["a.ms has no column FIELD_ID", "copy it again"]),
        (without_subtable("FIELD"), ["a.ms/FIELD", "copy complete"]),
        (put("DATA", lambda v: np.nan * v), ["target source", "a.ms", "not finite"]),
    ],
)
def test_what_cannot_be_used_of_a_target_is_refused(inputs, tmp_path, change, says):
    shutil.copytree(inputs / "a.ms", tmp_path / "a.ms")
    change(tmp_path / "a.ms")
    result = run(tmp_path, {"campaign": "tiny", "selfcal_targets": {"source": TARGET}}, "selfcal")
    assert result.returncode == 1
    (message,) = messages(result)
    assert all(part in message for part in says), message
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.parametrize("one", ["integration", "scan"])
def test_very_short_tracks_make_their_products(inputs, tmp_path, one):
    with casa.session(), casa.table(inputs / "a.ms") as table:
        first = float(table.getcol("TIME").min())
    keep = f"TIME < {first + 0.1!r}" if one == "integration" else "SCAN_NUMBER == 1"
    result = started(inputs, tmp_path, rows_of(keep), "all", "calibrated")
    assert result.returncode == 0, result.stdout + result.stderr
    table = read_table(products(tmp_path) / "light_curves.ecsv")
    assert len(table) > 0
    assert np.all(np.asarray(table["I"]) > 0)


def test_an_integration_that_determines_nothing_is_missing(inputs, tmp_path):
    def but_one_baseline(ms: Path) -> None:
        with casa.session(), casa.table(ms) as table:
            first = float(table.getcol("TIME").min())
        flag(ms, f"TIME < {first + 0.1!r} && !(ANTENNA1 == 0 && ANTENNA2 == 1)")

    result = started(inputs, tmp_path, but_one_baseline, "light_curves")
    assert result.returncode == 0, result.stdout + result.stderr
    for spw in (0, 1):
        table = read_table(products(tmp_path) / "light_curves.ecsv")
        rows = table[table["spw"] == spw]
        assert np.isnan(rows["I_extended"][0])
        assert rows["flag"][0] == "no fit"
        assert np.isfinite(rows["I"][1:]).sum() > 5
