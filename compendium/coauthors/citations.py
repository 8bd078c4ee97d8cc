"""Citations that a co-author typed as words: keys, and an author with a year that fit one entry."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from compendium.coauthors.edits import escaped
from compendium.render.sources import read_lines

TYPED = re.compile(r"\[-?@[\w:./-]+(?:[;,][^\[\]]*)?\]")
NAMED = re.compile(
    r"(?P<lead>\()?(?P<name>[A-Z][\w’'-]+)(?P<more>(?: et al\.?| (?:and|&) [A-Z][\w’'-]+)?),? (?P<open>\()?"
    r"(?P<year>(?:19|20)\d\d)\)"
)


def entries(root: Path, files: tuple[str, ...]) -> tuple[set[str], dict[tuple[str, str], list[str]]]:
    """Return the keys of BibTeX files, and the keys for each first author's family name and year."""
    keys: set[str] = set()
    named: dict[tuple[str, str], list[str]] = {}
    for file in files:
        text = "\n".join(read_lines(root, file))
        for entry in re.split(r"(?m)^(?=\s*@\w+\s*\{)", text):
            key = re.match(r"\s*@\w+\s*\{\s*([^,\s]+)\s*,", entry)
            if key is None:
                continue
            keys.add(key[1])
            author = re.search(r"(?m)^\s*(?:author|editor)\s*=\s*[{\"]+([^,}\"]+)", entry)
            year = re.search(r"(?m)^\s*(?:year|date)\s*=\s*[{\"]?(\d{4})", entry)
            if author and year:
                named.setdefault((author[1].split(" and ")[0].strip().lower(), year[1]), []).append(key[1])
    return keys, named


def reader(keys: set[str], named: dict[tuple[str, str], list[str]]) -> Callable[[str], str]:
    """Return what makes words source: citations by key or by author and year, all else with nothing left as markup."""

    def by_name(match: re.Match[str]) -> str:
        fit = named.get((match["name"].lower(), match["year"]), [])
        if len(fit) != 1 or bool(match["lead"]) == bool(match["open"]):
            return escaped(match[0])
        return f"[@{fit[0]}]" if match["lead"] else f"{match['name']}{match['more']} [@{fit[0]}]"

    def named_words(words: str) -> str:
        found, place = "", 0
        for match in NAMED.finditer(words):
            found += escaped(words[place : match.start()]) + by_name(match)
            place = match.end()
        return found + escaped(words[place:])

    def source(words: str) -> str:
        found, place = "", 0
        for match in TYPED.finditer(words):
            if set(re.findall(r"@([\w:./-]*\w)", match[0])) <= keys:
                found += named_words(words[place : match.start()]) + match[0]
                place = match.end()
        return found + named_words(words[place:])

    return source
