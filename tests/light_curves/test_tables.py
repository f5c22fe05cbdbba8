"""The tables of the contract, and the files made from them."""

import pickle

import numpy as np
import pytest
from astropy.table import Table

from minispiral.errors import MinispiralError
from minispiral.fit.memo_file import write_fit_file
from minispiral.io.tables import columns, read_table, write_table
from minispiral.light_curves import tables as products
from minispiral.light_curves.hand_gains import Taken, without_taken
from minispiral.light_curves.scaling import (
    Limits,
)
from minispiral.measures.stated import Stated
from tests.helpers.fits import make_fit

STATED = {"20170406": Stated(0.1, 0.006)}
ANY = Limits((0.0, 100.0))


CONTRACT = [
    "track",
    "spw",
    "frequency",
    "mjd",
    "I",
    "I_err",
    "Q",
    "Q_err",
    "U",
    "U_err",
    "V",
    "V_err",
    "P",
    "P_err",
    "EVPA",
    "EVPA_err",
    "gain",
    "gain_err",
    "I_extended",
    "I_extended_err",
    "I_compact",
    "I_compact_err",
    "I_long_baselines",
    "n_vis",
    "scan",
    "good",
]


def as_table(fit: dict[str, np.ndarray]) -> Table:
    return Table(fit, meta={"frequency_hz": 213.1e9, "interval_s": 6.0})


@pytest.fixture
def curve() -> Table:
    fit = make_fit(120)
    fit["I_extended"][5] = np.nan
    return products.light_curve_table(as_table(fit), 1.1, ANY, "20170406", 2)


def test_light_curves_have_the_columns_and_units_of_the_contract(curve):
    assert curve.colnames[: len(CONTRACT)] == CONTRACT
    units = {name: str(curve[name].unit) for name in ("frequency", "mjd", "I", "EVPA", "V_err")}
    assert units == {"frequency": "Hz", "mjd": "d", "I": "Jy", "EVPA": "deg", "V_err": "Jy"}
    assert len(curve) == 120
    assert not curve["good"][5]
    assert curve["flag"][5] == "no fit"


def test_tables_lose_nothing(curve, tmp_path):
    write_table(tmp_path / "x.ecsv", curve)
    read = read_table(tmp_path / "x.ecsv")
    assert read.colnames == curve.colnames
    assert read.meta == curve.meta
    for name in curve.colnames:
        np.testing.assert_array_equal(columns(read)[name], columns(curve)[name], err_msg=name)


def test_the_ascii_light_curve_has_the_good_integrations(curve, tmp_path):
    products.write_ascii_light_curve(tmp_path / "x.dat", curve)
    header = (tmp_path / "x.dat").read_text().splitlines()[0]
    assert header.lstrip("# ").split() == (
        [
            "MJD",
            "I(Jy)",
            "Ierr(Jy)",
            "P(Jy)",
            "Perr(Jy)",
            "EVPA(deg)",
            "EVPAerr(deg)",
            "V(Jy)",
            "Verr(Jy)",
        ]
    )
    data = np.loadtxt(tmp_path / "x.dat")
    assert data.shape == (119, 9)
    good = curve[np.asarray(curve["good"])]
    np.testing.assert_allclose(data[:, 0], good["mjd"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(data[:, 5], good["EVPA"], rtol=1e-8)


def test_the_fit_file_is_the_memos(curve, tmp_path):
    fit = as_table(make_fit(120))
    write_fit_file(tmp_path / "x.fit", [fit, fit], [curve, curve])
    with open(tmp_path / "x.fit", "rb") as file:
        arrays, frequencies = pickle.load(file)
    assert frequencies.tolist() == [213.1e9, 213.1e9]
    assert len(arrays) == 2
    assert arrays[0].dtype.names == (
        "JDTime",
        "I Extended",
        "I Compact",
        "I LongBas",
        "Q",
        "U",
        "V",
        "Error Ext.",
        "Error Comp.",
        "Covariance",
        "Error Q",
        "Error U",
        "Error V",
        "GOODS",
        "Good",
    )
    np.testing.assert_array_equal(arrays[1]["I Compact"], fit["I_compact"])
    assert arrays[0]["GOODS"].sum() == 119
    assert arrays[0]["JDTime"][0] == 4998188200.0


def test_the_minispiral_table_has_a_row_for_each_spw_and_track(curve):
    table = products.minispiral_flux_table([curve])
    good = np.asarray(curve["good"])
    assert table["reference_flux"][0] == 1.1
    assert str(table["median"].unit) == "Jy"
    assert table["median"][0] == np.median(curve["I_extended"][good])
    assert (table["spw"][0], table["track"][0], table["n_good"][0]) == (2, "20170406", 119)


def test_what_is_stated_beside_the_errors_is_in_the_tables_meta(tmp_path, curve):
    stated = {"a": Stated(0.1, 0.006), "b": Stated(0.05, 0.01)}
    write_table(tmp_path / "curves.ecsv", products.collected([curve], stated))
    meta = read_table(tmp_path / "curves.ecsv").meta
    assert meta["systematic"] == {"absolute_scale": 0.1, "V_floor": 0.01}
    assert meta["systematic_by_track"]["b"] == {"absolute_scale": 0.05, "V_floor": 0.01}


def test_a_collected_table_tells_of_its_spws_only_what_they_share(curve):
    other = curve.copy()
    assert products.collected([curve, other], STATED).meta["interval_s"] == 6.0
    other.meta["interval_s"] = 4.0
    for order in ([curve, other], [other, curve]):
        assert "interval_s" not in products.collected(order, STATED).meta


def test_what_has_no_minispiral_is_told_in_the_tables():
    sound = products.light_curve_table(as_table(make_fit(120)), 1.1, ANY, "a", 2)
    weak = products.light_curve_table(as_table(make_fit(120, extended=0.015)), 0.015, ANY, "a", 3)
    table = products.collected([sound, weak], {"a": Stated(0.1, 0.006)})
    assert table.meta["doubtful"] == [["a", 3]]
    assert "minispiral" not in table.meta
    flux = products.minispiral_flux_table([sound, weak])
    assert flux["doubtful"].tolist() == [False, True]
    assert flux["share"][1] == pytest.approx(0.015 / 2.4, rel=0.05)
    assert flux["signal_to_noise"][1] == pytest.approx(0.015 / 0.004, rel=0.1)


RM, INDEX, LIGHT = -4e5, -0.2, 299792458.0


def spw_of_length(
    spw: int, frequency: float, interval: float, n: int, shift: float = 0.0
) -> tuple[Table, Table]:
    """Fit and light curve of a spw whose core obeys the laws, in `n` integrations of a length."""
    compact = 2.4 * (frequency / 220e9) ** INDEX
    fit = make_fit(n, compact=compact, seed=spw)
    angle = 2 * RM * (LIGHT / frequency) ** 2
    rng = np.random.default_rng(100 + spw)
    for name, value in (("Q", np.cos(angle)), ("U", np.sin(angle))):
        fit[name] = 0.07 * compact * value + 0.0015 * rng.standard_normal(n)
    fit["time"] = 4998188200.0 + shift + interval * (np.arange(n) + 0.5)
    table = Table(fit, meta={"frequency_hz": frequency, "interval_s": interval})
    curve = products.light_curve_table(table, 1.1, ANY, "20170406", spw)
    noise = dict.fromkeys(("I_compact", "Q", "U"), 1.0)
    curve.meta["gains"] = {"noise": noise, "spws": [spw], "description": "integration"}
    return table, curve


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_polarimetry_of_spws_of_other_integrations_is_at_the_longest(order):
    """Each value is the law's within its error, which the averages have made smaller."""
    frequencies, lengths = (213.1e9, 221.1e9, 229.1e9), (2.0, 4.0, 1.0)
    n = {4.0: 1000, 2.0: 2000, 1.0: 4000}
    spws = [spw_of_length(k, frequencies[k], lengths[k], n[lengths[k]]) for k in order]
    table = products.polarimetry_table(*zip(*spws, strict=True))
    longest = columns(spws[order.index(1)][1])["mjd"]
    np.testing.assert_allclose(table["mjd"], longest, rtol=0, atol=1e-10)
    assert table.meta["matched"] == {0: 1.0, 1: 1.0, 2: 1.0}
    for name, truth in (("rotation_measure", RM), ("spectral_index", INDEX)):
        pull = (np.asarray(table[name]) - truth) / np.asarray(table[f"{name}_err"])
        assert 0.93 < np.std(pull) < 1.07, name
        assert abs(np.mean(pull)) < 0.1, name
    same = [spw_of_length(k, frequencies[k], 4.0, 1000) for k in order]
    alone = products.polarimetry_table(*zip(*same, strict=True))
    error = np.median(table["rotation_measure_err"]) / np.median(alone["rotation_measure_err"])
    # the outer spws' variances are a half and a quarter
    assert error == pytest.approx(np.sqrt((1 / 2 + 1 / 4) / 2), rel=0.02)


def test_polarimetry_says_what_it_cannot_match():
    late = 500 * 4.0 + 2.0  # s; half an integration off, and half of them beyond the others
    spws = [spw_of_length(0, 213.1e9, 4.0, 1000), spw_of_length(1, 229.1e9, 4.0, 1000, late)]
    table = products.polarimetry_table(*zip(*spws, strict=True))
    assert len(table) == 500
    assert table.meta["matched"] == {
        0: pytest.approx(0.5, abs=2e-3),
        1: pytest.approx(0.5, abs=2e-3),
    }
    apart = [spws[0], spw_of_length(1, 229.1e9, 4.0, 1000, 5000.0)]
    nothing = products.polarimetry_table(*zip(*apart, strict=True))
    assert len(nothing) == 0
    assert nothing.meta["matched"] == {0: 0.0, 1: 0.0}


def test_polarimetry_makes_nothing_of_what_is_not_measured():
    """Of three spws one has lost Q: the other two make the rotation measure; of two, none is."""
    spws = [spw_of_length(k, 213.1e9 + 8e9 * k, 4.0, 1000) for k in range(3)]
    fits, curves = (list(column) for column in zip(*spws, strict=True))
    curves[1] = without_taken(curves[1], Taken(("Q",), "for a reason"))
    some = products.polarimetry_table(fits, curves)
    outer = products.polarimetry_table(fits[::2], curves[::2])
    for name in ("rotation_measure", "rotation_measure_err", "EVPA_intrinsic"):
        np.testing.assert_allclose(some[name], outer[name])
    assert some.meta["not_measured"] == [1]
    none = products.polarimetry_table(fits[:2], curves[:2])
    assert np.isnan(none["rotation_measure"]).all()
    assert np.isnan(none["EVPA_intrinsic"]).all()
    assert np.isnan(none["depolarisation"]).all()
    assert np.isfinite(none["spectral_index"]).all()


@pytest.mark.parametrize("own", [0, 1])
def test_absorption_is_measured_against_spws_of_other_integrations(own):
    """A spw 3 % below the power law through two others, whose integrations are twice as long."""
    lengths = [(2.0, 4.0, 4.0), (4.0, 2.0, 2.0)][own]
    curves = []
    for k, frequency in enumerate((221.1e9, 213.1e9, 229.1e9)):
        _, curve = spw_of_length(k, frequency, lengths[k], int(1600 / lengths[k]))
        if k == 0:
            curve["I"] *= 0.97
        curves.append(curve)
    elevation = np.linspace(40, 80, len(curves[0]))
    table = products.absorption_table(curves[0], curves[1:], elevation)
    assert np.mean(table["used"]) > 0.99
    assert np.median(table["model"]) == pytest.approx(0.97, abs=2e-3)


def test_absorption_against_spws_of_other_times_is_refused():
    own = spw_of_length(0, 221.1e9, 4.0, 100)[1]
    others = [spw_of_length(k, f, 4.0, 100, 1e4)[1] for k, f in ((1, 213.1e9), (2, 229.1e9))]
    with pytest.raises(MinispiralError, match="spw 0: at none .*scale.correct_spws"):
        products.absorption_table(own, others, np.linspace(40, 80, 100))
