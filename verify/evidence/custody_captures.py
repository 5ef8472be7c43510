"""What the custody report says of captures: their rows, and each of them checked against the log."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, Q

from claims.attribution.models import Anchor, Evidence, Region
from claims.statements.models import Claim
from sources.archive.inspections import digest_of
from sources.archive.models import Capture, Change, Exchange, Inspection, Redaction, Text
from sources.archive.states import CaptureState
from sources.custody.body import format_time
from sources.custody.canonical import digest
from sources.custody.kinds import Kind
from verify.accounts.models import User
from verify.evidence.custody_claim import region_of
from verify.evidence.custody_log import FAIL, NOT_CHECKED, PASS, Check, Extract, Json, check, compare


@dataclass
class Gathered:
    """The rows about some captures, read with a number of queries that does not grow with them."""

    ids: Collection[UUID]
    captures: list[Capture] = field(init=False)
    changes: list[Change] = field(init=False)
    anchors: list[Anchor] = field(init=False)
    regions: list[Region] = field(init=False)

    def __post_init__(self) -> None:
        rows = Capture.objects.filter(pk__in=self.ids).select_related(
            "desk", "document", "requested_by", "body", "package"
        )
        rows = rows.prefetch_related("attempts", "exchanges", "renditions__blob", "texts", "inspections")
        rows = rows.prefetch_related(
            Prefetch("redactions", Redaction.objects.select_related("asked_by", "decided_by"))
        )
        self.captures = list(rows.order_by("requested_at", "id"))
        changes = Change.objects.filter(Q(before__in=self.ids) | Q(after__in=self.ids))
        self.changes = list(changes.select_related("seen_by").order_by("detected_at", "id"))
        anchors = Anchor.objects.filter(text__capture__in=self.ids).select_related(
            "created_by", "assertion__claim"
        )
        self.anchors = list(anchors.order_by("created_at", "id"))
        regions = Region.objects.standing().filter(capture__in=self.ids)
        regions = regions.select_related("created_by", "capture", "assertion__claim")
        self.regions = list(regions.order_by("created_at", "id"))
        linked = Q(capture__in=self.ids) | Q(region__in=self.regions)
        evidence = Evidence.objects.filter(linked).select_related("claim", "region")
        texts = {text.pk: text.capture_id for capture in self.captures for text in capture.texts.all()}
        cited: list[tuple[UUID | None, Claim]] = [
            (texts[anchor.text_id], anchor.assertion.claim) for anchor in self.anchors
        ]
        self.cited: dict[UUID, list[Claim]] = {}  # by capture
        cited += [(each.capture_id, each.assertion.claim) for each in self.regions if each.assertion]
        cited += [
            (each.region.capture_id if each.region else each.capture_id, each.claim) for each in evidence
        ]
        for capture_id, claim in cited:
            if capture_id is not None:
                self.cited.setdefault(capture_id, []).append(claim)

    def subjects(self) -> dict[str, Collection[object]]:
        """What entries must be about to concern these captures; of claims that cite them the exports are wanted."""
        claims = [claim for cited in self.cited.values() for claim in cited]
        return {
            "capture": {*self.ids, *(change.after_id for change in self.changes)},
            "anchor": {anchor.pk for anchor in self.anchors},
            "region": {region.pk for region in self.regions},
            "claim": {claim.pk for claim in claims},
            "case": {claim.case_id for claim in claims if claim.case_id},
        }

    def capture(self, row: Capture, log: Extract) -> Json:
        texts = {text.pk: text for text in row.texts.all()}
        anchors = [anchor for anchor in self.anchors if anchor.text_id in texts]
        regions = [region for region in self.regions if region.capture_id == row.pk]
        own = log.about("capture", [row.pk]) + log.about("anchor", [anchor.pk for anchor in anchors])
        own += log.about("region", [region.pk for region in regions])
        cited = self.cited.get(row.pk, [])
        packages = log.about("claim", [c.pk for c in cited]) + log.about("case", [c.case_id for c in cited])
        redactions = log.about("entry", [entry["index"] for entry in own]) + _of_kind(
            own, Kind.CONTENT_REDACTED
        )
        changes = [change for change in self.changes if row.pk in (change.before_id, change.after_id)]
        return {
            "what": f"Capture {row.pk}",
            "id": str(row.pk),
            "url": row.url,
            "filename": row.filename,
            "kind": row.kind,
            "mode": row.mode,
            "document": {"id": str(row.document_id), "title": str(row.document)} if row.document else None,
            "custodian": {
                "desk": row.desk.name,
                "requested_by": _name(row.requested_by),
                "acquired_by": "upload" if row.kind == "upload" else "fetcher",
            },
            "control": _control(row, own, log),
            "date_and_time": _times(row, own, log),
            "transfer": {
                **_acquisition(row),
                "exports": _of_kind([*own, *packages], Kind.EVIDENCE_EXPORTED),
                "views_under_protection": _of_kind(own, Kind.PROTECTED_VIEWED),
            },
            "analysis": {
                "texts": [_text(text) for text in texts.values()],
                "inspections": [_inspection(each, log.entry(row.entry_id)) for each in row.inspections.all()],
                "anchors": [_anchor(anchor, texts[anchor.text_id]) for anchor in anchors],
                "regions": [region_of(region, log) for region in regions],
                "rechecks": [_change(change, log) for change in changes],
            },
            "disposition": {
                "state": row.state,
                "failure_code": row.failure_code,
                "failure_detail": row.failure_detail,
                "requests": [_redaction(each) for each in row.redactions.all()],
                "redactions": redactions,
            },
        }


def _of_kind(entries: Iterable[Json], kind: Kind) -> list[Json]:
    return [entry for entry in entries if entry["kind"] == kind]


def _name(person: User | None) -> str | None:
    return str(person) if person else None


def _time(at: datetime | None) -> str | None:
    return format_time(at) if at else None


def _control(row: Capture, own: Sequence[Json], log: Extract) -> Json:
    entry = log.entry(row.entry_id)
    return {
        "what": f"Capture {row.pk}",
        "digests": {
            "algorithm": "SHA-256",
            "body": row.body_id,
            "package": row.package_id,
            "datapackage": row.datapackage_sha256 or None,
        },
        "sizes": {
            "body": row.body.size if row.body else None,
            "package": row.package.size if row.package else None,
        },
        "renditions": [
            {
                "kind": each.kind,
                "media_type": each.media_type,
                "sha256": each.blob_id,
                "size": each.blob.size,
            }
            for each in sorted(row.renditions.all(), key=lambda each: each.kind)
        ],
        "storage": "write-once, by digest",
        "entries": list(own),
        "checks": _against_log(row, entry),
    }


def _against_log(row: Capture, entry: Json | None) -> list[Check]:
    """Whether the capture's row says what its log entry says."""
    if entry is None:
        if row.is_finished:
            return [check("logged", FAIL, "Its log entry is missing.")]
        return [check("logged", NOT_CHECKED, "It is not finished, so the log does not speak of it yet.")]
    facts = entry["facts"]
    recorded = {
        "datapackage_sha256": (
            row.datapackage_sha256,
            "The digest of datapackage.json is not the logged one",
        ),
        "package_sha256": (row.package_id, "The digest of the package is not the logged one"),
        "file_sha256": (row.body_id, "The digest of the file is not the logged one"),
        "status": (row.http_status, "The HTTP status is not the logged one"),
    }
    checks = []
    for name, (found, detail) in recorded.items():
        if name not in facts:
            continue
        if found is None and row.state == CaptureState.REDACTED:
            checks.append(check(name, NOT_CHECKED, "The content was erased."))
        else:
            checks.append(compare(name, found, facts[name], detail))
    texts = [text.sha256 for text in row.texts.all()]
    if "text_sha256" in facts and texts and facts["text_sha256"] not in texts:
        checks.append(check("text_sha256", FAIL, "None of its texts has the digest that the log records."))
    return checks


def _times(row: Capture, own: Sequence[Json], log: Extract) -> Json:
    """The archive's own word, and what others attest: the earliest time by which the entry existed."""
    entry = log.entry(row.entry_id)
    return {
        "requested_at": _time(row.requested_at),
        "started_at": _time(row.started_at),
        "finished_at": _time(row.finished_at),
        "logged_at": entry["at"] if entry else None,
        "entry": row.entry_id,
        "existed_by": existed_by(entry, log) if entry else [],
        "precision": "microseconds, UTC, by the installation's clock; existed_by by the clocks of others",
    }


def existed_by(entry: Json, log: Extract) -> list[Json]:
    """(time, who says so) of the first cosigned and the first timestamped checkpoint over an entry."""
    by_size = {checkpoint["size"]: checkpoint for checkpoint in log.checkpoints}
    found = []
    cosigned, stamped = (
        by_size.get(entry["cosigned_checkpoint"]),
        by_size.get(entry["timestamped_checkpoint"]),
    )
    if cosigned:
        found += [
            {"at": each["at"], "by": f"witness {each['witness']}", "checkpoint": cosigned["size"]}
            for each in cosigned["cosignatures"]
        ]
    if stamped:
        found += [
            {
                "at": each["at"],
                "by": f"timestamp authority {each['authority']}",
                "checkpoint": stamped["size"],
            }
            for each in stamped["timestamps"]
        ]
    return sorted(found, key=lambda each: (each["at"], each["by"]))


def _acquisition(row: Capture) -> Json:
    """How it came from the other side into ours."""
    return {
        "final_url": row.final_url,
        "http_status": row.http_status,
        "media_type": row.media_type,
        "declared_type": row.declared_type,
        "cut": row.truncated or None,
        "degraded": row.degraded,
        "notes": [str(note) for note in row.notes],
        "attempts": [
            {
                "number": each.number,
                "started_at": _time(each.started_at),
                "ended_at": _time(each.ended_at),
                "failure_code": each.failure_code,
                "failure_detail": each.failure_detail,
                "retry_at": _time(each.retry_at),
            }
            for each in row.attempts.all()
        ],
        "exchanges": [_exchange(each) for each in row.exchanges.all()],
    }


def _exchange(row: Exchange) -> Json:
    return {
        "position": row.position,
        "is_document": row.is_main,
        "method": row.method,
        "url": row.url,
        "status": row.status,
        "media_type": row.media_type,
        "started_at": _time(row.started_at),
        "peer": {"address": str(row.peer_address), "port": row.peer_port},
        "tls": {"version": row.tls_version, "chain_verified": row.tls_verified} if row.tls_version else None,
        "guard_exception": row.guard_exception or None,
        "size": row.wire_size,
        "sha256": {"wire": row.wire_sha256, "entity": row.entity_sha256, "decoded": row.decoded_sha256},
        "cut": row.truncated or None,
    }


def _text(row: Text) -> Json:
    return {
        "what": f"Text {row.pk}",
        "id": str(row.pk),
        "extractor": row.extractor,
        "version": row.extractor_version,
        "sha256": row.sha256,
        "created_at": _time(row.created_at),
        "language": row.language or None,
        "erased_at": _time(row.redacted_at),
        "checks": [_digest(row)],
    }


def _digest(row: Text) -> Check:
    if row.redacted_at:
        return check("digest", NOT_CHECKED, "Its words were erased.")
    return compare("digest", digest(row.content.encode()), row.sha256, "Its words have another digest now")


def _inspection(row: Inspection, entry: Json | None) -> Json:
    logged = entry["facts"].get("inspection_sha256") if entry else None
    found = digest_of(row)
    checks = [compare("logged", found, logged, "The findings are not the logged ones")] if logged else []
    return {
        "what": f"Inspection by {row.inspector_version}",
        "inspector_version": row.inspector_version,
        "sha256": found,
        "facts": len(row.facts),
        "width": row.width,
        "height": row.height,
        "taken_at": _time(row.taken_at),
        "taken_evidence": row.taken_evidence,
        "credentials": row.credentials,
        "problem": row.problem or None,
        "created_at": _time(row.created_at),
        "checks": checks,
    }


def _anchor(row: Anchor, text: Text) -> Json:
    return {
        "what": f"Anchor {row.pk}",
        "id": str(row.pk),
        "claim": str(row.assertion.claim_id),
        "exact": row.exact,
        "start": row.start,
        "end": row.end,
        "match": row.match,
        "text_sha256": row.text_sha256,
        "created_by": str(row.created_by),
        "created_at": _time(row.created_at),
        "checks": [
            compare("text", text.sha256, row.text_sha256, "It is anchored in a text of another digest"),
            _words(row, text),
        ],
    }


def _words(row: Anchor, text: Text) -> Check:
    if text.redacted_at:
        return check("words", NOT_CHECKED, "The words were erased.")
    if text.content[row.start : row.end] == row.exact:
        return check("words", PASS)
    return check("words", FAIL, "Other words stand in its place.")


def _change(row: Change, log: Extract) -> Json:
    return {
        "id": str(row.pk),
        "before": str(row.before_id),
        "after": str(row.after_id),
        "kind": row.kind,
        "detected_at": _time(row.detected_at),
        "words_added": row.words_added,
        "words_removed": row.words_removed,
        "quotes_checked": row.quotes_checked,
        "quotes_lost": row.quotes_lost,
        "seen_by": _name(row.seen_by),
        "seen_at": _time(row.seen_at),
        "seen_note": row.seen_note,
        "entry": log.entry(row.entry_id),
    }


def _redaction(row: Redaction) -> Json:
    """A request to erase it. Its reason stays with the desk: it may name who is to be protected."""
    return {
        "id": str(row.pk),
        "ground": row.ground,
        "asked_by": str(row.asked_by),
        "asked_at": _time(row.asked_at),
        "decision": row.decision or "open",
        "decided_by": _name(row.decided_by),
        "decided_at": _time(row.decided_at),
        "entry": row.entry_id,
        "erased_at": _time(row.done_at),
    }
