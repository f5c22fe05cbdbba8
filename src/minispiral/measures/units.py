"""Constants of units that no library names."""

SECONDS_PER_DAY = 86400.0
ARCSEC_PER_DEGREE = 3600.0


def six_digits(value: object) -> object:
    """Round a float to the six digits that are enough for a person; leave anything else."""
    return float(f"{value:.6g}") if isinstance(value, float) else value
