"""What was changed of a source, of its names and of whose it is: by whom, when, why, from what to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sources.catalog.models import Affiliation, Alias, Source
from verify.accounts.models import User

MOST = 200  # changes that are shown
_SOURCE = ("kind", "name", "description", "homepage", "is_party")
_AFFILIATION = ("kind", "principal_id", "valid_from", "valid_to", "evidence_id", "note")
_WORDS = {
    "kind": gettext_lazy("kind"),
    "name": gettext_lazy("name"),
    "description": gettext_lazy("what it is"),
    "homepage": gettext_lazy("homepage"),
    "is_party": gettext_lazy("party to the conflict"),
    "principal_id": gettext_lazy("to whom"),
    "valid_from": gettext_lazy("from"),
    "valid_to": gettext_lazy("to"),
    "evidence_id": gettext_lazy("evidence"),
    "note": gettext_lazy("note"),
}


@dataclass(frozen=True)
class Difference:
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One act: what was done, as a sentence, and what differs. `by` is None for what the history does not know."""

    at: datetime
    by: User | None
    why: str
    what: str
    differences: tuple[Difference, ...] = ()


def changes(source: Source) -> list[Change]:
    """Everything that was done to the source, its names and its affiliations, the newest first."""
    events = _events(Source, pgh_obj_id=source.pk)
    aliases = _events(Alias, source_id=source.pk)
    affiliations = _events(Affiliation, source_id=source.pk)
    names = _Names([*events, *affiliations])
    # One act may write several rows in one moment: the source before its names, and those in their order.
    found = [
        ((change.at, place, number), change)
        for place, told in enumerate(
            (
                _of(events, names, _SOURCE, _what_of_source),
                _of(aliases, names, (), _what_of_alias),
                _of(affiliations, names, _AFFILIATION, _what_of_affiliation),
            )
        )
        for number, change in told
    ]
    found.sort(key=lambda each: each[0], reverse=True)
    return [change for _when, change in found[:MOST]]


class _Names:
    """What ids in the history stand for: looked up once for all of it."""

    def __init__(self, events: Iterable[Any]) -> None:
        events = list(events)
        wanted = {
            getattr(event, name, None) for event in events for name in ("merged_into_id", "principal_id")
        }
        known = [pk for pk in wanted if pk is not None]
        self.sources = dict(Source.objects.filter(pk__in=known).values_list("pk", "name"))

    def shown(self, field: str, value: Any, event: Any) -> str:
        if value is None or value == "":
            return "–"
        if field == "kind":
            return str(event.get_kind_display())
        if field == "principal_id":
            return self.sources.get(value, "–")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return str(value)


def _events(model: Any, **lookup: Any) -> list[Any]:
    rows = model.pgh_event_model.objects.filter(**lookup).select_related("pgh_context")
    return list(rows.order_by("pgh_id"))


def _of(events: list[Any], names: _Names, fields: tuple[str, ...], what: Any) -> Iterator[tuple[int, Change]]:
    people = _people(events)
    before: dict[Any, Any] = {}
    for event in events:
        former = before.get(event.pgh_obj_id)
        before[event.pgh_obj_id] = event
        told = event.pgh_context.metadata if event.pgh_context else {}
        differences = tuple(
            Difference(
                str(_WORDS[name]),
                names.shown(name, getattr(former, name), former),
                names.shown(name, getattr(event, name), event),
            )
            for name in fields
            if former is not None and getattr(former, name) != getattr(event, name)
        )
        sentence = what(former, event, names)
        if sentence:
            by, why = people.get(str(told.get("by"))), told.get("why", "")
            yield event.pgh_id, Change(event.pgh_created_at, by, why, sentence, differences)


def _people(events: list[Any]) -> dict[str, User]:
    ids = {event.pgh_context.metadata.get("by") for event in events if event.pgh_context}
    return {str(user.pk): user for user in User.objects.filter(pk__in=[pk for pk in ids if _is_uuid(pk)])}


def _is_uuid(value: Any) -> bool:
    try:
        return bool(UUID(str(value)))
    except ValueError:
        return False


def _what_of_source(former: Any, event: Any, names: _Names) -> str:
    if former is None:
        return _("registered") if event.pgh_label == "insert" else ""
    if former.merged_into_id != event.merged_into_id:
        if event.merged_into_id is None:
            return _("merge taken back")
        return _("merged into “%(name)s”") % {"name": names.sources.get(event.merged_into_id, "–")}
    return _("corrected")


def _what_of_alias(former: Any, event: Any, names: _Names) -> str:
    text = {
        "insert": _("name added: “%(name)s”"),
        "delete": _("name taken back: “%(name)s”"),
    }.get(event.pgh_label, _("name changed: “%(name)s”"))
    return text % {"name": event.name}


def _what_of_affiliation(former: Any, event: Any, names: _Names) -> str:
    text = _("affiliation corrected: %(kind)s %(name)s")
    if former is None:
        text = _("affiliation added: %(kind)s %(name)s")
    elif event.withdrawn_at and not former.withdrawn_at:
        text = _("affiliation withdrawn: %(kind)s %(name)s")
    return text % {"kind": event.get_kind_display(), "name": names.sources.get(event.principal_id, "–")}
