"""Calibrated data: the gains put on visibilities, and written as CASA tables.

- data: Calibrated measurement sets: the minispiral alone, and the field with its true core.
- gain_table: Gains as CASA calibration tables, which applycal puts on the user's own measurement
  set.
- nights: Gains of a night put on its measurement sets, each with its own ids of spws and antennas.
- solution: Calibrated visibilities: the gain that keeps the minispiral constant, put on the data.
"""
