"""Restoring an earlier state of a claim's wording, an assertion, a figure or a piece of evidence: always a new change.

An event of the history is named by a signed word that holds the kind, the row's id and which of the row's own events
it is: the numbers of the tables' rows would tell how much other desks work. It is of one claim and good for no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pghistory
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils.translation import gettext as _

from claims.attribution.evidence import EVIDENCE_FIELDS, correct_evidence
from claims.attribution.models import Assertion, Evidence
from claims.attribution.restoring import check_evidence_stands, reinstate_assertion, reinstate_evidence
from claims.attribution.services import ASSERTION_FIELDS, SOURCES, correct_assertion
from claims.statements.models import Claim, Figure
from claims.statements.restoring import check_refers_to_what_stands, reinstate_figure
from claims.statements.services import correct_figure, edit_claim
from verify.accounts.models import User

FIGURE_FIELDS = (
    *("lower", "point", "upper", "qualifier", "as_written", "unit", "category", "perpetrator", "place"),
    *("place_as_written", "window_from", "window_to", "as_of", "supersedes", "part_of", "parts_are_all"),
)
FIELDS: dict[str, tuple[str, ...]] = {
    "claim": ("text", "headline"),
    "assertion": ASSERTION_FIELDS,
    "figure": FIGURE_FIELDS,
    "evidence": EVIDENCE_FIELDS,
}
MODELS: dict[str, Any] = {"claim": Claim, "assertion": Assertion, "figure": Figure, "evidence": Evidence}
CHANGE: Mapping[str, Callable[..., Any]] = {
    "assertion": correct_assertion,
    "figure": correct_figure,
    "evidence": correct_evidence,
}
REINSTATE: Mapping[str, Callable[..., Any]] = {
    "assertion": reinstate_assertion,
    "figure": reinstate_figure,
    "evidence": reinstate_evidence,
}
STATES = ("insert", "update")  # labels of events that hold a whole state; links are told in words alone


@dataclass
class Plan:
    """What restoring would do: each field that is another one, by name, and what stands in the way."""

    kind: str
    thing: Any
    event: Any
    moment: datetime
    changed: dict[str, Any] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)  # the field's name, or "", and the sentence

    @property
    def reinstates(self) -> bool:
        return getattr(self.thing, "withdrawn_at", None) is not None

    @property
    def possible(self) -> bool:
        return not self.refused and bool(self.changed or self.reinstates)


def token(claim_id: Any, kind: str, obj: Any, number: int) -> str:
    """The word that names the `number`th event (from 1) of a row in an address."""
    return _signer(claim_id).sign(f"{kind}.{obj}.{number}")


def find(claim: Claim, word: str) -> tuple[str, Any]:
    """The kind and the event that a word names; LookupError for what names no event of this claim."""
    try:
        kind, obj, number = _signer(claim.pk).unsign(word).split(".")
        place, pk = int(number), UUID(obj)
    except (BadSignature, ValueError) as error:
        raise LookupError from error
    events = MODELS[kind].pgh_event_model.objects.filter(pgh_obj=pk).order_by("pgh_id")
    events = events.filter(pgh_obj=claim.pk) if kind == "claim" else events.filter(claim=claim.pk)
    found = list(events.select_related("pgh_context")[place - 1 : place])
    if not found or not restorable(found[0]):
        raise LookupError
    return kind, found[0]


def _signer(claim_id: Any) -> Signer:
    return Signer(salt=f"verify.history.{claim_id}", sep="~")


def restorable(event: Any) -> bool:
    """Whether an event holds a state that somebody could want back: not that it was withdrawn."""
    return event.pgh_label in STATES and getattr(event, "withdrawn_at", None) is None


def plan(claim: Claim, kind: str, event: Any) -> Plan:
    """What restoring the state of an event would change now, and why it cannot be done if it cannot."""
    model = MODELS[kind]
    related = [name for name in FIELDS[kind] if model._meta.get_field(name).is_relation]
    related += ["assertion", "document", "capture", "region"] if kind == "evidence" else []
    thing = model._default_manager.select_related(*related).get(pk=event.pgh_obj_id)
    said = event.pgh_context.metadata.get("at") if event.pgh_context else None
    moment = datetime.fromisoformat(said) if said else event.pgh_created_at
    found = Plan(kind, thing, event, moment)
    for name in FIELDS[kind]:
        _compare(found, name)
    if found.reinstates or found.changed:
        _check(found)
    if not found.changed and not found.reinstates and not found.refused:
        found.refused.append(("", _("It stands like this now: there is nothing to restore.")))
    return found


def restore(*, plan: Plan, revision: int, why: str, by: User, at: datetime) -> Any:
    """Do what the plan says, through the services that every change goes through; approvals count no more.

    Raises ValidationError for what cannot be restored or has no reason, ChangedMeanwhile when the claim is no longer at
    `revision`: what was shown is then not what would be changed.
    """
    if not why.strip():
        raise ValidationError({"why": _("Say why; the reason stays on record.")})
    if plan.refused:
        raise ValidationError([sentence for _name, sentence in plan.refused])
    given: dict[str, Any] = {"revision": revision, "why": why.strip(), "by": by, "at": at}
    with transaction.atomic(), pghistory.context(restores=plan.moment.isoformat()):
        if plan.kind == "claim":
            words: dict[str, Any] = {
                name: plan.changed.get(name, getattr(plan.thing, name)) for name in FIELDS["claim"]
            }
            return edit_claim(claim=plan.thing, **words, **given)
        service = (REINSTATE if plan.reinstates else CHANGE)[plan.kind]
        return service(**{plan.kind: plan.thing}, **plan.changed, **given)


def _compare(found: Plan, name: str) -> None:
    """Note the field if it is another one now; what it referred to may be gone, or be called otherwise."""
    of = MODELS[found.kind]._meta.get_field(name)
    then, now = getattr(found.event, of.attname), getattr(found.thing, of.attname)
    if then == now:
        return
    if not of.is_relation or then is None:
        found.changed[name] = then
        return
    other = of.related_model._default_manager.filter(pk=then).first()
    if other is None:
        found.refused.append((name, _("What it referred to then is gone.")))
        return
    if name in SOURCES and other.merged_into_id is not None:
        other = other.merged_into
        if other.pk == now:
            return
    if getattr(other, "withdrawn_at", None) is not None:
        found.refused.append((name, _("“%(thing)s” was withdrawn meanwhile.") % {"thing": other}))
        return
    found.changed[name] = other


def _check(found: Plan) -> None:
    """What can be seen beforehand of what the services would refuse."""
    as_it_would_be = MODELS[found.kind]()
    for each in MODELS[found.kind]._meta.concrete_fields:
        setattr(as_it_would_be, each.attname, getattr(found.thing, each.attname))
    for name, value in found.changed.items():
        setattr(as_it_would_be, name, value)
    refers = found.reinstates or {"supersedes", "part_of"} & found.changed.keys()
    try:
        if found.kind == "figure" and refers:
            check_refers_to_what_stands(as_it_would_be)
        if found.kind == "evidence" and found.reinstates:
            check_evidence_stands(as_it_would_be)
    except ValidationError as refusal:
        for name, sentences in refusal.message_dict.items():
            found.refused += [(name, sentence) for sentence in sentences]
    root = getattr(as_it_would_be, "derives_from", None) if found.kind == "assertion" else None
    if found.reinstates and root is not None and not root.stands:
        found.refused.append(("derives_from", _("“%(thing)s” was withdrawn meanwhile.") % {"thing": root}))
