"""What the custody report says of a claim itself: who said it, who judged it, what was published of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q

from claims.attribution.models import AnchorCheck, Assertion, Evidence, QuoteState, Region, RegionCheck
from claims.attribution.reading import assertions_of
from claims.attribution.region_services import facts
from claims.statements.models import Axis, Claim
from sources.archive.models import Capture
from sources.archive.states import CaptureState
from sources.catalog.models import Source
from sources.custody.body import format_time
from sources.custody.canonical import digest
from sources.custody.kinds import Kind
from verify.evidence.custody_log import FAIL, PASS, Check, Extract, Json, check, compare
from verify.publish.models import Publication, Version
from verify.review.models import ChecklistAnswer, Verdict
from verify.review.rules import is_blind

LOST = (QuoteState.ALTERED, QuoteState.GONE)
ANSWERS = Prefetch("review__answers", ChecklistAnswer.objects.select_related("item"))


class History:
    """The rows about one claim, read with a number of queries that does not grow with them."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.assertions = assertions_of(claim)
        self.evidence = list(
            claim.evidence.standing().select_related("linked_by", "region").order_by("linked_at", "id")
        )
        self.regions = list(self._regions().select_related("created_by", "capture"))
        self.verdicts = list(claim.verdicts.select_related("rating", "proposed_by").order_by("number"))
        asked = claim.tasks.select_related("assignee", "review__rating").order_by("created_at", "id")
        self.tasks = list(asked.prefetch_related(ANSWERS))
        self.versions = list(claim.versions.select_related("published_by").order_by("number"))
        moves = claim.transitions.filter(axis__in=[Axis.WORKFLOW, Axis.PUBLICATION]).select_related("by")
        self.moves = list(moves.order_by("at", "id"))
        self.publication = Publication.objects.filter(claim=claim).first()
        self.captures = self._captures()

    def subjects(self) -> dict[str, Collection[object]]:
        """What entries must be about to concern the claim, but for its captures."""
        protected = {
            source.pk
            for assertion in self.assertions
            for source in (assertion.speaker, assertion.on_behalf_of, assertion.outlet)
            if isinstance(source, Source) and source.is_protected
        }
        cases = [self.claim.case_id] if self.claim.case_id else []
        marked = [region.pk for region in self.regions]
        return {"claim": [self.claim.pk], "case": cases, "source": protected, "region": marked}

    def data(self, log: Extract) -> Json:
        claim, subjects = self.claim, self.subjects()
        own = log.about("claim", subjects["claim"]) + log.about("case", subjects["case"])
        views = log.about("source", subjects["source"])
        return {
            "what": f"Claim {claim.pk}",
            "id": str(claim.pk),
            "text": claim.text,
            "language": claim.language,
            "case": str(claim.case) if claim.case else None,
            "author": str(claim.author),
            "created_at": format_time(claim.created_at),
            "changed_by": str(claim.changed_by),
            "changed_at": format_time(claim.changed_at),
            "revision": claim.revision,
            "workflow": claim.workflow,
            "assertions": [_assertion(each) for each in self.assertions],
            "regions": [region_of(each, log) for each in self.regions],
            "evidence": [_evidence(each) for each in self.evidence],
            "verdicts": [_verdict(each, log) for each in self.verdicts],
            "reviews": self._reviews(),
            "versions": [_version(each, log) for each in self.versions],
            "publication": self.publication.state if self.publication else "unpublished",
            "moves": [_move(each) for each in self.moves],
            "entries": own,
            "exports": [each for each in own if each["kind"] == Kind.EVIDENCE_EXPORTED],
            "views_under_protection": [each for each in views if each["kind"] == Kind.PROTECTED_VIEWED],
        }

    def _reviews(self) -> list[Json]:
        """Who was asked. While an opinion is outstanding none is told, to nobody: reports go from hand to hand."""
        blind = is_blind(self.tasks)
        return [_review(task, blind=blind) for task in self.tasks]

    def _regions(self) -> Any:
        """The places in files that show its assertions, and those that are evidence themselves."""
        said = Q(assertion__in=self.assertions)
        linked = Q(pk__in=[piece.region_id for piece in self.evidence if piece.region_id])
        return Region.objects.standing().filter(said | linked)

    def _captures(self) -> list[UUID]:
        """Quoted, marked or linked; of what is cited as a whole the newest good one; later ones that lost something."""
        found = {anchor.text.capture_id for each in self.assertions for anchor in each.anchors.all()}
        found |= {piece.capture_id for piece in self.evidence if piece.capture_id}
        found |= {region.capture_id for region in self.regions}
        whole = {piece.document_id for piece in self.evidence if piece.document_id}
        whole |= {each.document_id for each in self.assertions if each.document_id and not each.anchors.all()}
        newest = Capture.objects.filter(document__in=whole, state=CaptureState.ARCHIVED)
        found |= set(
            newest.order_by("document_id", "-finished_at", "-id")
            .distinct("document_id")
            .values_list("pk", flat=True)
        )
        quotes = AnchorCheck.objects.filter(anchor__assertion__in=self.assertions, state__in=LOST)
        places = RegionCheck.objects.filter(region__in=self.regions, state__in=LOST)
        later = quotes.values_list("change__after").union(places.values_list("change__after"))
        return sorted(found | {capture for (capture,) in later}, key=str)


def _time(at: datetime | None) -> str | None:
    return format_time(at) if at else None


def _assertion(row: Assertion) -> Json:
    return {
        "id": str(row.pk),
        "speaker": str(row.speaker),
        "on_behalf_of": str(row.on_behalf_of) if row.on_behalf_of else None,
        "outlet": str(row.outlet) if row.outlet else None,
        "verb": row.verb,
        "polarity": row.polarity,
        "said_at": _time(row.said_at),
        "said_precision": row.said_precision,
        "document": row.document.url if row.document else None,
        "derives_from": str(row.derives_from_id) if row.derives_from_id else None,
        "created_at": format_time(row.created_at),
        "quotes": [
            {"anchor": str(each.pk), "exact": each.exact, "capture": str(each.text.capture_id)}
            for each in row.anchors.all()
        ],
    }


def region_of(row: Region, log: Extract) -> Json:
    """Who marked which place when, and whether the log says that it lies there."""
    logged = [
        entry
        for entry in log.about("region", [row.pk])
        if entry["kind"] == Kind.ANCHOR_MADE and entry["facts"] == facts(row)
    ]
    found = logged[0]["index"] if logged else None
    problem = "No log entry says that this place was marked there."
    return {
        "what": f"Region {row.pk}",
        "id": str(row.pk),
        "assertion": str(row.assertion_id) if row.assertion_id else None,
        "capture": str(row.capture_id),
        "kind": row.kind,
        "fragment": row.fragment,
        "blob_sha256": row.blob_sha256,
        "shows": row.shows,
        "found": row.found,
        "marked_by": str(row.created_by),
        "marked_at": format_time(row.created_at),
        "entry": found,
        "checks": [check("logged", PASS if logged else FAIL, "" if logged else problem)],
    }


def _evidence(row: Evidence) -> Json:
    return {
        "id": str(row.pk),
        "assertion": str(row.assertion_id) if row.assertion_id else None,
        "document": str(row.document_id) if row.document_id else None,
        "capture": str(row.capture_id) if row.capture_id else None,
        "region": str(row.region_id) if row.region_id else None,
        "stance": row.stance,
        "strength": row.strength,
        "credibility": row.credibility,
        "reason": row.reason,
        "linked_by": str(row.linked_by),
        "linked_at": format_time(row.linked_at),
    }


def _verdict(row: Verdict, log: Extract) -> Json:
    checks: list[Check] = []
    if row.entry_id is not None:
        facts = (log.entry(row.entry_id) or {"facts": {}})["facts"]
        detail = "The approved content is not the logged one"
        checks.append(compare("logged", row.approved_digest, facts.get("content_sha256"), detail))
    return {
        "what": f"Verdict {row.number}",
        "number": row.number,
        "rating": row.rating.code,
        "label": row.rating.label,
        "rationale": row.rationale,
        "proposed_by": str(row.proposed_by),
        "proposed_at": format_time(row.proposed_at),
        "approved_at": _time(row.approved_at),
        "approved_digest": row.approved_digest or None,
        "entry": row.entry_id,
        "checks": checks,
    }


def _review(task: Any, *, blind: bool) -> Json:
    review = None if blind else getattr(task, "review", None)
    return {
        "task": str(task.pk),
        "kind": task.kind,
        "reviewer": str(task.assignee) if task.assignee else None,
        "asked_at": format_time(task.created_at),
        "blind": blind,
        "state": "waiting" if blind else task.state,
        "opinion": review.opinion if review else None,
        "rating": review.rating.code if review and review.rating else None,
        "label": review.rating.label if review and review.rating else None,
        "answers": [
            {"question": each.item.text, "answer": each.answer}
            for each in (review.answers.all() if review else ())
        ],
        "reason": review.reason if review else None,
        "content_digest": review.content_digest if review else None,
        "submitted_at": format_time(review.submitted_at) if review else None,
    }


def _version(row: Version, log: Extract) -> Json:
    entry = log.entry(row.entry_id)
    now = digest(bytes(row.snapshot))
    checks = [compare("snapshot", now, row.sha256, "What is kept as published has another digest now")]
    if entry is None:
        checks.append(check("logged", FAIL, "Its log entry is missing."))
    else:
        detail = "What is kept as published is not what was logged"
        checks.append(compare("logged", row.sha256, entry["facts"].get("sha256"), detail))
    return {
        "what": f"Version {row.number}",
        "number": row.number,
        "kind": row.kind,
        "sha256": row.sha256,
        "content_digest": row.content_digest,
        "reason": row.reason,
        "published_by": str(row.published_by),
        "published_at": format_time(row.published_at),
        "entry": row.entry_id,
        "checks": checks,
    }


def _move(row: Any) -> Json:
    """A transition. Who acted on the workflow is on record with it."""
    return {
        "axis": row.axis,
        "old": row.old,
        "new": row.new,
        "reason": row.reason,
        "by": str(row.by) if row.by else None,
        "at": format_time(row.at),
    }
