"""True light curves of Sgr A* from ALMA data, measured against the constant minispiral."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minispiral.exports.results import CampaignResults

__version__ = "0.1.0"


def read(folder: str | Path) -> "CampaignResults":
    """Read the results of a campaign, see `minispiral.exports.results.CampaignResults`.

    Parameters
    ----------
    folder : of the campaign, as ``results/eht2017``

    Raises
    ------
    minispiral.errors.MinispiralError
        If it is no such folder.
    """
    from minispiral.exports.results import read_results  # what it needs takes a second to load

    return read_results(folder)
