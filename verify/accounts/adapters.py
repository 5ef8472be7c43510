"""How django-allauth behaves here: quiet about who has an account, with links to this site alone."""

from __future__ import annotations

import ipaddress
import logging
from smtplib import SMTPException
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from qrcode.image.svg import SvgPathFillImage

from verify.accounts import second_factor

logger = logging.getLogger(__name__)


class SignInBackend(AuthenticationBackend):
    """By user name, or by an e-mail address that was confirmed: anybody can type in somebody else's."""

    def _authenticate_by_email(self, email: str, password: str) -> AbstractBaseUser | None:
        address = (
            EmailAddress.objects.filter(email=email.lower(), verified=True).select_related("user").first()
        )
        return self._check_password(address.user, password) if address else None


class AccountAdapter(DefaultAccountAdapter):
    """The rules of the house for accounts. See docs/decisions/0128."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "duplicate_email": _lazy("This is your address already."),
        "enter_current_password": _lazy("This is not your password. Mind upper and lower case."),
        "incorrect_password": _lazy("This is not your password. Mind upper and lower case."),
        "invalid_password_reset": _lazy("This link does not work, or not any more."),
        "rate_limited": _lazy("There were too many attempts. Wait some minutes, then try again."),
        "too_many_login_attempts": _lazy("There were too many attempts. Wait some minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # people come by invitation

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing: attempts are counted by the forms, which survive a cache that is down."""

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """As for anybody who cannot sign in."""
        messages.error(request, _("Signing in did not work. Try again."))
        return redirect("sign-in")

    def is_safe_url(self, url: str | None) -> bool:
        host, secure = context.request.get_host(), context.request.is_secure()
        return url_has_allowed_host_and_scheme(url, allowed_hosts={host}, require_https=secure)

    def get_client_ip(self, request: HttpRequest) -> str:
        try:
            return str(ipaddress.ip_address(address_given(request)))
        except ValueError:
            return "::"  # unknown, as behind a socket without a proxy that says so

    # What a mail links to is never taken from the request: its Host header is the sender's to choose.

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _hyphen, secret = key.partition("-")
        return site_url("account_reset_password_from_key", uidb36=uid, key=secret)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return site_url("account_confirm_email", key=emailconfirmation.key)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, or log that it failed: an error page would tell that there was somebody to write to."""
        words = {"site_name": settings.SITE_NAME, "security_url": site_url("account-security")} | context
        try:
            self.render_mail(template_prefix, email, words).send()
        except (SMTPException, OSError):
            logger.exception("a mail could not be sent: %s", template_prefix)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account-security")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        return reverse("account-security" if self.request.user.is_authenticated else "sign-in")


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are kept encrypted, and what an authenticator shows names this site."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _lazy("This did not fit. Codes change every half minute, and each works once."),
        "cannot_generate_recovery_codes": _lazy("Set up an authenticator or a passkey first."),
    }

    def encrypt(self, text: str) -> str:
        return second_factor.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return second_factor.unseal(encrypted_text)

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def build_totp_svg(self, url: str) -> str:
        """The QR code on a white ground of its own: dark on dark no telephone reads it."""
        image = qrcode.make(url, image_factory=SvgPathFillImage)
        return str(image.to_string(encoding="unicode"))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": settings.SITE_NAME}

    def _get_site_name(self) -> str:
        return settings.SITE_NAME

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        return _("Passkey %(number)d") % {"number": user.authenticator_set.filter(type=type).count() + 1}  # type: ignore[attr-defined]


def list_session(request: HttpRequest, user: AbstractBaseUser, **_kwargs: Any) -> None:
    """Keep whose session it is that begins, by whichever way somebody signed in: what is not listed cannot be ended."""
    if request.session.session_key is None:
        return  # kept nowhere yet; the sign-in page lists it once it is
    agent = request.META.get("HTTP_USER_AGENT", "")[:200]
    UserSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={"user": user, "ip": AccountAdapter().get_client_ip(request), "user_agent": agent},
    )


def site_url(name: str, **kwargs: Any) -> str:
    """The absolute address of a page, as the settings name this site."""
    return settings.SITE_URL + reverse(name, kwargs=kwargs)


def address_given(request: HttpRequest) -> str:
    """Where a request comes from, as far as it can be trusted: its own word about it only from our proxy."""
    given: str = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        # The last address is the one that our own proxy saw; those before it are what the client says.
        given = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() or given
    return given


def network_of(address: str) -> str:
    """Whom to count for: an IPv4 address, or the /64 network of an IPv6 one, which one person has whole."""
    try:
        given = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(given, ipaddress.IPv4Address):
        return str(given)
    return str(given.ipv4_mapped or ipaddress.ip_network((given, 64), strict=False))
