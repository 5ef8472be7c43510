"""The public lists: the front page, the search, the cases, and who said what.

What is listed is what stands; the names to choose from are those that published snapshots hold (`directory`). Whatever
these pages show is the same as long as nothing was announced, so that the newest announcement is their ETag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from verify.publish import directory, reading
from verify.publish.directory import Choices, Option
from verify.publish.models import Publication
from verify.publish.participation import participations
from verify.publish.presenting import Reading, kind_words
from verify.web.views.conditional import answer
from verify.web.views.public_ladder import DRAWN, Ladder, ladder_of
from verify.web.views.site import absolute

PAGE_SIZE = 25
NAMED = 50  # sources in the table of a case


class Filters(forms.Form):
    """What the front page can be narrowed to."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200)
    verdict = forms.ChoiceField(label=_("Verdict"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {rating.code: str(rating) for _desk, scale in reversed(reading.scales()) for rating in scale}
        self._choose("verdict", words.items())

    def _choose(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        self.fields[name].choices = [("", _("all")), *choices]  # type: ignore[attr-defined]

    @property
    def choices(self) -> list[Any]:
        """All that the page offers to choose from, for its ETag."""
        return [f"{code} {label}" for code, label in self.fields["verdict"].choices]  # type: ignore[attr-defined]


class SearchFilters(Filters):
    """What the search can be narrowed to. Only what published claims name can be chosen."""

    case = forms.ChoiceField(label=_("Case"), required=False)
    source = forms.ChoiceField(label=_("Source"), required=False)
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    place = forms.CharField(label=_("Place"), required=False, max_length=200)
    language = forms.ChoiceField(label=_("Language"), required=False)
    said_from = forms.DateField(label=_("Said from"), required=False)
    said_until = forms.DateField(label=_("Said until"), required=False)
    published_from = forms.DateField(label=_("Published from"), required=False)
    published_until = forms.DateField(label=_("Published until"), required=False)

    def __init__(self, data: Any, *, known: Choices) -> None:
        super().__init__(data)
        for field in self.fields.values():
            if isinstance(field, forms.DateField):
                field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        self._choose("case", self._options("case", known.cases, _uuid))
        self._choose("source", self._options("sources", known.sources, _uuid))
        self._choose("topic", self._options("topics", known.topics, _row_id))
        self._choose("language", sorted((code, _language(code)) for code in known.languages))
        for name, options in (("topic", known.topics), ("language", known.languages)):
            if len(options) < 2 and not data.get(name):  # nothing to choose between
                del self.fields[name]

    def _options(self, column: str, often: list[Option], read: Callable[[str], Any]) -> list[Option]:
        """The most often named, by name; what is chosen already is among them."""
        options = dict(often)
        asked = self.data.get(column.removesuffix("s"), "")
        thing = read(asked) if asked and asked not in options else None
        if thing is not None and (name := directory.chosen(column, thing)):
            options[asked] = name
        return sorted(options.items(), key=lambda option: option[1].casefold())

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        for first, last in (("said_from", "said_until"), ("published_from", "published_until")):
            if given.get(first) and given.get(last) and given[first] > given[last]:
                self.add_error(last, _("This is before the day above."))
        return given

    def asked(self) -> dict[str, Any]:
        """What was asked for, as `reading.found` takes it: days become moments (UTC), both ends included."""
        asked: dict[str, Any] = {}
        for name, value in self.cleaned_data.items():
            if not value:
                continue
            if name in ("case", "source"):
                asked[name] = UUID(value)
            elif name == "topic":
                asked[name] = int(value)
            elif name.endswith("_from"):
                asked[name] = datetime.combine(value, time.min, UTC)
            elif name.endswith("_until"):
                asked[name] = datetime.combine(value, time.max, UTC)
            else:
                asked[name] = value
        return asked


@require_safe
def front(request: HttpRequest) -> HttpResponseBase:
    """The published claims, newest first."""
    filters = Filters(request.GET)
    found = reading.published().none()
    if filters.is_valid():
        found = reading.found(reading.published(), **filters.cleaned_data)
    page, items = page_of(request, found)
    context = {
        "filters": filters,
        "page": page,
        "items": items,
        "section": "checks",
        "canonical": absolute(reverse("front")),
        "narrowed": _narrowed(filters),
    }
    shows = [*shown(page), request.GET.urlencode(), *filters.choices]
    return answer(request, lambda: render(request, "verify/public/front.html", context), shows=shows)


@require_safe
def search(request: HttpRequest) -> HttpResponseBase:
    """Published claims by words, verdict, case, source, topic, place, language and days; all of it in the address."""
    mark = directory.mark()
    filters = SearchFilters(request.GET, known=directory.choices(mark))
    narrowed = _narrowed(filters)
    found = reading.published().none()
    if filters.is_valid() and narrowed:
        found = reading.found(reading.published(), **filters.asked())
    page, items = page_of(request, found)
    context = {
        "filters": filters,
        "page": page,
        "items": items,
        "narrowed": narrowed,
        "section": "search",
        "canonical": absolute(reverse("public-search")),
    }
    shows = [*shown(page), request.GET.urlencode(), *filters.choices, mark]
    return answer(request, lambda: render(request, "verify/public/search.html", context), shows=shows)


@require_safe
def cases(request: HttpRequest) -> HttpResponseBase:
    """The cases of which something is published, the one that changed last first."""

    def make() -> HttpResponseBase:
        page = Paginator(directory.cases_by_change(), PAGE_SIZE).get_page(request.GET.get("page"))
        titles = directory.titles(row["case"] for row in page)
        context = {
            "page": page,
            "rows": [row | {"title": titles[row["case"]]} for row in page if row["case"] in titles],
            "section": "cases",
            "canonical": absolute(reverse("public-case-list")),
        }
        return render(request, "verify/public/cases.html", context)

    return answer(request, make, shows=["cases", directory.mark(), request.GET.urlencode()])


@require_safe
def case(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The published claims of a case. A case of which nothing is published does not exist for the world."""

    def make() -> HttpResponseBase:
        published = reading.found(reading.published(), case=pk)
        page, items = page_of(request, published)
        title = directory.titles([pk]).get(pk)
        if title is None or not items:
            raise Http404
        first = page.number == 1
        context = {
            "page": page,
            "items": items,
            "case": pk,
            "title": title,
            "publisher": items[0].desk,
            "ladder": _ladder_of_case(published, title) if first else None,
            "sources": _sources_of(pk) if first else [],
            "most_sources": NAMED,
            "section": "cases",
            "canonical": absolute(reverse("public-case", args=[pk])),
        }
        return render(request, "verify/public/case.html", context)

    return answer(request, make, shows=["case", pk, directory.mark(), request.GET.urlencode()])


@require_safe
def source(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """What published claims say of a source: its names, on whose behalf it speaks, what it asserted.

    Who is named in none, and who is protected, does not exist here. A record that was merged into another leads there.
    """

    def make() -> HttpResponseBase:
        known = directory.source(pk)
        if known is None:
            raise Http404
        if known.id != str(pk):
            return redirect("public-source", known.id)
        standing = reading.found(reading.published(), source=pk).filter(listing__retracted=False)
        page, items = page_of(request, standing)
        context = {
            "page": page,
            "source": known,
            "kind": kind_words(known.facts["kind"]),
            "rows": [(read, participations(read, known.id)) for read in items],
            "section": "sources",
            "canonical": absolute(reverse("public-source", args=[pk])),
        }
        return render(request, "verify/public/source.html", context)

    return answer(request, make, shows=["source", pk, directory.mark(), request.GET.urlencode()])


def page_of(request: HttpRequest, found: QuerySet[Publication]) -> tuple[Page[Publication], list[Reading]]:
    """One page of publications, and what they say."""
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return page, [Reading(publication.version.snapshot) for publication in page if publication.version]


def shown(page: Page[Publication]) -> list[str]:
    """What a list shows, for its ETag."""
    found = [publication.version.sha256 for publication in page if publication.version]
    return [f"{page.number} {page.paginator.count}", *found]


def _narrowed(filters: forms.Form) -> bool:
    return any(filters.data.get(name) for name in filters.fields)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _row_id(text: str) -> int | None:
    return int(text) if len(text) < 19 and text.isascii() and text.isdigit() else None


def _language(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def _ladder_of_case(published: QuerySet[Publication], title: str) -> Ladder | None:
    standing = published.filter(listing__retracted=False)[:DRAWN]
    reads = [Reading(publication.version.snapshot) for publication in standing if publication.version]
    return ladder_of(reads, title)


def _sources_of(pk: UUID) -> list[tuple[Any, str, int]]:
    """Who is named in a case, in what words its kind is told, and in how many claims."""
    return [
        (facts, kind_words(facts["kind"]), count) for facts, count in directory.sources_of_case(pk, NAMED)
    ]
