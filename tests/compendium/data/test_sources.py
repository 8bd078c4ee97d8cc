"""The registry of raw data, and fetching from cache, mirror and a local server that behaves well and badly."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from fileserver import Answer, Server, serving

from compendium import project
from compendium.data import downloads, sources
from compendium.errors import CompendiumError

GOOD = b"lsoa,rank\nE01000001,1\n" * 500


CUT = 4 * downloads.CHUNK
PLANS = {
    "good.csv": [Answer()],
    "corrupt.csv": [Answer(GOOD.replace(b"E01000001", b"E01999999", 1))],
    "truncated.csv": [Answer(cut=CUT, ranges=False)],
    "slow.csv": [Answer(cut=CUT, stall=True)],
    "missing.csv": [Answer(status=404)],
    "flaky.csv": [Answer(status=503), Answer()],
    "broken-once.csv": [Answer(cut=CUT), Answer()],
    "broken-then-corrupt.csv": [Answer(cut=CUT), Answer(GOOD.replace(b"E01000001", b"E01999999"))],
}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(GOOD, PLANS) as running:
        yield running


def entry(address: str, name: str) -> dict:
    return {
        "title": "A small file",
        "publisher": "Nobody",
        "licence": "OGL",
        "page": "https://example.org",
        "url": f"{address}/{name}",
        "file": name,
        "sha256": hashlib.sha256(GOOD).hexdigest(),
        "format": "csv",
        "rows": 1,
        "width": 2,
        "columns": {"lsoa": "lsoa", "rank": "rank"},
        "numbers": ["rank"],
    }


def registry_of(address: str, *names: str) -> sources.Registry:
    built = {name.split(".")[0]: sources.Source.build(name.split(".")[0], entry(address, name)) for name in names}
    return sources.Registry(built)


@pytest.fixture
def served(server: Server) -> sources.Registry:
    return registry_of(server.address, *PLANS)


def partial_of(path: Path) -> Path:
    return downloads.partial_file(path, hashlib.sha256(GOOD).hexdigest())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def sentence(error: pytest.ExceptionInfo[CompendiumError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


# --- the registry -------------------------------------------------------------------------------------------


def test_registry_describes_every_file_of_the_mirror(raw_mirror: Path) -> None:
    listed = dict(
        reversed(line.split(maxsplit=1)) for line in (raw_mirror / "SHA256SUMS").read_text().splitlines() if line
    )
    assert {item.file: item.sha256 for item in sources.registry().sources.values()} == listed


def test_addresses_are_pinned_by_commit() -> None:
    for item in sources.registry().sources.values():
        host, owner_to_path = item.url.removeprefix("https://").split("/", 1)
        owner, repository, commit, *path = owner_to_path.split("/")
        assert host == "raw.githubusercontent.com"
        assert owner
        assert repository
        assert len(commit) == 40
        assert set(commit) <= set("0123456789abcdef")
        assert path
        assert "Open Government Licence" in item.licence


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sha256": "abc"}, "not a SHA-256"),
        ({"url": "no-address/x.csv"}, "address is not usable"),
        ({"format": "parquet"}, "unknown format"),
        ({"file": "../escape.csv"}, "must not hold folders"),
        ({"numbers": ["score"]}, "'columns' lacks"),
        ({"colour": "red"}, "unknown entries"),
        ({"format": "xlsx"}, "name of its sheet"),
    ],
)
def test_a_malformed_source_is_refused(change: dict, message: str) -> None:
    with pytest.raises(CompendiumError, match=message) as error:
        sources.Source.build("x", {**entry("http://localhost", "x.csv"), **change})
    assert "sources.x" in sentence(error)


def test_a_source_without_a_checksum_is_refused() -> None:
    incomplete = entry("http://localhost", "x.csv")
    del incomplete["sha256"]
    with pytest.raises(CompendiumError, match="lacks entries; expected sha256"):
        sources.Source.build("x", incomplete)


def test_an_unknown_id_names_the_known_ones() -> None:
    with pytest.raises(CompendiumError, match="found imd2030, expected allocations-2022-23"):
        sources.registry().source("imd2030")


def test_a_broken_or_missing_registry_is_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "sources.toml"
    broken.write_text("[sources.x\n")
    for path, message in ((broken, "cannot be read"), (tmp_path / "none.toml", "is missing")):
        with pytest.raises(CompendiumError, match=message) as error:
            sources.registry(path)
        sentence(error)


# --- fetching -----------------------------------------------------------------------------------------------


def test_a_good_file_is_downloaded_once(served: sources.Registry, server: Server, tmp_path: Path) -> None:
    store = tmp_path / "cache"
    first = sources.fetch(["good"], cache=store, sources=served)
    again = sources.fetch(["good"], cache=store, sources=served)
    assert first == again == {"good": store / "good.csv"}
    assert contents(store) == {"good.csv": GOOD}
    assert server.count("good.csv") == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("corrupt", "another checksum than the registry, so it was thrown away"),
        ("truncated", f"broke off before the file was complete.* found {CUT} bytes, expected {len(GOOD)} bytes"),
        ("slow", f"does not answer any more.* found {CUT} bytes, expected {len(GOOD)} bytes"),
        ("missing", "answered with status 404"),
    ],
)
def test_a_bad_download_is_one_sentence_and_leaves_the_files_of_the_cache_as_they_were(
    served: sources.Registry, tmp_path: Path, name: str, message: str
) -> None:
    store = tmp_path / "cache"
    store.mkdir()
    (store / "other.csv").write_bytes(b"kept")
    (store / f"{name}.csv").write_bytes(b"an older, spoilt copy")
    before = contents(store)
    with pytest.raises(CompendiumError, match=message) as error:
        sources.fetch([name], cache=store, sources=served, retries=0, timeout=0.5)
    assert f"{name}.csv" in sentence(error)
    partial = {partial_of(store / f"{name}.csv").name: GOOD[:CUT]} if name in ("truncated", "slow") else {}
    assert contents(store) == before | partial


def test_a_failed_first_download_leaves_no_cache_folder(served: sources.Registry, tmp_path: Path) -> None:
    with pytest.raises(CompendiumError):
        sources.fetch(["missing"], cache=tmp_path / "cache", sources=served, retries=0)
    assert not (tmp_path / "cache").exists()


def test_a_refused_download_is_retried(served: sources.Registry, server: Server, tmp_path: Path) -> None:
    found = sources.fetch(["flaky"], cache=tmp_path, sources=served, retries=1)
    assert found["flaky"].read_bytes() == GOOD
    assert [item.status for item in server.log] == [503, 200]


def test_a_retry_continues_where_the_attempt_broke_off(
    served: sources.Registry, server: Server, tmp_path: Path
) -> None:
    found = sources.fetch(["broken-once"], cache=tmp_path, sources=served, retries=1)
    assert contents(tmp_path) == {"broken-once.csv": GOOD}
    assert found == {"broken-once": tmp_path / "broken-once.csv"}
    assert [(item.range, item.sent) for item in server.log] == [("", CUT), (f"bytes={CUT}-", len(GOOD) - CUT)]


def test_a_later_call_continues_where_a_failed_one_broke_off(
    served: sources.Registry, server: Server, tmp_path: Path
) -> None:
    with pytest.raises(CompendiumError, match="next fetch continues from there") as error:
        sources.fetch(["broken-once"], cache=tmp_path, sources=served, retries=0)
    sentence(error)
    assert sources.missing(["broken-once"], cache=tmp_path, sources=served) == ["broken-once"]
    assert contents(tmp_path) == {partial_of(tmp_path / "broken-once.csv").name: GOOD[:CUT]}
    sources.fetch(["broken-once"], cache=tmp_path, sources=served, retries=0)
    assert contents(tmp_path) == {"broken-once.csv": GOOD}
    assert sum(item.sent for item in server.log) == len(GOOD)


def test_a_wrong_checksum_after_a_continued_download_leaves_nothing(
    served: sources.Registry, server: Server, tmp_path: Path
) -> None:
    store = tmp_path / "cache"
    for message in ("broke off", "another checksum"):
        with pytest.raises(CompendiumError, match=message):
            sources.fetch(["broken-then-corrupt"], cache=store, sources=served, retries=0)
    assert contents(store) == {}
    assert [item.range for item in server.log] == ["", f"bytes={CUT}-", ""]


def test_a_registry_with_another_checksum_does_not_continue_an_older_partial_file(
    served: sources.Registry, server: Server, tmp_path: Path
) -> None:
    downloads.partial_file(tmp_path / "good.csv", "0" * 64).write_bytes(b"of another release")
    assert sources.fetch(["good"], cache=tmp_path, sources=served)["good"].read_bytes() == GOOD
    assert [item.range for item in server.log] == [""]


def test_a_spoilt_cached_copy_is_replaced(served: sources.Registry, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_bytes(GOOD[:100])
    assert sources.fetch(["good"], cache=tmp_path, sources=served)["good"].read_bytes() == GOOD


def test_without_a_network_the_message_tells_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    nobody = registry_of(f"http://127.0.0.1:{port}", "good.csv")
    with pytest.raises(CompendiumError, match="COMPENDIUM_MIRROR") as error:
        sources.fetch(["good"], cache=tmp_path / "cache", sources=nobody, retries=0)
    sentence(error)
    assert not (tmp_path / "cache").exists()


def test_cache_and_mirror_work_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = registry_of("http://127.0.0.1:9", "cached.csv", "mirrored.csv", "absent.csv")
    store, mirror = tmp_path / "cache", tmp_path / "mirror"
    store.mkdir()
    mirror.mkdir()
    (store / "cached.csv").write_bytes(GOOD)
    (mirror / "mirrored.csv").write_bytes(GOOD)
    monkeypatch.setenv("COMPENDIUM_CACHE", str(store))
    monkeypatch.setenv("COMPENDIUM_MIRROR", str(mirror))
    assert sources.fetch(["cached", "mirrored"], sources=nobody) == {
        "cached": store / "cached.csv",
        "mirrored": mirror / "mirrored.csv",
    }
    assert sources.missing(sources=nobody) == ["absent"]
    assert contents(store) == {"cached.csv": GOOD}


def test_a_wrong_mirror_copy_is_refused_and_not_downloaded_around(
    served: sources.Registry, server: Server, tmp_path: Path
) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "good.csv").write_bytes(GOOD[:-1])
    with pytest.raises(CompendiumError, match="another checksum") as error:
        sources.fetch(["good"], mirror=mirror, cache=tmp_path / "cache", sources=served)
    assert project.sha256(mirror / "good.csv") in sentence(error)
    assert server.count("good.csv") == 0


def test_a_mirror_folder_that_does_not_exist_is_an_error(served: sources.Registry, tmp_path: Path) -> None:
    with pytest.raises(CompendiumError, match="mirror folder does not exist"):
        sources.fetch(["good"], mirror=tmp_path / "nowhere", cache=tmp_path, sources=served)


def test_progress_is_shown_on_request(
    served: sources.Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sources.fetch(["good"], cache=tmp_path / "a", sources=served)
    quiet = capsys.readouterr()
    sources.fetch(["good"], cache=tmp_path / "b", sources=served, progress=True)
    shown = capsys.readouterr()
    assert quiet.err + quiet.out == ""
    assert "100%" in shown.err


def test_a_cache_that_cannot_be_made_is_named(served: sources.Registry, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CompendiumError, match="cache folder cannot be written") as error:
        sources.fetch(["good"], cache=tmp_path / "file" / "cache", sources=served)
    sentence(error)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("rows", "many", "an entry is of the wrong kind; found many, expected a whole number"),
        ("rows", 0, "a number is too small; found 0, expected at least 1"),
        ("rows", True, "of the wrong kind"),
        ("limit", -1, "a number is too small"),
        ("file", 3, "of the wrong kind"),
        ("file", "../x.csv", "a file name must not hold folders"),
        ("file", "a\\b.csv", "a file name must not hold folders"),
        ("file", "..", "a file name must not hold folders"),
        ("file", ".hidden", "a file name must not hold folders"),
        ("file", "a:b.csv", "a file name must not hold folders"),
        ("file", "x.csv\n", "a file name must not hold folders"),
        ("columns", ["lsoa"], "of the wrong kind"),
    ],
)
def test_an_entry_is_refused_when_the_registry_is_read(name: str, value: object, said: str) -> None:
    with pytest.raises(CompendiumError, match=rf"sources.good, column '{name}': .*{said}"):
        sources.Source.build("good", {**entry("https://example.org", "good.csv"), name: value})


def test_a_download_larger_than_its_limit_is_broken_off_and_leaves_nothing(server: Server, tmp_path: Path) -> None:
    small = {**entry(server.address, "good.csv"), "limit": len(GOOD) - 1}
    known = sources.Registry({"good": sources.Source.build("good", small)})
    with pytest.raises(CompendiumError, match=r"larger than its limit.*at most"):
        sources.fetch(cache=tmp_path / "raw", sources=known, retries=0)
    assert not list(tmp_path.rglob("*.*"))
