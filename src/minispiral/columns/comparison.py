"""Columns of what `minispiral compare` finds."""

from astropy import units

from minispiral.columns.column import Column, with_errors
from minispiral.columns.light_curves import FREQUENCY

COMPARISON = with_errors(
    {
        "track": Column("Track of the first light curve; - where it has no name"),
        "spw": Column("Spw of the first light curve; - where it has no number"),
        "frequency": FREQUENCY,
        "other_track": Column("Track of the second light curve"),
        "other_spw": Column("Spw of the second light curve"),
        "other_frequency": Column("Mean frequency of the second light curve", units.Hz, decimals=0),
        "n": Column("Number of points that were compared"),
        "share": Column("Share of the first light curve's points that the second one covers"),
        "other_share": Column("Share of the second light curve's points that the first covers"),
        "correlation": Column("Correlation of the logarithms of both, after the lag"),
        "ratio": Column("Second over first, at the mean flux"),
        "lag": Column("By how much the second is later", units.s),
        "excess": Column("By how much more the second varies: 0.1 where ln I varies by 10 % more"),
        "scatter": Column("Standard deviation of second over first, relative"),
        "scatter_10min": Column("The same of means over 10 minutes"),
        "error": Column("Quoted errors of both together, relative, root mean square"),
        "pull_std": Column("Standard deviation of the deviations in units of quoted errors"),
    },
    "ratio",
    "lag",
    "excess",
)
