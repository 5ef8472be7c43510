"""One host is not hammered: how many captures of it run at once, and how soon after each other they begin.

It holds across desks and workers, because it is kept in PostgreSQL: whoever begins a capture holds the lock on the
row of its host. A capture that may not begin yet is given a slot by its place in the host's line, and no worker waits.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from sources.archive import config
from sources.archive.models import Capture, Host
from sources.archive.querysets import CaptureQuerySet
from sources.archive.states import CaptureState, Waiting

# How long the next in line waits at least before it looks again at a host that is full. The end of a capture rings for
# it earlier; this is for the case that there is no such end, because a worker was lost.
LOOK_AGAIN = 1.0  # seconds


def locked_host(name: str) -> Host:
    """The row of the host, made if need be, locked until the end of the transaction."""
    rows = Host.objects.select_for_update()
    if (host := rows.filter(pk=name).first()) is None:
        Host.objects.bulk_create([Host(name=name)], ignore_conflicts=True)
        host = rows.get(pk=name)
    return host


def slot(capture: Capture, *, at: datetime) -> datetime | None:
    """None if `capture` may begin at `at`, and then the host knows of it; else when it is to ask again.

    Call it in the transaction that marks the capture as being fetched: the host stays locked until its end.
    """
    if not capture.host:
        return None
    host = locked_host(capture.host)
    delay = timedelta(seconds=config.host_delay(host.name))
    running = Capture.objects.filter(host=host.name, state=CaptureState.FETCHING, lease_until__gte=at)
    most = settings.ARCHIVE_HOST_CONCURRENCY
    full = most and running.exclude(pk=capture.pk).count() >= most
    if not full and (host.next_at is None or host.next_at <= at):
        if delay:
            host.next_at = at + delay
            host.save(update_fields=["next_at"])
        return None
    step = delay or timedelta(seconds=LOOK_AGAIN)
    before = Q(requested_at__lt=capture.requested_at) | Q(
        requested_at=capture.requested_at, pk__lt=capture.pk
    )
    place = line(host.name).exclude(pk=capture.pk).filter(before).count()
    free_at = max(host.next_at or at, at + step) if full else max(host.next_at or at, at)
    return free_at + step * place


def first_before(capture: Capture) -> Capture | None:
    """The one that waits longest of those asked for before `capture` at its host, locked; None if there is none.

    One that another worker has in its hands at this moment is passed over.
    """
    before = _before(capture).order_by("requested_at", "pk")
    return before.select_for_update(skip_locked=True, of=("self",)).first() if capture.host else None


def line(host: str) -> CaptureQuerySet:
    """The captures that wait for their turn at the host."""
    return Capture.objects.filter(host=host, state=CaptureState.QUEUED, progress=Waiting.TURN)


def _before(capture: Capture) -> CaptureQuerySet:
    earlier = Q(requested_at__lt=capture.requested_at)
    same = Q(requested_at=capture.requested_at, pk__lt=capture.pk)
    return line(capture.host).filter(earlier | same)


def call_next(host: str, *, at: datetime) -> tuple[UUID, datetime] | None:
    """The one that waits longest at a host that has become free, and when it may begin; its slot is moved there.

    None when nobody waits, or when the slot that it has is no later.
    """
    waiting = line(host).order_by("requested_at", "pk").first()
    if waiting is None or waiting.not_before is None:
        return None
    next_at = Host.objects.filter(pk=host).values_list("next_at", flat=True).first()
    free_at = max(at, next_at) if next_at else at
    moved = line(host).filter(pk=waiting.pk, not_before__gt=free_at).update(not_before=free_at)
    return (waiting.pk, free_at) if moved else None


def leave_alone(host: str, *, until: datetime) -> None:
    """Begin no capture of the host before `until`, whoever asks for it."""
    with transaction.atomic():
        row = locked_host(host)
        if row.next_at is None or row.next_at < until:
            row.next_at = until
            row.save(update_fields=["next_at"])
