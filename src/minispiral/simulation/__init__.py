"""Simulated tracks, as QA2 delivers them, and their truth.

- feeds: What calibration leaves of imperfect feeds: leakage, and hands of unequal amplitude.
- minispiral: The minispiral of a track as the antennas see it: its flux densities and
  visibilities.
- settings: What makes a simulated track: its settings, each checked.
- smooth_sky: A sky that a pixel grid or CLEAN components describe badly: patches, ridges, and a
  faint halo.
- source: The true sky of a simulation: the minispiral, the variable core, and the receivers'
  noise.
- track: Simulated tracks of Sgr A*, flattened as QA2 delivers them, with the truth beside them.
"""
