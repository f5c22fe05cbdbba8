"""Times, units, angles, scatter, the target's elevation, and what is stated beside errors.

- angles: Position angles of polarisation, which are alike after half a turn, followed in time.
- elevation: Elevation, airmass, hour angle and parallactic angle of the target, as the array
  sees it.
- integrations: Which rows are of one integration, and which integrations of one scan.
- scatter: Scatter of values some of which may be far off.
- stated: Errors that hold for a whole track, stated with each product, never part of its noise.
- time_scales: Times of observations on other scales than UTC: TAI, and TDB at the barycentre.
- times: Which integrations of different spws, tables or measurement sets are the same.
- units: Constants of units that no library names.
"""
