"""Iteration (memo, step 5): self-calibrate, CLEAN the minispiral without its core, for a better IM1.

In: the split measurement sets, and IM1, fits and light curves of the iteration before. Out: antenna
gains, where `selfcal.rounds` has any; the data of the minispiral alone, corrected by them, and its
CLEAN images and model, from which the iteration's IM1 is made; a table of what changed.
"""


def before(pattern: str):
    """Return an input function: the file of the iteration before."""

    def file(wildcards) -> str:
        n = int(wildcards.iteration) - 1
        return pattern.format(**{**dict(wildcards.items()), "iteration": n})

    return file


def solved_spws(wildcards) -> list[int]:
    """Spws whose data give a spw's antenna gains: its own first."""
    own = int(wildcards.spw)
    how = campaign.selfcal_round(wildcards.track, int(wildcards.iteration))
    if "spw" not in how.get("combine", "").split(","):
        return [own]
    return [own, *(spw for spw in campaign.spws(wildcards.track) if spw != own)]


def of_solved_spws(pattern: str, back: int = 1):
    """Return an input function: a file of each of these spws, from the iteration before."""

    def files(wildcards) -> list[str]:
        n = int(wildcards.iteration) - back
        return [
            pattern.format(track=wildcards.track, iteration=n, spw=spw)
            for spw in solved_spws(wildcards)
        ]

    return files


def gains_before(wildcards) -> list[str]:
    """Antenna gains so far of the spws that are solved together; none before the first round."""
    if int(wildcards.iteration) < 2:
        return []
    return of_solved_spws(
        "<campaign>/{track}/iteration{iteration}/spw{spw}/antenna_gains.npz"
    )(wildcards)


def gains_of_iteration(wildcards) -> list[str]:
    """The spw's antenna gains, where the iteration solves for them."""
    if campaign.selfcal_round(wildcards.track, int(wildcards.iteration)) is None:
        return []
    return ["<campaign>/{track}/iteration{iteration}/spw{spw}/antenna_gains.npz"]


def gains_of_fit_before(wildcards) -> list[str]:
    """The antenna gains with which the fit before was made."""
    n = int(wildcards.iteration) - 1
    if not campaign.fit_is_selfcalibrated(wildcards.track, n):
        return []
    return [
        f"<campaign>/{wildcards.track}/iteration{n}/spw{wildcards.spw}/antenna_gains.npz"
    ]


def selfcal_round(wildcards) -> dict:
    """Keys of the round of self-calibration."""
    return campaign.selfcal_round(wildcards.track, int(wildcards.iteration))


def selfcal_model(wildcards) -> str:
    """What the data are self-calibrated against: full or extended."""
    return campaign.settings("selfcal", wildcards.track)["model"]


def fit_before_is_selfcalibrated(wildcards) -> bool:
    """Whether the fit before was made on self-calibrated data."""
    return campaign.fit_is_selfcalibrated(wildcards.track, int(wildcards.iteration) - 1)


rule solve_antenna_gains:
    input:
        splits=of_solved_spws("<campaign>/{track}/spw{spw}/split.ms"),
        im1=im1_before,
        core="<campaign>/{track}/core.json",
        fits=of_solved_spws("<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv"),
        light_curves=of_solved_spws(
            "<campaign>/{track}/iteration{iteration}/spw{spw}/light_curve.ecsv"
        ),
        gains=gains_before,
    output:
        "<campaign>/{track}/iteration{iteration}/spw{spw}/antenna_gains.npz",
    params:
        how=selfcal_round,
        against=selfcal_model,
        applied=fit_before_is_selfcalibrated,
        version=versions.SOLVE,
    log:
        "<logs>/{track}/iteration{iteration}/spw{spw}/solve.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/spw{spw}/solve.tsv"
    wildcard_constraints:
        iteration=r"[1-9]\d*",
    threads: 1
    resources:
        mem_mb=request_memory("solve"),
        runtime=request_runtime("solve"),
    script:
        "../scripts/solve_antenna_gains.py"


def intermediate(path: str):
    """Mark a folder that is removed after its last use, unless all is to be kept."""
    return directory(path) if campaign.keeps_intermediates else temp(directory(path))


rule write_minispiral_data:
    input:
        ms="<campaign>/{track}/spw{spw}/split.ms",
        im1=im1_before,
        core="<campaign>/{track}/core.json",
        fit=before("<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv"),
        light_curve=before(
            "<campaign>/{track}/iteration{iteration}/spw{spw}/light_curve.ecsv"
        ),
        gains=gains_of_iteration,
        gains_of_fit=gains_of_fit_before,
    output:
        intermediate(
            "<campaign>/{track}/iteration{iteration}/spw{spw}/minispiral.ms"
        ),
    params:
        against=selfcal_model,
        version=versions.MINISPIRAL_DATA,
    log:
        "<logs>/{track}/iteration{iteration}/spw{spw}/minispiral_data.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/spw{spw}/minispiral_data.tsv"
    wildcard_constraints:
        iteration=r"[1-9]\d*",
    threads: 1
    resources:
        mem_mb=request_memory("calibrate"),
        runtime=request_runtime("calibrate"),
    script:
        "../scripts/write_minispiral_data.py"


rule clean_minispiral:
    input:
        ms="<campaign>/{track}/iteration{iteration}/spw{spw}/minispiral.ms",
        inspection="<campaign>/{track}/inspection.json",
        mask=user_mask,
        im0="<campaign>/{track}/spw{spw}/im0",
    output:
        images=directory("<campaign>/{track}/iteration{iteration}/spw{spw}/im1"),
        model="<campaign>/{track}/iteration{iteration}/spw{spw}/minispiral.fits",
    params:
        settings=settings_of("image"),
        version=versions.CLEAN_MINISPIRAL,
    log:
        "<logs>/{track}/iteration{iteration}/spw{spw}/clean.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/spw{spw}/clean.tsv"
    wildcard_constraints:
        iteration=r"[1-9]\d*",
    threads: 1
    resources:
        mem_mb=request_memory("clean"),
        runtime=request_runtime("clean"),
    script:
        "../scripts/clean_minispiral.py"


def of_all_iterations(first: str, others: str):
    """Return an input function: a file of every track, spw and iteration, in this order."""

    def files(wildcards) -> list[str]:
        return [
            (others if n else first).format(track=track, spw=spw, iteration=n)
            for track in campaign.tracks
            for spw in campaign.spws(track)
            for n in range(campaign.iterations + 1)
        ]

    return files


def in_all_iterations(name: str):
    """Return an input function: the file `name` of every track, spw and iteration."""
    pattern = "<campaign>/{track}/iteration{iteration}/spw{spw}/" + name
    return of_all_iterations(pattern, pattern)


rule tabulate_convergence:
    input:
        fits=in_all_iterations("fit.ecsv"),
        light_curves=in_all_iterations("light_curve.ecsv"),
        images=of_all_iterations(
            "<campaign>/{track}/spw{spw}/im0",
            "<campaign>/{track}/iteration{iteration}/spw{spw}/im1",
        ),
    output:
        "<campaign>/convergence.ecsv",
    params:
        iterations=campaign.iterations,
        version=versions.CONVERGENCE,
    log:
        "<logs>/convergence.log",
    benchmark:
        "<benchmarks>/convergence.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    script:
        "../scripts/tabulate_convergence.py"
