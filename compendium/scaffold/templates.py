"""What a new piece of a study says before its author says more: working code, and questions where prose belongs.

``$title``, ``$name`` (as in Python) and ``$key`` (kebab-case) are filled in.
"""

from __future__ import annotations

NOTEBOOK = """\
# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # $title
#
# **Question.** Which question does this notebook answer?
#
# **Inputs.** `data/datapackage.json`, which describes the tables of the project.
#
# **Outputs.** The number of tables, and a table of them with their columns counted.

# %% tags=["parameters"]
least_columns: int = 1  # fewest columns of a table that is counted [1..99]

# %%
import json

import pandas as pd

from compendium.chain import results

store = results.start({"least_columns": least_columns})

# %% [markdown]
# ## What is counted
#
# Which rows count, and why? Put your own reading and counting here; what serves more than one notebook is a function
# in `analysis/`.

# %%
package = json.loads(store.input("data/datapackage.json").read_text(encoding="utf-8"))
counted = pd.DataFrame(
    [(entry["name"], len(entry.get("schema", {}).get("fields", []))) for entry in package["resources"]],
    columns=["Table", "Columns"],
)
counted = counted[counted["Columns"] >= least_columns]

# %%
store.record_value("$key.tables", len(counted), "tables", "tables that the data package describes")

# %%
store.record_table("$key", counted, "Tables of the data package and their columns", "Counted from its description.")

# %%
store.finish()
"""

FIGURE = '''\
"""$title: bars of counts, the longest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compendium.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

ROW_MM, HEAD_MM, NAMES_MM = 6.0, 10.0, 60.0


def ${name}_data(frame: pd.DataFrame, label: str, value: str) -> pd.DataFrame:
    """Return what `$name` plots: one row per bar, the columns ``label`` and ``value``, the largest value first.

    Raises CompendiumError when a column is missing.
    """
    style.required(frame, [label, value], "$title")
    return frame[[label, value]].sort_values([value, label], ascending=[False, True], ignore_index=True)


@style.styled
def $name(frame: pd.DataFrame, label: str, value: str) -> Figure:
    """Draw one bar per row of `${name}_data`, its value at its end.

    Parameters
    ----------
    frame : one row per bar.
    label, value : the columns that hold the bars' names and lengths (counts).

    Returns a figure as wide as the page, with a row for every bar.
    """
    data = ${name}_data(frame, label, value)
    figure = style.blank(style.PAGE_MM, HEAD_MM + ROW_MM * len(data))
    axes = style.panel(figure, NAMES_MM, 2.0, style.PAGE_MM - NAMES_MM - 12.0, ROW_MM * len(data))
    bars = axes.barh(data[label].astype(str), data[value], color=style.MEDIUM, height=0.7)
    axes.bar_label(bars, padding=2)
    axes.invert_yaxis()
    axes.set(xlabel=value, xlim=(0, None))
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure
'''

FIGURE_TEST = '''\
"""$title: every row has its bar, the longest first, as long as its value."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import $name as module
from compendium.errors import CompendiumError


def test_every_row_has_its_bar() -> None:
    frame = pd.DataFrame({"Name": ["a", "b", "c"], "Count": [1, 3, 2]})
    axes = module.$name(frame, "Name", "Count").axes[0]
    assert [bar.get_width() for bar in axes.patches] == [3, 2, 1]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["b", "c", "a"]
    assert axes.get_xlabel() == "Count"


def test_a_missing_column_is_named() -> None:
    with pytest.raises(CompendiumError, match="Count"):
        module.${name}_data(pd.DataFrame({"Name": ["a"]}), "Name", "Count")
'''

FIGURE_USE = """\
# %% [markdown]
# ## $title
#
# What does the figure show, and what follows from it? Give the function your own table in place of this one.

# %%
import json

import pandas as pd

from analysis import $name

described = json.loads(store.input("data/datapackage.json").read_text(encoding="utf-8"))["resources"]
widths = [(entry["name"], len(entry.get("schema", {}).get("fields", []))) for entry in described]
plotted = ${name}.${name}_data(pd.DataFrame(widths, columns=["Table", "Columns"]), "Table", "Columns")
store.record_figure(
    "$key",
    ${name}.$name(plotted, "Table", "Columns"),
    "$title",
    f"Bars, one for each of {len(plotted)} tables of the data package, as long as it has columns, the longest first.",
    plotted,
)

"""

CHAPTER = """\
# $title {#sec-$key}

Which question does this chapter answer, and how does it follow from the one before?

## Methods {#sec-$key-methods}

From which data, by which steps, and in which notebook?

## Results {#sec-$key-results}

What was found? Take every number from the results with a `var` shortcode, and every table and figure with an `include`.

## Discussion {#sec-$key-discussion}

What does it mean, and what can it not show?
"""
