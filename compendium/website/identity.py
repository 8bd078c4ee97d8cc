"""What the website is, for machines: one record from which the head of every page is written after rendering."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from compendium import settings
from compendium.texts import read_yaml
from compendium.website.citation import FILE
from compendium.website.markup import read_json

LICENCES = {"MIT": "https://opensource.org/license/mit", "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/"}
DATA_LICENCE = LICENCES["CC-BY-4.0"]


def record(root: Path, objects: dict[str, Any]) -> dict[str, Any]:
    """Return the website's record: who and what it is, what it builds on, its data, and where readers reach its makers.

    Parameters
    ----------
    root : the project's folder, for ``CITATION.cff``, ``compendium.toml`` and the data packages.
    objects : recorded tables and figures by id, as in ``results.json``.
    """
    study = settings.read(root)
    work: dict[str, Any] = read_yaml(root / FILE) if (root / FILE).is_file() else {}
    found: dict[str, Any] = {
        "title": study.title or str(work.get("title", "")),
        "description": " ".join(str(work.get("abstract", "")).split()),
        "authors": _names(work),
        "version": str(work.get("version", "")),
        "date": str(work.get("date-released", "")),
        "licence": LICENCES.get(str(work.get("license", "")), ""),
        "data-licence": DATA_LICENCE,
        "keywords": [str(word) for word in work.get("keywords", [])],
        "builds-on": [
            {"title": str(item.get("title", "")), "authors": _names(item), "doi": str(item.get("doi", ""))}
            for item in work.get("references", [])
        ],
        "data": _tables(root / "data"),
        **{name: study.website.get(name, "") for name in ("address", "report", "binder")},
    }
    picture = objects.get(study.website.get("picture", ""), {})  # a build of some notebooks may lack it
    if picture.get("kind") == "figure":
        name = study.website["picture"]
        found["picture"] = {"file": f"build/results/figures/{name}.png", "alt": str(picture["alt"])}
    return found


def _names(work: dict[str, Any]) -> list[str]:
    people = work.get("authors", [])
    return [
        str(one.get("name") or f"{one.get('given-names', '')} {one.get('family-names', '')}".strip()) for one in people
    ]


def _tables(data: Path) -> list[dict[str, str]]:
    """Return file and title of every table that the data packages describe and that is there."""
    packages = sorted([*data.glob("*datapackage.json"), *data.glob("*/datapackage.json")])
    found = []
    for path in packages:
        for resource in read_json(path).get("resources", []):
            file = path.parent / str(resource["path"])
            if file.is_file():
                title = str(resource.get("title") or resource.get("description") or resource["name"])
                found.append({"file": file.relative_to(data.parent).as_posix(), "title": title})
    return found
