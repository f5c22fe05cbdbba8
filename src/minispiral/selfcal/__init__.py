"""Antenna gains: solved for in iterations, and the rounds of self-calibration targets.

- applycal: Gain tables of self-calibration put on data by CASA's applycal: which spw, scan takes
  which.
- data_state: What flags and weights say of a measurement set: noise, scans, the best reference
  antennas.
- prediction: Model visibilities in a measurement set's model column, the model for gaincal.
- products: The products of a self-calibration target, from the best of its rounds.
- rounds: Rounds of self-calibration: what each achieved, and the gate that it has to pass.
- scan_tables: Consecutive numbers for the scans of a measurement set, and gain tables with these
  numbers.
- solver: Rounds of self-calibration against a model of every visibility: intervals, and gains so
  far.
- target: Self-calibration of a continuum measurement set by CASA, round by round.
- track: Self-calibration of one spw of a track against its fitted model, streamed in blocks of
  rows.
"""
