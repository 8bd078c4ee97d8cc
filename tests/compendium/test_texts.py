"""Damaged texts, YAML and JSON are named with their line; sound ones are read as they stand."""

from pathlib import Path

import pytest

from compendium import texts
from compendium.errors import CompendiumError


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: 1\nb: [1\n", "row 3: the YAML cannot be read"),
        (b"a: 1\nb: 2\na: 3\n", "row 3: .*the key 'a' stands twice"),
        (b"a:\n  b: 1\n  b: 1\n", "row 3: .*the key 'b' stands twice"),
        (b"- a\n", "must be a mapping"),
        (b"a: !!python/object:os.system x\n", "row 1: the YAML cannot be read"),
        (b"a: 2026-13-01\n", "the YAML cannot be read"),
        (b"a: caf\xe9\n", "row 1: the text is not UTF-8"),
        (b"[" * 20_000, "the YAML"),
    ],
)
def test_damaged_yaml(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "params.yml").write_bytes(content)
    with pytest.raises(CompendiumError, match=rf"params.yml.*{said}"):
        texts.read_yaml(tmp_path / "params.yml")


def test_yaml_may_repeat_a_key_in_another_mapping_and_merge(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("x: &x {a: 1, b: 2}\ny: {<<: *x, a: 3}\n")
    assert texts.read_yaml(tmp_path / "a.yml") == {"x": {"a": 1, "b": 2}, "y": {"a": 3, "b": 2}}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "row 1: the file is not JSON"),
        (b'{\n"a": }', "row 2: the file is not JSON"),
        (b'{\n"a": "\xe9"}', "row 2: the text is not UTF-8"),
        (b"[]", "the JSON is no mapping; found list, expected a build"),
        (b"[" * 100_000, "the file is not JSON"),
    ],
)
def test_damaged_json(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "values.json").write_bytes(content)
    with pytest.raises(CompendiumError, match=rf"values.json.*{said}"):
        texts.read_json(tmp_path / "values.json", expected="a build")
