"""The profiles: what they make of a run. That of SLURM is also run, by test_slurm.py."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tests.helpers.places import ROOT
from tests.helpers.runs import make, run

pytestmark = pytest.mark.slow

SPWS = (0, 1, 2)
EVERYTHING = {
    "iterations": 2,
    "selfcal": {"rounds": [{"calmode": "p", "combine": "spw"}]},
    "scale": {"reference": "track", "correct_spws": [2]},
    "image": {"mask": "incremental"},
    "model": {"scope": "track", "core_offset": "auto", "turns": 2},
}
# rules of which a whole campaign has few jobs, and short ones
LOCAL = {"all", "write_configuration", "locate_core", "compare_tracks", "average_campaign_models"}
LOCAL |= {"choose_campaign_sky_grid"}
#: rules whose jobs are worth a job of SLURM's each
LARGE = {"average_for_sky", "solve_antenna_gains", "write_extended_data", "write_gains"}
LARGE |= {"write_selfcal_gains", "write_report", "solve_campaign_sky"}
LARGE |= {"find_transients", "study_light_curves"}


def configuration(**changes) -> dict:
    """Two tracks of three spws, never made."""
    simulated = {"frequencies_ghz": [213.1, 215.1, 227.1]}
    tracks = {name: {"simulate": simulated} for name in ("a", "b")}
    return {"campaign": "tiny", "spws": list(SPWS), "tracks": tracks, **changes}


def groups(folder: Path, config: dict, *arguments: str) -> dict[str, list[Counter]]:
    """What jobs a dry run would submit: the rules of each, by group, or by rule where alone."""
    result = run(folder, config, "-n", "--workflow-profile", "slurm", *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    submitted: dict[str, list[Counter]] = {}
    for line in result.stdout.splitlines():
        if group := re.search(r"Group job (\S+) \(", line):
            submitted.setdefault(group[1], []).append(Counter())
            current = submitted[group[1]][-1]
        elif rule := re.match(r"(\s*)(?:local)?rule (\w+):", line):
            if rule[1]:
                current[rule[2]] += 1
            else:
                submitted.setdefault(rule[2], []).append(Counter([rule[2]]))
    return submitted


def test_small_jobs_share_one_of_slurms(tmp_path):
    jobs = groups(tmp_path, configuration())
    image = Counter(["split_spw", "clean_spw"])
    for track in ("a", "b"):
        for spw in SPWS:
            assert jobs[f"image_{track}_{spw}"] == [image]
        assert jobs[f"fit_{track}_0"] == [Counter(fit_visibilities=3)]
        (of_array,) = jobs[f"array_{track}_0"]
        assert of_array == Counter(["collect_antenna_gains", "measure_pointing"])
        (scale,) = jobs[f"scale_{track}"]
        assert scale["describe_gains"] == 1
        assert scale["scale_light_curves"] == 1
    assert jobs["sky_0_1"] == [Counter(sum_sky=2)]
    assert jobs["reference_0"] == [Counter(measure_campaign_reference=3)]
    assert len(jobs["campaign"]) == 1
    alone = {name for name in jobs if not re.search(r"_([ab]|\d)(_|$)|^(campaign|coverage)$", name)}
    assert alone <= LOCAL | LARGE


@pytest.mark.parametrize(
    "changes", [EVERYTHING, {"iterations": 2}], ids=["everything", "iterations"]
)
def test_no_group_waits_for_itself(tmp_path, changes):
    jobs = groups(tmp_path, configuration(**changes), "all", "calibrated")
    assert jobs["minispiral_a_0_2"] == [Counter(["write_minispiral_data", "clean_minispiral"])]
    assert len(jobs["scale_a"]) == 3  # one for each iteration


def test_tracks_of_other_spws_have_the_same_groups(tmp_path):
    config = configuration()
    config["tracks"]["b"]["spws"] = [0, 2]
    jobs = groups(tmp_path, config)
    (scale,) = jobs["scale_b"]
    assert scale["scale_light_curves_of_spws_0_2"] == 1
    assert scale["collect_track_light_curves_of_spws_0_2"] == 1
    alone = {name for name in jobs if not re.search(r"_([ab]|\d)(_|$)|^(campaign|coverage)$", name)}
    assert alone <= LOCAL | LARGE


def test_every_group_and_rule_of_the_profile_is_one_of_the_workflow():
    text = "".join(p.read_text() for p in (ROOT / "workflow" / "rules").glob("*.smk"))
    rules = set(re.findall(r"^ *(?:use rule \w+ as|rule) (\w+)(?::| with:)", text, re.MULTILINE))
    rules |= set(re.findall(r"alike\.rule\(\"(\w+)\"\)", text))
    profile = yaml.safe_load((ROOT / "profiles" / "slurm" / "config.yaml").read_text())
    assert set(profile["groups"]) <= rules
    assert set(profile["group-components"]) <= set(profile["groups"].values())


def test_the_profile_of_a_workstation_runs_jobs(tmp_path):
    make(tmp_path, configuration(), "--workflow-profile", "workstation", "results/tiny/config.yaml")
    assert (tmp_path / "results" / "tiny" / "config.yaml").exists()
