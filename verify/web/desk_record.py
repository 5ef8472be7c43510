"""The record of a desk: who changed its people, its way of judging and the desk itself, when, old → new.

Read from what the triggers wrote down, newest first. What changes a claim is in the claim's own history.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import CharField, DateTimeField, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from verify.accounts.models import Desk, Invitation, Membership, User
from verify.publish.methodology import POINTS
from verify.publish.models import Methodology
from verify.publish.webhooks.models import Webhook, WebhookState
from verify.review.models import ChecklistItem, DueTime, Rating

# In the order in which they are read when they are of one moment.
TRACKED: dict[str, type[models.Model]] = {
    "desk": Desk,
    "member": Membership,
    "invitation": Invitation,
    "rating": Rating,
    "item": ChecklistItem,
    "due": DueTime,
    "methodology": Methodology,
    "webhook": Webhook,
}
LABELS = {
    "desk": gettext_lazy("Desk"),
    "member": gettext_lazy("Member"),
    "invitation": gettext_lazy("Invitation"),
    "rating": gettext_lazy("Verdict scale"),
    "item": gettext_lazy("Checklist"),
    "due": gettext_lazy("Due time"),
    "methodology": gettext_lazy("Methodology"),
    "webhook": gettext_lazy("Webhook"),
}
SHOWN = {
    "desk": ("name", "approvals_needed", "requires_second_factor"),
    "member": ("role",),
    "invitation": ("role",),
    "rating": ("value", "label", "label_ar"),
    "item": ("text", "text_ar", "kind"),
    "due": ("hours",),
    "methodology": (*POINTS, "offers_packages"),
    "webhook": ("name", "url", "told_of", "all_desks"),
}


@dataclass
class Change:
    """One field: what it was and what it became, in the reader's words. Empty is an empty string."""

    name: str
    old: str
    new: str


@dataclass
class Act:
    """One entry of the record. `by` is empty for what was done on the installation's command line, or `by_itself`."""

    what: str
    name: str
    did: str
    at: datetime
    by: str
    first: bool
    by_itself: bool = False
    changes: list[Change] = field(default_factory=list)


def record(desk: Desk, *, number: Any = 1, per_page: int = 25) -> Page[Act]:
    """One page of the desk's record, newest first. The number of queries does not grow with it."""
    page: Any = Paginator(_keys(desk), per_page).get_page(number)
    page.object_list = _read([(kind, event) for _at, _made, _rank, kind, event in page.object_list])
    return page


def _events(kind: str) -> Any:
    return TRACKED[kind].pgh_event_model  # type: ignore[attr-defined] # put there by pghistory


def _keys(desk: Desk) -> QuerySet[Any]:
    """When, when stored, the kind's rank, the kind and the number of each event. Who acted says when."""
    said = Cast(KeyTextTransform("at", F("pgh_context__metadata")), DateTimeField())
    keys = []
    for rank, kind in enumerate(TRACKED):
        mine = Q(pgh_obj=desk.pk) if kind == "desk" else Q(desk=desk.pk)
        events = _events(kind).objects.filter(mine).order_by()
        events = events.annotate(
            at=Coalesce(said, F("pgh_created_at")),
            rank=Value(rank, output_field=IntegerField()),
            of=Value(kind, output_field=CharField()),
        )
        keys.append(events.values_list("at", "pgh_created_at", "rank", "of", "pgh_id"))
    return keys[0].union(*keys[1:], all=True).order_by("-at", "-pgh_created_at", "rank", "-pgh_id")


def _read(keys: list[tuple[str, int]]) -> list[Act]:
    events: dict[tuple[str, int], Any] = {}
    before: dict[tuple[str, int], Any] = {}
    for kind in TRACKED:
        numbers = [number for of, number in keys if of == kind]
        if not numbers:
            continue
        rows = _events(kind).objects
        earlier = rows.filter(pgh_obj=OuterRef("pgh_obj"), pgh_id__lt=OuterRef("pgh_id")).order_by("-pgh_id")
        found = rows.filter(pgh_id__in=numbers).select_related("pgh_context")
        found = list(found.annotate(before=Subquery(earlier.values("pgh_id")[:1])))
        olds = rows.in_bulk([event.before for event in found if event.before])
        for event in found:
            events[kind, event.pgh_id], before[kind, event.pgh_id] = event, olds.get(event.before)
    wanted = {_uuid(_context(event).get("by")) for event in events.values()}
    wanted |= {event.user_id for (kind, _number), event in events.items() if kind == "member"}
    people = User.objects.in_bulk(wanted - {None})
    return [_act(kind, events[kind, number], before[kind, number], people) for kind, number in keys]


def _act(kind: str, event: Any, old: Any, people: dict[UUID, User]) -> Act:
    context = _context(event)
    by = people.get(_uuid(context.get("by")) or UUID(int=0))
    gone = event.pgh_label == "delete"
    return Act(
        what=str(LABELS[kind]),
        name=_name(kind, event, people),
        did=_did(kind, event, old),
        at=parse_datetime(str(context.get("at", ""))) or event.pgh_created_at,
        by=str(by) if by else "",
        first=old is None,
        by_itself=context.get("by", "") is None,
        changes=[] if gone else _changes(kind, event, old),
    )


def _changes(kind: str, event: Any, old: Any) -> list[Change]:
    fields: list[Any] = [TRACKED[kind]._meta.get_field(name) for name in SHOWN[kind]]
    said = [(each, _say(each, old) if old else "", _say(each, event)) for each in fields]
    return [Change(str(each.verbose_name), was, now) for each, was, now in said if was != now]


def _name(kind: str, event: Any, people: dict[UUID, User]) -> str:
    if kind == "member":
        return str(people.get(event.user_id, ""))
    if kind == "due":
        return str(dict(DueTime._meta.get_field("kind").flatchoices).get(event.kind, event.kind))
    names: dict[str, Callable[[Any], str]] = {
        "desk": lambda desk: str(desk.name),
        "invitation": lambda invitation: str(invitation.email),
        "rating": lambda rating: str(Rating.__str__(rating)),
        "item": lambda item: str(ChecklistItem.__str__(item)),
        "methodology": lambda _methodology: "",  # the desk has one
        "webhook": lambda webhook: str(webhook.name),
    }
    return names[kind](event)


def _did(kind: str, event: Any, old: Any) -> str:
    """What was done, in one word."""
    if event.pgh_label == "delete":
        return _("removed")
    if old is None:
        return _("invited") if kind == "invitation" else _("added")
    if kind == "webhook" and event.state != old.state:
        on = event.state == WebhookState.ACTIVE
        return _("switched on") if on else str(WebhookState(event.state).label)
    turned = {
        "accepted_at": (_("accepted"), _("changed")),
        "revoked_at": (_("revoked"), _("changed")),
        "secret_sha256": (_("sent again"), _("sent again")),
        "retired": (_("retired"), _("restored")),
        "retired_at": (_("retired"), _("restored")),
        "former_until": (_("given a new secret"), _("changed")),
    }
    for name, (on, off) in turned.items():
        if hasattr(event, name) and getattr(event, name) != getattr(old, name):
            return on if getattr(event, name) else off
    return _("changed")


def _say(each: Any, event: Any) -> str:
    """The value of a field in the reader's language."""
    value = getattr(event, each.attname)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        words = dict(each.base_field.flatchoices)
        return " · ".join(str(words.get(one, one)) for one in value)
    if each.name == "kind" and not value:
        return _("every review")
    return str(dict(each.flatchoices).get(value, value)) if each.choices else str(value)


def _context(event: Any) -> dict[str, Any]:
    return dict(event.pgh_context.metadata) if event.pgh_context else {}


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
