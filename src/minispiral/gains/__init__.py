"""QA2's gain against time, smooth or not, and the noise of fits. Arrays alone.

- covariance: How the errors of a light curve are related: the covariance of any weighted sums of
  it.
- covariance_table: The table that determines the covariance of a track's light curves.
- curve: The scale of a light curve: ln F_ext of each integration, its error, and noise
  factors.
- description: How the gain of each spw varies: smoothly, scan by scan, in steps, or with every
  integration.
- factored: Covariance of a process with white noise, factored: what costs a time linear in its
  values.
- groups: Spws whose gains are one process, and the segments of that process, chosen by evidence.
- noise: Noise of fitted fluxes, by what they show between neighbouring integrations.
- process: A process seen through white noise: its scales by marginal likelihood, and its
  posterior.
- steps: Where the gain steps: jumps of the core's fitted flux between neighbouring integrations.
- tables: Tables of how the gains of a track vary: between rules, and for the campaign's readers.
"""
