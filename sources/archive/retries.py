"""Which failures may pass, how long to wait before the next try, and how long a server asks to be left alone. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sources.archive.exchange import FailureCode

# How many of the configured delays a reason is worth; what is not here does not pass by itself and fails at once.
_AS_MANY_AS_THERE_ARE = 1000
RETRIED: dict[FailureCode, int] = {
    FailureCode.NAME_NOT_RESOLVED: _AS_MANY_AS_THERE_ARE,
    FailureCode.CONNECT_FAILED: _AS_MANY_AS_THERE_ARE,
    FailureCode.TIMEOUT: _AS_MANY_AS_THERE_ARE,
    FailureCode.DISCONNECTED: _AS_MANY_AS_THERE_ARE,
    FailureCode.BUSY: _AS_MANY_AS_THERE_ARE,
    FailureCode.INTERNAL_ERROR: _AS_MANY_AS_THERE_ARE,  # a full disk, a storage that does not answer
    # A server that speaks badly mostly goes on doing so; once more is for one that was being restarted.
    FailureCode.TLS_FAILED: 1,
    FailureCode.PROTOCOL_ERROR: 1,
}
# Complete responses that say "not now" (RFC 9110 §15.6.3–15.6.5, RFC 6585 §4).
BUSY_STATUSES = frozenset({429, 502, 503, 504})
JITTER = 0.2  # of the delay, so that what failed together is not tried again together


def delay(code: FailureCode, *, tries: int, delays: Sequence[float], jitter: float) -> float | None:
    """Seconds to wait after `tries` unsuccessful tries, the last for `code`; None when it is not to be tried again.

    `delays` are the configured waits, the first after the first try. `jitter` is a random number from 0 to 1.
    """
    if tries > min(RETRIED.get(code, 0), len(delays)):
        return None
    return delays[tries - 1] * (1 + JITTER * jitter)


def retry_after(value: str, *, now: datetime, most: float) -> float:
    """Seconds that a `Retry-After` header asks for (RFC 9110 §10.2.3: seconds or a date), from 0 to `most`.

    What cannot be read, or lies in the past, asks for nothing.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return most if len(value) > 9 else min(float(value), most)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    if until.tzinfo is None:  # "-0000": a time in UTC of an unknown place
        until = until.replace(tzinfo=UTC)
    try:
        return min(max((until - now).total_seconds(), 0.0), most)
    except OverflowError:  # a year 1 or 9999 shifted over the end of the calendar
        return 0.0
