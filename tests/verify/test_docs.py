"""The documentation hangs together: every page can be reached, and no link of it leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


def links(page: Path) -> list[Path]:
    """The files and folders of ours that a page links to."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    found = [
        link for link in LINK.findall(text) if not re.match(r"[a-z]+:", link) and not link.startswith("/")
    ]
    return [(page.parent / link).resolve() for link in found]


def test_every_page_can_be_reached_from_the_first():
    listed = set(links(DOCS / "README.md"))
    missing = [
        str(page.relative_to(DOCS))
        for page in PAGES
        if page.parent.name not in ("docs", "decisions") and page not in listed
    ]
    assert not missing
    assert DOCS / "decisions" in listed


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_leads_nowhere(page):
    assert [str(link) for link in links(page) if not link.exists()] == []
