"""How long jobs took in earlier runs of a campaign, by the logs of these runs."""

import re
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

NEWEST = 5  # runs that are looked at: a machine, its load and the data change
SHORTEST = 0.5  # s of a job whose time is rounded to none
_FINISHED = re.compile(r"^\S+ \S+  finished  ([^,\n]+?)(?:, .*)? in ([\d:]+);", re.MULTILINE)


def seconds_of_rules(runs: Path) -> dict[str, float]:
    """Mean seconds of a job of each rule, of the newest run in which some were finished.

    Parameters
    ----------
    runs : folder of the logs of runs, which may be missing
    """
    try:
        logs = sorted(runs.glob("*.txt"))[-NEWEST:]
    except OSError:
        return {}
    known: dict[str, float] = {}
    for log in logs:  # the newest come last, and win
        text = ""
        with suppress(OSError):
            text = log.read_text(encoding="utf-8", errors="replace")
        took = defaultdict(list)
        for name, time in _FINISHED.findall(text):
            took[name.replace(" ", "_")].append(max(_seconds(time), SHORTEST))
        known |= {rule: sum(seconds) / len(seconds) for rule, seconds in took.items()}
    return known


def _seconds(text: str) -> float:
    """Seconds of a time such as ``1:02:03``, as `minispiral.io.progress.duration` writes it."""
    total = 0.0
    for part in text.split(":"):
        total = 60 * total + float(part or 0)
    return total
