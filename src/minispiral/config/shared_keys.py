"""Keys that tracks and targets of self-calibration have in common: names, rounds, CLEAN."""

from dataclasses import dataclass
from typing import Literal

from minispiral.config.key import Pattern, key

NAME = Pattern(
    r"^[A-Za-z0-9][A-Za-z0-9_-]*$(?!" + "\n)",
    "letters, digits, '_' and '-', starting with a letter or digit",
)
SOLINT = Pattern(
    r"^(int|inf|(?!0+([.]0+)?(s|min))[0-9]+([.][0-9]+)?(s|min))$(?!" + "\n)",
    "int, inf, or a time such as 100s or 2min",
)


@dataclass(init=False, repr=False, eq=False)
class Round:
    """A round of self-calibration."""

    calmode: Literal["p", "ap"] = key("p", "p: phases; ap: amplitudes and phases")
    solint: str = key(
        "int",
        "interval of a solution; int: an integration; inf: a scan; a time, such as 100s or 2min: a "
        "scan is divided into equal intervals of about that length",
        pattern=SOLINT,
    )
    combine: Literal["", "spw", "scan", "spw,scan", "scan,spw"] = key(
        "", "what has one solution together: all spws, all scans, or both"
    )
    minsnr: float = key(
        3,
        "solutions with a smaller signal-to-noise ratio are left out, and their data are flagged, "
        "unless a later round finds a solution",
        least=0,
    )
    refant: None | str = key(
        None,
        "name, in quotes, of the antenna whose phase is zero; null: the mean phase of all antennas "
        "is zero (tracks), or that of an antenna near the array's centre with few flags (targets)",
    )


@dataclass(init=False, repr=False, eq=False)
class Clean:
    """How CLEAN makes an image."""

    imsize: int = key(
        512,
        "pixels along a side, an even number",
        memo="IMSIZE",
        least=16,
        most=16384,
        multiple_of=2,
    )
    cell: Literal["auto"] | float = key(
        "auto",
        "size of a pixel; auto: the two keys below give the size, which is rounded down to two "
        "digits",
        unit="arcsec",
        memo="Cell",
        above=0,
    )
    pixels_per_fringe: float = key(
        18, "pixels across the narrowest fringe, where cell is auto", memo="Ns", least=2
    )
    max_uv_wavelengths: Literal["auto"] | float = key(
        "auto",
        "longest baseline, whose fringe is the narrowest; auto: the longest one of the data",
        unit="wavelengths",
        memo="Bmax",
        above=0,
    )
    niter: int = key(7500, "number of CLEAN iterations", least=1)
    gain: float = key(
        0.025,
        "share of a peak that one CLEAN iteration takes off; a small one suits extended flux",
        above=0,
        most=1,
    )
    cyclefactor: float = key(
        1.0, "depth of a minor cycle of CLEAN, in units of the sidelobes of the PSF", above=0
    )
    mask: str = key(
        "auto",
        "auto: tclean makes the mask; incremental: each spw starts from the mask of the spw before "
        "it, as in the memo's script; or the path of a mask image or of a CRTF region file",
    )
    weighting: Literal["natural", "briggs", "uniform"] = key(
        "briggs", "how visibilities are weighted in the image"
    )
    robust: float = key(
        0.5, "Briggs' robustness, from -2 (uniform) to 2 (natural)", least=-2, most=2
    )
