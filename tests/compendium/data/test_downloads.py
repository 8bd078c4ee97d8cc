"""Transfers that continue by byte range, against a local server that honours, ignores and mistakes ranges."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import requests
from fileserver import Answer, Server, serving

from compendium.data import downloads

BODY = b"".join(b"E%08d,%d\n" % (number, number * 7 % 32844) for number in range(3000))
OTHER = BODY.replace(b"E0000", b"W0000")
SHA256 = hashlib.sha256(BODY).hexdigest()
CUT = 20 * downloads.CHUNK
MORE = 5 * downloads.CHUNK
REST = len(BODY) - CUT


@pytest.fixture
def partial(tmp_path: Path) -> Path:
    return tmp_path / "file.csv.partial"


@pytest.fixture
def bring(tmp_path: Path, partial: Path) -> Callable[..., bytes]:
    """Return a function that downloads once from a server and gives the bytes."""

    def run(server: Server, **options: float | bool) -> bytes:
        output = tmp_path / "output"
        output.unlink(missing_ok=True)
        downloads.download(f"{server.address}/file", str(output), partial=partial, sha256=SHA256, **options)
        return output.read_bytes()

    return run


def plan(*answers: Answer) -> dict[str, Sequence[Answer]]:
    return {"file": answers}


def exchange(server: Server) -> list[tuple[str, int, int]]:
    return [(item.range, item.status, item.sent) for item in server.log]


def test_a_whole_download_leaves_no_partial_file(bring: Callable[..., bytes], partial: Path) -> None:
    with serving(BODY, plan(Answer())) as server:
        assert bring(server) == BODY
        assert exchange(server) == [("", 200, len(BODY))]
    assert not partial.exists()


@pytest.mark.parametrize("sized", [True, False])
def test_a_broken_download_continues_and_no_byte_is_sent_twice(
    bring: Callable[..., bytes], partial: Path, sized: bool
) -> None:
    with serving(BODY, plan(Answer(cut=CUT), Answer(cut=MORE), Answer(sized=sized))) as server:
        for arrived in (CUT, CUT + MORE):
            with pytest.raises(downloads.BrokenOff) as error:
                bring(server)
            assert (error.value.found, error.value.expected) == (arrived, len(BODY))
            assert partial.read_bytes() == BODY[:arrived]
        assert bring(server) == BODY
        assert exchange(server) == [
            ("", 200, CUT),
            (f"bytes={CUT}-", 206, MORE),
            (f"bytes={CUT + MORE}-", 206, REST - MORE),
        ]
    assert not partial.exists()


@pytest.mark.parametrize("stall", [True, False])
def test_less_than_a_chunk_of_what_arrived_is_lost(bring: Callable[..., bytes], partial: Path, stall: bool) -> None:
    with serving(BODY, plan(Answer(cut=CUT + 100, stall=stall), Answer())) as server:
        with pytest.raises(downloads.BrokenOff) as error:
            bring(server, timeout=0.2)
        kept = partial.read_bytes()
        assert CUT <= len(kept) <= CUT + 100
        assert kept == BODY[: len(kept)]
        assert error.value.found == len(kept)
        assert bring(server) == BODY
        assert exchange(server)[1] == (f"bytes={len(kept)}-", 206, len(BODY) - len(kept))


def test_a_server_that_ignores_ranges_sends_the_whole_file(bring: Callable[..., bytes], partial: Path) -> None:
    with serving(
        BODY, plan(Answer(cut=CUT), Answer(ranges=False, cut=downloads.CHUNK), Answer(ranges=False))
    ) as server:
        for arrived in (CUT, downloads.CHUNK):
            with pytest.raises(downloads.BrokenOff):
                bring(server)
            assert partial.read_bytes() == BODY[:arrived]
        assert bring(server) == BODY
        assert exchange(server)[1:] == [
            (f"bytes={CUT}-", 200, downloads.CHUNK),
            (f"bytes={downloads.CHUNK}-", 200, len(BODY)),
        ]


def test_a_wrong_file_from_a_server_that_ignores_ranges_is_not_asked_for_twice(
    bring: Callable[..., bytes], partial: Path
) -> None:
    partial.write_bytes(BODY[:CUT])
    with serving(OTHER, plan(Answer(ranges=False))) as server:
        assert bring(server) == OTHER
        assert len(server.log) == 1
    assert not partial.exists()


@pytest.mark.parametrize(
    ("kept", "answers", "statuses"),
    [
        pytest.param(OTHER[:CUT], [Answer()], [206, 200], id="the file changed between the attempts"),
        pytest.param(BODY + b"more", [Answer()], [416, 200], id="the partial file is too long"),
        pytest.param(OTHER, [Answer()], [416, 200], id="another complete file"),
        pytest.param(BODY[:CUT], [Answer(shift=1), Answer()], [206, 200], id="another range than was asked for"),
        pytest.param(BODY[:CUT], [Answer(encoding="br"), Answer()], [206, 200], id="a range of a compressed copy"),
    ],
)
def test_a_partial_file_that_does_not_fit_gives_way_to_a_fresh_download(
    bring: Callable[..., bytes], partial: Path, kept: bytes, answers: list[Answer], statuses: list[int]
) -> None:
    partial.write_bytes(kept)
    with serving(BODY, plan(*answers)) as server:
        assert bring(server) == BODY
        assert [item.status for item in server.log] == statuses
        assert server.log[1].range == ""
    assert not partial.exists()


def test_a_complete_partial_file_is_verified_and_used(bring: Callable[..., bytes], partial: Path) -> None:
    partial.write_bytes(BODY)
    with serving(BODY, plan(Answer())) as server:
        assert bring(server) == BODY
        assert exchange(server) == [(f"bytes={len(BODY)}-", 416, 0)]
    assert not partial.exists()


def test_an_error_status_keeps_the_partial_file_and_makes_none(bring: Callable[..., bytes], partial: Path) -> None:
    with serving(BODY, plan(Answer(status=503))) as server:
        for kept in (None, BODY[:CUT]):
            if kept is not None:
                partial.write_bytes(kept)
            with pytest.raises(requests.HTTPError):
                bring(server)
            assert (partial.read_bytes() if partial.exists() else None) == kept


@pytest.mark.parametrize("level", [0, 9])
def test_a_compressed_answer_is_unpacked_whatever_its_own_length(bring: Callable[..., bytes], level: int) -> None:
    with serving(gzip.compress(BODY, level), plan(Answer(encoding="gzip"))) as server:
        assert bring(server) == BODY
        assert server.log[0].accepts == "identity"


def test_a_range_that_ends_before_the_file_does_is_continued(bring: Callable[..., bytes], partial: Path) -> None:
    partial.write_bytes(BODY[:CUT])
    with serving(BODY, plan(Answer(most=MORE), Answer())) as server:
        with pytest.raises(downloads.BrokenOff) as error:
            bring(server)
        assert (error.value.found, error.value.expected) == (CUT + MORE, len(BODY))
        assert bring(server) == BODY
        assert exchange(server)[1] == (f"bytes={CUT + MORE}-", 206, REST - MORE)


def test_the_progress_bar_starts_from_the_bytes_that_are_here(
    bring: Callable[..., bytes], partial: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    partial.write_bytes(BODY[:CUT])
    with serving(BODY, plan(Answer())) as server:
        bring(server, progress=True)
    shown = capsys.readouterr().err
    assert f"{CUT / len(BODY):.0%}" in shown.split("|")[0]
    assert "100%" in shown


def test_a_partial_file_that_another_download_writes_is_left_alone(bring: Callable[..., bytes], partial: Path) -> None:
    with serving(BODY, plan(Answer(cut=CUT, stall=True), Answer(cut=100), Answer())) as server:
        broken: list[BaseException] = []

        def slowly() -> None:
            try:
                downloads.download(
                    f"{server.address}/file", str(partial.with_name("slow")), partial=partial, sha256=SHA256
                )
            except downloads.BrokenOff as error:
                broken.append(error)

        first = threading.Thread(target=slowly)
        first.start()
        waited(lambda: partial.exists() and partial.stat().st_size > 0)
        with pytest.raises(downloads.BrokenOff):
            bring(server)
        assert bring(server) == BODY
        assert [item.range for item in server.log] == ["", "", ""]
        server.closing.set()
        first.join(10)
        assert len(broken) == 1
        assert partial.read_bytes() == BODY[:CUT]
        assert bring(server) == BODY
        assert exchange(server)[-1] == (f"bytes={CUT}-", 206, REST)


def test_a_killed_download_is_continued(bring: Callable[..., bytes], partial: Path) -> None:
    with serving(BODY, plan(Answer(cut=CUT, stall=True), Answer())) as server:
        code = (
            "import sys; from pathlib import Path; from compendium.data import downloads;"
            "downloads.download(sys.argv[1], sys.argv[2], partial=Path(sys.argv[3]), sha256=sys.argv[4])"
        )
        arguments = [f"{server.address}/file", str(partial.with_name("killed")), str(partial), SHA256]
        victim = subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=Path(downloads.__file__).parents[2])
        waited(lambda: partial.exists() and partial.stat().st_size > 0)
        victim.kill()
        victim.wait()
        kept = partial.read_bytes()
        assert kept == BODY[: len(kept)]
        assert bring(server) == BODY
        assert exchange(server)[1] == (f"bytes={len(kept)}-", 206, len(BODY) - len(kept))


def waited(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not ready():
        assert time.monotonic() < end, "nothing arrived within ten seconds"
        time.sleep(0.01)
