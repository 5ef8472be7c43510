"""Signing in and out, and how pages look to whoever looks at them."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import unicodedata
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as django_set_language

from verify.web.context import THEMES

logger = logging.getLogger(__name__)

WINDOW = 15 * 60  # seconds in which attempts are counted
TRIES_PER_NAME = 10
TRIES_PER_ADDRESS = 50  # a newsroom sits behind one address
YEAR = 365 * 24 * 60 * 60  # seconds


class TooManyAttempts(ValidationError):
    """No password is looked at until the window is over."""


class SignInForm(AuthenticationForm):
    """User name and password. What is wrong with them it does not say, nor whether there is such a person."""

    error_messages = {
        "invalid_login": _("The user name and password do not fit together. Mind upper and lower case."),
        "inactive": _("The user name and password do not fit together. Mind upper and lower case."),
        "too_many": _("There were too many attempts to sign in. Wait a quarter of an hour, then try again."),
    }

    def clean(self) -> dict[str, Any]:
        assert self.request is not None
        name, address = self.cleaned_data.get("username"), _address(self.request)
        if not name or not self.cleaned_data.get("password"):
            return self.cleaned_data
        keys = {_key("name", unicodedata.normalize("NFKC", name).casefold()): TRIES_PER_NAME}
        keys[_key("address", address)] = TRIES_PER_ADDRESS
        # Counted before the password is looked at, so that guesses sent side by side are all counted.
        tries = {key: _count(key) for key in keys}  # all of them, whichever is over its limit
        if any(tries[key] > limit for key, limit in keys.items()):
            raise TooManyAttempts(self.error_messages["too_many"], code="too_many")
        cleaned = super().clean()
        _forget(list(keys))
        return cleaned


class SignIn(LoginView):
    """The sign-in page. `next` is followed only within this site."""

    authentication_form = SignInForm
    extra_context = {"site_name": settings.SITE_NAME}  # Django would name the host here

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        if form.has_error("__all__", "too_many"):
            response.status_code = 429
            response.headers["Retry-After"] = str(WINDOW)
        return response


# Public pages offer these as plain forms. A token in them would make every page differ by person, so that no cache
# could keep it; what a forged request could do is change the colours.


@csrf_exempt
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep light, dark or automatic for a year, and go back to the page."""
    response = HttpResponseRedirect(_next(request))
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(
            "theme", theme, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


set_language = csrf_exempt(require_POST(django_set_language))
"""Keep the language, and go back to the page."""


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    hosts, secure = {request.get_host()}, request.is_secure()
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts=hosts, require_https=secure):
        return target
    return reverse("front")


def _address(request: HttpRequest) -> str:
    """Whom to count for: an IPv4 address, or the /64 network of an IPv6 one, which one person has whole."""
    given = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        # The last address is the one that our own proxy saw; those before it are what the client says.
        given = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() or given
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return given
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))


def _key(kind: str, value: str) -> str:
    return f"sign-in:{kind}:{hashlib.sha256(value.encode()).hexdigest()}"


def _count(key: str) -> int:
    """Count one more and say how many there are. A cache that is down counts nothing: people must get in."""
    try:
        cache.add(key, 0, WINDOW)
        return cache.incr(key)
    except ValueError:  # it ran out between the two
        return 1
    except Exception:  # whatever the cache's client raises
        logger.exception("the cache does not answer: attempts to sign in are not counted")
        return 0


def _forget(keys: list[str]) -> None:
    try:
        cache.delete(keys[0])
        cache.decr(keys[1])
    except Exception:
        logger.warning("an attempt to sign in stays counted", exc_info=True)
