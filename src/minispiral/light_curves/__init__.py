"""Light curves: flags, scaling, absorption, polarimetry, and the tables of the contract.

- absorption: Absorption of the core in one spw: what is left of it in the light curve, and out of
  it.
- binning: Light curves of bins of time, with errors that hold: what neighbours share does not
  average out.
- feed_errors: What of the polarisation comes of the feeds, not of the sky: floors of V and EVPA.
- flagging: Outliers: which integrations are not to be used, each with its reason.
- hand_gains: Whether gains that were solved for each hand took polarisation away.
- linear_polarization: Linear polarisation from Stokes Q and U and their errors.
- lines: Straight lines through a few points with errors, for many integrations at once.
- memo_flags: Flags by hand as the memo's second script has them: SGRA_flag_info_TRACK_spwN.dat.
- minispiral: Whether the fits found the minispiral, on which gains, light curves and errors stand.
- neighbours: Neighbours in time: how far a value is off those around it.
- polarimetry: Polarimetry over the spectral windows: Faraday rotation, spectral index,
  depolarisation.
- polarization_floors: Floors of V and EVPA of a track, from the light curves of its spws, in tables
  and in words.
- reading: One spw's light curve from the files of the stages before it.
- scaling: From fitted fluxes to light curves: good integrations, reference flux, gains, their
  errors.
- tables: The files other people's scripts read: names of columns, units and formats are a
  contract.
- uneven_hands: Gains that differ between the hands: what they make of Stokes I, and how to undo it.
- user_flags: The table of flags that the user edits by hand, and flags as CASA's flagdata takes
  them.
"""
