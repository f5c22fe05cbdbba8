"""What `minispiral init` and `minispiral check` find before anything runs.

- draft: The first configuration of a campaign: what its measurement sets hold, and all
  defaults.
- findings: What a check finds: that a thing is right, worth a note, or an error, in one line.
- images: Whether images are fine and wide enough for their data.
- inputs: What a configuration names, checked before anything starts: it takes no time.
- machine: Whether this machine can run a campaign: its software, its memory, its disks.
- nights: Measurement sets that are executions of one night: found by `init`, and taken together.
- preflight: Everything that can be known of a campaign before it runs, as one list of findings.
- survey: A look at measurement sets before there is a configuration, and at what inspection
  leaves out.
- target_draft: The first configuration of a self-calibration of measurement sets, whatever
  their source.
- target_survey: A look at measurement sets that are to be self-calibrated, whatever their source.
- tracks: Whether the tracks of a campaign, as inspected, suit each other and the configuration.
"""
