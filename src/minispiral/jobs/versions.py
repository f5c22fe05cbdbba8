"""Version of each stage's algorithm: raise it when the stage's results change.

Snakemake sees changes of inputs, keys and scripts, but not of imported modules; these numbers go
into the rules' params, so that a rerun redoes what an update of the package makes stale.
"""

SIMULATE = 2
INSPECT = 6
COMPARE_TRACKS = 2
SPLIT = 5
CLEAN = 3
REMOVE_CORE = 1
LOCATE_CORE = 1
AVERAGE_MODELS = 1
SKY_COVERAGE = 3
SKY_GRID = 2
SKY_AVERAGES = 3
SKY_SUMS = 4
TRACK_GAINS = 3
POINTING = 5
SKY = 4
TURNS = 1
FIT = 2
EXPORT_IM1 = 1
SOLVE = 1
MINISPIRAL_DATA = 1
CLEAN_MINISPIRAL = 3
CONVERGENCE = 2
SELFCAL_GAINS = 3
EXPORT_FIT = 2
FLAG = 3
LIST_FLAGS = 2
REFERENCE = 1
DESCRIBE_GAINS = 6
SCALE = 7
COLLECT = 4
PLOT = 2
BIN = 1
VALIDATE = 4
SYSTEMATICS = 1
VARIABILITY = 1
EXTENDED_DATA = 3
WRITE_GAINS = 3
CALIBRATED_DATA = 5
POLARIMETRY = 6
RESIDUALS = 3
REPORT = 6
ABSORPTION = 3
TARGET = 5
TARGET_IMAGE = 3
TARGET_ROUND = 3
TARGET_SUMMARY = 1
TARGET_PRODUCTS = 3
EXECUTIONS = 2
JOIN = 1
