"""Statistics of light curves: variability, validation against a truth, convergence.

- convergence: What each iteration changed, and whether another is worth it.
- misfit: Why a fit misfits: what its residuals say by antenna, by baseline, and of several spws.
- power_law: Which spectral windows are off the power law through the others.
- systematics: What moves in a light curve when IM1 is found in another way.
- systematics_tables: The budget of what is systematic as a table: a row for each track, spw and
  variant of IM1.
- timescales: Pulls against timescale: whether errors hold for means over time, and for changes.
- truth: The table of true fluxes, if a campaign has one.
- validation: A light curve against the truth: bias, scatter, pulls, and what is left on each
  timescale.
- validation_tables: Validation of a campaign: tables of how its light curves compare with the
  truth.
- variability: Statistics of variability: mean, modulation index, structure function, correlation
  of spws.
- variability_tables: Tables of the variability of a campaign's light curves, by track and over
  all.
- variant_fluxes: Fluxes of averages in time with IM1 found in one way, and how they differ from
  those of another.
- variants: Other ways to find IM1 from the same data, which should not matter to a light curve.
"""
