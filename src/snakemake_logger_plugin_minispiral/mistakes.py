"""Messages of Snakemake on a mistaken command, in one line: what, where, what to do.

They come before the workflow is read, so that it cannot check them itself.
"""

import re
import sys

from minispiral.config.yaml_file import missing, read
from minispiral.errors import MinispiralError
from minispiral.jobs.command import all_given, no_target

_NO_RULE = re.compile(r"\AMissingRuleException:.*?\nNo rule to produce (.+?) \(if you use", re.S)
_NO_FILE = re.compile(r"^FileNotFoundError: \[Errno 2\] [^:]*: '(.+)'$", re.MULTILINE)
_NO_ENTRY = re.compile(
    r"^ValueError: Invalid config definition: .*\(Unparsable value: (.+)\)$", re.M
)
_NO_YAML = "Config file is not valid JSON or YAML"


def in_a_line(message: str) -> str | None:
    """What a message of Snakemake's says of the command, if it is one of those known."""
    if found := _NO_RULE.search(message):
        return no_target(found[1])
    if "_load_configfile" in message and (found := _NO_FILE.search(message)):
        return f"--configfile {missing(found[1])}"
    if found := _NO_ENTRY.search(message):
        return f"--config {found[1]} has no value: give KEY=VALUE, such as --config iterations=1"
    if _NO_YAML in message:
        return _unreadable(all_given(sys.argv[1:], "--configfile", "--configfiles"))
    return None


def _unreadable(files: list[str]) -> str | None:
    """What is wrong with the first of some configuration files that cannot be read."""
    for file in files:
        try:
            read(file)
        except MinispiralError as error:
            return f"--configfile {error}"
    return None
