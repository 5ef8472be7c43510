"""Loading the demo case: the story (`story.py`) told through the same services that people's clicks go through.

The pages are really fetched, by the worker, from the demo's press site. Safe to run again: each stage is one
transaction that is skipped when it is there already, so that a load that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from claims.statements.models import Case
from sources.archive.models import Capture, CaptureKind, CaptureMode, Change
from sources.archive.services import request_capture
from sources.archive.states import CaptureState
from sources.catalog.batches import read_list, request_batch
from sources.catalog.models import Document
from sources.catalog.services import upload_file, watch_document
from sources.custody.services import checkpoint
from verify.accounts.models import User
from verify.demo import editorial, outlets, records, registry, sent, story
from verify.demo.methodology import say_how_we_work
from verify.demo.pressroom import set_stage
from verify.demo.registry import DESK, PEOPLE, Cast
from verify.demo.registry import logins as logins

# Rendered in a browser where there is one; the others are kept as they were sent.
RENDERED = ("reuters-toll", "bbc-toll", "sana-ministry-ar", "sohr-0312", "un-briefing", "video-clip")
CAPTURE_SECONDS = 180

Say = Callable[[str], None]


class DemoError(Exception):
    """The demo cannot be loaded here; the text says why and what to do."""


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
    cast, made = registry.cast()
    if made:
        say(f"{len(PEOPLE)} people and {len(story.SOURCES)} sources at the {cast.desk}")
    _captures(cast, (*story.DOCUMENTS, *story.FILES), say)
    _uploads(cast, say)
    if not Case.objects.filter(desk=cast.desk).exists():
        with transaction.atomic():
            editorial.work(cast, say)
    _later(cast, say)
    say_how_we_work(cast)
    signed = checkpoint(at=timezone.now())
    if signed is not None:
        say(f"signed a checkpoint of the log at {signed.size} entries")


# --- Captures -----------------------------------------------------------------------------------------------------


def _captures(
    cast: Cast, documents: Iterable[records.Document | records.File], say: Say, *, force: bool = False
) -> None:
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
