"""Projects of Taguette and QualCoder, and tables of quotations: every document, passage, code and coder comes over.

The databases are built by the schemas of Taguette 1.5 and QualCoder 3; positions are those that the tools would write.
"""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium import cli
from compendium.errors import CompendiumError
from compendium.refiqda import import_project, quotedtable, read_project
from compendium.refiqda.model import Project
from compendium.refiqda.taguette import Text
from compendium.refiqda.writing import write_project

PAGE = "\n<h1>Über walks</h1>\n<p>Robin said 🙂 <b>walking</b> helps &amp; heals.</p><p>Second<br/>line.</p>"
SPOKEN = "Über walks\nRobin said 🙂 walking helps & heals.Secondline."  # as Taguette counts it


def quoted(project: Project) -> list[tuple[str, str, str, str]]:
    """Return each coding: document, words, code and coder."""
    place = {row["segment_id"]: row for row in project.segments.to_dict("records")}
    title = dict(zip(project.codebook["code_id"], project.codebook["code"], strict=True))
    rows = []
    for coding in project.codings.to_dict("records"):
        one = place[coding["segment_id"]]
        words = project.texts[one["source_id"]][one["start"] : one["end"]] if one["kind"] == "text" else ""
        rows.append((one["document"], words, title[coding["code_id"]], coding["coder"]))
    return sorted(rows)


def taguette(path: Path, projects: int = 1) -> Path:
    with sqlite3.connect(path) as db:
        db.executescript(
            "CREATE TABLE projects (id INTEGER PRIMARY KEY, name, description, created);"
            "CREATE TABLE documents (id INTEGER PRIMARY KEY, name, description, filename, created, project_id,"
            " text_direction, contents);"
            "CREATE TABLE highlights (id INTEGER PRIMARY KEY, document_id, start_offset, end_offset, snippet);"
            "CREATE TABLE tags (id INTEGER PRIMARY KEY, project_id, path, description);"
            "CREATE TABLE highlight_tags (highlight_id, tag_id);"
            "CREATE TABLE commands (id INTEGER PRIMARY KEY, date, user_login, project_id, document_id, payload);"
        )
        for number in range(1, projects + 1):
            db.execute(
                "INSERT INTO projects VALUES (?, ?, 'About', '2024-05-01 10:00:00')", (number, f"Walks {number}")
            )
            db.execute("INSERT INTO documents VALUES (?, 'One', '', 'a.html', '', ?, 'x', ?)", (number, number, PAGE))
            for tag, name in enumerate(("health", "health.pain", "a.b"), start=10 * number):
                db.execute("INSERT INTO tags VALUES (?, ?, ?, 'What helps')", (tag, number, name))
        for place, (words, tags) in enumerate(
            [("walking helps & heals.", (10, 11)), ("🙂", (12,)), ("heals.Second", (10,)), ("Über", (11,))], start=1
        ):
            start = SPOKEN.index(words)
            first, last = (len(SPOKEN[:at].encode()) for at in (start, start + len(words)))
            words = words.replace("&", "&amp;")
            db.execute("INSERT INTO highlights VALUES (?, 1, ?, ?, ?)", (place, first, last, f"<p>{words}</p>"))
            db.executemany("INSERT INTO highlight_tags VALUES (?, ?)", [(place, tag) for tag in tags])
            told = json.dumps({"type": "highlight_add", "highlight_id": place, "tags": list(tags)})
            db.execute("INSERT INTO commands VALUES (?, '', 'robin', 1, 1, ?)", (place, told))
    return path


def test_taguette_comes_in_whole(tmp_path: Path) -> None:
    project, report = read_project(taguette(tmp_path / "taguette.sqlite3"))
    assert quoted(project) == [
        ("One", "heals.\nSecond", "health", "robin"),
        ("One", "walking helps & heals.", "health", "robin"),
        ("One", "walking helps & heals.", "pain", "robin"),
        ("One", "Über", "pain", "robin"),
        ("One", "🙂", "a.b", "robin"),
    ]
    assert project.codebook[["code_id", "parent"]].to_numpy().tolist()[1:] == [
        ["health", ""],
        ["health/pain", "health"],
    ]
    assert report.warnings() == []
    assert read_project(write_project(project, tmp_path / "a.qdpx"))[1].counts["codings"] == 5


def test_one_of_several_projects_of_a_database_is_asked_for(tmp_path: Path) -> None:
    file = taguette(tmp_path / "x.db", projects=2)
    with pytest.raises(CompendiumError, match="say which project of the database is meant.*--project 'Walks 2'"):
        read_project(file)
    assert read_project(file, wanted="Walks 2")[1].counts["codings"] == 0
    assert cli.main(["import-qda", str(file), "--out", str(tmp_path / "out"), "--project", "Walks 1"]) == 0
    assert len(Project.load(tmp_path / "out").codings) == 5


def test_words_that_taguette_did_not_keep_are_told(tmp_path: Path) -> None:
    file = taguette(tmp_path / "x.db")
    with sqlite3.connect(file) as db:
        db.execute("UPDATE highlights SET snippet = 'other' WHERE id = 1")
    assert "does not hold the words" in "\n".join(read_project(file)[1].lines())


@given(st.lists(st.sampled_from(["walk", "ä", "🙂", " ", "&", "é ", "\n"]), min_size=1), st.integers(0, 99))
def test_bytes_of_a_page_lead_to_its_characters(parts: list[str], at: int) -> None:
    page = Text("<p>" + "</p><p>".join(part.replace("&", "&amp;") for part in parts) + "</p>")
    spoken = "".join(parts).lstrip(" \n")
    start = at % (len(spoken) + 1)
    for end in range(start + 1, len(spoken) + 1):
        first, last = len(spoken[:start].encode()), len(spoken[:end].encode())
        found = page.text[page.place(first) : page.place(last, end=True)]
        assert "".join(found.split()) == "".join(spoken[start:end].split())


def qualcoder(folder: Path) -> Path:
    folder.mkdir()
    text = "Robin: I walk 🙂 daily.\nKim: It rains."
    with sqlite3.connect(folder / "data.qda") as db:
        db.executescript(
            "CREATE TABLE project (databaseversion, date, memo, about, bookmarkfile, bookmarkpos, codername);"
            "CREATE TABLE source (id INTEGER PRIMARY KEY, name, fulltext, mediapath, memo, owner, date, av_text_id);"
            "CREATE TABLE code_cat (catid INTEGER PRIMARY KEY, name, owner, date, memo, supercatid);"
            "CREATE TABLE code_name (cid INTEGER PRIMARY KEY, name, memo, catid, owner, date, color);"
            "CREATE TABLE code_text (ctid INTEGER PRIMARY KEY, cid, fid, seltext, pos0, pos1, owner, date, memo, avid,"
            " important);"
            "CREATE TABLE code_image (imid INTEGER PRIMARY KEY, id, x1, y1, width, height, cid, memo, date, owner,"
            " important);"
            "CREATE TABLE code_av (avid INTEGER PRIMARY KEY, id, pos0, pos1, cid, memo, date, owner, important);"
            "CREATE TABLE annotation (anid INTEGER PRIMARY KEY, fid, pos0, pos1, memo, owner, date);"
            "CREATE TABLE cases (caseid INTEGER PRIMARY KEY, name, memo, owner, date);"
            "CREATE TABLE case_text (id INTEGER PRIMARY KEY, caseid, fid, pos0, pos1, owner, date, memo);"
            "CREATE TABLE attribute_type (name PRIMARY KEY, date, owner, memo, caseOrFile, valuetype);"
            "CREATE TABLE attribute (attrid INTEGER PRIMARY KEY, name, attr_type, value, id, date, owner);"
            "CREATE TABLE journal (jid INTEGER PRIMARY KEY, name, jentry, date, owner);"
            "INSERT INTO project VALUES ('v8', '2024-05-01 10:00:00', 'About walks', '', 0, 0, 'ann');"
            "INSERT INTO source VALUES (2, 'map.png', NULL, '/images/map.png', '', 'ann', '2024-05-01 10:00:00', NULL);"
            "INSERT INTO source VALUES (3, 'talk.mp3', NULL, '/audio/talk.mp3', '', 'ann', '', NULL);"
            "INSERT INTO code_cat VALUES (1, 'Health', 'ann', '', 'All of it', NULL);"
            "INSERT INTO code_name VALUES (1, 'Walking', 'Going on foot', 1, 'ann', '', '#FF0000');"
            "INSERT INTO code_name VALUES (2, 'Rain', '', NULL, 'ann', '', '');"
            "INSERT INTO code_text VALUES (1, 1, 1, 'walk 🙂', 9, 15, 'ann', '2024-05-01 10:00:00', 'why', NULL, 1);"
            "INSERT INTO code_text VALUES (2, 1, 1, 'walk 🙂', 9, 15, 'ben', '2024-05-01 10:00:00', '', NULL, NULL);"
            "INSERT INTO code_text VALUES (3, 2, 1, 'It rains', 28, 36, 'ben', '', '', NULL, NULL);"
            "INSERT INTO code_image VALUES (1, 2, 1.0, 2.0, 3.0, 4.0, 2, '', '', 'ben', NULL);"
            "INSERT INTO code_av VALUES (1, 3, 500, 900, 1, '', '', 'ann', NULL);"
            "INSERT INTO annotation VALUES (1, 1, 0, 5, 'speaker', 'ann', '');"
            "INSERT INTO cases VALUES (1, 'North', 'a place', 'ann', '');"
            "INSERT INTO case_text VALUES (1, 1, 1, 0, 36, 'ann', '', ''), (2, 1, 1, 9, 15, 'ann', '', '');"
            "INSERT INTO attribute_type VALUES ('age', '', 'ann', '', 'case', 'numeric');"
            "INSERT INTO attribute_type VALUES ('role', '', 'ann', '', 'file', 'character');"
            "INSERT INTO attribute VALUES (1, 'age', 'case', '44', 1, '', ''), (2, 'role', 'file', 'nurse', 1, '', '');"
            "INSERT INTO journal VALUES (1, 'Diary', 'Began.', '2024-05-01 10:00:00', 'ann');"
        )
        db.execute(
            "INSERT INTO source VALUES (1, 'Talk', ?, NULL, 'first', 'ann', '2024-05-01 10:00:00', NULL)", (text,)
        )
    return folder


def test_qualcoder_comes_in_whole(tmp_path: Path, refiqda_faults) -> None:
    project, report = read_project(qualcoder(tmp_path / "walks.qda"))
    assert [row for row in quoted(project) if row[1]] == [
        ("Talk", "It rains", "Rain", "ben"),
        ("Talk", "walk 🙂", "Walking", "ann"),
        ("Talk", "walk 🙂", "Walking", "ben"),
    ]
    book = project.codebook.set_index("code_id")
    assert book["parent"].to_dict() == {"health": "", "health/walking": "health", "rain": ""}
    assert book.loc["health/walking", ["definition", "colour", "codable"]].tolist() == [
        "Going on foot",
        "#FF0000",
        "true",
    ]
    areas = project.segments.set_index("kind")["region"]
    assert areas["picture area"] == "firstX=1 firstY=2 secondX=4 secondY=6"
    assert areas["audio"] == "begin=500 end=900"
    assert project.case_members["kind"].tolist() == ["source", "segment"]
    assert project.variable_values[["kind", "value"]].to_numpy().tolist() == [["case", "44"], ["source", "nurse"]]
    assert sorted(project.texts[note] for note in project.notes["source_id"]) == ["Began.", "speaker", "why"]
    assert sorted(project.note_refs["kind"]) == ["coding", "project", "segment"]
    assert dict(report.not_represented) == {"marks of importance": 1}
    file = write_project(project, tmp_path / "a.qdpx")
    again = read_project(file)[0]
    assert quoted(again) == quoted(project)
    assert refiqda_faults(zipfile.ZipFile(file).read("project.qde")) == []


@pytest.mark.parametrize("content", [b"SQLite format 3\0 cut off", b"SQLite format 3\0" + b"\0" * 4096])
def test_a_damaged_database_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(content)
    with pytest.raises(CompendiumError, match="database"):
        read_project(tmp_path / "x.db")


INTERVIEW = "Robin: “I walk every day”, she said.\r\n\r\nKim:  It rains a lot here – and it has always rained.\n"


def write_table(folder: Path, rows: list[tuple[str, ...]], columns: str) -> Path:
    folder.joinpath("Talk.txt").write_text(INTERVIEW, "utf-8", newline="")
    pd.DataFrame(rows, columns=columns.split(",")).to_csv(folder / "quotes.csv", index=False)
    return folder / "quotes.csv"


def test_a_table_of_quotations_finds_its_passages(tmp_path: Path) -> None:
    table = write_table(
        tmp_path,
        [
            ("Talk", "I walk every day", "Health > Walking; Habit", "ann"),
            ("Talk.docx", '"i walk every day", she said. Kim: It rains', "Rain", "ann"),
            ("Talk", "It rains … always rained", "Rain", "ben; ann"),
            ("Talk", "It rains a lot here and it has always rained", "Rain", "ben"),
            ("Talk", "Nobody said this at any time", "Rain", "ben"),
        ],
        "Media Title,Excerpt,Codes Applied,Excerpt Creator",
    )
    report = import_project(table, tmp_path / "out")
    project = Project.load(tmp_path / "out")
    rains = INTERVIEW[INTERVIEW.index("It rains") :]
    assert sorted(row[1:] for row in quoted(project)) == sorted(
        [
            ("I walk every day", "Walking", "ann"),
            ("I walk every day", "Habit", "ann"),
            ("“I walk every day”, she said.\r\n\r\nKim:  It rains", "Rain", "ann"),
            (rains[: rains.index(".")], "Rain", "ben"),
            (rains[: rains.index(".")], "Rain", "ann"),
            (rains[: rains.index(".")], "Rain", "ben"),
        ]
    )
    lost = pd.read_csv(tmp_path / "out/unfound.csv")
    assert lost[["row", "document"]].to_numpy().tolist() == [[6, "Talk"]]
    assert any("coded nowhere" in line for line in report.lines())


def test_columns_of_other_names_are_mapped_on_the_command_line(tmp_path: Path, capsys) -> None:
    table = write_table(tmp_path, [("Talk", "It rains", "Rain,Sky")], "Akte,Zitat,Schlagwort")
    assert cli.main(["import-qda", str(table), "--out", str(tmp_path / "a")]) == 1
    assert "document=COLUMN" in capsys.readouterr().err
    mapped = ["document=Akte", "quotation=Zitat", "codes=Schlagwort"]
    assert cli.main(["import-qda", str(table), "--out", str(tmp_path / "a"), "--columns", *mapped]) == 0
    assert {row[2] for row in quoted(Project.load(tmp_path / "a"))} == {"Rain", "Sky"}


@given(
    st.lists(st.sampled_from(["walk", "Ä", "🙂", "’", "–", "rain"]), min_size=3, max_size=12),
    st.sampled_from([" ", "  ", "\r\n", "\t"]),
    st.data(),
)
def test_a_quotation_is_found_whatever_its_blanks_and_marks(words: list[str], gap: str, data: st.DataObject) -> None:
    text = "start " + gap.join(words) + " end"
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first + 1, len(words)))
    quotation = " ".join(words[first:last]).replace("’", "'").replace("–", "-").upper()
    place = quotedtable.found(quotation, text)
    assert place is not None
    got = text[place[0] : place[1]].replace("’", "'").replace("–", "-").upper()
    assert got.split() == quotation.split()
