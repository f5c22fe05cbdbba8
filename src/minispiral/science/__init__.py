"""What light curves are for: spectra of variability, loops, lags, and transients in the field.

- between_spws: Between spws: lags, and how the spectrum and the rotation measure go with flux and
  time.
- comparison: Two light curves of one source: ratio, lag, and what is left.
- damped_walk: A damped random walk: how long a light curve remembers, and what is known of that.
- findings: What was found, in words, with how sure it is.
- given_curves: Light curves to be compared: of results, or a table of whomever.
- inputs: What this room works on: the light curves of a track, in common bins, from its tables.
- loops: Loops of the polarisation: how fast, and which way, a curve turns in the plane of Q and U.
- marginal_regression: Regression whose residuals drift by what only a few independent values
  tell.
- periods: Periods in a light curve: a sinusoid in red noise, and how often chance makes as strong a
  one.
- power_law: The power law of a light curve's power spectrum, by the likelihood of what the window
  shows.
- reasons: Why a question has no answer for a track, in words that follow "Track 20170406: ".
- residuals: The residual visibilities of a track, spw by spw, as minutes of the field.
- sampling: A light curve at the times of another one: within its pieces, and not across gaps.
- series: A light curve for the questions of this room: binned, its spws as one, with what errors
  share.
- snapshots: Snapshots of the field: dirty images of the residual visibilities in minutes, over
  their noise.
- spectra: How the spectral index goes with the flux, and the rotation measure with time, of one
  track.
- spectrum: The power spectrum of a light curve: what its window makes of it is simulated, and taken
  out.
- study: All that is asked of one track's light curves, and of a campaign's: results as records.
- tables: Tables of what the light curves say: a row for each track, and for all of them together.
- transient_table: The table of transients of a track, and of all tracks.
- transients: Transients in the field: what exceeds, in a snapshot, a threshold set by a false-alarm
  rate.
"""
