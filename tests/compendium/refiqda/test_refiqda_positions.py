"""Positions: the quote comes out as the tool that wrote it shows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refiqda_projects import NVIVO, one_source

from compendium.evidence.segments import quotes
from compendium.refiqda import read_project
from compendium.refiqda.positions import Body, Counting, choose, expected_counting, on_word_boundary, resolve

TALK = "Ash: it rains 🌧️ a lot\r\nBo: yes 🚌🚌 the bus is late\r\nAsh: café at nine\r\n" * 3
WORDS = ["rains", "lot", "yes", "the bus is late", "café at nine"]


def utf16(text: str, place: int) -> int:
    return len(text[:place].encode("utf-16-le")) // 2


def single_crlf(text: str, place: int) -> int:
    return len(text[:place].replace("\r\n", "\n"))


def places_of(words: list[str], counted) -> list[tuple[int, int]]:
    """Every occurrence of the words, in the positions of a tool."""
    found = []
    for word in words:
        start = TALK.find(word)
        while start >= 0:
            found.append((counted(TALK, start), counted(TALK, start + len(word))))
            start = TALK.find(word, start + 1)
    return found


EXPECTED = [word for word in WORDS for _ in range(3)]


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    ("origin", "counted"),
    [
        (NVIVO, utf16),
        ("NVivo for Mac 15.0.0", utf16),
        ("MAXQDA 24", lambda text, place: place),
        ("qc 1.6", lambda text, place: place),
        ("ATLAS.ti for Windows 23.2", single_crlf),
    ],
)
def test_each_tool_s_counting_gives_its_quotes(tmp_path, origin: str, counted, bom: bytes) -> None:
    file = one_source(tmp_path / "x.qdpx", bom + TALK.encode(), places_of(WORDS, counted), origin=origin)
    project, report = read_project(file)
    assert quotes(project.segments, project.texts) == EXPECTED
    assert (report.aligned, report.selections) == (15, 15)
    assert report.counting_expected


@pytest.mark.parametrize(
    ("counted", "shown"),
    [
        (utf16, "UTF-16 code units, Windows line ends kept"),
        (single_crlf, "code points, a Windows line end counted once"),
        (lambda text, place: utf16(text.replace("\r\n", "\n"), single_crlf(text, place)), "counted once"),
        (lambda text, place: place + 1, "byte-order mark counted"),
    ],
)
def test_a_tool_we_do_not_know_is_read_by_trial(tmp_path, counted, shown: str) -> None:
    content = b"\xef\xbb\xbf" + TALK.encode()
    file = one_source(tmp_path / "x.qdpx", content, places_of(WORDS, counted), origin="Some tool 1")
    project, report = read_project(file)
    assert quotes(project.segments, project.texts) == EXPECTED
    assert shown in report.counting
    assert any(line.endswith("(found by trial)") for line in report.lines())


def test_an_end_position_that_is_included_is_found_by_trial(tmp_path) -> None:
    places = [(start, end - 1) for start, end in places_of(WORDS, lambda text, place: place)]
    project, report = read_project(one_source(tmp_path / "x.qdpx", TALK.encode(), places, origin="Some tool 1"))
    assert quotes(project.segments, project.texts) == EXPECTED
    assert report.counting.endswith("end position included")


def test_positions_that_fit_nothing_are_warned_about(tmp_path) -> None:
    text = b"abcdefgh ijklmnop " * 20
    places = [(18 * n + 2, 18 * n + 5) for n in range(10)] + [(18 * n, 18 * n + 8) for n in range(10)]
    _, report = read_project(one_source(tmp_path / "x.qdpx", text, places, origin=NVIVO))
    assert "edges on word boundaries: 50.0 % of 20 selections" in report.lines()
    assert report.counting_expected
    assert any(sentence.startswith("Only 50.0% of the selections") for sentence in report.warnings())


def test_a_few_ragged_selections_do_not_change_the_counting(tmp_path) -> None:
    places = [(0, 3), (4, 9)] * 15 + [(1, 3)]
    project, report = read_project(one_source(tmp_path / "x.qdpx", b"One three five", places, origin="MAXQDA 24"))
    assert (report.aligned, report.selections) == (30, 31)
    assert quotes(project.segments, project.texts)[-1] == "ne"
    assert report.warnings() == []


def test_windows_line_ends_stay_in_the_text_we_keep(tmp_path) -> None:
    from compendium.refiqda import import_project, load_project

    import_project(one_source(tmp_path / "x.qdpx", TALK.encode(), [(0, 3)], origin=NVIVO), tmp_path / "out")
    assert load_project(tmp_path / "out").texts["d0001"] == TALK
    assert (tmp_path / "out" / "texts" / "d0001.txt").read_bytes() == TALK.encode()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_texts_with_a_wide_byte_order_mark_are_read(tmp_path, encoding: str) -> None:
    project, _ = read_project(one_source(tmp_path / "x.qdpx", "One two".encode(encoding), [(4, 7)]))
    assert quotes(project.segments, project.texts) == ["two"]


@pytest.mark.parametrize(
    ("text", "position", "boundary"),
    [
        ("one two", 3, True),
        ("one two", 4, True),
        ("one two", 1, False),
        ("one two", 0, True),
        ("one two", 7, True),
        ("don't", 3, True),
        ("cafe\u0301s", 4, False),
        ("naïve", 2, False),
        ("文字列", 1, True),
        ("2024", 2, False),
    ],
)
def test_word_boundaries(text: str, position: int, boundary: bool) -> None:
    assert on_word_boundary(text, position) is boundary


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (5, 2), (0, 8), (9, 12)])
def test_places_outside_the_text_are_outside(start: int, end: int) -> None:
    for counting in (Counting(), Counting(unit="UTF-16 code units"), Counting(crlf=1)):
        assert not resolve(Body("One two", False, [start], [end]), counting)[2][0]


PIECES = st.sampled_from(["a", "é", "🚌", "\r\n", "\n", "\r", " ", "文"])


@given(st.lists(PIECES, min_size=1, max_size=40), st.data())
def test_resolve_undoes_each_way_of_counting(pieces: list[str], data: st.DataObject) -> None:
    text, bom = "".join(pieces), data.draw(st.booleans())
    edges = [0]
    for piece in pieces:
        edges.append(edges[-1] + len(piece))
    start = data.draw(st.integers(0, len(pieces) - 1))
    end = data.draw(st.integers(start + 1, len(pieces)))
    for counting in (
        Counting(),
        Counting(unit="UTF-16 code units"),
        Counting(crlf=1),
        Counting(unit="UTF-16 code units", crlf=1, bom=True),
        Counting(inclusive=True),
    ):

        def tool(place: int, counting: Counting = counting) -> int:
            before = text[:place].replace("\r\n", "\n") if counting.crlf == 1 else text[:place]
            units = len(before.encode("utf-16-le")) // 2 if counting.unit != "code points" else len(before)
            return units + (counting.bom and bom)

        body = Body(text, bom, [tool(edges[start])], [tool(edges[end]) - counting.inclusive])
        if counting.inclusive and body.ends[0] <= body.starts[0]:
            continue
        starts, ends, inside = resolve(body, counting)
        if counting.crlf == 1 and "\r\n" in text:
            # A place between "\r" and "\n" does not exist for such a tool: compare what is said, not the line end.
            assert text[starts[0] : ends[0]].strip("\r\n") == text[edges[start] : edges[end]].strip("\r\n")
        else:
            assert inside[0]
            assert (starts[0], ends[0]) == (edges[start], edges[end])


def test_the_expected_counting_is_the_one_known_of_the_origin() -> None:
    assert expected_counting(NVIVO) == Counting(unit="UTF-16 code units")
    assert expected_counting("ATLAS.ti 8.4.0") == Counting(crlf=1)
    assert expected_counting("") == Counting()


def test_no_selections_leave_the_share_open() -> None:
    assert choose([], NVIVO).share is None
