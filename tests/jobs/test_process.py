"""How a run and its jobs end when they are told to, by processes of their own."""

import platform
import signal
import subprocess
import sys

import pytest


def end(body: str, *numbers: signal.Signals) -> tuple[int, str]:
    """Run Python that is sent signals once it is ready; its status, and all that it says then."""
    statements = ["from minispiral.jobs import process", body, "print('ready', flush=True)"]
    statements += ["import time", "time.sleep(1)", "print('done')"]
    process = subprocess.Popen(
        [sys.executable, "-c", "\n".join(statements)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    for number in numbers:
        process.send_signal(number)
    output, _ = process.communicate(timeout=30)
    return process.returncode, output


def test_ctrl_c_before_any_job_ends_the_run_in_a_line():
    status, output = end("process.end_at_once_on_interrupt()", signal.SIGINT)
    assert (status, output) == (130, "minispiral: stopped before any job began\n")


def test_once_jobs_begin_ctrl_c_is_an_exception_for_snakemake_to_end_them():
    body = "process.end_at_once_on_interrupt(); process.leave_interrupts_to_snakemake()"
    _, output = end(body, signal.SIGINT)
    assert "KeyboardInterrupt" in output


def test_a_run_that_is_ending_does_so_whatever_else_is_pressed():
    status, output = end("process.ignore_interrupts()", signal.SIGINT, signal.SIGINT)
    assert (status, output) == (0, "done\n")


def test_another_thread_may_ask_for_it_and_changes_nothing():
    body = "import threading; t = threading.Thread(target=process.ignore_interrupts)"
    status, output = end(f"{body}; t.start(); t.join()")
    assert (status, output) == (0, "done\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_job_ends_by_an_exception_that_lets_folders_be_removed(number):
    body = "import atexit; atexit.register(print, 'removed'); process.end_job_on_signals()"
    assert end(body, number) == (128 + number, "removed\n")


def test_a_path_is_taken_apart_once_and_into_the_same_parts():
    lines = ["import smart_open", "before = smart_open.parse_uri('/a/b.py')"]
    lines += ["from minispiral.jobs import process", "process.parse_paths_once()"]
    lines += ["after = [smart_open.parse_uri('/a/b.py') for _ in range(2)]"]
    lines += ["assert after[0] is after[1]", "assert after[0]._asdict() == before._asdict()"]
    lines += ["assert smart_open.parse_uri('/a/c.py').uri_path == '/a/c.py'"]
    # in a process of its own, as it changes the process
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)


def test_rules_that_make_a_file_are_found_once_and_are_the_same():
    lines = ["from snakemake.output_index import OutputIndex", "asked = []"]
    lines += ["class Product(str):"]
    lines += ["    def constant_prefix(self): return self.split('*')[0]"]
    lines += ["    def constant_suffix(self): return self.split('*')[1]"]
    lines += ["class Rule:"]
    lines += ["    def __init__(self, product): self.product = Product(product)"]
    lines += ["    def products(self): return [self.product]"]
    lines += ["    def is_producer(self, path): asked.append(path); return 'no' not in path"]
    lines += ["one, other = Rule('a/*.x'), Rule('a/*.y')"]
    lines += ["from minispiral.jobs import process", "process.find_producers_once()"]
    lines += ["index = OutputIndex([one, other])"]
    lines += ["assert [index.match_producers('a/b.x') for _ in range(3)] == 3 * [{one}]"]
    lines += ["assert asked == ['a/b.x']", "assert index.match_producers('a/no.y') == set()"]
    lines += ["assert OutputIndex([other]).match_producers('a/b.x') == set()"]
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)


# array after array of 40 MB, of which one at a time is needed; pages that Linux had to find
ARRAYS = """
import resource
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
bytearray(40_000_000)
before = faults()
for _ in range(5):
    bytearray(40_000_000)
print(faults() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="this is glibc's malloc")
def test_a_job_keeps_the_memory_of_arrays_for_the_next_ones():
    keep = "from minispiral.jobs import process; process.keep_freed_memory()\n"
    found = [
        int(subprocess.check_output([sys.executable, "-c", body + ARRAYS])) for body in ("", keep)
    ]
    assert found[1] < found[0] / 10
