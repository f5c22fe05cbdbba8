"""The keys of a campaign and of its tracks: all of a ``config.yaml``."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from minispiral.config.key import Pattern, absent, key, section
from minispiral.config.shared_keys import NAME, Clean, Round
from minispiral.config.simulation_keys import Simulation
from minispiral.config.target_keys import Target

SPW = Pattern(r"^[0-9]+$(?!" + "\n)", "the number of a spw")
CHANNELS = Pattern(
    r"^[0-9]+(~[0-9]+)?(;[0-9]+(~[0-9]+)?)*$(?!" + "\n)", 'channel ranges, such as "17~33;56~112"'
)
FIELD = "exact name of the target field, in which '*' is no wildcard"
SPWS = "spectral windows, by their numbers in the first measurement set of each track"


@dataclass(init=False, repr=False, eq=False)
class Split:
    """How the data of the target are taken out of a measurement set."""

    data_column: Literal["data", "corrected"] = key(
        "data", "column that holds the QA2-calibrated data"
    )
    flag_channels: dict[str, str] = key(
        {},
        "channels that the average of a spw leaves out; for example, for the absorption line at "
        '227 GHz, {2: "17~33;56~112"}',
        names=SPW,
        pattern=CHANNELS,
    )


@dataclass(init=False, repr=False, eq=False)
class Image(Clean):
    """How CLEAN makes IM0, the image of core and minispiral."""

    time_average: Literal["auto", "none"] = key(
        "auto",
        "auto: CLEAN works on averages in time, several times faster; they are as long as they can "
        "be, while the edge of the field loses less than 0.001 of its amplitude; none: CLEAN works "
        "on the integrations",
    )


@dataclass(init=False, repr=False, eq=False)
class Model:
    """How IM1, the image of the minispiral alone, is made."""

    core: Literal["zero", "surroundings"] = key(
        "zero",
        "what replaces the core; zero: nothing; surroundings: the mean of its surroundings; method "
        "joint replaces the pixel of the core, method clean all within half a beam of it",
        memo="REMOVE_ALL_CENTER_BEAM",
    )
    core_offset: Literal["auto"] | tuple[float, float] = key(
        [0.0, 0.0],
        "place of the core, east and north of the phase centre; auto: method joint measures it "
        "from the visibilities, method clean takes the peak of IM0",
        unit="arcsec",
    )
    scope: Literal["track", "campaign"] = key(
        "campaign",
        "tracks that make one IM1; campaign: all tracks together; track: each track for itself",
        why="because the total flux of IM1, and with it the flux scale, differs by several per "
        "cent between tracks that are each for themselves",
    )
    method: Literal["joint", "clean"] = key(
        "joint",
        "joint: IM1 is found from the visibilities of all integrations, spws and tracks, in turns "
        "with the fluxes; clean: IM1 is found by CLEAN, as in the memo",
    )
    turns: int = key(
        8,
        "greatest number of turns of method joint, which ends earlier where the fluxes no longer "
        "change; antenna gains are solved for from the third turn on",
        least=1,
        most=50,
    )
    pointing: Literal["auto", "none"] = key(
        "auto",
        "auto: method joint takes account of the pointing errors of the antennas, where the data "
        "show any; none: it does not",
    )
    primary_beam: bool = key(
        True, "true: method joint sees the sky through the primary beam of the antennas"
    )
    regularization: float = key(
        0.001,
        "strength with which method joint keeps small what the data do not measure",
        above=0,
    )


@dataclass(init=False, repr=False, eq=False)
class Fit:
    """How minispiral and core are fitted to the visibilities."""

    min_baseline_m: float = key(
        100,
        "shortest projected baseline of the long-baseline estimate",
        unit="m",
        memo="MINBAS",
        least=0,
    )


@dataclass(init=False, repr=False, eq=False)
class Flag:
    """How outliers are found; the limits of the flux itself are in scale."""

    deviation: None | float = key(
        6.0,
        "an integration is flagged where its flux is this far from a line through its neighbours "
        "in time; null: there is no such test",
        unit="robust standard deviations",
        above=0,
    )
    chi2: None | float = key(
        6.0,
        "an integration is flagged where the chi-square of its fit is this far above that of its "
        "neighbours, as a broken antenna makes it; null: there is no such test",
        unit="robust standard deviations",
        above=0,
    )
    bad_scan: None | float = key(
        0.5,
        "a whole scan is flagged where more than this share of it is flagged; null: no scan is",
        above=0,
        most=1,
    )
    table: None | str = key(
        None,
        "path of a table of flags that you edit by hand, or of a folder with flag files of the "
        "memo's second script, see docs/flags.md",
    )


@dataclass(init=False, repr=False, eq=False)
class Scale:
    """How the gains are found and the fluxes are scaled, and which integrations are good."""

    reference: Literal["campaign", "track"] = key(
        "campaign",
        "flux of the minispiral to which a track is scaled; campaign: the median over all tracks "
        "that share IM1; track: the median over the track alone",
    )
    gains: Literal["smooth", "integration"] = key(
        "smooth",
        "smooth: each gain is found from neighbouring integrations too, as far as the data support "
        "it; integration: each gain is found from its own integration alone, which makes it two to "
        "five times noisier",
    )
    flux_range: tuple[float, float] = key(
        [1.5, 4.5],
        "lowest and highest Stokes I of a good integration",
        unit="Jy",
        memo="SGRA_MIN, SGRA_MAX",
        least=0,
    )
    max_polarized_flux: None | float = key(
        None,
        "highest polarised flux of a good integration; null: any",
        unit="Jy",
        memo="SGRA_MAX_PolI",
        above=0,
    )
    correct_spws: list[int] = key(
        [],
        "spws whose core flux is corrected by a polynomial in elevation, so that it lies on the "
        "power law through the other spws; for example, for the absorption line at 227 GHz, [2]",
        memo="CORRECT_SPWS2_B6",
        least=0,
        unique=True,
    )
    absolute_error: float = key(
        0.1,
        "relative error of QA2's flux scale, one factor for a whole track; products state it, and "
        "no error in them contains it",
        why="the nominal accuracy of ALMA",
        least=0,
        most=1,
    )
    v_floor: float = key(
        0.006,
        "what calibration and leakage may leave in Stokes V, as a share of Stokes I; products "
        "state it, and no error in them contains it",
        why="a third of the smallest share that a proposal to ALMA may ask for",
        least=0,
        most=1,
    )


@dataclass(init=False, repr=False, eq=False)
class Selfcal:
    """How antenna gains are solved for, see docs/iterations.md."""

    solve: Literal["auto", "always", "never"] = key(
        "auto",
        "when method joint solves for antenna gains too; auto: where the data ask for them; where "
        "iterations do the rounds below, the rounds take the place of these gains",
    )
    model: Literal["full", "extended"] = key(
        "full",
        "what the rounds solve against; full: core and minispiral as fitted; extended: the "
        "minispiral, after the core is subtracted from the data, as in the memo",
    )
    apply_to_fit: Literal["auto"] | bool = key(
        "auto",
        "true: the fit uses the self-calibrated data; false: CLEAN alone uses them; auto: true "
        "with model full, false with model extended",
        memo="USE_SELFCAL_DATA",
    )
    rounds: list[Round] = key(
        [],
        "rounds of self-calibration, one for each iteration, the last one repeated; []: none; for "
        "example [{calmode: p}, {calmode: ap}], or, for the memo's way with method clean, "
        "[{calmode: p, solint: 100s, combine: spw}]",
    )


@dataclass(init=False, repr=False, eq=False)
class Track:
    """A track, with one of ms and simulate; the other keys are as those of the campaign."""

    ONE_OF: ClassVar = ("ms", "simulate")

    ms: str | list[str] = absent(
        "path of the QA2-calibrated measurement set, or a list of those of a night; they are only "
        "read",
        items=1,
    )
    simulate: Simulation = absent(
        "the track is simulated: {}, or keys of the simulation, see docs/simulation.md"
    )
    truth: str = absent("path of a table of true fluxes, for the target `validate`")
    field: str = absent(FIELD)
    spws: list[int] = absent(SPWS, least=0, items=1, unique=True)
    split: Split = absent()
    image: Image = absent()
    model: Model = absent()
    fit: Fit = absent()
    flag: Flag = absent()
    scale: Scale = absent()
    selfcal: Selfcal = absent()


@dataclass(init=False, repr=False, eq=False)
class Science:
    """What is asked of the light curves, see docs/science.md."""

    in_report: bool = key(
        True,
        "true: `all` makes what the light curves say, and the report has it as a section; false: "
        "the target `science` alone makes it, as a page of its own",
        why="as it takes a twentieth of the time of all",
    )
    false_alarms: float = key(
        0.01,
        "number of transients in the field that chance may make in a track",
        above=0,
        most=1,
    )


@dataclass(init=False, repr=False, eq=False)
class Configuration:
    """What a configuration says."""

    campaign: str = key("eht2017", "prefix of every product", memo="DATNAM", pattern=NAME)
    results: str = key("results", "folder of all output, relative to the working directory")
    field: str = key("Sgr A*", FIELD)
    spws: list[int] = key([0, 1, 2, 3], SPWS, least=0, items=1, unique=True)
    tracks: dict[str, Track] = absent(
        "tracks by name, of letters, digits, _ and -; field, spws and the keys of split, image, "
        "model, fit, flag, scale and selfcal can be overridden for one track",
        memo="TRACKS",
        items=1,
    )
    split: Split = section(Split)
    image: Image = section(Image)
    model: Model = section(Model)
    fit: Fit = section(Fit)
    flag: Flag = section(Flag)
    scale: Scale = section(Scale)
    bin_seconds: list[float] = key(
        [10, 60],
        "lengths of the bins in time; the target `binned` takes the mean over each, with an error "
        "that holds",
        unit="s",
        above=0,
        most=86400,
        unique=True,
    )
    science: Science = section(Science)
    export: Literal["none", "memo"] = key(
        "none",
        "memo: light curves are also written as the text files of the memo's second script, see "
        "docs/memo.md; none: they are not",
    )
    selfcal_targets: dict[str, Target] = key(
        {},
        "measurement sets, of any source, that are self-calibrated on images of themselves, see "
        "docs/selfcal.md",
        example=(
            "ngc5921:",
            "  ms: data/ngc5921.ms",
            '  rounds: [{calmode: p, solint: inf, combine: "spw,scan"}, {calmode: p, solint: inf}]',
        ),
    )
    keep_intermediates: bool = key(
        False,
        "true: also what no later run needs is kept: the core-subtracted measurement set of each "
        "spw and iteration, which is as large as the split one",
    )
    iterations: int = key(
        0,
        "how often IM1 is found again and fitted, each time after a round of selfcal.rounds where "
        "there is one",
        memo="step 5",
        least=0,
    )
    selfcal: Selfcal = section(Selfcal)
