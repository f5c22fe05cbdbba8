"""What a job needs: its log, the lock, resources, versions of algorithms, provenance.

- lock: One run at a time on a campaign's folder: a lock that ends with the process that holds it.
- log: One job's log: what it logs, what CASA prints, and its one-line error.
- provenance: Where results come from: software, commands, calls of CASA's tasks, and the times of
  all jobs.
- resources: What a job asks of the machine, from the size of its track.
- versions: Version of each stage's algorithm: raise it when the stage's results change.
"""
