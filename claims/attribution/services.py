"""What people do to say who said it: attribute a claim, anchor a quote, link evidence, correct and take back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from claims.attribution import anchors
from claims.attribution.changing import (
    ADDED,
    WITHDRAWAL,
    check_why,
    circles_as_sentences,
    hold_chains_still,
    lock,
    note_links,
    refuse_other_desks,
    refuse_withdrawn,
    standing,
)
from claims.attribution.evidence import correct_evidence, link_evidence, withdraw_evidence
from claims.attribution.models import Anchor, Assertion, AssertionRole, Citation, Modality, Polarity, Verb
from claims.statements.models import Claim, Figure
from claims.statements.rules import check_can_edit_claims
from claims.statements.services import add_figure, touch
from sources.archive.models import Text
from sources.catalog.models import Document, Source
from sources.catalog.rules import check_publishes
from sources.custody import services as custody
from sources.custody.kinds import Kind
from sources.precision import Precision
from verify.accounts.acting import acting
from verify.accounts.models import User

__all__ = [
    "anchor_quote",
    "attribute_claim",
    "cite",
    "correct_assertion",
    "correct_evidence",
    "link_evidence",
    "state_figure",
    "uncite",
    "withdraw_assertion",
    "withdraw_evidence",
]
SOURCES = ("speaker", "on_behalf_of", "outlet")
ASSERTION_FIELDS = (
    *SOURCES,
    "role",
    "verb",
    "hedge",
    "polarity",
    "modality",
    "said_at",
    "said_precision",
    "published_at",
    "published_precision",
    "document",
    "derives_from",
)
NAMED = 5  # assertions, or quotes, that one sentence names
QUOTED = 60  # code points of each such quote


@transaction.atomic
def attribute_claim(
    *,
    claim: Claim,
    speaker: Source,
    by: User,
    at: datetime,
    role: AssertionRole = AssertionRole.ORIGINATOR,
    on_behalf_of: Source | None = None,
    outlet: Source | None = None,
    verb: Verb = Verb.STATED,
    hedge: str = "",
    polarity: Polarity = Polarity.AFFIRMS,
    modality: Modality = Modality.CERTAIN,
    said_at: datetime | None = None,
    said_precision: Precision = Precision.DAY,
    published_at: datetime | None = None,
    published_precision: Precision = Precision.MINUTE,
    document: Document | None = None,
    derives_from: Assertion | None = None,
    cites: Iterable[Assertion] = (),
    cites_note: str = "",
    figures: Iterable[Figure] | None = None,
) -> Assertion:
    """Record that `speaker` asserts (or denies) `claim`; all that is named must be of the claim's desk.

    A source that was merged into another is replaced by that one, and a person is no outlet. `published_at` is when the
    outlet carried it; `cites_note` says how it names those that it also cites.
    """
    check_can_edit_claims(by, claim.desk)
    assertion = Assertion(
        claim=claim,
        role=role,
        verb=verb,
        hedge=hedge,
        polarity=polarity,
        modality=modality,
        said_at=said_at,
        said_precision=said_precision,
        published_at=published_at,
        published_precision=published_precision,
        created_by=by,
        created_at=at,
    )
    named = {
        "speaker": speaker,
        "on_behalf_of": on_behalf_of,
        "outlet": outlet,
        "document": document,
        "derives_from": derives_from,
    }
    if derives_from is not None:
        hold_chains_still(claim.desk_id)
    _set(assertion, **named)
    cited, given = list(cites), list(figures or [])
    _check_links(claim, figures=given, cites=cited)
    _check_note(cites_note, cited)
    assertion.full_clean()
    with acting(by=by, at=at):
        assertion.save(force_insert=True)
        assertion.figures.set(given)
        _cite_all(assertion, cited, note=cites_note, by=by, at=at)
        touch(claim=claim, by=by, at=at)
    return assertion


@transaction.atomic
def correct_assertion(
    *,
    assertion: Assertion,
    by: User,
    at: datetime,
    why: str,
    revision: int,
    cites_note: str = "",
    **fields: Any,
) -> Assertion:
    """Correct what was recorded of an assertion, read when its claim was at `revision`; what was stays in its history.

    `fields` are those of `attribute_claim`, `figures` and `cites` as whole lists; what is not given stays, and
    `cites_note` is of those newly cited. Raises ChangedMeanwhile if the claim is no longer at that revision,
    ValidationError when nothing changes, when there is no reason, when its quotes or regions lie in copies of another
    document than the one given, or when the chain would lead back to the assertion itself.
    """
    check_can_edit_claims(by, assertion.claim.desk)
    check_why(why)
    if "derives_from" in fields:
        hold_chains_still(assertion.claim.desk_id)
    claim = lock(assertion.claim, revision)
    assertion = standing(assertion)
    links: dict[str, list[Any]] = {
        name: list(fields.pop(name)) for name in ("figures", "cites") if name in fields
    }
    if unknown := set(fields) - set(ASSERTION_FIELDS):
        raise TypeError(f"An assertion has no {', '.join(sorted(unknown))} to correct.")
    _check_links(claim, **links)
    changed = _set(assertion, **fields)
    linked = _changed_links(assertion, links)
    _check_note(cites_note, linked.get("cites", {}).get("new", []))
    if not changed and not linked:
        raise ValidationError(_("Nothing has been changed."))
    if "document" in changed:
        _check_document_shows_it(assertion)
    assertion.full_clean()
    with acting(by=by, at=at, why=why), circles_as_sentences():
        if changed:
            assertion.save(update_fields=changed)
        if "figures" in linked:
            assertion.figures.add(*linked["figures"]["new"])
            assertion.figures.remove(*linked["figures"]["old"])
        if "cites" in linked:
            assertion.citations.filter(cited__in=linked["cites"]["old"]).delete()
            _cite_all(assertion, linked["cites"]["new"], note=cites_note, by=by, at=at)
        if linked:
            note_links(assertion, linked)
        touch(claim=claim, by=by, at=at)
    return assertion


@transaction.atomic
def withdraw_assertion(
    *, assertion: Assertion, by: User, at: datetime, why: str, relays_to: Assertion | None = None
) -> Assertion:
    """Take back an assertion that was recorded by mistake, with the evidence that is nothing but it.

    What was taken over from it must not hang in the air: it is handed to `relays_to`, or the withdrawal is refused
    with the names of whoever took it over. Its figures and regions stand until they are withdrawn themselves.
    """
    check_can_edit_claims(by, assertion.claim.desk)
    check_why(why)
    hold_chains_still(assertion.claim.desk_id)
    claim = lock(assertion.claim)
    assertion = standing(assertion)
    relays = list(assertion.relays.standing().select_related("speaker", "outlet"))
    if relays and relays_to is None:
        raise ValidationError(_still_taken_over(relays))
    others = [lock(other) for other in _others(assertion, relays)]
    with acting(by=by, at=at, why=why), circles_as_sentences(field="relays_to"):
        for relay in relays:
            _hand_over(relay, relays_to)
        for row in (*assertion.evidence.standing(), assertion):
            row.withdrawn_by, row.withdrawn_at, row.withdrawn_because = by, at, why
            row.save(update_fields=WITHDRAWAL)
        for each in (claim, *others):
            touch(claim=each, by=by, at=at)
    return assertion


@transaction.atomic
def cite(*, assertion: Assertion, cited: Assertion, by: User, at: datetime, note: str = "") -> Citation:
    """Record that `assertion` also names `cited` as its source. The world cites in circles: these are kept."""
    check_can_edit_claims(by, assertion.claim.desk)
    claim = lock(assertion.claim)
    assertion = standing(assertion)
    _check_links(claim, cites=[cited])
    citation = Citation(assertion=assertion, cited=cited, note=note, created_by=by, created_at=at)
    try:
        citation.full_clean()
    except ValidationError as refusal:
        raise ValidationError({"cites": _("It cites this one already, or would cite itself.")}) from refusal
    with acting(by=by, at=at, why=note):
        citation.save(force_insert=True)
        note_links(assertion, {"cites": {"new": [cited], "old": []}}, label=ADDED)
        touch(claim=claim, by=by, at=at)
    return citation


@transaction.atomic
def uncite(*, assertion: Assertion, cited: Assertion, by: User, at: datetime, why: str = "") -> None:
    """Take back that `assertion` names `cited`; its history keeps that it did."""
    check_can_edit_claims(by, assertion.claim.desk)
    claim = lock(assertion.claim)
    deleted, _rows = assertion.citations.filter(cited=cited).delete()
    if not deleted:
        raise ValidationError({"cites": _("It does not cite this one.")})
    with acting(by=by, at=at, why=why):
        note_links(assertion, {"cites": {"new": [], "old": [cited]}})
        touch(claim=claim, by=by, at=at)


@transaction.atomic
def state_figure(*, assertion: Assertion, by: User, at: datetime, **fields: Any) -> Figure:
    """Add a scoped measurement that an assertion makes; `fields` are those of Figure.

    The figure's own history begins with it, and the assertion's is not changed: nothing of it was corrected.
    """
    figure = add_figure(claim=assertion.claim, by=by, at=at, **fields)
    assertion.figures.add(figure)
    return figure


@transaction.atomic
def anchor_quote(
    *, assertion: Assertion, text: Text, quote: str, by: User, at: datetime, near: int | None = None
) -> Anchor:
    """Tie an assertion to the words that show it, in an archived text.

    `near` is the code point near which the quotation was selected, for one that stands there more than once.
    Raises ValidationError for `quote` when the archived text does not hold it.
    """
    check_can_edit_claims(by, assertion.claim.desk)
    refuse_withdrawn("assertion", [assertion])
    if text.capture.desk_id != assertion.claim.desk_id:
        raise ValidationError({"text": _("Choose an archived text of the same desk.")})
    if not quote.strip():
        raise ValidationError({"quote": _("Paste or select the words that show it.")})
    match = anchors.find(text.content, quote, near=near)
    if match is None:
        raise ValidationError({"quote": _why_not_found(text.content, quote)})
    if Anchor.objects.filter(assertion=assertion, text=text, start=match.start, end=match.end).exists():
        raise ValidationError({"quote": _("This place is anchored to this assertion already.")})
    anchor = Anchor.objects.create(
        assertion=assertion,
        text=text,
        text_sha256=text.sha256,
        start=match.start,
        end=match.end,
        exact=match.exact,
        prefix=match.prefix,
        suffix=match.suffix,
        quoted=quote,
        match=match.kind,
        occurrences=match.occurrences,
        created_by=by,
        created_at=at,
    )
    touch(claim=assertion.claim, by=by, at=at)
    custody.record(
        kind=Kind.ANCHOR_MADE,
        subject=anchor,
        facts={"text_sha256": text.sha256, "start": match.start, "end": match.end},
        by=by,
        at=at,
    )
    return anchor


def _set(assertion: Assertion, **fields: Any) -> list[str]:
    """Give the assertion these fields; returns those that are others now."""
    changed = []
    for name, value in fields.items():
        if name in SOURCES and value is not None and value.merged_into_id is not None:
            value = value.merged_into
        if name in (*SOURCES, "document"):
            refuse_other_desks(assertion.claim, **{name: value})
        if getattr(assertion, name, None) == value:
            continue
        if name == "outlet" and value is not None:
            check_publishes(value, field=name)
        if name == "derives_from" and value is not None:
            _check_root(name, assertion, value)
        setattr(assertion, name, value)
        changed.append(name)
    return changed


def _check_root(field: str, assertion: Assertion, root: Assertion) -> None:
    """Whether an assertion may be taken over from `root`; that it closes no circle, the database looks at."""
    if root.claim.desk_id != assertion.claim.desk_id:
        raise ValidationError({field: _("Choose an assertion of the same desk.")})
    if root.pk == assertion.pk:
        raise ValidationError({field: _("An assertion is not taken over from itself.")})
    root.refresh_from_db(fields=["withdrawn_at"])
    refuse_withdrawn(field, [root])


def _hand_over(relay: Assertion, root: Assertion | None) -> None:
    """Let a relay of what is withdrawn be one of `root`."""
    if root is not None:
        _check_root("relays_to", relay, root)
        relay.derives_from = root
        relay.save(update_fields=["derives_from"])


def _check_links(claim: Claim, *, figures: Iterable[Figure] = (), cites: Iterable[Assertion] = ()) -> None:
    if any(figure.claim.desk_id != claim.desk_id for figure in figures):
        raise ValidationError({"figures": _("Choose one of the same desk.")})
    if any(cited.claim.desk_id != claim.desk_id for cited in cites):
        raise ValidationError({"cites": _("Choose an assertion of the same desk.")})
    refuse_withdrawn("figures", figures)
    refuse_withdrawn("cites", cites)


def _changed_links(assertion: Assertion, links: dict[str, list[Any]]) -> dict[str, dict[str, list[Any]]]:
    """What is new and what no longer linked, by field; fields that stay as they are left out."""
    changes = {}
    for name, wanted in links.items():
        # What was withdrawn is not offered in the form, so that it is missing there says nothing.
        had = {row.pk: row for row in getattr(assertion, name).standing()}
        want = {row.pk: row for row in wanted if row.pk != assertion.pk}
        new, old = [want[pk] for pk in want if pk not in had], [had[pk] for pk in had if pk not in want]
        if new or old:
            changes[name] = {"new": new, "old": old}
    return changes


def _check_note(note: str, cited: list[Assertion]) -> None:
    if note and not cited:
        raise ValidationError(
            {"cites_note": _("Choose whom it also names: the note is of those newly chosen.")}
        )


def _check_document_shows_it(assertion: Assertion) -> None:
    """Its quotes and regions stay where they are, so they must lie in copies of its document."""
    quotes = assertion.anchors.filter(text__capture__document__isnull=False)
    marked = assertion.regions.standing().filter(capture__document__isnull=False)
    if assertion.document_id:
        quotes = quotes.exclude(text__capture__document=assertion.document_id)
        marked = marked.exclude(capture__document=assertion.document_id)
    elsewhere = [*quotes.values_list("exact", flat=True), *marked.values_list("shows", flat=True)]
    if elsewhere:
        words = [f"“{Truncator(each).chars(QUOTED)}”" for each in elsewhere[:NAMED]]
        raise ValidationError(
            {
                "document": _(
                    "Its words were anchored in copies of another document: %(words)s. Record what this document "
                    "shows as an assertion of its own, and withdraw this one if it was a mistake."
                )
                % {"words": ", ".join(words) + (" …" if len(elsewhere) > NAMED else "")}
            }
        )


def _cite_all(assertion: Assertion, cited: Iterable[Assertion], *, note: str, by: User, at: datetime) -> None:
    Citation.objects.bulk_create(
        Citation(assertion=assertion, cited=each, note=note, created_by=by, created_at=at) for each in cited
    )


def _others(assertion: Assertion, relays: list[Assertion]) -> QuerySet[Claim]:
    """The other claims that its withdrawal changes: those of its relays and those that have it as evidence."""
    as_evidence = assertion.evidence.standing().values("claim")
    theirs = Claim.objects.filter(Q(assertions__in=relays) | Q(pk__in=as_evidence))
    return theirs.exclude(pk=assertion.claim_id).distinct()


def _still_taken_over(relays: list[Assertion]) -> str:
    names = ", ".join(str(relay.outlet or relay.speaker) for relay in relays[:NAMED])
    if len(relays) > NAMED:
        names = _("%(names)s and %(n)s more") % {"names": names, "n": len(relays) - NAMED}
    return _(
        "Others were taken over from it: %(names)s. Say what they were taken over from instead, or withdraw them first."
    ) % {"names": names}


def _why_not_found(content: str, quote: str) -> str:
    near = anchors.closest(content, quote)
    if near is None:
        return _("The archived text does not hold these words. Check the quotation.")
    differences = ", ".join(f"“{each.quoted}” / “{each.found}”" for each in near.differences)
    return _(
        "The archived text does not hold these words. Closest is “%(exact)s”; it differs in (quoted / archived): "
        "%(differences)s"
    ) % {"exact": near.exact, "differences": differences}
