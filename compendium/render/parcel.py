"""Everything that the website offers to take away, in one zip with a README.

Quarto runs this file by itself after `quarto render` (``project: post-render:``), with whatever Python it finds, so it
imports nothing but the standard library. For the embedded engine `compendium render` calls `pack`.
"""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

DONE_ELSEWHERE = "COMPENDIUM_ATTACHES"  # set where the caller of Quarto packs once Quarto has ended
NAME = "compendium.zip"
RECORD = "site.json"
DAY = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold, so that the same files give the same bytes
PARTS = (
    ("paper", ("*.pdf", "*.docx", "*.xml"), "the paper as PDF, Word and JATS"),
    ("thesis", ("*.pdf",), "the thesis as PDF"),
    ("data", ("**/*.csv", "**/*.json"), "every table with its description (Frictionless data packages)"),
    ("build/results", ("*.json", "tables/*.csv", "figures/*.csv"), "recorded values, tables and the data of figures"),
    ("build/results/figures", ("*.svg", "*.png"), "figures for screen and print"),
    ("build/pages/downloads", ("*",), "coded evidence as REFI-QDA projects and codebooks"),
    ("build/notebooks", ("*.ipynb",), "the notebooks as they ran"),
    ("", ("CITATION.cff", "LICENSE*"), "how to cite it, and its licences"),
)


def pack(website: Path, made: Path, commit: str = "") -> Path | None:
    """Write ``compendium.zip`` into the website: what stands there already, so nothing that nobody agreed to publish.

    Parameters
    ----------
    website : the website's folder, rendered, with the paper and the thesis beside it.
    made : ``build/pages/``, for the website's record; without one nothing is written.
    commit : name of the commit that the website was built from, where it is known.
    """
    if not (made / RECORD).is_file():
        return None
    about = json.loads((made / RECORD).read_text(encoding="utf-8"))
    lines, chosen = [], dict[str, Path]()
    for folder, patterns, what in PARTS:
        found = sorted({path for pattern in patterns for path in (website / folder).glob(pattern) if path.is_file()})
        found = [path for path in found if ".screen." not in path.name]
        if found:
            size = sum(path.stat().st_size for path in found) / 1e6
            lines.append(f"{folder or '.'}/: {what} ({len(found)} files, {size:.1f} MB)")
        chosen |= {path.relative_to(website).as_posix(): path for path in found}
    readme = [about["title"], "", about["description"], "", *lines, ""]
    readme += [f"Built from commit {commit}." if commit else "", f"Text and data: {about['data-licence']}"]
    readme += [f"Code: {about['licence']}" if about["licence"] else ""]
    readme += [
        f"Builds on: {work['title']} https://doi.org/{work['doi']}" for work in about["builds-on"] if work["doi"]
    ]
    target = website / NAME
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as parcel:
        _add(parcel, "README.txt", ("\n".join(readme) + "\n").encode("utf-8"))
        for name, path in sorted(chosen.items()):
            _add(parcel, name, path.read_bytes())
    return target


def _add(parcel: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, DAY)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    parcel.writestr(entry, content)


def main() -> None:
    """Pack after a plain ``quarto render``, which says where its output lies, relative to the project's folder."""
    output = os.environ.get("QUARTO_PROJECT_OUTPUT_DIR")
    if output and not os.environ.get(DONE_ELSEWHERE):
        pack(Path(output), Path("build/pages"))


if __name__ == "__main__":
    main()
