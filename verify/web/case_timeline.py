"""What happened around a case, when it was said, published, archived, and when a figure was replaced: a page of it.

The kinds of event stand in different tables. One union of their days is sorted and cut by the database; then the rows
of that page alone are read, kind by kind, so that a page costs the same however much there is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import DateTimeField, F, QuerySet, TextChoices, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims.attribution.models import Assertion, Polarity
from claims.statements.models import Case, Figure
from sources.archive.models import Capture
from sources.archive.states import CaptureState
from sources.catalog.models import Document
from sources.precision import Precision
from verify.web.drafts import figure_number

PER_PAGE = 25
SHORT = 90  # code points of a claim beside what was said about it


class Kind(TextChoices):
    HAPPENED = "happened", gettext_lazy("happened")
    SAID = "said", gettext_lazy("said")
    PUBLISHED = "published", gettext_lazy("published")
    ARCHIVED = "archived", gettext_lazy("archived")
    SUPERSEDED = "superseded", gettext_lazy("figure replaced")


@dataclass(frozen=True)
class Event:
    """One thing of one kind. `at` is the first instant of the span that is known (`precision`); UTC."""

    at: datetime
    precision: str
    kind: Kind
    title: str
    href: str
    text: str = ""

    @property
    def day(self) -> str:
        """The day, or as much of it as is known."""
        formats = {Precision.YEAR: "Y", Precision.MONTH: "F Y"}
        return date_format(self.at.astimezone(UTC), formats.get(Precision(self.precision), "j F Y"))

    @property
    def hour(self) -> str:
        if self.precision not in (Precision.MINUTE, Precision.HOUR):
            return ""
        return date_format(self.at.astimezone(UTC), "H:i" if self.precision == Precision.MINUTE else "H:00")


def timeline_of(case: Case, *, kind: str, oldest_first: bool, number: str | None) -> Page[Any]:
    """A page of the case's events, of one kind or of all. Its `days` are the events grouped by day, in order."""
    sources = [rows for name, rows in _moments(case).items() if kind in ("", name.split()[0])]
    first, *others = sources
    order = ("when", "what", "row") if oldest_first else ("-when", "-what", "-row")
    page: Any = Paginator(first.union(*others, all=True).order_by(*order), PER_PAGE).get_page(number)
    keys = [(row["what"], row["row"]) for row in page]
    found = _events(keys)
    events = [found[key] for key in keys if key in found]
    page.days = [(day, list(group)) for day, group in groupby(events, key=lambda event: event.day)]
    return page


def _moments(case: Case) -> dict[str, QuerySet[Any, Any]]:
    """When and which row, for each way in which something gets its place in time; a name begins with its kind."""
    said = Assertion.objects.standing().filter(claim__case=case)
    documents = Document.objects.filter(assertions__in=said, published_at__isnull=False).order_by().distinct()
    captures = (
        Capture.objects.filter(
            document__assertions__in=said, state=CaptureState.ARCHIVED, finished_at__isnull=False
        )
        .order_by()
        .distinct()
    )
    figures = Figure.objects.standing().filter(
        claim__case=case, supersedes__isnull=False, supersedes__withdrawn_at__isnull=True, as_of__isnull=False
    )
    cases = Case.objects.filter(pk=case.pk)
    return {
        "happened from": _marked(cases.filter(began_on__isnull=False), "happened from", _day("began_on")),
        "happened to": _marked(cases.filter(ended_on__isnull=False), "happened to", _day("ended_on")),
        "said": _marked(said.filter(said_at__isnull=False), "said", F("said_at")),
        "published": _marked(documents, "published", F("published_at")),
        "published again": _marked(
            said.filter(published_at__isnull=False), "published again", F("published_at")
        ),
        "archived": _marked(captures, "archived", F("finished_at")),
        "superseded": _marked(figures, "superseded", _day("as_of")),
    }


def _day(field: str) -> Cast:
    return Cast(F(field), DateTimeField())


def _marked(rows: Any, what: str, when: Any) -> QuerySet[Any, Any]:
    marked: QuerySet[Any, Any] = (
        rows.order_by().annotate(when=when, what=Value(what), row=F("pk")).values("when", "what", "row")
    )
    return marked


def _events(keys: list[tuple[str, UUID]]) -> dict[tuple[str, UUID], Event]:
    """The rows of a page, in at most one query for each kind of row."""
    wanted: dict[str, set[UUID]] = {}
    for what, pk in keys:
        wanted.setdefault(what, set()).add(pk)
    events: dict[tuple[str, UUID], Event] = {}
    for what, pks in wanted.items():
        rows, made = _MAKERS[what]
        for row in rows().filter(pk__in=pks):
            events[what, row.pk] = made(row)
    return events


def _at(day: Any) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _began(case: Case) -> Event:
    return Event(_at(case.began_on), Precision.DAY, Kind.HAPPENED, _("It began"), "", case.place)


def _ended(case: Case) -> Event:
    return Event(_at(case.ended_on), Precision.DAY, Kind.HAPPENED, _("It ended"), "", case.place)


def _said(said: Assertion) -> Event:
    assert said.said_at
    return Event(said.said_at, said.said_precision, Kind.SAID, _who(said), _claim(said), _what(said))


def _carried(said: Assertion) -> Event:
    assert said.published_at
    outlet = said.outlet or said.speaker
    title = _("%(outlet)s carried it") % {"outlet": outlet}
    return Event(
        said.published_at, said.published_precision, Kind.PUBLISHED, title, _claim(said), _what(said)
    )


def _published(document: Document) -> Event:
    assert document.published_at
    title = str(document.outlet) if document.outlet else document.url
    href = reverse("document", args=[document.pk])
    return Event(
        document.published_at, document.published_precision, Kind.PUBLISHED, title, href, str(document)
    )


def _archived(capture: Capture) -> Event:
    assert capture.finished_at
    document = capture.document
    title = _("Copy kept: %(what)s") % {"what": document or capture.url}
    return Event(
        capture.finished_at, Precision.MINUTE, Kind.ARCHIVED, title, reverse("capture", args=[capture.pk])
    )


def _superseded(figure: Figure) -> Event:
    assert figure.supersedes
    title = _("%(new)s replaces %(old)s") % {
        "new": figure_number(figure),
        "old": figure_number(figure.supersedes),
    }
    givers = sorted({str(said.speaker) for said in figure.assertions.all() if said.stands})
    text = " – ".join(filter(None, [", ".join(givers), _short(str(figure.claim))]))
    href = reverse("claim", args=[figure.claim_id]) + "#figures"
    return Event(_at(figure.as_of), Precision.DAY, Kind.SUPERSEDED, title, href, text)


def _who(said: Assertion) -> str:
    verb = said.get_verb_display()
    if said.outlet and said.outlet_id != said.speaker_id:
        return _("%(speaker)s %(verb)s, in %(outlet)s") % {
            "speaker": said.speaker,
            "verb": verb,
            "outlet": said.outlet,
        }
    return f"{said.speaker} {verb}"


def _what(said: Assertion) -> str:
    denies = _("against the claim") if said.polarity == Polarity.DENIES else ""
    return " – ".join(filter(None, [_short(str(said.claim)), denies]))


def _claim(said: Assertion) -> str:
    return reverse("claim", args=[said.claim_id])


def _short(text: str) -> str:
    return text if len(text) <= SHORT else text[: SHORT - 1].rstrip() + "…"


def _assertions() -> QuerySet[Any]:
    return Assertion.objects.select_related("speaker", "outlet", "claim")


_MAKERS: dict[str, tuple[Callable[[], QuerySet[Any]], Callable[[Any], Event]]] = {
    "happened from": (lambda: Case.objects.all(), _began),
    "happened to": (lambda: Case.objects.all(), _ended),
    "said": (_assertions, _said),
    "published": (lambda: Document.objects.select_related("outlet"), _published),
    "published again": (_assertions, _carried),
    "archived": (lambda: Capture.objects.select_related("document"), _archived),
    "superseded": (
        lambda: Figure.objects.select_related("claim", "supersedes").prefetch_related("assertions__speaker"),
        _superseded,
    ),
}
