"""The minispiral from the visibilities: one sky for all integrations, spws and tracks.

- equations: Normal equations of the sky that all visibilities share, for given fluxes.
- grid: The pixel grid of the sky that is found from the visibilities: as fine and as wide as they
  ask.
- solver: The sky that solves its normal equations and is one that an astronomer believes.
"""
