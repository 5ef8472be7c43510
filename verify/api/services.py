"""What is done through the API and nowhere else: tokens, and a capture asked for by its URL alone."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from sources.archive.models import Capture, CaptureMode
from sources.archive.rules import check_can_capture
from sources.archive.services import normalised, request_capture
from sources.catalog.models import Document
from sources.catalog.services import register_document
from verify.accounts.models import Desk, User
from verify.accounts.rules import desks_of
from verify.api.models import Scope, Token

PREFIX = "vfy_"  # so that scanners for leaked secrets can tell what it is


def make_token(
    *, name: str, scopes: Iterable[Scope], by: User, at: datetime, expires_at: datetime | None = None
) -> tuple[Token, str]:
    """A token of one's own, and the secret that is shown this once: only its digest is kept.

    Raises ValidationError for `name`, `scopes` or `expires_at`.
    """
    chosen = list(dict.fromkeys(scopes))
    if not chosen:
        raise ValidationError({"scopes": _("Choose at least one thing that the token may do.")})
    if expires_at is not None and expires_at <= at:
        raise ValidationError({"expires_at": _("This moment is over already.")})
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token(
        user=by,
        name=name.strip(),
        sha256=digest_of(secret),
        scopes=chosen,
        created_at=at,
        expires_at=expires_at,
    )
    token.full_clean()
    token.save(force_insert=True)
    return token, secret


def revoke_token(*, token: Token, by: User, at: datetime) -> None:
    """End a token of one's own at once; ending it twice changes nothing."""
    if token.user_id != by.pk:
        raise PermissionDenied(_("Only its owner can revoke a token."))
    Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at)
    token.refresh_from_db(fields=["revoked_at"])


def digest_of(secret: str) -> str:
    """What is kept of a token: SHA-256, lower-case hex. 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def desk_for(user: User, slug: str | None) -> Desk:
    """The desk for which `user` asks: the named one, or their only one. Raises ValidationError for `desk`."""
    desks = list(desks_of(user))
    if slug:
        desks = [desk for desk in desks if desk.slug == slug]
        if not desks:
            raise ValidationError({"desk": _("You belong to no desk of this name.")})
    if not desks:
        raise PermissionDenied(_("You belong to no desk."))
    if len(desks) > 1:
        choices = ", ".join(sorted(desk.slug for desk in desks))
        raise ValidationError({"desk": _("Name the desk, one of: %(choices)s.") % {"choices": choices}})
    return desks[0]


@transaction.atomic
def capture_url(
    *, desk: Desk, url: str | None, document: Document | None, mode: CaptureMode, by: User, at: datetime
) -> Capture:
    """Have a URL archived as a document of the desk, or a document of it once more.

    Raises ValidationError for `url`: one that may not be fetched, or that is not the document's.
    """
    if document is not None and url and normalised(url) != document.url:
        raise ValidationError({"url": _("This is not the address of the document. Leave one of them out.")})
    check_can_capture(by, desk)
    if document is None:
        document = register_document(desk=desk, url=normalised(url or ""), by=by, at=at)
    return request_capture(desk=desk, url=document.url, by=by, at=at, mode=mode, document_id=document.pk)
