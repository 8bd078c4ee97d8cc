"""The data package, its pandera models and its data dictionary."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from compendium.data import dictionary, frames, loading, packages
from compendium.errors import CompendiumError

PUBLISHED = [
    "areas",
    "ics_geography",
    "ics_organisation",
    "ics_deprivation",
    "class_bounds",
    "case_profiles",
    "interviewees",
    "interviewee_margins",
]


def package(tmp_path: Path, **schema) -> Path:
    """Write a data package with one table 't' and return the descriptor's path."""
    fields = schema.pop("fields", [{"name": "x", "type": "integer"}])
    descriptor = {"resources": [{"name": "t", "path": "t.csv", "schema": {"fields": fields, **schema}}]}
    path = tmp_path / "datapackage.json"
    path.write_text(json.dumps(descriptor), encoding="utf-8")
    return path


def test_every_described_file_is_there_and_described_once(project):
    described = [schema.path for schema in packages.table_schemas().values()]
    assert len(described) == len(set(described))
    assert [path for path in described if not path.is_file()] == []
    assert {project / f"data/published/{name}.csv" for name in PUBLISHED} <= set(described)


def test_files_without_a_description_are_found(tmp_path):
    path = package(tmp_path)
    (tmp_path / "raw").mkdir()
    for name in ("t.csv", "u.csv", "raw/v.csv"):
        (tmp_path / name).write_text("x\n1\n", encoding="utf-8")
    assert packages.undescribed_files(path) == [tmp_path / "u.csv"]


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_table_passes_both_the_reader_and_its_pandera_model(name):
    frame = loading.read(name)
    assert frames.validate(frame, packages.table_schema(name)) is frame


def test_sources_named_in_rows_are_sources_of_the_package():
    descriptor = packages.load_package()
    named = {source["name"] for source in descriptor["sources"]}
    for name in PUBLISHED:
        assert set(loading.read(name)["source"]) <= named


def test_every_resource_has_what_a_reader_of_the_package_needs():
    for resource in packages.load_package()["resources"]:
        assert {"name", "path", "title", "description", "sources", "schema"} <= set(resource), resource["name"]
        assert not Path(resource["path"]).is_absolute()
        for field in resource["schema"]["fields"]:
            assert field["description"].endswith("."), (resource["name"], field["name"])


CHANGES = {
    "percentage": ("ics_geography", "urban_percent", 101),
    "negative count": ("ics_organisation", "vanguards", -1),
    "unknown class": ("ics_deprivation", "deprivation_class", "hgih"),
    "contradicting class": ("ics_deprivation", "deprivation_class", "low"),
    "code": ("areas", "stp21_code", "E5400007"),
    "empty text": ("areas", "ics_name", ""),
    "missing": ("areas", "nhs_region", None),
    "duplicate": ("areas", "ods_code", "QYG"),
    "doubled key": ("interviewees", "sector", "Provider"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_reader_and_pandera_model_give_the_same_verdict(change, tmp_path):
    name, column, value = CHANGES[change]
    frame = loading.read(name)
    frame[column] = frame[column].astype(object) if not isinstance(value, int) else frame[column]
    frame.loc[0, column] = value
    with pytest.raises(CompendiumError, match=f"table '{name}'"):
        frames.validate(frame, packages.table_schema(name))
    file = tmp_path / "changed.csv"
    frame.to_csv(file, index=False)
    with pytest.raises(CompendiumError, match=r"row [23]"):
        loading.read_table(file, name)


def test_pandera_model_refuses_missing_extra_and_reordered_columns_and_wrong_row_counts():
    schema, frame = packages.table_schema("areas"), loading.read("areas")
    wrong = [
        frame.drop(columns="place"),
        frame.assign(more=1),
        frame[[*frame.columns[::-1]]],
        frame.iloc[1:],
        frame.astype({"printed_order": float}),
    ]
    for changed in wrong:
        with pytest.raises(CompendiumError, match="table 'areas'"):
            frames.validate(changed, schema)


def test_a_failed_validation_says_where(tmp_path):
    frame = loading.read("ics_geography")
    frame.loc[7, "urban_percent"] = 300
    with pytest.raises(CompendiumError) as caught:
        frames.validate(frame, packages.table_schema("ics_geography"))
    error = caught.value
    assert (error.row, error.column, error.found) == ("7", "urban_percent", "300")
    assert "100" in error.expected


def test_all_types_and_constraints_reach_the_model(tmp_path):
    path = package(
        tmp_path,
        fields=[
            {"name": "n", "type": "integer", "constraints": {"minimum": 1, "maximum": 3}},
            {"name": "v", "type": "number", "constraints": {"required": True}},
            {"name": "b", "type": "boolean"},
            {"name": "d", "type": "date"},
            {"name": "s", "type": "string", "constraints": {"pattern": "[a-z]+", "minLength": 2}},
        ],
        missingValues=["", "NA"],
    )
    schema = packages.table_schema("t", path)
    file = tmp_path / "t.csv"
    file.write_text("n,v,b,d,s\n1,.5,true,2022-07-01,ab\nNA,1e3,NA,,\n3,-2,false,2024-11-30,xyz\n", encoding="utf-8")
    frame = frames.validate(loading.read_table(file, schema), schema)
    assert frame.dtypes.astype(str).to_dict() == {
        "n": "Int64",
        "v": "float64",
        "b": "boolean",
        "d": "datetime64[ns]",
        "s": "object",
    }
    assert frame["v"].tolist() == [0.5, 1000.0, -2.0]
    assert frame["d"].iloc[2] == pd.Timestamp("2024-11-30")
    assert frame.iloc[1].isna().tolist() == [True, False, True, True, True]
    for column, bad in {"n": 4, "s": "A1"}.items():
        changed = frame.copy()
        changed.loc[0, column] = bad
        with pytest.raises(CompendiumError, match=f"column '{column}'"):
            frames.validate(changed, schema)


def test_the_data_dictionary_is_the_one_in_the_readme(project):
    readme = (project / "data/README.md").read_text(encoding="utf-8")
    assert readme == dictionary.with_dictionary(readme, dictionary.data_dictionary())
    for name in PUBLISHED:
        for column in loading.read(name).columns:
            assert f"| `{column}` |" in readme


def test_a_readme_without_marks_is_refused():
    with pytest.raises(CompendiumError, match="not marked"):
        dictionary.with_dictionary("# Data\n", "dictionary")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "lists no resources"),
        ('{"resources": 3}', "lists no resources"),
        ('{"resources": [{"name": "t", "schema": {}}]}', "lacks a name, a path or fields"),
        (
            '{"resources": [{"name": "t", "path": "t.csv", "schema": {"fields": [{"name": "x", "type": "int"}]}}]}',
            "usable type; found int, expected string",
        ),
    ],
)
def test_a_broken_data_package_is_refused(tmp_path, text, words):
    path = tmp_path / "datapackage.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CompendiumError, match=words):
        packages.table_schemas(path)


def test_a_missing_or_undecodable_data_package_is_refused(tmp_path):
    with pytest.raises(CompendiumError, match="cannot be read"):
        packages.load_package(tmp_path / "datapackage.json")
    (tmp_path / "datapackage.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(CompendiumError, match="not UTF-8"):
        packages.load_package(tmp_path / "datapackage.json")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"primaryKey": "y"}, "column 'y'.*names no column"),
        ({"foreignKeys": [{"fields": "y", "reference": {"resource": "", "fields": "x"}}]}, "'y'.*names no column"),
        ({"tercileClasses": [{"value": "x", "class": "z", "labels": ["a", "b", "c"]}]}, "'z'.*names no column"),
        ({"fields": [{"name": "x", "type": "integer", "constraints": {"maxLength": 3}}]}, "found maxLength"),
    ],
)
def test_a_schema_that_cannot_be_kept_is_refused(tmp_path, schema, words):
    with pytest.raises(CompendiumError, match=words):
        packages.table_schemas(package(tmp_path, **schema))


def test_an_unknown_table_gets_the_nearest_name():
    with pytest.raises(CompendiumError, match="found ics_geografy, expected ics_geography"):
        packages.table_schema("ics_geografy")


def test_reading_a_table_imports_neither_pandera_nor_scipy():
    code = (
        "import sys; from analysis import characteristics, selection, participants, areas;"
        "from compendium.data import loading;"
        "tables = [loading.read(n) for n in ('ics_geography', 'ics_organisation', 'ics_deprivation')];"
        "frame = characteristics.join(areas.read_areas(), *tables);"
        "characteristics.complexity_correlations(frame); selection.select(frame);"
        "print(sorted({'pandera', 'scipy', 'seaborn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
