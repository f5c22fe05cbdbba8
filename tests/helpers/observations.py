"""Observations as they would be read from measurement sets, for tests that read none."""

from dataclasses import replace
from typing import Any

import numpy as np

from minispiral.checks.survey import Observation, Survey
from minispiral.ms.inspection import Inspection, SpectralWindow
from minispiral.sgr_a import position_deg

FREQUENCIES = (213.1e9, 215.1e9, 227.1e9, 229.1e9)
DAY = 86400.0
START = 57849.4 * DAY  # 2017-04-06 09:36
BANDWIDTH = 1.875e9


def observation(
    ms: str = "data/a.ms",
    frequencies: tuple[float, ...] = FREQUENCIES,
    channels: int = 1,
    window: dict[str, Any] | None = None,
    **changes,
) -> Observation:
    """24 antennas for 24 minutes, baselines up to 150 m; `changes` are of the inspection."""
    windows = tuple(
        replace(
            SpectralWindow(spw, frequency, channels, ("XX", "XY", "YX", "YY"), 1000, 990, 150.0),
            channel_width_hz=BANDWIDTH / channels,
            **{"interval_s": 6.0, **(window or {})},
        )
        for spw, frequency in enumerate(frequencies)
    )
    inspection = Inspection(
        field_name="Sgr A*",
        field_id=0,
        direction_deg=position_deg(),
        position_m=(2225142.0, -5440307.0, -2481030.0),
        antennas=24,
        integrations=240,
        first_time_s=START,
        last_time_s=START + 1434,
        spws=windows,
        state="",
        used_antennas=tuple(f"DA{k}@A0{k}" for k in range(41, 65)),
        dishes_m=(12.0,),
    )
    width = BANDWIDTH / channels
    return Observation(
        ms=ms,
        inspection=replace(inspection, **changes),
        channels_hz={
            w.spw: tuple(w.frequency_hz + width * (np.arange(channels) - (channels - 1) / 2))
            for w in windows
        },
        channel_width_hz={w.spw: width for w in windows},
    )


def survey(day: int = 0, column: str = "data", remarks: tuple[str, ...] = (), **changes) -> Survey:
    """A survey of such an observation, some days later."""
    times = {"first_time_s": START + day * DAY, "last_time_s": START + day * DAY + 1434}
    return Survey(observation(**{**times, **changes}), column, remarks)
