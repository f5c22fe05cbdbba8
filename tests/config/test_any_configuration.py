"""No configuration, however wrong, ends without a message of its own."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minispiral.config import defaults, resolve, target_defaults, yaml_file
from minispiral.errors import MinispiralError

GOOD = {"campaign": "c", "tracks": {"a": {"ms": "a.ms"}, "b": {"simulate": {}}}, "spws": [0, 1]}

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.dates(),
    st.sampled_from(["auto", "none", "..", "-x", "$(touch x)", "a\nb", "ä", "{track}", "0"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.text(max_size=8), st.integers(0, 9)), inner, max_size=3),
    ),
    max_leaves=6,
)


def paths(config: dict, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Places of a configuration at which something can stand."""
    places = []
    for key, value in config.items():
        places.append((*prefix, key))
        if isinstance(value, dict):
            places += paths(value, (*prefix, key))
    return places


DEFAULTS = defaults()
PLACES = paths(DEFAULTS | GOOD)
PLACES += [("tracks", "a", *path) for path in paths(DEFAULTS)]
PLACES += [("tracks", "b", "simulate", key) for key in ("seed", "antennas", "start", "scans")]
PLACES += [("selfcal", "targets", "t", key) for key in target_defaults()]
PLACES += [("unknown",), ("image", "unknown"), ("tracks", "a", "unknown")]


def put(config: dict, path: tuple[str, ...], value: object) -> None:
    for key in path[:-1]:
        if not isinstance(config.get(key), dict):
            config[key] = {}
        config = config[key]
    config[path[-1]] = value


def understood_or_refused(config: dict) -> None:
    """Refused, if at all, by lines that say something."""
    try:
        resolve(config)
    except MinispiralError as error:
        text = str(error)
        assert text
        assert all(line.strip() for line in text.splitlines())


@given(st.lists(st.tuples(st.sampled_from(PLACES), values), min_size=1, max_size=3))
@settings(max_examples=400, deadline=None)
def test_any_value_at_any_key(changes):
    config = copy.deepcopy(GOOD)
    for path, value in changes:
        put(config, path, value)
    understood_or_refused(config)


@pytest.mark.parametrize("name", ["a\nb", "\x1e\x1e", "\x1b[2J", "", " "])
def test_keys_that_cannot_be_seen_are_shown(name):
    with pytest.raises(MinispiralError) as error:
        resolve({**GOOD, name: 1})
    assert f"{repr(name)[1:-1] or repr(name)}" in str(error.value)
    assert str(error.value).isprintable()


@given(st.dictionaries(st.one_of(st.text(max_size=8), st.sampled_from(list(DEFAULTS))), values))
@settings(max_examples=200, deadline=None)
def test_any_mapping(config):
    understood_or_refused(config)


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_file(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("fuzz") / "config.yaml"
    path.write_bytes(content)
    try:
        assert isinstance(yaml_file.read(path), dict)
    except MinispiralError as error:
        text = str(error)
        assert text
        assert "\n" not in text


@given(st.text(alphabet="abc:{}[]&*!|>%@'\"#,- \n\t?1.\\", max_size=60))
@settings(max_examples=400, deadline=None)
def test_any_text(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("fuzz") / "config.yaml"
    path.write_text(content)
    try:
        config = yaml_file.read(path)
    except MinispiralError as error:
        text = str(error)
        assert text
        assert "\n" not in text
    else:
        understood_or_refused(config)
