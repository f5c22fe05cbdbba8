"""Columns of what was found in the inputs, and of self-calibration targets."""

from astropy import units

from minispiral.columns.column import Column
from minispiral.columns.fit import IMAGES
from minispiral.columns.light_curves import FREQUENCY, SPW, TRACK

_EXTENT = {
    "frequency": FREQUENCY,
    "channels": Column("Number of channels"),
    "correlations": Column("Correlations"),
    "antennas": Column("Number of antennas"),
    "integrations": Column("Number of integrations"),
    "start": Column("First integration, UTC"),
    "end": Column("Last integration, UTC"),
    "rows": Column("Number of rows"),
    "usable_rows": Column("Number of rows that are not flagged throughout"),
    "longest_baseline": Column("Length of the longest baseline", units.m),
}
INPUTS = {"track": TRACK, "spw": SPW, **_EXTENT}
EXECUTIONS = {
    "execution": Column("Number of the measurement set of the night, from 1 on"),
    "measurement_set": Column("Its path, as the configuration has it"),
    "spw": SPW,
    "own_spw": Column("Number of this spw in the measurement set"),
    **_EXTENT,
}

AVERAGING = {
    "radius_arcsec": Column("Radius of the field", units.arcsec),
    "beam_arcsec": Column("Beam, full width at half maximum", units.arcsec),
    "limit": Column("Largest loss of amplitude that is allowed"),
    "frequency_hz": Column("Frequency", units.Hz, decimals=0),
    "channel_width_hz": Column("Width of the widest channel", units.Hz),
    "bandwidth_loss": Column("Share of amplitude that this width costs at the edge of the field"),
    "widest_channel_hz": Column("Width that keeps this loss below the limit", units.Hz),
    "channels": Column("Number of channels whose average is no wider"),
    "interval_s": Column("Length of an integration", units.s),
    "time_loss": Column("Share of amplitude that this length costs at the edge of the field"),
    "longest_interval_s": Column("Length that keeps this loss below the limit", units.s),
    "integrations": Column("Number of integrations whose average is no longer"),
}

ROUNDS = {
    "round": Column("Number of the round; 0 is the first image, of the data as they come"),
    "calmode": Column("What was solved for: p, phases; a, amplitudes; ap, both"),
    "solint": Column("Time over which solutions are constant"),
    "combine": Column("What was combined for a solution"),
    "minsnr": Column("Signal to noise that a solution needs"),
    "refant": Column("Antenna that phases refer to"),
    "rms": Column("Root mean square of CLEAN's residual outside the mask", IMAGES["rms"].unit),
    "peak": IMAGES["peak"],
    "dynamic_range": Column("peak / rms"),
    "at_threshold": Column("Whether CLEAN came down to its threshold"),
    "expected_rms": IMAGES["expected_rms"],
    "beam_major": IMAGES["beam_major"],
    "beam_minor": IMAGES["beam_minor"],
    "beam_pa": IMAGES["beam_angle"],
    "solutions": Column("Number of solutions that antennas with data could have"),
    "solutions_failed": Column("Share of them that failed"),
    "flagged": Column("Share of all data that are flagged"),
    "phase_scatter": Column("Scatter of phases about each antenna's mean", units.deg),
    "amplitude_scatter": Column("Scatter of amplitudes about each antenna's mean, relative"),
    "phase_size": Column("Root mean square of phases about 0", units.deg),
    "amplitude_size": Column("Root mean square of amplitudes about 1"),
    "expected_dynamic_range": Column("peak / rms that errors of this size allow"),
    "scans": Column("Number of scans"),
    "antennas": Column("Number of antennas with data"),
    "accepted": Column("Whether the gate let the round pass"),
    "reason": Column("Why, in words"),
    "best": Column("Best round so far"),
    "tables": Column("Rounds whose gains the best round uses"),
}
