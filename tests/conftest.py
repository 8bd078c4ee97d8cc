"""Fixtures shared by all tests: where the materials lie that are never committed, and a project of one's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("COMPENDIUM_SHARED") or PROJECT.parent / "shared")


def _shared(name: str, what: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"{what} not found: set COMPENDIUM_SHARED to the folder that holds '{name}/'")
    return folder


@pytest.fixture(scope="session")
def project() -> Path:
    """Return the project's folder."""
    return PROJECT


@pytest.fixture(scope="session")
def seeds() -> Path:
    """Return the folder of the five source documents, or skip."""
    return _shared("seeds", "the source documents are")


@pytest.fixture(scope="session")
def raw_mirror() -> Path:
    """Return the local mirror of the raw open data, or skip."""
    return _shared("raw", "the raw open data are")


@pytest.fixture(scope="session")
def qdpx() -> Path:
    """Return the folder of real REFI-QDA exports, or skip."""
    return _shared("qdpx", "the real REFI-QDA exports are")
