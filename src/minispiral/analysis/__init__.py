"""Statistics of light curves: variability, validation against a truth, convergence.

- convergence: What each iteration changed, and whether another is worth it.
- misfit: Why a fit misfits: what its residuals say by antenna, by baseline, and of several spws.
- power_law: Which spectral windows are off the power law through the others.
- timescales: Pulls against timescale: whether errors hold for means over time, and for changes.
- truth: The table of true fluxes that a campaign's light curves are held against, where there is
  one.
- validation: A light curve against the truth: bias, scatter, pulls, and what is left on each
  timescale.
- validation_tables: Validation of a campaign: tables of how its light curves compare with the
  truth.
- variability: Statistics of variability: mean, modulation index, structure function, correlation
  of spws.
- variability_tables: Tables of the variability of a campaign's light curves, by track and over
  all.
"""
