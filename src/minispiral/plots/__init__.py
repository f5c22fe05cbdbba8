"""Figures by matplotlib.

- campaign: Pictures of the products, by matplotlib alone: no window, no global state.
- comparison: Two light curves that were compared, and what the second is over the first.
- delivered: What the project is for in one figure: core and minispiral as QA2 delivered them,
  and after.
- rounds: Pictures of self-calibration round by round: an image of each, and the gains of each
  antenna.
- science: Pictures of what the light curves say: power spectra, loops of Q and U, spectra and flux.
- side_by_side: Panels of several tracks side by side, with the nights between them left out.
- sky: Pictures of the sky, of the uv coverage, and of what the fit leaves.
- style: What all figures share: colours, panels against time, and how they are saved.
- systematics: Figure of what is systematic: flux scale, slope and curve, as other ways to find
  IM1 move them.
- track: Pictures of one track against time: the minispiral before and after, its gains,
  polarimetry.
- validation: Figures of how light curves compare with the truth: residuals, pulls, power by
  timescale.
"""
