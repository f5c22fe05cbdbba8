"""Simulated tracks, as QA2 delivers them, and their truth.

- settings: What a simulated track is made of: its settings, each checked.
- source: The true sky of a simulation: the minispiral, the variable core, and the receivers'
  noise.
- track: Simulated tracks of Sgr A*, flattened as QA2 delivers them, with the truth beside them.
"""
