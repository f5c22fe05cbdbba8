"""Targets of one parallel hand, from inspection to products, and line data that go with them."""

from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.config.defaults import target_defaults
from minispiral.errors import MinispiralError
from minispiral.imaging.clean import ImageSettings
from minispiral.ms.inspection import inspect, inspect_target
from minispiral.ms.split import split_field
from minispiral.selfcal.products import write_calibrated_lines, write_calibrated_target
from minispiral.selfcal.rounds import Gate
from minispiral.selfcal.solver import Round
from minispiral.selfcal.target import RoundJob, first_image, run_round
from minispiral.simulation.track import simulate_track

pytestmark = pytest.mark.slow

ANTENNAS, NOISE, FLUX = 10, 1e-3, 2.0
TRACK = {
    "antennas": ANTENNAS,
    "scans": 1,
    "scan_minutes": 0.3,
    "frequencies_ghz": [213.1, 227.1],
    "correlations": "XX YY",
    "broken_integrations": 0,
}
IMAGE = ImageSettings({**target_defaults()["image"], "imsize": 64, "niter": 20}, cell=0.3)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A point of 2 Jy through gains of each antenna and hand: both.ms, XX.ms and YY.ms."""
    folder = tmp_path_factory.mktemp("made")
    both = folder / "both.ms"
    simulate_track(both, folder / "truth.csv", TRACK)
    rng = np.random.default_rng(4)
    gain = np.exp(1j * rng.normal(0, 0.6, (2, ANTENNAS)))
    with casa.session():
        with casa.table(both, writable=True) as table:
            first, second = (table.getcol(name) for name in ("ANTENNA1", "ANTENNA2"))
            shape = (2, 1, len(first))
            noise = NOISE * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
            sky = FLUX * gain[:, first] * np.conj(gain[:, second])
            table.putcol("DATA", sky[:, None] + noise)
            table.putcol("WEIGHT", np.full((2, len(first)), NOISE**-2))
            table.putcol("SIGMA", np.full((2, len(first)), NOISE))
        for hand in ("XX", "YY"):
            casa.tasks().split(
                vis=str(both),
                outputvis=str(folder / f"{hand}.ms"),
                datacolumn="data",
                correlation=hand,
            )
    return folder


class Target:
    """A target of one round, done."""

    def __init__(self, ms: Path, folder: Path) -> None:
        self.inspection = inspect_target(ms, None, None, "data")
        self.data = folder / "data.ms"
        split_field(ms, self.data, self.inspection, "data")
        self.rounds = [folder / "round0", folder / "round1"]
        self.first = first_image(self.data, self.rounds[0], IMAGE, ["dishes of 7 to 12 m"])
        with casa.table(ms / "ANTENNA") as table:
            refant = str(table.getcell("NAME", 0))
        recipe = Round("p", "inf", "spw,scan", 3.0, refant)
        job = RoundJob(self.data, self.rounds[:1], self.rounds[1], recipe, IMAGE, "point")
        self.record = run_round(job, Gate(**target_defaults()["gate"]))

    def lines(self, ms: Path, output: Path) -> np.ndarray:
        of_lines = inspect_target(ms, None, None, "data")
        write_calibrated_lines(ms, output, of_lines, "data", self.inspection, self.rounds)
        return unflagged(output)


def unflagged(ms: Path) -> np.ndarray:
    with casa.table(ms) as table:
        assert not table.getcol("FLAG").any()
        return table.getcol("DATA")[:, 0]


@pytest.fixture(scope="module", params=["YY", "both"])
def target(request, made, tmp_path_factory) -> Target:
    with casa.session():
        return Target(made / f"{request.param}.ms", tmp_path_factory.mktemp(request.param))


def test_one_hand_is_imaged_and_solved_for_as_stokes_i(target):
    hands = len(target.inspection.hands)
    assert ("alone is taken as Stokes I" in target.first.reason) == (hands == 1)
    assert "dishes of 7 to 12 m" in target.first.reason
    assert target.record.accepted
    assert target.record.peak == pytest.approx(FLUX, rel=1e-3)
    assert target.record.solutions == ANTENNAS * hands
    assert target.record.solutions_failed == 0
    assert target.record.phase_size > 10
    # two spws of 45 baselines, of which a hand has the noise in each integration
    samples = hands * sum(window.usable_rows for window in target.inspection.spws)
    assert target.record.expected_rms == pytest.approx(NOISE / np.sqrt(samples), rel=1e-6)


def test_calibrated_data_and_lines_of_any_hands_are_the_source(target, made, tmp_path):
    """Whatever hands the lines have, those that were solved for get the gains of their own."""
    with casa.session():
        write_calibrated_target(target.data, tmp_path / "calibrated.ms", target.rounds)
        data = unflagged(tmp_path / "calibrated.ms")
    assert np.abs(data - FLUX).max() < 10 * NOISE
    for name, hands in (("both", ("XX", "YY")), ("XX", ("XX",)), ("YY", ("YY",))):
        output, shared = tmp_path / f"{name}.lines.ms", set(hands) & {*target.inspection.hands}
        with casa.session():
            if shared:
                lines = target.lines(made / f"{name}.ms", output)
                assert len(lines) == len(shared)
                assert np.abs(lines - FLUX).max() < 10 * NOISE
            else:
                with pytest.raises(MinispiralError, match="name line data that have these"):
                    target.lines(made / f"{name}.ms", output)


def test_a_track_of_one_hand_is_refused(made):
    with casa.session(), pytest.raises(MinispiralError, match=r"spw 0: correlations XX give no"):
        inspect(made / "XX.ms", "Sgr A*", [0, 1], "data")
