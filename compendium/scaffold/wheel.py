"""The tool as a wheel, made from where it is installed, so that a study can carry the very tool that wrote it.

An installation keeps no wheel. This puts one together from the package's files and the metadata of the distribution;
the standard library suffices, for a wheel is a zip with a list of digests (PEP 427).
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import io
import zipfile
from pathlib import Path

from compendium import __version__
from compendium.errors import CompendiumError

DISTRIBUTION = "mixed-methods-compendium"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
LEFT_OUT = ("direct_url.json", "INSTALLER", "RECORD", "REQUESTED", "uv_build.json", "uv_cache.json")
CACHES = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}  # what tools leave in a package that they read
WHEEL = "Wheel-Version: 1.0\nGenerator: compendium\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def name() -> str:
    """Return the file name of the wheel of this version."""
    return f"{DISTRIBUTION.replace('-', '_')}-{__version__}-py3-none-any.whl"


def content() -> bytes:
    """Return the wheel; the same installation gives the same bytes.

    Raises
    ------
    CompendiumError : the tool runs from files that are not installed, or its metadata are of another version.
    """
    info = f"{name().removesuffix('-py3-none-any.whl')}.dist-info"
    files = {f"compendium/{path}": data for path, data in _package().items()}
    files |= {f"{info}/{path}": data for path, data in _metadata().items()}
    files[f"{info}/WHEEL"] = WHEEL.encode()
    record = [f"{path},sha256={_digest(data)},{len(data)}" for path, data in sorted(files.items())]
    files[f"{info}/RECORD"] = "".join(f"{line}\n" for line in [*record, f"{info}/RECORD,,"]).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in sorted(files.items(), key=lambda item: (item[0].startswith(info), item[0])):
            item = zipfile.ZipInfo(path, EPOCH)
            item.compress_type, item.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(item, data, compresslevel=9)
    return out.getvalue()


def _package() -> dict[str, bytes]:
    root = Path(__file__).resolve().parents[1]
    paths = (path for path in root.rglob("*") if path.is_file())
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in paths if not CACHES.intersection(path.parts)
    }


def _metadata() -> dict[str, bytes]:
    """Return what the installation knows of the distribution, less what holds of this machine alone."""
    try:
        installed = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError as error:
        raise CompendiumError(
            "the tool cannot travel with a study, for it is not installed", expected=f"an installed {DISTRIBUTION}"
        ) from error
    if installed.version != __version__:
        raise CompendiumError(
            "the installed metadata are not those of this tool",
            found=installed.version, expected=f"{__version__}: install it again",
        )  # fmt: skip
    found: dict[str, bytes] = {}
    for path in installed.files or []:
        _, marked, inner = path.as_posix().partition(".dist-info/")
        if marked and inner not in (*LEFT_OUT, "WHEEL"):
            found[inner] = Path(str(path.locate())).read_bytes()
    # Without the README of the place where the tool is made.
    found["METADATA"] = found["METADATA"].partition(b"\n\n")[0].rstrip() + b"\n"
    return found


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
