"""What a raw file holds, and how the registry could describe it: sheets, objects, columns, types and first rows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import boundaries
from analysis.registry import Registry
from compendium import project
from compendium.data.rawfiles import FORMATS, REGISTRY
from compendium.errors import CompendiumError

SHOWN = 3
"""First rows shown of each column."""
CODES = {
    "lsoa": r"[EW]01\d{6}",
    "area": r"Q[A-Z0-9]{2}",
    "lad": r"E0[6-9]\d{6}",
    "area (ONS code)": r"E54\d{6}",
    "lsoa_name": r".+ \d{3}[A-Z]",
}
"""What the values of a column look like, by the name that the registry would give it; the first that fits counts."""
INDEX = re.compile(r"multiple deprivation|\bimd", re.IGNORECASE)


def tables(path: Path) -> tuple[str, dict[str, pd.DataFrame]]:
    """Return the format of a raw file and its tables by sheet or object (a CSV file's is called "").

    Raises
    ------
    CompendiumError : there is no such file, its format is not one of the registry's, or it cannot be read.
    """
    kind = path.suffix.lower().lstrip(".")
    kind = {"rdata": "rda", "txt": "csv"}.get(kind, kind)
    if not path.is_file():
        raise CompendiumError("there is no such file", file=path)
    if kind not in FORMATS:
        raise CompendiumError("the format of this file cannot be read", file=path, found=path.suffix, expected=FORMATS)
    try:
        if kind == "csv":
            return kind, {"": pd.read_csv(path, encoding="utf-8-sig", low_memory=False)}
        if kind == "xlsx":
            with pd.ExcelFile(path, engine="calamine") as book:
                return kind, {str(name): book.parse(name) for name in book.sheet_names}
        import pyreadr

        return kind, dict(pyreadr.read_r(str(path)))
    except Exception as error:  # every library raises its own on a damaged file
        reason = str(error).split("\n")[0].rstrip(".") or "damaged file"
        raise CompendiumError(f"the file cannot be read as {kind} ({reason})", file=path) from error


def columns_read(frame: pd.DataFrame) -> dict[str, Any]:
    """Guess which column stands for which name of the registry; the first that fits, or the index's own rank."""
    found: dict[str, Any] = {}
    ranks = []
    for heading in frame.columns:
        values = frame[heading].dropna()
        if not len(values):
            continue
        if pd.api.types.is_numeric_dtype(values):
            if re.search(r"rank", str(heading), re.IGNORECASE):
                ranks.append(heading)
            continue
        text = values.astype(str).str.strip()
        name = next((name for name, code in CODES.items() if text.str.fullmatch(code).mean() > 0.9), None)
        if name:
            found.setdefault(name, heading)
    if ranks:
        found["rank"] = next((heading for heading in ranks if INDEX.search(str(heading))), ranks[0])
    return found


def report(path: Path, registry: Registry) -> list[str]:
    """Return what `compendium inspect` prints: what the file holds, and the registry entries that would read it."""
    kind, held = tables(path)
    digest = project.sha256(path)
    lines = [f"{path.name}: {kind}, {path.stat().st_size:,} bytes, SHA-256 {digest}"]
    known = [source.id for source in registry.sources.values() if source.sha256 == digest]
    if known:
        lines.append(f"{REGISTRY} already holds it as {known[0]}")
    what = {"xlsx": "sheet ", "rda": "object ", "csv": "table"}[kind]
    for name, frame in held.items():
        read = {heading: meaning for meaning, heading in columns_read(frame).items()}
        title = what + (repr(name) if name else "")
        lines += ["", f"{title}: {len(frame):,} rows, {frame.shape[1]} columns"]
        for number, heading in enumerate(frame.columns, start=1):
            values = frame[heading]
            first = ", ".join(_short(value) for value in values.head(SHOWN))
            missing = f", {int(values.isna().sum()):,} empty" if values.isna().any() else ""
            meaning = f"  <- {read[heading]}" if heading in read else ""
            lines.append(f"  {number:>2}  {heading}  ({_type(values)}{missing}): {first}{meaning}")
    name = max(held, key=lambda key: (_worth(held[key]), len(held[key])))
    return [*lines, "", *proposal(path, kind, name, held[name], digest, registry)]


def proposal(path: Path, kind: str, name: str, frame: pd.DataFrame, digest: str, registry: Registry) -> list[str]:
    """Return the lines to put into the registry for one table of the file, and what to do then."""
    read = columns_read(frame)
    of_index = "lsoa" in read and "rank" in read
    of_areas = "lsoa" in read and not of_index and bool({"area", "area (ONS code)"} & set(read))
    lsoas = _census(read, frame)
    mapped = {key: heading for key, heading in read.items() if key in ("lsoa", "rank")}
    notes = []
    if of_areas:
        mapped["area"] = read.get("area", read.get("area (ONS code)"))
        if "area" not in read:
            notes.append("The areas carry ONS codes here; the counts need a column with NHS (ODS) codes such as QE1.")
        others = [registry.source(vintage.lookup) for vintage in registry.boundaries.values()]
        if not any(other.codes == lsoas and {"lad", "lsoa_name"} & set(other.columns) for other in others):
            mapped |= {key: read[key] for key in ("lad", "lsoa_name") if key in read}
    elif not of_index:
        mapped |= {key: heading for key, heading in read.items() if "(" not in key}
    slug = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")
    year, stem = _year(path.stem, name), _vintage(str(mapped.get("area", "")), slug)
    vintage = _free(year if of_index else stem, registry.imd if of_index else registry.boundaries)
    identifier = _free(f"imd{year}" if of_index else slug, registry.sources)
    entry: dict[str, Any] = {
        "title": path.stem.replace("_", " "), "publisher": "?", "licence": "?", "page": "https://?",
        "url": "https://?", "file": path.name, "sha256": digest, "format": kind,
    }  # fmt: skip
    entry |= {"sheet": name} if kind == "xlsx" else {"object": name} if kind == "rda" else {}
    entry |= {"rows": len(frame), "width": frame.shape[1]} | ({"codes": lsoas} if lsoas else {})
    entry["numbers"] = ["rank"] if "rank" in mapped else []
    lines = [f"Proposed for {REGISTRY}; replace each ? by what is true of the file:", "", f"[sources.{identifier}]"]
    lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items()]
    lines += [f"[sources.{identifier}.columns]"]
    lines += [f"{key} = {json.dumps(str(heading), ensure_ascii=False)}" for key, heading in mapped.items()]
    pairs = [list(pair) for pair in registry.snapshot.get("vintages", ())]
    if of_index:
        lines += [
            "",
            f"[imd.{vintage}]",
            f'source = "{identifier}"',
            f'label = "English indices of deprivation {year}"',
        ]
        fitting = [key for key, item in registry.boundaries.items() if registry.source(item.lookup).codes == lsoas]
        pairs += [[vintage, fitting[0]]] if fitting else []
    elif of_areas:
        count = frame[mapped["area"]].nunique()
        lines += ["", f"[boundaries.{vintage}]", f'label = "{_label(stem)}"', f'lookup = "{identifier}"']
        if short := re.fullmatch(r"([a-z]+)(\d\d)", vintage):
            lines.append(f'also = ["{short[1]}20{short[2]}"]')
        lines += [f"areas = {count}"]
        fitting = [key for key, source in registry.imd.items() if registry.source(source).codes == lsoas]
        pairs += [[fitting[0], vintage]] if fitting else []
    else:
        notes.append("No column of LSOA codes beside one of ranks or areas was found: say yourself what stands where.")
    if of_index or of_areas:
        lines += ["", "and, in place of the same line under [snapshot]:", "", f"vintages = {json.dumps(pairs)}", ""]
        if len(pairs) == len(registry.snapshot.get("vintages", ())):
            notes.append(f"Nothing in the registry has LSOAs of {lsoas or 'this kind'}, so no pair is proposed.")
        notes.append(f"Then copy the file to data/raw/{path.name} and run 'compendium snapshot'.")
    return [*lines, *notes]


def _worth(frame: pd.DataFrame) -> int:
    read = columns_read(frame)
    return ("lsoa" in read) * (1 + ("rank" in read) + ("area" in read))


def _type(values: pd.Series) -> str:
    if pd.api.types.is_integer_dtype(values):
        return "whole numbers"
    return "numbers" if pd.api.types.is_numeric_dtype(values) else "text"


def _short(value: object) -> str:
    text = "" if value is None or value != value else re.sub(r"\s+", " ", str(value))
    return text if len(text) <= 30 else text[:29] + "…"


def _census(read: Mapping[str, Any], frame: pd.DataFrame) -> str:
    """Return the census of the LSOA codes: as the heading says, else as the codes look."""
    if "lsoa" not in read:
        return ""
    said = re.search(r"(?:20)?(01|11|21)", str(read["lsoa"]))
    return f"20{said[1]}" if said else boundaries.looks_like(frame[read["lsoa"]].dropna().astype(str))


def _year(*names: str) -> str:
    return next((found[0] for name in names if (found := re.search(r"20\d\d", name))), "YEAR")


def _vintage(heading: str, slug: str) -> str:
    found = re.match(r"([A-Za-z]+)_?(?:20)?(\d\d)", heading)
    return f"{found[1]}{found[2]}".lower() if found else slug.replace("-", "")


def _label(stem: str) -> str:
    found = re.fullmatch(r"([a-z]+)(\d\d)", stem)
    return f"{found[1].upper()}s of 20{found[2]}" if found else stem


def _free(name: str, taken: Mapping[str, Any]) -> str:
    return next(key for key in (name, *(f"{name}{letter}" for letter in "bcdefghijk")) if key not in taken)
