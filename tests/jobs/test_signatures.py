"""Functions that tell their parameters at once: the same ones that are found by looking at them."""

import inspect

from minispiral.config import resolve
from minispiral.jobs.files import JobFiles
from minispiral.jobs.params import JobParams
from minispiral.jobs.reported import Reported
from minispiral.jobs.resources import Requests
from minispiral.jobs.signatures import with_signature, with_signatures
from minispiral.jobs.targets import Products

CAMPAIGN = resolve({"campaign": "c", "spws": [0], "tracks": {"a": {"ms": "a.ms"}}})


def test_a_function_tells_the_parameters_that_it_has():
    def memory(wildcards: str, attempt: int = 1) -> str:
        return f"{wildcards}{attempt}"

    looked_at = inspect.signature(memory)
    told = with_signature(memory).__signature__
    assert told == looked_at == inspect.signature(memory)


def test_a_method_tells_its_own_without_the_object():
    @with_signatures
    class Files:
        def of(self, wildcards: str) -> str:
            return wildcards

    assert list(inspect.signature(Files().of).parameters) == ["wildcards"]


def test_what_rules_call_for_every_job_tells_its_parameters_at_once():
    files, values = JobFiles(CAMPAIGN, str), JobParams(CAMPAIGN)
    ask, reported = Requests(CAMPAIGN), Reported(CAMPAIGN)
    called = [files.im1, files.of_all_spws("x"), files.sky.of_turn("x"), values.spws]
    called += [values.settings("fit"), Products(CAMPAIGN).all, reported.spws]
    called += [reported.of_tracks("x"), ask.threads("gains"), *ask("fit").values()]
    for function in called:
        assert "wildcards" in function.__signature__.parameters
