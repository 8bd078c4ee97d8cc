"""The wings of the tool and their modules, as the reference shows them; a build asks for these files each time."""

from __future__ import annotations

from pathlib import Path

TOOL = Path(__file__).resolve().parent.parent
WINGS = {
    "compendium": "The command line and the project",
    "chain": "The chain of notebooks and the results store",
    "data": "Data packages, tables and open data",
    "evidence": "Codes, segments and agreement",
    "figures": "Figures and printed tables",
    "refiqda": "REFI-QDA in and out",
    "coauthors": "Word files that come back from co-authors",
    "render": "The two engines",
    "scaffold": "New studies and new pieces",
    "website": "Pages of the website",
    "writing": "Checks, checklists, ledger and submission",
    "analysis": "The study's own functions",
}


def sources(root: Path) -> list[Path]:
    """Return the files that the reference is made from."""
    return [path for name in WINGS for _, path in modules(name, root)]


def modules(wing: str, root: Path) -> list[tuple[str, Path]]:
    """Return full name and file of every module of a wing, in order; ``compendium`` are those below no wing."""
    folder = {"compendium": TOOL, "analysis": root / "analysis"}.get(wing, TOOL / wing)
    package = wing if wing in ("compendium", "analysis") else f"compendium.{wing}"
    pattern = "**/*.py" if wing == "analysis" else "*.py"  # below a wing lie files of new studies, no modules
    found = []
    for path in sorted(folder.glob(pattern)):
        inside = [part for part in path.relative_to(folder).with_suffix("").parts if part != "__init__"]
        if path.stem != "__main__":
            found.append((".".join([package, *inside]), path))
    return found
