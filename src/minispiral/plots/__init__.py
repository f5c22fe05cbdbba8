"""Figures by matplotlib.

- campaign: Pictures of the products, by matplotlib alone: no window, no global state.
- sky: Pictures of the sky, of the uv coverage, and of what the fit leaves.
- style: What all figures share: colours, panels against time, and how they are saved.
- track: Pictures of one track against time: the minispiral before and after, its gains,
  polarimetry.
- validation: Figures of how light curves compare with the truth: residuals, pulls, power by
  timescale.
"""
