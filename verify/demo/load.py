"""Loading the demo case: the story (`story.py`) told through the same services that people's clicks go through.

The pages are really fetched, by the worker, from the demo's press site. Safe to run again: each stage is one
transaction that is skipped when it is there already, so that a load that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from claims.attribution.models import Assertion, AssertionRole, Polarity, Stance, Strength, Verb
from claims.attribution.services import anchor_quote, attribute_claim, link_evidence, state_figure
from claims.statements.models import Case, Claim, Figure
from claims.statements.services import move, open_case, register_claim
from claims.statements.states import Workflow
from sources.archive.models import Capture, CaptureKind, CaptureMode, Change
from sources.archive.services import request_capture
from sources.archive.states import CaptureState
from sources.catalog.batches import read_list, request_batch
from sources.catalog.models import AffiliationKind, Document, Reliability, Source, SourceKind
from sources.catalog.services import (
    affiliate,
    grade_source,
    register_document,
    register_source,
    upload_file,
    watch_document,
)
from sources.custody.services import checkpoint
from sources.precision import Precision
from verify.accounts.models import Desk, Membership, Role, User
from verify.demo import outlets, records, sent, story
from verify.demo.pressroom import set_stage
from verify.publish.services import publish
from verify.review.content import content_digest
from verify.review.models import Opinion
from verify.review.services import assign_review, give_default_scale, propose_verdict, submit_review

DESK = "coast"
PEOPLE = {
    # user name: role, name shown
    "checker": (Role.CHECKER, "Rana (checker)"),
    "reviewer": (Role.CHECKER, "Jonas (reviewer)"),
    "editor": (Role.EDITOR, "Maryam (editor)"),
    "viewer": (Role.VIEWER, "Theo (viewer)"),
    "admin": (Role.ADMIN, "Samir (administrator)"),
}
# Rendered in a browser where there is one; the others are kept as they were sent.
RENDERED = ("reuters-toll", "bbc-toll", "sana-ministry-ar", "sohr-0312", "un-briefing", "video-clip")
PERPETRATORS = {
    "": "",
    "government-forces-and-armed-groups": "government forces and armed groups",
    "pro-assad-militia": "pro-Assad militia",
}
CAPTURE_SECONDS = 180

Say = Callable[[str], None]


class DemoError(Exception):
    """The demo cannot be loaded here; the text says why and what to do."""


@dataclass
class Cast:
    """What the story's keys stand for."""

    desk: Desk
    people: dict[str, User]
    sources: dict[str, Source]
    documents: dict[str, Document]


def is_complete() -> bool:
    """Whether the whole demo case is there: the page that is gone is captured last."""
    return Capture.objects.filter(desk__slug=DESK, http_status__in=[404, 410]).exists()


def load(*, say: Say) -> None:
    """Load the whole case, or what of it is missing. Raises DemoError."""
    if not settings.DEMO_PRESS:
        raise DemoError(
            "The demo fetches pages from its press site, which runs with: make run (or: make demo)"
        )
    set_stage(settings.DEMO_PRESS, 1)
    cast = _cast(say)
    _captures(cast, story.DOCUMENTS, say)
    _uploads(cast, say)
    if not Case.objects.filter(desk=cast.desk).exists():
        with transaction.atomic():
            _editorial(cast, say)
    _later(cast, say)
    signed = checkpoint(at=timezone.now())
    if signed is not None:
        say(f"signed a checkpoint of the log at {signed.size} entries")


def logins() -> list[tuple[str, str, str]]:
    """(user name, password, role) of the demo's people; empty where the demo was not loaded from here."""
    try:
        password = json.loads(_logins_file().read_text())["password"]
    except (OSError, ValueError, KeyError):
        return []
    return [(name, password, str(role.label)) for name, (role, _) in PEOPLE.items()]


def _logins_file() -> Path:
    return settings.VAR_DIR / "demo-logins.json"


# --- People, sources, documents -----------------------------------------------------------------------------------


def _cast(say: Say) -> Cast:
    with transaction.atomic():
        desk, made = Desk.objects.get_or_create(slug=DESK, defaults={"name": "Coast desk (demo)"})
        if made:
            give_default_scale(desk)
            _people(desk)
            _sources(desk)
            say(f"{len(PEOPLE)} people and {len(story.SOURCES)} sources at the {desk}")
    people = {name: User.objects.get(username=name) for name in PEOPLE}
    sources = {record.key: Source.objects.get(desk=desk, name=record.name) for record in story.SOURCES}
    documents = {
        record.key: register_document(
            desk=desk, url=record.url, outlet=sources[record.outlet], by=people["checker"], at=timezone.now()
        )
        for record in story.DOCUMENTS
    }
    return Cast(desk, people, sources, documents)


def _people(desk: Desk) -> None:
    # Made here, told on this machine only: no password is the same in two installations.
    password = secrets.token_urlsafe(9)
    handle = os.open(_logins_file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"password": password}, file)
    for name, (role, shown) in PEOPLE.items():
        user = User.objects.create_user(username=name, password=password, display_name=shown)
        Membership.objects.create(user=user, desk=desk, role=role)


def _sources(desk: Desk) -> None:
    checker, now = User.objects.get(username="checker"), timezone.now()
    made = {
        record.key: register_source(
            desk=desk,
            kind=SourceKind(record.kind),
            name=record.name,
            description=record.description,
            homepage=record.website,
            is_party=record.party,
            aliases=[(name, language) for language, name in record.aliases],
            secret_name="Nobody: an identity made up for the demonstration"
            if record.kind == SourceKind.PROTECTED_PERSON
            else "",
            by=checker,
            at=now,
        )
        for record in story.SOURCES
    }
    for tie in story.AFFILIATIONS:
        affiliate(
            source=made[tie.source],
            kind=AffiliationKind(tie.kind),
            principal=made[tie.target],
            valid_from=tie.since,
            valid_to=tie.until,
            note=tie.reason,
            by=checker,
        )
    for grade in story.GRADES:
        grade_source(
            source=made[grade.source],
            reliability=Reliability(grade.reliability),
            reason=grade.reason,
            by=checker,
            at=now,
        )


# --- Captures -----------------------------------------------------------------------------------------------------


def _captures(cast: Cast, documents: Iterable[records.Document], say: Say, *, force: bool = False) -> None:
    pending, plain = [], []
    for record in documents:
        document = cast.documents[record.key]
        if not force and document.captures.filter(state=CaptureState.ARCHIVED).exists():
            continue
        if record.key not in RENDERED and not force:
            plain.append(document.url)
            continue
        mode = CaptureMode.PAGE if record.key in RENDERED else CaptureMode.HTTP
        pending.append(
            request_capture(
                desk=cast.desk,
                url=document.url,
                mode=mode,
                document_id=document.pk,
                force=force,
                by=cast.people["checker"],
                at=timezone.now(),
            ).pk
        )
    if plain:
        pending += _batch(cast, plain)
    if pending:
        say(f"asked the worker for {len(pending)} captures")
        _wait(pending, say)


def _batch(cast: Cast, urls: list[str]) -> list[Any]:
    """Have the addresses archived as one list, as a checker who pastes them would; the captures' keys."""
    batch = request_batch(
        desk=cast.desk,
        rows=read_list("\n".join(urls)),
        label="The first reports",
        mode=CaptureMode.HTTP,
        by=cast.people["checker"],
        at=timezone.now(),
    )
    _until(
        lambda: not batch.rows.filter(done_at__isnull=True).exists(),
        "the list of addresses is still being worked through",
    )
    return [pk for pk in batch.rows.values_list("capture", flat=True) if pk is not None]


def _wait(keys: list[Any], say: Say) -> None:
    captures = Capture.objects.filter(pk__in=keys)
    _until(lambda: not captures.unfinished().exists(), "captures are still waiting")
    for capture in captures.filter(state=CaptureState.FAILED):
        say(f"not archived: {capture.url}: {capture.failure_detail}")
    archived = captures.filter(state=CaptureState.ARCHIVED)
    rendered = archived.filter(mode=CaptureMode.PAGE, degraded=False).count()
    say(f"archived {archived.count()} pages, {rendered} of them rendered in a browser")


def _until(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + CAPTURE_SECONDS
    while not condition():
        if time.monotonic() > until:
            raise DemoError(f"After {CAPTURE_SECONDS} s {what}: does the worker run?")
        time.sleep(0.2)


# --- What the desk makes of it ------------------------------------------------------------------------------------


def _editorial(cast: Cast, say: Say) -> None:
    now = timezone.now()
    checker = cast.people["checker"]
    case = open_case(
        desk=cast.desk,
        title=story.CASE.title,
        summary=story.CASE.summary,
        place="Latakia, Tartous, Hama and Homs governorates, Syria",
        began_on=date(2025, 3, 6),
        by=checker,
        at=now,
    )
    claims = {
        record.key: register_claim(
            desk=cast.desk,
            case=case,
            text=record.proposition,
            headline=record.headline,
            by=cast.people[record.author],
            at=now,
        )
        for record in story.CLAIMS
    }
    assertions = _assertions(cast, claims, checker, now)
    _figures(assertions, checker, now)
    _evidence(cast, claims, assertions, now)
    say(
        f"a case of {len(claims)} claims with {len(assertions)} assertions, each anchored in an archived text"
    )
    for verdict in story.VERDICTS:
        propose_verdict(
            claim=claims[verdict.claim],
            rating=cast.desk.ratings.get(code=verdict.code),
            rationale=verdict.rationale,
            by=cast.people[verdict.by],
            at=now,
        )
    _reviews(cast, claims, say)
    for record in story.CLAIMS:
        if record.workflow == Workflow.TRIAGED and claims[record.key].workflow == Workflow.DRAFT:
            move(claim=claims[record.key], to=Workflow.TRIAGED, reason="", by=cast.people["editor"], at=now)


def _assertions(cast: Cast, claims: dict[str, Claim], by: User, at: datetime) -> dict[str, Assertion]:
    made: dict[str, Assertion] = {}
    for record in story.ASSERTIONS:
        document = cast.documents[record.document]
        assertion = attribute_claim(
            claim=claims[record.claim],
            speaker=cast.sources[record.speaker],
            on_behalf_of=cast.sources[record.on_behalf_of] if record.on_behalf_of else None,
            outlet=cast.sources[record.outlet] if record.outlet else None,
            verb=Verb(record.verb),
            hedge=record.hedge,
            polarity=Polarity(record.polarity),
            said_at=record.said_at,
            said_precision=Precision.MINUTE,
            document=document,
            derives_from=made[record.derives_from] if record.derives_from else None,
            role=_role(record, cast),
            by=by,
            at=at,
        )
        capture = document.captures.filter(state=CaptureState.ARCHIVED).earliest("requested_at")
        anchor_quote(assertion=assertion, text=capture.texts.get(), quote=record.quote, by=by, at=at)
        made[record.key] = assertion
    return made


def _role(record: records.Assertion, cast: Cast) -> AssertionRole:
    if record.derives_from:
        return AssertionRole.RELAY
    if record.on_behalf_of:
        return AssertionRole.SPOKESPERSON
    return AssertionRole.WITNESS if cast.sources[record.speaker].is_protected else AssertionRole.ORIGINATOR


def _figures(assertions: dict[str, Assertion], by: User, at: datetime) -> None:
    made: dict[str, Figure] = {}
    for record in story.FIGURES:
        assertion = assertions[record.assertion]
        made[record.key] = state_figure(
            assertion=assertion,
            lower=record.lower,
            point=record.point,
            upper=record.upper,
            qualifier=record.qualifier,
            unit=record.unit,
            category=record.category,
            perpetrator=PERPETRATORS[record.perpetrator],
            place_as_written=record.place,
            window_from=record.window_start,
            window_to=record.window_end,
            as_of=record.as_of.date(),
            supersedes=made[record.supersedes] if record.supersedes else None,
            by=by,
            at=at,
        )


def _evidence(cast: Cast, claims: dict[str, Claim], assertions: dict[str, Assertion], at: datetime) -> None:
    for record in story.EVIDENCE:
        link_evidence(
            claim=claims[record.claim],
            stance=Stance(record.stance),
            strength=Strength(record.strength),
            credibility=record.credibility,
            reason=record.reason,
            assertion=assertions[record.assertion] if record.assertion else None,
            document=cast.documents[record.document] if record.document else None,
            by=cast.people[record.linked_by],
            at=at,
        )


def _reviews(cast: Cast, claims: dict[str, Claim], say: Say) -> None:
    now, approved = timezone.now(), 0
    for record in story.REVIEWS:
        claim = claims[record.claim]
        claim.refresh_from_db()
        task = assign_review(
            claim=claim,
            reviewer=cast.people[record.reviewer],
            by=cast.people[record.assigned_by],
            at=now,
            due_at=now + timedelta(days=1),
        )
        if record.approves is None:
            continue
        submit_review(
            task=task,
            opinion=Opinion.APPROVE if record.approves else Opinion.RETURN,
            reason=record.reason,
            content_digest_seen=content_digest(claim),
            by=cast.people[record.reviewer],
            at=timezone.now(),
        )
        claim.refresh_from_db()
        if record.approves:
            publish(claim=claim, by=cast.people[record.assigned_by], at=timezone.now())
            approved += 1
    say(f"{len(story.REVIEWS)} reviews assigned; {approved} claims approved by a second person and published")


# --- What happens later -------------------------------------------------------------------------------------------


def _later(cast: Cast, say: Say) -> None:
    """The press site moves on: one page has silently changed, one is gone; both are captured again."""
    changed = [record for record in story.DOCUMENTS if _changes(record.url)]
    documents = [cast.documents[record.key] for record in changed]
    if all(document.captures.count() > 1 for document in documents):
        return
    for document in documents:
        _watch(document, cast.people["checker"])
    set_stage(settings.DEMO_PRESS, 2)
    _captures(cast, changed, say, force=True)
    compared = Change.objects.filter(document__in=documents)
    _until(
        lambda: compared.values("document").distinct().count() == len(documents), "copies are still compared"
    )
    say(f"{compared.open_alerts().count()} alerts for the inbox; {len(documents)} documents are watched")
    gone = Capture.objects.filter(document__in=cast.documents.values(), http_status__in=[404, 410]).count()
    say(f"captured {len(changed)} pages again: one has changed, {gone} is gone")


def _watch(document: Document, by: User) -> None:
    hour, week = 3600, 7 * 86_400  # seconds
    watch_document(
        document=document, mode=CaptureMode.PAGE, shortest=hour, longest=week, by=by, at=timezone.now()
    )


def _uploads(cast: Cast, say: Say) -> None:
    """A picture and a chat that reached the desk without an address: drawings and words made for the demonstration."""
    if Capture.objects.filter(desk=cast.desk, kind=CaptureKind.UPLOAD).exists():
        return
    for filename, content in sent.FILES:
        upload_file(
            desk=cast.desk,
            content=[content()],
            filename=filename,
            by=cast.people["checker"],
            at=timezone.now(),
        )
    say(f"received {len(sent.FILES)} files that were sent to the desk")


def _changes(url: str) -> bool:
    host, _, path = url.removeprefix("http://").partition("/")
    page = outlets.load(host, "/" + path, 2)
    return page != outlets.load(host, "/" + path, 1) or (page is not None and page.gone_from == 2)
