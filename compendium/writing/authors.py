"""The authors file: who wrote a paper and what a journal's title page asks for, validated, with its gaps.

``manuscript/paper/_authors.yml`` is metadata in Quarto's author schema, named under ``metadata-files`` of
``_quarto-paper.yml``, so that both engines take authors and affiliations from it. A blank field is a gap.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from compendium.errors import CompendiumError

FILE = "manuscript/paper/_authors.yml"
SCHEMA = Path(__file__).with_name("authors.schema.json")
KINDS = {"string": "a text", "null": "blank", "array": "a list", "object": "a mapping", "boolean": "true or false"}
FIELDS = {
    "guarantor": "the guarantor",
    "correspondence-address": "the postal address of the corresponding author",
    "funding": "the funding statement",
    "competing-interests": "the statement on competing interests",
    "ai-use": "the statement on the use of AI in writing",
    "patient-involvement": "the statement on patient and public involvement",
    "ethics": "the ethics statement",
    "data-availability": "the data availability statement",
    "data-repository": "the repository of the data",
    "data-identifier": "the identifier of the data",
    "code-availability": "the code availability statement",
    "code-repository": "the repository of the code",
    "code-identifier": "the identifier of the code",
}
"""Fields of the title page beside the authors, in its order, and what a sentence calls them."""
Place = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Gap:
    """A field that is not filled in: its line in the file, its path there, and what a sentence calls it."""

    line: int
    field: str
    what: str


def read(root: Path) -> dict[str, Any] | None:
    """Return the content of the authors file as its schema describes it, or None where the project has none.

    Raises CompendiumError in one sentence, with the line and the field, where the file is no YAML, breaks the schema,
    names an affiliation that it does not describe, or an ORCID whose check digit is wrong.
    """
    path = root / FILE
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8")
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "cannot be read"
        raise CompendiumError(
            f"the authors file is no YAML: {problem}", file=FILE, row=mark.line + 1 if mark else None
        ) from error
    broken = sorted(_validator().iter_errors(content), key=lambda one: [str(part) for part in one.absolute_path])
    if broken:
        raise _broken(broken[0], text)
    places = {place["id"] for place in content["affiliations"]}
    for number, person in enumerate(content["author"]):
        for at, place in enumerate(person["affiliations"] or []):
            if place["ref"] not in places:
                raise CompendiumError(
                    "an author names an affiliation that the file does not describe", file=FILE,
                    row=_line(text, ("author", number, "affiliations", at, "ref")),
                    column=_words(("author", number, "affiliations")), found=place["ref"], expected=sorted(places),
                )  # fmt: skip
        if person.get("orcid") and not _checks(person["orcid"]):
            raise CompendiumError(
                "the check digit of an ORCID is wrong", file=FILE, row=_line(text, ("author", number, "orcid")),
                column=_words(("author", number, "orcid")), found=person["orcid"],
            )  # fmt: skip
    return dict(content)


def gaps(root: Path) -> list[Gap]:
    """Return every field that the title page needs and that is blank, by line; none where there is no file.

    Raises CompendiumError as `read` does.
    """
    content = read(root)
    if content is None:
        return []
    text = (root / FILE).read_text(encoding="utf-8")
    return sorted(Gap(_line(text, path), _words(path), what) for path, what in _blank(content))


def refuse_gaps(root: Path) -> None:
    """Raise CompendiumError, naming each, where fields of the title page are not filled in."""
    if found := gaps(root):
        raise CompendiumError(
            f"{len(found)} fields of the title page are not filled in",
            file=FILE, expected="a text in each of them",
            detail="\n".join(f"{FILE}:{gap.line}: {gap.what}" for gap in found),
        )  # fmt: skip


def _blank(content: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    people = content["author"]
    corresponding = [number for number, person in enumerate(people) if person.get("corresponding")]
    for number, person in enumerate(people):
        who = f"author {number + 1}"
        for part in ("given", "family"):
            if not person["name"].get(part):
                yield ("author", number, "name", part), f"the {part} name of {who}"
        if not person["affiliations"]:
            yield ("author", number, "affiliations"), f"the affiliation of {who}"
        if not person["roles"]:
            yield ("author", number, "roles"), f"the CRediT role of {who}"
        for part in ("orcid", "email") if number in corresponding else ():
            if not person.get(part):
                yield ("author", number, part), f"the {part.upper() if part == 'orcid' else part} of {who}"
    if len(corresponding) != 1:
        yield ("author",), "one corresponding author" if len(corresponding) > 1 else "the corresponding author"
    for number, place in enumerate(content["affiliations"]):
        for part in ("name", "city", "country"):
            if not place.get(part):
                yield ("affiliations", number, part), f"the {part} of affiliation {number + 1}"
    for field, what in FIELDS.items():
        if not content["title-page"][field]:
            yield ("title-page", field), what


@functools.cache
def _validator() -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _broken(error: Any, text: str) -> CompendiumError:
    """Return what breaks the schema as one sentence."""
    path = tuple(error.absolute_path)
    where: dict[str, Any] = {"file": FILE, "row": _line(text, path), "column": _words(path) or None}
    found: Any = error.instance if not isinstance(error.instance, dict | list) else None
    if error.validator == "additionalProperties":
        known = sorted(error.schema["properties"])
        name = next(name for name in error.instance if name not in known)
        where["row"] = _line(text, (*path, name))
        return CompendiumError("there is no such field", **where, found=name, expected=known)
    if error.validator == "required":
        name = next(name for name in error.validator_value if name not in error.instance)
        return CompendiumError(
            f"the field '{name}' is missing", **where, expected="the field, blank where it is not known"
        )
    if error.validator == "type":
        kinds = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
        expected = " or ".join(KINDS[kind] for kind in kinds)
        return CompendiumError("a field is of the wrong kind", **where, found=error.instance, expected=expected)
    if error.validator == "enum":
        return CompendiumError("this is no role of CRediT", **where, found=found, expected=error.validator_value)
    if error.validator == "minItems":
        return CompendiumError("the list is empty", **where, expected="at least one entry")
    return CompendiumError("a field is of another form", **where, found=found, expected=error.validator_value)


def _checks(orcid: str) -> bool:
    """Return whether the last sign of an ORCID is its check digit (ISO 7064, mod 11-2)."""
    plain = orcid.rsplit("/", 1)[-1].replace("-", "")
    digits, last = plain[:-1], plain[-1]
    total = functools.reduce(lambda total, digit: (total + int(digit)) * 2, digits, 0)
    rest = (12 - total % 11) % 11
    return last == ("X" if rest == 10 else str(rest))


def _words(path: Sequence[str | int]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def _line(text: str, path: Sequence[str | int]) -> int:
    """Return the line of a field, or of the nearest field above it that stands in the file."""
    node, line = _composed(text), 1
    for part in path:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == part), None)
            if pair is None:
                return line
            line, node = pair[0].start_mark.line + 1, pair[1]
        else:
            return line
    return line


@functools.lru_cache(maxsize=1)
def _composed(text: str) -> Any:
    return yaml.compose(text, Loader=yaml.SafeLoader)
