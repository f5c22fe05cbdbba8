"""Whether the tracks of a campaign, as inspected, suit each other and the configuration.

Everything here follows from the configuration and from what was found in the measurement sets;
nothing is read. `observations` are those of the tracks that could be inspected, by name.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations

from minispiral.checks.findings import Finding, collected, error, errors_of, note, ok
from minispiral.checks.images import check_dishes, check_image
from minispiral.checks.survey import Observation
from minispiral.config.campaign import Campaign
from minispiral.errors import MinispiralError
from minispiral.imaging.clean import choose_cell
from minispiral.imaging.models import check_phase_centres, check_shared_centre
from minispiral.io.wording import listed_tracks, names_by_remark
from minispiral.measures.units import separation
from minispiral.ms.antennas import check_dishes_of_tracks, common_dish
from minispiral.ms.comparison import check_channels, compare, weight_remarks
from minispiral.ms.inspection import Inspection
from minispiral.selfcal.data_state import check_reference
from minispiral.sgr_a import LINE_GHZ, NEAR_ARCSEC, channels_in_line, position_deg
from minispiral.visibilities.stokes import stokes_pairs

Observations = Mapping[str, Observation]
PLAUSIBLE_JY = (0.1, 50.0)  # of Stokes I
MANY_FLAGGED = 0.5  # share of a spw's rows without Stokes I that is worth a note


def check_tracks(campaign: Campaign, observations: Observations) -> list[Finding]:
    """Return all findings about the tracks, those about the campaign as a whole first."""
    return [
        *_check_frequencies(observations),
        *_check_times(observations),
        *_check_channels(campaign, observations),
        *_check_models(campaign, observations),
        *_alike({name: _check_track(campaign, name, o) for name, o in observations.items()}),
    ]


def _check_track(campaign: Campaign, track: str, observation: Observation) -> Iterator[Finding]:
    yield from check_image(campaign.settings("image", track), observation)
    yield from _check_dishes(campaign, track, observation)
    yield from _check_data(observation)
    yield from _check_long_baselines(campaign.settings("fit", track), observation)
    yield from _check_values(campaign, track, observation)
    yield from _check_polarimetry(observation)
    yield from _check_line(campaign, track, observation)
    yield from _check_references(campaign, track, observation)


def _alike(of_tracks: Mapping[str, Iterator[Finding]]) -> Iterator[Finding]:
    """Say what is the same of several tracks once, with their names."""
    named = ((track, finding) for track, findings in of_tracks.items() for finding in findings)
    for finding, names in names_by_remark(named).items():
        yield Finding(finding.level, f"{listed_tracks(names)}: {finding.text}", finding.key)


def _check_frequencies(observations: Observations) -> list[Finding]:
    findings: list[Finding] = []
    with collected(findings, key="spws"):
        compare({track: observation.inspection for track, observation in observations.items()})
        if len(observations) > 1:
            findings.append(ok(f"spws: the {len(observations)} tracks agree in their frequencies"))
    return findings


def _check_times(observations: Observations) -> Iterator[Finding]:
    """Note tracks that overlap: perhaps two versions of one observation."""
    for one, other in combinations(observations, 2):
        a, b = observations[one].inspection, observations[other].inspection
        if a.first_time_s <= b.last_time_s and b.first_time_s <= a.last_time_s:
            yield note(
                f"tracks {one} and {other} overlap in time: if they are versions of one "
                "observation, leave one of them out",
                "tracks",
            )


def _check_channels(campaign: Campaign, observations: Observations) -> list[Finding]:
    findings: list[Finding] = []
    flagged = {track: campaign.settings("split", track)["flag_channels"] for track in observations}
    if any(flagged.values()):
        with collected(findings, key="split.flag_channels"):
            inspections = {
                name: observation.inspection for name, observation in observations.items()
            }
            check_channels(inspections, flagged)
            findings.append(ok("split.flag_channels: all of them are there, and others remain"))
    return findings


def _check_models(campaign: Campaign, observations: Observations) -> Iterator[Finding]:
    """Check that the models of the tracks that IM1 averages can be averaged."""
    for members in dict.fromkeys(tuple(campaign.model_tracks(name)) for name in observations):
        inspections = {n: observations[n].inspection for n in members if n in observations}
        if len(inspections) < 2:
            continue
        findings: list[Finding] = []
        cells = {n: choose_cell(campaign.settings("image", n), i) for n, i in inspections.items()}
        finest = min(cells, key=cells.__getitem__)
        with collected(findings, key="model.scope"):
            check_shared_centre({n: i.direction_deg for n, i in inspections.items()}, cells)
        with collected(findings, key="model.scope"):
            check_dishes_of_tracks(dish for i in inspections.values() for dish in i.dishes_m[:1])
        yield from findings or [
            ok("model.scope: the tracks that IM1 averages share a phase centre")
        ]
        averaged = campaign.settings("model", finest)["method"] == "clean"
        if averaged and len(set(cells.values())) > 1:
            listed = ", ".join(f"{name} {cell:g}" for name, cell in cells.items())
            yield note(
                f"cells (arcsec) of the tracks that IM1 averages differ ({listed}): IM1 has the "
                "finest cell; to give all tracks the same cell, set image.cell",
                "image.cell",
            )


def _check_dishes(campaign: Campaign, track: str, observation: Observation) -> Iterator[Finding]:
    """Find dishes that have no primary beam in common."""
    if campaign.settings("model", track)["method"] == "clean":
        yield from check_dishes(observation)
        return
    try:
        common_dish(observation.ms, observation.inspection.dishes_m)
    except MinispiralError as problem:
        yield from errors_of(problem, key="model.method")


def tracks_apart(campaign: Campaign, inspections: Mapping[str, Inspection]) -> list[str]:
    """Tracks that cannot share IM1 with most of the others, as their phase centres differ."""
    cells = (choose_cell(campaign.settings("image", n), i) for n, i in inspections.items())
    finest = min(cells, default=0.0)

    def share_centre(one: Inspection, other: Inspection) -> bool:
        try:
            check_phase_centres(one.direction_deg, other.direction_deg, finest)
        except MinispiralError:
            return False
        return True

    alike = [
        [name for name, other in inspections.items() if share_centre(one, other)]
        for one in inspections.values()
    ]
    most = max(alike, key=len, default=[])
    return [name for name in inspections if name not in most]


def _check_data(observation: Observation) -> Iterator[Finding]:
    inspection = observation.inspection
    away = separation(inspection.direction_deg, position_deg())
    if away > NEAR_ARCSEC:
        yield note(
            f"the phase centre of field {inspection.field_name!r} is {away:.4g} arcsec from Sgr "
            "A*: check that it is the field to use",
            "field",
        )
    for remark in weight_remarks(inspection):
        yield note(remark, "spws")
    for window in inspection.spws:
        lost = 1 - window.usable_rows / window.rows
        if lost > MANY_FLAGGED:
            yield note(
                f"spw {window.spw}: {100 * lost:.0f} % of the rows are flagged: leave the spw out "
                "if it is no good",
                "spws",
            )


def _check_long_baselines(fit: Mapping[str, float], observation: Observation) -> Iterator[Finding]:
    shortest = fit["min_baseline_m"]
    longest = max(window.longest_baseline_m for window in observation.inspection.spws)
    if shortest >= longest:
        yield note(
            f"fit.min_baseline_m is {shortest:g}, but the longest baseline {longest:.1f} m: the "
            "long-baseline estimate will be missing: lower fit.min_baseline_m",
            "fit.min_baseline_m",
        )


def _check_values(campaign: Campaign, track: str, observation: Observation) -> Iterator[Finding]:
    """Note values that can hardly be meant."""
    low, high = campaign.settings("scale", track)["flux_range"]
    if low > PLAUSIBLE_JY[1] or high < PLAUSIBLE_JY[0]:
        yield note(
            f"scale.flux_range is [{low:g}, {high:g}]: these limits are in Jy, and Sgr A* is never "
            "between them",
            "scale.flux_range",
        )
    offset = campaign.settings("model", track)["core_offset"]
    image = campaign.settings("image", track)
    half = image["imsize"] / 2 * choose_cell(image, observation.inspection)
    if offset != "auto" and max(map(abs, offset)) >= half:
        yield error(
            f"model.core_offset is {offset}, outside of the image, which reaches to {half:.3g} "
            "arcsec: correct it, or set it to auto",
            "model.core_offset",
        )


def _check_polarimetry(observation: Observation) -> Iterator[Finding]:
    windows = observation.inspection.spws
    for window in windows:
        pairs = stokes_pairs(window.correlations)
        measured = {name for pair in pairs for name in (pair.sum, pair.difference)}
        missing = sorted({"Q", "U", "V"} - measured)
        if missing:
            yield note(
                f"spw {window.spw}: with {' '.join(window.correlations)} alone, Stokes "
                f"{' and '.join(missing)}, P and EVPA will be missing values",
                "spws",
            )
    if len(windows) == 1:
        yield note(
            f"spw {windows[0].spw} alone: no rotation measure, no spectral index, no correction of "
            "absorption: add other spws, if there are any",
            "spws",
        )


def _check_line(campaign: Campaign, track: str, observation: Observation) -> Iterator[Finding]:
    """Note a spw with the absorption line, where nothing is done about it."""
    flagged = campaign.settings("split", track)["flag_channels"]
    for spw, channels_hz in observation.channels_hz.items():
        channels = channels_in_line(channels_hz, observation.channel_width_hz[spw])
        if channels is None or spw in campaign.corrected_spws(track) or str(spw) in flagged:
            continue
        where = f"spw {spw}: the absorption line at {LINE_GHZ} GHz falls into"
        # the correction needs two others, which predict the flux, see Campaign
        enough = len(observation.channels_hz) - len(campaign.corrected_spws(track)) > 2
        correct = f"correct the core's light curve by scale.correct_spws: [{spw}]"
        if len(channels_hz) == 1:
            remedy = correct if enough else "there are too few other spws for a correction"
            yield note(f"{where} its one channel: {remedy}", "scale.correct_spws")
        else:
            leave = f'leave them out by split.flag_channels: {{{spw}: "{channels}"}}'
            remedy = f"{leave}, or {correct}" if enough else leave
            yield note(f"{where} channels {channels}: {remedy}", "split.flag_channels")


def _check_references(campaign: Campaign, track: str, observation: Observation) -> list[Finding]:
    findings: list[Finding] = []
    for iteration in range(1, campaign.iterations + 1):
        refant = (campaign.selfcal_round(track, iteration) or {}).get("refant")
        if refant is not None:
            with collected(findings, key="selfcal.rounds"):
                check_reference(observation.ms, observation.antenna_names, refant)
                findings.append(ok(f"the reference antenna {refant} is there"))
    return findings
