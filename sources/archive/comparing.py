"""What a re-capture shows beside the newest good capture of its document before it: one Change, made once.

What counts as gone, as unreachable and as an alert is said in docs/reference/watches.md.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from sources.archive import changes, storage
from sources.archive.exchange import FailureCode, Truncation
from sources.archive.fingerprint import similarity
from sources.archive.kinds import sniff
from sources.archive.models import Capture, CaptureKind, Change, ChangeKind, GoneSign, Text, Watch
from sources.archive.signals import Rechecked, captures_compared
from sources.archive.states import CaptureState
from sources.archive.storage import BlobDamaged
from sources.custody import services as custody
from sources.custody.kinds import Kind as EntryKind

logger = logging.getLogger(__name__)

GONE = (404, 410)
LEGAL = 451  # unavailable for legal reasons (RFC 7725)
PATIENCE = 3  # re-captures of a watch in a row that bring no page, before somebody is told
SAME_STORY = 0.3  # resemblance from which a page under a front page's address still counts as the document
PAGES = ("text/html", "application/xhtml+xml")
PAGE_EXTRACTORS = frozenset({"trafilatura-precision", "trafilatura", "visible-text"})
LOOK_BACK = timedelta(days=30)  # how far the sweeper looks for captures that nobody compared
_UNCERTAIN = (Truncation.TIME, Truncation.DISCONNECT, Truncation.UNSPECIFIED)


@dataclass(frozen=True)
class _Finding:
    """What the two captures show, before anybody has looked for quotations."""

    kind: ChangeKind
    is_alert: bool = False
    gone_sign: str = ""
    removed: int | None = None  # words
    added: int | None = None


@dataclass(frozen=True)
class Texts:
    """The texts of two captures, read in the same way where that can be had."""

    before: Text | None = None
    after: Text | None = None
    alike: bool = True  # read by the same extractor, or both by today's


def compare(*, capture_id: UUID, at: datetime) -> Change | None:
    """Compare a finished capture with the newest good one of its document before it, and log what was found.

    None when there is nothing to compare: the capture is unfinished, an upload, without a document, stopped by
    somebody, or the first. May run twice, also at once; the Change that is there is returned then.
    """
    after = _comparable().filter(pk=capture_id).first()
    before = after and baseline(after)
    if after is None or before is None:
        return None
    texts_of(before, after)  # reads old copies anew, if that is needed, before anything is locked
    with transaction.atomic():
        # The document's row, whose captures are compared one after the other.
        locked = Capture.objects.select_related("document").filter(pk=after.pk, document__desk=F("desk"))
        locked.select_for_update(of=("document",), no_key=True).get()
        if (made := Change.objects.filter(after=after).first()) is not None:
            return made
        before = baseline(after)
        return _keep(before, after, at=at) if before is not None else None


def compare_missed(*, at: datetime) -> int:
    """Compare what was finished and never compared, because a worker was lost between; how many Changes were made."""
    earlier = _good().filter(document=OuterRef("document"), finished_at__lt=OuterRef("finished_at"))
    missed = _comparable().filter(
        Exists(earlier), change__isnull=True, finished_at__range=(at - LOOK_BACK, at - timedelta(minutes=1))
    )
    made = 0
    for pk in list(missed.order_by("finished_at").values_list("pk", flat=True)[:200]):
        try:
            made += compare(capture_id=pk, at=at) is not None
        except Exception:  # one that cannot be compared must not keep the others waiting
            logger.exception("capture %s could not be compared", pk)
    return made


def baseline(after: Capture) -> Capture | None:
    """The newest good capture of the same document before `after`; one that was not sent to a front page, if any."""
    earlier = _good().filter(document=after.document, finished_at__lt=after.finished_at)
    earlier = earlier.exclude(pk=after.pk).order_by("-finished_at", "-id")
    fallback = None
    for capture in earlier.select_related("change", "entry")[:50]:
        judged = getattr(capture, "change", None)
        if judged is None and changes.sent_to_front(capture.url, capture.final_url):
            fallback = fallback or capture
        elif judged is None or judged.kind not in (ChangeKind.GONE, ChangeKind.UNREACHABLE):
            return capture
    return fallback


def texts_of(before: Capture, after: Capture) -> Texts:
    """The newest texts of two captures that were read in the same way; older copies are read anew if need be.

    Another version of the extractor reads another text out of the same bytes, and that is no edit.
    """
    old, new = (list(capture.texts.order_by("-created_at", "-id")) for capture in (before, after))
    for text in new:
        for other in old:
            if (other.extractor, other.extractor_version) == (text.extractor, text.extractor_version):
                return Texts(other, text)
    if before.body_id == after.body_id:
        same = next(iter(new or old), None)
        return Texts(same, same)
    if not (old and new):
        return Texts(old[0] if old else None, new[0] if new else None)
    earlier, later = _read_anew(before), _read_anew(after)
    return Texts(earlier, later) if earlier and later else Texts(old[0], new[0], alike=False)


def facts(change: Change, before_sha256: str | None, after_sha256: str | None) -> dict[str, Any]:
    """What the log says of a Change, given the digests of the two texts that were compared."""
    assert change.before.entry_id is not None and change.after.entry_id is not None  # held by the database
    return {
        "before_entry": change.before.entry_id,
        "after_entry": change.after.entry_id,
        "before_text_sha256": before_sha256,
        "after_text_sha256": after_sha256,
        "result": str(change.kind),
        "gone_sign": str(change.gone_sign) or None,
        "words_added": change.words_added,
        "words_removed": change.words_removed,
        "counting": changes.VERSION,
        "quotes_checked": change.quotes_checked,
        "quotes_lost": change.quotes_lost,
        "alert": change.is_alert,
    }


def _comparable() -> QuerySet[Capture]:
    """Finished captures of a document from the web, but for those that somebody stopped."""
    finished = Capture.objects.filter(state__in=[CaptureState.ARCHIVED, CaptureState.FAILED])
    finished = finished.filter(kind=CaptureKind.URL, document__isnull=False, entry__isnull=False)
    return finished.exclude(failure_code=FailureCode.GIVEN_UP).select_related("entry", "document")


def _good() -> QuerySet[Capture]:
    """Captures that show their document as it was: archived whole, and not an error page."""
    archived = Capture.objects.filter(state=CaptureState.ARCHIVED, kind=CaptureKind.URL, http_status__lt=400)
    return archived.exclude(truncated__in=_UNCERTAIN).exclude(
        change__kind__in=[ChangeKind.GONE, ChangeKind.UNREACHABLE]
    )


def _keep(before: Capture, after: Capture, *, at: datetime) -> Change:
    texts = texts_of(before, after)
    watch = Watch.objects.select_for_update(of=("self",)).filter(document=after.document).first()
    in_a_row = watch.unreachable + 1 if watch is not None and after.watch_id == watch.pk else 0
    found = _judge(before, after, texts, in_a_row)
    change = Change(
        desk_id=after.desk_id,
        document=after.document,
        before=before,
        after=after,
        kind=found.kind,
        gone_sign=found.gone_sign,
        words_added=found.added,
        words_removed=found.removed,
        is_alert=found.is_alert,
        detected_at=at,
    )
    if found.kind != ChangeKind.UNREACHABLE:  # from which nothing follows for any quotation
        quotes = _look_for_quotes(change, texts)
        change.quotes_checked, change.quotes_lost = quotes.checked, quotes.lost
        if quotes.newly_lost and found.kind != ChangeKind.GONE:
            change.kind, change.is_alert = ChangeKind.QUOTE_LOST, True
    if watch is not None:
        _tell(watch, change, at=at)
    change.entry = custody.record(
        kind=EntryKind.CAPTURE_RECHECKED,
        subject=after,
        facts=facts(change, *(text.sha256 if text else None for text in (texts.before, texts.after))),
        by=None,
        at=at,
    )
    change.save(force_insert=True)
    return change


def _judge(before: Capture, after: Capture, texts: Texts, in_a_row: int) -> _Finding:
    """`in_a_row`: how many re-captures of a watch brought no page, should this one bring none; 0 without a watch."""
    told = set(Change.objects.filter(before=before, is_alert=True).values_list("kind", flat=True))
    if sign := _gone_sign(after, texts):
        return _Finding(ChangeKind.GONE, ChangeKind.GONE not in told, sign)
    if after.state == CaptureState.FAILED or (after.http_status or 0) >= 400 or after.truncated in _UNCERTAIN:
        worth_telling = in_a_row >= PATIENCE or after.http_status == LEGAL
        return _Finding(ChangeKind.UNREACHABLE, worth_telling and ChangeKind.UNREACHABLE not in told)
    found = _differences(before, after, texts)
    if told & {ChangeKind.GONE, ChangeKind.UNREACHABLE} and not found.is_alert:
        return replace(found, kind=ChangeKind.BACK, is_alert=True)
    return found


def _gone_sign(after: Capture, texts: Texts) -> str:
    """By what the document counts as gone; "" when it does not."""
    if after.state != CaptureState.ARCHIVED:
        return ""
    if after.http_status in GONE:
        return GoneSign.STATUS
    if (after.http_status or 0) >= 400 or not changes.sent_to_front(after.url, after.final_url):
        return ""
    return "" if _is_same_story(texts) else GoneSign.REDIRECT


def _is_same_story(texts: Texts) -> bool:
    old, new = (bytes((text and text.fingerprint) or b"") for text in (texts.before, texts.after))
    return similarity(old, new) >= SAME_STORY


def _differences(before: Capture, after: Capture, texts: Texts) -> _Finding:
    old, new, same_bytes = texts.before, texts.after, before.body_id == after.body_id
    if old is None or new is None or not texts.alike:
        if same_bytes:
            return _Finding(ChangeKind.NOTHING)
        # Bytes of a web page differ at each visit. A page that has lost its text, or another file, is a finding.
        return _Finding(ChangeKind.EDITED, texts.alike and (old is not None or after.media_type not in PAGES))
    found = changes.compare(old.content, new.content, is_page=new.extractor in PAGE_EXTRACTORS)
    retitled = changes.retitled(old.title, new.title)
    kind = ChangeKind.EDITED if found.removed or found.added or retitled else ChangeKind.NOTHING
    return _Finding(kind, found.notable or retitled, removed=found.removed, added=found.added)


def _look_for_quotes(change: Change, texts: Texts) -> Rechecked:
    text = None if change.kind == ChangeKind.GONE else texts.after
    answers = captures_compared.send(
        Change, change=change, before=change.before, after=change.after, before_text=texts.before, text=text
    )
    sums = (sum(column) for column in zip(*(answer for _, answer in answers), strict=True))
    return Rechecked(*sums) if answers else Rechecked(0, 0, 0)


def _tell(watch: Watch, change: Change, *, at: datetime) -> None:
    """Let the watch look again soon after something happened, and count what it could not see."""
    if change.kind != ChangeKind.UNREACHABLE:
        watch.unreachable = 0
        if change.is_alert:
            watch.interval = watch.shortest
            watch.next_at = min(watch.next_at, at + timedelta(seconds=watch.shortest))
    elif change.after.watch_id == watch.pk:
        watch.unreachable += 1
    watch.save(update_fields=["unreachable", "interval", "next_at"])


def _read_anew(capture: Capture) -> Text | None:
    """What today's extractor reads out of an archived copy, kept beside its other texts. None when it is damaged."""
    from sources.archive.reader import extract_safely  # over a second to import
    from sources.archive.services import keep_text

    if capture.body is None:
        return None
    try:
        content = storage.read(capture.body)
    except BlobDamaged:
        return None
    kind = sniff(content, capture.declared_type, capture.final_url)
    extracted = extract_safely(kind, content, url=capture.final_url, captured_at=capture.finished_at)
    if extracted is None or not extracted.text:
        return None
    made = {"extractor": extracted.extractor, "extractor_version": extracted.extractor_version}
    if (known := capture.texts.filter(**made).first()) is not None:
        return known
    try:
        with transaction.atomic():
            return keep_text(capture, extracted, at=timezone.now())
    except IntegrityError:  # somebody else has just read it
        return capture.texts.get(**made)
