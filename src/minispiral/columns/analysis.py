"""Columns of what says how light curves vary, how good they are, and what changed."""

from astropy import units

from minispiral.columns.column import Column, with_errors
from minispiral.columns.fit import BEAM
from minispiral.columns.light_curves import FREQUENCY, SPW, TRACK

PER_HOUR = units.percent / units.hour
_LAG = Column("Lag in time", units.s)
_PAIRS = Column("Number of pairs of integrations")

STATISTICS = with_errors(
    {
        "track": TRACK,
        "spw": SPW,
        "frequency": FREQUENCY,
        "n": Column("Number of good integrations"),
        "mean": Column("Mean of Stokes I", units.Jy),
        "modulation_index": Column("Standard deviation without noise, over the mean"),
    },
    "mean",
    "modulation_index",
)
STRUCTURE_FUNCTION = with_errors(
    {
        "track": TRACK,
        "spw": SPW,
        "lag": _LAG,
        "structure_function": Column(
            "Mean square of differences over the lag, without noise", units.Jy**2
        ),
        "pairs": _PAIRS,
    },
    "structure_function",
)
CORRELATION = with_errors(
    {
        "track": TRACK,
        "spw_1": Column("First spw"),
        "spw_2": Column("Second spw, which is later where lags are positive"),
        "lag": _LAG,
        "correlation": Column("Discrete correlation function"),
        "pairs": _PAIRS,
    },
    "correlation",
)

CONVERGENCE = {
    "track": TRACK,
    "spw": SPW,
    "iteration": Column("Number of the iteration"),
    "good": Column("Share of good integrations"),
    "scatter": Column("Scatter of Stokes I between neighbouring integrations, relative"),
    "minispiral_flux": Column("Median F_ext as fitted", units.Jy),
    "chi2": Column("Median reduced chi-square of the fit"),
    "image_residual": Column("Root mean square of CLEAN's residual", BEAM),
    "solutions_failed": Column("Share of the antenna gains that were left out"),
    "light_curve_change": Column("Change of Stokes I since the iteration before, in its errors"),
    "minispiral_flux_change": Column("Relative change of minispiral_flux"),
    "chi2_change": Column("Relative change of chi2"),
    "image_residual_change": Column("Relative change of image_residual"),
    "another_is_worth_it": Column("Whether results still change"),
    "turns": Column("Number of turns for the sky of the track"),
    "turns_change": Column("Change of the fluxes in the last turn, in their errors"),
    "turns_stopped": Column("What stopped the turns: fluxes, or bound"),
}

_STOKES = Column("Stokes parameter")
_STAGE = Column("Before or after scaling")
VALIDATION = with_errors(
    {
        "track": TRACK,
        "spw": SPW,
        "stokes": _STOKES,
        "stage": _STAGE,
        "n": Column("Number of integrations that were compared"),
        "n_good": Column("Number of good integrations"),
        "factor": Column("Recovered over true, of the whole track"),
        "bias": Column("Mean of recovered less true, apart from the factor", units.Jy),
        "scatter": Column("Standard deviation of recovered less true", units.Jy),
        "error": Column("Median of the quoted errors", units.Jy),
        "pull_mean": Column("Mean of the pulls, (recovered - true) / error"),
        "pull_std": Column("Standard deviation of the pulls"),
        "flux_scale": Column("Median of recovered over true"),
        "relative_scatter": Column("Scatter of that ratio, over flux_scale"),
        "relative_scatter_10min": Column("The same of means over 10 minutes"),
        "n_10min": Column("Number of these means"),
    },
    "bias",
)
_OF_TRUTH = {"track": TRACK, "spw": SPW, "stokes": _STOKES, "stage": _STAGE}
VALIDATION_PULLS = {
    **_OF_TRUTH,
    "low": Column("Lower edge of the bin of pulls"),
    "high": Column("Upper edge of the bin of pulls"),
    "number": Column("Number of pulls in the bin"),
}
VALIDATION_POWER = with_errors(
    {
        **_OF_TRUTH,
        "timescale": Column("Length of the stretches", units.s),
        "number": Column("Number of differences between neighbouring stretches"),
        "truth": Column("Mean square difference of the truth", units.Jy**2),
        "residual": Column("Mean square difference of recovered less true", units.Jy**2),
        "noise": Column("Mean square difference that independent errors make", units.Jy**2),
        "response": Column("Share of the true differences that comes through"),
    },
    "response",
)
VALIDATION_TIMESCALES = {
    "track": TRACK,
    "spw": SPW,
    "stokes": _STOKES,
    "kind": Column("Pulls of what: of means over bins, or of differences"),
    "seconds": Column("Length of the bins", units.s),
    "number": Column("Number of pulls"),
    "pull_std": Column("Standard deviation of the pulls"),
}

_CONTAINED = Column("Share of the change's square that the quoted error contains")
SYSTEMATICS = with_errors(
    {
        "track": TRACK,
        "spw": SPW,
        "variant": Column("In which other way IM1 was found"),
        "scale": Column("Factor by which the flux scale changes"),
        "slope": Column("Slope of the change", PER_HOUR),
        "slope_quoted": Column("Slope that quoted errors allow", PER_HOUR),
        "slope_contained": _CONTAINED,
        "rms_mean": Column("Change of means of ten minutes, root mean square", units.percent),
        "mean_quoted": Column("Change of these that quoted errors allow", units.percent),
        "mean_contained": _CONTAINED,
        "rms_single": Column("Change of single integrations, root mean square", units.percent),
        "single_quoted": Column("Change of these that quoted errors allow", units.percent),
        "single_contained": _CONTAINED,
    },
    "slope",
)
