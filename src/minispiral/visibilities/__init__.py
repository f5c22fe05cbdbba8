"""The measurement equation: Stokes, model visibilities, antenna gains, smearing. Arrays alone.

- antenna_gains: Antenna gains: what they are, how they act on visibilities, and their file.
- channel_average: Averages over the channels of each sample, with flags and weights respected.
- dirty_image: Dirty image of visibilities with natural weights, and the dirty beam, from blocks
  of rows.
- gain_equations: Antenna gains that best make a model of what is observed: their equations, and the
  solution.
- pointing: The pointing of the array, on average, against where it should, over time: and its file.
- primary_beam: The primary beam: how an antenna's response falls off from its pointing centre.
- sky_model: The sky in fits of visibilities: the minispiral's image and the core's
  place.
- smearing: What averaging in frequency and time costs: the loss of a source's amplitude by
  smearing.
- stokes: Stokes visibilities from correlations, for linear and circular feeds.
- time_bins: Bins in time for averages of integrations, or of rows.
- time_images: Dirty images of visibilities in intervals of time, from blocks of rows.
- transform: Model visibilities: the Fourier transform of CLEAN components.
"""
