"""Signing in and out, and how pages look to whoever looks at them."""

from __future__ import annotations

import hashlib
import logging
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.account.views import LoginView
from allauth.core import context
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as django_set_language

from verify.accounts.adapters import address_given, network_of
from verify.web.context import THEMES
from verify.web.forms.account import Plain

logger = logging.getLogger(__name__)

WINDOW = 15 * 60  # seconds in which attempts are counted
TRIES_PER_NAME = 10
TRIES_PER_ADDRESS = 50  # a newsroom sits behind one address
YEAR = 365 * 24 * 60 * 60  # seconds


class TooManyAttempts(ValidationError):
    """No password is looked at until the window is over."""

    def __init__(self) -> None:
        super().__init__(
            _("There were too many attempts to sign in. Wait a quarter of an hour, then try again."),
            code="too_many",
        )


class SignInForm(LoginForm):
    """User name or e-mail address, and password. What is wrong with them it does not say, nor whose they are."""

    WRONG = _("The user name and password do not fit together. Mind upper and lower case.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = forms.CharField(label=_("User name or e-mail address"), max_length=254)
        name.widget.attrs |= {"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        password = self.fields["password"]
        password.label, password.help_text = _("Password"), ""
        password.widget.attrs.pop("placeholder", None)
        self.fields.clear()
        self.fields |= {"username": name, "password": password}

    def user_credentials(self) -> dict[str, Any]:
        self.cleaned_data["login"] = self.cleaned_data["username"]
        return super().user_credentials()

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not cleaned.get("username") or not cleaned.get("password"):
            return cleaned
        with attempt(self.request, cleaned["username"]):
            try:
                super().clean()
            except ValidationError:
                raise ValidationError(self.WRONG, code="invalid_login") from None
            if self.user is None or not self.user.is_active:
                raise ValidationError(self.WRONG, code="invalid_login")
        return self.cleaned_data


class SignIn(LoginView):
    """The sign-in page. `next` is followed only within this site."""

    template_name = "registration/login.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        target = self.request.POST.get("next") or self.request.GET.get("next")
        return super().get_context_data(**kwargs) | {"next": target or ""}

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        response = super().form_invalid(form)
        if form.has_error("__all__", "too_many"):
            response.status_code = 429
            response.headers["Retry-After"] = str(WINDOW)
        return response


class ConfirmPasswordForm(Plain, ReauthenticateForm):
    """The password once more. Guesses of who sits at an open session count like those at the door."""

    labels = {"password": _("Password")}

    def clean_password(self) -> str:
        with attempt(context.request, self.user.get_username()):
            return super().clean_password()


class ChangePasswordForm(Plain, AllauthChangePasswordForm):
    """Another password, for who knows the one they have."""

    labels = {
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("New password, again"),
    }

    def clean_oldpassword(self) -> str:
        with attempt(context.request, self.user.get_username()):
            return super().clean_oldpassword()


@contextmanager
def attempt(request: HttpRequest, name: str) -> Iterator[None]:
    """Count a guess of the password of `name`; when the block passes, it is forgotten. Raises TooManyAttempts."""
    keys = {_key("name", unicodedata.normalize("NFKC", name).strip().casefold()): TRIES_PER_NAME}
    keys[_key("address", network_of(address_given(request)))] = TRIES_PER_ADDRESS
    # Counted before the password is looked at, so that guesses sent side by side are all counted.
    tries = {key: _count(key) for key in keys}  # all of them, whichever is over its limit
    if any(tries[key] > limit for key, limit in keys.items()):
        raise TooManyAttempts
    yield
    _forget(list(keys))


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
