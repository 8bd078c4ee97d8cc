"""What a Word file that came back would change in the sources, and what of it cannot be placed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

from compendium.coauthors import citations, edits, matching, merging, sourcetext, tokens
from compendium.coauthors.wordfile import Paragraph, WordFile
from compendium.errors import CompendiumError
from compendium.render import blocks
from compendium.render.marks import bookmark
from compendium.render.sources import Project, expand, read_lines

BREAKS = {"item": "\n", "title": " ", "caption": " ", "heading": "\n\n"}


@dataclass(frozen=True)
class Remark:
    """What is reported and not applied: ``kind`` value, computed, place, look, gone, conflict, typed or likeness."""

    kind: str
    file: str
    line: int
    key: str
    was: str
    now: str
    author: str

    def sentence(self) -> str:
        """Return it for a person."""
        who = f" by {self.author}" if self.author else ""
        key = f" {self.key}" if self.key else ""
        what = {
            "value": f"an edit{who} inside the computed value{key} is not applied",
            "computed": f"an edit{who} in what the chain writes is not applied",
            "place": f"an edit{who} could not be placed",
            "look": f"a change of look{who} could not be placed",
            "gone": f"the source of an edit{who} is gone",
            "conflict": f"both sides changed it{key}; marked in the source",
            "typed": f"a computed value{key} was carried elsewhere{who} and is plain words there",
            "likeness": f"matched by likeness alone ({self.key})",
        }[self.kind]
        words = f": ‘{_short(self.was)}’ became ‘{_short(self.now)}’" if self.was or self.now else ""
        return f"{self.file}:{self.line}: {what}{words}"


def _short(words: str, most: int = 60) -> str:
    words = " ".join(words.split())
    return words if len(words) <= most else words[: most - 1] + "…"


@dataclass
class Proposal:
    """New texts of source files, remarks, comments as rows, and how paragraphs were matched."""

    texts: dict[str, str] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    ways: dict[str, int] = field(default_factory=dict)


@dataclass
class _Change:
    """New lines for the lines ``first`` to ``last`` of a file; ``last`` before ``first`` inserts after ``last``."""

    file: str
    first: int
    last: int
    lines: list[str]


def propose(project: Project, word: WordFile, memory: dict[str, Any], names: tuple[str, str] = ("now", "")) -> Proposal:
    """Return what a returned file proposes for the sources as they are now; nothing is written."""
    return _Import(project, word, memory, (names[0], names[1] or word.path.name)).run()


class _Import:
    def __init__(self, project: Project, word: WordFile, memory: dict[str, Any], names: tuple[str, str]) -> None:
        self.project, self.word, self.names = project, word, names
        self.base = memory["blocks"]
        self.shown = memory["shown"]
        self.out = Proposal()
        self.now = self._present(expand(project, memory["source"]))
        self.units: dict[int, list[sourcetext.Unit]] = {}
        self.sources: dict[str, str] = {}
        self.changes: list[_Change] = []
        keys, named = citations.entries(project.root, project.bibliography)
        self.context = edits.Context(self._source_of, citations.reader(keys, named), word.author)
        self.atoms = memory["atoms"]

    def _present(self, source: Any) -> dict[int, blocks.Block]:
        """Return the present block of each remembered one, where there is one."""
        found = [block for block in blocks.blocks(source) if not block.computed]
        lines = [self._text(block) for block in found]
        remembered = [number for number, block in enumerate(self.base) if not block[1].startswith(blocks.BUILT)]
        texts = [self.base[number][5] for number in remembered]
        pairs: dict[int, blocks.Block] = {}
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, texts, lines, autojunk=False).get_opcodes():
            if tag == "equal":
                pairs |= {remembered[i1 + step]: found[j1 + step] for step in range(i2 - i1)}
            elif tag == "replace":
                start = j1
                for place in range(i1, i2):
                    scored = [(matching.likeness(texts[place], lines[at]), -at) for at in range(start, j2)]
                    like, at = max(scored, default=(0.0, 0))
                    if like >= matching.ALIKE:
                        pairs[remembered[place]], start = found[-at], -at + 1
        return pairs

    def _text(self, block: blocks.Block) -> str:
        return "\n".join(read_lines(self.project.root, block.file)[block.first - 1 : block.last])

    def run(self) -> Proposal:
        old = [" ".join("".join(words[0] for words in paragraph[1]).split()) for paragraph in self.shown]
        owner = [number if number >= 0 and not self._built(number) else -1 for number, _ in self.shown]
        marks = [
            "" if number < 0 else bookmark(number, self.base[number][1], self.base[number][5])
            for number, _ in self.shown
        ]
        came = self.word.paragraphs
        fixed = [number < 0 for number in owner]
        found = matching.matched(old, marks, fixed, [one.text for one in came], [one.marks for one in came])
        self.out.ways = {
            way: sum(bool(group.old) and group.how == way for group in found.groups if group.new)
            for way in ("mark", "text", "words")
        }
        if sum(self.out.ways.values()) * 3 < min(len(old), len(came)):
            raise CompendiumError(
                "the Word file is none that this project exported, or another document",
                file=self.word.path, found=f"{sum(self.out.ways.values())} of {len(came)} paragraphs that are alike",
            )  # fmt: skip
        self.before = {place: self._exported(place, owner[place]) for place in range(len(old)) if owner[place] >= 0}
        place_of: dict[int, int] = {}
        last = -1  # the block after which something new goes
        for group in found.groups:
            for number in group.new:
                place_of[number] = self.shown[group.old[0]][0] if group.old else last
            numbers = [owner[place] for place in group.old]
            if (
                group.old
                and group.new
                and group.how == "words"
                and numbers[0] >= 0
                and group.likeness < matching.LEAST_SURE
            ):
                self._remark("likeness", numbers[0], f"{group.likeness:.0%}", "", "")
            if not group.old:
                self._insert(last, [came[number] for number in group.new])
            elif numbers[0] < 0:
                self._fixed(group, old, came)
            elif not group.new:
                self._delete(numbers[0], last)
                continue
            else:
                self._edit(group, numbers, [came[number] for number in group.new], last)
            if group.old and numbers[-1] >= 0:
                last = numbers[-1]
        self._comments(place_of)
        self._apply()
        return self.out

    def _built(self, number: int) -> bool:
        return str(self.base[number][1]).startswith(blocks.BUILT)

    def _exported(self, place: int, number: int) -> list[tokens.Token]:
        kind, _, _, _, lead, text = self.base[number]
        self.units[number] = sourcetext.units(text, lead, kind)
        found = tokens.exported(self.shown[place][1], self.units[number])
        for token in found:
            if token.tag and token.start >= 0:
                self.sources.setdefault(token.tag, text[token.start : token.stop])
        return found

    def _source_of(self, tag: str) -> str:
        if tag in self.sources:
            return self.sources[tag]
        kind, key = self.atoms.get(tag, ("", ""))
        return {"var": f"{{{{< var {key} >}}}}", "ref": key, "cite": f"[{key}]"}.get(kind, "")

    def _remark(self, kind: str, number: int, key: str, was: str, now: str, author: str = "") -> None:
        block = self.now.get(number)
        file, line = (block.file, block.first) if block else self.base[number][1:3] if number >= 0 else ("", 0)
        self.out.remarks.append(Remark(kind, file, line, key, was, now, author))

    # --- groups

    def _fixed(self, group: matching.Group, old: Sequence[str], came: Sequence[Paragraph]) -> None:
        was = " ".join(old[place] for place in group.old)
        now = " ".join(came[number].text for number in group.new)
        if was != now:
            author = next(
                (run.author for number in group.new for run in came[number].runs if run.author), self.word.author
            )
            number = self.shown[group.old[0]][0]
            file, line = self.base[number][1:3] if number >= 0 else (str(self.word.path.name), group.old[0] + 1)
            self.out.remarks.append(Remark("computed", file, line, "", was, now, author))

    def _edit(self, group: matching.Group, numbers: list[int], came: list[Paragraph], last: int) -> None:
        if len(numbers) > 1 and not self._run_on(numbers):
            self._remark("place", numbers[0], "", "", " ".join(one.text for one in came), self.word.author)
            return
        kind, _, first, _, lead, text = self.base[numbers[0]]
        units = list(self.units[numbers[0]])
        before = list(self.before[group.old[0]])
        for place, number in zip(group.old[1:], numbers[1:], strict=True):
            _, _, other, _, its_lead, more = self.base[number]
            start = len(text) + (other - first - text.count("\n"))
            shift = start - 0
            before.append(tokens.Token(tokens.BREAK, start=len(text), stop=shift + len(its_lead)))
            text += "\n" * (shift - len(text)) + more
            units += [
                sourcetext.Unit(unit.shown, unit.start + shift, unit.stop + shift, unit.kind)
                for unit in self.units[number]
            ]
            before += [_shifted(token, shift) for token in self.before[place]]
        after: list[tokens.Token] = []
        for paragraph in came:
            after += [tokens.Token(tokens.BREAK)] if after else []
            after += tokens.returned(paragraph.runs, self.word.notes)
        between = (BREAKS[kind] + (lead if kind == "item" else "")) if kind in BREAKS else "\n\n" + lead
        self.context.refused = []
        theirs = edits.edited(text, units, before, after, between, self.context)
        for one in self.context.refused:
            self._remark(one.kind, numbers[0], one.key, one.was, one.now, one.author)
        if group.moved and self.now.get(numbers[0]):
            block = self.now[numbers[0]]
            self.changes.append(_Change(block.file, block.first, block.last, []))
            self._new(last, theirs, kind)
        elif theirs != text:
            self._replace(numbers, text, theirs)

    def _run_on(self, numbers: list[int]) -> bool:
        """Return whether blocks follow each other with nothing but blank lines between, now as then."""
        for one, other in pairwise(numbers):
            here, there = self.now.get(one), self.now.get(other)
            if here is None or there is None or here.file != there.file or other != one + 1:
                return False
            between = read_lines(self.project.root, here.file)[here.last : there.first - 1]
            if any(line.strip() for line in between) or self.base[other][2] - self.base[one][3] != len(between) + 1:
                return False
            if self.base[one][0] != self.base[other][0] or self.base[one][0] not in ("paragraph", "abstract", "item"):
                return False
        return True

    def _replace(self, numbers: list[int], base: str, theirs: str) -> None:
        if any(number not in self.now for number in numbers):
            self._remark("gone", numbers[0], "", base, theirs, self.word.author)
            return
        head, tail = self.now[numbers[0]], self.now[numbers[-1]]
        lines = read_lines(self.project.root, head.file)[head.first - 1 : tail.last]
        text, conflict = merging.merged(base, "\n".join(lines), theirs, self.names)
        if conflict:
            self._remark("conflict", numbers[0], f"({self.names[0]}, {self.names[1]})", "", "", "")
        self.changes.append(_Change(head.file, head.first, tail.last, text.split("\n")))

    def _delete(self, number: int, last: int) -> None:
        block = self.now.get(number)
        if block is None:
            return
        if self._text(block) != self.base[number][5]:
            self._remark(
                "conflict", number, f"({self.names[0]} changed it, {self.names[1]} took it away); it stays", "", "", ""
            )
            return
        if block.kind == "title":
            self._remark("place", number, "", self.base[number][5], "", self.word.author)
            return
        self.changes.append(_Change(block.file, block.first, block.last, []))

    def _insert(self, last: int, came: list[Paragraph]) -> None:
        for paragraph in came:
            if paragraph.cell is not None and self._cell(last, paragraph):
                continue
            self.context.refused = []
            words = edits.markdown(tokens.returned(paragraph.runs, self.word.notes), "", " ", self.context)
            for one in self.context.refused:
                self._remark(one.kind, last, one.key, one.was, one.now, one.author)
            heading = re.fullmatch(r"Heading\s?(\d)", paragraph.style)
            lead = "#" * int(heading[1]) + " " if heading else "- " if paragraph.listed else ""
            if not lead:
                words = re.sub(
                    r"^(\d+)([.)]\s)|^([-+#>:](?=\s))", lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", words
                )
            kind = "heading" if heading else "item" if lead else "paragraph"
            self._new(last, lead + words, kind)
        self._close_table(last)

    _table: tuple[int, list[list[str]]] | None = None

    def _cell(self, last: int, paragraph: Paragraph) -> bool:
        """Add a cell of a new table; return true. A cell of a table that was exported is none of it."""
        assert paragraph.cell is not None
        number, row, column = paragraph.cell
        if self._table is None or self._table[0] != number:
            self._close_table(last)
            self._table = (number, [])
        rows = self._table[1]
        while len(rows) <= row:
            rows.append([])
        while len(rows[row]) <= column:
            rows[row].append("")
        words = edits.markdown(tokens.returned(paragraph.runs, self.word.notes), "", " ", self.context)
        rows[row][column] = f"{rows[row][column]} {words}".strip()
        return True

    def _close_table(self, last: int) -> None:
        if self._table is None:
            return
        rows, self._table = self._table[1], None
        width = max(len(row) for row in rows)
        rows = [[*row, *[""] * (width - len(row))] for row in rows]
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        self._new(last, "\n".join([lines[0], "|" + ":---|" * width, *lines[1:]]), "table")

    def _new(self, last: int, text: str, kind: str) -> None:
        """Put a new block after the block ``last``, or before the first one."""
        block = self.now.get(last)
        if (
            block is None
            or block.kind in ("title",)
            or (block.kind == "abstract" and kind not in ("paragraph", "abstract"))
        ):
            first = next((one for _, one in sorted(self.now.items()) if one.kind not in ("title", "abstract")), None)
            if first is None or (block is not None and block.kind == "title"):
                self._remark("place", last, "", "", text, self.word.author)
            else:
                self.changes.append(_Change(first.file, first.first, first.first - 1, [text, ""]))
            return
        close = kind == "item" and block.kind == "item"
        indent = block.lead if block.kind == "abstract" and not text.startswith(block.lead) else ""
        self.changes.append(
            _Change(block.file, block.last + 1, block.last, [*([] if close else [""]), *(indent + text).split("\n")])
        )

    def _comments(self, place_of: dict[int, int]) -> None:
        for comment in self.word.comments:
            number = place_of.get(comment.paragraph, -1)
            block = self.now.get(number)
            self.out.comments.append({
                "file": block.file if block else self.base[number][1] if number >= 0 else "",
                "line": block.first if block else self.base[number][2] if number >= 0 else "", "author": comment.author,
                "date": comment.date, "words": comment.words, "comment": comment.text, "from": self.word.path.name,
            })  # fmt: skip

    def _apply(self) -> None:
        by_file: dict[str, list[tuple[int, _Change]]] = {}
        for order, change in enumerate(self.changes):
            by_file.setdefault(change.file, []).append((order, change))
        for file, changes in by_file.items():
            lines = list(read_lines(self.project.root, file))
            for order, change in sorted(
                changes, key=lambda item: (item[1].first, item[1].last < item[1].first, item[0]), reverse=True
            ):
                del order
                if not change.lines and change.last >= change.first:  # taken away, with the blank line behind
                    after = change.last < len(lines) and not lines[change.last].strip()
                    lines[change.first - 1 : change.last + after] = []
                elif change.last < change.first:
                    lines[change.last : change.last] = change.lines
                else:
                    lines[change.first - 1 : change.last] = change.lines
            self.out.texts[file] = "\n".join(lines) + "\n"


def _shifted(token: tokens.Token, shift: int) -> tokens.Token:
    import dataclasses

    start, stop = (token.start + shift, token.stop + shift) if token.start >= 0 else (-1, -1)
    return dataclasses.replace(token, start=start, stop=stop, atom=token.atom + shift if token.atom >= 0 else -1)
