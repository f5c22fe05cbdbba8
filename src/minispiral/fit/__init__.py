"""The fit of minispiral and core to the visibilities, integration by integration.

- memo_file: The memo's .fit files: FIT_ARRAY as a pickle, for exchange.
- normal_equations: The two-component visibility fit: minispiral and core, integration by
  integration.
- numpy_pickle: Pickles of numpy's arrays of numbers, read without letting them call anything.
- residuals: What the fit leaves in the visibilities, by length of the baseline; and the uv
  coverage.
- track: The visibility fit of one measurement set, streamed in blocks of rows.
"""
