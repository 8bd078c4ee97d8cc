"""How to cite the project and what it builds on, from ``CITATION.cff``: as BibTeX and as RIS."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError
from compendium.texts import read_yaml

FILE = "CITATION.cff"
# Kinds of the Citation File Format 1.2 -> entry in BibTeX, type in RIS; anything else is "misc".
KINDS = {
    "article": ("article", "JOUR"), "book": ("book", "BOOK"), "dataset": ("misc", "DATA"),
    "report": ("techreport", "RPRT"), "software": ("software", "COMP"), "thesis": ("phdthesis", "THES"),
}  # fmt: skip


def body(root: Path) -> str:
    """Return the part of a page that shows each citation of ``CITATION.cff`` as BibTeX and as RIS.

    Raises
    ------
    CompendiumError : the file is not YAML, or lacks a title or an author.
    """
    path = root / FILE
    if not path.is_file():
        return f"The project has no `{FILE}` yet.\n"
    content = read_yaml(path)
    works = [("The compendium", content), *(("What it builds on", item) for item in content.get("references", []))]
    return "\n".join(f"### {name}\n\n```\n{bibtex(work)}```\n\n```\n{ris(work)}```\n" for name, work in works)


def bibtex(work: dict[str, Any]) -> str:
    """Return a work of a citation file as a BibTeX entry."""
    kind, _ = KINDS.get(work.get("type", "software"), ("misc", "GEN"))
    fields = {
        "author": " and ".join(_author(person, braces=True) for person in _given(work, "authors")),
        "title": f"{{{_given(work, 'title')}}}",
        "journal": work.get("journal"),
        "year": _year(work),
        "volume": work.get("volume"),
        "pages": work.get("start"),
        "version": work.get("version"),
        "doi": work.get("doi"),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{kind}{{{_key(work)},\n" + ",\n".join(lines) + "\n}\n"


def ris(work: dict[str, Any]) -> str:
    """Return a work of a citation file as an RIS record."""
    _, kind = KINDS.get(work.get("type", "software"), ("misc", "GEN"))
    rows = [
        ("TY", kind),
        *(("AU", _author(person)) for person in _given(work, "authors")),
        ("TI", _given(work, "title")),
        ("JO", work.get("journal")),
        ("PY", _year(work)),
        ("VL", work.get("volume")),
        ("SP", work.get("start")),
        ("ET", work.get("version")),
        ("DO", work.get("doi")),
    ]
    return "".join(f"{tag}  - {value}\n" for tag, value in rows if value) + "ER  - \n"


def _given(work: dict[str, Any], name: str) -> Any:
    if not work.get(name):
        raise CompendiumError(f"a work has no {name}", file=FILE, found=work.get("title"))
    return work[name]


def _author(person: dict[str, Any], *, braces: bool = False) -> str:
    """Return a person as "Family, Given", and a group by its name, which BibTeX must not take apart."""
    if person.get("name"):
        return f"{{{person['name']}}}" if braces else str(person["name"])
    family = " ".join(str(person[key]) for key in ("name-particle", "family-names") if person.get(key))
    return f"{family}, {person['given-names']}" if person.get("given-names") else family


def _year(work: dict[str, Any]) -> str:
    return str(work.get("year") or work.get("date-released") or "")[:4]


def _key(work: dict[str, Any]) -> str:
    first = _given(work, "authors")[0]
    words = re.findall(r"[a-z0-9]+", str(first.get("family-names") or work["title"]).lower())
    return "".join([*words[:3], _year(work)])
