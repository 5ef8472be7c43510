"""What is shown of a claim that very many repeat: an origin begins with its roots, the rest opens on demand.

Without anything asked, the origins are shown page by page (`?origins=`), each with its roots and the first that took
them over. `?origin=` shows one of them alone, its statements page by page (`?said=`); `?statement=` the page on which
that statement stands. Nothing else depends on it: digests and counts are of everything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.html import escape

from verify.pictures.drawing import Shown

ORIGINS = 12  # on a page
FIRST = 4  # statements of an origin that is folded
PER_PAGE = 25  # statements of one that is opened
REASONS = 3  # sentences of an origin that is folded
_TO_STATEMENT = re.compile(r"(?<![^\"])#said-(?P<statement>[0-9a-f-]{36})")
LONGEST_CHAIN = 8  # links of one statement's chain; of a longer one the middle is left out


class Fold:
    """Which of the groups (with `key`, `members`, `because`) are shown, and which of their members."""

    def __init__(self, groups: list[dict[str, Any]], asked: Mapping[str, str]) -> None:
        self.all = [group | {"place": place} for place, group in enumerate(groups, start=1)]
        self.opened = self._opened(asked)
        self.pages: Page[Any] | None = None
        self.page: Page[Any] | None = None
        if self.opened:
            self.page = Paginator(self.opened["members"], PER_PAGE).get_page(self._number(asked))
            because = self.opened["because"][self.page.start_index() - 1 :][:PER_PAGE]
            self.groups = [self._show(self.opened, list(self.page), because)]
        else:
            self.pages = Paginator(self.all, ORIGINS).get_page(asked.get("origins"))
            self.groups = [
                self._show(group, group["members"][:FIRST], group["because"][:REASONS])
                for group in self.pages
            ]
        self.shown = {pk for group in self.groups for pk in group["shown"]}

    def href(self, claim: str, statement: str) -> str:
        """Where a statement stands: on this page, or on the claim's page with its origin opened."""
        place = f"#said-{statement}"
        return (
            place
            if statement in self.shown
            else f"{reverse('claim', args=[claim])}?statement={statement}{place}"
        )

    def lead(self, claim: str, picture: Shown) -> Shown:
        """The claim's graph, its links leading to where the statements stand."""

        def href(match: re.Match[str]) -> str:
            return escape(self.href(claim, match["statement"]))

        rows = tuple(
            tuple(replace(cell, href=_TO_STATEMENT.sub(href, cell.href)) for cell in row)
            for row in picture.rows
        )
        wide, narrow = (_TO_STATEMENT.sub(href, svg) for svg in (picture.wide, picture.narrow))
        return replace(picture, wide=wide, narrow=narrow, rows=rows)

    def _opened(self, asked: Mapping[str, str]) -> dict[str, Any] | None:
        key, statement = asked.get("origin"), asked.get("statement")
        return next(
            (group for group in self.all if group["key"] == key or statement in group["members"]), None
        )

    def _number(self, asked: Mapping[str, str]) -> Any:
        statement = asked.get("statement")
        if self.opened and statement in self.opened["members"]:
            return self.opened["members"].index(statement) // PER_PAGE + 1
        return asked.get("said")

    @staticmethod
    def _show(group: dict[str, Any], members: list[str], because: list[str]) -> dict[str, Any]:
        return group | {
            "shown": members,
            "total": len(group["members"]),
            "hidden": len(group["members"]) - len(members),
            "because": because,
            "reasons_hidden": len(group["because"]) - len(because),
        }


def folded_chain(links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A chain as it is drawn: of a very long one where it begins, and who is nearest to the statement."""
    if len(links) <= LONGEST_CHAIN:
        return links
    head, tail = links[:2], links[-(LONGEST_CHAIN - 3) :]
    return [*head, {"role": "", "name": f"… {len(links) - len(head) - len(tail)} …"}, *tail]
