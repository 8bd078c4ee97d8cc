"""New vintages by the registry alone: in a small England, files are inspected, pasted, counted and described."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from analysis import inspection, snapshot, vintages
from analysis.registry import read_registry
from compendium import cli
from compendium.data import sources
from compendium.errors import CompendiumError

AREAS = [f"Q{chr(65 + number // 6)}{number % 6 + 1}" for number in range(42)]
LSOAS = [f"E0100{number:04d}" for number in range(1, 169)]  # four for each area


def registered(identifier: str, path: Path, frame: pd.DataFrame, columns: dict[str, str], more: str = "") -> str:
    """Write a CSV file and return its entry."""
    frame.to_csv(path / f"{identifier}.csv", index=False)
    lines = [f'{key} = "{heading}"' for key, heading in columns.items()]
    digest = __import__("hashlib").sha256((path / f"{identifier}.csv").read_bytes()).hexdigest()
    return (
        f'[sources.{identifier}]\ntitle = "t"\npublisher = "p"\nlicence = "l"\npage = "p"\nurl = "https://x.invalid"\n'
        f'file = "{identifier}.csv"\nsha256 = "{digest}"\nformat = "csv"\nrows = {len(frame)}\n'
        f"width = {frame.shape[1]}\n{more}\n[sources.{identifier}.columns]\n" + "\n".join(lines) + "\n"
    )


@pytest.fixture
def england(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project that holds nothing but a registry of one pair of vintages and its raw files."""
    raw = tmp_path / "data" / "raw"
    raw.mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "_quarto.yml").write_text("project: {}\n")
    shutil.copyfile(Path(__file__).parents[2] / "compendium.toml", tmp_path / "compendium.toml")
    monkeypatch.setenv("COMPENDIUM_ROOT", str(tmp_path))
    for name in ("COMPENDIUM_MIRROR", "COMPENDIUM_CACHE"):
        monkeypatch.delenv(name, raising=False)
    area = [AREAS[number // 4] for number in range(168)]
    ccg = [f"{AREAS.index(name):02d}C" for name in area]
    practices = pd.DataFrame({"p": range(42), "ccg": [f"{n:02d}C" for n in range(42)], "area": AREAS})
    practices["region"] = ["North", "South", "East"] * 14
    allocation = practices.assign(lad="E06000001", registered=1000.0, projected=1100.2)
    lookup = pd.DataFrame({"LSOA11CD": LSOAS, "CCG": ccg, "LAD21CD": "E06000001"})
    index = pd.DataFrame({"code": LSOAS, "rank": range(1, 169)})
    tiers = {"lad": ["E06000001"], "lad_name": ["One"], "utla": ["E06000001"], "utla_name": ["One"]}
    trusts = pd.DataFrame({"trust": ["RAA"], "name": ["A"], "area": ["QA1"], "opened": ["20000101"], "closed": [None]})
    old, same = 'codes = "2011"', {name: name for name in practices.columns if name != "p"} | {"practice": "p"}
    entries = [
        registered("imd2019", raw, index, {"lsoa": "code", "rank": "rank"}, old + '\nnumbers = ["rank"]'),
        registered("lookup", raw, lookup, {"lsoa": "LSOA11CD", "ccg": "CCG", "lad": "LAD21CD"}, old),
        registered("practices-2022-01", raw, practices, same),
        registered(
            "allocations-2022-23",
            raw,
            allocation,
            same | {name: name for name in ("lad", "registered", "projected")},
            'numbers = ["registered", "projected"]',
        ),
        registered(
            "rural-urban-2011", raw, pd.DataFrame({"lsoa": LSOAS, "ruc": "A1"}), {"lsoa": "lsoa", "ruc": "ruc"}, old
        ),
        registered("trusts-2022-03", raw, trusts, {name: name for name in trusts.columns}),
        registered("ltla21-utla21", raw, pd.DataFrame(tiers), {name: name for name in tiers}),
        '[imd.2019]\nsource = "imd2019"\n[boundaries.stp21]\nlabel = "STPs of April 2021"\nlookup = "lookup"\n'
        'members = "practices-2022-01"\nvia = [["ccg"]]\nareas = 42\n',
        '[snapshot]\nvintages = [["2019", "stp21"]]\ntrusts_open = ["2022-03-31"]\n',
    ]
    (tmp_path / sources.REGISTRY).write_text("\n".join(entries), "utf-8")
    areas = [{"name": name, "type": "string"} for name in ("ods_code", "nhs_region")]
    package = {"resources": [{"name": "areas", "path": "areas.csv", "schema": {"fields": areas}}]}
    (tmp_path / "data" / "datapackage.json").write_text(json.dumps(package), "utf-8")
    printed = practices[["area", "region"]].set_axis(["ods_code", "nhs_region"], axis=1)
    printed.to_csv(tmp_path / "data" / "areas.csv", index=False)
    return tmp_path


def follow(root: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Do what `compendium inspect` says, to the letter: paste, copy, count."""
    assert cli.main(["inspect", str(file)]) == 0
    said = capsys.readouterr().out
    entry, pairs = re.search(r"(\[sources\..*?)\n\nand, in place.*?\n\n(vintages = .*?)\n", said, re.DOTALL).groups()
    registry = root / sources.REGISTRY
    text = re.sub(r"^vintages = .*$", pairs, registry.read_text("utf-8"), flags=re.MULTILINE)
    registry.write_text(f"{text}\n{entry}\n", "utf-8")
    shutil.copyfile(file, root / re.search(r"copy the file to (\S+) and run", said)[1])
    assert cli.main(["snapshot"]) == 0, capsys.readouterr().err
    return said


def imd_2015(folder: Path) -> Path:
    """Write a workbook in the shape of the index of 2015: notes first, other headings, deciles beside ranks."""
    path = folder / "File_1_ID_2015_Index_of_Multiple_Deprivation.xlsx"
    table = pd.DataFrame(
        {
            "LSOA code (2011)": LSOAS,
            "LSOA name (2011)": [f"One {number:03d}A" for number in range(168)],
            "Local Authority District code (2013)": "E06000001",
            "Income Rank (where 1 is most deprived)": range(1, 169),
            "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)": range(168, 0, -1),
            "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)": 1,
        }
    )
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"Notes": ["about the index"]}).to_excel(book, sheet_name="Notes", index=False)
        table.to_excel(book, sheet_name="IMD 2015", index=False)
    return path


def icb_2022(folder: Path) -> Path:
    """Write a lookup in the shape of that of July 2022; the area of the first LSOA has changed."""
    path = folder / "LSOA11_LOC22_ICB22_LAD22_EN_LU.csv"
    area = [AREAS[1], *(AREAS[number // 4] for number in range(1, 168))]
    table = pd.DataFrame({"LSOA11CD": LSOAS, "LSOA11NM": [f"Gone {n:03d}A" for n in range(168)], "LOC22CDH": "01A"})
    table = table.assign(ICB22CD=[f"E54{AREAS.index(name):06d}" for name in area], ICB22CDH=area, ICB22NM="NHS")
    table.assign(LAD22CD="E06000066").to_csv(path, index=False)
    return path


def test_an_index_of_2015_needs_no_code(england: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = follow(england, imd_2015(tmp_path), capsys)
    assert "sheet 'Notes': 1 rows, 1 columns" in said
    assert "LSOA code (2011)  (text): E01000001, E01000002, E01000003  <- lsoa" in said
    counted = snapshot.read()
    assert counted.ics_counts.groupby("imd")["lsoas"].sum().to_dict() == {"2015": 168, "2019": 168}
    fifth = counted.ics_counts.set_index(["imd", "area"])["fifth"]
    assert [fifth[year, area] for year, area in (("2019", "QA1"), ("2015", "QA1"), ("2015", "QG6"))] == [4, 0, 4]
    chosen = vintages.Vintages.build(read_registry(), counted, 2015, "stp21")
    assert chosen.label == "IMD 2015, STPs of April 2021"
    assert chosen.phrases()["index"] == "while we use the English indices of deprivation 2015"


def test_boards_of_july_2022_take_districts_from_another_lookup(
    england: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = follow(england, icb_2022(tmp_path), capsys)
    assert 'area = "ICB22CDH"' in said
    assert "lsoa_name =" not in said
    counted = snapshot.read()
    lsoas = counted.ics_counts.set_index(["boundaries", "area"])["lsoas"]
    assert [lsoas["icb22", area] for area in AREAS[:3]] == [3, 5, 4]
    assert set(counted.authorities["boundaries"]) == {"stp21", "icb22"}
    for spelling in ("icb22", "icb2022"):
        chosen = vintages.Vintages.build(read_registry(), counted, 2019, spelling)
        assert (chosen.boundaries, chosen.areas) == ("icb22", "ICBs of 2022")
    assert chosen.phrases()["index"] == "and so do we (areas: ICBs of 2022)"


def test_codes_of_another_kind_and_districts_of_another_year_are_explained(
    england: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = follow(england, icb_2022(tmp_path), capsys)
    registry = england / sources.REGISTRY
    good = registry.read_text("utf-8")
    registry.write_text(good.replace('area = "ICB22CDH"', 'area = "ICB22CD"'), "utf-8")
    assert cli.main(["snapshot"]) == 1
    assert "expected the column with NHS (ODS) codes such as QA1, QA2, QA3" in capsys.readouterr().err
    registry.write_text(good.replace('area = "ICB22CDH"', 'area = "ICB22CDH"\nlad = "LAD22CD"'), "utf-8")
    assert cli.main(["snapshot"]) == 1
    assert "leave 'lad' and 'lsoa_name' out of this one's columns" in capsys.readouterr().err
    registry.write_text(good.replace('codes = "2011"\nnumbers = []', "numbers = []"), "utf-8")
    assert cli.main(["snapshot"]) == 1
    assert "expected codes as in another lookup with 'lad' or 'lsoa_name'" in capsys.readouterr().err
    assert "LAD22CD  (text)" in said


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('["2019", "stp21"]]', '["2015", "stp21"]]', "pair of unknown vintages; found 2015, stp21"),
        ("areas = 42", "", "entry of the registry is incomplete; expected areas"),
        ("areas = 42", 'areas = 42\nlabels = "x"', "entry of the registry is unknown; found labels"),
        ('members = "practices-2022-01"\n', "", "does not say which area an LSOA belongs to"),
        ('numbers = ["rank"]', "", "does not name its LSOAs and its ranks"),
        ("[imd.2019]\nsource", "[imd.2019]\nfile", "entry of the registry is incomplete; expected source"),
    ],
)
def test_a_wrong_entry_is_explained_before_anything_is_counted(
    england: Path, old: str, new: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = england / sources.REGISTRY
    text = registry.read_text("utf-8")
    assert old in text
    registry.write_text(text.replace(old, new, 1), "utf-8")
    assert cli.main(["snapshot"]) == 1
    assert message in capsys.readouterr().err


def test_a_file_without_small_areas_is_shown_all_the_same(england: Path, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    pd.DataFrame({"name": ["x", None], "n": [1, 2], "share": [0.5, 1]}).to_csv(path, index=False)
    lines = inspection.report(path, read_registry())
    assert "   1  name  (text, 1 empty): x, " in lines
    assert "   2  n  (whole numbers): 1, 2" in lines
    assert "   3  share  (numbers): 0.5, 1.0" in lines
    assert lines[-1].startswith("No column of LSOA codes")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [("x.pdf", b"", "cannot be read; found .pdf"), ("x.xlsx", b"no", "as xlsx"), ("x.rda", b"no", "as rda")],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CompendiumError, match=message):
        inspection.tables(tmp_path / name)
    with pytest.raises(CompendiumError, match="no such file"):
        inspection.tables(tmp_path / f"other{name}")
