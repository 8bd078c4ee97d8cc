"""The thesis: a book of chapters that share their numbers and one bibliography, as web pages and as one PDF."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.project import write_bytes
from compendium.render import documents, elements, metadata, nodes, pandoc, references, search
from compendium.render.documents import Progress
from compendium.render.nodes import Node
from compendium.render.site import OWN_STYLES, Entry, Navigation, Written, copy_site_files, output_path, write_pages
from compendium.render.sources import Project, Source, as_list, bibliography_keys, expand, merge


def render(project: Project, formats: list[str], staging: Path, progress: Progress | None = None) -> list[Path]:
    """Write the book into ``staging``: chapter pages for ``html``, one PDF for ``typst``; return the files."""
    chapters = project.chapters()
    if not chapters or chapters[0][0] != "index.qmd":
        raise CompendiumError(
            "a book begins with its home page", file=f"_quarto-{project.profile}.yml", expected="index.qmd first"
        )
    for output in formats:
        if output not in ("html", "typst"):
            raise CompendiumError("a book is rendered as web pages and as PDF", found=output, expected="html, typst")
    sources = {file: expand(project, file, marked=True) for file, _ in chapters}
    trees = dict(zip(sources, pandoc.all_parsed(list(sources.values()), project.root), strict=True))
    with ThreadPoolExecutor(max_workers=len(formats) or 1) as pool:
        makers = {"html": _pages, "typst": _pdf}
        done = list(pool.map(lambda name: makers[name](project, sources, trees, staging, progress), formats))
    return [path for paths in done for path in paths]


def _assembled(
    project: Project, sources: dict[str, Source], trees: dict[str, Any], output: str
) -> tuple[dict[str, list[Node]], references.Numbering, dict[str, str], set[str]]:
    """Return each chapter's shaped blocks, the shared count, the chapters' titles, and the files they need."""
    options = documents.options_of(project, output, Source("", {}, ()))
    count = documents.numbering_of(options, in_book=True)
    keys = bibliography_keys(project.root, project.bibliography)
    whole = documents.joined(list(sources.values()))
    numbered: dict[str, list[Node]] = {}
    titles: dict[str, str] = {}
    anchors: dict[str, str] = {}
    counts = {False: 0, True: 0}
    for file, is_appendix in project.chapters():
        blocks = references.visible(trees[file]["blocks"], output, project.profile)
        if "title" in trees[file]["meta"]:
            heading = {"t": "Header", "c": [1, nodes.attr(), trees[file]["meta"]["title"]["c"]]}
            blocks = [heading, *blocks]
        first = next((block for block in blocks if block["t"] == "Header"), None)
        if first is None or first["c"][0] != 1:
            raise CompendiumError("a chapter must begin with a level-one heading or a title", file=file)
        if file == "index.qmd" and "unnumbered" not in first["c"][1][1]:
            first["c"][1] = [first["c"][1][0], [*first["c"][1][1], "unnumbered"], first["c"][1][2]]
        if not first["c"][1][0]:
            first["c"][1] = ["chapter-" + Path(file).stem, *first["c"][1][1:]]
        number = ""
        if "unnumbered" not in first["c"][1][1]:
            counts[is_appendix] += 1
            number = chr(64 + counts[True]) if is_appendix else str(counts[False])
        numbered[file] = count.number(
            blocks, sources[file], chapter=number, page=output_path(file), appendix=is_appendix
        )
        head = next(block for block in numbered[file] if block["t"] == "Header")
        anchors[file] = "#" + head["c"][1][0]
        titles[file] = " ".join(filter(None, (number, nodes.plain(head).strip())))
    if all(blocks is not documents.with_references(blocks) for blocks in numbered.values()):
        numbered[file] = documents.with_references(numbered[file])
    shaped: dict[str, list[Node]] = {}
    assets: set[str] = set()

    def lands(path: str) -> str | None:
        if path not in sources:
            return None
        return output_path(path) if output == "html" else anchors[path]

    for file, blocks in numbered.items():
        page = elements.Page(
            project.root,
            sources[file],
            output,
            path=output_path(file),
            image_extension=documents.image_extension(project, output),
            resolve=lands,
        )
        resolved: Any = references.resolved(blocks, count.labels, keys, whole)
        shaped[file] = elements.shaped(resolved, page)
        assets |= page.assets
    return shaped, count, titles, assets


def _book_meta(project: Project, output: str) -> tuple[dict[str, Node], dict[str, Any], Source]:
    book = project.config.get("book", {})
    source = Source(f"_quarto-{project.profile}.yml", {}, ())
    options = merge(documents.options_of(project, output, source), book)
    parsed = {key: nodes.meta(str(book[key])) for key in ("title", "subtitle", "description") if book.get(key)}
    head, _ = metadata.title_block(parsed, options, output)
    return head, options, source


def _pdf(
    project: Project, sources: dict[str, Source], trees: dict[str, Any], staging: Path, progress: Progress | None
) -> list[Path]:
    shaped, _, _, _ = _assembled(project, sources, trees, "typst")
    head, options, source = _book_meta(project, "typst")
    blocks = [block for chapter in shaped.values() for block in chapter]
    settings = {"book": True, "lof": bool(options.get("lof", True)), "lot": bool(options.get("lot", True))}
    head |= {key: nodes.meta(value) for key, value in settings.items() if value}
    head["toc-depth"] = nodes.meta(str(options.get("toc-depth", 3)))
    name = str(project.config.get("book", {}).get("output-file", project.profile))
    arguments = ["--citeproc", *documents.cite_options(project, options, source)]
    tree = pandoc.document(head, documents.noticed(project, blocks, "typst"))
    markup = documents.typst_markup(project, tree, arguments, options, source.file)
    target = staging / f"{name}.pdf"
    write_bytes(target, pandoc.pdf(markup, project.root, source.file, pandoc.STANDARDS))
    if progress:
        progress(f"{len(shaped)} chapters -> {target.name}")
    return [target]


def _pages(
    project: Project, sources: dict[str, Source], trees: dict[str, Any], staging: Path, progress: Progress | None
) -> list[Path]:
    shaped, _, titles, assets = _assembled(project, sources, trees, "html")
    head, options, source = _book_meta(project, "html")
    parts = [nodes.div(blocks, identifier=f"part-{place}") for place, blocks in enumerate(shaped.values())]
    cite = documents.cite_options(project, options, source)
    cited = pandoc.processed(pandoc.document({}, parts), cite, project.root, source.file)["blocks"]
    chapters = {file: part["c"][1] for file, part in zip(shaped, cited, strict=True)}
    homes = {identifier: output_path(file) for file, blocks in chapters.items() for identifier in _identifiers(blocks)}
    book = project.config.get("book", {})
    styles = [str(style).lstrip("/") for style in as_list(options.get("css"))]
    around = Navigation(
        title=str(book.get("title", "")),
        sidebar=tuple(Entry(titles[file], output_path(file)) for file in chapters),
        styles=(*OWN_STYLES, *styles),
    )

    def ready(file: str) -> Written:
        path = output_path(file)

        def across(node: Node) -> Node | None:
            if node["t"] == "Link" and node["c"][2][0].startswith("#"):
                home = homes.get(node["c"][2][0][1:], path)
                if home != path:
                    address = elements.Page(project.root, source, "html", path=path).beside(home)
                    return {"t": "Link", "c": [*node["c"][:2], [address + node["c"][2][0], node["c"][2][1]]]}
            return None

        blocks = documents.noticed(project, nodes.walk(chapters[file], across))
        meta = dict(head) if file == "index.qmd" else {key: head[key] for key in head if key == "lang"}
        meta["pagetitle"] = nodes.meta(titles[file])
        return Written(file, pandoc.document(meta | around.variables(path), blocks), [], options, staging / path)

    paths = write_pages(project, map(ready, chapters))
    if progress:
        for file in chapters:
            progress(f"{file} -> {output_path(file)}")
    documents.copy_assets(project.root, staging, assets)
    copy_site_files(project, around, staging)
    search.write_index(staging, paths)
    return paths


def _identifiers(blocks: list[Node]) -> list[str]:
    found: list[str] = []

    def visit(node: Node) -> None:
        if node["t"] == "Header":
            found.append(node["c"][1][0])
        elif node["t"] in ("Div", "Span", "Figure", "Table", "Link", "Image", "Code", "CodeBlock"):
            found.append(node["c"][0][0])

    nodes.walk(blocks, visit)
    return [identifier for identifier in found if identifier]
