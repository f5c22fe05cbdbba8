"""The fit of minispiral and core to the visibilities, integration by integration.

- antenna_residuals: What the fit leaves, by antenna: in amplitude and in phase.
- memo_file: The memo's .fit files: FIT_ARRAY as a pickle, for exchange.
- normal_equations: The two-component visibility fit: minispiral and core, integration by
  integration.
- numpy_pickle: Pickles of numpy's arrays of numbers, read without letting them call anything.
- residuals: What the fit leaves, by baseline length and hour angle, and as an image; and the uv
  coverage.
- track: The visibility fit of one measurement set, streamed in blocks of rows.
"""
