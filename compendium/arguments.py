"""What may be typed after ``compendium``: every command, its arguments and their help, without what they do."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from compendium import __version__, settings
from compendium.errors import CompendiumError

Verb = Callable[[argparse.Namespace], int | None]


def parser(verbs: Mapping[str, Verb] | None = None) -> argparse.ArgumentParser:
    """Return the parser of all commands, those of the study among them.

    Parameters
    ----------
    verbs : command -> the function that does its work, which the parsed options carry as ``function``; without it the
        parser only describes.
    """
    top = argparse.ArgumentParser(
        prog="compendium",
        description="Rebuild, render and check the compendium.",
        epilog="Without a command: build and render everything.",
    )
    top.add_argument("--version", action="version", version=f"compendium {__version__}")
    top.add_argument("--debug", action="store_true", help="show the full traceback of an error")
    top.set_defaults(function=(verbs or {}).get("all"), params=[], jobs=None, force=False, engine="auto")
    commands = top.add_subparsers(title="commands", metavar="COMMAND")

    def declared(name: str, function: Verb | None, help_: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help_, description=help_[0].upper() + help_[1:] + ".")
        made.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        made.set_defaults(function=function)
        return made

    def command(name: str, help_: str) -> argparse.ArgumentParser:
        return declared(name, verbs[name] if verbs else None, help_)

    new = command("new", "write a new study into a folder of its own")
    new.add_argument("folder", type=Path, help="a new or empty folder")
    new.add_argument("--from", type=Path, dest="source", metavar="PROJECT.qdpx", help="the coded project it is about")
    new.add_argument(
        "--checklist", action="append", metavar="NAME", dest="checklists",
        help="reporting checklist: srqr (by default), coreq, gramms, entreq, prisma-2020, prisma-s, prisma-scr; may be "
        "given again",
    )  # fmt: skip
    new.add_argument("--title", default="", help="title of the study (the project's name by default)")
    everything = command("all", "build, then render every profile")
    build = command("build", "run the notebooks that are out of date and publish their results")
    run = command("run", "run one notebook and what it needs")
    run.add_argument("notebook", help="its name, number or file")
    for one in (everything, build, run):
        _add_chain_options(one)
    explain = command("explain", "say why each notebook would run or not, without running any")
    explain.add_argument("notebook", nargs="?", help="its name, number or file (all by default)")
    explain.add_argument("-p", dest="params", action="append", default=[], metavar="KEY=VALUE", help="set a parameter")
    graph = command("graph", "draw the chain: inputs, notebooks, the results that they hand on, outputs")
    graph.add_argument("file", nargs="?", type=Path, help="what to write (standard output by default)")
    graph.add_argument("--format", choices=("svg", "mermaid"), default="svg", help="a picture, or Mermaid text")
    add = command("add", "write the smallest working piece where it belongs; nothing is overwritten")
    add.add_argument("kind", choices=("notebook", "table", "figure", "chapter"))
    add.add_argument("name", metavar="NAME", help="its name; of a table, its CSV file")
    add.add_argument("--in", dest="notebook", help="notebook that records the figure (the last one by default)")
    add.add_argument("--words", type=int, default=1000, help="fewest words of the chapter in the plan (1000)")
    render = command("render", "render the manuscript from the results")
    render.add_argument("profile", nargs="*", help="such as paper or site (all by default)")
    render.add_argument("--format", action="append", dest="formats", help="only this format (html, docx, jats, pdf)")
    render.add_argument("--submission", action="store_true", help="also pack the paper for a journal's upload")
    render.add_argument("--draft", action="store_true", help="pack even though the title page has gaps, and show them")
    render.add_argument(
        "--stale", action="store_true", help="render results that are older than their inputs; every page says so"
    )
    render.add_argument("--mark-computed", action="store_true", help="shade what is computed in the Word file")
    for one in (everything, render):
        one.add_argument("--engine", choices=("auto", "quarto", "pandoc"), default="auto", help="what renders")
    submission = command("submission", "pack what a journal's upload asks for, from the rendered sources of the paper")
    submission.add_argument("--draft", action="store_true", help="pack even though the title page has gaps")
    submission.add_argument("--stale", action="store_true", help="pack results that are older than their inputs")
    check = command("check", "check the manuscript against the results")
    check.add_argument("--release", action="store_true", help="treat warnings as errors")
    diff = command("diff", "show how values, tables and prose changed between two commits")
    diff.add_argument("first", help="a commit, branch or tag")
    diff.add_argument("second", nargs="?", help="another one (the files as they stand by default)")
    diff.add_argument("--build", action="store_true", help="build both instead of reading the committed notebooks")
    notebooks = command(
        "notebooks",
        "refresh the committed .ipynb of every notebook and the picture of the chain, or check that they agree",
    )
    notebooks.add_argument("--check", action="store_true", help="change nothing; fail where a pair disagrees")
    fetch = command("fetch", "bring the raw open data into the cache, verified")
    fetch.add_argument("ids", nargs="*", metavar="ID", help="sources of data/sources.toml (all by default)")
    disclosed = command("disclosure", "say how many areas fit each profile that you are about to publish")
    disclosed.add_argument("profiles", type=Path, help="CSV file: one row per profile, its name and its descriptors")
    disclosed.add_argument("population", type=Path, help="CSV file: one row per area, with the same descriptors")
    disclosed.add_argument("--key", help="column that names the profile (the first by default)")
    disclosed.add_argument("--floor", type=int, default=5, metavar="K", help="the size wanted (5 by default)")
    returned = command("import-docx", "bring co-authors' Word files back into the sources: show the patch, then ask")
    returned.add_argument("files", nargs="+", type=Path, metavar="FILE", help="Word files that were exported from here")
    returned.add_argument("--onto", default="", metavar="BRANCH", help="change the sources of this branch or commit")
    returned.add_argument("--dry-run", action="store_true", help="show the patch and ask nothing")
    returned.add_argument("--yes", action="store_true", help="apply without asking")
    import_qda = command("import-qda", "import a coded project or codebook of another tool")
    import_qda.add_argument(
        "file", type=Path,
        help=".qdpx, .qde, .qdc, a Taguette database, a QualCoder folder (.qda), or a .csv or .xlsx of quotations",
    )  # fmt: skip
    import_qda.add_argument("--project", default="", metavar="NAME", help="which project of a database (the only one)")
    import_qda.add_argument("--texts", type=Path, metavar="FOLDER", help="the texts that a table of quotations is from")
    import_qda.add_argument(
        "--columns", nargs="+", default=[], metavar="NAME=COLUMN",
        help="columns of a table of quotations: document, quotation, codes, coder, memo",
    )  # fmt: skip
    import_qda.add_argument("--out", type=Path, help="folder to write (data/coding/NAME by default)")
    import_qda.add_argument("--study", default="", help="name of the study in the tables")
    import_qda.add_argument("--replace", action="store_true", help="take the place of another project's import")
    import_qda.add_argument("--strict", action="store_true", help="refuse what would only be warned of")
    pseudonyms = command("anonymise", "replace names throughout a project, selections kept on their passages")
    pseudonyms.add_argument("project", metavar="PROJECT", help="a .qdpx file, an imported project, or its name")
    pseudonyms.add_argument(
        "--names",
        type=Path,
        required=True,
        metavar="CSV",
        help="name and replacement; outside of the repository",
    )
    pseudonyms.add_argument("--out", type=Path, required=True, metavar="FILE", help="the .qdpx file to write")
    pseudonyms.add_argument(
        "--left", type=Path, metavar="CSV",
        help="where to list what still looks like a name (build/private/left.csv in a project)",
    )  # fmt: skip
    export_qda = command("export-qda", "export coded evidence as .qdpx, or its codebook as .qdc or .csv")
    export_qda.add_argument("folder", type=Path, help="an imported project, or a folder of data/coding/")
    export_qda.add_argument("file", type=Path, help="what to write: .qdpx, .qdc or .csv")
    export_qda.add_argument(
        "--positions", choices=("codepoints", "utf16"), default="codepoints",
        help="what positions count: code points, as most tools, or UTF-16 code units, as NVivo",
    )  # fmt: skip
    export_qda.add_argument(
        "--selections", choices=("shared", "coder"), default="shared",
        help="one selection for all its coders, or one for each, as QualCoder needs them",
    )  # fmt: skip
    export_qda.add_argument(
        "--names", choices=("own", "path"), default="own",
        help="path: a code whose name another has gets the names above it, as QualCoder needs them",
    )  # fmt: skip
    agreed = command("agreement", "say how far the coders of a project agree, by code and over all codes")
    agreed.add_argument("project", metavar="PROJECT", help="a .qdpx file, an imported project, or its name")
    agreed.add_argument("--coders", nargs="+", metavar="NAME", help="compare only these (all by default)")
    agreed.add_argument("--code", help="one code alone, by its id or name")
    agreed.add_argument(
        "--unit", choices=("character", "overlap", "document", "segment"),
        help="what counts as one decision (characters where the project has positions, else segments)",
    )  # fmt: skip
    agreed.add_argument(
        "--out", type=Path, metavar="FILE",
        help="also write the disagreements, both readings side by side: .docx, .html, .xlsx, .csv or .md",
    )  # fmt: skip
    quotes = command("quotes", "list the quotations of a project's codes, or those that were chosen for the paper")
    quotes.add_argument("--project", metavar="PROJECT", help="as for agreement (the only imported one by default)")
    quotes.add_argument("--code", help="those of one code and the codes below it, by its id or name")
    quotes.add_argument("--with", dest="other", metavar="CODE", help="only passages that overlap one of this code too")
    quotes.add_argument("--case", action="append", default=[], help="those of a case; may be given several times")
    quotes.add_argument("--speaker", action="append", default=[], help="those of a speaker")
    quotes.add_argument("--where", action="append", default=[], metavar="NAME=VALUE", help="those with an attribute")
    quotes.add_argument("--context", type=int, default=0, metavar="N", help="characters of the text on either side")
    quotes.add_argument(
        "--order", default="code,place", metavar="COLUMNS",
        help="such as case,code or words (code,place): code, document, case, speaker, words, place, or an attribute",
    )  # fmt: skip
    quotes.add_argument("--chosen", action="store_true", help="those of quotations.csv, as they will be printed")
    quotes.add_argument("--paper", action="store_true", help="theme, quotation and who alone, for a table of the paper")
    quotes.add_argument(
        "--format", choices=("csv", "md", "docx", "xlsx", "html"), default="md", help="of the list (md)"
    )
    quotes.add_argument(
        "--out", type=Path, metavar="FILE", help="where to (csv and md: the terminal; else the private build folder)"
    )
    changed = command(
        "diff-codebook", "say what became of a codebook between two exports, and what that did to the codings"
    )
    changed.add_argument(
        "old", type=Path, metavar="OLD", help="a .qdpx, .qde or .qdc file, an import, or a codebook.csv"
    )
    changed.add_argument("new", type=Path, metavar="NEW", help="a later one")
    changed.add_argument(
        "--out", type=Path, metavar="FILE", help="also write the table: .csv, .md, .docx, .xlsx or .html"
    )
    framework = command("framework", "write the framework matrix of a project, cases by themes with your own summaries")
    framework.add_argument("project", metavar="PROJECT", help="a .qdpx file, an imported project, or its name")
    framework.add_argument("--theme", action="append", metavar="CODE", help="a theme (the topmost codes by default)")
    framework.add_argument("--by", choices=("case", "document", "speaker"), default="case", help="what a row is (case)")
    framework.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help=".docx, .xlsx, .html, .csv or .md (in the private build folder by default)",
    )
    trail = command("trail", "write the audit trail of a project in Halpern's six categories, with its memos and links")
    trail.add_argument("project", metavar="PROJECT", help="a .qdpx file, an imported project, or its name")
    trail.add_argument(
        "--earlier", nargs="+", type=Path, default=[], metavar="OLD", help="exports before it, oldest first"
    )
    trail.add_argument(
        "--out", type=Path, metavar="FILE", help=".md, .docx or .html (in the private build folder by default)"
    )
    command("doctor", "show what this machine has and what the project would use")
    try:
        own = settings.module("commands")
    except CompendiumError:  # no project here, or its settings are damaged: its own commands are not to be had
        own = None
    if own is not None:
        own.add(declared)
    return top


def _add_chain_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("-p", dest="params", action="append", default=[], metavar="KEY=VALUE", help="set a parameter")
    command.add_argument("-j", "--jobs", type=int, help="notebooks at the same time (all processors by default)")
    command.add_argument("--force", action="store_true", help="run even what has not changed")
