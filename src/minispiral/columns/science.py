"""Columns of what the light curves say."""

from astropy import units

from minispiral.columns.column import Column, with_errors
from minispiral.columns.light_curves import MJD_DECIMALS, RM, TRACK

PER_HZ = units.Hz**-1
RATE = units.deg / units.min


def _interval(columns: dict[str, Column], *names: str) -> dict[str, Column]:
    """Columns, those with `names` followed by the ends of their interval."""
    told = {}
    for name, column in columns.items():
        told[name] = column
        if name in names:
            told[f"{name}_low"] = Column(f"Lower end of the interval of {name}", column.unit)
            told[f"{name}_high"] = Column(f"Upper end of the interval of {name}", column.unit)
    return told


PSD = _interval(
    {
        "track": TRACK,
        "frequency": Column("Frequency of the variability, mean of the bin", units.Hz),
        "power": Column("Power of Stokes I over its mean, one-sided", PER_HZ),
        "model": Column("Power law that fits best", PER_HZ),
        "noise": Column("Power of the errors", PER_HZ),
        "n": Column("Number of frequencies in the bin"),
    },
    "frequency",
    "power",
)
RED_NOISE = _interval(
    {
        "track": TRACK,
        "bins": Column("Number of bins of the curve"),
        "bin": Column("Length of a bin", units.s),
        "covered": Column("Time from first to last", units.hour),
        "mean": Column("Mean flux density", units.Jy),
        "detected": Column("Whether the flux varies by more than its errors"),
        "slope": Column("Slope of the power law, P(f) ~ f^-slope"),
        "amplitude": Column("Power of the power law at a frequency of 1 / h", PER_HZ),
        "p_value": Column("Share of simulated curves that are further from the power law"),
        "slow_slope": Column("Slope of the power law in bins of ten minutes"),
        "timescale": Column("Timescale of a damped random walk", units.hour),
        "timescale_limit": Column("lower or upper, where the timescale is a limit"),
        "deviation": Column("Relative standard deviation of the walk"),
        "short_term": Column("Relative change of the walk in an hour, if it lasts much longer"),
        "walk_bin": Column("Length of the bins that the walk was compared with", units.s),
    },
    "slope",
    "amplitude",
    "slow_slope",
    "timescale",
    "deviation",
    "short_term",
)
_PERIOD = {
    "period": Column("Strongest period", units.min),
    "amplitude": Column("Relative amplitude of its sinusoid"),
    "gain": Column("What the sinusoid adds to -2 ln L of red noise"),
    "false_alarm": Column("Share of simulated red noise that reaches as much"),
}
PERIODS = with_errors({"track": TRACK, **_PERIOD}, "period", "amplitude")
LOOPS = with_errors(
    {
        "track": TRACK,
        "steps": Column("Number of changes of Q and U over ten minutes"),
        "rate": Column("Mean turn of the changes, positive counter-clockwise", RATE),
        "clockwise": Column("Share of the turns that are clockwise"),
        "p_value": Column("How often red noise has a share as far from one half"),
        "slope": Column("Slope of the power law of Q and U"),
        "sense": Column("Sense of what turns evenly: 1 counter-clockwise, -1 clockwise"),
        "period": Column("Period of the strongest component that turns evenly", units.min),
        "amplitude": Column("Its amplitude", units.Jy),
        "gain": Column("What it adds to -2 ln L of red noise"),
        "gain_opposite": Column("What turning the other way as fast would add"),
        "false_alarm": _PERIOD["false_alarm"],
    },
    "rate",
    "clockwise",
    "period",
    "amplitude",
)
LAGS = with_errors(
    {
        "track": TRACK,
        "spw_1": Column("First spw"),
        "spw_2": Column("Second spw"),
        "lag": Column("By how much the second spw is later", units.s),
        "excess": Column("By how much more the second spw varies"),
        "chi2": Column("Reduced chi-square of the tracks' lags about their mean"),
        "p_value": Column("How often tracks of one lag have a chi-square as large"),
    },
    "lag",
    "excess",
)
SPECTRA = with_errors(
    {
        "track": TRACK,
        "mjd": Column(
            "Middle of the bin, modified Julian date, UTC", units.d, decimals=MJD_DECIMALS
        ),
        "flux": Column("Mean flux density of the spws", units.Jy),
        "spectral_index": Column("alpha of I ~ frequency^alpha"),
        "rotation_measure": Column("Rotation measure", RM),
    },
    "flux",
    "spectral_index",
    "rotation_measure",
)


def _spread(of: str, unit: units.UnitBase | None = None) -> dict[str, Column]:
    return {
        f"{of}_spread": Column("Deviation of what is left beside noise", unit),
        f"{of}_spread_high": Column("Limit of 95 % on it", unit),
    }


TRENDS = with_errors(
    {
        "track": TRACK,
        "spectral_index": Column("Spectral index at the mean flux"),
        "index_with_flux": Column("Change of the spectral index for a flux twice as large"),
        **_spread("index"),
        "rotation_measure": Column("Mean rotation measure", RM),
        "rotation_per_hour": Column("Change of the rotation measure", RM / units.hour),
        **_spread("rotation", RM),
        "rotation_per_degree": Column(
            "By how much errors of 1 deg in each spw's EVPA move the rotation measure",
            RM / units.deg,
        ),
    },
    "spectral_index",
    "index_with_flux",
    "rotation_measure",
    "rotation_per_hour",
)

TRANSIENTS = {
    "track": TRACK,
    "mjd": Column(
        "Middle of the snapshot in which it is strongest, modified Julian date, UTC",
        units.d,
        decimals=MJD_DECIMALS,
    ),
    "mjd_begin": Column("Begin of the snapshots that show it", units.d, decimals=MJD_DECIMALS),
    "mjd_end": Column("End of the snapshots that show it", units.d, decimals=MJD_DECIMALS),
    "seconds": Column("Length of the snapshot", units.s),
    "east": Column("Place, to the east of the phase centre", units.arcsec, error="place_err"),
    "north": Column("Place, to the north of the phase centre", units.arcsec, error="place_err"),
    "place_err": Column("Error of the place", units.arcsec),
    "flux": Column("Flux density, corrected for the primary beam", units.Jy),
    "flux_err": Column("Error of flux", units.Jy),
    "signal_to_noise": Column("Signal over noise in its snapshot"),
    "false_alarms": Column("Number of sources as strong that chance makes in the track"),
}

# by the names of the files
TABLES = {
    "psd": PSD,
    "red_noise": RED_NOISE,
    "periods": PERIODS,
    "loops": LOOPS,
    "lags": LAGS,
    "spectra": SPECTRA,
    "trends": TRENDS,
    "transients": TRANSIENTS,
}
