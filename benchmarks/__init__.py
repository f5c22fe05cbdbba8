"""Benchmarks: how long what takes, as ratios, and how good simulated light curves are.

- run: All of them in one run, into small.md and full.md: `make bench`, `make bench-smoke`.
- sizes: How large what they work on is.
- page: The pages of results, and where they come from.
- timing: The time that calls take.
- workflow: The workflow in a process of its own, as a user runs it.
- job: A script of the workflow in a process of its own, and what it costs.
- turns: All turns of fluxes and sky of some tracks, job by job.
- workflow_bench: A track through the workflow, against CASA's split and tclean alone.
- campaign_bench: Light curves of several tracks on several cores, against one track on one core.
- split_bench: The split of many channels, against reading them and CASA's; how it grows.
- turns_bench: All turns, against reading the columns and CLEAN; how they grow with tracks.
- fit_bench: The fit of one spw, against reading its columns and a plain loop; how it grows.
- graph_bench: Dry runs of many tracks.
- light_curve_bench: Light curves against the truth.
"""
