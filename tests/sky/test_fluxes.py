"""Fluxes of a track for a given sky: what the user's table leaves out of it."""

import numpy as np
import pytest

from minispiral.light_curves.user_flags import UserFlag
from minispiral.sky.track import SpwData, fit_fluxes
from tests.helpers.averages import CORE, Array

TIMES = np.arange(40) * 30.0
ARRAY = Array(8, TIMES)
FAINT = np.arange(10, 14)


@pytest.mark.parametrize("unit", [1.0, 20.0])  # of F_ext, which that of a sky may be
def test_fluxes_of_a_flag_are_those_of_the_light_curve(unit):
    compact = np.full(len(TIMES), 2.5)
    compact[FAINT] = 2.1
    common = np.linspace(0.8, 1.25, len(TIMES))  # of QA2, which the light curve is freed of
    data = ARRAY.data(extended=1.1, compact=compact, gain=np.sqrt(common)[:, None])
    flag = UserFlag("*", "*", TIMES[0], TIMES[-1], max_flux=2.3)
    fluxes = fit_fluxes(SpwData(data, [flag]), ARRAY.minispiral, unit, CORE)
    # the median of F_ext is that of the gain, 1.025
    assert np.flatnonzero(~fluxes.used).tolist() == FAINT.tolist()
