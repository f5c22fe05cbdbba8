"""Which files the jobs read that self-calibrate a target on images of itself, by rounds."""

from typing import Any

from minispiral.config.campaign import Campaign, mask_path
from minispiral.jobs.signatures import with_signatures
from minispiral.jobs.wildcards import Wildcards


@with_signatures
class TargetFiles:
    """The files of a campaign's targets; see `minispiral.jobs.files.JobFiles`."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign

    def measurement_set(self, wildcards: Wildcards) -> str:
        """The target's."""
        return self.campaign.target(wildcards.target)["ms"]

    def measurement_set_of_line(self, wildcards: Wildcards) -> str:
        """The line data's."""
        return self.campaign.target(wildcards.target)["lines"][wildcards.line]["ms"]

    def mask(self, wildcards: Wildcards) -> list[str]:
        """The mask that the user gives for the target, if any."""
        return mask_files(self.campaign.target(wildcards.target)["image"])

    def rounds_before(self, wildcards: Wildcards) -> list[str]:
        """Folders of the rounds before, the first image's first."""
        return [f"<targets>/{wildcards.target}/round{n}" for n in range(int(wildcards.round))]

    def all_rounds(self, wildcards: Wildcards) -> list[str]:
        """Folders of all rounds, as far as the target is to go."""
        n = self.campaign.target_rounds(wildcards.target)
        return [f"<targets>/{wildcards.target}/round{k}" for k in range(n + 1)]


def mask_files(image: dict[str, Any]) -> list[str]:
    """The mask that the user gives in the keys of ``image``, if any."""
    path = mask_path(image)
    return [] if path is None else [path]
