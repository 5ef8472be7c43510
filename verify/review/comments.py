"""What the desk's people say to each other about a claim: threads, answers, mentions.

Comments are no part of the content: nothing here touches a claim's revision, what reviewers approve, what is published
or what leaves the house.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from claims.attribution.models import Anchor, Assertion
from claims.statements.models import Claim, Figure
from verify.accounts.acting import acting
from verify.accounts.models import Desk, Role, User
from verify.accounts.rules import check_has_role
from verify.notify.models import Kind
from verify.notify.services import members, notify
from verify.review.models import Comment

THREADS = 10  # on a page
KINDS = ("assertion", "anchor", "figure")  # what a thread can be about, besides the claim
LONGEST = 10_000  # code points of one comment
TAKEN_BACK = "–"  # what stands in the row for the words that were taken back; those are in its history

# A user name after an @ that does not end a word: an address of mail mentions nobody, an Arabic "and" before it may.
_MENTION = re.compile(r"(?<![^\W\u0600-\u06ff])(?<![.+@-])@([\w.@+-]{1,150})")
_AFTER = ".@+-"  # marks that a user name may end with, and a sentence too


# --- what people do -------------------------------------------------------------------------------------------------


@transaction.atomic
def comment(
    *,
    claim: Claim,
    text: str,
    by: User,
    at: datetime,
    parent: Comment | None = None,
    assertion: Assertion | None = None,
    anchor: Anchor | None = None,
    figure: Figure | None = None,
) -> Comment:
    """Begin a thread about the claim or one thing of it, or answer in one (`parent`: any comment of the thread).

    Who is mentioned by user name, and who has spoken in the thread, are told. An answer opens a resolved thread again:
    there is something left to say. Raises ValidationError for what belongs to another claim or was withdrawn.
    """
    check_has_role(by, claim.desk_id, Role.CHECKER)
    text = _checked(text)
    if parent is not None:
        if parent.claim_id != claim.pk or assertion or anchor or figure:
            raise ValidationError(_("An answer belongs to its thread, and is about what that is about."))
        thread = _locked(parent.parent_id or parent.pk)
        if thread.resolved_at:
            _reopen(thread, by=by, at=at, why=_("It was answered."))
        parent = thread
    _check_target(claim, assertion, anchor, figure)
    made = Comment(
        claim=claim,
        parent=parent,
        assertion=assertion,
        anchor=anchor,
        figure=figure,
        text=text,
        author=by,
        created_at=at,
    )
    made.full_clean()
    with acting(by=by, at=at):
        made.save(force_insert=True)
    told = _mention(made, claim.desk, at=at)
    if parent is not None:
        _tell_thread(made, told, claim.desk, at=at)
    return made


@transaction.atomic
def edit_comment(*, comment: Comment, text: str, by: User, at: datetime) -> Comment:
    """Reword one's own comment; what it said before stays in its history. Who is newly mentioned is told."""
    found, text = _mine(comment, by), _checked(text)
    if text == found.text:
        return found
    found.text, found.edited_at = text, at
    with acting(by=by, at=at):
        found.save(update_fields=["text", "edited_at"])
    _mention(found, found.claim.desk, at=at)
    return found


@transaction.atomic
def remove_comment(*, comment: Comment, by: User, at: datetime) -> None:
    """Take back one's own comment: its place in the thread stays, its words are in its history alone.

    A thread of which nothing is left is thereby resolved.
    """
    found = _mine(comment, by)
    found.text, found.removed_at = TAKEN_BACK, at
    with acting(by=by, at=at, why=_("Taken back by its author.")):
        found.save(update_fields=["text", "removed_at"])
        found.mentions.clear()
        thread = found.parent or found
        left = Comment.objects.filter(Q(pk=thread.pk) | Q(parent=thread), removed_at__isnull=True)
        if not thread.resolved_at and not left.exists():
            thread.resolved_at, thread.resolved_by = at, by
            thread.save(update_fields=["resolved_at", "resolved_by"])


@transaction.atomic
def resolve_thread(*, thread: Comment, by: User, at: datetime) -> None:
    """Say that a thread is settled. Who did it first, and when, stays."""
    check_has_role(by, thread.claim.desk_id, Role.CHECKER)
    thread = _locked(thread.parent_id or thread.pk)
    if thread.resolved_at:
        return
    thread.resolved_at, thread.resolved_by = at, by
    with acting(by=by, at=at):
        thread.save(update_fields=["resolved_at", "resolved_by"])


@transaction.atomic
def reopen_thread(*, thread: Comment, by: User, at: datetime) -> None:
    """Say that a thread is not settled after all."""
    check_has_role(by, thread.claim.desk_id, Role.CHECKER)
    thread = _locked(thread.parent_id or thread.pk)
    if thread.resolved_at:
        _reopen(thread, by=by, at=at)


def can_edit_comment(user: Any, comment: Comment) -> bool:
    """Nobody rewords or takes back what somebody else said; what was taken back is gone."""
    return comment.author_id == user.pk and comment.removed_at is None


# --- what people read -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """Some words of a comment; with `name`, the user name of somebody who is mentioned there."""

    text: str
    name: str = ""


@dataclass
class Discussion:
    """The comments of one claim: a page of its threads, and how many there are about each thing of it.

    `about` counts the threads by the id of the assertion, quotation or figure. `topic` is the id of the one whose
    threads are asked for, or empty, and `kind` what that is: assertion, anchor or figure.
    """

    page: Page[Any]
    about: Mapping[str, int]
    open: int
    resolved: int
    show: str
    topic: str
    kind: str

    @property
    def total(self) -> int:
        return self.open + self.resolved


def threads_of(claim: Claim) -> list[Comment]:
    """All threads of a claim, the newest first, each with its `answers` in order."""
    roots = Comment.objects.filter(claim=claim, parent__isnull=True).values_list("pk", flat=True)
    return _with_answers(list(roots.order_by("-created_at", "-id")))


def discussion(claim: Claim, *, show: str = "open", topic: str = "", number: Any = 1) -> Discussion:
    """One page of a claim's threads, newest first, in two queries. `show` is open, resolved or all.

    All threads about one thing (`topic`: its id) are shown, whatever their state, unless `show` says otherwise.
    """
    rows = list(
        Comment.objects.filter(claim=claim, parent__isnull=True)
        .order_by("-created_at", "-id")
        .values_list("pk", "resolved_at", *(f"{kind}_id" for kind in KINDS))
    )
    about = Counter(str(pk) for row in rows for pk in row[2:] if pk)
    asked = [row for row in rows if not topic or topic in map(str, row[2:])]
    kept = {"open": [row for row in asked if not row[1]], "resolved": [row for row in asked if row[1]]}
    show = show if show in (*kept, "all") else "open"
    page: Any = Paginator(kept.get(show, asked), THREADS).get_page(number)
    page.object_list = _with_answers([row[0] for row in page.object_list])
    kind = next(
        (name for row in asked for name, pk in zip(KINDS, row[2:], strict=True) if str(pk) == topic), ""
    )
    return Discussion(page, about, len(kept["open"]), len(kept["resolved"]), show, topic, kind)


def thread_of(comment: Comment) -> Comment:
    """The thread of a comment, with its `answers`."""
    return _with_answers([comment.parent_id or comment.pk])[0]


def pieces(comment: Any) -> list[Piece]:
    """The words of a comment `_with_answers`, cut where somebody is mentioned; joined, the texts are its text."""
    known, cut, end = _by_name(comment.names), [], 0
    for match in _MENTION.finditer(comment.text):
        if called := _called(match[1], known):
            start, stop = match.start(), match.start(1) + len(called[0])
            cut += [Piece(comment.text[end:start]), Piece(comment.text[start:stop], called[1])]
            end = stop
    return [piece for piece in (*cut, Piece(comment.text[end:])) if piece.text]


def wordings(comment: Comment) -> list[Any]:
    """What a comment said at each time, oldest first: its events, of which the words differ. None once taken back."""
    if comment.removed_at or not comment.edited_at:
        return []
    events = list(_events().filter(pgh_obj=comment.pk).order_by("pgh_id"))
    return [event for before, event in zip([None, *events], events, strict=False) if _differs(before, event)]


def opinions_are_blind(claim: Claim) -> bool:
    """Whether somebody still owes an opinion on the claim, so that others' opinions are not to be read yet."""
    return claim.tasks.blind().exists()


def people_to_mention(desk: Desk) -> QuerySet[User]:
    """The desk's active members: whom a comment can mention by user name."""
    return members(desk).order_by("username")


# --- inside ---------------------------------------------------------------------------------------------------------


def _checked(text: str) -> str:
    """The words as they are kept: one kind of line end, nothing around them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    ProhibitNullCharactersValidator()(text)
    if not text:
        raise ValidationError({"text": _("Say something.")})
    try:
        MaxLengthValidator(LONGEST)(text)
    except ValidationError as refusal:
        raise ValidationError({"text": refusal}) from refusal
    return text


def _check_target(claim: Claim, *things: Assertion | Anchor | Figure | None) -> None:
    given = [thing for thing in things if thing is not None]
    if len(given) > 1:
        raise ValidationError(_("A thread is about one thing."))
    for thing in given:
        holder = thing.assertion if isinstance(thing, Anchor) else thing
        if holder.claim_id != claim.pk:
            raise ValidationError(_("A comment is about something of its own claim."))
        if holder.withdrawn_at:
            raise ValidationError(_("What was withdrawn is not discussed any more."))


def _locked(pk: UUID) -> Comment:
    return Comment.objects.select_for_update(of=("self",)).select_related("claim__desk").get(pk=pk)


def _mine(comment: Comment, by: User) -> Comment:
    check_has_role(by, comment.claim.desk_id, Role.CHECKER)
    if comment.parent_id:  # the thread's row first, as whoever answers locks it
        _locked(comment.parent_id)
    found = _locked(comment.pk)
    if found.author_id != by.pk:
        raise PermissionDenied(_("Only its author rewords a comment or takes it back."))
    if found.removed_at:
        raise ValidationError(_("This comment was taken back."))
    return found


def _reopen(thread: Comment, *, by: User, at: datetime, why: str = "") -> None:
    thread.resolved_at = thread.resolved_by = None
    with acting(by=by, at=at, why=why):
        thread.save(update_fields=["resolved_at", "resolved_by"])


def _mention(said: Comment, desk: Desk, *, at: datetime) -> set[UUID]:
    """Keep whom of the desk the words name, and tell them, each once however often it is reworded."""
    names = set(_MENTION.findall(said.text))
    found: dict[UUID, User] = {}
    if names:
        people = {user.username: user for user in people_to_mention(desk)}
        known = _by_name(people)
        named = [called[1] for name in names if (called := _called(name, known))]
        found = {people[name].pk: people[name] for name in named}
    said.mentions.set(found.values())
    if found:
        key = f"mention:{said.pk}"
        notify(
            to=found.values(),
            kind=Kind.MENTION,
            desk=desk,
            key=key,
            at=at,
            claim=said.claim,
            comment=said,
            actor=said.author,
        )
    return set(found)


def _tell_thread(said: Comment, told: set[UUID], desk: Desk, *, at: datetime) -> None:
    """Tell who has spoken in the thread of an answer, but for those who are mentioned in it: they know."""
    spoken = Comment.objects.filter(Q(pk=said.parent_id) | Q(parent=said.parent_id), removed_at__isnull=True)
    people = User.objects.filter(pk__in=spoken.values("author")).exclude(pk__in=told)
    key = f"reply:{said.pk}"
    notify(
        to=people,
        kind=Kind.REPLY,
        desk=desk,
        key=key,
        at=at,
        claim=said.claim,
        comment=said,
        actor=said.author,
    )


def _by_name(names: Iterable[str]) -> dict[str, str]:
    """User names by themselves, and by their small letters where these mean one alone."""
    names = list(names)
    small = Counter(name.casefold() for name in names)
    return {name.casefold(): name for name in names if small[name.casefold()] == 1} | {n: n for n in names}


def _called(written: str, known: Mapping[str, str]) -> tuple[str, str] | None:
    """The longest beginning of what is `written` after an @ that names somebody, and the user name; None for nobody."""
    while written:
        plain = unicodedata.normalize("NFKC", written)  # as Django normalizes user names
        if name := known.get(plain) or known.get(plain.casefold()):
            return written, name
        if written[-1] not in _AFTER:
            return None
        written = written[:-1]
    return None


def _with_answers(roots: list[UUID]) -> list[Comment]:
    """Those threads in that order, each with its `answers`; all with authors, targets and the `names` mentioned."""
    names = User.objects.filter(mentioned_in=OuterRef("pk")).order_by("username").values("username")
    found: Any = (
        Comment.objects.filter(Q(pk__in=roots) | Q(parent__in=roots))
        .select_related("author", "resolved_by", "assertion__speaker", "anchor__assertion", "figure", "claim")
        .annotate(names=ArraySubquery(names))
        .order_by("created_at", "id")
    )
    threads: dict[UUID, Any] = {}
    answers: dict[UUID, list[Comment]] = {pk: [] for pk in roots}
    for each in found:
        each.pieces = pieces(each)
        if each.parent_id is None:
            threads[each.pk] = each
        else:
            answers[each.parent_id].append(each)
    for pk, thread in threads.items():
        thread.answers = answers[pk]
    return [threads[pk] for pk in roots]


def _events() -> Any:
    return Comment.pgh_event_model.objects  # type: ignore[attr-defined] # put there by pghistory


def _differs(before: Any, event: Any) -> bool:
    return before is None or before.text != event.text
