"""Columns of the workflow's tables: for each its name, unit and description, and no place else.

The tables of the documentation are made from here (``make keys``), and what a file says of its
columns is taken from here.

- analysis: Columns of what says how light curves vary, how good they are, and what changed.
- campaign: Columns of what was found in the inputs, and of self-calibration targets.
- column: A column, and how a table is told what its columns are.
- comparison: Columns of what `minispiral compare` finds.
- files: The tables by their files, for the documentation.
- fit: Columns of fits, of what fits leave, and of images.
- gains: Columns of gains, of what determines errors, and of the sky's turns.
- light_curves: Columns of light curves, polarimetry, absorption and the minispiral's flux.
- science: Columns of what the light curves say.
"""
