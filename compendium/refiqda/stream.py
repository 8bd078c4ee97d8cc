"""Streams the XML of a project: safely, and in memory for one source at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException, DTDForbidden
from defusedxml.ElementTree import iterparse

from compendium.errors import CompendiumError
from compendium.refiqda.elements import local

MAX_DEPTH = 200
"""Elements nested deeper than this are refused."""


def sections(stream: IO[bytes], file: Path, root: Callable[[Element], None]) -> Iterator[tuple[str, Element]]:
    """Yield the parts of a project one by one, with the section each stands in, and forget them.

    Parameters
    ----------
    root : called with the root element before anything else is read; may refuse it.

    Raises
    ------
    CompendiumError : the XML is not well formed, nested too deeply, or declares a document type or entities.
    """
    open_elements: list[Element] = []
    try:
        for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                open_elements.append(element)
                if len(open_elements) == 1:
                    root(element)
                elif len(open_elements) > MAX_DEPTH:
                    raise CompendiumError(
                        "the XML is nested too deeply",
                        file=file,
                        expected=f"at most {MAX_DEPTH} levels",
                    )
                continue
            open_elements.pop()
            depth = len(open_elements)
            if depth == 2:
                yield local(open_elements[1]), element
                open_elements[1].clear()
            elif depth == 1:
                if local(element) in ("Description", "NoteRef"):
                    yield "Project", element
                open_elements[0].clear()
    except DTDForbidden as error:
        raise CompendiumError(
            "the XML declares a document type, which no export needs and which can carry an attack",
            file=file,
        ) from error
    except DefusedXmlException as error:
        raise CompendiumError(
            "the XML declares entities or refers to outside files, which no export needs", file=file
        ) from error
    except ParseError as error:
        line = error.position[0] if hasattr(error, "position") else None
        raise CompendiumError(f"the project XML is not well formed ({error})", file=file, row=line) from error
    except (ValueError, LookupError, AssertionError) as error:
        raise CompendiumError(f"the project XML cannot be read ({error})", file=file) from error
