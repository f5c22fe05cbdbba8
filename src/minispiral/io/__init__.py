"""Files and messages: written whole or not at all, tables, progress, wording.

- atomic: Outputs that appear whole or not at all: written beside their place, then renamed into
  it.
- flag_files: The memo's files of flags, SGRA_flag_info_TRACK_spwN.dat: known, and found, by their
  names.
- product_tables: Tables as products: with as many digits as mean something, and with what made
  them.
- progress: How far a long loop has come, now and then, as lines of the log.
- records: Dataclasses of numbers and arrays as a file of numpy's, without loss.
- table_locks: Whether another program holds the lock of a CASA table: CASA itself would wait for
  ever.
- tables: The workflow's tables: ECSV files, their columns as arrays, tables of spws joined.
- terminal: Lines on a terminal: broken between words, not within them.
- wording: Saying once what is the same of several things, with the names of all of them, or its
  range.
"""
