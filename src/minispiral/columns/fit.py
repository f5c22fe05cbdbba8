"""Columns of fits, of what fits leave, and of images."""

from astropy import units

from minispiral.columns.column import Column, with_errors
from minispiral.columns.light_curves import LIGHT_CURVES, SPW

TIME = Column("Middle of the integration, modified Julian date in seconds, UTC", units.s)
BEAM = units.Jy / units.beam
CHI2 = Column("Reduced chi-square", digits=9)
N_VIS = Column("Number of visibilities")

FIT = with_errors(
    {
        "time": TIME,
        "observation": LIGHT_CURVES["observation"],
        "array": LIGHT_CURVES["array"],
        "scan": LIGHT_CURVES["scan"],
        "I_extended": LIGHT_CURVES["I_extended"],
        "I_compact": LIGHT_CURVES["I_compact"],
        "covariance": Column("Covariance of I_extended and I_compact", units.Jy**2),
        "chi2": CHI2,
        "n_vis": LIGHT_CURVES["n_vis"],
        "I_long_baselines": LIGHT_CURVES["I_long_baselines"],
        "Q": Column("Stokes Q of the core, not scaled", units.Jy),
        "U": Column("Stokes U of the core, not scaled", units.Jy),
        "V": Column("Stokes V of the core, not scaled", units.Jy),
        **{
            f"{name}_extended": Column(
                f"Stokes {name} that the minispiral seems to have, not scaled", units.Jy
            )
            for name in "QUV"
        },
    },
    "I_extended",
    "I_compact",
    "Q",
    "U",
    "V",
)

# of a .fit file of whomever, as `minispiral fit-table` prints it
FIT_FILE = {
    "spw": Column("Place of the spw in the file, from 0 on"),
    "frequency": LIGHT_CURVES["frequency"],
    **FIT,
    "correlation_squared": Column("Square of the correlation, which scripts call Covariance"),
    "good": LIGHT_CURVES["good"],
}

BY_BASELINE = with_errors(
    {
        "spw": SPW,
        "baseline": Column("Mean length of the projected baselines in the bin, wavelengths"),
        "n_vis": N_VIS,
        "visibility": Column("Weighted mean visibility, real part", units.Jy),
        "residual": Column("Root mean square of the residual's real part", units.Jy, digits=9),
        "chi2": CHI2,
        "mean": Column("Weighted mean of the residual's real part", units.Jy),
    },
    "mean",
)

BY_HOUR_ANGLE = {
    "spw": SPW,
    "hour_angle": Column("Mean hour angle in the bin", units.hour),
    "n_vis": N_VIS,
    "chi2": CHI2,
    "residual": BY_BASELINE["residual"],
}

BY_ANTENNA = {
    "spw": SPW,
    "antenna": Column("Name of the antenna"),
    "n_vis": Column("Number of visibilities on its baselines"),
    "chi2": CHI2,
    "chi2_amplitude": Column("The same along the model, where errors of amplitudes show"),
    "chi2_phase": Column("The same across the model, where errors of phases show"),
}

UV_COVERAGE = {
    "spw": SPW,
    "u": Column("u of some of the visibilities, wavelengths"),
    "v": Column("v of the same visibilities, wavelengths"),
}

IMAGES = {
    "spw": SPW,
    "iterations": Column("Number of CLEAN's iterations"),
    "stopped": Column("Why CLEAN stopped"),
    "beam_major": Column("Major axis of the beam, full width at half maximum", units.arcsec),
    "beam_minor": Column("Minor axis of the beam, full width at half maximum", units.arcsec),
    "beam_angle": Column("Position angle of the beam, north through east", units.deg),
    "peak": Column("Peak of the image", BEAM),
    "rms": Column("Root mean square of the residual, with what CLEAN left of the source", BEAM),
    "expected_rms": Column("The same of noise alone, by the weights, of natural weighting", BEAM),
}
