"""Tables of quotations, as Dedoose, Quirkos and spreadsheets export them, with the texts that they were coded in.

A quotation is looked for in its document: letter by letter; then without regard to white space, case and kinds of
quotation marks and dashes; then by its parts on either side of marks of omission; then by most of its words in their
order. What is not found is listed and coded nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from pathlib import Path

import pandas as pd

from compendium.data.loading import read_text
from compendium.errors import CompendiumError
from compendium.refiqda import positions
from compendium.refiqda.archive import MAX_TEXT, decoded
from compendium.refiqda.model import ImportReport, Project, canonical_guid
from compendium.refiqda.tables import Rows

COLUMNS = {
    "document": ("document", "source", "resource", "media title", "title", "source title", "file", "interview"),
    "quotation": ("quotation", "quote", "excerpt", "excerpt copy", "text", "quirk", "segment", "content"),
    "codes": ("codes", "code", "codes applied", "codes applied combined", "quirk name", "tags", "tag"),
    "coder": ("coder", "excerpt creator", "creator", "author", "user", "coded by"),
    "memo": ("memo", "note", "notes", "comment"),
}
"""What each column is called in the exports of tools, without regard to case."""
NEEDED = ("document", "quotation", "codes")
UNFOUND = ("row", "document", "quotation", "codes", "why")
SHARE = 0.85  # of a quotation's words that must stand in the text in their order
STRETCH = 1.4  # times its own length within which they stand

_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "‑": "-"})
_OMITTED = re.compile(r"\s*(?:\[\s*(?:…|\.{3,})\s*\]|\(\s*(?:…|\.{3,})\s*\)|…|\.{3,})\s*")
_BETWEEN = re.compile(r"[;|\n]")


def read(
    path: Path, texts: str | Path | None, columns: Mapping[str, str], study: str = ""
) -> tuple[Project, ImportReport]:
    """Read a table with one row per quotation.

    Parameters
    ----------
    texts : folder of plain texts, named as the documents (with or without suffix); the folder of the table by default.
    columns : document, quotation, codes, coder, memo -> the column that holds it; others are known by `COLUMNS`.
        Several codes or coders of a cell stand apart with semicolons, bars or line ends; commas too where no cell has
        another mark. "Care > Trust" is the code Trust below Care.

    Raises
    ------
    CompendiumError : a column or text is missing, or a text is too large or not UTF-8 or UTF-16.
    """
    table, named = _table(path, columns)
    report = ImportReport(file=path.name, name=study or path.stem)
    rows = Rows(path)
    rows.counting = positions.Counting()
    rows.about = {"name": report.name}
    folder = Path(texts) if texts else path.parent
    commas = not any(_BETWEEN.search(cell) for cell in table[named["codes"]])
    stem = f"quotations {report.name}"
    held: dict[str, tuple[str, str]] = {}
    known: dict[str, str] = {}
    taken: dict[tuple[str, ...], int] = {}
    segments: dict[tuple[str, int, int], str] = {}
    lost: list[tuple[int, str, str, str, str]] = []
    for number, line in enumerate(table.to_dict("records"), start=2):
        cell = {name: str(line[column]).strip() for name, column in named.items()}
        if not cell["document"] or not cell["quotation"]:
            if any(cell.values()):
                lost.append((number, cell["document"], cell["quotation"], cell["codes"], "a cell is blank"))
            continue
        if cell["document"] not in held:
            held[cell["document"]] = _document(cell["document"], folder, rows, stem)
        source, text = held[cell["document"]]
        again = (source, *cell.values())
        place = found(cell["quotation"], text, taken.get(again, 0))
        if place is None:
            lost.append((number, cell["document"], cell["quotation"], cell["codes"], "the text does not hold it"))
            continue
        taken[again] = place[1]  # the same row once more is the next place with these words
        if text.count(cell["quotation"]) > 1:
            report.problem(
                "quotations that stand in their text several times",
                f"Row {number}: '{cell['quotation'][:40]}' stands several times; the place from character {place[0]:,} "
                "was taken.",
            )
        if (source, *place) not in segments:
            guid = canonical_guid(f"{stem} {cell['document']} {place}")
            made = rows.segment(
                source, guid=guid, kind="text", label="", region="", start=place[0], end=place[1],
                summary=cell.get("memo", ""), created="", created_by="", modified="", modified_by="",
            )  # fmt: skip
            segments[source, *place] = made["segment_id"]
        for coder in _parts(cell.get("coder", ""), commas=False) or [""]:
            who = canonical_guid(f"{stem} coder {coder}") if coder else ""
            if coder and rows.first_use("user", who):
                rows.add("users", guid=who, name=coder, initials="")
            for code in _parts(cell["codes"], commas=commas):
                rows.add(
                    "codings", segment_id=segments[source, *place], code_id=_code(code, rows, known, stem), coder=who,
                    created="", guid=canonical_guid(f"{stem} coding {number} {code} {coder}"),
                )  # fmt: skip
    report.unfound = pd.DataFrame(lost, columns=list(UNFOUND))
    for number, document, quotation, _, why in lost:
        report.problem(
            "quotations without a place in their text",
            f"Row {number}, '{document}', '{quotation[:40]}': {why}; it is listed in unfound.csv and coded nowhere.",
        )
    return rows.project(report, study or report.name), report


def found(quotation: str, text: str, after: int = 0) -> tuple[int, int] | None:
    """Return where a quotation stands in a text: start and end (exclusive), None where it does not.

    Parameters
    ----------
    after : where the search begins, so that words quoted twice may be two passages.
    """
    exact = text.find(quotation, after)
    if exact >= 0:
        return exact, exact + len(quotation)
    plain, places = _plain(text)
    wanted, _ = _plain(quotation)
    wanted = wanted.strip()
    if wanted and (start := plain.find(wanted)) >= 0:
        return places[start], places[start + len(wanted) - 1] + 1
    parts = [part for part in (_plain(one)[0].strip() for one in _OMITTED.split(quotation)) if part]
    if len(parts) > 1:
        at, starts = 0, []
        for part in parts:
            at = plain.find(part, at)
            if at < 0:
                break
            starts.append(at)
            at += len(part)
        else:
            return places[starts[0]], places[at - 1] + 1
    return _by_words(wanted, plain, places)


def _by_words(wanted: str, plain: str, places: list[int]) -> tuple[int, int] | None:
    """Return where most words of a quotation stand in their order, near each other."""
    words = [(match.group(), match.start(), match.end()) for match in re.finditer(r"\w+", plain)]
    mine = re.findall(r"\w+", wanted)
    if len(mine) < 4:
        return None
    matcher = SequenceMatcher(None, [word for word, _, _ in words], mine, autojunk=False)
    anchor = matcher.find_longest_match()
    if anchor.size < 3:
        return None
    first = max(0, anchor.a - anchor.b - len(mine) // 4)
    window = words[first : first + int(len(mine) * STRETCH) + len(mine) // 4 + 1]
    near = SequenceMatcher(None, [word for word, _, _ in window], mine, autojunk=False)
    blocks = [block for block in near.get_matching_blocks() if block.size]
    span = blocks[-1].a + blocks[-1].size - blocks[0].a
    if sum(block.size for block in blocks) < SHARE * len(mine) or span > STRETCH * len(mine):
        return None
    return places[window[blocks[0].a][1]], places[window[blocks[0].a + span - 1][2] - 1] + 1


def _plain(text: str) -> tuple[str, list[int]]:
    """Return a text in small letters with single blanks and plain marks, and where each of its characters stood."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text.translate(_SAME)):
        if character.isspace():
            if letters and letters[-1] == " ":
                continue
            character = " "
        for one in character.casefold():
            letters.append(one)
            places.append(place)
    return "".join(letters), places


def _table(path: Path, columns: Mapping[str, str]) -> tuple[pd.DataFrame, dict[str, str]]:
    if path.suffix.lower() == ".xlsx":
        table = pd.read_excel(path, dtype=str, keep_default_na=False, engine="calamine").fillna("")
    else:
        table = read_text(path)
    for name, column in columns.items():
        if name not in COLUMNS or column not in table:
            raise CompendiumError(
                "a column is missing", file=path, column=column, found=[str(one) for one in table.columns],
                expected=f"--columns with {', '.join(COLUMNS)}" if name not in COLUMNS else column,
            )  # fmt: skip
    named = dict(columns)
    for name, spellings in COLUMNS.items():
        headings = [str(column) for column in table.columns]
        fits = [column for spelling in spellings for column in headings if column.strip().casefold() == spelling]
        if name not in named and fits:
            named[name] = fits[0]
    if lacking := [name for name in NEEDED if name not in named]:
        raise CompendiumError(
            "a column is missing", file=path, column=lacking[0], found=[str(one) for one in table.columns],
            expected=f"--columns {lacking[0]}=COLUMN",
        )  # fmt: skip
    return table, named


def _document(name: str, folder: Path, rows: Rows, stem: str) -> tuple[str, str]:
    """Add a document to the sources; return its id and text."""
    plain = name.replace("\\", "/").rpartition("/")[2]
    fits = [
        path
        for path in sorted(folder.glob("*.txt"))
        if plain in (path.name, path.stem) or Path(plain).stem == path.stem
    ]
    if not fits:
        raise CompendiumError(
            "the text of a document is missing", file=folder, found=name, expected=f"{Path(plain).stem}.txt in --texts"
        )
    if fits[0].stat().st_size > MAX_TEXT:
        raise CompendiumError("the text is too large", file=fits[0], expected=f"at most {MAX_TEXT:,} bytes")
    try:
        text, bom = decoded(fits[0].read_bytes())
    except UnicodeDecodeError as error:
        raise CompendiumError("the text is neither UTF-8 nor UTF-16", file=fits[0]) from error
    source, guid = rows.source_id("sources", ""), canonical_guid(f"{stem} document {name}")
    row = rows.add(
        "sources", source_id=source, guid=guid, name=name, kind="text", role="source", parent="", description="",
        path="", rich_text_path="", current_path="", inline="", text_file="", created="", created_by="", modified="",
        modified_by="",
    )  # fmt: skip
    rows.locate(guid, source)
    rows.text(row, positions.Body(text, bom))
    return source, text


def _code(path: str, rows: Rows, known: dict[str, str], stem: str) -> str:
    """Return the GUID of a code by its path, added with those above it where it is new."""
    above = ""
    for level in [part.strip() for part in path.split(" > ")]:
        below = f"{above} > {level}" if above else level
        if below not in known:
            known[below] = canonical_guid(f"{stem} code {below}")
            rows.add("codebook", guid=known[below], code=level, parent=known.get(above, ""), colour="", codable="true")
        above = below
    return known[above]


def _parts(cell: str, *, commas: bool) -> list[str]:
    parts = re.split(r"[;|\n,]" if commas else _BETWEEN, cell)
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))
