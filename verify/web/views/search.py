"""Search in what the person's desks hold: claims, sources, documents, and the full text of archived copies."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchVector
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from claims.statements.models import Claim
from sources.archive.models import Text
from sources.archive.states import CaptureState
from sources.catalog.models import Document, Source
from verify.accounts.rules import desks_of
from verify.web.drafts import axes, newest_first, of_case
from verify.web.mixins import DeskView, page_of

# Words as they are written: stemming is a language's own affair, and the archive speaks several.
CONFIG = "simple"
# What marks a found word in a snippet, before it is escaped: brackets that no newspaper prints.
OPEN, CLOSE = "⟦", "⟧"
_MARKED = re.compile(f"{OPEN}(.*?){CLOSE}", re.S)

PLACES = [
    ("claims", _("Claims")),
    ("sources", _("Sources")),
    ("documents", _("Documents")),
    ("texts", _("Archived texts")),
]


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("Words"), required=False, max_length=200, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    # A link without a place searches the claims.
    where = forms.ChoiceField(label=_("In"), required=False, choices=PLACES)

    def add_prefix(self, field_name: str) -> str:
        return {"where": "in"}.get(field_name, field_name)


class Search(DeskView):
    section = "search"

    def get(self, request: HttpRequest) -> HttpResponse:
        form = SearchForm(request.GET)
        valid = form.is_valid()
        words = form.cleaned_data["q"] if valid else ""
        where = (form.cleaned_data["where"] if valid else "") or "claims"
        if not valid or where not in dict(PLACES):
            where = "claims"
        return self.render(
            "verify/search.html",
            form=form,
            q=words,
            where=where,
            places=PLACES,
            page=FINDERS[where](request, words) if words else None,
        )


def _claims(request: HttpRequest, words: str) -> Page:
    page = page_of(request, newest_first(of_case(Claim.objects.visible_to(request.user).matching(words))))
    for claim in page:
        axes(claim)
    return page


def _sources(request: HttpRequest, words: str) -> Page:
    return page_of(request, Source.objects.visible_to(request.user).matching(words))


def _documents(request: HttpRequest, words: str) -> Page:
    found = Document.objects.visible_to(request.user).matching(words).select_related("outlet")
    return page_of(request, found.order_by("-created_at", "-id"))


def _texts(request: HttpRequest, words: str) -> Page:
    page = page_of(request, texts_matching(request.user, words))
    for text in page:
        text.snippet = pieces(text.headline)
    return page


def texts_matching(user: Any, words: str) -> QuerySet[Text]:
    """Archived texts of the person's desks that hold all the words (“quoted phrases” and -exclusions work)."""
    query = SearchQuery(words, search_type="websearch", config=CONFIG)
    return (
        Text.objects.filter(capture__desk__in=desks_of(user), capture__state=CaptureState.ARCHIVED)
        .annotate(vector=SearchVector("title", "content", config=CONFIG))
        .filter(vector=query)
        .annotate(
            headline=SearchHeadline(
                "content", query, config=CONFIG, start_sel=OPEN, stop_sel=CLOSE, max_words=40, min_words=15
            )
        )
        .select_related("capture__document__outlet")
        .defer("content", "fingerprint")
        .order_by("-capture__requested_at", "id")
    )


def pieces(headline: str) -> list[tuple[str, bool]]:
    """A snippet cut into words that were found (True) and those around them; templates escape each."""
    return [(piece, bool(index % 2)) for index, piece in enumerate(_MARKED.split(headline)) if piece]


FINDERS = {"claims": _claims, "sources": _sources, "documents": _documents, "texts": _texts}
