"""Pages: the campaign's report, each track's, and the validation.

- alarms: What no reader may overlook: light curves that stand on no minispiral, and so do not
  hold.
- antenna_gains: Antenna gains of the turns, the array's pointing, and what drifts: in words, and
  by antenna.
- embedding: Pictures as parts of a page: their text, and the width at which they are shown as
  printed.
- figures: The report's interactive figures, by Bokeh: what one track did in time, and what its
  fit left.
- inputs: Reading what the report is made from: products, pictures, and the traces that jobs
  leave.
- links: Links to a campaign's files: what each is, and what may be made that was not asked for
  yet.
- model_figures: Interactive figures of what a track's fit left, and of where its antennas
  pointed.
- page: The report as a page: one file with figures, pictures and scripts inside, for any browser.
- panels: Panels of the interactive figures: empty ones, their axes, and what is said of a point.
- places: Tracks and spws in words.
- points: Points of light curves as a page shows them: few enough for it to stay small and quick.
- remedies: Chi-squares far from 1 in words, and the configuration that cures them: all of it
  stands here.
- science: What the light curves say: a section of the report, and a page of its own.
- spectrum: What is to be said of the spectrum over spws: those off the power law, and those too
  close.
- summary: What the report is made from, and each track in a line: what it is and how good it is.
- systematics: The budget of what is systematic as a page, which opens without a network, and in a
  line.
- tables: The report's tables, as headings and rows of text.
- turns: The turns of fluxes and sky in words: what stopped them, and what to do where nothing did.
- validation: The validation as a page: one file with its pictures inside, which opens without a
  network.
- warnings: What a reader of the report should look at, each in one line: where, what, and what to
  do.
"""
