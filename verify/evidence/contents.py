"""What goes into an evidence package: from rows to files, a manifest, and the log entries that speak of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from claims.attribution.models import Anchor, AnchorCheck, Evidence, QuoteState, Region, RegionCheck
from claims.statements.models import Case, Claim
from sources.archive.models import Blob, Capture, Text
from sources.archive.states import CaptureState
from sources.custody.canonical import canonical, digest
from sources.custody.kinds import Kind
from sources.custody.models import Entry, Opening
from verify.publish.models import Version
from verify.review.content import content_of

FORMAT = "verify-evidence-package/1"
CUSTODY_FORMAT = "verify-custody/1"
MANIFEST, SUMS, CUSTODY = "manifest.json", "SHA256SUMS", "custody.json"
HERE = Path(__file__).parent
# What becomes of a quotation that a reader of the claim must be able to see for themselves.
LOST = (QuoteState.ALTERED, QuoteState.GONE)


@dataclass
class Contents:
    """The files of a package but for its log, the manifest that lists them, and what the log must prove."""

    files: dict[str, bytes | Blob] = field(default_factory=dict)
    listed: list[dict[str, Any]] = field(default_factory=list)
    manifest: bytes = b""
    events: list[Entry] = field(default_factory=list)  # in the order of the log
    evidence: set[int] = field(default_factory=set)  # of them: captures and versions
    captures: int = 0

    def add(self, path: str, content: bytes | Blob, what: str) -> None:
        if path in self.files:
            return
        self.files[path] = content
        size, sha256 = (
            (content.size, content.sha256) if isinstance(content, Blob) else (len(content), digest(content))
        )
        self.listed.append({"path": path, "size": size, "sha256": sha256, "what": what})


Roles = dict[UUID, list[dict[str, str]]]


def gather(
    *, scope: Claim | Case, claims: Sequence[Claim], opened: Collection[tuple[int, str]] = ()
) -> Contents:
    """Read everything that a package about `claims` holds. The same rows give the same contents, byte for byte.

    `opened` names the commitments (entry, name) of which the package reveals what they commit to; by default none.
    """
    contents = Contents()
    told = [_claim(contents, claim) for claim in claims]
    roles = _roles(claims)
    captures = list(
        Capture.objects.filter(pk__in=roles).select_related("package", "entry").order_by("entry_id", "pk")
    )
    texts = _texts(claims, captures)
    manifest = {
        "format": FORMAT,
        "log": {"origin": settings.LOG_ORIGIN},
        "desk": {"slug": scope.desk.slug, "name": scope.desk.name},
        "scope": {"type": str(scope._meta.model_name), "id": str(scope.pk), "title": str(scope)},
        "claims": told,
        "captures": [_capture(contents, capture, roles[capture.pk], texts) for capture in captures],
        "texts": [_text(contents, text) for text in texts],
    }
    contents.captures = len(captures)
    _custody(contents, claims, captures, opened)
    contents.add("policy.txt", settings.LOG_POLICY.encode(), "the witnesses that this installation asks for")
    contents.add("VERIFY.md", (HERE / "VERIFY.md").read_bytes(), "how to check this with tools of others")
    contents.add("README.txt", _readme(manifest, captures), "what this is, for people")
    program = (HERE / "verify_evidence.py").read_bytes()
    contents.add("verify_evidence.py", program, "a copy of the verifier; do not trust the one in here")
    listed = sorted(contents.listed, key=lambda file: str(file["path"]))
    contents.manifest = canonical({**manifest, "files": listed})
    return contents


def _claim(contents: Contents, claim: Claim) -> dict[str, Any]:
    content, path = canonical(content_of(claim)), f"claims/{claim.pk}/content.json"
    contents.add(path, content, "the claim with all that its reviewers judged")
    versions = list(claim.versions.order_by("number"))
    return {
        "id": str(claim.pk),
        "content": path,
        "content_sha256": digest(content),
        "versions": [_version(contents, claim, version) for version in versions],
    }


def _version(contents: Contents, claim: Claim, version: Version) -> dict[str, Any]:
    path = f"claims/{claim.pk}/versions/{version.number}.json"
    contents.add(path, bytes(version.snapshot), f"version {version.number} as it was published")
    contents.evidence.add(version.entry_id)
    return {"number": version.number, "kind": version.kind, "path": path, "entry": version.entry_id}


def _roles(claims: Sequence[Claim]) -> Roles:
    """Each capture that the claims rest on, and what it is to them.

    Those quoted, marked, linked and rated; of a document that is cited as a whole, the newest good copy; and later
    copies in which a quotation or a marked place has changed or is gone. What was withdrawn rests on nothing.
    """
    roles: Roles = {}

    def add(capture_id: UUID, role: str, claim_id: UUID, of: Any) -> None:
        roles.setdefault(capture_id, []).append({"role": role, "claim": str(claim_id), "id": str(of)})

    anchors = _anchors(claims).select_related("assertion", "text")
    for anchor in anchors.order_by("created_at", "id"):
        add(anchor.text.capture_id, "quoted", anchor.assertion.claim_id, anchor.pk)
    for region in _regions(claims).select_related("assertion").order_by("created_at", "id"):
        if region.assertion is not None and region.assertion.claim in claims:
            add(region.capture_id, "marked", region.assertion.claim_id, region.pk)
    checks = AnchorCheck.objects.filter(anchor__in=_anchors(claims), state__in=LOST)
    for check in checks.select_related("change__after", "anchor__assertion").order_by(
        "change_id", "anchor_id"
    ):
        if check.change.after.state in (CaptureState.ARCHIVED, CaptureState.REDACTED):
            add(check.change.after_id, "later-copy", check.anchor.assertion.claim_id, check.anchor_id)
    marked = RegionCheck.objects.filter(
        region__in=_regions(claims), region__assertion__claim__in=claims, state__in=LOST
    )
    for looked in marked.select_related("change__after", "region__assertion").order_by(
        "change_id", "region_id"
    ):
        if looked.change.after.state in (CaptureState.ARCHIVED, CaptureState.REDACTED):
            add(looked.change.after_id, "later-copy", looked.region.assertion.claim_id, looked.region_id)  # type: ignore[union-attr]
    for claim in claims:
        standing = claim.evidence.standing().select_related("capture", "region")
        for piece in standing.order_by("linked_at", "id"):
            if piece.region is not None:
                add(piece.region.capture_id, "evidence", claim.pk, piece.pk)
            elif piece.capture is not None:
                if piece.capture.state in (CaptureState.ARCHIVED, CaptureState.REDACTED):
                    add(piece.capture.pk, "evidence", claim.pk, piece.pk)
            elif piece.document_id is not None:
                _whole(add, piece.document_id, claim, piece.pk)
        for rating in claim.media_ratings.standing().order_by("rated_at", "id"):
            add(rating.capture_id, "medium", claim.pk, rating.pk)
        bare = claim.assertions.standing().filter(anchors__isnull=True, document__isnull=False)
        for assertion in bare.order_by("id"):
            _whole(add, assertion.document_id, claim, assertion.pk)
    return roles


def _anchors(claims: Sequence[Claim]) -> QuerySet[Anchor]:
    return Anchor.objects.filter(assertion__claim__in=claims, assertion__withdrawn_at__isnull=True)


def _regions(claims: Sequence[Claim]) -> Any:
    """The places that assertions of the claims are shown by, and those that are evidence themselves; what stands."""
    said = Q(assertion__claim__in=claims, assertion__withdrawn_at__isnull=True)
    linked = Q(pk__in=Evidence.objects.standing().filter(claim__in=claims).values("region"))
    return Region.objects.standing().filter(said | linked)


def _whole(add: Any, document_id: UUID | None, claim: Claim, of: UUID) -> None:
    copies = Capture.objects.filter(document=document_id, state=CaptureState.ARCHIVED)
    newest = copies.order_by("-finished_at", "-id").first()
    if newest is not None:
        add(newest.pk, "document", claim.pk, of)


def _texts(claims: Sequence[Claim], captures: Sequence[Capture]) -> list[Text]:
    """The texts that quotations stand in, and those of later copies; none of a capture that was erased."""
    there = [capture.pk for capture in captures if capture.state == CaptureState.ARCHIVED]
    quoted = _anchors(claims).values("text_id")
    looked_in = AnchorCheck.objects.filter(
        anchor__in=_anchors(claims), state__in=LOST, text__isnull=False
    ).values("text_id")
    found = Text.objects.filter(capture_id__in=there)
    texts = [*found.filter(pk__in=quoted), *found.filter(pk__in=looked_in)]
    return sorted({text.pk: text for text in texts}.values(), key=lambda text: (text.sha256, str(text.pk)))


def _capture(
    contents: Contents, capture: Capture, roles: list[dict[str, str]], texts: Sequence[Text]
) -> dict[str, Any]:
    path = None
    if capture.state == CaptureState.ARCHIVED and capture.package is not None:
        path = f"captures/{capture.pk}.wacz"
        contents.add(path, capture.package, "an archived copy (WACZ)")
    assert capture.entry_id is not None  # held by the database for what is archived or redacted
    contents.evidence.add(capture.entry_id)
    return {
        "id": str(capture.pk),
        "url": capture.url,
        "kind": capture.kind,
        "state": capture.state,
        "entry": capture.entry_id,
        "datapackage_sha256": capture.datapackage_sha256,
        "package": path,
        "roles": roles,
        "texts": sorted({text.sha256 for text in texts if text.capture_id == capture.pk}),
    }


def _text(contents: Contents, text: Text) -> dict[str, Any]:
    path = f"texts/{text.sha256}.txt"
    contents.add(path, text.content.encode(), "the text that quotations are anchored in")
    return {
        "sha256": text.sha256,
        "path": path,
        "capture": str(text.capture_id),
        "extractor": text.extractor,
        "extractor_version": text.extractor_version,
    }


def _custody(
    contents: Contents,
    claims: Sequence[Claim],
    captures: Sequence[Capture],
    opened: Collection[tuple[int, str]],
) -> None:
    """Who did what when, as the log has it. Exports are left out: they speak of packages, not of what is in them."""
    subjects = {
        "capture": [capture.pk for capture in captures],
        "claim": [claim.pk for claim in claims],
        "anchor": list(_anchors(claims).values_list("pk", flat=True)),
        "region": list(_regions(claims).values_list("pk", flat=True)),
    }
    found = {
        entry.index: entry
        for kind, ids in subjects.items()
        for entry in Entry.objects.filter(subject_type=kind, subject_id__in=[str(pk) for pk in ids])
        if entry.kind != Kind.EVIDENCE_EXPORTED
    }
    found |= {entry.index: entry for entry in Entry.objects.filter(index__in=contents.evidence)}
    contents.events = [found[index] for index in sorted(found)]
    wanted = {(opening.entry_id, opening.name): opening for opening in _opened(opened)}
    missing = set(opened) - {key for key in wanted if key[0] in found}
    if missing:
        index, name = min(missing)
        raise ValidationError(
            _("Entry %(index)s of this package has no opening named %(name)s.")
            % {"index": index, "name": name}
        )
    events = [
        _event(entry, [o for (index, _), o in wanted.items() if index == entry.index])
        for entry in contents.events
    ]
    contents.add(CUSTODY, canonical({"format": CUSTODY_FORMAT, "events": events}), "who did what when")


def _opened(opened: Collection[tuple[int, str]]) -> list[Opening]:
    rows = Opening.objects.filter(entry__in={index for index, _ in opened})
    return [row for row in rows if (row.entry_id, row.name) in set(opened)]


def _event(entry: Entry, openings: Sequence[Opening]) -> dict[str, Any]:
    body = json.loads(bytes(entry.body))
    return {
        "index": entry.index,
        **{name: body[name] for name in ("kind", "at", "subject", "by", "facts")},
        "openings": {
            opening.name: {"salt": bytes(opening.salt).hex(), "value": json.loads(opening.value)}
            for opening in openings
        },
    }


def _readme(manifest: dict[str, Any], captures: Sequence[Capture]) -> bytes:
    """In English whoever exports: the same rows give the same bytes."""
    copies = "".join(
        f"  {capture.pk}  {_line(capture.url)}{'  (erased)' if capture.state == CaptureState.REDACTED else ''}\n"
        for capture in captures
    )
    values = {
        "title": _line(manifest["scope"]["title"]),
        "desk": _line(manifest["desk"]["name"]),
        "origin": manifest["log"]["origin"],
        "claims": str(len(manifest["claims"])),
        "captures": copies or "  (none)\n",
    }
    text = (HERE / "README.txt").read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text.encode()


def _line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
