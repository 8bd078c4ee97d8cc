"""What ``compendium.toml`` says of the study: its title, documents and coded studies, and where its own code stands.

Whatever the tool must know of a study, it reads here; a project without the file is a study without these things.
"""

from __future__ import annotations

import importlib
import re
import sys
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from compendium import project
from compendium.errors import CompendiumError

FILE = "compendium.toml"
MODULES = ("commands", "pages", "rules")
PAPER = {"original": "a text", "findings": "a text", "words": "two whole numbers", "speaker": "a text"}
WEBSITE = {
    "address": "an address that begins with https://",
    "report": "an address that begins with https:// or mailto:",
    "binder": "an address that begins with https://",
    "picture": "the id of a recorded figure",
}
LIMITED = ("main-text", "abstract", "strengths")


@dataclass(frozen=True)
class Study:
    """A coded study: its folder in ``data/coding/``, the short key of its results, its name in print."""

    folder: str
    key: str
    name: str


@dataclass(frozen=True)
class Settings:
    """The study as its project declares it.

    Parameters
    ----------
    title : of the project, as the website shows it.
    documents : name in tables -> what it stands for: id of a document in the ledger -> its short name, in order.
    studies : coded studies by folder, in the order in which readers meet them.
    sectors : sector of speakers -> its name in print, in the order in which tables show them.
    broad_sectors : sector that a document prints when it does not say which of several it means -> these.
    limits : what the paper may hold at most: ``main-text`` and ``abstract`` in words, ``strengths`` in points.
    paper : what the paper must show: ``original`` (words by which its abstract names the original), ``findings``
        (folder of the coded study whose findings it reports), ``words`` (fewest and most of these) and ``speaker`` (the
        noun for a person interviewed); empty where nothing is asked.
    website : where readers find the website and reach its makers: ``address``, ``report`` (an address for mail or for a
        new issue), ``binder`` (where notebooks run in the browser) and ``picture`` (figure that stands for the website
        where it is shared); empty where nothing is said.
    commands, pages, rules : modules of the study that bring commands, pages of the website, and checks of rules
        that its data packages declare; empty where it has none.
    """

    title: str = ""
    documents: dict[str, str] = field(default_factory=dict)
    studies: dict[str, Study] = field(default_factory=dict)
    sectors: dict[str, str] = field(default_factory=dict)
    broad_sectors: dict[str, list[str]] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    paper: dict[str, Any] = field(default_factory=dict)
    website: dict[str, str] = field(default_factory=dict)
    commands: str = ""
    pages: str = ""
    rules: str = ""

    @classmethod
    def build(cls, given: dict[str, Any]) -> Settings:
        """Return the settings that the file's content states.

        Raises
        ------
        CompendiumError : an unknown key, or a value of the wrong kind, with the key and what was expected.
        """
        tables = dict.fromkeys(("documents", "sectors", "broad_sectors", "limits", "paper", "website"), dict)
        known = {"title": str, "studies": list, **tables, **dict.fromkeys(MODULES, str)}
        for name, value in given.items():
            if name not in known:
                from difflib import get_close_matches

                near = get_close_matches(name, known, n=1) or sorted(known)
                raise CompendiumError("there is no such setting", file=FILE, column=name, found=name, expected=near)
            if not isinstance(value, known[name]):
                kind = {str: "a text", dict: f"a table [{name}]", list: "a list"}[known[name]]
                raise CompendiumError(
                    "the setting is of the wrong kind", file=FILE, column=name, found=value, expected=kind
                )
        studies = [_study(entry, number) for number, entry in enumerate(given.get("studies", []), start=1)]
        for attribute in ("folder", "key"):
            taken = [getattr(study, attribute) for study in studies]
            for name in taken:
                if taken.count(name) > 1:
                    raise CompendiumError(
                        "two studies share a name", file=FILE, column=f"studies.{attribute}", found=name
                    )
        for table, what in (("documents", "a document's name"), ("sectors", "a sector's name")):
            for name, shown in given.get(table, {}).items():
                if not isinstance(shown, str):
                    raise CompendiumError(f"{what} is no text", file=FILE, column=f"{table}.{name}", found=shown)
        _check_paper(given.get("paper", {}))
        _check_website(given.get("website", {}))
        sectors, broad = given.get("sectors", {}), given.get("broad_sectors", {})
        for name, narrow in broad.items():
            if not isinstance(narrow, list) or {name, *map(str, narrow)} - set(sectors):
                raise CompendiumError(
                    "a broad sector is not a list of sectors",
                    file=FILE, column=f"broad_sectors.{name}", found=narrow, expected=list(sectors),
                )  # fmt: skip
        for name, most in given.get("limits", {}).items():
            if name not in LIMITED or type(most) is not int or most < 1:
                raise CompendiumError(
                    "a limit of the paper is not one", file=FILE, column=f"limits.{name}", found=most,
                    expected=f"a number above 0 for {', '.join(LIMITED)}",
                )  # fmt: skip
        for name in MODULES:
            module = given.get(name, "")
            if module and module.partition(".")[0] != "analysis":
                raise CompendiumError(
                    "a module of the study stands in analysis/",
                    file=FILE, column=name, found=module, expected=f"a name such as analysis.{name}",
                )  # fmt: skip
        return cls(
            title=given.get("title", ""),
            documents=given.get("documents", {}),
            studies={study.folder: study for study in studies},
            sectors=sectors,
            broad_sectors=broad,
            limits=given.get("limits", {}),
            paper=given.get("paper", {}),
            website=given.get("website", {}),
            **{name: given.get(name, "") for name in MODULES},
        )


def read(root: Path | None = None) -> Settings:
    """Return the settings of a project, by default the one where you stand.

    Raises
    ------
    CompendiumError : the file is not TOML in UTF-8, or states what cannot be.
    """
    path = (project.root() if root is None else root) / FILE
    try:
        stamp = path.stat()
    except OSError:
        return Settings()
    return _read(path, stamp.st_mtime_ns, stamp.st_size)


def module(name: str, root: Path | None = None) -> ModuleType | None:
    """Return the study's module for ``commands``, ``pages`` or ``rules``, or None where it has none.

    Raises
    ------
    CompendiumError : the module named is not there.
    """
    folder = project.root() if root is None else root
    wanted = getattr(read(folder), name)
    if not wanted:
        return None
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(wanted)
    except ModuleNotFoundError as error:
        if error.name is None or not (wanted == error.name or wanted.startswith(f"{error.name}.")):
            raise
        raise CompendiumError(
            "the study's module is not there", file=FILE, column=name, found=wanted, expected="a file in analysis/"
        ) from error


@lru_cache(maxsize=8)
def _read(path: Path, _stamp: int, _size: int) -> Settings:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise CompendiumError("the settings are not UTF-8", file=path, found=error.reason) from error
    except tomllib.TOMLDecodeError as error:
        raise CompendiumError("the settings are not TOML", file=path, found=str(error)) from error
    return Settings.build(given)


def _check_paper(given: dict[str, Any]) -> None:
    """Raise CompendiumError for a setting of ``[paper]`` that is unknown or of the wrong kind."""
    for name, value in given.items():
        if name not in PAPER:
            raise CompendiumError("there is no such setting", file=FILE, column=f"paper.{name}", expected=list(PAPER))
        numbers = isinstance(value, list) and [type(item) for item in value] == [int, int]
        if not (numbers if name == "words" else isinstance(value, str)):
            raise CompendiumError(
                "the setting is of the wrong kind", file=FILE, column=f"paper.{name}", found=value, expected=PAPER[name]
            )


def _check_website(given: dict[str, Any]) -> None:
    """Raise CompendiumError for a setting of ``[website]`` that is unknown or no address of its kind."""
    for name, value in given.items():
        if name not in WEBSITE:
            problem, expected = "there is no such setting", list(WEBSITE)
        elif not isinstance(value, str) or (
            name != "picture" and not re.fullmatch(r"https?://\S+" + (r"|mailto:\S+" * (name == "report")), value)
        ):
            problem, expected = "the setting is of the wrong kind", [WEBSITE[name]]
        else:
            continue
        raise CompendiumError(problem, file=FILE, column=f"website.{name}", found=value, expected=expected)


def _study(entry: Any, number: int) -> Study:
    wanted = ("folder", "key", "name")
    if not isinstance(entry, dict) or set(entry) != set(wanted) or not all(isinstance(v, str) for v in entry.values()):
        raise CompendiumError(
            "a study is not described by its folder, key and name",
            file=FILE, row=f"studies {number}", found=entry, expected=", ".join(wanted),
        )  # fmt: skip
    return Study(**entry)
