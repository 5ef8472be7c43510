"""Re-derive what was published: each version from its bytes, its predecessor, its approvals and its log entry."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, TextField
from django.db.models.functions import Cast

from sources.custody.body import BodyError
from sources.custody.canonical import CanonicalError, canonical, parse
from sources.custody.fsck import Fault, Progress, Report, guard_faults, silent
from sources.custody.models import Entry
from verify.publish import listed
from verify.publish.models import Announcement, Listing, Publication, Version, VersionKind
from verify.publish.schemas import KNOWN
from verify.publish.services import ENTRY_KINDS
from verify.publish.states import SHOWN, PublicationState
from verify.review.content import moment
from verify.review.models import Opinion, Review, TaskKind, Verdict
from verify.review.states import APPROVING, ROUND

PART = "publish"
# What reviewers and publishers did stays on record: the tables that refuse TRUNCATE, made by this app's migrations.
HISTORY = (
    "sources_grade",
    "claims_transition",
    "verify_review",
    "verify_verdict",
    "verify_version",
    "verify_announcement",
)


def faults(*, report: Report = silent) -> Iterator[Fault]:
    """Every fault of versions, publications and approved verdicts, and of what guards their history."""
    yield from guard_faults(PART, ((table, f"{table}_no_truncate") for table in HISTORY))
    versions = Version.objects.select_related("entry", "claim__desk").order_by("claim_id", "number")
    total, previous = versions.count(), None
    for done, version in enumerate(versions.iterator(chunk_size=200), start=1):
        if previous is not None and previous.claim_id != version.claim_id:
            previous = None
        yield from _version_faults(version, previous)
        previous = version
        report(Progress("publish: versions", done, total))
    yield from _lost_versions()
    yield from _publication_faults()
    yield from _announcement_faults()
    yield from _listing_faults()
    yield from _verdict_faults()


def _version_faults(version: Version, previous: Version | None) -> Iterator[Fault]:
    thing, snapshot = f"version {version.claim_id} v{version.number}", bytes(version.snapshot)
    found = hashlib.sha256(snapshot).hexdigest()
    if found != version.sha256:
        yield Fault(PART, thing, f"its snapshot hashes to {found}; its row says {version.sha256}")
    try:
        entry = version.entry.read()
    except BodyError:
        entry = None  # the log's own check names the entry
    if entry is not None and (entry.facts.get("sha256"), entry.subject_id) != (found, str(version.claim_id)):
        yield Fault(PART, thing, f"its log entry {version.entry_id} speaks of another snapshot")
    try:
        content = parse(snapshot)
    except CanonicalError as error:
        yield Fault(PART, thing, f"its snapshot is not canonical JSON: {error}")
        return
    if not isinstance(content, dict) or not content.keys() >= {"claim", *_columns(version)}:
        yield Fault(PART, thing, "its snapshot is not that of a version: parts of it are missing")
        return
    differing = [name for name, value in _columns(version).items() if content[name] != value]
    if differing:
        yield Fault(PART, thing, f"its row differs from its snapshot in {', '.join(differing)}")
    schema = content["claim"].get("schema") if isinstance(content["claim"], dict) else None
    if schema not in KNOWN:
        yield Fault(PART, thing, f"its claim has the schema {schema}, which this release cannot read")
    if hashlib.sha256(canonical(content["claim"])).hexdigest() != version.content_digest:
        yield Fault(PART, thing, "its content is not what the reviewers approved")
    before = previous.sha256 if previous else None
    expected = previous.number + 1 if previous else 1
    if version.number != expected or content.get("previous_sha256") != before:
        yield Fault(PART, thing, "it does not follow the version before it")
    yield from _opinion_faults(version, thing)


def _opinion_faults(version: Version, thing: str) -> Iterator[Fault]:
    """What the database asks of the opinions on a content when a version of it is made; see `Version`'s trigger."""
    given = Review.objects.filter(claim=version.claim_id, content_digest=version.content_digest)
    approved = given.filter(opinion=Opinion.APPROVE, kind__in=APPROVING)
    if not approved.exists():
        yield Fault(PART, thing, "nobody is on record as having approved its content")
    # Who returns it after it was published does not make publishing it wrong, nor does withdrawing it then.
    returned = given.filter(opinion=Opinion.RETURN, kind__in=ROUND, submitted_at__lte=version.published_at)
    decided = approved.filter(kind=TaskKind.ADJUDICATION)
    if version.kind != VersionKind.RETRACTED and returned.exists() and not decided.exists():
        yield Fault(
            PART, thing, "a reviewer had returned its content, and nobody decided between the opinions"
        )


def _columns(version: Version) -> dict[str, Any]:
    """What the row repeats of the snapshot, for lookups, as the snapshot says it."""
    return {
        "kind": version.kind,
        "number": version.number,
        "published_at": moment(version.published_at),
        "reason": version.reason,
    }


def _lost_versions() -> Iterator[Fault]:
    entries = Entry.objects.filter(kind__in=ENTRY_KINDS.values(), subject_type="claim", version=None)
    for index, claim in entries.order_by("index").values_list("index", "subject_id"):
        yield Fault(
            PART,
            f"version of claim {claim}",
            f"log entry {index} says that it was published; its row is gone",
        )


def _publication_faults() -> Iterator[Fault]:
    for publication in Publication.objects.select_related("version").iterator(chunk_size=500):
        version = publication.version
        if version is None:
            continue
        newest = (
            Version.objects.filter(claim=publication.claim_id)
            .order_by("-number")
            .values_list("pk", flat=True)
        )
        if version.pk != newest.first():
            yield Fault(PART, f"publication {publication.claim_id}", "it does not show the newest version")
        if publication.state not in (version.kind, PublicationState.PAUSED):
            problem = f"it says {publication.state}; its version says {version.kind}"
            yield Fault(PART, f"publication {publication.claim_id}", problem)


def _announcement_faults() -> Iterator[Fault]:
    """What was announced, against how things stand: no number missing, the last one true, no version left out."""
    expected = 1
    last: dict[UUID, tuple[str, UUID]] = {}
    rows = Announcement.objects.order_by("number").values_list("number", "claim", "state", "version")
    for number, claim, state, version in rows.iterator(chunk_size=2000):
        if number != expected:
            yield Fault(PART, f"announcement {expected}", f"it is missing; the next one is {number}")
        expected = number + 1
        last[claim] = (state, version)
    stand = Publication.objects.exclude(version=None).order_by("pk").values_list("pk", "state", "version")
    for claim, state, version in stand.iterator(chunk_size=2000):
        if claim not in last:
            yield Fault(PART, f"publication {claim}", "it was never announced")
        elif last[claim] != (state, version):
            problem = f"what was last announced of it is not that it is {state} in its version"
            yield Fault(PART, f"publication {claim}", problem)
    yield from _unannounced()


def _unannounced() -> Iterator[Fault]:
    # An installation older than announcements announced only how things stood when they came.
    first = Announcement.objects.filter(claim=OuterRef("claim")).order_by("version__number")
    versions = Version.objects.filter(announcements=None).annotate(since=first.values("version__number")[:1])
    for version in versions.filter(number__gt=F("since")).defer("snapshot"):
        yield Fault(PART, f"version {version.claim_id} v{version.number}", "it was never announced")


def _listing_faults() -> Iterator[Fault]:
    """What lists and searches go by, derived anew from the snapshots."""
    hidden = Listing.objects.exclude(publication__state__in=SHOWN).values_list("pk", flat=True)
    for claim in hidden:
        yield Fault(PART, f"listing {claim}", "it is listed, and not shown")
    shown = Publication.objects.public().select_related("version", "listing").order_by("pk")
    for publication in shown.iterator(chunk_size=200):
        thing, row = f"listing {publication.pk}", getattr(publication, "listing", None)
        if row is None:
            yield Fault(PART, thing, "the claim is shown, and not listed")
            continue
        version = publication.version
        if version is None or hashlib.sha256(bytes(version.snapshot)).hexdigest() != version.sha256:
            continue  # named by the version's own check
        try:
            made = listed.derived(publication)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # the version's own check names what is wrong with its snapshot
        if row.version_id != publication.version_id:
            yield Fault(PART, thing, "it is of another version than the one that is shown")
        words = {"kept": Cast("words", TextField()), "made": Cast(made.pop("words"), TextField())}
        rows: Any = Listing.objects.annotate(**words)
        same = rows.filter(pk=row.pk, kept=F("made")).exists()
        differing = [name for name, value in made.items() if getattr(row, name) != value]
        if differing or not same:
            names = ", ".join([*differing, *([] if same else ["words"])])
            yield Fault(PART, thing, f"it differs from what its version says in {names}")


def _verdict_faults() -> Iterator[Fault]:
    approved = Verdict.objects.filter(entry__isnull=False).select_related("entry", "rating")
    for verdict in approved.iterator(chunk_size=500):
        assert verdict.entry is not None
        try:
            facts = verdict.entry.read().facts
        except BodyError:
            continue
        said = (facts.get("verdict"), facts.get("number"), facts.get("content_sha256"))
        if said != (verdict.rating.code, verdict.number, verdict.approved_digest):
            yield Fault(
                PART,
                f"verdict {verdict.pk}",
                f"its log entry {verdict.entry_id} says otherwise: {json.dumps(said)}",
            )
