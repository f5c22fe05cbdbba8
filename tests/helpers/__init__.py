"""What tests of several rooms share.

- averages: Averages of a made-up array that looks at a known sky.
- baselines: Baselines of a measurement set by CASA's measures.
- browser: Headless Chromium, as Debian packages it.
- configurations: Configurations and what is wrong with them.
- executions: A track cut into the executions of a night, each numbered in a way of its own.
- feeds: A polarised core as imperfect feeds see it, to first order: what light curves have of it.
- fits: Fits drawn from their own errors.
- job_files: The files that jobs of a small campaign read, and what a job is about.
- known_noise: The meta of a light curve whose errors are the noise, as its neighbours tell.
- nights: Simulated nights: visibilities by numpy alone, whose gains vary in a chosen way.
- observations: Observations as they would be read from measurement sets.
- places: Where the project lies, and the tracks beside it.
- reported: Tables of a made-up campaign, as its report is made from them.
- results: A campaign's folder of results with made-up light curves, as the workflow would write it.
- runs: Running the workflow as a user does.
- same_products: Whether two runs made the same; `python -m tests.helpers.same_products ONE OTHER`.
- shared_tracks: The tracks of known truth that lie beside the project, and what validation says of
  them.
- slurm_cluster: A SLURM of two nodes on this machine.
- tiny: A campaign of two small simulated tracks.
- told: What Snakemake would tell the display of runs.
- tracks: Simulated tracks that are made difficult, and what is known of them.
- windows: Windows of light curves, and curves in them that are drawn without the package.
"""
