"""The minispiral from the visibilities: one sky for all integrations, spws and tracks.

- antenna_pointing: Where each antenna points to, for all spws of a track together.
- array_drift: What drifts of a light curve because antennas err each on their own, by halves of the
  array.
- array_pointing: The array's mean pointing, for all spws of a track together.
- averages: Stokes I of a track, averaged in time as far as the sky's rotation allows.
- core_place: The core's place from the visibilities, for all spws of a track.
- coverage: What determines the sky's grid, track by track, and the frame that all of them share.
- equations: Normal equations of the sky that all visibilities share, for given fluxes.
- fast_phases: Phases of antennas that vary within the averages in time: whether they do, and what
  they are.
- filling: How wide a field the uv coverage measures.
- gains_of_track: Antenna gains of a track as the turns have found them: for its products, and as a
  table.
- grid: The pixel grid of the sky that is found from the visibilities.
- group_sums: Sums over the baselines between groups of antennas, from which any part of the array
  is fitted.
- history: The turns of fluxes and sky as a table: what each changed, and why there was no other.
- image: The sky as a file, FITS with its grid and beam; and the image of what the fit leaves.
- point_gains: Gains that a calibration against one point has left in the data, as the model
  predicts them.
- scan_gains: Antenna gains of single scans: where an antenna that broke for an integration spoilt
  its scan.
- slow_gains: Antenna gains in the turns of fluxes and sky: whether the data ask for them, and how
  slow.
- solver: The sky that solves its normal equations and is one that an astronomer believes.
- track: What one track says about the sky in a turn: its fluxes, and sums for the next sky.
- track_pointing: Where a track's antennas point to, and what its light curves drift by all the
  same.
- turns: Turns of fluxes and sky: the sky of a turn, and when to stop.
- variants: IM1 found in another way, from averages that are there: its turns, in memory, and its
  fluxes.
"""
