"""Times, units, scatter, and the target's elevation.

- elevation: Elevation, airmass, hour angle and parallactic angle of the target, as the array
  sees it.
- integrations: Which rows are of one integration, and which integrations of one scan.
- scatter: Scatter of values some of which may be far off.
- times: Which integrations of different spws, tables or measurement sets are the same.
- units: Constants of units that no library names.
"""
