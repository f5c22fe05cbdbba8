"""What processes write to a terminal, passed on by the line."""

import os

from snakemake_logger_plugin_minispiral.relay import Relay


def test_what_any_process_writes_is_passed_on_by_the_line(capfd):
    lines = []
    relay = Relay([2], lines.append)
    try:
        os.system("echo 'minispiral: one' >&2; printf 'two' >&2")
        os.write(1, b"not taken\n")
    finally:
        relay.close()
    os.write(2, b"after\n")
    assert lines == ["minispiral: one", "two"]
    assert capfd.readouterr() == ("not taken\n", "after\n")
