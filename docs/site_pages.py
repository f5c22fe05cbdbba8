"""Pages of the site that docs/ does not have as they are: MkDocs runs this while it builds.

- README, the changelog and others of the project's folder, with their links turned;
- the notebook, as text;
- a page for each room of the package, with what its docstrings say;
- formulas as MathML, which browsers draw without a library.
"""

import ast
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "minispiral"
#: Of the project's folder, by their place in the site; what is no page is shown as it is.
OF_THE_PROJECT = {
    "index.md": "README.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "benchmarks/small.md": "benchmarks/small.md",
    "benchmarks/full.md": "benchmarks/full.md",
    "config.yaml": "config.yaml",
    "config.schema.json": "src/minispiral/config/config.schema.json",
    "CITATION.cff": "CITATION.cff",
    "LICENSE.txt": "LICENSE",
}
NOTEBOOK = "light_curves.ipynb"
NOTEBOOK_PAGE = "light_curves_in_python.md"
FUNCTIONS = "functions"
LINK = re.compile(r"(\]\()((?!https?:|#)[^)\s]+)(\))")
FORMULA = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages of functions, and those that the navigation does not name, at its end."""
    nav: list[Any] = config.nav or []
    named = set(re.findall(r"[\w/]+\.md", json.dumps(nav)))
    others = {path.name for path in Path(config.docs_dir).glob("*.md")} - named
    if others:
        nav.append({"Further": sorted(others)})
    nav.append({"Functions": [f"{FUNCTIONS}/{name}.md" for name in (*rooms(), "ground")]})
    config.nav = nav
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    for place, source in OF_THE_PROJECT.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        made = turned(text, ROOT / source) if place.endswith(".md") else text
        files.append(File.generated(config, place, content=made))
    notebook = json.loads((ROOT / "docs" / NOTEBOOK).read_text(encoding="utf-8"))
    files.append(File.generated(config, NOTEBOOK_PAGE, content=as_text(notebook)))
    for name, page in function_pages():
        files.append(File.generated(config, f"{FUNCTIONS}/{name}.md", content=page))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: Files) -> str:
    """Turn links of the pages of docs/ to where the site has what they lead to."""
    source = page.file.abs_src_path
    if source is None or Path(source).parent != Path(config.docs_dir):
        return markdown
    return turned(markdown, Path(source))


def on_page_content(content: str, **_: Page | MkDocsConfig | Files) -> str:
    """Draw formulas; two colons before a formula of a docstring are one."""
    content = content.replace("::</p>", ":</p>")
    return FORMULA.sub(lambda found: mathml(found[2], found[1] == "div"), content)


def mathml(latex: str, alone: bool) -> str:
    """A formula as MathML, within a line or `alone`."""
    return convert(html.unescape(latex), display="block" if alone else "inline")


def turned(text: str, source: Path) -> str:
    """Turn the links of a page, relative to its file, to places in the site."""
    places = {(ROOT / name).resolve(): place for place, name in OF_THE_PROJECT.items()}
    places[ROOT / "docs" / NOTEBOOK] = NOTEBOOK_PAGE
    (own,) = [p for f, p in places.items() if f == source] or [source.name]

    def turn(found: re.Match[str]) -> str:
        path, hash_, anchor = found[2].partition("#")
        target = (source.parent / path).resolve()
        place = places.get(target)
        if place is None and (ROOT / "docs") in target.parents:
            place = str(target.relative_to(ROOT / "docs"))
        if place is None:
            return found[0]  # nowhere in the site, which MkDocs says
        up = "../" * own.count("/")
        return f"{found[1]}{up}{place}{hash_}{anchor}{found[3]}"

    return LINK.sub(turn, text)


def as_text(notebook: dict[str, Any]) -> str:
    """A notebook as a page: its code is shown, and not what it shows."""
    parts = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
    note = "The notebook is `docs/light_curves.ipynb`; what it draws is in [pictures](gallery.md)."
    return "\n\n".join([parts[0], note, *parts[1:]])


def rooms() -> list[str]:
    """Names of the rooms of the package, in the order of the page for developers."""
    table = (ROOT / "docs" / "developing.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    there = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
    return sorted(there, key=lambda name: told.index(name) if name in told else len(told))


def function_pages() -> Iterator[tuple[str, str]]:
    """The page of each room, and one of what stands beside the rooms: name and Markdown."""
    for room in rooms():
        folder = PACKAGE / room
        first = (ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or "").split(
            "\n"
        )[0]
        modules = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
        entries = [f"::: minispiral.{room}.{module}\n" for module in modules]
        yield room, "\n".join([f"# `{room}`\n", f"{first}\n", *entries])
    beside = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")
    entries = [f"::: minispiral.{module}\n" for module in beside if module != "casa_site"]
    yield "ground", "\n".join(["# Beside the rooms\n", "::: minispiral.read\n", *entries])
