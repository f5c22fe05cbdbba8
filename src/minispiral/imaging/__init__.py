"""Images: CLEAN, pixel grids, beams, models, the core's removal.

- averaging: Averaging a measurement set in time, as far as smearing over the field allows, for
  CLEAN.
- beam: The Gaussian CLEAN beam: fitted to a PSF, the mean of several, convolved with a model.
- clean: CLEAN: the image IM0 of core and minispiral, by CASA's tclean.
- convergence: tclean kept from diverging: it stops where what it leaves is least.
- core: The core in IM0: where it is, and the CLEAN model without it, from which IM1 is made.
- field_of_view: What an image has to cover, and how finely: primary beam, finest fringe, number
  of pixels.
- grid: The pixel grid of the images: its size, its offsets on the sky, components on it.
- models: Model images: IM0's model out of CASA, their mean IM1 as FITS, components as text.
- state: How the CLEAN of each spw ended: kept beside its images, and as a table of the track.
"""
