"""The tables by their files, for the documentation."""

from minispiral.columns import analysis, campaign, fit, gains, light_curves, science
from minispiral.columns.column import Columns
from minispiral.columns.comparison import COMPARISON

# below results/{campaign}/, in the order of docs/products.md
PRODUCTS: dict[str, Columns] = {
    "light_curves.ecsv, {track}/light_curves.ecsv": light_curves.LIGHT_CURVES,
    "{track}/light_curves_{seconds}s.ecsv": light_curves.BINS,
    "{track}/covariance.ecsv": gains.COVARIANCE,
    "{track}/polarimetry.ecsv": light_curves.POLARIMETRY,
    "minispiral_flux.ecsv": light_curves.MINISPIRAL_FLUX,
    "gains.ecsv": gains.GAINS,
    "statistics.ecsv": analysis.STATISTICS,
    "structure_function.ecsv": analysis.STRUCTURE_FUNCTION,
    "correlation.ecsv": analysis.CORRELATION,
    "inputs.ecsv": campaign.INPUTS,
    "{track}/executions.ecsv": campaign.EXECUTIONS,
    "{track}/images.ecsv": fit.IMAGES,
    "{track}/fit_residuals.ecsv": fit.BY_BASELINE,
    "{track}/fit_residuals_by_hour_angle.ecsv": fit.BY_HOUR_ANGLE,
    "{track}/fit_residuals_by_antenna.ecsv": fit.BY_ANTENNA,
    "{track}/uv_coverage.ecsv": fit.UV_COVERAGE,
    "turns.ecsv": gains.TURNS,
    "convergence.ecsv": analysis.CONVERGENCE,
    "validation.ecsv": analysis.VALIDATION,
    "validation_pulls.ecsv": analysis.VALIDATION_PULLS,
    "validation_power.ecsv": analysis.VALIDATION_POWER,
    "validation_timescales.ecsv": analysis.VALIDATION_TIMESCALES,
    "systematics.ecsv": analysis.SYSTEMATICS,
    "psd.ecsv": science.PSD,
    "science/red_noise.ecsv": science.RED_NOISE,
    "science/periods.ecsv": science.PERIODS,
    "science/loops.ecsv": science.LOOPS,
    "science/lags.ecsv": science.LAGS,
    "science/spectra.ecsv": science.SPECTRA,
    "science/trends.ecsv": science.TRENDS,
    "transients.ecsv, {track}/transients.ecsv": science.TRANSIENTS,
    "selfcal/{target}/averaging.ecsv": campaign.AVERAGING,
    "selfcal/{target}/rounds.ecsv": campaign.ROUNDS,
}
# of each iteration: what later jobs calculate with, all digits written
ON_THE_WAY: dict[str, Columns] = {
    "{track}/iteration{n}/spw{spw}/fit.ecsv": fit.FIT,
    "{track}/iteration{n}/spw{spw}/light_curve.ecsv": {
        name: column
        for name, column in light_curves.LIGHT_CURVES.items()
        if name not in light_curves.OTHER_SCALES
    },
    "{track}/iteration{n}/spw{spw}/absorption.ecsv": light_curves.ABSORPTION,
    "{track}/iteration{n}/gains.ecsv": gains.GAIN_CURVES,
    "{track}/iteration{n}/antenna_gains.ecsv": gains.ANTENNA_GAINS,
    "{track}/iteration{n}/pointing.ecsv": gains.POINTING,
}
# what commands print or write
OF_COMMANDS: dict[str, Columns] = {
    "minispiral fit-table": fit.FIT_FILE,
    "minispiral compare": COMPARISON,
}
