"""YAML as configurations are written in it: plain values, and no key twice."""

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from minispiral.config.problem import KeyPath
from minispiral.errors import MinispiralError


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a YAML configuration file, refusing a key that stands twice (YAML keeps the last).

    Raises
    ------
    MinispiralError
        If the file is missing, is not YAML, is not a mapping, or repeats a key.
    """
    try:
        with open(path, encoding="utf-8") as file:
            config = yaml.load(file, Loader=_StrictLoader)  # a SafeLoader: constructs no objects
    except FileNotFoundError as error:
        raise MinispiralError(missing(path)) from error
    except OSError as error:
        raise MinispiralError(f"{path}: cannot read it: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise MinispiralError(f"{path}: not a UTF-8 text file: save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise MinispiralError(f"{path}{_yaml_problem(error)}") from error
    if not isinstance(config, dict):
        raise MinispiralError(f"{path}: expected 'key: value' lines, see the project's config.yaml")
    return config


def lines_of_keys(path: str | os.PathLike[str]) -> dict[KeyPath, int]:
    """Lines, from 1, of all keys and list items of a YAML file that `read` accepts.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    with open(path, encoding="utf-8") as file:
        node = yaml.compose(file, Loader=_StrictLoader)
    return dict(_lines(node, (), ()))


def _lines(
    node: yaml.Node | None, path: KeyPath, within: tuple[yaml.Node, ...]
) -> Iterator[tuple[KeyPath, int]]:
    if node is None or node in within:  # an alias of what it is part of
        return
    items: list[tuple[str | int, yaml.Node, yaml.Node]] = []
    if isinstance(node, yaml.MappingNode):
        items = [(key.value, key, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        items = [(k, item, item) for k, item in enumerate(node.value)]
    for name, marked, value in items:
        yield (*path, name), marked.start_mark.line + 1
        yield from _lines(value, (*path, name), (*within, node))


def missing(path: str | os.PathLike[str]) -> str:
    """Say that a configuration file does not exist, with the one that is perhaps meant."""
    wanted = Path(path)
    try:
        there = {p.stem: p.name for p in wanted.parent.iterdir() if p.suffix in (".yaml", ".yml")}
    except OSError:
        there = {}
    near = difflib.get_close_matches(wanted.stem, there, n=1)
    if near:
        return f"{path} does not exist: did you mean {wanted.parent / there[near[0]]}?"
    if not wanted.suffix:  # a target, perhaps
        return (
            f"{path} does not exist: correct the path; Snakemake takes all words after "
            "--configfile for files, so put it last on the line"
        )
    return (
        f"{path} does not exist: correct the path, or write one with minispiral init data/*.ms -o "
        f"{path}"
    )


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses a repeated key and a key that is not text."""


def _construct_mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[str, Any]:
    loader.flatten_mapping(node)
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key_node.tag == "tag:yaml.org,2002:int" and str(key) == key_node.value:
            key = key_node.value  # a track called 20170406, or a spw, written without quotes
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(
                None,
                None,
                f"the key {key_node.value!r} is not text: write it in quotes",
                key_node.start_mark,
            )
        if key in mapping:
            raise yaml.constructor.ConstructorError(
                None,
                None,
                f"the key {key!r} stands here twice: rename or remove one of them",
                key_node.start_mark,
            )
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


def _construct_text(loader: _StrictLoader, node: yaml.ScalarNode) -> str:
    return loader.construct_yaml_str(node)


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)
# numbers such as 1e-3 and -4e5, which YAML 1.1 takes for text
_StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+.0123456789"),
)
# a time stays the text it is written as: every value must be one that JSON has too
_StrictLoader.add_constructor("tag:yaml.org,2002:timestamp", _construct_text)


def _yaml_problem(error: yaml.YAMLError) -> str:
    """The line with a colon on both sides, and what is wrong there."""
    mark = getattr(error, "problem_mark", None)
    where = f":{mark.line + 1}: " if mark else ": "
    problem = getattr(error, "problem", None) or "not valid YAML"
    if "\\t" in problem:
        return f"{where}a tab: indent with spaces"
    if "expected <block end>" in problem or "end of stream" in problem:
        problem += ": look for a missing quote or bracket, or an indentation that does not fit"
    return where + problem


def typed(value: Any) -> Any:
    """Give numbers within a mapping their type: Snakemake's --config leaves them as text."""
    if not isinstance(value, Mapping):
        return value
    return {str(key): _typed_item(item) for key, item in value.items()}


def _typed_item(item: Any) -> Any:
    if isinstance(item, str):
        return yaml.load(item, _StrictLoader)
    if isinstance(item, list):
        return [_typed_item(part) for part in item]
    return typed(item)
