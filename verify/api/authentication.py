"""Bearer tokens (RFC 6750), looked up by their digest."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from verify.accounts.models import User
from verify.accounts.rules import bind
from verify.api.models import Token
from verify.api.services import digest_of, note_use


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`. Without that header others may answer who it is."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """The token's owner and the token, None without one. Raises AuthenticationFailed (401) for one that is no good.

        Which of the reasons it is, is not said: whoever holds a stolen token need not learn what became of it.
        """
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = Token.objects.select_related("user").filter(sha256=digest_of(secret.strip())).first()
        if token is None or not _is_good(token):
            raise AuthenticationFailed(_("This token is not valid, or not any more."))
        if token.desk_id:
            bind(token.user, token.desk_id)
        note_use(token=token, at=timezone.now())
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Verify"'


def _is_good(token: Token) -> bool:
    unexpired = token.expires_at is None or token.expires_at > timezone.now()
    return unexpired and token.revoked_at is None and token.user.is_active
