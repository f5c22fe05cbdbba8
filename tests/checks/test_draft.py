"""What `minispiral init` writes: what was found, in the text that explains all defaults."""

import re
from pathlib import Path

import pytest
import yaml

from minispiral import config as configuration
from minispiral.checks.draft import MARK, draft, name_tracks
from minispiral.checks.survey import LeftOut, choose_column, with_parallel_hands
from minispiral.config.yaml_text import flow
from minispiral.errors import MinispiralError
from minispiral.ms.windows import Window
from tests.helpers.observations import FREQUENCIES, survey
from tests.helpers.places import ROOT


def stages(text: str) -> str:
    return text[text.index("\nsplit:") :]


def load(tmp_path: Path, text: str) -> configuration.Campaign:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return configuration.load([path], {})


def test_the_project_s_configuration_and_the_defaults_explain_keys_in_the_same_words():
    shown, defaults = (ROOT / "config.yaml").read_text(), configuration.explained_defaults()
    assert stages(shown) == stages(defaults)
    for key in ("results", "field", "spws"):
        entry = re.search(rf"(?m)^{key}: .*\n( +#.*\n)*", defaults)[0]
        assert f"\n{entry}" in shown


def test_what_is_written_has_the_defaults_apart_from_what_was_found(tmp_path):
    written = draft([survey(), survey(day=1, ms="b.ms")])
    campaign = load(tmp_path, written.text)
    assert campaign.resolved == {
        **configuration.defaults(),
        "tracks": {"20170406": {"ms": "data/a.ms"}, "20170407": {"ms": "b.ms"}},
    }
    unmarked = [line for line in written.text.splitlines() if not line.lstrip().startswith(MARK)]
    assert stages("\n".join(unmarked) + "\n") == stages(configuration.explained_defaults())


def test_every_line_is_one_that_fits_a_screen():
    text = draft(
        [survey(day=k, ms=f"{k}.ms") for k in range(12)], [LeftOut("x.ms", "no " * 99)]
    ).text
    assert max(map(len, text.splitlines())) <= 120


def test_tracks_are_named_by_date_in_the_order_of_time():
    sets = [survey(day=1, ms="c"), survey(day=0.2, ms="b"), survey(day=0, ms="a")]
    named = name_tracks(sets)
    assert {name: s.observation.ms for name, s in named.items()} == {
        "20170406a": "a",
        "20170406b": "b",
        "20170407": "c",
    }
    assert list(named) == sorted(named)
    many = list(name_tracks([survey(ms=f"{k:02}") for k in range(60)]))
    assert many == sorted(set(many))
    assert len(many) == 60


def test_what_one_track_has_of_its_own_is_written_for_it_alone(tmp_path):
    other = survey(
        day=1, ms="b.ms", column="corrected", field_name="sgra", frequencies=FREQUENCIES[:2]
    )
    campaign = load(tmp_path, draft([survey(), other, survey(day=2, ms="c.ms")], campaign="x").text)
    assert campaign.name == "x"
    assert campaign.resolved["field"] == "Sgr A*"
    assert campaign.resolved["spws"] == [0, 1, 2, 3]
    assert campaign.resolved["tracks"]["20170407"] == {
        "ms": "b.ms",
        "field": "sgra",
        "spws": [0, 1],
        "split": {"data_column": "corrected"},
    }
    assert campaign.resolved["split"]["data_column"] == "data"


def test_what_was_found_stands_in_the_comments():
    text = draft([survey(channels=128)]).text
    for part in (
        "2017-04-06 09:36:00 to 09:59:54 UTC, 240 integrations of 6 s, 24 antennas",
        "longest baseline 150.0 m",
        "spw 2: 227.100 GHz, 128 channels, XX XY YX YY, 1000 rows, 1.0 % flagged",
        "#> track 20170406: 0.09",
    ):
        assert part in re.sub(r"\n *#>   ", " ", text), part


def test_notes_are_said_and_stand_where_they_belong():
    written = draft(
        [survey(channels=128, remarks=("two columns",))], [LeftOut("bad.ms", "it does not exist")]
    )
    assert "bad.ms is left out: it does not exist" in written.notes
    assert "track 20170406: two columns" in written.notes
    (line,) = [note for note in written.notes if "absorption line" in note]
    assert re.search(r'split.flag_channels: \{2: "\d+~\d+"\}', line)
    split = stages(written.text).split("\nimage:")[0]
    assert MARK + "track 20170406: spw 2: the absorption line" in split
    tracks = written.text.split("\ntracks:")[1].split("\nsplit:")[0]
    assert MARK + "two columns" in tracks
    assert MARK + "left out: bad.ms" in tracks


def test_spws_that_mean_other_frequencies_are_noted():
    notes = draft([survey(), survey(day=1, ms="b.ms", frequencies=FREQUENCIES[::-1])]).notes
    assert sum("a campaign's spws must agree" in note for note in notes) == 4


@pytest.mark.parametrize(
    "ms",
    ["data/a b.ms", "2017.ms", "20170406", "tr\u00e4ck.ms", "a#b.ms", "it's.ms", "null", "~/a.ms"],
)
def test_any_path_is_written_as_it_was_given(tmp_path, ms):
    campaign = load(tmp_path, draft([survey(ms=ms)]).text)
    assert campaign.resolved["tracks"]["20170406"]["ms"] == ms


@pytest.mark.parametrize("value", ["Sgr A*", "true", "1e5", "", [0, 1], {"2": "0~3"}, 0.5])
def test_values_are_written_as_yaml(value):
    assert yaml.safe_load(f"key: {flow(value)}") == {"key": value}


def test_a_name_that_is_none_is_refused():
    with pytest.raises(MinispiralError, match="campaign is"):
        draft([survey()], campaign="a/b")


@pytest.mark.parametrize(
    ("amplitudes", "column", "remarks"),
    [
        ({"DATA": 2.4}, "data", 0),
        ({"CORRECTED_DATA": 2.4}, "corrected", 0),
        ({"DATA": 2.4, "CORRECTED_DATA": 2.5}, "data", 1),
        ({"DATA": 2e-3, "CORRECTED_DATA": 2.5}, "corrected", 1),
        ({"DATA": 2e-3}, "data", 1),
        ({"DATA": float("nan"), "CORRECTED_DATA": 2.0}, "corrected", 1),
    ],
)
def test_the_column_of_the_calibrated_data_is_chosen_by_its_amplitude(amplitudes, column, remarks):
    chosen, texts = choose_column(amplitudes)
    assert chosen == column
    assert len(texts) == remarks


def test_data_without_visibilities_are_refused():
    with pytest.raises(MinispiralError, match="DATA and CORRECTED_DATA"):
        choose_column({})


def test_spws_without_both_parallel_hands_are_left_out():
    def window(*correlations: str) -> Window:
        return Window([0], 2e11, 1, correlations, (2e11,), 2e9)

    windows = {0: window("XX", "YY"), 1: window("XX"), 2: window("RR", "RL", "LR", "LL")}
    good, remarks = with_parallel_hands(windows)
    assert good == [0, 2]
    assert len(remarks) == 1
    assert remarks[0].startswith("spw 1 left out")
