"""The website: pages with a navigation bar, a sidebar, breadcrumbs, a page's own contents, previous and next."""

from __future__ import annotations

import fnmatch
import posixpath
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.project import write_text
from compendium.render import commit, documents, elements, metadata, nodes, pandoc, references
from compendium.render.documents import Progress
from compendium.render.nodes import Node
from compendium.render.notebook import notebook_source
from compendium.render.sources import Project, Source, as_list, bibliography_keys, expand

SEARCH = ("search.js", "minisearch/minisearch.js", "minisearch/LICENSE.txt")
OWN_STYLES = ("styles/base.css", "styles/site.css")
SMALL_CONTENTS = re.compile(r'(<details class="page-toc-small">.*?</details>\n)(.*?</h1>\n)', re.DOTALL)
"""A page's contents for narrow screens, and what follows up to the heading that is the page's title."""


@dataclass(frozen=True)
class Entry:
    """One entry of the navigation: a page, a heading over pages, or both."""

    text: str
    page: str | None = None  # output path, or an address elsewhere
    contents: tuple[Entry, ...] = ()

    def pages(self) -> Iterator[Entry]:
        """Return the entries that are pages of this website, in order."""
        if self.page and not _elsewhere(self.page):
            yield self
        for item in self.contents:
            yield from item.pages()


@dataclass(frozen=True)
class Navigation:
    """What every page shows around its text."""

    title: str
    bar: tuple[Entry, ...] = ()
    sidebar: tuple[Entry, ...] = ()
    footer: str = ""
    favicon: str = ""
    styles: tuple[str, ...] = ()

    def variables(self, page: str) -> dict[str, Node]:
        """Return the template variables for ``page`` (its output path)."""
        root = posixpath.relpath(".", posixpath.dirname(page) or ".") + "/"
        order = [entry for item in self.sidebar for entry in item.pages()]
        paths = [entry.page for entry in order]
        place = paths.index(page) if page in paths else None
        values: dict[str, Any] = {
            "site-title": self.title,
            "root": root,
            "home": root + "index.html",
            "css": [root + style for style in self.styles],
            "navbar": [_shown(entry, page) for entry in self.bar],
            "sidebar": [_shown(entry, page) for entry in self.sidebar],
            "breadcrumbs": [
                {"text": entry.text, "href": _seen(entry.page, page)} for entry in _trail(self.sidebar, page)[:-1]
            ],
            "footer": self.footer or None,
            "favicon": root + self.favicon if self.favicon else None,
        }
        if place is not None and place > 0:
            values["prev"] = {"text": order[place - 1].text, "href": _seen(paths[place - 1], page)}
        if place is not None and place + 1 < len(order):
            values["next"] = {"text": order[place + 1].text, "href": _seen(paths[place + 1], page)}
        return {key: nodes.meta(value) for key, value in values.items() if value not in (None, [])}


def _elsewhere(address: str) -> bool:
    return bool(re.match(r"[a-z][a-z0-9+.-]*:", address))


def _seen(target: str | None, page: str) -> str | None:
    if target is None or _elsewhere(target):
        return target
    return posixpath.relpath(target, posixpath.dirname(page) or ".")


def _shown(entry: Entry, page: str) -> dict[str, Any]:
    inside = any(item.page == page for item in entry.pages())
    shown: dict[str, Any] = {"text": entry.text, "href": _seen(entry.page, page)}
    if entry.page == page:
        shown["active"] = True
    if entry.contents:
        shown["contents"] = [_shown(item, page) for item in entry.contents]
        if inside:
            shown["open"] = True
    return shown


def _trail(entries: tuple[Entry, ...], page: str) -> list[Entry]:
    for entry in entries:
        if entry.page == page:
            return [entry]
        below = _trail(entry.contents, page)
        if below:
            return [entry, *below]
    return []


def output_path(file: str) -> str:
    """Return where a source's page lands; as with Quarto, folders stay as they are."""
    return posixpath.splitext(file)[0] + ".html"


def page_of(path: str, sources: dict[str, Source]) -> str | None:
    """Return the output path of a source; an executed notebook's is the page that the chain wrote for it."""
    if path in sources:
        return output_path(path)
    written = f"build/pages/notebooks/{posixpath.splitext(posixpath.basename(path))[0]}.qmd"
    return output_path(written) if path.startswith("build/notebooks/") and written in sources else None


def page_title(source: Source, blocks: list[Node]) -> str:
    """Return a page's title: of its front matter, else its first heading among the blocks that this profile shows."""
    if source.meta.get("title"):
        return str(source.meta["title"])
    headings = (block for block in blocks if block["t"] == "Header" and block["c"][0] <= 2)
    return next((nodes.plain(block).strip() for block in headings), Path(source.file).stem)


def navigation(project: Project, titles: dict[str, str]) -> Navigation:
    """Return the navigation that ``website:`` declares over pages with these titles, by source.

    Raises CompendiumError where it names a missing page.
    """
    website = project.config.get("website", {})

    def entry(item: Any) -> Entry | None:
        if isinstance(item, str):
            if set(item) == {"-"}:
                return None
            item = {"href": item}
        if "section" in item or "menu" in item:
            inner = entries(item.get("contents") or item.get("menu"))
            head = str(item.get("section") or item.get("text", ""))
            if head in titles:
                return Entry(titles[head], output_path(head), inner)
            page = target(str(item["href"])) if item.get("href") else None
            return Entry(str(item.get("text") or head), page, inner)
        address = str(item.get("href") or item.get("file") or "")
        if not address:
            return Entry(str(item.get("text", "")))
        text = item.get("text") or (titles.get(address, address))
        return Entry(str(text), target(address))

    def target(address: str) -> str:
        address = address.lstrip("/")
        if _elsewhere(address):
            return address
        if address in titles:
            return output_path(address)
        if address.endswith((".qmd", ".ipynb", ".md")):
            raise CompendiumError(
                "the navigation names a page that is not rendered",
                file=f"_quarto-{project.profile}.yml",
                found=address,
                expected="a source in 'render:'",
            )
        return address

    def entries(value: Any) -> tuple[Entry, ...]:
        items: list[Any] = []
        for item in as_list(value):
            if isinstance(item, str) and "*" in item:
                items += [file for file in titles if fnmatch.fnmatch(file, item.lstrip("/"))]
            else:
                items.append(item)
        return tuple(filter(None, map(entry, items)))

    bar = website.get("navbar") or {}
    sidebars = as_list(website.get("sidebar"))
    styles = list(OWN_STYLES)
    for style in as_list(project.formats().get("html", {}).get("css")):
        styles.append(str(style).lstrip("/"))
    footer = website.get("page-footer", "")
    if isinstance(footer, dict):
        footer = " ".join(str(footer[key]) for key in ("left", "center", "right") if isinstance(footer.get(key), str))
    return Navigation(
        title=str(website.get("title", "")),
        bar=entries(bar.get("left")) + entries(bar.get("right")),
        sidebar=tuple(item for side in sidebars for item in entries(side.get("contents"))),
        footer=str(footer),
        favicon=str(website.get("favicon", "")).lstrip("/"),
        styles=tuple(styles),
    )


def render(project: Project, staging: Path, progress: Progress | None = None) -> list[Path]:
    """Write every page of the website into ``staging``; return the pages."""
    files = project.documents()
    if not files:
        raise CompendiumError("the profile names no page to render", file=f"_quarto-{project.profile}.yml")
    sources = {
        file: notebook_source(project, file) if file.endswith(".ipynb") else expand(project, file, marked=True)
        for file in files
    }
    trees = dict(zip(files, pandoc.all_parsed([sources[file] for file in files], project.root), strict=True))
    bodies = {file: references.visible(tree["blocks"], "html", project.profile) for file, tree in trees.items()}
    titles = {file: page_title(sources[file], bodies[file]) for file in files}
    around = navigation(project, titles)
    keys = bibliography_keys(project.root, project.bibliography)
    shown = commit.name(project.root)

    assets: set[str] = set()

    def shaped(file: str) -> Written:
        source = sources[file]
        options = documents.options_of(project, "html", source)
        count = documents.numbering_of(options)
        page = elements.Page(
            project.root,
            source,
            "html",
            path=output_path(file),
            image_extension=documents.image_extension(project, "html"),
            resolve=lambda path: page_of(path, sources),
        )
        body = bodies[file]
        front = references.visible(trees[file]["meta"], "html", project.profile)
        if not file.endswith(".ipynb"):
            body = count.number(body, source)
        cited = bool(_citations(body))
        if cited:
            body = documents.with_references(body, "References")
        ready = references.resolved({"meta": front, "blocks": body}, count.labels, keys, source)
        ready = elements.shaped(ready, page)
        head, _ = metadata.title_block(ready["meta"], options, "html")
        if "pagetitle" not in head:
            head["pagetitle"] = nodes.meta(titles[file])
        facet, unsearched = source.meta.get("facet"), source.meta.get("search") is False
        told = {"body-classes": source.meta.get("body-classes"), "commit": shown, "facet": facet}
        for key, value in {**told, "unsearched": "yes" if unsearched else ""}.items():
            if value:
                head[key] = nodes.meta(str(value))
        assets.update(page.assets)
        return Written(
            file,
            pandoc.document(head | around.variables(page.path), documents.noticed(project, ready["blocks"])),
            documents.cite_options(project, options, source) if cited else [],
            options,
            staging / page.path,
        )

    pages = write_pages(project, map(shaped, files))
    if progress:
        for file, path in zip(files, pages, strict=True):
            progress(f"{file} -> {path.relative_to(staging).as_posix()}")
    documents.copy_assets(project.root, staging, assets)
    copy_site_files(project, around, staging)
    return pages


def _citations(blocks: list[Node]) -> list[str]:
    found: list[str] = []

    def visit(node: Node) -> None:
        if node["t"] == "Cite":
            keys = [item["citationId"] for item in node["c"][0]]
            found.extend(key for key in keys if not references.is_label(key))

    nodes.walk(blocks, visit)
    return found


@dataclass(frozen=True)
class Written:
    """A page to be written: its source's name, its tree, Pandoc's options for citations, its settings, its place."""

    file: str
    tree: dict[str, Any]
    cite: list[str]
    options: dict[str, Any]
    target: Path


def write_pages(project: Project, pages: Iterable[Written]) -> list[Path]:
    """Write HTML pages in the website's template; return their places."""
    places: list[Path] = []

    def trees() -> Iterator[tuple[dict[str, Any], list[str], str]]:
        for page in pages:
            places.append(page.target)
            arguments = ["--standalone", "--mathml", "--section-divs", f"--template={pandoc.TEMPLATES / 'site.html'}"]
            if page.cite:
                arguments += ["--citeproc", *page.cite]
            if page.options.get("toc", True):
                arguments += ["--toc", f"--toc-depth={page.options.get('toc-depth', 3)}"]
            yield page.tree, arguments, page.file

    for target, text in zip(places, pandoc.all_written(trees(), "html", project.root), strict=True):
        text = re.sub(r' id="toc-[^"]*"', "", text)  # the contents stand twice, for wide and narrow screens
        if 'class="title-block"' not in text:
            text = SMALL_CONTENTS.sub(r"\2\1", text, count=1)
        write_text(target, text)
    return places


def copy_site_files(project: Project, around: Navigation, staging: Path) -> None:
    """Copy stylesheets and the files of ``project: resources:`` beside the pages."""
    documents.copy_styles(staging, (*documents.SCREEN, *SEARCH))
    for style in around.styles:
        if style in OWN_STYLES:
            continue
        if not (project.root / style).is_file():
            raise CompendiumError("the stylesheet is missing", file=f"_quarto-{project.profile}.yml", found=style)
        (staging / style).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project.root / style, staging / style)
    if around.favicon and not (project.root / around.favicon).is_file():
        raise CompendiumError("the icon is missing", file=f"_quarto-{project.profile}.yml", found=around.favicon)
    icon = {around.favicon} if around.favicon else set()
    documents.copy_assets(project.root, staging, {*project.resources(), *icon})
