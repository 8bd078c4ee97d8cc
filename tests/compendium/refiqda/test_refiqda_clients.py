"""Other programs open what we write: Taguette reads our codebook and gives it back, pyrefiqda reads our project.

Both run in an environment of their own, which uv makes from the package index: neither belongs to this project, and
Taguette needs older versions of what it stands on. Without uv, without network or without the packages the tests skip
and say so. ``COMPENDIUM_TAGUETTE`` and ``COMPENDIUM_PYREFIQDA`` may name a Python that has them.
"""

from __future__ import annotations

import csv
import html
import http.cookiejar
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from refiqda_projects import walks

from compendium import refiqda
from compendium.evidence import codebook as codebooks

TAGUETTE = ["taguette==1.5.2", "setuptools<81"]
PYREFIQDA = ["pyrefiqda==0.3.1"]

PYREFIQDA_SCRIPT = """
import json, sys
from pyrefiqda import RefiProject
project = RefiProject.load(sys.argv[1], extract_dir=sys.argv[2])
selections = [s for source in project.sources.text_source for s in source.plain_text_selection]
print(json.dumps({
    "users": [user.name for user in project.users.user],
    "sources": [source.name for source in project.sources.text_source],
    "places": [[s.start_position, s.end_position] for s in selections],
    "codings": sum(len(s.coding) for s in selections),
    "cases": [case.name for case in project.cases.case],
}))
"""


def python_with(variable: str, packages: list[str]) -> list[str]:
    """Return the command of a Python that has the packages, or skip."""
    own = os.environ.get(variable)
    if own:
        return [own]
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip(f"{packages[0]} needs uv to install it, or {variable} to name a Python that has it")
    wanted = [part for package in packages for part in ("--with", package)]
    command = [uv, "run", "--quiet", "--isolated", "--no-project", "--python", "3.11", *wanted, "python"]
    probe = subprocess.run([*command, "-c", ""], capture_output=True, text=True, timeout=300, check=False)
    if probe.returncode:
        pytest.skip(f"{packages[0]} cannot be installed here: {probe.stderr.strip().splitlines()[-1:]}")
    return command


class Taguette:
    """A Taguette server in single-user mode, and the few pages of it that a codebook passes through."""

    def __init__(self, folder: Path) -> None:
        command = python_with("COMPENDIUM_TAGUETTE", TAGUETTE)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.log = (folder / "taguette.log").open("w+", encoding="utf-8")
        arguments = [
            "--no-browser",
            "--bind",
            "127.0.0.1",
            "--port",
            str(port),
            "--database",
            str(folder / "t.sqlite3"),
        ]
        self.server = subprocess.Popen(
            [*command, "-m", "taguette.main", *arguments],
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        address = self._address(port)
        self.root = address.partition("?")[0].rstrip("/")
        self.get(address.removeprefix(self.root))

    def _address(self, port: int) -> str:
        """Wait for the address with its token that the server prints."""
        for _ in range(240):
            time.sleep(0.25)
            printed = Path(self.log.name).read_text("utf-8")
            found = re.search(rf"http://\S*:{port}/\S*", printed)
            if found:
                return found.group().replace("localhost", "127.0.0.1")
            assert self.server.poll() is None, printed
        raise AssertionError(printed)

    def get(self, path: str) -> tuple[str, bytes]:
        with self.opener.open(self.root + path, timeout=60) as answer:
            return answer.url, answer.read()

    def post(self, path: str, fields: dict[str, str], file: Path | None = None) -> tuple[str, bytes]:
        """Send a form with the token against forged requests that its page carries."""
        page = self.get(path)[1].decode()
        token = re.search(r'name="_xsrf" value="([^"]+)"', page)
        assert token, page
        boundary = "----walks"
        parts = [("", name, value.encode()) for name, value in {"_xsrf": token[1], **fields}.items()]
        if file is not None:
            parts.append((f'; filename="{file.name}"', "file", file.read_bytes()))
        body = b"".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode() + value + b"\r\n"
            for extra, name, value in parts
        )
        request = urllib.request.Request(
            self.root + path,
            data=body + f"--{boundary}--\r\n".encode(),
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
        )
        with self.opener.open(request, timeout=60) as answer:
            return answer.url, answer.read()

    def close(self) -> None:
        os.killpg(self.server.pid, signal.SIGTERM)
        self.server.wait(timeout=30)
        self.log.close()


@pytest.fixture
def taguette(tmp_path):
    server = Taguette(tmp_path)
    yield server
    server.close()


@pytest.mark.slow
def test_taguette_takes_our_codebook_and_gives_it_back(taguette: Taguette, tmp_path) -> None:
    """The codebook goes into a running Taguette as CSV and comes back as .qdc and as CSV."""
    refiqda.import_project(walks(tmp_path), tmp_path / "out")
    codebook = refiqda.load_project(tmp_path / "out").codebook
    file = refiqda.export_codebook(codebook, tmp_path / "codes.csv")
    wanted = dict(zip(codebooks.paths(codebook, separator="."), codebook["definition"], strict=True))

    project, _ = taguette.post("/project/new", {"name": "Walks", "description": ""})
    project = project.removeprefix(taguette.root)
    review = taguette.post(f"{project}/import_codebook", {}, file)[1].decode()
    offered = dict(re.findall(r'name="(tag\d+-(?:path|description))" value="([^"]*)"', review))
    fields = {name: html.unescape(value) for name, value in offered.items()}
    assert sorted(value for name, value in fields.items() if name.endswith("path")) == sorted(wanted)
    ticked = {name.replace("path", "import"): "on" for name in fields if name.endswith("path")}
    taguette.post(f"{project}/import_codebook", {**fields, **ticked})

    table = taguette.get(f"{project}/export/codebook.csv")[1].decode()
    back = {line["tag"]: line["description"] for line in csv.DictReader(io.StringIO(table))}
    assert back.pop("interesting"), "the tag that Taguette gives every project"
    assert back == wanted

    (tmp_path / "back.qdc").write_bytes(taguette.get(f"{project}/export/codebook.qdc")[1])
    again, report = refiqda.read_project(tmp_path / "back.qdc")
    assert sorted(again.codebook["code"]) == sorted([*wanted, "interesting"]), "flat: a path with dots is a name"
    assert report.origin.startswith("Taguette")
    assert report.problems == {}


@pytest.mark.slow
def test_pyrefiqda_opens_our_project(tmp_path) -> None:
    """A reader whose classes were generated from the official schema finds everything where it belongs."""
    refiqda.import_project(walks(tmp_path), tmp_path / "out")
    refiqda.export_project(tmp_path / "out", tmp_path / "ours.qdpx")
    command = [*python_with("COMPENDIUM_PYREFIQDA", PYREFIQDA), "-c", PYREFIQDA_SCRIPT, "ours.qdpx", "unpacked"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    project = refiqda.load_project(tmp_path / "out")
    segments = project.segments
    texts = project.sources.loc[
        (project.sources["kind"] == "text") & (project.sources["role"] == "source"), "source_id"
    ]
    wanted = segments[segments["source_id"].isin(texts) & (segments["kind"] == "text")]
    assert json.loads(done.stdout) == {
        "users": ["Robin", "Sam"],
        "sources": ["Rowan", "Ash"],
        "places": wanted[["start", "end"]].to_numpy().tolist(),
        "codings": int(project.codings["segment_id"].isin(wanted["segment_id"]).sum()),
        "cases": ["Northtown", "Southend"],
    }
