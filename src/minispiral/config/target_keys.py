"""The keys of a target of self-calibration (``selfcal_targets``)."""

from dataclasses import dataclass
from typing import Literal

from minispiral.config.key import changed, key, needed, section
from minispiral.config.shared_keys import NAME, Clean, Round


@dataclass(init=False, repr=False, eq=False)
class TargetImage(Clean):
    """How CLEAN makes the images of a target."""

    pixels_per_fringe: float = changed(Clean, "pixels_per_fringe", 8)
    niter: int = changed(Clean, "niter", 2000)
    gain: float = changed(Clean, "gain", 0.05)
    mask: str = changed(
        Clean,
        "mask",
        "auto",
        explanation="auto: tclean makes the mask; or the path of a mask image or of a CRTF region "
        "file, which is better for a source of known place",
        refused="incremental",
    )
    nsigma: float = key(3.0, "CLEAN ends where the residual is this many times its rms", least=0)


@dataclass(init=False, repr=False, eq=False)
class Gate:
    """Limits that a round has to keep, or it is not used; each compares with the best round."""

    snr: float = key(1.0, "factor by which peak / rms has to rise, at least", least=0)
    rms: float = key(1.05, "factor by which the rms may grow, at most", above=0)
    beam: float = key(1.1, "factor by which the area of the beam may grow, at most", above=0)
    flagged: float = key(
        0.05, "share of the data that the round may flag, at most", least=0, most=1
    )


@dataclass(init=False, repr=False, eq=False)
class ExpectedErrors:
    """Errors of antennas that the first image is expected to have, for its dynamic range."""

    phase_deg: float = key(20.0, "rms of the phases", unit="deg", least=0)
    amplitude: float = key(0.1, "relative rms of the amplitudes", least=0)


@dataclass(init=False, repr=False, eq=False)
class Line:
    """Line data that get the solutions of a target: the same field, antennas and scans."""

    ms: str = needed("path of the measurement set; it is only read")
    data_column: Literal["data", "corrected"] = key("data", "column that holds the data")


@dataclass(init=False, repr=False, eq=False)
class Target:
    """A measurement set that is self-calibrated on images of itself."""

    ms: str = needed("path of the measurement set; it is only read")
    field: None | str = key(None, "exact name of the field; null: the only one that there is")
    spws: None | list[int] = key(
        None, "spectral windows; null: all of the field", least=0, items=1, unique=True
    )
    data_column: Literal["data", "corrected"] = key("data", "column that holds the data")
    image: TargetImage = section(TargetImage)
    start: Literal["image", "point"] = key(
        "image",
        "what the first round is solved against; image: the model of the first image; point: a "
        "point at the phase centre, for a calibrator whose raw data make no image",
    )
    keep_start: bool = key(
        False,
        "true: all rounds are solved against start; with start: point, this suits a calibrator "
        "that is known to be a point, as later images still contain the errors that are sought",
    )
    rounds: list[Round] = key(
        [
            {"calmode": "p", "solint": "inf", "combine": "spw,scan"},
            {"calmode": "p", "solint": "inf", "combine": "spw"},
        ],
        "rounds of self-calibration, in their order",
    )
    gate: Gate = section(Gate)
    max_smearing: float = key(
        0.01,
        "greatest loss of amplitude by averaging, as a share, at half the primary beam or at the "
        "edge of the image, for the table of possible averages",
        above=0,
        most=0.5,
    )
    expected_errors: ExpectedErrors = section(ExpectedErrors)
    stop_after: None | int = key(
        None, "last round that is done; 0: the first image alone; null: all rounds", least=0
    )
    lines: dict[str, Line] = key({}, "line data that get the solutions, by name", names=NAME)
