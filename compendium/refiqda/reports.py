"""What the commands on an imported project print and write: agreement, disagreements, quotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from compendium import project as home
from compendium.data.loading import read_text
from compendium.errors import CompendiumError
from compendium.evidence import attributes, coders, evidence, framework, meetinglist, meetings, passages, reliability
from compendium.evidence import quotations as quoted
from compendium.evidence.codebookdiff import State
from compendium.evidence.decisions import Unit
from compendium.evidence.evidence import named_coders
from compendium.refiqda.model import MANIFEST, Project

ARCHIVES = (".qdpx", ".qde")
UNIT_WORDS: dict[str, str] = {
    "character": "a character of the text, coded or not",
    "overlap": "a coding, spread evenly over its characters",
    "document": "a document, in which the code was given or not",
    "segment": "a passage that somebody marked, equal edges alone being one",
}


READING = (
    "Yes and No name those who gave the code on the passage and those who did not. The last columns say which codes "
    "each of them gave anywhere on it. This list holds what people said: it is for the coders alone."
)


@dataclass(frozen=True)
class Opened:
    """A project at hand, and the folder where the researcher's own tables about it may lie.

    Parameters
    ----------
    project : its tables and texts.
    folder : the imported project's folder, or the one that holds the archive.
    """

    project: Project
    folder: Path

    @property
    def lengths(self) -> dict[str, int]:
        """Return the characters of every source that has a text."""
        sources = self.project.sources
        known = sources["characters"].notna()
        return {
            str(source): int(size)
            for source, size in zip(sources.loc[known, "source_id"], sources.loc[known, "characters"], strict=True)
        }

    def code(self, wanted: str | None) -> str | None:
        """Return the id of the code that has this id, name or path, or a code's name that only one has.

        Raises
        ------
        CompendiumError : no code or several have it.
        """
        if wanted is None:
            return None
        book = self.project.codebook
        fits = book.loc[(book["code_id"] == wanted) | (book["code"] == wanted), "code_id"].tolist()
        if not fits:
            fits = book.loc[book["code"].str.casefold() == wanted.casefold(), "code_id"].tolist()
        if len(fits) != 1:
            raise CompendiumError(
                "no single code has this name", found=wanted, expected=fits or book["code_id"].tolist()
            )
        return str(fits[0])


def opened(name: str | Path) -> Opened:
    """Open an imported project by its folder or by its name in data/coding/, or a .qdpx or .qde file.

    Raises
    ------
    CompendiumError : there is no such project.
    """
    from compendium.refiqda import load_project, read_project

    path = Path(name)
    if path.suffix.lower() in ARCHIVES and path.is_file():
        return Opened(read_project(path)[0], path.parent)
    for folder in (path, *_coded(path)):
        if (folder / MANIFEST).is_file() or (folder / "segments.csv").is_file():
            return Opened(load_project(folder), folder)
    raise CompendiumError(
        "there is no such project", file=path, expected="a .qdpx file, an imported project, or its name in data/coding/"
    )


def imported() -> Path:
    """Return the folder of the one imported project that the compendium has.

    Raises
    ------
    CompendiumError : it has none or several.
    """
    found = sorted(path.parent for path in (home.root() / "data" / "coding").glob(f"*/{MANIFEST}"))
    if len(found) != 1:
        names = [path.name for path in found]
        raise CompendiumError(
            "say which project is meant", found=names or "no imported project", expected="--project NAME"
        )
    return found[0]


def _coded(path: Path) -> list[Path]:
    if path.is_absolute() or len(path.parts) != 1:
        return []
    try:
        return [home.root() / "data" / "coding" / path]
    except CompendiumError:  # no project here, and no name of one either
        return []


def unit_of(project: Project, unit: str | None) -> Unit:
    """Return the unit asked for, or by default characters where the project has positions, else its segments."""
    if unit is not None:
        return unit  # type: ignore[return-value]
    return "character" if project.segments["start"].notna().any() else "segment"


def agreement(
    source: Opened, names: Sequence[str] | None = None, code: str | None = None, unit: str | None = None
) -> list[str]:
    """Return the lines that tell how far coders agree.

    Parameters
    ----------
    names : coders to compare (a beginning is enough); all by default.
    code : one code alone, by id or name.
    unit : as `compendium.evidence.decisions` has them.

    Raises
    ------
    CompendiumError : as `compendium.evidence.reliability.agreement`, or no such code or coder.
    """
    project, chosen = source.project, unit_of(source.project, unit)
    wanted = coders.chosen(names, named_coders(project.codings))
    segments, codings = passages.merged(project.segments, project.codings)
    table = reliability.agreement(codings, segments, chosen, source.lengths, wanted)
    two = reliability.pairs(codings, segments, chosen, source.lengths, wanted)
    told = coders.read(source.folder, wanted or named_coders(project.codings))
    if (one := source.code(code)) is not None:
        table = table[table["code_id"] == one]
        if table.empty:
            raise CompendiumError("none of these coders gave the code", found=code)
    title = dict(zip(project.codebook["code_id"], project.codebook["code"], strict=True))
    shown = reliability.printed(table, {**title, reliability.OVERALL: "all codes"})
    documents = int(table["documents"].iloc[0])
    lines = [
        f"Unit: {chosen}, {UNIT_WORDS[chosen]}.",
        f"Documents that two or more of them coded: {documents:,}.",
        "",
        *shown.drop(columns="Coders").to_string(index=False, na_rep="").split("\n"),
    ]
    if code is None and len(two) > 1:
        lines += [
            "",
            "Pairs, over all codes:",
            *reliability.pairs_printed(two).to_string(index=False, na_rep="").split("\n"),
        ]
    lines += ["", coders.statement(told)]
    if table["alpha_low"].isna().all() and documents < reliability.LEAST:
        lines.append(f"No interval: a bootstrap needs {reliability.LEAST} documents.")
    return lines


def disagreements(
    source: Opened, names: Sequence[str] | None = None, code: str | None = None, unit: str | None = None
) -> pd.DataFrame:
    """Return the list of disagreements for the coders' meeting; parameters as in `agreement`."""
    project = source.project
    wanted = coders.chosen(names, named_coders(project.codings))
    return meetinglist.readings(
        project.codings, project.segments, project.codebook, unit_of(project, unit), source.lengths, wanted,
        project.texts, source.code(code),
    )  # fmt: skip


def quotations(
    source: Opened,
    *,
    code: str | None = None,
    other: str | None = None,
    cases: Sequence[str] = (),
    speakers: Sequence[str] = (),
    where: Mapping[str, str] | None = None,
    context: int = 0,
    order: Sequence[str] = ("code", "place"),
    chosen: bool = False,
    paper: bool = False,
) -> pd.DataFrame:
    """Return quotations under headings, as `compendium.evidence.quotations` finds them.

    Parameters
    ----------
    other : only passages that share characters with a passage of this code.
    chosen : those of ``quotations.csv`` in the project's folder, as they will be printed.
    paper : theme, quotation and who alone.

    Raises
    ------
    CompendiumError : as `compendium.evidence.quotations.quotations` and ``chosen``, or no such code.
    """
    project = source.project
    wanted, second = source.code(code), source.code(other)
    table = quoted.quotations(
        project.segments, project.codings, project.codebook, project.texts, attributes_of(project),
        codes=None if wanted is None else [wanted], cases=cases, speakers=speakers, where=where,
        context=0 if chosen else context, order=order,
    )  # fmt: skip
    if second is not None:
        met = meetings.meetings(project.segments, project.codings, project.codebook, "overlap")
        mine = met[(met["code_a"] == second) | (met["code_b"] == second)]
        names = ["code_id", "passage"]
        sides = (("code_b", ["code_a", "passage_a"]), ("code_a", ["code_b", "passage_b"]))
        pair = pd.concat([mine.loc[mine[one] == second, other].set_axis(names, axis=1) for one, other in sides])
        keys = pd.MultiIndex.from_frame(pair[["code_id", "passage"]])
        table = table[pd.MultiIndex.from_frame(table[["code_id", "passage"]]).isin(keys)]
    if chosen:
        table = quoted.chosen(source.folder / quoted.FILE, table, project.codebook)
        table = table.drop(columns="quotation").rename(columns={"printed": "quotation"})
    return quoted.for_paper(table) if paper else quoted.full(table)


def framework_matrix(source: Opened, themes: Sequence[str] | None = None, by: str = "case") -> pd.DataFrame:
    """Return the framework matrix, with the researcher's ``summaries.csv`` where it lies in the project's folder.

    Parameters
    ----------
    themes : codes by id or name; by default the topmost.
    by : what a row is: case, document or speaker.

    Raises
    ------
    CompendiumError : no such code, or a summary names what is not there.
    """
    project = source.project
    chosen = [str(source.code(theme)) for theme in themes or ()] or evidence.themes(project.codebook)
    file = source.folder / framework.SUMMARIES
    own = read_text(file) if file.is_file() else None
    column = {"case": "site"}.get(by, by)
    return framework.matrix(project.segments, project.codings, project.codebook, chosen, column, own)


def attributes_of(project: Project) -> pd.DataFrame:
    """Return which attribute each passage has; see `compendium.evidence.attributes.of_passages`."""
    of = {kind: attributes.wide(project.variables, project.variable_values, kind) for kind in ("case", "source")}
    return attributes.of_passages(project.segments, project.case_members, of["case"], of["source"])


def pairs_of(words: Sequence[str]) -> dict[str, str]:
    """Return NAME=VALUE words as a mapping.

    Raises
    ------
    CompendiumError : a word has no value.
    """
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise CompendiumError("an attribute has no value", found=word, expected="NAME=VALUE")
        found[name] = value
    return found


def state(name: str | Path) -> State:
    """Return the codebook of a project, an archive, a codebook file or folder, and which passages held which code.

    Raises
    ------
    CompendiumError : there is no such file or project.
    """
    from compendium.evidence import codebook as codebooks
    from compendium.refiqda import read_project

    path = Path(name)
    if path.suffix.lower() == ".csv":
        return State(codebooks.load(path), pd.DataFrame({"passage": [], "code_id": []}))
    book = path.suffix.lower() == ".qdc" and path.is_file()
    return state_of(read_project(path)[0] if book else opened(path).project)


def state_of(project: Project) -> State:
    """Return the codebook of a project that is at hand, and which passages hold which code."""
    guid = dict(zip(project.sources["source_id"], project.sources["guid"], strict=True))
    joined = project.codings.merge(project.segments[["segment_id", "source_id", "start", "end"]], on="segment_id")
    source = joined["source_id"].map(lambda one: guid.get(one, "") or one)
    edges = joined["start"].astype(str) + "-" + joined["end"].astype(str)
    edges = edges.where(joined["start"].notna(), joined["segment_id"])
    return State(project.codebook, pd.DataFrame({"passage": source + " " + edges, "code_id": joined["code_id"]}))


def private_place(name: str) -> Path:
    """Return where a file with words of people is written unless the researcher says where: never among results.

    In a project that is the folder ``private`` of its build folder, which nothing renders, packs or commits; elsewhere
    the folder where you stand.
    """
    try:
        return home.build_folder() / home.PRIVATE / name
    except CompendiumError:
        return Path(name)
