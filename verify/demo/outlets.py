"""The demonstration outlets and their pages, read from ``pages/``: files in, HTML out, no network.

A page is one file: ``key: value`` lines, a line with ``---``, then the HTML of the article's body. Its place
says its address: ``pages/wire.example/2025/03/08/toll.html`` is ``http://wire.example/2025/03/08/toll``. A
neighbour called ``toll.stage2.html`` replaces it in stage 2; ``gone-from: 2`` makes it disappear there.
"""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any

FOLDER = Path(__file__).parent / "pages"
STAGES = (1, 2)

NOTICES = {
    "en": "Demonstration page written for Verify. Not the outlet's own text.",
    "ar": "صفحة توضيحية كُتبت لبرنامج Verify، وليست من نصوص المؤسسة نفسها.",
}
_TIME_NOTES = {"en": "time set for the demonstration", "ar": "توقيت وُضع لغرض العرض التوضيحي"}
_PUBLISHED = {"en": "Published", "ar": "نُشر في"}
# The case plays in two months only.
_MONTHS = {"en": {3: "March", 4: "April"}, "ar": {3: "مارس", 4: "أبريل"}}


@dataclass(frozen=True)
class Outlet:
    """One host of the press site. ``stands_for`` names the real organisation whose role it plays, if any."""

    host: str
    name: str
    layout: str
    colour: str
    stands_for: str = ""
    compressed: bool = False
    chunked: bool = False
    redirects: tuple[tuple[str, int, str], ...] = ()

    @property
    def role(self) -> str:
        """The line under the masthead: whom this host plays."""
        if self.stands_for:
            return f"Stands in for {self.stands_for} in the demonstration"
        return "An invented outlet for the demonstration"


@dataclass(frozen=True)
class Page:
    """One published item, in UTC. The page says ``published``, the server says ``modified``."""

    outlet: Outlet
    path: str
    title: str
    byline: str
    language: str
    description: str
    published: datetime
    modified: datetime
    body: str
    gone_from: int | None
    media: str

    @property
    def url(self) -> str:
        return f"http://{self.outlet.host}{self.path}"


def _outlets() -> dict[str, Outlet]:
    with (FOLDER / "outlets.toml").open("rb") as file:
        rows: dict[str, dict[str, Any]] = tomllib.load(file)
    return {
        host: Outlet(host=host, **{**row, "redirects": tuple(map(tuple, row.get("redirects", ())))})
        for host, row in rows.items()
    }


OUTLETS = _outlets()
#: Every host name that the press site answers for.
HOSTS = tuple(OUTLETS)


@cache
def load(host: str, path: str, stage: int = 1) -> Page | None:
    """The page at this address in this stage, or None. A page that is gone is returned; see ``gone_from``."""
    base = (FOLDER / host).resolve()
    for suffix in [".stage2.html"] * (stage >= 2) + [".html"]:
        file = (base / (path.strip("/") + suffix)).resolve()
        if host in OUTLETS and file.is_relative_to(base) and file.is_file():
            return _parse(OUTLETS[host], path.rstrip("/"), file.read_text("utf-8"))
    return None


def pages(host: str | None = None) -> Iterator[Page]:
    """All pages of stage 1, of one outlet or of all, newest first within an outlet."""
    for name in [host] if host else HOSTS:
        files = [file for file in (FOLDER / name).rglob("*.html") if ".stage2." not in file.name]
        paths = ["/" + file.relative_to(FOLDER / name).as_posix().removesuffix(".html") for file in files]
        found = [page for path in paths if (page := load(name, path))]
        yield from sorted(found, key=lambda page: (page.published, page.path), reverse=True)


def _parse(outlet: Outlet, path: str, source: str) -> Page:
    head, _, body = source.partition("\n---\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    published = _moment(fields["published"])
    return Page(
        outlet=outlet,
        path=path,
        title=fields["title"],
        byline=fields["byline"],
        language=fields.get("language", "en"),
        description=fields["description"],
        published=published,
        modified=_moment(fields["changed"]) if "changed" in fields else published,
        body=body.strip(),
        gone_from=int(fields["gone-from"]) if "gone-from" in fields else None,
        media=fields.get("media", ""),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def render(page: Page) -> str:
    """The whole HTML document of a page in its outlet's layout."""
    layout = Template((FOLDER / "_layouts" / f"{page.outlet.layout}.html").read_text("utf-8"))
    return layout.substitute(
        head=_head(page),
        notice=_notice(page.language),
        masthead=_masthead(page.outlet),
        language=page.language,
        direction="rtl" if page.language == "ar" else "ltr",
        outlet=page.outlet.host.partition(".")[0],
        title=escape(page.title),
        byline=escape(page.byline),
        description=escape(page.description),
        date=_date_line(page),
        media=_media(page),
        body=page.body,
    )


def render_list(outlet: Outlet, title: str, note: str = "", listed: list[Page] | None = None) -> str:
    """A plain page of an outlet: its front page, or what it says for a page that is not there."""
    items = "".join(
        f'<li lang="{page.language}" dir="auto"><a href="{page.path}">{escape(page.title)}</a></li>'
        for page in listed or []
    )
    return (
        f'<!doctype html><html lang="en" dir="ltr"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/assets/style.css">'
        f'</head><body class="{outlet.host.partition(".")[0]}">{_notice("en")}{_masthead(outlet)}'
        f"<main><h1>{escape(title)}</h1><p>{escape(note)}</p><ul>{items}</ul></main></body></html>"
    )


def _notice(language: str) -> str:
    texts = [("en", NOTICES["en"])] + [(code, NOTICES[code]) for code in [language] if code != "en"]
    lines = "".join(
        f'<p lang="{code}" dir="{"rtl" if code == "ar" else "ltr"}">{escape(text, quote=False)}</p>'
        for code, text in texts
    )
    return f'<aside class="notice">{lines}</aside>'


def _masthead(outlet: Outlet) -> str:
    return (
        '<header class="masthead" lang="en" dir="ltr"><a href="/">'
        f'<img src="/assets/logo.svg" alt="" width="36" height="36">{escape(outlet.name)}</a>'
        f"<small>{escape(outlet.role)}</small></header>"
    )


def _date_line(page: Page) -> str:
    code, moment = page.language, page.published
    words = f"{moment.day} {_MONTHS[code][moment.month]} {moment.year}, {moment:%H:%M} UTC"
    return (
        f'{_PUBLISHED[code]} <time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{words}</time> '
        f'<span class="mark">({_TIME_NOTES[code]})</span>'
    )


def _media(page: Page) -> str:
    alternative = escape(page.description)
    if page.media.endswith(".webm"):
        source = f'src="/assets/{page.media}"'
        return f'<video controls preload="metadata" width="320" height="180" {source}></video>'
    if page.media:
        return (
            f'<figure><img src="/assets/{page.media}" alt="{alternative}" width="640" height="360"></figure>'
        )
    return ""


def _head(page: Page) -> str:
    moment = f"{page.published:%Y-%m-%dT%H:%M:%SZ}"
    metas = {
        "name": {"author": page.byline, "date": moment, "description": page.description, "robots": "noindex"},
        "property": {
            "og:type": "video.other" if page.media.endswith(".webm") else "article",
            "og:title": page.title,
            "og:description": page.description,
            "og:url": page.url,
            "og:site_name": page.outlet.name,
            "og:locale": "ar_AR" if page.language == "ar" else "en_GB",
            "article:published_time": moment,
        },
    }
    tags = [
        f'<meta {kind}="{name}" content="{escape(value)}">'
        for kind, pairs in metas.items()
        for name, value in pairs.items()
    ]
    linked = json.dumps(_linked_data(page, moment), ensure_ascii=False).replace("<", "\\u003c")
    return "\n".join(
        [
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(page.title)}</title>",
            *tags,
            f'<link rel="canonical" href="{page.url}">',
            '<link rel="icon" href="/assets/logo.svg">',
            '<link rel="stylesheet" href="/assets/style.css">',
            f'<script type="application/ld+json">{linked}</script>',
        ]
    )


def _linked_data(page: Page, moment: str) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": page.title,
        "description": page.description,
        "inLanguage": page.language,
        "datePublished": moment,
        "url": page.url,
        "author": {"@type": "Organization", "name": page.byline},
        "publisher": {"@type": "Organization", "name": page.outlet.name},
    }


def asset(host: str, name: str) -> tuple[str, bytes] | None:
    """Content type and bytes of a style sheet, logo, picture or clip; None if there is none of that name."""
    types = {".css": "text/css; charset=utf-8", ".png": "image/png", ".webm": "video/webm"}
    if name == "logo.svg":
        template = Template((FOLDER / "_layouts" / "logo.svg").read_text("utf-8"))
        outlet = OUTLETS[host]
        return "image/svg+xml", template.substitute(colour=outlet.colour, letter=outlet.name[0]).encode()
    file = FOLDER / "_assets" / name
    if "/" in name or file.suffix not in types or not file.is_file():
        return None
    return types[file.suffix], file.read_bytes()
