"""Everything that must hold before the documents leave the house: one list of findings, each with file and line."""

from __future__ import annotations

import csv
import dataclasses
import functools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from compendium import settings
from compendium.chain import products, published
from compendium.errors import CompendiumError
from compendium.project import profiles as names_of_profiles
from compendium.render.sources import DIV, Line, Project, Source, expand, load_project
from compendium.texts import read_text
from compendium.writing import (
    authors,
    chapterplan,
    conditions,
    findingmarks,
    layout,
    links,
    manuscript,
    prose,
    prosesigns,
    reporting,
    spelling,
    submission,
    typednumbers,
    wordcounts,
)
from compendium.writing.manuscript import Finding
from compendium.writing.prose import Document

LIMITED = {"main-text": "main text", "abstract": "abstract", "strengths": "strengths and limitations"}

STRENGTHS = "sec-paper-strengths"
PLACEHOLDER = re.compile(
    r"\b(TODO|TBD|TBC|FIXME|XXX+|[Ll]orem ipsum|[Tt]o be (?:written|added|completed|confirmed))\b|\?\?\?"
)
OWN = ("manuscript/", "docs/", "index.qmd")
Profiles = dict[str, tuple[Project, list[Document]]]


def findings(root: Path, release: bool = False) -> list[Finding]:
    """Return everything that is wrong with the manuscripts, their checklists and the ledger, by file and line.

    Parameters
    ----------
    root : the project's folder.
    release : warnings count as errors.
    """
    found = set(manuscript.findings(root, release))
    if unread := {finding for finding in found if finding.code in ("source", "project")}:
        return sorted(unread)  # the rest could only be judged by what they say
    profiles = _profiles(root)
    found.update(links.findings(profiles))
    for check in CHECKS:
        found.update(check(root, profiles))
    if release:
        found = {dataclasses.replace(finding, severity="error") for finding in found}
    return sorted(found)


def _profiles(root: Path) -> Profiles:
    found = {}
    for profile in names_of_profiles(root):
        try:
            project = load_project(root, profile)
        except CompendiumError:
            continue  # `manuscript.findings` reports it
        found[profile] = (project, [*prose.read(project)[0], *_packed(project)])
    return found


def _packed(project: Project) -> Iterator[Document]:
    """Yield the sources that only the submission pack renders."""
    for file in (submission.SUPPLEMENT, submission.COVER_LETTER):
        if project.profile == "paper" and (project.root / file).is_file():
            source = expand(project, file, [])
            yield Document(source, prose.Text(source, project.profile), ())


def _paper(profiles: Profiles) -> Source | None:
    documents = profiles["paper"][1] if "paper" in profiles else []
    return next((document.source for document in documents if document.source.file == reporting.PAPER), None)


def paper_limits(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield the parts of the paper that are longer than the limits in ``compendium.toml`` allow."""
    source, limits = _paper(profiles), settings.read(root).limits
    if source is None:
        return
    sections = wordcounts.sections(line.text for line in source.lines[source.body_start :])
    strengths = next((section for section in sections if section.label == STRENGTHS), None)
    counts = {
        "main-text": (wordcounts.main_text(sections), r"^# "),
        "abstract": (wordcounts.count(str(source.meta.get("abstract", ""))), r"^abstract:"),
        "strengths": (len(strengths.points) if strengths else 0, rf"#{STRENGTHS}\b"),
    }
    for name, (count, pattern) in counts.items():
        if name in limits and count > limits[name]:
            what = "points" if name == "strengths" else "words"
            file, line = source.locate(pattern)
            message = f"the {LIMITED[name]} has {count} {what}; expected at most {limits[name]}"
            yield Finding(file, line or 1, "too-long", message)


def checklist_places(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield checklist items whose section the paper lacks, and checklists older than the paper."""
    source = _paper(profiles)
    try:
        checklists = {name: reporting.items(root, name) for name in reporting.declared(root)}
    except CompendiumError as error:
        yield Finding(str(error.file or reporting.PAPER), 1, "checklist", str(error))
        return
    if source is None or not any(checklists.values()):
        return
    labels = {heading.label for heading in reporting.headings(source)}
    for name, checklist in checklists.items():
        for item, lacking in reporting.unplaced(checklist, labels).items():
            what = f"no section {', '.join(lacking)} in the paper" if lacking else "no section label"
            yield Finding(f"data/{name}.csv", item.line, "checklist-place", f"item {item.number} has {what}")
    if reporting.stale(root):
        message = "the places are not those of the paper as it stands; expected 'compendium render paper'"
        first = next(name for name, checklist in checklists.items() if checklist)
        yield Finding(f"data/{first}.csv", 1, "checklist-stale", message, "warning")


def typed_numbers(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield numbers of our sources that equal a recorded value and are not allowed, and allowances without a use."""
    forms = typednumbers.telling(_results(root, "values.json"))
    allowed = {(item.file, item.number): item.line for item in typednumbers.allowances(root)}
    used = set()
    for file in _own_files(profiles):
        for number, text in enumerate(read_text(root / file, file).splitlines(), start=1):
            for form, keys in typednumbers.typed(text, forms):
                if (file, form) in allowed:
                    used.add((file, form))
                    continue
                message = f"the number {form} equals the recorded value '{keys[0]}'; expected {{{{< var {keys[0]} >}}}}"
                yield Finding(file, number, "typed-number", message, "warning")
    for (file, form), line in allowed.items():
        if forms and (file, form) not in used:
            yield Finding(typednumbers.ALLOWED, line, "idle-allowance", f"{file} does not type {form}", "warning")


def misspellings(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield the words that no British dictionary holds, and words of the project's list that nothing uses."""
    if missing := spelling.missing_packages():
        message = f"spelling was not checked: {', '.join(missing)} not installed"
        yield Finding(spelling.WORDS, 1, "spelling", message, "warning")
        return
    places: dict[str, Line] = {}
    for line, text in _prose(root, profiles):
        for word in spelling.tokens(text):
            places.setdefault(word, line)
    listed = spelling.listed_words(root)
    for word, british in spelling.misspelt(places, listed).items():
        line, hint = places[word], f"; expected '{british}'" if british else ""
        yield Finding(line.file, line.number, "spelling", f"'{word}' is not in the British dictionary{hint}", "warning")
    met = {word.lower() for word in places}
    for word, number in listed.items():
        if word not in met:
            yield Finding(spelling.WORDS, number, "idle-word", f"nothing uses the word '{word}'", "warning")


def tables_without_notes(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield the tables that the paper or the thesis shows and that no note explains."""
    objects = _results(root, "results.json")
    for profile in ("paper", "thesis"):
        for document in profiles.get(profile, (None, []))[1]:
            for name in dict.fromkeys(line.file for line in document.source.lines):
                match = re.fullmatch(r"build/results/tables/([\w-]+)\.md", name)
                record = objects.get(match[1]) if match else None
                if match and record and not record.get("notes"):
                    file, line = _recorded_at(root, record, match[1])
                    yield Finding(file, line, "no-notes", f"the table '{match[1]}' has no notes", "warning")


def vanished_results(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield the statements of the ledger whose result no notebook records, so that they have no verdict."""
    path = root / "data/claims.csv"
    values = _results(root, "values.json")
    if not path.is_file() or not values:
        return
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            if row["basis"] == "computed" and row["result_key"] not in values:
                message = f"the result '{row['result_key']}' of {row['claim_id']} is recorded by no notebook"
                yield Finding("data/claims.csv", reader.line_num, "vanished-result", message)


def stale_results(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield every product of the chain that is older than what it rests on, at the file that changed."""
    for item in products.stale(root, root / "build"):
        files = [reason for reason in item.reasons if (root / reason).is_file() and not reason.startswith("build/")]
        message = f"{item.sentence()}; expected 'compendium build'"
        yield Finding(files[0] if files else "notebooks", 1, "stale-results", message)


def data_files(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield every CSV file of ``data/`` that breaks its description, or that has none; imported projects have none."""
    from compendium.data import loading, packages

    described: set[Path] = set()
    for package in sorted(root.glob("data/**/*datapackage.json")):
        try:
            tables = packages.table_schemas(package)
        except CompendiumError as error:
            yield Finding(package.relative_to(root).as_posix(), 1, "data-package", str(error))
            continue
        for schema in tables.values():
            described.add(schema.path.resolve())
            if unsaid := [field.name for field in schema.fields if not field.description.strip()]:
                message = f"nothing says what these columns of '{schema.name}' hold: {', '.join(unsaid)}"
                yield Finding(package.relative_to(root).as_posix(), 1, "undescribed", message, "warning")
            try:
                loading.read_table(schema.path, schema)
            except CompendiumError as error:
                line = error.row if isinstance(error.row, int) else 1
                yield Finding(schema.path.relative_to(root).as_posix(), line, "data-file", str(error))
    for path in sorted(root.glob("data/**/*.csv")):
        imported = any((folder / "project.json").is_file() for folder in path.parents)
        if path.resolve() not in described and not imported and "raw" not in path.relative_to(root).parts[:-1]:
            message = "no data package describes the file; expected a resource of a datapackage.json"
            yield Finding(path.relative_to(root).as_posix(), 1, "data-file", message)


def mixed_parameters(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield parameters that notebooks share but ran with different values: their results do not belong together."""
    ran: dict[str, dict[str, set[str]]] = {}
    for record in _results(root, "values.json").values():
        for name, value in record.get("parameters", {}).items():
            ran.setdefault(name, {}).setdefault(json.dumps(value), set()).add(record["notebook"])
    for name, values in sorted(ran.items()):
        if len(values) > 1:
            shown = "; ".join(f"{value} in {', '.join(sorted(where))}" for value, where in sorted(values.items()))
            message = f"notebooks ran with different values of '{name}' ({shown}); expected 'compendium build'"
            yield Finding("params.yml", 1, "mixed-parameters", message, "warning")


def placeholders(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield words that stand for text to come."""
    for line, text in _prose(root, profiles):
        if (match := PLACEHOLDER.search(text)) and not DIV.match(text):
            yield Finding(line.file, line.number, "placeholder", f"'{match[0]}' stands for text to come", "warning")


def chapter_shares(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield the chapters with fewer words than the plan beside them gives them, and planned chapters that are not."""
    documents = {document.source.file: document.source for document in profiles.get("thesis", (None, []))[1]}
    for folder in sorted({Path(file).parent for file in documents}):
        plan = folder / chapterplan.NAME
        for name, share in chapterplan.read(root / plan).items():
            source = documents.get((folder / name).as_posix())
            if source is None:
                yield Finding(plan.as_posix(), 1, "chapter-share", f"the book has no chapter {name}", "warning")
                continue
            words = chapterplan.shown_words(line.text for line in source.lines[source.body_start :])
            if words < share:
                message = f"the chapter has {words:,} words with its tables; expected at least {share:,}"
                yield Finding(source.file, 1, "chapter-share", message, "warning")


def clipped_prose(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield the paragraphs of paper and thesis whose sentences are short and have few connectives."""
    for profile in ("paper", "thesis"):
        for document in profiles.get(profile, (None, []))[1]:
            for paragraph in prosesigns.paragraphs(document.text.lines, document.text.masked):
                if paragraph.start.file.startswith(OWN) and paragraph.clipped:
                    message = (
                        f"{len(paragraph.sentences)} sentences of {paragraph.mean_words:.0f} words on average with "
                        f"{paragraph.connectives} connectives; expected {prosesigns.SHORT:.0f} words or a connective "
                        "in every fourth sentence"
                    )
                    yield Finding(paragraph.start.file, paragraph.start.number, "clipped-prose", message, "warning")


def finding_marks(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield what the paper lacks of its original and its findings: citation, words, markers, quantifiers."""
    source = _paper(profiles)
    if source is not None:
        yield from findingmarks.problems(root, source)


def stale_words(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield the words whose declared condition the recorded values do not meet any more."""
    values = {key: record["value"] for key, record in _results(root, "values.json").items()}
    for _, documents in profiles.values():
        for document in documents:
            if values:
                yield from conditions.problems(document, values)


def author_fields(root: Path, profiles: Profiles) -> Iterator[Finding]:
    """Yield what is wrong with the authors file, and the fields of the title page that are not filled in."""
    try:
        gaps = authors.gaps(root)
    except CompendiumError as error:
        line = error.row if isinstance(error.row, int) else 1
        yield Finding(authors.FILE, line, "authors-file", str(error))
        return
    for gap in gaps:
        yield Finding(authors.FILE, gap.line, "author-field", f"{gap.what} is not filled in ({gap.field})", "warning")


CHECKS: tuple[Callable[[Path, Profiles], Iterator[Finding]], ...] = (
    paper_limits,
    checklist_places,
    typed_numbers,
    misspellings,
    tables_without_notes,
    vanished_results,
    data_files,
    mixed_parameters,
    stale_results,
    placeholders,
    chapter_shares,
    clipped_prose,
    author_fields,
    finding_marks,
    stale_words,
    layout.crowded_tables,
    layout.small_type,
)

# --- what is read --------------------------------------------------------------------------------------------


def _prose(root: Path, profiles: Profiles) -> Iterator[tuple[Line, str]]:
    """Yield the lines that we write, in every profile that shows them: sources, and captions and notes of results."""
    for _, documents in profiles.values():
        for document in documents:
            for line, text in zip(document.text.lines, document.text.masked, strict=True):
                if line.file.startswith(OWN):
                    yield line, text
    for identifier, record in _results(root, "results.json").items():
        file, number = _recorded_at(root, record, identifier)
        for text in (record.get("caption", ""), record.get("notes", ""), record.get("alt", "")):
            yield Line(text, file, number), text


def _own_files(profiles: Profiles) -> list[str]:
    shown = (document.source.lines for _, documents in profiles.values() for document in documents)
    files = {line.file for lines in shown for line in lines}
    return sorted(file for file in files if file.startswith(OWN))


def _recorded_at(root: Path, record: dict[str, Any], identifier: str) -> tuple[str, int]:
    """Return the notebook and line where a result is recorded."""
    file = f"notebooks/{record['notebook']}.py"
    lines = _lines(root / file)
    return file, next((at for at, text in enumerate(lines, start=1) if f'"{identifier}"' in text), 1)


@functools.lru_cache(maxsize=64)
def _lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else ()


def _results(root: Path, name: str) -> dict[str, Any]:
    build = root / "build"
    return published.read_records(build, name) if (build / "results" / name).is_file() else {}
