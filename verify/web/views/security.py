"""One's own account: the address, the password, the second factors, and where one is signed in."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.views import PasswordChangeView
from allauth.mfa.models import Authenticator
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views import View

from verify.accounts.models import Desk, User

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


class Security(LoginRequiredMixin, View):
    """Everything that protects the account, each with its state and what can be done about it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = _person(request)
        addresses = list(EmailAddress.objects.filter(user=user))
        factors: dict[str, list[Authenticator]] = {}
        for factor in Authenticator.objects.filter(user=user).order_by("created_at"):
            factors.setdefault(factor.type, []).append(factor)
        codes = factors.get(Authenticator.Type.RECOVERY_CODES, [])
        has_factor = Authenticator.Type.TOTP in factors or Authenticator.Type.WEBAUTHN in factors
        return render(
            request,
            "account/security.html",
            {
                "email": next((a for a in addresses if a.verified), None),
                "pending_email": next((a for a in addresses if not a.verified), None),
                "totp": next(iter(factors.get(Authenticator.Type.TOTP, [])), None),
                "passkeys": [key.wrap() for key in factors.get(Authenticator.Type.WEBAUTHN, [])],
                "codes_left": len(codes[0].wrap().get_unused_codes()) if codes else 0,
                "has_factor": has_factor,
                "desks_waiting": []
                if has_factor
                else list(Desk.objects.filter(memberships__user=user, requires_second_factor=True)),
                "sessions": len(living_sessions(user)),
            },
        )


class Sessions(LoginRequiredMixin, View):
    """Where one is signed in; each can be ended, or all at once."""

    def get(self, request: HttpRequest) -> HttpResponse:
        sessions = living_sessions(_person(request))
        shown = [
            {
                "row": row,
                "client": client_of(row.user_agent),
                "here": row.session_key == request.session.session_key,
            }
            for row in sorted(sessions, key=lambda row: row.created_at, reverse=True)
        ]
        return render(request, "usersessions/sessions.html", {"sessions": shown})

    def post(self, request: HttpRequest) -> HttpResponse:
        """End the session that `end` names by its number, or "others", or "all"."""
        mine = UserSession.objects.filter(user=_person(request))
        which = request.POST.get("end", "")
        if which == "others":
            ended = mine.exclude(session_key=request.session.session_key)
        elif which == "all":
            ended = mine
        else:
            number = int(which) if which.isascii() and which.isdigit() and len(which) < 10 else 0
            ended = mine.filter(pk=get_object_or_404(mine, pk=number).pk)
        end_sessions(request, list(ended))
        if not request.user.is_authenticated:
            return redirect("sign-in")
        messages.success(request, _("Signed out there."))
        return redirect("account-sessions")


class PasswordChange(PasswordChangeView):
    """Another password. Who has none (they came by a passkey) asks for a link by mail."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not request.user.has_usable_password():
            return redirect("account_reset_password")
        return super().dispatch(request, *args, **kwargs)


def living_sessions(user: User) -> list[UserSession]:
    """The sessions that would still be let in: not over, and not from before the password was changed. Two queries."""
    rows = {row.session_key: row for row in UserSession.objects.filter(user=user)}
    stored = Session.objects.filter(session_key__in=rows, expire_date__gt=timezone.now())
    alive = user.get_session_auth_hash()
    return [
        rows[session.session_key]
        for session in stored
        if constant_time_compare(session.get_decoded().get(HASH_SESSION_KEY, ""), alive)
    ]


def client_of(user_agent: str) -> str:
    """“Firefox, Linux”, as far as the browser says so; "" when it says nothing that we know."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (browser, system) if part)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # LoginRequiredMixin has seen to it
    return request.user
