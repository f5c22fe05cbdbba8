"""Write what is made from the descriptions of the configuration's keys, by ``make keys``.

These are the demo's config.yaml (all but its tracks), the JSON schema for editors, and the page
docs/keys.md.
"""

import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any

from minispiral.config import schema
from minispiral.config.campaign_keys import Configuration
from minispiral.config.key import default_of, description, is_needed, parts, summary
from minispiral.config.possible import possible
from minispiral.config.shared_keys import Round
from minispiral.config.simulation_keys import Simulation
from minispiral.config.target_keys import Target
from minispiral.config.yaml_text import explained, flow, with_unit

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 100

DEMO_HEAD = """\
# The demo campaign: two tracks that the workflow simulates. For data of your own, let
# `minispiral init data/*.ms -o config.yaml` write such a file in a folder of yours, and run there;
# nothing of the demo is mixed in. Each key can be left out: it then has the default that its
# comment names. Where a comment names the memo, that is the name in the memo or in its script.

"""
PAGE_HEAD = """\
# All keys of the configuration

<!-- `make keys` writes this page from the descriptions in src/minispiral/config. -->

`config.yaml` is the configuration of a campaign. It is YAML: lines of `key: value`, where a section
such as `image` has keys of its own. A key that is left out has its default. Below, each key stands
with its meaning, and then with what it can be, its default, and its name in
[the memo](memo.md) or in the memo's script. `minispiral check config.yaml` says what is wrong in a
configuration. A program that checks YAML as you type, such as an editor, can use
[the JSON schema](../src/minispiral/config/config.schema.json).

Some words: a *spw* is a spectral window. *IM0* is the image of core and minispiral together, *IM1*
that of the minispiral alone. *QA2* is the calibration with which ALMA delivers data. *PSF* is the
image of a point. A *hand* is one polarisation of a feed: X or Y, or R or L.
[The method](method.md) explains them.
"""
#: Parts of the page after the first: title, class, introduction.
PARTS: tuple[tuple[str, type, str], ...] = (
    (
        "Keys of a round",
        Round,
        "A round is an entry of `selfcal.rounds`, or of the `rounds` of a target.",
    ),
    (
        "Keys of a target",
        Target,
        "A target is an entry of `selfcal_targets`, see [self-calibration](selfcal.md).",
    ),
    (
        "Keys of a simulation",
        Simulation,
        "These keys stand in `simulate` of a track, see [simulated tracks](simulation.md).",
    ),
)


def written() -> dict[Path, str]:
    """Return the text of each file."""
    return {
        ROOT / "config.yaml": demo(),
        ROOT / "docs" / "keys.md": page(),
        ROOT / "src" / "minispiral" / "config" / "config.schema.json": editor_schema(),
    }


def demo() -> str:
    """The demo's configuration: all but its tracks, which are kept as they are."""
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    tracks = re.search(r"(?ms)^tracks:[^\n]*\n(?: +#[^\n]*\n)*?(?=  \S)(.*?)\n(?=split:)", text)
    assert tracks is not None, "config.yaml has no tracks before split"
    return DEMO_HEAD + explained(Configuration, {"campaign": "demo"}, {"tracks": tracks[1]})


def editor_schema() -> str:
    """The JSON schema, as minispiral checks by it."""
    return json.dumps(schema(), indent=1) + "\n"


def page() -> str:
    """The page of all keys."""
    blocks = [PAGE_HEAD, *_sections(Configuration, "The whole")]
    for title, of_class, introduction in PARTS:
        blocks += _sections(of_class, title, introduction)
    return "\n".join(blocks)


def _sections(of_class: type, title: str, introduction: str = "") -> Iterator[str]:
    """Yield the part of a class: its own keys, then those of its sections."""
    yield f"## {title}\n"
    if introduction:
        yield _wrapped(introduction) + "\n"
    yield _list(of_class)
    for of_field in fields(of_class):
        if is_dataclass(of_field.type) and default_of(of_field) is not MISSING:
            yield f"### `{of_field.name}`\n"
            yield _wrapped(summary(of_field.type) + ".") + "\n"  # type: ignore[arg-type]
            yield _list(of_field.type)  # type: ignore[arg-type]
        elif "dict" in str(of_field.type):
            for part in parts(of_field.type):
                yield from _entries(of_field, part)


def _entries(of_field: "Field[Any]", of_class: type) -> Iterator[str]:
    """Yield the keys of what a key names, a track for instance, where no other part has them."""
    if of_class not in [known for _, known, _ in PARTS]:
        yield f"### `{of_field.name}`\n"
        yield _wrapped(f"Each entry: {summary(of_class)[0].lower()}{summary(of_class)[1:]}.") + "\n"
        yield _list(of_class)


def _list(of_class: type) -> str:
    """Keys of a class, an item for each, but for its sections."""
    known = [f for f in fields(of_class) if not is_dataclass(f.type) or f.name == "simulate"]
    return "".join(
        _item(of_field) + "\n" for of_field in known if description(of_field).explanation
    )


def _item(of_field: "Field[Any]") -> str:
    known, default = description(of_field), default_of(of_field)
    facts = [possible(of_field)]
    if default is not MISSING:
        facts.append(f"default `{flow(default)}`" + (f" ({known.why})" if known.why else ""))
    elif is_needed(of_field):
        facts.append("needed")
    if known.memo:
        facts.append(f"memo: {known.memo}")
    facts[0] = facts[0][0].upper() + facts[0][1:]
    text = f"- **`{of_field.name}`**: {with_unit(of_field)}. *{'; '.join(facts)}.*"
    return _wrapped(text, "  ")


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def main() -> None:
    """Write all."""
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
