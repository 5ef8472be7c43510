"""Which failures are tried again and when, and what Retry-After says; pure, so no server and no database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sources.archive.exchange import FailureCode
from sources.archive.retries import RETRIED, delay, retry_after

DELAYS = [30.0, 120.0, 600.0]
NOW = datetime(2025, 3, 9, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(("tries", "expected"), [(1, 30), (2, 120), (3, 600), (4, None), (99, None)])
def test_a_failure_that_may_pass_waits_longer_each_time_and_not_for_ever(tries, expected):
    assert delay(FailureCode.TIMEOUT, tries=tries, delays=DELAYS, jitter=0) == expected


def test_what_failed_together_is_not_tried_again_together():
    first, last = (delay(FailureCode.BUSY, tries=1, delays=DELAYS, jitter=jitter) for jitter in (0, 1))
    assert (first, last) == (30, 36)


@pytest.mark.parametrize("code", sorted(set(FailureCode) - set(RETRIED)))
def test_what_does_not_pass_by_itself_fails_at_once(code):
    assert delay(code, tries=1, delays=DELAYS, jitter=0) is None


def test_bad_tls_gets_one_more_try():
    tries = [delay(FailureCode.TLS_FAILED, tries=n, delays=DELAYS, jitter=0) for n in (1, 2)]
    assert tries == [30, None]


def test_without_delays_nothing_is_tried_again():
    assert all(delay(code, tries=1, delays=[], jitter=0) is None for code in FailureCode)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("999999", 3600),
        ("9" * 5000, 3600),
        ("Sun, 09 Mar 2025 10:05:00 GMT", 300),
        ("Sunday, 09-Mar-25 10:05:00 GMT", 300),
        ("Sun Mar  9 10:05:00 2025", 300),
        ("Sun, 09 Mar 2025 12:05:00 +0200", 300),
        ("Sun, 09 Mar 2025 10:05:00 -0000", 300),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        ("Sun, 09 Mar 2025 09:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 3600),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0),
        ("", 0),
        ("-5", 0),
        ("1.5", 0),
        ("٣", 0),
        ("soon", 0),
        ("Sun, 99 Mar 2025 99:99:99 GMT", 0),
        ("\x00\xff", 0),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_more_than_the_limit(value, seconds):
    assert retry_after(value, now=NOW, most=3600) == seconds
