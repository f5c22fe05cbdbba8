"""What a job needs: its files and params, its log, the lock, resources, versions, provenance.

- command: A user's command: mistakes in it that Snakemake would not report, or not plainly.
- copied: Results that were copied without the times of their files, as `cp -r` does: times are set
  back.
- files: Which files a job reads, where its rule cannot say so by a path alone.
- job: What a script is given: Snakemake's object for its job, and its paths made absolute.
- lock: One run at a time on a campaign's folder: a lock that ends with the process that holds it.
- log: One job's log: what it logs, what CASA prints, and its one-line error.
- params: The values of a job beside its files: keys of the configuration, states of inputs.
- process: How a run and its jobs end on signals such as Ctrl-C, and what makes planning a run
  faster.
- provenance: The origin of results: software, commands, calls of CASA's tasks, and the times of
  all jobs.
- reported: The inputs and values of a page of the report: of one track, or of the campaign with its
  targets.
- resources: What a job asks of the machine, from the size of its track.
- run_command: What `minispiral run` becomes: a command of Snakemake with the workflow's own
  Snakefile.
- signatures: Functions that Snakemake calls for every job state their parameters at once.
- sky_files: Which files the jobs read that find the sky from the visibilities, by turns.
- spw_lists: Rules for tracks of different spws: one for each list of spws that tracks have.
- startup: How a run of the workflow begins: the configuration with its messages, the lock, the
  record.
- systematic_files: Which files the jobs read that find IM1 in other ways, for the budget of what is
  systematic.
- target_files: Which files the jobs read that self-calibrate a target on images of itself, by
  rounds.
- targets: The products of each target rule: those of the campaign, of its tracks, of its
  targets.
- truth_files: Which files the jobs read that hold light curves against true fluxes, where they are
  known.
- versions: Version of each stage's algorithm: raise it when the stage's results change.
- wildcards: The subject of a job, by the wildcards that Snakemake gives it: tracks, and their
  spws.
"""
