"""Columns of light curves, polarimetry, absorption and the minispiral's flux."""

from astropy import units

from minispiral.columns.column import Column, with_errors

MJD_DECIMALS = 10  # 1e-10 d are 9 us
JD_DECIMALS = 9  # a double of 2.4 million days has steps of 40 us
RM = units.rad / units.m**2

TRACK = Column("Name of the track: a night, or a part of it; * for all tracks together")
SPW = Column("Number of the spectral window (spw)")
FREQUENCY = Column("Mean frequency of the spw", units.Hz, decimals=0)
MJD = Column("Middle of the integration, modified Julian date, UTC", units.d, decimals=MJD_DECIMALS)

_POLARIZED = {
    "I": Column("Stokes I of the core, scaled", units.Jy),
    "Q": Column("Stokes Q of the core, scaled", units.Jy),
    "U": Column("Stokes U of the core, scaled", units.Jy),
    "V": Column("Stokes V of the core, scaled", units.Jy),
    "P": Column("Linearly polarised flux density, sqrt(Q^2 + U^2)", units.Jy),
    "EVPA": Column("Position angle of the polarisation, north through east", units.deg),
}
_DEBIASED = Column("P without the bias that noise gives it", units.Jy, error="P_err")

# of collected light curves alone
OTHER_SCALES = {
    "tai": Column(
        "Middle of the integration, modified Julian date, TAI", units.d, decimals=MJD_DECIMALS
    ),
    "bjd_tdb": Column(
        "When its light came to the barycentre of the solar system, Julian date, TDB",
        units.d,
        decimals=JD_DECIMALS,
    ),
}

LIGHT_CURVES = with_errors(
    {
        "track": TRACK,
        "spw": SPW,
        "frequency": FREQUENCY,
        "mjd": MJD,
        **_POLARIZED,
        "gain": Column(
            "Factor of the visibilities, reference flux over F_ext",
            exact=True,  # calibrated data are multiplied by it
        ),
        "I_extended": Column("Flux density of the minispiral as fitted, F_ext", units.Jy),
        "I_compact": Column("Flux density of the core as fitted, F_core", units.Jy),
        "I_long_baselines": Column(
            "Mean visibility on long baselines, not scaled", units.Jy, error="I_compact_err"
        ),
        "n_vis": Column("Number of visibilities in the fit of Stokes I"),
        "scan": Column("Scan number"),
        "good": Column("Whether to use the integration"),
        "flag": Column("Why not to use it; - where it is good"),
        "P_debiased": _DEBIASED,
        "absorption": Column("Number by which I, Q, U, V and P were divided"),
        "gain_weight": Column("Share of the integration's own F_ext in its gain"),
        "observation": Column("OBSERVATION_ID; with array and scan it names a scan"),
        "array": Column("ARRAY_ID"),
        "uneven_hands": Column("By what share the gains of the hands are apart", digits=9),
        **OTHER_SCALES,
    },
    *_POLARIZED,
    "gain",
    "I_extended",
    "I_compact",
    "absorption",
)

BINS = with_errors(
    {
        "track": TRACK,
        "spw": SPW,
        "frequency": FREQUENCY,
        "mjd": Column(
            "Mean time of the bin's integrations, modified Julian date, UTC",
            units.d,
            decimals=MJD_DECIMALS,
        ),
        "seconds": Column("Length of the bin", units.s),
        "n": Column("Number of good integrations in the bin"),
        **_POLARIZED,
        "P_debiased": _DEBIASED,
    },
    *_POLARIZED,
)

_SPECTRAL = {
    "rotation_measure": Column("Rotation measure, of a line through EVPA in wavelength^2", RM),
    "EVPA_intrinsic": Column("EVPA at wavelength 0, of the same line", units.deg),
    "spectral_index": Column("alpha of I ~ frequency^alpha, over all spws"),
    "depolarisation": Column("P/I at the lowest frequency over P/I at the highest, P debiased"),
}
POLARIMETRY = with_errors({"mjd": MJD, **_SPECTRAL}, *_SPECTRAL)

MINISPIRAL_FLUX = {
    "spw": SPW,
    "frequency": FREQUENCY,
    "reference_flux": Column("F_ext to which the spw is scaled", units.Jy, digits=9),
    "track": TRACK,
    "median": Column("Median F_ext of the good integrations, as fitted", units.Jy, digits=9),
    "scatter": Column("Scatter of the same F_ext, 1.4826 MAD", units.Jy, digits=9),
    "n_good": Column("Number of good integrations"),
    "share": Column("F_ext over F_core, median"),
    "signal_to_noise": Column("F_ext over its error, median"),
    "misfit": Column("Amplitude that neither core nor IM1 nor noise explains, over that of IM1"),
    "doubtful": Column("Whether no minispiral was found"),
}

ABSORPTION = with_errors(
    {
        "mjd": MJD,
        "elevation": Column("Elevation of the source", units.deg),
        "ratio": Column("Stokes I over the power law through the other spws"),
        "used": Column("Whether the polynomial was fitted to it"),
        "model": Column("Polynomial in elevation, by which fluxes are divided"),
    },
    "ratio",
    "model",
)
