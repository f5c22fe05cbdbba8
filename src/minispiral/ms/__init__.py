"""Measurement sets: inspected, split, freed of bad samples, read by blocks, joined.

- antennas: Where the antennas that have data stand, and their dishes.
- bad_samples: Samples that no stage can use: what is not finite, or has no proper weight.
- casa_split: Split by CASA: a spw averaged to one channel, or several with all their channels.
- channel_columns: Columns of a measurement set, averaged over channels as CASA's split does.
- comparison: The campaign's inputs side by side: do the tracks fit each other, and what is in
  them.
- executions: Executions of a night: their spws matched by frequency, and what they hold together.
- fields: Fields of a measurement set: by name, and which of them have data.
- files: Whether an input has changed: size, state and checksum of a measurement set, without
  CASA.
- hands: Copies of measurement sets with the parallel hands alone, which make images of Stokes I.
- inspection: What is in a measurement set: its fields, spectral windows and usable rows.
- integrations: Integrations of a measurement set's rows: their times, length, and scans.
- joining: Appending rows; joining measurement sets of one spw each, of one observation, into one.
- lone_hand: Data of one parallel hand (XX, YY, RR or LL alone), which is then taken as Stokes I.
- nights: Executions of a night joined into one measurement set, as if they had been one
  observation.
- row_scan: One pass over a field's rows: how many of each spw can be used, their times and
  baselines.
- rows: Rows of a measurement set of one spw and one channel, block by block.
- shapes: Main tables whose arrays are all of one shape, or of any: how their columns are stored.
- split: Split: one spectral window of the target field, averaged to one channel; or all of the
  field.
- split_layout: Measurement sets as CASA's split lays them out, without rows, to be filled by
  others.
- split_source: Reading for a split: wanted rows of a main table in pieces, in the order on disk.
- split_stream: Split by a stream: one pass over the input's rows, in the order on disk, writes
  several spws.
- weightless: Samples without weight in the input, to which CASA would give weights again.
- windows: Spectral windows of a measurement set, and which of its rows and columns can be used.
"""
