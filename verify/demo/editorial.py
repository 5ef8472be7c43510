"""What the demo's desk makes of its archived pages: claims, who said them, figures, evidence, verdicts, reviews."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils import timezone

from claims.attribution.models import (
    Assertion,
    AssertionRole,
    Modality,
    Polarity,
    Region,
    Stance,
    Strength,
    Verb,
)
from claims.attribution.region_services import mark_region
from claims.attribution.services import (
    anchor_quote,
    attribute_claim,
    cite,
    correct_assertion,
    link_evidence,
    state_figure,
    withdraw_assertion,
)
from claims.statements.models import Claim, Figure
from claims.statements.places import of_desk
from claims.statements.services import correct_figure, move, open_case, register_claim
from claims.statements.states import Workflow
from sources.archive.models import Capture
from sources.archive.states import CaptureState
from sources.catalog.models import Document
from sources.precision import Precision
from verify.demo import desk_life, records, registry, story
from verify.demo.registry import Cast
from verify.publish.services import publish
from verify.review.content import content_digest
from verify.review.media import rate_media
from verify.review.models import Answer, Manipulation, Opinion, Task, TaskKind
from verify.review.services import assign_review, checklist_for, propose_verdict, submit_review

PERPETRATORS = {
    "": "",
    "government-forces-and-armed-groups": "government forces and armed groups",
    "pro-assad-militia": "pro-Assad militia",
    "either-side": "government forces and armed groups, or pro-Assad militia",
}
Say = Callable[[str], None]


def work(cast: Cast, say: Say) -> None:
    """All of it, in the order in which a desk would: mistakes are put right before anybody reviews."""
    claims = _claims(cast)
    assertions = _assertions(cast, claims)
    figures = _figures(cast, assertions)
    regions = _regions(cast, assertions)
    _put_right(cast, claims, assertions)
    registry.put_right(cast)
    registry.grade(cast, story.GRADES_LATER)
    _evidence(cast, claims, assertions, regions)
    _media(cast, claims)
    say(
        f"a case of {len(claims)} claims with {len(assertions)} assertions, each anchored in an archived text"
    )
    say(
        f"{len(regions)} places marked in files; {len(story.CORRECTIONS)} assertions corrected, "
        f"{len(story.MISTAKES)} withdrawn, {len(story.MERGES)} source merged"
    )
    _verdicts(cast, claims)
    _reviews(cast, claims, say)
    desk_life.live(cast, claims, assertions, figures)
    for record in story.CLAIMS:
        if record.workflow == Workflow.TRIAGED:
            move(
                claim=claims[record.key],
                to=Workflow.TRIAGED,
                reason="",
                by=cast.people["editor"],
                at=timezone.now(),
            )


def _claims(cast: Cast) -> dict[str, Claim]:
    now = timezone.now()
    case = open_case(
        desk=cast.desk,
        title=story.CASE.title,
        summary=story.CASE.summary,
        place="Latakia, Tartous, Hama and Homs governorates, Syria",
        began_on=date(2025, 3, 6),
        by=cast.people["checker"],
        at=now,
    )
    return {
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


def _assertions(cast: Cast, claims: dict[str, Claim]) -> dict[str, Assertion]:
    """As they were first recorded, by key; citations last, since they may go round in a circle."""
    by = cast.people["checker"]
    made: dict[str, Assertion] = {}
    first = {correction.key: correction.first for correction in story.CORRECTIONS}
    for record in story.ASSERTIONS:
        made[record.key] = _attribute(record, cast, claims, made, **first.get(record.key, {}))
    for record in story.ASSERTIONS:
        for cited in record.cites:
            cite(assertion=made[record.key], cited=made[cited], by=by, at=timezone.now())
    return made


def _attribute(
    record: records.Assertion,
    cast: Cast,
    claims: dict[str, Claim],
    made: dict[str, Assertion],
    *,
    derives_from: str | None = None,
    modality: str | None = None,
) -> Assertion:
    by, document = cast.people["checker"], cast.documents[record.document]
    root = record.derives_from if derives_from is None else derives_from
    published = datetime.combine(record.published_on, time(), UTC) if record.published_on else None
    assertion = attribute_claim(
        claim=claims[record.claim],
        speaker=cast.sources[record.speaker],
        on_behalf_of=cast.sources[record.on_behalf_of] if record.on_behalf_of else None,
        outlet=cast.sources[record.outlet] if record.outlet else None,
        verb=Verb(record.verb),
        hedge=record.hedge,
        polarity=Polarity(record.polarity),
        modality=Modality(modality or record.modality),
        said_at=record.said_at,
        said_precision=Precision.MINUTE,
        published_at=published,
        published_precision=Precision.DAY if published else Precision.MINUTE,
        document=document,
        derives_from=made[root] if root else None,
        role=_role(record, cast),
        by=by,
        at=timezone.now(),
    )
    anchor_quote(
        assertion=assertion, text=_copy(document).texts.get(), quote=record.quote, by=by, at=timezone.now()
    )
    return assertion


def _role(record: records.Assertion, cast: Cast) -> AssertionRole:
    if record.derives_from:
        return AssertionRole.RELAY
    if record.on_behalf_of:
        return AssertionRole.SPOKESPERSON
    return AssertionRole.WITNESS if cast.sources[record.speaker].is_protected else AssertionRole.ORIGINATOR


def _copy(document: Document) -> Capture:
    """The first archived copy, in which everything is quoted."""
    return document.captures.filter(state=CaptureState.ARCHIVED).earliest("requested_at")


def _figures(cast: Cast, assertions: dict[str, Assertion]) -> dict[str, Figure]:
    by = cast.people["checker"]
    made: dict[str, Figure] = {}
    places = of_desk(cast.desk)
    first = {correction.key: correction.first for correction in story.FIGURE_CORRECTIONS}
    for record in story.FIGURES:
        fields: dict[str, Any] = {"qualifier": record.qualifier} | first.get(record.key, {})
        made[record.key] = state_figure(
            assertion=assertions[record.assertion],
            lower=record.lower,
            point=record.point,
            upper=record.upper,
            as_written=record.as_written,
            unit=record.unit,
            category=record.category,
            perpetrator=PERPETRATORS[record.perpetrator],
            place=places.get(code=record.place_code) if record.place_code else None,
            place_as_written=record.place,
            window_from=record.window_start,
            window_to=record.window_end,
            as_of=record.as_of.date(),
            part_of=_of(made, record.part_of),
            parts_are_all=record.parts_are_all,
            supersedes=_of(made, record.supersedes),
            by=by,
            at=timezone.now(),
            **fields,
        )
    right = {record.key: record for record in story.FIGURES}
    for correction in story.FIGURE_CORRECTIONS:
        correct_figure(
            figure=made[correction.key],
            by=by,
            at=timezone.now(),
            why=correction.why,
            **{name: getattr(right[correction.key], name) for name in correction.first},
        )
    return made


def _of(made: dict[str, Figure], key: str) -> Figure | None:
    return made[key] if key else None


def _regions(cast: Cast, assertions: dict[str, Assertion]) -> dict[str, Region]:
    return {
        record.key: mark_region(
            capture=_copy(cast.documents[record.document])
            if record.document
            else _upload(cast, record.upload),
            kind=record.kind,
            shows=record.shows,
            page=record.page,
            box=record.box,
            span=record.span,
            assertion=assertions[record.assertion] if record.assertion else None,
            by=cast.people["checker"],
            at=timezone.now(),
        )
        for record in story.REGIONS
    }


def _upload(cast: Cast, name: str) -> Capture:
    return Capture.objects.get(desk=cast.desk, filename=name)


def _put_right(cast: Cast, claims: dict[str, Claim], made: dict[str, Assertion]) -> None:
    """Correct what was recorded wrongly, and take back what should not have been recorded."""
    by = cast.people["checker"]
    right = {record.key: record for record in story.ASSERTIONS}
    for correction in story.CORRECTIONS:
        assertion = made[correction.key]
        assertion.claim.refresh_from_db()
        fields: dict[str, Any] = {name: getattr(right[correction.key], name) for name in correction.first}
        if "derives_from" in fields:
            fields["derives_from"] = made[fields["derives_from"]]
        made[correction.key] = correct_assertion(
            assertion=assertion,
            revision=assertion.claim.revision,
            by=by,
            at=timezone.now(),
            why=correction.why,
            **fields,
        )
    for mistake in story.MISTAKES:
        withdraw_assertion(
            assertion=_attribute(mistake.assertion, cast, claims, made),
            by=by,
            at=timezone.now(),
            why=mistake.why,
        )


def _evidence(
    cast: Cast, claims: dict[str, Claim], assertions: dict[str, Assertion], regions: dict[str, Region]
) -> None:
    for record in story.EVIDENCE:
        link_evidence(
            claim=claims[record.claim],
            stance=Stance(record.stance),
            strength=Strength(record.strength),
            credibility=record.credibility,
            reason=record.reason,
            assertion=assertions[record.assertion] if record.assertion else None,
            document=cast.documents[record.document] if record.document else None,
            capture=_upload(cast, record.upload) if record.upload else None,
            region=regions[record.region] if record.region else None,
            by=cast.people[record.linked_by],
            at=timezone.now(),
        )


def _media(cast: Cast, claims: dict[str, Claim]) -> None:
    for record in story.MEDIA:
        rate_media(
            claim=claims[record.claim],
            capture=_upload(cast, record.upload),
            media=record.media,
            rating=Manipulation(record.rating),
            context=record.context,
            by=cast.people["checker"],
            at=timezone.now(),
        )


def _verdicts(cast: Cast, claims: dict[str, Claim]) -> None:
    for verdict in story.VERDICTS:
        propose_verdict(
            claim=claims[verdict.claim],
            rating=cast.desk.ratings.get(code=verdict.code),
            rationale=verdict.rationale,
            by=cast.people[verdict.by],
            at=timezone.now(),
        )


def _reviews(cast: Cast, claims: dict[str, Claim], say: Say) -> None:
    """All opinions are asked for before the first is given, as it has to be where they are blind."""
    now = timezone.now()
    asked = [(record, _ask(record, cast, claims[record.claim], at=now)) for record in story.REVIEWS]
    approved = 0
    for record, task in asked:
        if record.approves is None:
            continue
        _answer(record, task, cast)
        claim = claims[record.claim]
        claim.refresh_from_db()
        if claim.workflow == Workflow.APPROVED:
            publish(claim=claim, by=cast.people[record.assigned_by], at=timezone.now())
            approved += 1
    say(f"{len(story.REVIEWS)} reviews assigned; {approved} claims approved by a second person and published")


def _ask(record: records.Review, cast: Cast, claim: Claim, *, at: datetime) -> Task:
    claim.refresh_from_db()
    return assign_review(
        claim=claim,
        reviewer=cast.people[record.reviewer],
        kind=TaskKind(record.kind),
        by=cast.people[record.assigned_by],
        at=at,
    )


def _answer(record: records.Review, task: Task, cast: Cast) -> None:
    questions = enumerate(checklist_for(task), start=1)
    submit_review(
        task=task,
        opinion=Opinion.APPROVE if record.approves else Opinion.RETURN,
        rating=cast.desk.ratings.get(code=record.verdict) if record.verdict else None,
        reason=record.reason,
        answers={item: Answer.NO if place in record.no else Answer.YES for place, item in questions},
        content_digest_seen=content_digest(task.claim),
        by=cast.people[record.reviewer],
        at=timezone.now(),
    )
