"""What is wrong with a configuration: for each key, its value and what is possible."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

from minispiral.config.campaign import FIRST_SOLVED, Campaign
from minispiral.config.campaign_keys import Configuration
from minispiral.config.checking import wrong_values
from minispiral.config.problem import Problem, of_track
from minispiral.config.shared_keys import NAME

# keys of image that make the pixel grid
GRID_KEYS = ("imsize", "cell", "pixels_per_fringe", "max_uv_wavelengths")
# keys of model that tracks of one sky have in common
SKY_KEYS = ("core", "turns", "primary_beam", "regularization")
# folders of the campaign that stand beside the tracks' folders
RESERVED_TRACK_NAMES = (
    "benchmarks",
    "im1",
    "logs",
    "reference",
    "science",
    "selfcal",
    "simulated",
    "sky",
)


def schema_problems(config: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with the configuration as written: keys, types, names, bounds."""
    for section, name_problems in (
        ("tracks", _track_name_problems),
        ("selfcal_targets", _target_name_problems),
    ):
        for name in config[section] if isinstance(config.get(section), dict) else ():
            yield from name_problems(name)
    if "tracks" not in config and not config.get("selfcal_targets"):
        yield Problem(
            "'tracks' is missing: a campaign needs tracks, see README.md, or selfcal_targets, see "
            "docs/selfcal.md"
        )
    yield from wrong_values(Configuration, config)


def _track_name_problems(track: str) -> Iterator[Problem]:
    place = (("tracks", track),)
    if not NAME.matches(track):
        yield Problem(f"track name {track!r} is ill-formed: use {NAME.words}", place)
    elif track in RESERVED_TRACK_NAMES:
        taken = f"track name {track!r} is taken by a folder of the workflow: choose another"
        yield Problem(taken, place)


def _target_name_problems(target: str) -> Iterator[Problem]:
    if not NAME.matches(target):
        text = f"selfcal_targets name {target!r} is ill-formed: use {NAME.words}"
        yield Problem(text, (("selfcal_targets", target),))


def campaign_problems(campaign: Campaign) -> Iterator[Problem]:
    """Yield what does not fit together in a configuration whose keys and values are possible."""
    yield from _channel_problems(campaign)
    yield from _sky_problems(campaign)
    yield from _absorption_problems(campaign)
    seen: dict[str, str] = {}
    for track in campaign.tracks:
        place = (("tracks", track, "ms"),)
        for ms in campaign.measurement_sets(track):
            path = os.path.realpath(ms)
            if seen.get(path) == track:
                yield Problem(f"tracks.{track}.ms has {ms} twice: leave one out", place)
            elif path in seen:
                yield Problem(
                    f"tracks {seen[path]!r} and {track!r} are both {ms}: each measurement set "
                    "belongs to one track",
                    place,
                )
            seen[path] = track
        yield from _grid_problems(campaign, track)
        low, high = campaign.settings("scale", track)["flux_range"]
        if low >= high:
            yield Problem(
                f"scale.flux_range of track {track!r} is [{low}, {high}]: give the lower limit "
                "first",
                of_track(track, "scale", "flux_range"),
            )


def _sky_problems(campaign: Campaign) -> Iterator[Problem]:
    joint = campaign.joint_tracks
    for key in SKY_KEYS:
        values = {track: campaign.settings("model", track)[key] for track in joint}
        if len(set(values.values())) > 1:
            one, other = joint[0], next(t for t in joint if values[t] != values[joint[0]])
            yield Problem(
                f"model.{key} is {values[one]} for track {one!r} and {values[other]} for track "
                f"{other!r}, but both share one sky: make them equal, or set model.scope: track",
                (("tracks", other, "model", key), ("tracks", one, "model", key), ("model", key)),
            )
    for track in campaign.tracks:
        always = campaign.settings("selfcal", track)["solve"] == "always"
        if always and campaign.is_kept_from_solving(track):
            turns = campaign.settings("model", track)["turns"]
            yield Problem(
                f"selfcal.solve of track {track!r} is always, but model.turns is {turns}, and "
                f"antennas are solved for from turn {FIRST_SOLVED} on: set model.turns to "
                f"{FIRST_SOLVED} or more, or selfcal.solve to never",
                of_track(track, "selfcal", "solve"),
            )
            break
    for track in campaign.tracks if campaign.iterations else ():
        selfcal = campaign.settings("selfcal", track)
        joint_method = campaign.is_joint(track)
        if joint_method and selfcal["rounds"] and selfcal["model"] == "extended":
            yield Problem(
                f"selfcal.model of track {track!r} is extended, which goes with model.method: "
                "clean: set it to full",
                of_track(track, "selfcal", "model"),
            )
            return


def _channel_problems(campaign: Campaign) -> Iterator[Problem]:
    spws = campaign.all_spws
    for track in campaign.tracks:
        flagged = campaign.settings("split", track)["flag_channels"]
        unknown = [spw for spw in flagged if int(spw) not in spws]
        if unknown:
            yield Problem(
                f"split.flag_channels has {unknown[0]}, which is no spw of any track: leave it out",
                of_track(track, "split", "flag_channels", unknown[0]),
            )
            return


def _absorption_problems(campaign: Campaign) -> Iterator[Problem]:
    spws = campaign.all_spws
    for track in campaign.tracks:
        corrected = campaign.corrected_spws(track)
        asked = campaign.settings("scale", track)["correct_spws"]
        place = of_track(track, "scale", "correct_spws")
        others = len(campaign.spws(track)) - len(corrected)
        unknown = [spw for spw in asked if spw not in spws]
        if unknown:
            yield Problem(
                f"scale.correct_spws has {unknown[0]}, which is no spw of any track: leave it out",
                place,
            )
            return
        if corrected and others < 2:
            yield Problem(
                f"scale.correct_spws is {asked}, which leaves {others} of the spws of track "
                f"{track!r} to compare with: leave two at least",
                place,
            )
            return


def _grid_problems(campaign: Campaign, track: str) -> Iterator[Problem]:
    if campaign.is_joint(track):
        return  # the sky has a grid of its own
    image = campaign.settings("image", track)
    for other in campaign.model_tracks(track):
        other_image = campaign.settings("image", other)
        for key in GRID_KEYS:
            if image[key] != other_image[key]:
                yield Problem(
                    f"image.{key} is {image[key]} for track {track!r} and {other_image[key]} for "
                    f"track {other!r}, but IM1 averages both: make them equal, or set model.scope: "
                    "track",
                    (*of_track(track, "image", key), ("tracks", other, "image", key)),
                )
                return
