"""The registry of raw open data, and how each file comes from the cache, a mirror folder or the network."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from compendium import project
from compendium.data.rawfiles import REGISTRY, Source
from compendium.errors import CompendiumError


@dataclass(frozen=True)
class Registry:
    """All of `data/sources.toml`: its sources, and the tables that the study's own code reads."""

    sources: Mapping[str, Source]
    tables: Mapping[str, Any] = field(default_factory=dict)

    def source(self, identifier: str) -> Source:
        """Return one source, or raise `CompendiumError` naming the known ones."""
        return known(self.sources, identifier, "source")


def known(entries: Mapping[str, Any], identifier: str, kind: str) -> Any:
    """Return one entry of a table of the registry, or raise `CompendiumError` naming those that are there."""
    if identifier not in entries:
        raise CompendiumError(f"unknown {kind}", file=REGISTRY, found=identifier, expected=sorted(map(str, entries)))
    return entries[identifier]


@cache
def _parse(path: Path, _stamp: int) -> Registry:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CompendiumError(f"the source registry cannot be read ({error})", file=project.relative(path)) from None
    name = project.relative(path)
    sources = {key: Source.build(key, entry, name) for key, entry in content.pop("sources", {}).items()}
    return Registry(sources, content)


def registry(path: str | Path | None = None) -> Registry:
    """Return the registry of sources, by default that of the project.

    Raises
    ------
    CompendiumError : the file is missing or an entry is incomplete, unknown or malformed.
    """
    target = Path(path) if path is not None else project.root() / REGISTRY
    if not target.is_file():
        raise CompendiumError("the source registry is missing", file=project.relative(target))
    return _parse(target, target.stat().st_mtime_ns)


def cache_folder() -> Path:
    """Return the folder that keeps downloads: ``COMPENDIUM_CACHE`` or `data/raw/` in the project."""
    return Path(os.environ.get("COMPENDIUM_CACHE") or project.root() / "data" / "raw")


def mirror_folder() -> Path | None:
    """Return ``COMPENDIUM_MIRROR``, a folder that holds copies of the raw files, or None."""
    mirror = os.environ.get("COMPENDIUM_MIRROR")
    return Path(mirror) if mirror else None


def fetch(
    ids: Iterable[str] | None = None,
    *,
    mirror: str | Path | None = None,
    cache: str | Path | None = None,
    progress: bool = False,
    sources: Registry | None = None,
    retries: int = 2,
    timeout: float = 30,
) -> dict[str, Path]:
    """Return verified local files, taken from the cache, else the mirror, else the network.

    The cache is the verified files: a file gets its name there only once its SHA-256 is right, and a failure leaves
    every file of that name as it was. A download that breaks off keeps its bytes beside them, as
    `FILE.CHECKSUM.partial`; the next attempt, in this call or a later one, continues there by byte range, and a
    complete download removes the partial file. No partial file is ever returned, and a download with a wrong checksum
    leaves none.

    Parameters
    ----------
    ids : sources to bring, by default all of the registry.
    mirror, cache : folders, by default ``COMPENDIUM_MIRROR`` and ``COMPENDIUM_CACHE`` (or `data/raw/`).
    progress : show a progress bar per download.
    retries : further attempts after a failed download, with a growing pause between them.
    timeout : seconds without any data after which an attempt fails.

    Returns
    -------
    dict of source id to path. A mirrored file is used where it lies.

    Raises
    ------
    CompendiumError : an unknown id, a wrong checksum in the mirror or from the network, or no network.
    """
    listed = sources or registry()
    wanted = [listed.source(identifier) for identifier in (listed.sources if ids is None else ids)]
    store = Path(cache) if cache is not None else cache_folder()
    copies = Path(mirror) if mirror is not None else mirror_folder()
    if copies is not None and not copies.is_dir():
        raise CompendiumError("the mirror folder does not exist", file=copies)
    return {
        source.id: _held(source, store, copies) or _download(source, store, progress, retries, timeout)
        for source in wanted
    }


def missing(
    ids: Iterable[str] | None = None,
    *,
    mirror: str | Path | None = None,
    cache: str | Path | None = None,
    sources: Registry | None = None,
) -> list[str]:
    """Return the ids that neither the cache nor the mirror holds, without using the network."""
    listed = sources or registry()
    store = Path(cache) if cache is not None else cache_folder()
    copies = Path(mirror) if mirror is not None else mirror_folder()
    wanted = [listed.source(identifier) for identifier in (listed.sources if ids is None else ids)]
    return [source.id for source in wanted if _held(source, store, copies) is None]


def _held(source: Source, store: Path, mirror: Path | None) -> Path | None:
    """Return the verified copy in the cache or the mirror; a spoilt copy in the cache counts as none."""
    cached = store / source.file
    if cached.is_file() and project.sha256(cached) == source.sha256:
        return cached
    if mirror is None:
        return None
    copy = mirror / source.file
    if not copy.is_file():
        return None
    found = project.sha256(copy)
    if found != source.sha256:
        raise CompendiumError(
            f"the mirror's copy of {source.id} has another checksum, so it is not used",
            file=copy,
            found=f"SHA-256 {found}",
            expected=source.sha256,
        )
    return copy


def _download(source: Source, store: Path, progress: bool, retries: int, timeout: float) -> Path:
    """Download to a temporary file beside the cache's, verify, and move into place (pooch does all but transfer)."""
    import logging
    from functools import partial

    import pooch
    import requests

    from compendium.data import downloads

    pooch.get_logger().setLevel(logging.ERROR)
    existed = store.is_dir()
    downloader = partial(
        downloads.download,
        partial=downloads.partial_file(store / source.file, source.sha256),
        sha256=source.sha256,
        progress=progress,
        timeout=timeout,
        limit=source.limit,
    )
    one = pooch.create(
        path=store,
        base_url="",
        registry={source.file: source.sha256},
        urls={source.file: source.url},
        retry_if_failed=retries,
    )
    try:
        return Path(one.fetch(source.file, downloader=downloader))
    except downloads.BrokenOff as error:
        stalled = isinstance(error.__cause__, requests.ConnectionError)
        reason = "the server does not answer any more" if stalled else "the connection ended"
        raise CompendiumError(
            f"the download of {source.id} broke off before the file was complete, because {reason}, and the next fetch"
            " continues from there",
            file=source.url,
            found=f"{error.found} bytes",
            expected=None if error.expected is None else f"{error.expected} bytes",
        ) from error
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else "no"
        raise CompendiumError(
            f"the download of {source.id} failed: the server answered with status {status}", file=source.url
        ) from error
    except (requests.ConnectionError, requests.Timeout) as error:
        raise CompendiumError(
            f"{source.id} could not be downloaded, because the network or the server does not answer; put a copy named"
            f" {source.file} into a folder and name the folder in COMPENDIUM_MIRROR",
            file=source.url,
        ) from error
    except downloads.TooLarge as error:
        raise CompendiumError(
            f"the download of {source.id} was broken off and thrown away, because it is larger than its limit in the"
            " registry",
            file=source.url,
            found=f"{error.found:,} bytes or more",
            expected=f"at most {source.limit:,} bytes",
        ) from error
    except requests.RequestException as error:
        raise CompendiumError(f"the download of {source.id} failed ({error})", file=source.url) from error
    except OSError as error:
        raise CompendiumError(f"the cache folder cannot be written ({error.strerror})", file=store) from error
    except ValueError as error:  # pooch's word for a checksum that differs
        raise CompendiumError(
            f"the download of {source.id} has another checksum than the registry, so it was thrown away",
            file=source.url,
            expected=f"SHA-256 {source.sha256}",
        ) from error
    finally:
        if not existed and store.is_dir() and not any(store.iterdir()):
            store.rmdir()
