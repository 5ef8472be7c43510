"""What people do with cases and claims. Every change of a claim's content goes through `touch`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from claims.statements import rules
from claims.statements.models import Axis, Case, Claim, Figure, Place, PlaceKind, Topic, Transition
from claims.statements.places import SIZES, keys_of, of_desk
from claims.statements.signals import content_changed
from claims.statements.states import TRANSITIONS, Workflow, owes_reason
from verify.accounts.acting import acting
from verify.accounts.models import Desk, User


class ChangedMeanwhile(ValidationError):
    """Somebody else changed the claim since it was read; nothing was written."""


@transaction.atomic
def open_case(
    *,
    desk: Desk,
    title: str,
    by: User,
    at: datetime,
    summary: str = "",
    place: str = "",
    began_on: date | None = None,
    ended_on: date | None = None,
) -> Case:
    """Open a case at a desk."""
    rules.check_can_edit_claims(by, desk)
    case = Case(
        desk=desk,
        title=title,
        summary=summary,
        place=place,
        began_on=began_on,
        ended_on=ended_on,
        created_by=by,
        created_at=at,
    )
    case.full_clean()
    case.save(force_insert=True)
    return case


@transaction.atomic
def register_claim(
    *,
    desk: Desk,
    text: str,
    by: User,
    at: datetime,
    case: Case | None = None,
    headline: str = "",
    language: str = "en",
    external_id: str = "",
) -> Claim:
    """Register a claim in the desk's words; it begins as a draft of its author."""
    rules.check_can_edit_claims(by, desk)
    if case is not None and case.desk_id != desk.pk:
        raise ValidationError({"case": _("Choose a case of the same desk.")})
    claim = Claim(
        desk=desk,
        case=case,
        text=text,
        headline=headline,
        language=language,
        external_id=external_id,
        author=by,
        changed_by=by,
        created_at=at,
        changed_at=at,
    )
    claim.full_clean()
    with acting(by=by, at=at):
        claim.save(force_insert=True)
    Transition.objects.create(claim=claim, axis=Axis.WORKFLOW, new=Workflow.DRAFT, by=by, at=at)
    return claim


@transaction.atomic
def edit_claim(
    *, claim: Claim, revision: int, text: str, headline: str, by: User, at: datetime, why: str = ""
) -> Claim:
    """Reword a claim that was read at `revision`. Raises ChangedMeanwhile if it is no longer at that revision."""
    rules.check_can_edit_claims(by, claim.desk)
    claim = Claim.objects.select_for_update().get(pk=claim.pk)
    if claim.revision != revision:
        raise ChangedMeanwhile(
            _("%(name)s changed this claim while you were writing. Compare, then save again.")
            % {"name": claim.changed_by}
        )
    claim.text, claim.headline = text, headline
    claim.full_clean()
    with acting(by=by, at=at, why=why):
        claim.save(update_fields=["text", "headline"])
    touch(claim=claim, by=by, at=at)
    return claim


@transaction.atomic
def add_figure(*, claim: Claim, by: User, at: datetime, **fields: Any) -> Figure:
    """Add a scoped measurement to a claim; `fields` are those of Figure."""
    rules.check_can_edit_claims(by, claim.desk)
    figure = Figure(claim=claim, **fields)
    _check_refers_within_desk(figure)
    figure.full_clean()
    with acting(by=by, at=at), _circles_refused():
        figure.save(force_insert=True)
    touch(claim=claim, by=by, at=at)
    return figure


@transaction.atomic
def correct_figure(
    *, figure: Figure, by: User, at: datetime, why: str, revision: int | None = None, **fields: Any
) -> Figure:
    """Put right what was recorded wrongly; `fields` are those of Figure, `why` stays on record.

    A later figure of the same source is no correction: it supersedes. With `revision`, raises ChangedMeanwhile if the
    claim is no longer at that revision.
    """
    claim, figure = _figure_to_change(figure, by=by, why=why)
    if revision is not None and claim.revision != revision:
        raise ChangedMeanwhile(
            _("%(name)s changed this claim while you were writing. Compare, then save again.")
            % {"name": claim.changed_by}
        )
    changed = [name for name, value in fields.items() if getattr(figure, name) != value]
    if not changed:
        raise ValidationError(_("Nothing is different from what is on record."))
    for name in changed:
        setattr(figure, name, fields[name])
    _check_refers_within_desk(figure)
    figure.full_clean()
    with acting(by=by, at=at, why=why.strip()), _circles_refused():
        figure.save(update_fields=changed)
    touch(claim=claim, by=by, at=at)
    return figure


@transaction.atomic
def withdraw_figure(*, figure: Figure, by: User, at: datetime, why: str) -> Figure:
    """Take back a figure that was recorded by mistake. It counts no more, and stays on record with the reason."""
    claim, figure = _figure_to_change(figure, by=by, why=why)
    figure.withdrawn_at, figure.withdrawn_by, figure.withdrawn_because = at, by, why.strip()
    with acting(by=by, at=at, why=why.strip()):
        figure.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_because"])
    touch(claim=claim, by=by, at=at)
    return figure


def _figure_to_change(figure: Figure, *, by: User, why: str) -> tuple[Claim, Figure]:
    """The claim and the figure as they are now, both locked in this order, if `by` may change them for a reason."""
    rules.check_can_edit_claims(by, figure.claim.desk)
    if not why.strip():
        raise ValidationError({"why": _("Say why: it stays on record.")})
    claim = (
        Claim.objects.select_for_update(no_key=True, of=("self",))
        .select_related(
            "desk"
        )  # not who changed it last: whoever waits would find no row once that is another
        .get(pk=figure.claim_id)
    )
    figure = Figure.objects.select_for_update(no_key=True).get(pk=figure.pk)
    if not figure.stands:
        raise ValidationError(_("This figure was withdrawn: it cannot be changed any more."))
    return claim, figure


def _check_refers_within_desk(figure: Figure) -> None:
    """Figures and places of other desks do not exist for this one; what was withdrawn is referred to no more."""
    desk, wrong = figure.claim.desk_id, {}
    for name in ("supersedes", "part_of"):
        other = getattr(figure, name)
        if other is not None and other.claim.desk_id != desk:
            wrong[name] = _("Choose a figure of the same desk.")
        elif other is not None and other.pk == figure.pk:
            wrong[name] = _("Choose another figure than this one.")
    if figure.place is not None and figure.place.desk_id not in (None, desk):
        wrong["place"] = _("Choose a place of the same desk.")
    if wrong:
        raise ValidationError(wrong)


# What the database refuses, by the name of the trigger: the field that closes the circle, and what to say.
_CIRCLES = {
    "figures_do_not_supersede_in_a_circle": (
        "supersedes",
        gettext_noop("That figure supersedes this one already, directly or through others."),
    ),
    "a_figure_is_no_part_of_its_parts": (
        "part_of",
        gettext_noop("That figure is a part of this one already, directly or through others."),
    ),
}


@contextmanager
def _circles_refused() -> Iterator[None]:
    """Turn the database's refusal of a circle into a sentence on the field that closes it."""
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if name not in _CIRCLES:
            raise
        field, sentence = _CIRCLES[name]
        raise ValidationError({field: _(sentence)}) from error


@transaction.atomic
def add_place(*, desk: Desk, parent: Place, kind: str, name: str, name_ar: str, by: User) -> Place:
    """Add a place below one that is on record; it is that desk's alone."""
    rules.check_can_edit_claims(by, desk)
    if parent.desk_id not in (None, desk.pk):
        raise ValidationError({"parent": _("Choose a place of the same desk.")})
    place = Place(desk=desk, parent=parent, kind=kind, name=_plain(name), name_ar=_plain(name_ar))
    place.full_clean()
    if SIZES.index(PlaceKind(kind)) <= SIZES.index(PlaceKind(parent.kind)):
        raise ValidationError({"kind": _("A place lies in a larger one: choose a smaller kind.")})
    # Two who add the same place at once: the second waits here, and then finds the first's.
    Desk.objects.select_for_update(no_key=True).get(pk=desk.pk)
    siblings = of_desk(desk).filter(parent=parent)
    if any(_same_place(place, other) for other in siblings):
        raise ValidationError({"name": _("There is a place of this name there already.")})
    place.save(force_insert=True)
    return place


def _plain(name: str) -> str:
    return " ".join(name.split())


def _same_place(one: Place, other: Place) -> bool:
    """Of one kind, with a name in common; or of one name to the letter, which would make two paths the same."""
    return one.name == other.name or (one.kind == other.kind and bool(keys_of(one) & keys_of(other)))


def touch(*, claim: Claim, by: User, at: datetime) -> None:
    """Note that what reviewers judge has changed: the revision goes up, and an approved claim reopens.

    A claim in review stays there: whoever still owes an opinion judges the new content, and the approvals of the old
    content count no more, since they name another digest.

    Call inside the transaction of the change. The update locks the claim's row, so that a review or a publication
    of the old content waits and then finds that it is old.
    """
    Claim.objects.filter(pk=claim.pk).update(revision=F("revision") + 1, changed_by=by, changed_at=at)
    claim.refresh_from_db(fields=["revision", "changed_by", "changed_at", "workflow"])
    if claim.workflow in (Workflow.APPROVED, Workflow.CLOSED):
        move(claim=claim, to=Workflow.IN_RESEARCH, reason=_("The content was changed."), by=by, at=at)
    elif claim.workflow in (Workflow.DRAFT, Workflow.TRIAGED) and claim.assertions.exists():
        move(claim=claim, to=Workflow.IN_RESEARCH, reason="", by=by, at=at)
    content_changed.send(sender=Claim, claim=claim, by=by, at=at)


@transaction.atomic
def move(*, claim: Claim, to: Workflow, reason: str, by: User | None, at: datetime) -> None:
    """Move a claim along its workflow. Raises ValidationError when there is no such move or it moved meanwhile."""
    if by is not None:
        rules.check_can_edit_claims(by, claim.desk)
    old = Workflow(claim.workflow)
    if to not in TRANSITIONS[old]:
        raise ValidationError(
            _("A claim cannot go from “%(old)s” to “%(new)s”.")
            % {"old": old.label, "new": Workflow(to).label}
        )
    if owes_reason(old, Workflow(to)) and not reason.strip():
        raise ValidationError({"reason": _("Say why: it stays on record.")})
    if not Claim.objects.filter(pk=claim.pk, workflow=old).update(workflow=to):
        raise ChangedMeanwhile(_("This claim was moved by somebody else meanwhile."))
    claim.workflow = to
    Transition.objects.create(claim=claim, axis=Axis.WORKFLOW, old=old, new=to, reason=reason, by=by, at=at)


# Where people lead a claim by hand. In review and approved are where the reviews lead it, and nobody else.
BY_HAND = (Workflow.TRIAGED, Workflow.IN_RESEARCH, Workflow.CLOSED, Workflow.DUPLICATE, Workflow.OUT_OF_SCOPE)


@transaction.atomic
def move_by_hand(*, claim: Claim, to: Workflow, reason: str, by: User, at: datetime) -> None:
    """Move a claim where a person may lead it.

    As `move`, but never past the reviews: a claim is in review because somebody was asked, and approved because the
    reviewers have approved it.
    """
    rules.check_can_edit_claims(by, claim.desk)
    if to not in BY_HAND:
        raise ValidationError(
            {
                "to": _("Nobody moves a claim to “%(state)s” by hand: the reviews do.")
                % {"state": Workflow(to).label}
            }
        )
    move(claim=claim, to=to, reason=reason.strip(), by=by, at=at)


@transaction.atomic
def make_topic(*, desk: Desk, name: str, by: User, at: datetime) -> Topic:
    """The desk's topic of this name, made if there is none yet; upper and lower case make no other name."""
    rules.check_can_edit_claims(by, desk)
    topic = Topic(desk=desk, name=_plain(unicodedata.normalize("NFC", name)))
    topic.clean_fields()
    # Two who make the same topic at once: the second waits here, and then finds the first's.
    Desk.objects.select_for_update(no_key=True).get(pk=desk.pk)
    for other in desk.topics.all():
        if other.name.casefold() == topic.name.casefold():
            return other
    with acting(by=by, at=at):
        topic.save(force_insert=True)
    return topic


@transaction.atomic
def tag_claims(*, claims: Iterable[Claim], topics: Iterable[Topic], by: User, at: datetime) -> list[Claim]:
    """File claims under topics of their desk; those that were not filed under all of them before.

    Topics are how a desk finds its claims again, no part of what reviewers judge: no approval is void for them.
    """
    filed, wanted = _same_desk(claims, topics, by=by)
    has = _topics_by_claim(filed)
    new = [
        Claim.topics.through(claim=claim, topic=topic)
        for claim in filed
        for topic in wanted
        if topic.pk not in has[claim.pk]
    ]
    with acting(by=by, at=at):
        # Somebody may be filing the same at this moment.
        Claim.topics.through.objects.bulk_create(new, ignore_conflicts=True)
    changed = {row.claim_id for row in new}
    return [claim for claim in filed if claim.pk in changed]


@transaction.atomic
def untag_claims(*, claims: Iterable[Claim], topics: Iterable[Topic], by: User, at: datetime) -> list[Claim]:
    """Take claims out of topics; those that were filed under one of them before. The topics stay."""
    filed, gone = _same_desk(claims, topics, by=by)
    has, unwanted = _topics_by_claim(filed), {topic.pk for topic in gone}
    with acting(by=by, at=at):
        Claim.topics.through.objects.filter(claim__in=filed, topic__in=gone).delete()
    return [claim for claim in filed if has[claim.pk] & unwanted]


def _same_desk(
    claims: Iterable[Claim], topics: Iterable[Topic], *, by: User
) -> tuple[list[Claim], list[Topic]]:
    filed, under = list(claims), list(topics)
    for desk in {claim.desk_id: claim.desk for claim in filed}.values():
        rules.check_can_edit_claims(by, desk)
        if any(topic.desk_id != desk.pk for topic in under):
            raise ValidationError({"topics": _("Choose topics of the same desk.")})
    return filed, under


def _topics_by_claim(claims: list[Claim]) -> dict[UUID, set[int]]:
    has: dict[UUID, set[int]] = {claim.pk: set() for claim in claims}
    for row in Claim.topics.through.objects.filter(claim__in=claims):
        has[row.claim_id].add(row.topic_id)
    return has
