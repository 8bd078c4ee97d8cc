"""One document through all its steps: expanded, parsed, numbered, resolved, shaped, cited and written."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.project import available, write_bytes, write_text
from compendium.render import commit, elements, jats, marks, metadata, nodes, pandoc, references, word
from compendium.render.nodes import Node
from compendium.render.sources import Line, Project, Source, bibliography_keys, expand, merge

EXTENSIONS = {"html": ".html", "docx": ".docx", "jats": ".xml", "typst": ".pdf"}
IMAGES = {"html": "svg", "typst": "svg", "docx": "png", "jats": "png"}
REFERENCES = re.compile(r'"t": "Div", "c": \[\["refs"')  # their place in a tree's JSON
TOUCHED = re.compile(rf'"t": "(?:Cite|Note)"|{REFERENCES.pattern}')  # by resolving citations
SCREEN = ("base.css", "site.css", "site.js")
"""Stylesheets and script of every page; a website has search besides."""
PRINTED = ("title", "subtitle", "abstract", "short-title", "description", "nocite")  # metadata with markup
LONGEST = ("typst", "docx")  # to write; they begin first
Progress = Callable[[str], None]


def noticed(project: Project, blocks: list[Node], output: str = "html") -> list[Node]:
    """Return a document's blocks with its notices, after a heading that begins them.

    There may be two: the project's banner, and that of other parameters, which stands beside the results.
    """
    path = project.root / "build/results/notice.txt"
    told = [project.banner, path.read_text(encoding="utf-8").strip() if path.is_file() else ""]
    shown = [nodes.para([{"t": "Strong", "c": nodes.text(words)}]) for words in told if words]
    place = 1 if blocks and blocks[0]["t"] == "Header" else 0
    if shown and output == "html":
        shown = [nodes.div(shown, "notice")]
    return [*blocks[:place], *shown, *blocks[place:]]


def image_extension(project: Project, output: str) -> str:
    """Return the extension of images written without one: the format's own setting, else what suits it."""
    return str(project.formats().get(output, {}).get("default-image-extension", IMAGES[output]))


def cite_options(project: Project, meta: dict[str, Any], source: Source) -> list[str]:
    """Return Pandoc's options for citations; raises CompendiumError where a file they name is missing."""
    options = [f"--bibliography={file}" for file in project.bibliography]
    style = meta.get("csl")
    if style:
        if not (project.root / str(style)).is_file():
            raise CompendiumError("the citation style is missing", file=source.file, found=str(style))
        options.append(f"--csl={style}")
    return [*options, "--metadata=link-citations:true"]


def with_references(blocks: list, heading: str = "") -> list:
    """Return blocks that end in a place for the references, unless they hold one already."""
    if REFERENCES.search(json.dumps(blocks)):
        return blocks
    title = {"t": "Header", "c": [2, nodes.attr("references", ["unnumbered"]), nodes.text(heading)]}
    return [*blocks, *([title] if heading else []), nodes.div([], identifier="refs")]


def numbering_of(meta: dict[str, Any], **more: Any) -> references.Numbering:
    """Return a fresh count with the document's settings."""
    return references.Numbering(
        number_sections=bool(meta.get("number-sections", False)), depth=int(meta.get("number-depth", 6)), **more
    )


def options_of(project: Project, output: str, source: Source) -> dict[str, Any]:
    """Return the settings of a document in one format: the format's over the document's over the project's."""
    meta = merge(project.config, source.meta)
    return merge(meta, project.formats().get(output, {}))


def article(
    project: Project,
    file: str,
    formats: list[str],
    staging: Path,
    progress: Progress | None = None,
    source: Source | None = None,
) -> list[Path]:
    """Write one article in every format into ``staging``; return the files written.

    ``source`` takes the place of the file's own text, for a variant of a document.
    """
    memory = None
    if source is None:
        source = expand(project, file, marked=True)
        if "docx" in formats:  # it may come back from co-authors; a variant is for a journal
            source, memory = marks.marked(project, source, project.shaded)
    tree = pandoc.parsed(source, project.root)
    stem = Path(file).stem

    cited = _cited(project, source, tree, formats)

    def write(output: str) -> tuple[Path, set[str]]:
        options = options_of(project, output, source)
        page = elements.Page(
            project.root,
            source,
            output,
            path=stem + EXTENSIONS[output],
            image_extension=image_extension(project, output),
            resolve=lambda path: "#" if path == file else None,
        )
        done, labels = cited[output]
        if memory:
            done = memory.cited(done) if output == "docx" else marks.unmarked(done)
        ready = elements.shaped({"meta": done["meta"], "blocks": done["blocks"]}, page)
        head, lead = metadata.title_block(ready["meta"], options, output, commit.epoch(project.root))
        target = staging / page.path
        finish(
            project,
            output,
            pandoc.document(head, [*lead, *noticed(project, ready["blocks"], output)]),
            [],
            options,
            source,
            target,
            labels,
            memory,
        )
        if progress:
            progress(f"{file} -> {page.path}")
        return target, page.assets

    first = sorted(formats, key=lambda output: LONGEST.index(output) if output in LONGEST else len(LONGEST))
    with ThreadPoolExecutor(max_workers=available()) as pool:
        written = {output: pool.submit(write, output) for output in first}
        done = [written[output].result() for output in formats]
    copy_assets(project.root, staging, set().union(*(assets for _, assets in done)))
    if "html" in formats:
        copy_styles(staging, SCREEN)
    return [path for path, _ in done]


def _cited(
    project: Project, source: Source, tree: dict[str, Any], formats: list[str]
) -> dict[str, tuple[dict[str, Any], dict[str, references.Label]]]:
    """Return each format's numbered tree with its citations resolved, and its labels.

    Pandoc is given only the blocks in which it changes anything: those with citations or notes, and the references.
    Formats that show the same of these share one pass, for resolving citations costs more than writing a format.
    """
    keys = bibliography_keys(project.root, project.bibliography)
    numbered: list[tuple[Any, Any]] = []
    passes: list[tuple[Any, Future[dict[str, Any]]]] = []
    result: dict[str, Any] = {}
    with ThreadPoolExecutor() as pool:  # what the next format shows is numbered while Pandoc works
        for output in formats:
            options = options_of(project, output, source)
            count = numbering_of(options)
            cite = cite_options(project, options, source)
            body = references.visible(tree["blocks"], output, project.profile)
            front = references.visible(tree["meta"], output, project.profile)
            lang = str(options.get("lang", "en-GB"))
            same = [body, front, cite, lang, count.number_sections, count.depth]
            if (done := _found(numbered, same)) is None:
                blocks = count.number(with_references(body), source)
                both = references.resolved({"meta": front, "blocks": blocks}, count.labels, keys, source)
                shown = {key: both["meta"][key] for key in PRINTED if key in both["meta"]} | {"lang": nodes.meta(lang)}
                places = [place for place, block in enumerate(both["blocks"]) if TOUCHED.search(json.dumps(block))]
                given = pandoc.document(shown, [both["blocks"][place] for place in places])
                if (cited := _found(passes, [given, cite])) is None:
                    cited = pool.submit(pandoc.processed, given, cite, project.root, source.file)
                    passes.append(([given, cite], cited))
                done = both["blocks"], places, cited, count.labels
                numbered.append((same, done))
            result[output] = done
    return {output: _joined(*parts) for output, parts in result.items()}


def _joined(
    blocks: list[Node], places: list[int], cited: Future[dict[str, Any]], labels: dict[str, references.Label]
) -> tuple[dict[str, Any], dict[str, references.Label]]:
    """Return a tree in which the blocks at these places are those with their citations resolved, and its labels."""
    tree = cited.result()
    whole = list(blocks)
    for place, block in zip(places, tree["blocks"], strict=True):
        whole[place] = block
    return {"meta": tree["meta"], "blocks": whole}, labels


def _found(kept: list[tuple[Any, Any]], key: Any) -> Any:
    """Return what was kept under a key that is equal; trees have no hash."""
    return next((value for other, value in kept if other == key), None)


def finish(
    project: Project,
    output: str,
    tree: dict[str, Any],
    cite: list[str],
    options: dict[str, Any],
    source: Source,
    target: Path,
    labels: dict[str, references.Label],
    memory: marks.Memory | None = None,
) -> None:
    """Write a shaped tree as its final file; ``memory`` is what a Word file keeps of its sources."""
    root, what = project.root, source.file
    arguments = ["--citeproc", *cite] if cite else []
    if output == "typst":
        markup = typst_markup(project, tree, arguments, options, what)
        write_bytes(target, pandoc.pdf(markup, root, what, pandoc.STANDARDS))
    elif output == "docx":
        arguments += [f"--resource-path={root}", f"--template={pandoc.TEMPLATES / 'document.openxml'}"]
        reference = options.get("reference-doc")
        if reference:
            if not (root / str(reference)).is_file():
                raise CompendiumError("the Word reference document is missing", file=what, found=str(reference))
            arguments.append(f"--reference-doc={reference}")
        target.parent.mkdir(parents=True, exist_ok=True)
        pandoc.written(tree, "docx", arguments, root, what, target)
        write_bytes(target, word.finished(target.read_bytes(), project.banner, memory))
    elif output == "jats":
        tree["blocks"], back = jats.parted(tree["blocks"])
        tree["meta"]["back-matter"] = {"t": "MetaBlocks", "c": back}
        arguments += ["--standalone", "--mathml", f"--template={pandoc.TEMPLATES / 'article.jats'}"]
        write_text(target, jats.labelled(pandoc.written(tree, "jats", arguments, root, what), labels))
    else:
        tree["meta"]["root"] = nodes.meta("./")
        arguments += ["--standalone", "--mathml", "--section-divs", f"--template={pandoc.TEMPLATES / 'article.html'}"]
        lower = 1 if tree["meta"].get("title") else 0  # one heading of the first level: the title
        arguments.append(f"--shift-heading-level-by={lower}")
        if options.get("toc"):
            arguments += ["--toc", f"--toc-depth={int(options.get('toc-depth', 3)) + lower}"]
        write_text(target, pandoc.written(tree, "html", arguments, root, what))


def typst_markup(
    project: Project, tree: dict[str, Any], arguments: list[str], options: dict[str, Any], what: str
) -> str:
    """Return the Typst markup of a shaped tree, in the project's own template."""
    meta = tree["meta"]
    first = tree["blocks"][0] if tree["blocks"] else {"t": "Null"}
    if first["t"] == "RawBlock" and first["c"][1].startswith("#wide-table[") and "title" in meta:
        meta["untitled"] = nodes.meta("true")  # a sheet of its own for the title would be empty below
        heading = {"t": "Header", "c": [1, nodes.attr(), meta["title"]["c"]]}
        tree = tree | {"blocks": [heading, *tree["blocks"]]}
    for name in ("papersize", "fontsize", "linestretch"):
        if options.get(name):
            meta[name] = nodes.meta(str(options[name]))
    if project.banner:
        meta["banner"] = nodes.meta(project.banner)
    headers = []
    for item in as_headers(options.get("include-in-header")):
        path = project.root / item.get("file", "")
        if "file" in item and not path.is_file():
            raise CompendiumError("the file named by include-in-header is missing", file=what, found=item["file"])
        headers.append(item.get("text") or path.read_text(encoding="utf-8"))
    if headers:
        meta["header-includes"] = {
            "t": "MetaList",
            "c": [{"t": "MetaBlocks", "c": [nodes.raw_block("typst", text.strip())]} for text in headers],
        }
    template = f"--template={pandoc.TEMPLATES / 'document.typ'}"
    markup = pandoc.written(tree, "typst", ["--standalone", template, *arguments], project.root, what)
    return elements.notes_beside_tables(markup)


def as_headers(value: Any) -> list[dict[str, str]]:
    """Return ``include-in-header`` as mappings with ``text`` or ``file``."""
    items = value if isinstance(value, list) else [value] if value else []
    return [item if isinstance(item, dict) else {"file": str(item).lstrip("/")} for item in items]


def copy_assets(root: Path, staging: Path, assets: set[str]) -> None:
    """Copy project files beside the outputs, at their own paths."""
    for file in sorted(assets):
        target = staging / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / file, target)


def copy_styles(staging: Path, names: tuple[str, ...]) -> None:
    """Copy the engine's stylesheets and scripts beside the pages."""
    for name in names:
        target = staging / "styles" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(pandoc.TEMPLATES / name, target)


def joined(sources: list[Source]) -> Source:
    """Return several sources as one, so that a problem can be located in any of them."""
    lines: list[Line] = [line for source in sources for line in source.lines]
    return Source(sources[0].file, sources[0].meta, tuple(lines))
