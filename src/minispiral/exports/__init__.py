"""What leaves the workflow: for VLBI data, for publication, for Python, for the memo's scripts.

- antab: ANTAB files of phased ALMA, with system temperatures on the flux scale of the minispiral.
- bands: Which spectral window is meant by the name of an EHT band.
- command_line: The commands `minispiral antab` and `minispiral export`.
- core_subtracted: Calibrated data with all their channels, without the core: for lines and deep
  continuum.
- memo_curves: Light curves as the text files that the memo's second script writes, for those who
  read these.
- publication: Light curves as tables that one can publish: FITS, VOTable, and CDS with its ReadMe.
- residual_data: Calibrated data less the full model, and maps of snapshots of them over their
  noise.
- results: What came out of a campaign, for Python: light curves, gains, sky, polarimetry,
  provenance.
- station_gain: The gain of a track and spw at any time: what the flux scale of a station is
  multiplied by.
- vlbi_curves: Light curves in the forms in which programs that image VLBI data read them.
"""
