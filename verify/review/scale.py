"""How a desk judges: its verdict scale, the checklist of its reviewers, and how long they have.

All of it is an administrator's to change; verdicts and answers that were given keep what they were given with. The
numbers of a scale are published with each verdict (with the best and the worst), so steps that stand never share one.
"""

from __future__ import annotations

from datetime import datetime

import pghistory
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from claims.statements.models import Claim
from claims.statements.states import Workflow
from verify.accounts.acting import acting
from verify.accounts.models import Desk, Membership, Role, User
from verify.accounts.rules import check_has_role
from verify.review.models import ChecklistItem, DueTime, Rating, TaskKind
from verify.review.services import give_default_scale

FEWEST_STEPS = 2  # with one step nothing is judged, and ClaimReview has no numbers
MOST_STEPS = 20
MOST_QUESTIONS = 30  # that stand: a longer list is ticked, not answered
STEP = 10  # between the positions of questions

DEFAULT_CHECKLIST = [
    # kind ("" = every review), English, Arabic: what a new desk starts with.
    (
        "",
        "Every quotation was found in its archived copy.",
        "وُجد كل اقتباس في نسخته المؤرشفة.",
    ),
    (
        "",
        "Origins were counted, not outlets.",
        "عُدّت المصادر الأصلية لا وسائل الإعلام الناقلة.",
    ),
    (
        "",
        "Each figure says whom it counts, where, and up to when.",
        "يبيّن كل رقم من يشمله وأين وحتى أي وقت.",
    ),
    (
        "",
        "What speaks against the claim was looked for.",
        "بُحث عمّا ينفي الادعاء.",
    ),
    (
        "",
        "Nothing here puts a person in danger.",
        "لا شيء هنا يعرّض شخصًا للخطر.",
    ),
    (
        TaskKind.SOURCE_CHECK,
        "It is clear who each source speaks for.",
        "من الواضح باسم من يتكلم كل مصدر.",
    ),
    (
        TaskKind.SIGN_OFF,
        "The reasoning can be followed by somebody who knows nothing of the case.",
        "يستطيع من لا يعرف القضية أن يتابع التعليل.",
    ),
]

DEFAULT_HOURS = {
    TaskKind.SOURCE_CHECK: 24,
    TaskKind.EVIDENCE_REVIEW: 24,
    TaskKind.VERDICT: 24,
    TaskKind.SIGN_OFF: 12,
    TaskKind.RECHECK: 8,
    TaskKind.ADJUDICATION: 24,
}


@transaction.atomic
def found_desk(*, slug: str, name: str, admin: User, at: datetime) -> Desk:
    """Make a desk with its first administrator and everything that a new desk starts with.

    Whoever runs the installation does this, and nobody is on record for it. Raises ValidationError.
    """
    desk = Desk(slug=slug, name=name.strip())
    desk.full_clean()
    with pghistory.context(at=at.isoformat()):
        desk.save(force_insert=True)
        Membership.objects.create(user=admin, desk=desk, role=Role.ADMIN)
        set_up_desk(desk)
    return desk


def set_up_desk(desk: Desk) -> None:
    """Give a new desk a scale, a checklist and due times, all of which it may then change."""
    give_default_scale(desk)
    ChecklistItem.objects.bulk_create(
        ChecklistItem(desk=desk, kind=kind, text=text, text_ar=text_ar, position=number * STEP)
        for number, (kind, text, text_ar) in enumerate(DEFAULT_CHECKLIST, start=1)
    )
    DueTime.objects.bulk_create(
        DueTime(desk=desk, kind=kind, hours=hours) for kind, hours in DEFAULT_HOURS.items()
    )


def approved_with_scale(desk: Desk) -> int:
    """How many claims of the desk are approved now: what a change of the scale's numbers sends back to review."""
    return Claim.objects.filter(desk=desk, workflow=Workflow.APPROVED).count()


# --- the verdict scale -----------------------------------------------------------------------------------------------


@transaction.atomic
def add_rating(
    *,
    desk: Desk,
    label: str,
    by: User,
    at: datetime,
    label_ar: str = "",
    code: str = "",
    below: Rating | None = None,
) -> Rating:
    """A new step of the scale, directly under the step `below`, or as the best one.

    The steps above it move up by one. The code is made of the label if none is given; it never changes afterwards.
    """
    desk = _lock(desk, by)
    code = code.strip() or slugify(label)[:30].strip("-")
    if not code:
        raise ValidationError({"code": _("Give the step a code in Latin letters, such as “mostly-true”.")})
    standing = list(_standing(desk))
    if len(standing) >= MOST_STEPS:
        raise ValidationError(_("A scale has at most %(n)s steps.") % {"n": MOST_STEPS})
    if below is not None and below not in standing:
        raise ValidationError({"below": _("Choose a step that stands.")})
    _check_label(desk, label)
    value = below.value if below is not None else max((each.value for each in standing), default=0) + 1
    rating = Rating(desk=desk, code=code, value=value, label=label.strip(), label_ar=label_ar.strip())
    with acting(by=by, at=at):
        _make_room(desk, value)
        rating.full_clean()
        rating.save(force_insert=True)
    return rating


@transaction.atomic
def change_rating(*, rating: Rating, label: str, by: User, at: datetime, label_ar: str = "") -> Rating:
    """Reword a step. Its code and what was published with it stay as they are."""
    rating = _locked_rating(rating, by)
    if (rating.label, rating.label_ar) == (label.strip(), label_ar.strip()):
        return rating
    _check_label(rating.desk, label, but=rating)
    rating.label, rating.label_ar = label.strip(), label_ar.strip()
    rating.full_clean()
    with acting(by=by, at=at):
        rating.save(update_fields=["label", "label_ar"])
    return rating


@transaction.atomic
def move_rating(*, rating: Rating, up: bool, by: User, at: datetime) -> None:
    """Let a step change places with the next better (`up`) or worse one; at the end of the scale nothing happens."""
    rating = _locked_rating(rating, by)
    if rating.retired:
        raise ValidationError(_("A retired step has no place on the scale."))
    standing = list(_standing(rating.desk))  # best first
    place = standing.index(rating) + (-1 if up else 1)
    if not 0 <= place < len(standing):
        return
    other = standing[place]
    rating.value, other.value = other.value, rating.value
    with acting(by=by, at=at):
        rating.save(update_fields=["value"])
        other.save(update_fields=["value"])


@transaction.atomic
def retire_rating(*, rating: Rating, by: User, at: datetime) -> None:
    """Take a step out of use. Verdicts that have it keep it; a scale keeps at least two steps."""
    rating = _locked_rating(rating, by)
    if rating.retired:
        return
    if _standing(rating.desk).count() <= FEWEST_STEPS:
        raise ValidationError(_("A scale needs at least two steps: add another one first."))
    rating.retired = True
    with acting(by=by, at=at):
        rating.save(update_fields=["retired"])


@transaction.atomic
def restore_rating(*, rating: Rating, by: User, at: datetime) -> None:
    """Bring a retired step back, at its old value; steps that have taken its place move up."""
    rating = _locked_rating(rating, by)
    if not rating.retired:
        return
    _check_label(rating.desk, rating.label, but=rating)
    rating.retired = False
    with acting(by=by, at=at):
        _make_room(rating.desk, rating.value)
        rating.save(update_fields=["retired"])


def _standing(desk: Desk) -> QuerySet[Rating]:
    return Rating.objects.filter(desk=desk, retired=False).order_by("-value", "code")


def _make_room(desk: Desk, value: int) -> None:
    """Move the standing steps from `value` up by one, if `value` is taken."""
    standing = _standing(desk)
    if standing.filter(value=value).exists():
        standing.filter(value__gte=value).update(value=F("value") + 1)


def _check_label(desk: Desk, label: str, but: Rating | None = None) -> None:
    alike = _standing(desk).filter(label__iexact=label.strip())
    if (alike.exclude(pk=but.pk) if but else alike).exists():
        raise ValidationError({"label": _("Another step has this name: nobody could tell them apart.")})


def _locked_rating(rating: Rating, by: User) -> Rating:
    _lock(rating.desk, by)
    return Rating.objects.select_related("desk").get(pk=rating.pk)


def _lock(desk: Desk, by: User) -> Desk:
    """The desk, locked: two who change the scale or the checklist at once do it one after the other."""
    check_has_role(by, desk, Role.ADMIN)
    return Desk.objects.select_for_update(no_key=True).get(pk=desk.pk)


# --- the checklist ---------------------------------------------------------------------------------------------------


@transaction.atomic
def add_item(
    *, desk: Desk, text: str, by: User, at: datetime, text_ar: str = "", kind: str = ""
) -> ChecklistItem:
    """A new question at the end of the checklist, for one kind of review or, with no kind, for all."""
    desk = _lock(desk, by)
    if _asked(desk).count() >= MOST_QUESTIONS:
        raise ValidationError(
            _("A checklist has at most %(n)s questions: a longer one is ticked, not answered.")
            % {"n": MOST_QUESTIONS}
        )
    last = _asked(desk).last()
    item = ChecklistItem(
        desk=desk,
        kind=kind,
        text=text.strip(),
        text_ar=text_ar.strip(),
        position=last.position + STEP if last else STEP,
    )
    item.full_clean()
    with acting(by=by, at=at):
        item.save(force_insert=True)
    return item


@transaction.atomic
def change_item(
    *, item: ChecklistItem, text: str, by: User, at: datetime, text_ar: str = "", kind: str = ""
) -> ChecklistItem:
    """Reword a question. One that was answered is retired, and a new one takes its place: the answers keep theirs."""
    item = _locked_item(item, by)
    new = {"text": text.strip(), "text_ar": text_ar.strip(), "kind": kind}
    if all(getattr(item, name) == value for name, value in new.items()):
        return item
    with acting(by=by, at=at):
        if item.answers.exists():
            item.retired_at = at
            item.save(update_fields=["retired_at"])
            item = ChecklistItem(desk=item.desk, position=item.position, **new)
            item.full_clean()
            item.save(force_insert=True)
            return item
        for name, value in new.items():
            setattr(item, name, value)
        item.full_clean()
        item.save(update_fields=list(new))
    return item


@transaction.atomic
def move_item(*, item: ChecklistItem, up: bool, by: User, at: datetime) -> None:
    """Let a question change places with the one before (`up`) or after it."""
    item = _locked_item(item, by)
    asked = list(_asked(item.desk))
    old = asked.index(item)
    new = old - 1 if up else old + 1
    if not 0 <= new < len(asked):
        return
    asked[old], asked[new] = asked[new], asked[old]
    with acting(by=by, at=at):
        for number, each in enumerate(asked, start=1):
            if each.position != number * STEP:
                each.position = number * STEP
                each.save(update_fields=["position"])


@transaction.atomic
def retire_item(*, item: ChecklistItem, by: User, at: datetime) -> None:
    """Ask a question no more; what was answered stays."""
    item = _locked_item(item, by)
    item.retired_at = at
    with acting(by=by, at=at):
        item.save(update_fields=["retired_at"])


def _asked(desk: Desk) -> QuerySet[ChecklistItem]:
    return ChecklistItem.objects.filter(desk=desk, retired_at=None).order_by("position", "id")


def _locked_item(item: ChecklistItem, by: User) -> ChecklistItem:
    """The question as it is now, locked against an answer that is being given to it. It must still be asked."""
    _lock(item.desk, by)
    row = ChecklistItem.objects.select_for_update(of=("self",)).select_related("desk").get(pk=item.pk)
    if row.retired_at:
        raise ValidationError(_("This question is not asked any more."))
    return row


# --- due times -------------------------------------------------------------------------------------------------------


@transaction.atomic
def set_due_time(*, desk: Desk, kind: TaskKind, hours: int | None, by: User, at: datetime) -> None:
    """How long reviewers have for a kind of review; None leaves it open. Tasks that exist keep their due time."""
    desk = _lock(desk, by)
    row = DueTime.objects.filter(desk=desk, kind=kind).first()
    with acting(by=by, at=at):
        if hours is None:
            if row:
                row.delete()
        elif row is None or row.hours != hours:
            row = row or DueTime(desk=desk, kind=kind)
            row.hours = hours
            row.full_clean()
            row.save()
