"""Times of measurement sets as people write them."""

from astropy.time import Time

from minispiral.units import SECONDS_PER_DAY


def utc(time_s: float) -> str:
    """Return a time (MJD, s, UTC) as ``2017-04-06 09:36:40``."""
    return str(Time(time_s / SECONDS_PER_DAY, format="mjd", precision=0).iso)
