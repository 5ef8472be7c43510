"""Publishing: freezing an approved claim into an immutable version, and what happens to it afterwards."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from claims.attribution.evidence import beyond_grade
from claims.attribution.reading import assertions_of, origins_of, origins_summary
from claims.statements.models import Axis, Claim, Transition
from claims.statements.services import ChangedMeanwhile
from claims.statements.states import Workflow
from sources.custody import services as custody
from sources.custody.canonical import canonical
from sources.custody.kinds import Kind
from verify.accounts.models import User
from verify.publish import listed, rules
from verify.publish.models import Publication, Version, VersionKind
from verify.publish.schemas import NEWEST_VERSION, current_version
from verify.publish.states import TRANSITIONS, PublicationState, owes_reason
from verify.review.content import content_of, moment
from verify.review.services import approvals_of, finish_published, in_conflict
from verify.review.settling import is_owed

SCHEMA = NEWEST_VERSION

ENTRY_KINDS = {
    VersionKind.PUBLISHED: Kind.VERSION_PUBLISHED,
    VersionKind.CORRECTED: Kind.VERSION_CORRECTED,
    VersionKind.RETRACTED: Kind.VERSION_RETRACTED,
}


@transaction.atomic
def publish(*, claim: Claim, by: User, at: datetime) -> Version:
    """Publish an approved claim for the first time, or again after a pause. Raises ValidationError with the reason."""
    rules.check_can_publish(by, claim)
    claim, publication = _lock(claim, at)
    if publication.state == PublicationState.PAUSED:
        raise ValidationError(_("This claim is paused: resume it, or publish a correction."))
    if publication.state != PublicationState.UNPUBLISHED:
        raise ValidationError(_("This claim is published already: publish a correction."))
    judged = _approved(claim)
    version = _freeze(claim, VersionKind.PUBLISHED, judged, reason="", by=by, at=at)
    _move(publication, PublicationState.PUBLISHED, version=version, reason="", by=by, at=at)
    finish_published(claim=claim, digest=version.content_digest, by=by, at=at)
    return version


@transaction.atomic
def correct(*, claim: Claim, reason: str, by: User, at: datetime) -> Version:
    """Publish the newly approved content as a correction, with a public reason."""
    rules.check_can_publish(by, claim)
    _check_reason(reason)
    claim, publication = _lock(claim, at)
    judged = _approved(claim)
    if publication.version is not None and publication.version.content_digest == _digest(judged["claim"]):
        raise ValidationError(_("Nothing has changed since the published version."))
    version = _freeze(claim, VersionKind.CORRECTED, judged, reason=reason, by=by, at=at)
    _move(publication, PublicationState.CORRECTED, version=version, reason=reason, by=by, at=at)
    finish_published(claim=claim, digest=version.content_digest, by=by, at=at)
    return version


@transaction.atomic
def retract(*, claim: Claim, reason: str, by: User, at: datetime) -> Version:
    """Withdraw a published claim for good; the page stays and says that it was retracted and why."""
    rules.check_can_publish(by, claim)
    _check_reason(reason)
    claim, publication = _lock(claim, at)
    if publication.version is None:
        raise ValidationError(_("This claim was never published."))
    last = current_version(json.loads(bytes(publication.version.snapshot)))
    judged = {name: last[name] for name in ("claim", "origins", "topics")}
    version = _freeze(claim, VersionKind.RETRACTED, judged, reason=reason, by=by, at=at)
    _move(publication, PublicationState.RETRACTED, version=version, reason=reason, by=by, at=at)
    return version


@transaction.atomic
def pause(*, claim: Claim, reason: str, by: User, at: datetime) -> None:
    """Hide a published claim without erasing anything."""
    rules.check_can_publish(by, claim)
    _check_reason(reason)
    claim, publication = _lock(claim, at)
    _move(publication, PublicationState.PAUSED, version=publication.version, reason=reason, by=by, at=at)


@transaction.atomic
def resume(*, claim: Claim, reason: str, by: User, at: datetime) -> None:
    """Show a paused claim again, in the version it had."""
    rules.check_can_publish(by, claim)
    _check_reason(reason)
    claim, publication = _lock(claim, at)
    if publication.state != PublicationState.PAUSED or publication.version is None:
        raise ValidationError(_("Only a paused claim can be resumed."))
    back = PublicationState.PUBLISHED
    if publication.version.kind == VersionKind.CORRECTED:
        back = PublicationState.CORRECTED
    _move(publication, back, version=publication.version, reason=reason, by=by, at=at)


def _lock(claim: Claim, at: datetime) -> tuple[Claim, Publication]:
    # The claim's row first: an edit waits for us or we for it, never past each other.
    claim = Claim.objects.select_for_update(of=("self",)).select_related("desk").get(pk=claim.pk)
    Publication.objects.get_or_create(claim=claim, defaults={"changed_at": at})
    # Not joined with its version: that may be another by the time the lock is ours.
    return claim, Publication.objects.select_for_update().get(pk=claim.pk)


def _approved(claim: Claim) -> dict[str, Any]:
    # Read once: what is counted as approved is what is frozen, whatever a worker writes meanwhile.
    assertions = assertions_of(claim)
    judged: dict[str, Any] = {
        "claim": content_of(claim, assertions),
        "origins": origins_summary(claim),
        "topics": [{"id": topic.pk, "name": topic.name} for topic in claim.topics.order_by("name", "pk")],
    }
    # Said first: while opinions are blind, how many there are is nobody's.
    if claim.workflow != Workflow.APPROVED or is_owed(claim):
        raise ValidationError(_("This claim is not approved yet: a review is still outstanding."))
    if in_conflict(claim):
        raise ValidationError(_("The reviewers disagree: somebody else must decide between them first."))
    needed, has = claim.desk.approvals_needed, approvals_of(claim, _digest(judged["claim"]))
    if has < needed:
        raise ValidationError(
            _("Publishing needs %(needed)s approvals of exactly this content; it has %(has)s.")
            % {"needed": needed, "has": has}
        )
    if too_good := beyond_grade(judged["claim"]["evidence"], origins_of(claim, assertions)):
        raise ValidationError(graded_too_well(len(too_good)))
    return judged


def graded_too_well(count: int) -> str:
    """Why a claim with so many pieces of evidence graded better than its origins allow is not published."""
    return ngettext(
        "%(n)s piece of evidence is graded “confirmed by other sources”, and there are no two independent origins by "
        "now that confirm each other. Grade it anew.",
        "%(n)s pieces of evidence are graded “confirmed by other sources”, and there are no two independent origins "
        "by now that confirm each other. Grade them anew.",
        count,
    ) % {"n": count}


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why; readers see it.")})


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(content)).hexdigest()


def _freeze(
    claim: Claim,
    kind: VersionKind,
    judged: dict[str, Any],
    *,
    reason: str,
    by: User,
    at: datetime,
) -> Version:
    previous = claim.versions.order_by("-number").first()
    number = previous.number + 1 if previous else 1
    content_sha256 = _digest(judged["claim"])
    snapshot = canonical(
        {
            "schema": SCHEMA,
            **judged,
            "content_sha256": content_sha256,
            "desk": {"slug": claim.desk.slug, "name": claim.desk.name},
            "kind": kind.value,
            "log": settings.LOG_ORIGIN,
            "number": number,
            "previous_sha256": previous.sha256 if previous else None,
            "published_at": moment(at),
            "reason": reason,
        }
    )
    sha256 = hashlib.sha256(snapshot).hexdigest()
    return Version.objects.create(
        claim=claim,
        number=number,
        kind=kind,
        content_digest=content_sha256,
        snapshot=snapshot,
        sha256=sha256,
        reason=reason,
        published_by=by,
        published_at=at,
        entry=custody.record(
            kind=ENTRY_KINDS[kind],
            subject=claim,
            facts={"number": number, "sha256": sha256, "content_sha256": content_sha256},
            by=by,
            at=at,
        ),
    )


def _move(
    publication: Publication,
    to: PublicationState,
    *,
    version: Version | None,
    reason: str,
    by: User,
    at: datetime,
) -> None:
    old = PublicationState(publication.state)
    if to not in TRANSITIONS[old]:
        raise ValidationError(
            _("A publication cannot go from “%(old)s” to “%(new)s”.") % {"old": old.label, "new": to.label}
        )
    if owes_reason(old, to):
        _check_reason(reason)
    moved = Publication.objects.filter(pk=publication.pk, state=old).update(
        state=to, version=version, changed_at=at
    )
    if not moved:
        raise ChangedMeanwhile(_("The publication was changed by somebody else meanwhile."))
    publication.state, publication.version, publication.changed_at = to, version, at
    listed.keep(publication)
    Transition.objects.create(
        claim_id=publication.pk,
        axis=Axis.PUBLICATION,
        subject=version.pk if version else None,
        old=old,
        new=to,
        reason=reason,
        by=by,
        at=at,
    )
