"""The minispiral from the visibilities: one sky for all integrations, spws and tracks.

- core_place: The core's place from the visibilities, for all spws of a track.
- coverage: What the sky's grid follows from, track by track, and the frame that all of them
  share.
- equations: Normal equations of the sky that all visibilities share, for given fluxes.
- grid: The pixel grid of the sky that is found from the visibilities.
- image: The sky as a file: FITS with its grid, its beam, and why the turns stopped.
- solver: The sky that solves its normal equations and is one that an astronomer believes.
- track: What one track tells of the sky in a turn: its fluxes, and sums for the next sky.
- turns: Turns of fluxes and sky: the sky of a turn, and when to stop.
"""
