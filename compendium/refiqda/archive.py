"""Opens .qdpx, .qde and .qdc files without trusting them."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO
from urllib.parse import unquote

from compendium.errors import CompendiumError

MAX_RATIO = 200
"""A part of more than 1 MiB that unpacks to more than this many times its packed size is a bomb."""
MAX_XML = 512 * 2**20
"""Bytes of project XML that are read at most."""
MAX_TEXT = 64 * 2**20
"""Bytes of one plain text that are read at most."""
MAX_TEXTS = 256 * 2**20
"""Bytes of plain text that are read at most in one project."""
MAX_MEMBERS = 100_000
"""Parts that an archive may hold at most."""
RATIO_APPLIES_FROM = 2**20
PIECE = 2**16
"""Bytes that are unpacked at a time."""

BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


class Archive:
    """A REFI-QDA file: the project XML and the plain texts it refers to.

    Parameters
    ----------
    path : a .qdpx archive, or a .qde or .qdc file (told by content, not by name).

    Raises
    ------
    CompendiumError : not such a file, damaged, or unsafe (a part outside the archive, a bomb, encrypted).
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.texts_read = 0
        self._zip: zipfile.ZipFile | None = None
        self._members: dict[str, zipfile.ZipInfo] = {}
        if not self.path.is_file():
            raise CompendiumError("there is no such file", file=path, expected="a .qdpx, .qde or .qdc file")
        with self.path.open("rb") as handle:
            head = handle.read(256)
        if not head:
            raise CompendiumError("the file is empty (0 bytes)", file=path)
        if head.startswith(b"PK"):
            self._open_zip()
        elif _looks_like_html(head):
            raise CompendiumError(
                "the file is a saved web page under another name", file=path,
                expected="the .qdpx, .qde or .qdc file that the tool exports; download it again",
            )  # fmt: skip
        elif _looks_like_xml(head):
            self._check_size(self.path.stat().st_size, self.path.name)
        else:
            raise CompendiumError(
                "the file is neither a zip archive nor XML",
                file=path,
                found=f"first bytes {head[:8].hex(' ')}",
                expected="a .qdpx, .qde or .qdc file",
            )

    @contextmanager
    def xml(self) -> Iterator[IO[bytes]]:
        """Open the project XML (or the codebook XML) for reading."""
        if self._zip is None:
            with self.path.open("rb") as handle:
                yield handle
            return
        with self._opened(self._project_member()) as handle:
            yield handle

    def text(self, reference: str) -> bytes | None:
        """Return the bytes of a plain text by its ``internal://`` or ``relative://`` reference; None if not held.

        Absolute paths are never followed: they name files on the machine of whoever exported the project.
        """
        name, scheme = _named(reference)
        if not name:
            return None
        if (member := self._member(name)) is not None:
            return self._read_member(member)
        if self._zip is not None and scheme != "relative":
            return None
        return self._read_beside(name)

    def pieces(self, reference: str) -> Iterator[bytes] | None:
        """Return the bytes of an attachment in pieces, by its reference; None where the archive does not hold it."""
        name, _ = _named(reference)
        member = self._member(name) if name else None
        return None if member is None else self._pieces(member)

    def _pieces(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        assert self._zip is not None
        try:
            with self._zip.open(member) as handle:
                yield from iter(lambda: handle.read(PIECE), b"")
        except BROKEN as error:
            raise self._damaged(member) from error

    def _member(self, name: str) -> zipfile.ZipInfo | None:
        keys = (name, f"sources/{name}", PurePosixPath(name).name)
        return next((self._members[key.casefold()] for key in keys if key.casefold() in self._members), None)

    def close(self) -> None:
        """Close the file."""
        if self._zip is not None:
            self._zip.close()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open_zip(self) -> None:
        try:
            self._zip = zipfile.ZipFile(self.path)
        except BROKEN as error:
            raise CompendiumError(
                "the zip archive is cut off or damaged; export or copy it again", file=self.path
            ) from error
        try:
            members = self._zip.infolist()
            if len(members) > MAX_MEMBERS:
                raise CompendiumError(
                    "the archive holds too many parts",
                    file=self.path,
                    found=len(members),
                    expected=f"at most {MAX_MEMBERS:,}",
                )
            for member in members:
                self._admit(member)
        except BaseException:
            self._zip.close()
            raise

    def _admit(self, member: zipfile.ZipInfo) -> None:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or PureWindowsPath(name).drive or "\0" in name:
            raise CompendiumError(
                "the archive names a part outside itself, which no export does; nothing was unpacked",
                file=self.path,
                found=member.filename,
            )
        if stat.S_ISLNK(member.external_attr >> 16):
            raise CompendiumError("the archive holds a symbolic link", file=self.path, found=member.filename)
        if member.file_size > RATIO_APPLIES_FROM and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise CompendiumError(
                "a part of the archive unpacks to far more than any export does (a zip bomb)",
                file=self.path,
                found=f"'{member.filename}' with {member.file_size:,} bytes from {member.compress_size:,}",
                expected=f"at most {MAX_RATIO} times its packed size",
            )
        if member.is_dir():
            return
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise CompendiumError(
                "a part of the archive is packed in a way that no export uses", file=self.path, found=member.filename
            )
        key = name.casefold()
        if key in self._members:
            raise CompendiumError("the archive holds one part twice", file=self.path, found=member.filename)
        self._members[key] = member
        if key.rpartition("/")[0].rpartition("/")[2] == "sources":
            self._members.setdefault("sources/" + key.rpartition("/")[2], member)

    def _project_member(self) -> zipfile.ZipInfo:
        projects = [member for key, member in self._members.items() if key.endswith(".qde")]
        named = [member for member in projects if member.filename.casefold() == "project.qde"]
        if len(projects) > 1 and len(named) != 1:
            raise CompendiumError(
                "the archive holds several projects",
                file=self.path,
                found=sorted(member.filename for member in projects),
                expected="one .qde file",
            )
        if not projects:
            raise CompendiumError("the archive holds no project", file=self.path, expected="one .qde file")
        return (named or projects)[0]

    @contextmanager
    def _opened(self, member: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
        assert self._zip is not None
        self._check_size(member.file_size, member.filename)
        try:
            handle = self._zip.open(member)
        except BROKEN as error:
            raise self._damaged(member) from error
        with handle:
            try:
                yield handle
            except (zipfile.BadZipFile, zlib.error, EOFError) as error:
                raise self._damaged(member) from error

    def _read_member(self, member: zipfile.ZipInfo) -> bytes:
        assert self._zip is not None
        self._count_text(member.file_size, member.filename)
        try:
            with self._zip.open(member) as handle:  # in pieces, for what is declared may be far less than what comes
                return b"".join(iter(lambda: handle.read(PIECE), b""))
        except BROKEN as error:
            raise self._damaged(member) from error

    def _read_beside(self, name: str) -> bytes | None:
        """Read a text that lies beside the file or in its sources folder, and nothing further away."""
        folder = self.path.resolve().parent
        if not name.casefold().endswith(".txt"):
            return None
        for candidate in (folder / name, folder / "sources" / name, folder / "Sources" / name):
            resolved = candidate.resolve()
            if resolved.is_relative_to(folder) and resolved.is_file():
                self._count_text(resolved.stat().st_size, name)
                return resolved.read_bytes()
        return None

    def _count_text(self, size: int, name: str) -> None:
        self.texts_read += size
        if size > MAX_TEXT or self.texts_read > MAX_TEXTS:
            raise CompendiumError(
                f"the plain texts are too large (at '{name}')",
                file=self.path,
                found=f"{max(size, self.texts_read):,} bytes",
                expected=f"at most {MAX_TEXT:,} bytes a text and {MAX_TEXTS:,} in all",
            )

    def _check_size(self, size: int, name: str) -> None:
        if size > MAX_XML:
            raise CompendiumError(
                f"the project XML '{name}' is too large",
                file=self.path,
                found=f"{size:,} bytes",
                expected=f"at most {MAX_XML:,}",
            )

    def _damaged(self, member: zipfile.ZipInfo) -> CompendiumError:
        if member.flag_bits & 1:
            return CompendiumError("the archive is encrypted; export it without a password", file=self.path)
        return CompendiumError(f"'{member.filename}' in the archive is damaged", file=self.path)


def decoded(content: bytes) -> tuple[str, bool]:
    """Decode a plain text; return it without its byte-order mark, and whether it had one.

    Raises
    ------
    UnicodeDecodeError : neither UTF-8 nor UTF-16 or UTF-32 with a byte-order mark.
    """
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe\0\0", "utf-32-le"),
        (b"\0\0\xfe\xff", "utf-32-be"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding), True
    if unmarked := _utf_16(content):
        return content.decode(unmarked), False
    return content.decode("utf-8"), False


def _named(reference: str) -> tuple[str, str]:
    """Return the path of a reference and its scheme; no path where it leads out of the archive."""
    scheme, _, rest = reference.strip().rpartition("://")
    name = unquote(rest).replace("\\", "/").lstrip("/")
    parts = PurePosixPath(name).parts
    out = scheme.casefold() in ("absolute", "file", "http", "https") or not parts or ".." in parts
    return ("" if out or PureWindowsPath(name).drive else name), scheme.casefold()


def _utf_16(content: bytes) -> str:
    """Return which UTF-16 a text without a mark is in, '' where it is in none.

    UTF-8 texts have no NULs. In UTF-16 a blank or a Latin letter has a NUL before or after it, by the order of bytes; a
    text of any script has blanks or line ends.
    """
    if len(content) % 2 or b"\0" not in content:
        return ""
    plain = frozenset(b" \n\r\t,.?" + bytes(range(65, 91)) + bytes(range(97, 123)))
    spaces = {
        encoding: sum(
            high == 0 and low in plain for low, high in zip(content[low::2], content[1 - low :: 2], strict=True)
        )
        for encoding, low in (("utf-16-le", 0), ("utf-16-be", 1))
    }
    best = max(spaces, key=lambda encoding: spaces[encoding])
    try:
        content.decode(best)
    except UnicodeDecodeError:
        return ""
    return best if spaces[best] else ""


def _looks_like_html(head: bytes) -> bool:
    text = head.decode("utf-8-sig", "ignore").lstrip().casefold()
    return re.match(r"<(?:!doctype html|html|head|body)\b", text) is not None


def _looks_like_xml(head: bytes) -> bool:
    for encoding in ("utf-8-sig", "utf-16"):
        if head.decode(encoding, "ignore").lstrip("\ufeff \t\r\n").startswith("<"):
            return True
    return False
