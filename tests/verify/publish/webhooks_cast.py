"""What the tests of webhooks share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from tests.verify.publish.receiver import URL, Receiver, receiving
from verify.publish.models import Announcement, Publication, Version
from verify.publish.webhooks import sending
from verify.publish.webhooks.fanning import fan_out
from verify.publish.webhooks.models import Delivery, Event, Webhook
from verify.publish.webhooks.services import make_webhook

LIMITS = sending.LIMITS.__class__(
    connect_seconds=1, read_seconds=0.3, total_seconds=0.6, wire_bytes=64 * 1024, header_bytes=16 * 1024
)


class Hook:
    """A webhook, the secret that its owner was shown, and a clock that stands still until it is moved."""

    def __init__(self, webhook: Webhook, secret: str) -> None:
        self.webhook, self.secret, self.at = webhook, secret, timezone.now()

    def later(self, **time: float) -> datetime:
        self.at += timedelta(**time)
        return self.at

    def send(self, jitter: float = 0.5) -> Delivery | None:
        """Send what waits longest, if it is due by our clock."""
        delivery = sending.take(at=self.at)
        if delivery is not None:
            letter = sending.compose(delivery, at=self.at)
            outcome = sending.post(letter, at=self.at, through=sending.fetcher())
            assert sending.record(delivery, outcome, at=self.at, jitter=jitter)
            delivery.refresh_from_db()
        return delivery

    def refreshed(self) -> Webhook:
        self.webhook.refresh_from_db()
        return self.webhook


@pytest.fixture
def receiver(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Answers 200 until it is told otherwise; impatient limits."""
    monkeypatch.setattr(sending, "LIMITS", LIMITS)
    with receiving() as receiver:
        settings.ARCHIVE_GUARD_EXCEPTIONS = {"wire.example": receiver.where}
        yield receiver


@pytest.fixture
def make_hook(desk: Any, bob: Any, receiver: Any) -> Callable[..., Hook]:
    def make(url: str = URL, **fields: Any) -> Hook:
        given = {"desk": desk, "name": "Archive", "told_of": Event.values, "by": bob} | fields
        return Hook(*make_webhook(url=url, at=timezone.now(), **given))

    return make


@pytest.fixture
def hook(make_hook: Any) -> Hook:
    return make_hook()


@pytest.fixture
def announce() -> Callable[..., Announcement]:
    """Let a published claim be announced once more, as publishing does: by changing what is public."""

    def announce(claim: Any, state: str = "") -> Announcement:
        publication = Publication.objects.get(claim=claim)
        state = state or ("corrected" if publication.state == "published" else "published")
        with transaction.atomic():
            Publication.objects.filter(pk=claim.pk).update(state=state, changed_at=timezone.now())
        return Announcement.objects.order_by("-number")[0]

    return announce


@pytest.fixture
def waiting(hook: Hook, published_claim: Any, announce: Any) -> Hook:
    """The webhook with one delivery that waits."""
    Webhook.objects.update(position=0)
    hook.at = timezone.now()
    assert fan_out(at=hook.at) == 1
    assert Version.objects.count() == 1
    return hook
