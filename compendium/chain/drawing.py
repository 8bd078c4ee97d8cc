"""The chain drawn: what notebooks read, the results that they hand on, and the documents that show them.

Nothing is run and nothing built is needed: the links are found in the sources of notebooks and manuscripts, as the
chain itself finds them. The same chain gives the same bytes.
"""

from __future__ import annotations

import fnmatch
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from compendium import project
from compendium.chain import notebooks, products
from compendium.chain.notebooks import Notebook, number_of
from compendium.errors import CompendiumError
from compendium.render.sources import INCLUDE, include_target, load_project, read_lines

SHOWN = re.compile(r"\{\{<\s*var\s+(\S+?)\s*>\}\}|build/results/(?:tables|figures)/([\w-]+)")
FILE = "docs/chain.svg"
"""The picture that README and website show; it is drawn anew with the committed notebooks, where it is there."""

PAGE = "docs/chain.md"
"""The same as Mermaid text, for readers of the repository; as the picture, it is written anew where it is there."""

OUTPUTS = {"paper": "Paper", "thesis": "Thesis", "site": "Website"}


@dataclass(frozen=True)
class Link:
    """An arrow from one box to another; ``label`` says what is handed on, empty where the boxes say it."""

    source: str
    target: str
    label: str = ""


@dataclass(frozen=True)
class Drawing:
    """Boxes by kind, id -> label in the order in which they stand, and the arrows between them."""

    inputs: dict[str, str]
    notebooks: dict[str, str]
    outputs: dict[str, str]
    links: tuple[Link, ...]

    def description(self) -> str:
        """Return the drawing in sentences, for those who hear it."""

        def sources(target: str) -> str:
            found = [link.source for link in self.links if link.target == target]
            numbers = [number_of(name) for name in found if name in self.notebooks]
            numbers = [f"notebook{'s' * (len(numbers) > 1)} {_listed(numbers)}"] if numbers else []
            return _listed([*(self.inputs[name] for name in found if name in self.inputs), *numbers])

        lines = [
            f"{number_of(name)}: {label}, reads {sources(name) or 'nothing'}." for name, label in self.notebooks.items()
        ]
        lines += [f"{label} shows {sources(name) or 'no notebook'}." for name, label in self.outputs.items()]
        return " ".join(lines)


def read(root: Path) -> Drawing:
    """Return the chain of a project as boxes and arrows.

    Inputs are drawn by folder. An output is one of the Quarto profiles; the website has a page of every notebook.

    Raises
    ------
    CompendiumError : a notebook or a Quarto file cannot be read, or a notebook reads what none records.
    """
    chain = notebooks.discover(root / "notebooks")
    links: list[Link] = []
    folders: dict[str, None] = {}
    for notebook in chain:
        found = sorted({folder for pattern in notebook.inputs for folder in _folders(root, pattern)})
        folders.update(dict.fromkeys(found))
        links += [Link(folder, notebook.name) for folder in found]
    by_name = {notebook.name: notebook for notebook in chain}
    for name, needs in products.edges(chain).items():
        links += [Link(earlier, name, _handed_on(by_name[earlier], by_name[name])) for earlier in needs]
    outputs = {}
    for profile in OUTPUTS:
        if not (root / f"_quarto-{profile}.yml").is_file():
            continue
        shown = _shown(root, profile)
        makers = [n.name for n in chain if profile == "site" or _any_meets(shown, n.results_written)]
        outputs[profile] = OUTPUTS[profile]
        links += [Link(name, profile) for name in makers]
    titles = {notebook.name: notebook.title for notebook in chain}
    return Drawing({name: f"{name}/" for name in sorted(folders)}, titles, outputs, tuple(links))


def refresh(root: Path) -> list[Path]:
    """Draw the pictures of the project anew, those that are there; return the files that changed."""
    old = _old(root)
    return [project.write_text(path, text) for path, text in old.items()]


def check(root: Path) -> None:
    """Raise CompendiumError where a picture of the project is not that of its chain."""
    for path in _old(root):
        file = path.relative_to(root).as_posix()
        raise CompendiumError("the picture is not that of the chain", file=file, expected="'compendium notebooks'")


def _old(root: Path) -> dict[Path, str]:
    """Return the pictures of the project that are not those of its chain, with what they should hold."""
    standing = {root / FILE: svg, root / PAGE: page}
    found = {path: draw for path, draw in standing.items() if path.is_file()}
    chain = read(root) if found else None
    drawn = {path: draw(chain) for path, draw in found.items() if chain is not None}
    return {path: text for path, text in drawn.items() if path.read_text("utf-8") != text}


def page(drawing: Drawing) -> str:
    """Return the drawing as a page of Markdown, in which GitHub shows the Mermaid text as a picture."""
    return (
        "# The chain of notebooks\n\n"
        "Written by `compendium notebooks` from the sources of notebooks and manuscripts.\n\n"
        f"```mermaid\n{mermaid(drawing)}```\n"
    )


def mermaid(drawing: Drawing) -> str:
    """Return the drawing as Mermaid text (a flowchart from left to right), with its title and description."""
    identifiers = {name: f"i{number}" for number, name in enumerate(drawing.inputs, start=1)}
    identifiers |= {name: f"n{number_of(name)}" for name in drawing.notebooks} | {
        name: name for name in drawing.outputs
    }
    lines = ["flowchart LR", "  accTitle: The chain of notebooks", f"  accDescr: {_plain(drawing.description())}"]
    lines += [f'  {identifiers[name]}[("{_plain(label)}")]' for name, label in drawing.inputs.items()]
    lines += [
        f'  {identifiers[name]}["{number_of(name)} {_plain(label)}"]' for name, label in drawing.notebooks.items()
    ]
    lines += [f'  {identifiers[name]}(["{_plain(label)}"])' for name, label in drawing.outputs.items()]
    for link in drawing.links:
        arrow = f'-->|"{_plain(link.label)}"|' if link.label else "-->"
        lines.append(f"  {identifiers[link.source]} {arrow} {identifiers[link.target]}")
    return "\n".join(lines) + "\n"


# --- the picture ---------------------------------------------------------------------------------------------

WIDTH, TOP, GAP, LINE = 760, 58, 14, 19  # as wide as a column of text, so that its type stays readable
COLUMNS = {"inputs": (8, 152), "notebooks": (222, 326), "outputs": (652, 100)}
LETTERS = {"inputs": 17, "notebooks": 38, "outputs": 10}
HEADS = {"inputs": "Data", "notebooks": "Notebooks", "outputs": "Documents"}
STYLE = """
  svg { color-scheme: light dark; --ink: #1f2933; --soft: #52606d; --line: #8a97a3; --box: #ffffff; --data: #eef3f8;
    --paper: #f3efe6; --page: #ffffff; --hand: #0b5c8a; }
  @media (prefers-color-scheme: dark) { svg { --ink: #e6ebf0; --soft: #b4bec8; --line: #7c8996; --box: #20272e;
    --data: #1c2a38; --paper: #2e2a20; --page: #14191e; --hand: #7cc4ee; } }
  text { font: 15px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: var(--ink); }
  .head { font-weight: 600; }
  .small { font-size: 13px; fill: var(--hand); stroke: var(--page); stroke-width: 3px; paint-order: stroke; }
  .page { fill: var(--page); } rect { stroke: var(--line); fill: var(--box); } .page { stroke: none; }
  .inputs { fill: var(--data); } .outputs { fill: var(--paper); }
  path { fill: none; stroke: var(--line); stroke-width: 1.2; } .hand { stroke: var(--hand); stroke-width: 1.6; }
  marker path { fill: var(--line); stroke: none; } marker .hand { fill: var(--hand); }
"""


@dataclass(frozen=True)
class _Box:
    kind: str
    top: float
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return len(self.lines) * LINE + 16

    @property
    def left(self) -> float:
        return COLUMNS[self.kind][0]

    @property
    def right(self) -> float:
        return self.left + COLUMNS[self.kind][1]

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def svg(drawing: Drawing) -> str:
    """Return the drawing as an SVG with a title and a description, for light and dark schemes."""
    labels = {
        "inputs": drawing.inputs,
        "notebooks": {name: f"{number_of(name)} {label}" for name, label in drawing.notebooks.items()},
        "outputs": drawing.outputs,
    }
    tall = max((_stacked(kind, items, 0)[1] for kind, items in labels.items()), default=0)
    boxes: dict[str, _Box] = {}
    for kind, items in labels.items():
        height = _stacked(kind, items, 0)[1]
        boxes |= _stacked(kind, items, TOP + (tall - height) / 2)[0]
    height = TOP + tall + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" '
        f'height="{height:g}" role="img" aria-labelledby="chain-title chain-desc">',
        '<title id="chain-title">The chain: data, notebooks, the results that they hand on, documents</title>',
        f'<desc id="chain-desc">{escape(drawing.description())}</desc>',
        f"<style>{STYLE}</style>",
        "<defs>"
        + "".join(
            f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            f'<path class="{name}" d="M0,0 L8,4 L0,8 z"/></marker>'
            for name in ("tip", "hand")
        )
        + "</defs>",
        f'<rect class="page" width="{WIDTH}" height="{height:g}"/>',
    ]
    parts += [
        f'<text class="head" x="{COLUMNS[kind][0]}" y="34">{HEADS[kind]}</text>' for kind in HEADS if labels[kind]
    ]
    parts += list(_arrows(drawing, boxes))
    for box in boxes.values():
        width = COLUMNS[box.kind][1]
        parts.append(
            f'<rect class="{box.kind}" x="{box.left}" y="{box.top:g}" width="{width}" height="{box.height:g}" rx="4"/>'
        )
        parts += [
            f'<text x="{box.left + 10}" y="{box.top + 22 + LINE * number:g}">{escape(line)}</text>'
            for number, line in enumerate(box.lines)
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _stacked(kind: str, labels: dict[str, str], top: float) -> tuple[dict[str, _Box], float]:
    """Return a column's boxes below each other, and its height."""
    boxes: dict[str, _Box] = {}
    place = top
    for name, label in labels.items():
        boxes[name] = _Box(kind, place, tuple(textwrap.wrap(label, LETTERS[kind]) or [""]))
        place += boxes[name].height + GAP
    return boxes, place - top - GAP if labels else 0


def _arrows(drawing: Drawing, boxes: dict[str, _Box]) -> Iterator[str]:
    """Yield the arrows: curves between columns, and one lane per notebook that reads results of others."""
    readers = list(dict.fromkeys(link.target for link in drawing.links if _inner(link, boxes)))
    for link in drawing.links:
        source, target = boxes[link.source], boxes[link.target]
        if not _inner(link, boxes):
            bend = (target.left - source.right) / 2
            yield (
                f'<path marker-end="url(#tip)" d="M{source.right},{source.middle:g} C{source.right + bend:g},'
                f'{source.middle:g} {target.left - bend:g},{target.middle:g} {target.left},{target.middle:g}"/>'
            )
    for number, name in enumerate(readers):
        lane, target = boxes[name].right + 26 + 12 * (number % 5), boxes[name]
        feeding = [link for link in drawing.links if link.target == name and _inner(link, boxes)]
        for link in feeding:
            source = boxes[link.source]
            yield f'<path class="hand" d="M{source.right},{source.middle + 6:g} H{lane} V{target.middle:g}"/>'
        yield f'<path class="hand" marker-end="url(#hand)" d="M{lane},{target.middle:g} H{target.right}"/>'
        words = _listed(list(dict.fromkeys(link.label for link in feeding)))
        shown = textwrap.shorten(words, 24, placeholder=" …")
        yield f'<text class="small" x="{target.right + 8}" y="{target.middle + 18:g}">{escape(shown)}</text>'


def _inner(link: Link, boxes: dict[str, _Box]) -> bool:
    return boxes[link.source].kind == boxes[link.target].kind == "notebooks"


# --- what is read --------------------------------------------------------------------------------------------


def _folders(root: Path, pattern: str) -> set[str]:
    """Return the folders, at most two deep, that an input belongs to; where a variable names it, those of its files."""
    files = [pattern]
    if pattern.startswith("*"):
        files = [path.relative_to(root).as_posix() for path in products.files(root, pattern)] or ["data/" + pattern]
    return {"/".join(part for part in file.split("/")[:-1][:2] if "*" not in part) for file in files}


def _handed_on(earlier: Notebook, later: Notebook) -> str:
    """Return in words which results of one notebook another reads."""
    if "*" in later.results_read:
        return "all results"
    met = [wanted for wanted in later.results_read if _any_meets([wanted], earlier.results_written)]
    return _listed(met)


def _any_meets(wanted: Iterable[str], written: Iterable[str]) -> bool:
    patterns = list(written)
    return any(fnmatch.fnmatch(key, pattern) for key in wanted for pattern in patterns) or any(
        fnmatch.fnmatch(pattern, key) for key in wanted if "*" in key for pattern in patterns
    )


def _shown(root: Path, profile: str) -> set[str]:
    """Return the values, tables and figures that the sources of a profile show: keys and ids."""
    found: set[str] = set()
    queue = load_project(root, profile).documents() if profile != "site" else []
    seen: set[str] = set()
    while queue:
        file = queue.pop()
        if file in seen or file.startswith("build/"):
            continue
        seen.add(file)
        try:
            lines = read_lines(root, file)
        except CompendiumError:
            continue  # `compendium check` names it
        for line in lines:
            found.update(key or identifier for key, identifier in SHOWN.findall(line))
            if match := INCLUDE.match(line):
                target = include_target(root, file, match["path"])
                queue += [target] if target else []
    return found


def _listed(words: list[str]) -> str:
    return ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1] if words else ""


def _plain(text: str) -> str:
    """Return text that Mermaid reads as it stands."""
    return text.replace('"', "#quot;").replace("\n", " ")
