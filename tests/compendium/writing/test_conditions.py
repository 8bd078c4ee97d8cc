"""Words that declare what they depend on: conditions over recorded values, judged, and found where they fail."""

from __future__ import annotations

import pytest

from compendium.errors import CompendiumError
from compendium.render.sources import Line, Source
from compendium.writing import conditions
from compendium.writing.prose import Document, Text

VALUES = {"group.size": 14, "group.share-high": 0.6, "all.size": 42, "change.net": -2, "method.name": "linear"}


@pytest.mark.parametrize(
    ("condition", "fine"),
    [
        ("group.size == 14", True),
        ("10 <= group.size < 14", False),
        ("group.share-high > 0.5 and change.net < 0", True),
        ("all.size > group.size > change.net", True),
        ("group.size * 3 >= all.size", True),
        ("all.size - group.size == 27 or not (group.size != 14)", True),
        ('method.name == "linear"', True),
        ("change.net == -2", True),
    ],
)
def test_conditions_are_ranges_orders_and_signs(condition: str, fine: bool):
    assert conditions.holds(condition, VALUES) is fine


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ("group.missing > 1", "nothing records"),
        ("group.size", "compares nothing"),
        ("", "cannot be judged"),
        ("group.size > 'many'", "cannot be judged"),
        ("__import__('os')", "no comparison"),
        ("group.size.real.__class__ == 1", "nothing records"),
    ],
)
def test_what_is_no_condition_is_refused(condition: str, problem: str):
    with pytest.raises(CompendiumError, match=problem):
        conditions.holds(condition, VALUES)


def test_words_whose_condition_fails_are_found_where_they_stand():
    few = '[few]{.holds when="no.key == 1"}'
    text = f'It held.\nHere [[most](x.html) of them\nagreed]{{.holds when="group.size > 20"}} and {few}.'
    lines = tuple(Line(words, "a.qmd", number) for number, words in enumerate(text.split("\n"), start=1))
    source = Source("a.qmd", {}, lines)
    found = list(conditions.problems(Document(source, Text(source, "paper"), ()), VALUES))
    assert [(finding.line, finding.code) for finding in found] == [(3, "stale-words"), (3, "condition")]
    assert found[0].message == "‘[most](x.html) of them agreed’ holds no longer: group.size > 20 (group.size is 14)"
