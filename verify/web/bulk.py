"""One act on many claims, each for itself: what is refused for one is done for the others, and is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from claims.statements import services
from claims.statements.models import Claim, Topic
from claims.statements.states import Workflow
from verify.accounts.models import Desk, User
from verify.review import services as reviews
from verify.review.models import Task, TaskKind

MOST = 200  # claims at once


@dataclass
class Outcome:
    """What became of each claim: done, as it was already, or refused with the reason."""

    done: list[Claim] = field(default_factory=list)
    already: list[Claim] = field(default_factory=list)
    refused: list[tuple[Claim, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.done) + len(self.already) + len(self.refused)


def chosen(ids: Iterable[str], desk: Desk) -> tuple[list[Claim], int]:
    """The claims of the desk among `ids`, in their order, and how many ids are none of its claims.

    What is no id, and the id of another desk's claim, are counted alike. Raises ValidationError for none and for more
    than `MOST`.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        raise ValidationError(_("Choose claims first: tick the box before each."))
    if len(wanted) > MOST:
        raise ValidationError(
            ngettext(
                "At most %(most)s claim at once; these are %(n)s. Nothing was done.",
                "At most %(most)s claims at once; these are %(n)s. Nothing was done.",
                MOST,
            )
            % {"most": MOST, "n": len(wanted)}
        )
    keys = [key for each in wanted if (key := _uuid(each)) is not None]
    found = Claim.objects.filter(desk=desk).select_related("desk", "case", "author").in_bulk(keys)
    claims = [found[key] for key in dict.fromkeys(keys) if key in found]
    return claims, len(wanted) - len(claims)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def move_all(
    *, claims: Iterable[Claim], to: Workflow, reason: str, by: User, at: datetime, seen: str = ""
) -> Outcome:
    """Move each by hand. What stands there already stays, so that doing it twice is doing it once.

    With `seen`, the state in which a person saw them, what has left that state is refused.
    """
    outcome = Outcome()
    for claim in claims:
        if claim.workflow == to:
            outcome.already.append(claim)
            continue
        if seen not in ("", claim.workflow):
            outcome.refused.append((claim, _("This claim was moved by somebody else meanwhile.")))
            continue
        try:
            services.move_by_hand(claim=claim, to=to, reason=reason, by=by, at=at)
        except (ValidationError, PermissionDenied) as refusal:
            outcome.refused.append((claim, sentence(refusal)))
        else:
            outcome.done.append(claim)
    return outcome


def tag_all(
    *, claims: Sequence[Claim], topics: Iterable[Topic], by: User, at: datetime, new: str = ""
) -> Outcome:
    """File all under the topics, and under a new one."""
    wanted = list(topics)
    if new.strip() and claims:
        wanted.append(services.make_topic(desk=claims[0].desk, name=new, by=by, at=at))
    return _told(claims, services.tag_claims(claims=claims, topics=wanted, by=by, at=at))


def untag_all(*, claims: Sequence[Claim], topics: Iterable[Topic], by: User, at: datetime) -> Outcome:
    """Take all out of the topics."""
    return _told(claims, services.untag_claims(claims=claims, topics=topics, by=by, at=at))


def assign_all(
    *, claims: Sequence[Claim], reviewer: User | None, by: User, at: datetime, kind: TaskKind, **asked: Any
) -> Outcome:
    """Ask a person, or the pool, for a review of each. What waits there already is not asked for twice."""
    same = Task.objects.waiting().filter(claim__in=claims, assignee=reviewer, kind=kind)
    asked_already = set(same.values_list("claim", flat=True))
    outcome = Outcome(already=[claim for claim in claims if claim.pk in asked_already])
    rest = [claim for claim in claims if claim.pk not in asked_already]
    for claim, task, why in reviews.assign_many(
        claims=rest, reviewer=reviewer, by=by, at=at, kind=kind, **asked
    ):
        if task is None:
            outcome.refused.append((claim, why))
        else:
            outcome.done.append(claim)
    return outcome


def _told(claims: Sequence[Claim], changed: Iterable[Claim]) -> Outcome:
    done = {claim.pk for claim in changed}
    return Outcome(
        done=[claim for claim in claims if claim.pk in done],
        already=[claim for claim in claims if claim.pk not in done],
    )


def sentence(refusal: ValidationError | PermissionDenied) -> str:
    """Why something was refused, for a line."""
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
