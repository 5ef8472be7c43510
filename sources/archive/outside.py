"""Archives of others: which mementos they hold of a document, and asking them for an independent copy.

Off unless the settings name a service: to ask is to tell that service what the desk looks at. Everything goes through
the one fetcher, its guard and its limits. Rows are the truth about the work, as with captures: a lease, attempts and a
sweeper; the broker is a doorbell.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sources.archive import config, memento
from sources.archive.decode import decode
from sources.archive.exchange import Exchange, FailureCode, FetchError, FetchResult
from sources.archive.memento import Found, Service
from sources.archive.models import Memento, OutsideRequest, OutsideState, OutsideWork
from sources.archive.retries import retry_after
from sources.archive.rules import check_can_capture
from verify.accounts.models import Desk, User

logger = logging.getLogger(__name__)

MOST_MEMENTOS = 500  # kept of one look-up
MOST_PAGES = 10  # TimeMaps read in one look-up
FIRST_PAUSE = timedelta(minutes=1)  # five times as long after each further attempt
MOST_ANNOUNCED = 4  # addresses of an answer that are tried
STILL_SECONDS = 1.1  # Memento-Datetime counts whole seconds
CLOCKS_DIFFER = timedelta(minutes=5)  # between an archive's and ours

_FOR_A_WHILE = {
    FailureCode.NAME_NOT_RESOLVED,
    FailureCode.CONNECT_FAILED,
    FailureCode.TIMEOUT,
    FailureCode.DISCONNECTED,
    FailureCode.BUSY,
}


class _Lost(Exception):
    """Somebody else has the request now; what was done for it is dropped."""


class _Refused(Exception):
    """The service has answered, and there is nothing to wait for; the text says what it was."""


class _Later(Exception):
    """Nothing yet; try again. `pause` is what the service asks for, if it does."""

    def __init__(self, message: str, pause: timedelta = timedelta()) -> None:
        super().__init__(message)
        self.pause = pause


@dataclass(slots=True)
class _Outcome:
    """What came of a request."""

    mementos: list[Found]  # all that there are
    ours: list[Found] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def services() -> list[Service]:
    """The outside archives that this installation may ask, in the order of the settings."""
    return memento.read_services(list(settings.ARCHIVE_OUTSIDE))


def look_up(
    *, desk: Desk, document_id: UUID, url: str, by: User | None, at: datetime
) -> list[OutsideRequest]:
    """Ask every service that can be asked which mementos of `url` it holds; one request each.

    A request that is still under way is returned instead of a second one. Raises ValidationError when no service is
    named in the settings, PermissionDenied.
    """
    asked = [service for service in services() if service.looks_up]
    if not asked:
        raise ValidationError(_("This installation names no outside archive that could be asked."))
    return [
        _request(OutsideWork.LOOK_UP, service, desk=desk, document_id=document_id, url=url, by=by, at=at)
        for service in asked
    ]


def ask_for_copy(
    *, desk: Desk, document_id: UUID, url: str, service: str, by: User | None, at: datetime
) -> OutsideRequest:
    """Ask one service, by its name, to make an independent copy of `url`. Raises ValidationError, PermissionDenied."""
    chosen = next((one for one in services() if one.name == service and one.copies), None)
    if chosen is None:
        raise ValidationError({"service": _("Choose an outside archive that makes copies.")})
    return _request(OutsideWork.COPY, chosen, desk=desk, document_id=document_id, url=url, by=by, at=at)


@transaction.atomic
def _request(
    work: OutsideWork,
    service: Service,
    *,
    desk: Desk,
    document_id: UUID,
    url: str,
    by: User | None,
    at: datetime,
) -> OutsideRequest:
    if by is not None:
        check_can_capture(by, desk)
    try:
        url = config.guard().check_url(url).url
    except FetchError as refusal:
        raise ValidationError({"url": ValidationError(str(refusal), code=refusal.code)}) from refusal
    Desk.objects.select_for_update(of=("self",)).get(pk=desk.pk)  # two people at once get one request
    same = OutsideRequest.objects.filter(document_id=document_id, work=work, service=service.name)
    under_way = same.filter(state__in=[OutsideState.QUEUED, OutsideState.WORKING]).first()
    if under_way is not None:
        return under_way
    request = OutsideRequest.objects.create(
        desk=desk,
        document_id=document_id,
        work=work,
        service=service.name,
        url=url,
        requested_by=by,
        requested_at=at,
    )
    transaction.on_commit(lambda: ring(request.pk))
    return request


def ring(request_id: UUID) -> None:
    """Tell the workers; a broker that is down costs time, the sweeper finds the row."""
    from sources.archive import tasks

    try:
        tasks.outside.apply_async((str(request_id),), retry=False)
    except Exception:  # whatever the broker's client raises
        logger.warning("the broker does not answer; the sweeper will ring for %s", request_id, exc_info=True)


def sweep(*, at: datetime) -> list[UUID]:
    """The requests that wait and are due, and those whose worker was lost; the caller rings for them."""
    waiting = _takeable(at).filter(requested_at__lt=at - timedelta(seconds=5))
    return list(waiting.order_by("requested_at").values_list("pk", flat=True)[:500])


def run(*, request_id: UUID) -> None:
    """Do one request: take the lease, ask, keep what came. Nothing that a service sends makes this raise."""
    request = _take(request_id, at=timezone.now())
    if request is None:
        return
    try:
        service = next((one for one in services() if one.name == request.service), None)
        if service is None:
            raise _Refused(_("The settings no longer name this service."))
        done = _do_look_up if request.work == OutsideWork.LOOK_UP else _do_copy
        _keep(request, done(request, service), at=timezone.now())
    except _Lost:
        logger.warning("outside request %s was given to another worker meanwhile", request.pk)
    except _Later as later:
        _put_off(request, str(later), pause=later.pause, at=timezone.now())
    except _Refused as refusal:
        _finish(request, OutsideState.FAILED, str(refusal), at=timezone.now())
    except Exception:
        logger.exception("outside request %s failed for a reason of ours", request.pk)
        detail = _("An error in Verify itself; the log of the worker says more.")
        _finish(request, OutsideState.FAILED, detail, at=timezone.now())


# --- Asking ---------------------------------------------------------------------------------------------------------


def _do_look_up(request: OutsideRequest, service: Service) -> _Outcome:
    if not service.looks_up:
        raise _Refused(_("The settings no longer say how to ask this service."))
    return _timemap(request, service) if service.timemap else _timegate(request, service)


def _timemap(request: OutsideRequest, service: Service) -> _Outcome:
    now, hosts = timezone.now(), _hosts(service)
    pages, asked = [memento.expand(service.timemap, request.url)], 0
    found: dict[str, Found] = {}
    left_out, is_cut = 0, False
    while pages and asked < MOST_PAGES:
        page = pages.pop(0)
        asked += 1
        final = _fetch(request, page, headers=[("Accept", memento.LINK_FORMAT)])
        if final.status in (404, 410) and asked == 1:
            return _Outcome([])
        _check_status(final)
        body = decode(final, config.limits())
        timemap = memento.read_timemap(body.decoded, base=final.url, now=now, allowed=_allowed, hosts=hosts)
        if not memento.is_same_original(timemap.originals, request.url):
            raise _Refused(_("The service answered about another address than it was asked about."))
        if not (timemap.mementos or timemap.pages or timemap.originals or timemap.left_out):
            raise _Refused(_("What the service sent is not a list of mementos."))
        found |= {one.url: one for one in timemap.mementos}
        pages += [address for address in timemap.pages if address not in pages]
        left_out += timemap.left_out
        is_cut |= timemap.is_cut or body.truncated or final.truncated is not None
    notes = []
    if left_out:
        notes.append(
            ngettext(
                "%(n)s entry was left out: its date or address cannot be right.",
                "%(n)s entries were left out: their dates or addresses cannot be right.",
                left_out,
            )
            % {"n": left_out}
        )
    if is_cut or pages:
        notes.append(_("The list is longer than what is read of it; the rest was not looked at."))
    return _Outcome(sorted(found.values()), notes=notes)


def _timegate(request: OutsideRequest, service: Service) -> _Outcome:
    now = timezone.now()
    final = _fetch(request, memento.expand(service.timegate, request.url), headers=memento.negotiation(now))
    if final.status in (404, 410):
        return _Outcome([])
    _check_status(final)
    found = memento.read_memento(final.url, final.headers, now=now)
    notes = [_("This service was asked for its latest memento only.")]
    return _Outcome([found] if found and _usable(found.url, service) else [], notes=notes)


def _do_copy(request: OutsideRequest, service: Service) -> _Outcome:
    """Ask for a copy, and believe in it when there is a memento of it that answers at an address of its own.

    An answer that calls itself a memento is not enough: it may be the live page passed through. What is stored keeps
    its date when it is asked for again; what is live has a later one. A second attempt looks first whether the one
    before it has borne fruit.
    """
    if not service.copies:
        raise _Refused(_("The settings no longer say how to ask this service for a copy."))
    if request.attempt > 1 and (ours := _made_since(request, service)):
        return ours
    final = _fetch(request, memento.expand(service.save, request.url))
    _check_status(final)
    now, asked_at = timezone.now(), request.requested_at - CLOCKS_DIFFER
    older: list[Found] = []
    for found in _proven(request, final, service, now=now):
        if found.at >= asked_at:
            return _Outcome([found], ours=[found])
        older.append(found)
    if ours := _made_since(request, service):
        return ours
    if older:
        return _Outcome(older, notes=[_("The service showed an older memento instead of making a new copy.")])
    raise _Later(_("The service took the request, but its copy cannot be seen yet."))


def _proven(request: OutsideRequest, final: Exchange, service: Service, *, now: datetime) -> list[Found]:
    """The mementos that the answer leads to and that answer, twice and with one date, at an address of their own."""
    proven: list[Found] = []
    for address in dict.fromkeys([final.url, *memento.announced(final.url, final.headers)[:MOST_ANNOUNCED]]):
        try:
            first = _memento_at(request, address, service, now=now, answer=final)
            if first is None:
                continue
            time.sleep(STILL_SECONDS)
            if _memento_at(request, first.url, service, now=now) == first:
                proven.append(first)
        except (_Later, _Refused):
            continue
    return proven


def _memento_at(
    request: OutsideRequest, address: str, service: Service, *, now: datetime, answer: Exchange | None = None
) -> Found | None:
    if not _is_apart(address, service):
        return None
    if answer is None or answer.url != address:
        answer = _fetch(request, address)
    if answer.status >= 400 or not _is_apart(answer.url, service):
        return None
    return memento.read_memento(answer.url, answer.headers, now=now)


def _made_since(request: OutsideRequest, service: Service) -> _Outcome | None:
    if not service.looks_up:
        return None
    try:
        outcome = _do_look_up(request, service)
    except (_Later, _Refused):
        return None
    since = request.requested_at.replace(microsecond=0) - CLOCKS_DIFFER
    # The newest that was not known before we asked: another's copy of the same minutes is no worse, but not older.
    known = Memento.objects.filter(document_id=request.document_id, found_at__lt=request.requested_at)
    before = set(known.values_list("url", flat=True))
    new = [found for found in outcome.mementos if found.at >= since and found.url not in before]
    return _Outcome(new[-1:], ours=new[-1:]) if new else None


def _fetch(request: OutsideRequest, url: str, *, headers: list[tuple[str, str]] | None = None) -> Exchange:
    _extend(request)
    result: FetchResult = config.fetcher().fetch(url, headers=headers or [])
    if result.final is not None:
        return result.final
    failure = result.failure or FetchError(FailureCode.PROTOCOL_ERROR, _("Nothing came back."))
    if failure.code in _FOR_A_WHILE:
        raise _Later(str(failure))
    raise _Refused(str(failure))


def _check_status(final: Exchange) -> None:
    if final.status < 400:
        return
    message = _("The service answered with status %(status)s.") % {"status": final.status}
    if final.status == 429 or final.status >= 500:
        said = next((value for name, value in final.headers if name == "retry-after"), "")
        wait = retry_after(said, now=timezone.now(), most=settings.ARCHIVE_MAX_RETRY_AFTER)
        raise _Later(message, timedelta(seconds=wait))
    raise _Refused(message)


def _hosts(service: Service) -> frozenset[str] | None:
    """Where the service's mementos may lie: at the hosts of its templates, unless it is an aggregator."""
    if service.any_host:
        return None
    templates = (service.timemap, service.timegate, service.save)
    return frozenset(memento.host_of(template) for template in templates if template)


def _allowed(address: str) -> bool:
    try:
        config.guard().check_url(address)
    except FetchError as refusal:
        return refusal.code == FailureCode.PORT_REFUSED  # it is shown, not fetched
    return True


def _usable(address: str, service: Service) -> bool:
    hosts = _hosts(service)
    return memento.usable_address(address, base=address, allowed=_allowed, hosts=hosts) is not None


def _is_apart(address: str, service: Service) -> bool:
    """Whether an address may be a memento's: usable, and none of those that ask for one more copy."""
    return _usable(address, service) and not address.startswith(memento.fixed_part(service.save))


# --- The rows -------------------------------------------------------------------------------------------------------


def _takeable(at: datetime) -> QuerySet[OutsideRequest]:
    waiting = Q(state=OutsideState.QUEUED) & (Q(not_before__isnull=True) | Q(not_before__lte=at))
    return OutsideRequest.objects.filter(waiting | Q(state=OutsideState.WORKING, lease_until__lt=at))


def _take(request_id: UUID, *, at: datetime) -> OutsideRequest | None:
    with transaction.atomic():
        request = (
            _takeable(at).filter(pk=request_id).select_for_update(skip_locked=True, of=("self",)).first()
        )
        if request is None:
            return None
        if request.attempt >= settings.ARCHIVE_MAX_ATTEMPTS:
            detail = request.detail or _("The worker was lost each time that this was tried.")
            _write_end(request, OutsideState.FAILED, detail, at=at)
            return None
        request.state = OutsideState.WORKING
        request.attempt += 1
        request.lease_token = uuid4()
        request.lease_until = at + timedelta(seconds=settings.ARCHIVE_LEASE_SECONDS)
        request.not_before = None
        request.save(update_fields=["state", "attempt", "lease_token", "lease_until", "not_before"])
        return request


def _extend(request: OutsideRequest) -> None:
    """One more fetch begins: the lease runs anew. Raises _Lost."""
    until = timezone.now() + timedelta(seconds=settings.ARCHIVE_LEASE_SECONDS)
    if not _held(request).update(lease_until=until):
        raise _Lost


def _held(request: OutsideRequest) -> QuerySet[OutsideRequest]:
    return OutsideRequest.objects.filter(
        pk=request.pk, lease_token=request.lease_token, state=OutsideState.WORKING
    )


def _hold(request: OutsideRequest) -> OutsideRequest | None:
    """The row, locked, if our lease still holds; a worker that was taken for dead writes nothing."""
    return _held(request).select_for_update(of=("self",)).first()


@transaction.atomic
def _keep(request: OutsideRequest, outcome: _Outcome, *, at: datetime) -> None:
    row = _hold(request)
    if row is None:
        return
    kept = memento.evenly(outcome.mementos, MOST_MEMENTOS)
    ours = {found.url for found in outcome.ours}
    Memento.objects.bulk_create(
        [
            Memento(
                document_id=row.document_id,
                request=row,
                service=row.service,
                url=found.url,
                at=found.at,
                is_ours=found.url in ours,
                found_at=at,
            )
            for found in kept
        ],
        ignore_conflicts=True,
    )
    if ours:
        Memento.objects.filter(document_id=row.document_id, url__in=ours, is_ours=False).update(is_ours=True)
    row.found = len(outcome.mementos)
    missed = row.work == OutsideWork.COPY and not ours
    state = OutsideState.FAILED if missed else OutsideState.DONE
    _write_end(row, state, " ".join([*_summary(row, outcome, len(kept)), *outcome.notes]), at=at)


def _summary(request: OutsideRequest, outcome: _Outcome, kept: int) -> list[str]:
    if request.work == OutsideWork.COPY:
        return [_("The copy was made and answers at its own address.")] if outcome.ours else []
    found = len(outcome.mementos)
    if not found:
        return [_("The service has no memento of this address.")]
    said = [ngettext("%(n)s memento was found.", "%(n)s mementos were found.", found) % {"n": found}]
    if kept < found:
        said.append(
            _("%(kept)s of them are kept, spread evenly from the first to the last.") % {"kept": kept}
        )
    return said


@transaction.atomic
def _put_off(request: OutsideRequest, detail: str, *, pause: timedelta, at: datetime) -> None:
    row = _hold(request)
    if row is None:
        return
    if row.attempt >= settings.ARCHIVE_MAX_ATTEMPTS:
        tried = ngettext("It was tried once.", "It was tried %(n)s times.", row.attempt) % {"n": row.attempt}
        _write_end(row, OutsideState.FAILED, f"{detail} {tried}", at=at)
        return
    row.state, row.detail = OutsideState.QUEUED, _plain(detail)
    row.not_before = at + max(pause, FIRST_PAUSE * 5 ** (row.attempt - 1))
    row.lease_token = row.lease_until = None
    row.save(update_fields=["state", "detail", "not_before", "lease_token", "lease_until"])


@transaction.atomic
def _finish(request: OutsideRequest, state: OutsideState, detail: str, *, at: datetime) -> None:
    if (row := _hold(request)) is not None:
        _write_end(row, state, detail, at=at)


def _write_end(request: OutsideRequest, state: OutsideState, detail: str, *, at: datetime) -> None:
    request.state, request.detail, request.finished_at = state, _plain(detail), at
    request.lease_token = request.lease_until = request.not_before = None
    request.save(
        update_fields=[
            "state", "detail", "finished_at", "found", "lease_token", "lease_until", "not_before"
        ]
    )  # fmt: skip


def _plain(detail: str) -> str:
    return detail.replace("\x00", "")  # PostgreSQL text holds none, and a service may send one
