"""Texts, YAML and JSON as people and programs leave them: what is damaged is said in a sentence with its place."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from compendium.errors import CompendiumError


def read_text(path: Path, file: str | Path | None = None) -> str:
    """Return a file's text without a mark of its byte order; ``file`` is how messages name it.

    Raises
    ------
    CompendiumError : the text is not UTF-8, with the line.
    """
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise CompendiumError("the text is not UTF-8", file=file or path, row=row) from error


def read_json(path: Path, file: str | Path | None = None, *, expected: str | None = None) -> dict[str, Any]:
    """Return the mapping that a JSON file holds; ``expected`` says what to do where it holds none.

    Raises
    ------
    CompendiumError : the file is not UTF-8, not JSON, or no mapping.
    """
    try:
        loaded = json.loads(read_text(path, file))
    except (ValueError, RecursionError) as error:
        row, found = getattr(error, "lineno", None), getattr(error, "msg", "too many brackets")
        raise CompendiumError(
            "the file is not JSON", file=file or path, row=row, found=found, expected=expected
        ) from error
    if not isinstance(loaded, dict):
        raise CompendiumError(
            "the JSON is no mapping", file=file or path, found=type(loaded).__name__, expected=expected
        )
    return loaded


def read_yaml(path: Path, file: str | None = None) -> dict[str, Any]:
    """Return a YAML file's mapping; a CompendiumError names the line of what cannot be read."""
    name = file or path.name
    return parse_yaml(read_text(path, name), name)


def parse_yaml(text: str, file: str, first_line: int = 1) -> dict[str, Any]:
    """Return the mapping that ``text`` spells; ``first_line`` is where it starts in ``file``.

    Raises
    ------
    CompendiumError : no YAML, no mapping, or a key that stands twice in one, with its line.
    """
    import yaml

    try:
        loaded = yaml.load(text, Loader=_loader())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise CompendiumError(
            f"the YAML cannot be read ({getattr(error, 'problem', None) or error})",
            file=file,
            row=mark.line + first_line if mark else None,
        ) from error
    except RecursionError as error:
        raise CompendiumError("the YAML is nested too deeply", file=file) from error
    except ValueError as error:  # a date that is none, such as 2026-13-01
        raise CompendiumError(f"the YAML cannot be read ({error})", file=file) from error
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise CompendiumError("the YAML must be a mapping", file=file, row=first_line, found=loaded)
    return loaded


@cache
def _loader() -> Any:
    """Return a safe loader that refuses a key that stands twice, of which YAML libraries take the last unseen."""
    import yaml

    safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(safe):
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen: set[tuple[str, str]] = set()
            for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
                if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                    continue
                name = (key.tag, key.value)
                if name in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key '{key.value}' stands twice", key.start_mark
                    )
                seen.add(name)
            return super().construct_mapping(node, deep)

    return Loader
