"""Words that hold only while the results do: ``[most]{.holds when="audit.agree > audit.tested / 2"}``.

A condition compares recorded values, by their keys, and numbers: ``==``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, also in
a row (``10 <= a.b < 20``), with ``+ - * /`` between blanks (a key may hold a hyphen), ``and``, ``or``, ``not`` and
brackets. A sign is ``a.b < 0``, an order ``a.b > a.c > a.d``.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from compendium.errors import CompendiumError
from compendium.writing.manuscript import Finding
from compendium.writing.prose import Document

ATTRIBUTES = re.compile(r"\]\{([^{}]*\.holds\b[^{}]*)\}")
WHEN = re.compile(r"""\bwhen=(?:"([^"]*)"|'([^']*)')""")
KEY = re.compile(r"""("[^"]*"|'[^']*')|(?<![\w.])([A-Za-z][\w-]*(?:\.[\w-]+)+)""")
COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}  # fmt: skip
COMPUTED: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


def holds(condition: str, values: Mapping[str, Any]) -> bool:
    """Return whether a condition holds for recorded values (key -> value).

    Raises
    ------
    CompendiumError : it is none, it names a value that nothing records, or it compares what cannot be compared.
    """
    keys: list[str] = []

    def named(match: re.Match[str]) -> str:
        if match[1]:
            return match[1]
        keys.append(match[2])
        return f"_{len(keys) - 1}"

    try:
        tree = ast.parse(KEY.sub(named, condition.strip()), mode="eval").body
        found = _value(tree, keys, values)
    except (SyntaxError, TypeError, ZeroDivisionError, ValueError, RecursionError) as error:
        raise CompendiumError(f"the condition cannot be judged ({error})", found=condition) from error
    if not isinstance(found, bool):
        raise CompendiumError("the condition compares nothing", found=condition, expected="such as a.b > 10")
    return found


def _value(node: ast.expr, keys: list[str], values: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Name) and re.fullmatch(r"_\d+", node.id):
        key = keys[int(node.id[1:])]
        if key not in values:
            raise CompendiumError("the condition names a value that nothing records", found=key)
        return values[key]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
        return node.value
    if isinstance(node, ast.BoolOp):
        parts = [_value(part, keys, values) for part in node.values]
        return all(parts) if isinstance(node.op, ast.And) else any(parts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        inner = _value(node.operand, keys, values)
        return not inner if isinstance(node.op, ast.Not) else -inner
    if isinstance(node, ast.BinOp) and type(node.op) in COMPUTED:
        return COMPUTED[type(node.op)](_value(node.left, keys, values), _value(node.right, keys, values))
    if isinstance(node, ast.Compare) and all(type(sign) in COMPARED for sign in node.ops):
        terms = [_value(term, keys, values) for term in (node.left, *node.comparators)]
        return all(COMPARED[type(sign)](*pair) for sign, pair in zip(node.ops, pairwise(terms), strict=True))
    raise ValueError(f"'{ast.unparse(node)}' is no comparison of values")


def problems(document: Document, values: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the words of a document whose condition fails or cannot be judged."""
    text = document.text.text
    for match in ATTRIBUTES.finditer(text):
        line = document.text.place(match.start())
        words = " ".join(_words(text, match.start()).split())
        shown = words if len(words) <= 60 else words[:59] + "…"
        when = WHEN.search(match[1])
        condition = " ".join((when[1] or when[2] or "").split()) if when else ""
        try:
            fine = holds(condition, values)
        except CompendiumError as error:
            yield Finding(line.file, line.number, "condition", f"‘{shown}’: {error.sentence().rstrip('.')}")
            continue
        if not fine:
            told = ", ".join(
                f"{key} is {values[key]}" for key in dict.fromkeys(one for _, one in KEY.findall(condition) if one)
            )
            yield Finding(line.file, line.number, "stale-words", f"‘{shown}’ holds no longer: {condition} ({told})")


def _words(text: str, end: int) -> str:
    """Return what stands between a closing bracket and its opening one."""
    depth = 0
    for place in range(end, -1, -1):
        depth += {"]": 1, "[": -1}.get(text[place], 0)
        if depth == 0:
            return text[place + 1 : end]
    return text[:end]
