"""Columns of gains, of what determines errors, and of the sky's turns."""

from astropy import units

from minispiral.columns.column import Column, with_errors
from minispiral.columns.fit import TIME
from minispiral.columns.light_curves import LIGHT_CURVES, MJD, SPW, TRACK

_DETERMINES_ERRORS = {
    "segment": Column("Scan, or piece between steps of the gain, that is described by itself"),
    "learnt_err": Column(
        "Error of the ln F_ext that the gain's process was found from", exact=True
    ),
    "independent_err": Column(
        "Part of the error of ln F_ext that no other integration shares", exact=True
    ),
    "core_err": Column("Error of ln F_core", exact=True),
    "core_covariance": Column("Covariance of ln F_core and ln F_ext", exact=True),
}
COVARIANCE = {
    "spw": SPW,
    "mjd": MJD,  # rounded as in the light curves, which have to have the same
    "good": LIGHT_CURVES["good"],
    **_DETERMINES_ERRORS,
    "absorption_err": Column("Relative error of the absorption", exact=True),
    "Q_noise": Column("Independent noise of the scaled Stokes Q", units.Jy, exact=True),
    "U_noise": Column("Independent noise of the scaled Stokes U", units.Jy, exact=True),
    "V_noise": Column("Independent noise of the scaled Stokes V", units.Jy, exact=True),
}
GAIN_CURVES = with_errors(
    {
        "spw": SPW,
        "time": TIME,
        "log_extended": Column("ln F_ext that the gain follows from"),
        "weight": LIGHT_CURVES["gain_weight"],
        **_DETERMINES_ERRORS,
    },
    "log_extended",
)

_EVIDENCE = "Logarithm of the evidence of this description, less that of the best one"
_QUANTITIES = ("I_extended", "I_compact", "Q", "U", "V")
GAINS = {
    "track": TRACK,
    "spw": SPW,
    "description": Column("How the gain was described: the best of the descriptions"),
    "spws": Column("Spws that share the description"),
    "reason": Column("Why the gain is each integration's own, where it is"),
    "amplitude": Column("Relative amplitude of the gain's variations"),
    "timescale_s": Column("Their timescale", units.s),
    "smoothness": Column("Their smoothness: 1.5 or 0.5, nu of the Matern process"),
    "segments": Column("Number of scans, or of pieces between steps"),
    **{
        f"evidence_{kind}": Column(_EVIDENCE)
        for kind in ("smooth", "scan", "levels", "steps", "separate", "together")
    },
    **{f"noise_{name}": Column(f"Factor on the fit's error of {name}") for name in _QUANTITIES},
    **{f"noise_from_{name}": Column("What the factor was measured by") for name in _QUANTITIES},
    "misfit_drift": Column("Share of the misfit that drifts, 0 to 1"),
    "drift_error": Column("What drifts, as a relative error of Stokes I"),
}

ANTENNA_GAINS = {
    "antenna1": Column("First antenna of the baseline"),
    "antenna2": Column("Second antenna of the baseline"),
    "n": Column("Number of real data in the averages in time"),
    "chi2_before": Column("Reduced chi-square without antenna gains"),
    "chi2_after": Column("Reduced chi-square with antenna gains"),
}

POINTING = with_errors(
    {
        "time": Column("Modified Julian date in seconds, UTC", units.s),
        "east": Column("Mean offset of the array from the phase centre, to the east", units.arcsec),
        "north": Column("The same to the north", units.arcsec),
        "east_{antenna}": Column("Offset of this antenna from the mean, east", units.arcsec),
        "north_{antenna}": Column("Offset of this antenna from the mean, north", units.arcsec),
    },
    "east",
    "north",
)

TURNS = {
    "track": Column("Whose sky: a track's own, or * for the one that tracks share"),
    "iteration": Column("Number of the iteration"),
    "turn": Column("Number of the turn"),
    "turns_allowed": Column("Number of turns that model.turns allows"),
    "change": Column("Change of the minispiral's fluxes since the turn before, in their errors"),
    "changed_most": Column("Track and spw that changed most"),
    "chi2": Column("Mean reduced chi-square of the fits"),
    "used": Column("Share of the averages in time that were used"),
    "total": Column("Total flux density of the sky", units.Jy),
    "stopped": Column("What stopped the turns: fluxes, or bound; - where they went on"),
}
