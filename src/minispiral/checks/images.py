"""Whether images are fine and wide enough for their data."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

from minispiral.checks.findings import Finding, errors_of, note, ok
from minispiral.checks.survey import Observation
from minispiral.config.campaign import mask_path
from minispiral.errors import MinispiralError
from minispiral.imaging.clean import check_mask, choose_cell
from minispiral.imaging.field_of_view import (
    COVERED_RESPONSE,
    check_on_the_sky,
    finest_fringe,
    good_size,
    width_to_cover,
)
from minispiral.ms.antennas import dish_remarks
from minispiral.visibilities.primary_beam import primary_beam_width

PIXELS_WANTED = 3  # across the CLEAN beam; below 2 fringes are lost
TOO_WIDE = 3.0  # times the width that is needed; such an image only takes longer


def check_cell(settings: Mapping[str, Any], observation: Observation) -> Iterator[Finding]:
    """Compare the cell with the finest fringe of the data, and the image with the sky."""
    cell = choose_cell(settings, observation.inspection)
    try:
        check_on_the_sky(int(settings["imsize"]), cell)
    except MinispiralError as problem:
        yield from errors_of(problem, key="image.cell")
        return
    longest = observation.inspection.longest_baseline_wavelengths
    fringe = finest_fringe(longest)
    if cell * PIXELS_WANTED > fringe:
        yield note(
            f"the cell of {cell:g} arcsec is {fringe / cell:.1f} to the finest fringe of the data, "
            f"{fringe:.3g} arcsec, and {PIXELS_WANTED} are the least: set image.cell to at most "
            f"{fringe / PIXELS_WANTED:.2g}, or to auto",
            "image.cell",
        )
    given = settings["max_uv_wavelengths"]
    if settings["cell"] == "auto" and given != "auto" and given < longest:
        yield note(
            f"image.max_uv_wavelengths is {given:g}, but the data have baselines of {longest:.0f}: "
            "the cell follows the former; set it to auto to have it follow the data",
            "image.max_uv_wavelengths",
        )


def check_given_mask(settings: Mapping[str, Any], observation: Observation) -> Iterator[Finding]:
    """Look at the mask that is given, if any is."""
    mask = mask_path(settings)
    if mask is None or not os.path.exists(mask):  # which is said already
        return
    try:
        check_mask(mask, int(settings["imsize"]), choose_cell(settings, observation.inspection))
    except MinispiralError as problem:
        yield from errors_of(problem, key="image.mask")


def check_dishes(observation: Observation) -> Iterator[Finding]:
    """Note dishes without one primary beam, where CLEAN makes images as if they had one."""
    yield from map(note, dish_remarks(observation.inspection.dishes_m))


def check_image(settings: Mapping[str, Any], observation: Observation) -> Iterator[Finding]:
    """Compare cell and width of the image with fringe and primary beam, and a mask with both."""
    yield from check_given_mask(settings, observation)
    coarse = list(check_cell(settings, observation))
    yield from coarse
    if observation.dish_m is None or any(finding.key == "image.cell" for finding in coarse):
        return  # with another cell, the width is another too
    cell = choose_cell(settings, observation.inspection)
    width = settings["imsize"] * cell
    frequency = min(window.frequency_hz for window in observation.inspection.spws)
    needed = width_to_cover(frequency, observation.dish_m)
    beam = primary_beam_width(frequency, observation.dish_m)
    dimensions = (
        f"the image of {settings['imsize']} pixels of {cell:g} arcsec is {width:.3g} arcsec wide; "
        f"the primary beam, {beam:.3g} arcsec at half power, is {needed:.3g} wide "
        f"where its response is {COVERED_RESPONSE:g}"
    )
    if width < needed:
        yield note(
            f"{dimensions}: flux outside of the image is aliased into it: set image.imsize to at "
            f"least {good_size(needed / cell)}",
            "image.imsize",
        )
    elif width > TOO_WIDE * needed:
        yield note(
            f"{dimensions}: CLEAN would be faster with image.imsize {good_size(needed / cell)}",
            "image.imsize",
        )
    else:
        yield ok(dimensions)
