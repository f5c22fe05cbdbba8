"""Units: constants that no library names, or none that loads in a moment.

`scipy.constants` takes longer to load than many a job to do its work.
"""

import math

SPEED_OF_LIGHT = 299_792_458.0  # m/s, by the definition of the metre
ARCSEC = math.pi / 180 / 3600  # rad
DEGREE = math.pi / 180  # rad
SECONDS_PER_DAY = 86400.0
ARCSEC_PER_DEGREE = 3600.0


def six_digits(value: object) -> object:
    """Round a float to the six digits that are enough for a person; leave anything else."""
    return float(f"{value:.6g}") if isinstance(value, float) else value


def separation(one_deg: tuple[float, float], other_deg: tuple[float, float]) -> float:
    """Distance on the sky of two nearby directions (right ascension, declination), arcsec."""
    east = (one_deg[0] - other_deg[0] + 180) % 360 - 180
    north = one_deg[1] - other_deg[1]
    return math.hypot(east * math.cos(math.radians(other_deg[1])), north) * ARCSEC_PER_DEGREE


def significant(value: float, n: int = 3) -> str:
    """A number to n digits, its last zeros too: ``0.110``; a dash if unknown.

    A column of such numbers is even, and says how well each is known.
    """
    return f"{value:#.{n}g}".rstrip(".") if math.isfinite(value) else "-"


def with_error(value: float, error: float, n: int = 2) -> str:
    """A number with its error, to the error's n-th digit: ``2.543 ± 0.012``; a dash if unknown.

    Without an error, to three digits.
    """
    if not math.isfinite(value):
        return "-"
    if not math.isfinite(error) or error <= 0:
        return f"{value:.3g}"
    digits = max(0, n - 1 - math.floor(math.log10(float(f"{error:.{n - 1}e}"))))
    return f"{value:.{digits}f} ± {error:.{digits}f}"
