"""The head of every page of the website, from one record: description, address, picture, citation, linked data.

It also writes what a host and a search engine look for: ``sitemap.xml``, ``robots.txt``, and a base for ``404.html``.
Quarto runs this file by itself after `quarto render` (``project: post-render:``), with whatever Python it finds, so it
imports nothing but the standard library. For the embedded engine `compendium render` calls `describe`.
"""

from __future__ import annotations

import html
import json
import os
import posixpath
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

DONE_ELSEWHERE = "COMPENDIUM_ATTACHES"  # set where the caller of Quarto describes the pages once Quarto has ended
RECORD = "site.json"
GENERATED = "site_libs"
BEGIN, END = "<!-- of this page -->", "<!-- end -->\n"
OURS = re.compile(rf"{BEGIN}.*?{END}", re.DOTALL)
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
PARAGRAPH = re.compile(r"<main\b.*?<p>(.*?)</p>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
ICON = re.compile(r'<link\b[^>]*\brel="icon"[^>]*\bhref="([^"]+)"|<link\b[^>]*\bhref="([^"]+)"[^>]*\brel="icon"')
AUTHOR = re.compile(r'<meta name="author" content="([^"]*)"')
REPORT = re.compile(r'<p class="report-error">.*?</p>')
BUILD = re.compile(r'(<span class="build-(commit|date|version)">).*?(</span>)', re.DOTALL)
DESCRIBED = 200  # characters of a description taken from the text
DATA_PAGE = "manuscript/site/data.html"


def describe(website: Path, made: Path, commit: str = "", epoch: int = 0) -> None:
    """Write the head of every page; what an earlier call wrote is replaced.

    Parameters
    ----------
    website : the website's folder, rendered, with the paper and the thesis beside it.
    made : ``build/pages/``, for the website's record; without one nothing is written.
    commit, epoch : name and time of the commit that the website was built from, where they are known.
    """
    if not (made / RECORD).is_file():
        return
    about: dict[str, Any] = json.loads((made / RECORD).read_text(encoding="utf-8"))
    day = datetime.fromtimestamp(epoch, UTC) if commit else None
    build = {"commit": commit, "date": f"{day.day} {day:%B %Y}" if day else "", "version": about["version"]}
    icon = _icon(website / "index.html")
    addresses = []
    for page in sorted(website.rglob("*.html")):
        address = page.relative_to(website).as_posix()
        if address.startswith(GENERATED):
            continue
        before = page.read_text(encoding="utf-8")
        text = OURS.sub("", before)
        head = [*_tags(text, address, about, website), _linked_data(text, address, about, website)]
        if icon and not ICON.search(text):
            head.append(f'<link rel="icon" href="{_beside(icon, address)}">')
        if address == "404.html" and about["address"]:
            head.append(f'<base href="{html.escape(about["address"].rstrip("/"))}/">')
        elif address != "404.html":
            addresses.append(address)
        text = text.replace("</head>", BEGIN + "\n" + "\n".join(head) + "\n" + END + "</head>", 1)
        text = with_report(text, address, about, build["commit"])
        text = BUILD.sub(lambda m: f"{m[1]}{html.escape(build[m[2]])}{m[3]}" if build[m[2]] else m[0], text)
        if text != before:
            page.write_bytes(text.encode("utf-8"))
    lines = ["User-agent: *", "Allow: /"]
    if about["address"]:
        rows = "".join(f"<url><loc>{html.escape(_absolute(address, about))}</loc></url>\n" for address in addresses)
        schema = "http://www.sitemaps.org/schemas/sitemap/0.9"
        sitemap = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{schema}">\n{rows}</urlset>\n'
        (website / "sitemap.xml").write_bytes(sitemap.encode("utf-8"))
        lines.append(f"Sitemap: {_absolute('sitemap.xml', about)}")
    (website / "robots.txt").write_bytes(("\n".join(lines) + "\n").encode("utf-8"))


def _beside(target: str, page: str) -> str:
    return posixpath.relpath(target, posixpath.dirname(page) or ".")


def _absolute(target: str, about: dict[str, Any]) -> str:
    path = "" if target == "index.html" else target.removesuffix("/index.html") + "/" * target.endswith("/index.html")
    return f"{about['address'].rstrip('/')}/{quote(path)}"


def _address(target: str, page: str, about: dict[str, Any]) -> str:
    """Return a file's address: where the website stands, if it says so, else as seen from the page."""
    return _absolute(target, about) if about["address"] else _beside(target, page)


def _icon(home: Path) -> str:
    found = ICON.search(home.read_text(encoding="utf-8")) if home.is_file() else None
    icon = (found[1] or found[2]) if found else ""
    return "" if ":" in icon else icon


def title(page: str) -> str:
    """Return a page's own title, as plain text, without the website's."""
    found = TITLE.search(page)
    whole = " ".join(html.unescape(found[1]).split()) if found else ""
    return whole.rpartition(" – ")[0] or whole


def description(page: str) -> str:
    """Return a page's description: its own, else the beginning of its first paragraph, cut at a word."""
    own = re.search(r'<meta name="description" content="([^"]*)"', page)
    if own:
        return html.unescape(own[1])
    found = PARAGRAPH.search(page)
    words = " ".join(html.unescape(TAG.sub("", found[1])).split()) if found else ""
    return words if len(words) <= DESCRIBED else words[:DESCRIBED].rpartition(" ")[0] + " …"


def _tags(page: str, address: str, about: dict[str, Any], website: Path) -> list[str]:
    told = description(page)
    tags = []
    if told and '<meta name="description"' not in page:
        tags.append(_meta("name", "description", told))
    if about["address"]:
        tags.append(f'<link rel="canonical" href="{html.escape(_absolute(address, about))}">')
    graph = {
        "og:title": title(page),
        "og:type": "article" if address.startswith("paper/") else "website",
        "og:site_name": about["title"],
        "og:description": told,
        "og:url": _absolute(address, about) if about["address"] else "",
    }
    if about.get("picture"):
        graph["og:image"] = _address(about["picture"]["file"], address, about)
        graph["og:image:alt"] = about["picture"]["alt"]
        tags.append(_meta("name", "twitter:card", "summary_large_image"))
    tags += [_meta("property", name, value) for name, value in graph.items() if value]
    if address.startswith("paper/"):
        tags += [_meta("name", f"citation_{name}", value) for name, value in _citation(page, address, about, website)]
    return tags


def _citation(page: str, address: str, about: dict[str, Any], website: Path) -> list[tuple[str, str]]:
    """Return what reference managers read of the paper: title, authors, date, files, language, keywords."""
    found = [("title", title(page)), *(("author", html.unescape(name)) for name in AUTHOR.findall(page))]
    found += [("publication_date", about["date"].replace("-", "/")), ("language", "en")]
    found += [("publisher", ", ".join(about["authors"])), ("keywords", "; ".join(about["keywords"]))]
    pdf = posixpath.splitext(address)[0] + ".pdf"
    if (website / pdf).is_file():
        found.append(("pdf_url", _address(pdf, address, about)))
    if about["address"]:
        found.append(("abstract_html_url", _absolute(address, about)))
    return [(name, value) for name, value in found if value]


def _meta(kind: str, name: str, value: str) -> str:
    return f'<meta {kind}="{name}" content="{html.escape(value)}">'


def _linked_data(page: str, address: str, about: dict[str, Any], website: Path) -> str:
    """Return the page's linked data: the home page tells of all, the paper of itself, the data page of every table."""
    people = [{"@type": "Organization" if " team" in name else "Person", "name": name} for name in about["authors"]]
    common = {
        "creator": people,
        "isBasedOn": [_work(work) for work in about["builds-on"]],
        "keywords": about["keywords"],
        "inLanguage": "en-GB",
    }
    data = {
        "@type": "Dataset", "name": f"{about['title']}: data", "license": about["data-licence"], **common,
        "description": about["description"] or about["title"], "isAccessibleForFree": True,
        "url": _address(DATA_PAGE, address, about),
    }  # fmt: skip
    code = {
        "@type": "SoftwareSourceCode", "name": about["title"], "description": about["description"],
        "programmingLanguage": "Python", "version": about["version"], "dateModified": about["date"],
        "license": about["licence"], **common,
    }  # fmt: skip
    if address == "index.html":
        graph = [{"@type": "WebSite", "name": about["title"], "description": about["description"]}, code, data]
    elif address.startswith("paper/"):
        authors = [{"@type": "Person", "name": html.unescape(name)} for name in AUTHOR.findall(page)] or people
        article = {
            "@type": "ScholarlyArticle", "headline": title(page), "author": authors, "datePublished": about["date"],
            "license": about["data-licence"], "description": description(page),
        }  # fmt: skip
        graph = [article | common]
    elif address == DATA_PAGE:
        files = [
            {"@type": "DataDownload", "name": table["title"], "encodingFormat": "text/csv",
             "contentUrl": _address(table["file"], address, about)}
            for table in about["data"]
            if (website / table["file"]).is_file()
        ]  # fmt: skip
        graph = [data | {"distribution": files}]
    else:
        graph = [{"@type": "WebPage", "name": title(page), "description": description(page),
                  "isPartOf": {"@type": "WebSite", "name": about["title"]}}]  # fmt: skip
    kept = [{key: value for key, value in item.items() if value} for item in graph]
    text = json.dumps({"@context": "https://schema.org", "@graph": kept}, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{text}</script>'


def _work(work: dict[str, Any]) -> dict[str, Any]:
    """Return a work that the project builds on as linked data."""
    authors = [{"@type": "Person", "name": name} for name in work["authors"]]
    address = {"@id": f"https://doi.org/{work['doi']}"} if work["doi"] else {}
    return {"@type": "ScholarlyArticle", "name": work["title"], "author": authors, **address}


def with_report(page: str, address: str, about: dict[str, Any], commit: str) -> str:
    """Return a page with a link at its foot that reports an error on it: a new issue, or a mail, filled in."""
    subject = f"Error on {address}" + (f" ({commit})" if commit else "")
    place = _absolute(address, about) if about["address"] else address
    body = f"Page: {place}\n\nWhat it says:\n\nWhat it should say, and why:\n"
    to = about["report"] or "mailto:"  # without an address the reader's own mail program asks for one
    names = ("subject", "body") if to.startswith("mailto:") else ("title", "body")
    filled = "&".join(f"{name}={quote(value)}" for name, value in zip(names, (subject, body), strict=True))
    target = html.escape(to + ("&" if "?" in to else "?") + filled)
    link = f'<p class="report-error"><a href="{target}">Report an error on this page</a></p>'
    page = REPORT.sub("", page)
    if "</footer>" in page:
        before, mark, after = page.rpartition("</footer>")
        return before + link + mark + after
    return page.replace("</body>", f'<footer class="page-footer">{link}</footer></body>', 1)


def main() -> None:
    """Describe the pages after a plain ``quarto render``, which says where its output lies."""
    output = os.environ.get("QUARTO_PROJECT_OUTPUT_DIR")
    if output and not os.environ.get(DONE_ELSEWHERE):
        describe(Path(output), Path("build/pages"))


if __name__ == "__main__":
    main()
