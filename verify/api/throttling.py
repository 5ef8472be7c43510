"""How many requests are answered, and what callers are told about it (draft-ietf-httpapi-ratelimit-headers).

Counted in Redis or Valkey by the sliding-window counter of `limits`, for all processes together, in one round trip a
request. While the counter does not answer, everybody is let through: the limits protect the service and are no door.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import RedisStorage
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry
from rest_framework.exceptions import APIException, ErrorDetail, Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from verify.accounts.adapters import address_given, network_of
from verify.api.models import Token

logger = logging.getLogger(__name__)

# The type of the problem, as the draft registers it.
QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"
SAFE = ("GET", "HEAD", "OPTIONS")
PATIENCE = 0.5  # seconds that a request waits for the counter
REST = 5  # seconds in which a counter that did not answer is not asked again
TOLD_EVERY = 60  # seconds between two lines in the log about it


@dataclass(frozen=True)
class Policy:
    """So many requests in a window, for one caller. `name` is what the headers call it."""

    name: str
    caller: str
    item: RateLimitItem

    def __str__(self) -> str:
        return f'"{self.name}";q={self.item.amount};w={self.item.get_expiry()}'


@dataclass(frozen=True)
class Count:
    """What one request found: whether it may pass, how many more may, and when, in seconds, things are better."""

    policy: Policy
    passes: bool
    remaining: int
    reset: int
    wait: int

    def __str__(self) -> str:
        return f'"{self.policy.name}";r={self.remaining};t={self.reset}'


class TooMany(Throttled):
    """429, with the policies that were broken and the seconds after which a request passes."""

    kind = QUOTA_EXCEEDED

    def __init__(self, broken: list[Count]) -> None:
        wait = max(count.wait for count in broken)
        super().__init__(wait=wait)
        self.detail = ErrorDetail(
            _("Too many requests. Try again in %(n)s seconds.") % {"n": wait}, "throttled"
        )
        self.extra = {"violated-policies": [count.policy.name for count in broken]}


class Limits(BaseThrottle):
    """Every view's throttle. Raises TooMany."""

    def allow_request(self, request: Request, view: Any) -> bool:
        count(request)
        return True


def count(request: Request) -> None:
    """Count a request, once, however far it gets: also those that are refused at the door. Raises TooMany."""
    plain = request._request
    if hasattr(plain, "rate_policies"):
        return
    policies = policies_for(request)
    plain.rate_policies, plain.rate_counts = policies, taken(policies)  # type: ignore[attr-defined]
    broken = [each for each in plain.rate_counts if not each.passes]  # type: ignore[attr-defined]
    if broken:
        raise TooMany(broken)


def policies_for(request: Request) -> list[Policy]:
    """What binds this caller: a token by itself, people who are signed in by who they are, all others by address."""
    try:
        user, auth = request.user, request.auth
    except APIException:  # a token that is none: whoever tries many is counted by where they are
        user, auth = None, None
    if isinstance(auth, Token):
        name, caller = "token", str(auth.pk)
        amount = min(auth.requests_per_minute or settings.API_RATE_TOKEN, settings.API_RATE_MAX)
    elif user is not None and user.is_authenticated:
        name, caller, amount = "session", str(user.pk), settings.API_RATE_TOKEN
    else:
        address = hashlib.sha256(network_of(address_given(request._request)).encode()).hexdigest()
        name, caller, amount = "anonymous", address, settings.API_RATE_ANONYMOUS
    policies = [Policy(name, caller, RateLimitItemPerMinute(amount))]
    if request.method not in SAFE:
        writes = min(amount, settings.API_RATE_WRITES)
        policies.append(Policy("writes", caller, RateLimitItemPerMinute(writes)))
    return policies


def taken(policies: list[Policy]) -> list[Count]:
    """Count one request under each policy, in one round trip. Nothing when the counter does not answer."""
    global _asleep_until, _told_at
    now = time.monotonic()
    if now < _asleep_until:
        return []
    try:
        return counter(settings.REDIS_URL, _prefix()).take(policies)
    except (RedisError, OSError) as error:
        _asleep_until = now + REST
        if now - _told_at >= TOLD_EVERY:
            _told_at = now
            logger.warning("requests are not counted, for the counter does not answer: %s", error)
        return []


_asleep_until = 0.0
_told_at = -math.inf


class Counter(RedisStorage):
    """The storage of `limits`, asked for all policies of a request at once.

    Its own methods ask for one policy each, and for what is left a second time. Its scripts do the counting here too.
    """

    def take(self, policies: list[Policy]) -> list[Count]:
        """Take one of each, and see what is left."""
        try:
            answers = self._asked(policies)
        except NoScriptError:  # a server that was restarted knows no scripts
            # The one that counts comes last: who finds it finds the other, and so never counts twice.
            for script in (self.lua_sliding_window, self.lua_acquire_sliding_window):
                self.storage.script_load(script.script)
            answers = self._asked(policies)
        pairs = zip(policies, answers[::2], answers[1::2], strict=True)
        return [_count_of(policy, bool(passes), window) for policy, passes, window in pairs]

    def _asked(self, policies: list[Policy]) -> list[Any]:
        pipe = self.storage.pipeline(transaction=False)
        for policy in policies:
            key = policy.item.key_for(policy.name, policy.caller)
            keys = [
                self.prefixed_key(name)
                for name in (self._previous_window_key(key), self._current_window_key(key))
            ]
            seconds = policy.item.get_expiry()
            pipe.evalsha(self.lua_acquire_sliding_window.sha, 2, *keys, policy.item.amount, seconds, 1)
            pipe.evalsha(self.lua_sliding_window.sha, 2, *keys, seconds)
        answers: list[Any] = pipe.execute()
        return answers


def _count_of(policy: Policy, passes: bool, window: list[Any]) -> Count:
    """Reads the two windows (count, then milliseconds of life, of the one before and of this one)."""
    before, before_left, here, here_left = (max(0, int(value or 0)) for value in window)
    amount, seconds = policy.item.amount, policy.item.get_expiry()
    before_left, here_left = before_left / 1000, max(0.0, here_left / 1000 - seconds)  # type: ignore[assignment]
    remaining = max(0, amount - here - math.floor(before * before_left / seconds))
    if passes or (here < amount and not before):
        wait = 0.0
    elif here < amount:  # the one before weighs less every moment
        wait = max(0.0, before_left - (amount - here) * seconds / before)
    else:
        wait = here_left + seconds / amount
    return Count(policy, passes, remaining, math.ceil(here_left), max(1, math.ceil(wait)))


@cache
def counter(url: str, prefix: str) -> Counter:
    """The counter of this process, connected when it is first asked."""
    retry = Retry(NoBackoff(), 1)
    options: dict[str, Any] = {
        "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE,
        "retry": retry,
    }
    return Counter(url, key_prefix=f"{prefix}limits", **options)


def _prefix() -> str:
    return str(settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("global_keyprefix", ""))


class RateLimitHeaders:
    """Middleware: says on every answer of the API which limits there are, and how much is left of them.

    An answer that anybody's cache may keep must be the same for all: it says only what holds for whoever has no token.
    Whoever sends one is told what is left of it, and the answer is then for them alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policies: list[Policy] = getattr(request, "rate_policies", [])
        if not policies:
            return response
        if "public" in response.get("Cache-Control", ""):
            if "Authorization" not in request.headers:
                everybody = RateLimitItemPerMinute(settings.API_RATE_ANONYMOUS)
                response.headers["RateLimit-Policy"] = str(Policy("anonymous", "", everybody))
                # Neither language nor session changes it, whatever was asked of them on the way.
                varies = [name.strip() for name in response.get("Vary", "").split(",")]
                kept = [name for name in varies if name and name not in ("Cookie", "Accept-Language")]
                response.headers["Vary"] = ", ".join([*kept, "Authorization"])
                return response
            patch_cache_control(response, private=True)
            patch_vary_headers(response, ["Authorization"])
        response.headers["RateLimit-Policy"] = ", ".join(map(str, policies))
        if request.rate_counts:  # type: ignore[attr-defined]
            response.headers["RateLimit"] = ", ".join(map(str, request.rate_counts))  # type: ignore[attr-defined]
        return response
