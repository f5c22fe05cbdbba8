"""Constants of units that no library names."""

SECONDS_PER_DAY = 86400.0
ARCSEC_PER_DEGREE = 3600.0
