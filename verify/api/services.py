"""What is done through the API and nowhere else: tokens, and a capture asked for by its URL alone."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from sources.archive.models import Capture, CaptureMode
from sources.archive.rules import check_can_capture
from sources.archive.services import normalised, request_capture
from sources.catalog.models import Document
from sources.catalog.services import register_document
from verify.accounts.models import Desk, Role, User
from verify.accounts.rules import desks_of, has_role
from verify.api.models import Scope, Token

PREFIX = "vfy_"  # so that scanners for leaked secrets can tell what it is
HINT = 8  # characters of the secret that are kept to tell tokens apart: 24 of its 256 bits
USE_NOTED_EVERY = timedelta(minutes=1)


def make_token(
    *,
    name: str,
    scopes: Iterable[Scope],
    by: User,
    at: datetime,
    desk: Desk | None = None,
    expires_at: datetime | None = None,
    requests_per_minute: int | None = None,
) -> tuple[Token, str]:
    """A token of one's own, and the secret that is shown this once: only its digest and its beginning are kept.

    With `desk` it reaches nothing of one's other desks. How many requests a minute it may make is said by the
    installation, unless an administrator (of that desk, or of any of theirs) says otherwise. Raises ValidationError for
    `name`, `scopes`, `desk`, `expires_at` or `requests_per_minute`.
    """
    chosen = list(dict.fromkeys(scopes))
    if not chosen:
        raise ValidationError({"scopes": _("Choose at least one thing that the token may do.")})
    if expires_at is not None and expires_at <= at:
        raise ValidationError({"expires_at": _("This moment is over already.")})
    if desk is not None and not has_role(by, desk, Role.VIEWER):
        raise ValidationError({"desk": _("You belong to no desk of this name.")})
    _check_rate(requests_per_minute, by, desk)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token(
        user=by,
        name=name.strip(),
        sha256=digest_of(secret),
        hint=secret[:HINT],
        desk=desk,
        scopes=chosen,
        created_at=at,
        expires_at=expires_at,
        requests_per_minute=requests_per_minute,
    )
    token.full_clean()
    token.save(force_insert=True)
    return token, secret


def _check_rate(rate: int | None, by: User, desk: Desk | None) -> None:
    if rate is None:
        return
    if not desks_of(by, Role.ADMIN).filter(**({"pk": desk.pk} if desk else {})).exists():
        raise ValidationError(
            {"requests_per_minute": _("Only an administrator gives a token a limit of its own.")}
        )
    most: int = settings.API_RATE_MAX
    if not 1 <= rate <= most:
        raise ValidationError({"requests_per_minute": _("Between 1 and %(most)s.") % {"most": most}})


def revoke_token(*, token: Token, by: User, at: datetime) -> None:
    """End a token at once: one's own, or, as an administrator, one that is bound to the desk. Twice changes nothing."""
    if token.user_id != by.pk and not (token.desk_id and has_role(by, token.desk_id, Role.ADMIN)):
        raise PermissionDenied(_("A token is revoked by its owner, or by an administrator of its only desk."))
    Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at)
    token.refresh_from_db(fields=["revoked_at"])


def note_use(*, token: Token, at: datetime) -> None:
    """Note that a token was used, to the minute: nothing is written when that is known already."""
    known = token.last_used_at
    if known is None or known <= at - USE_NOTED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=at - USE_NOTED_EVERY)
        Token.objects.filter(stale, pk=token.pk).update(last_used_at=at)


def reaching(desk: Desk, *, at: datetime) -> QuerySet[Token]:
    """The tokens that work at `at` and reach the desk, with their owners: bound to it, or a member's for all desks."""
    usable = Token.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=at), revoked_at=None, user__is_active=True
    )
    reach = usable.filter(Q(desk=desk) | Q(desk=None), user__memberships__desk=desk)
    return reach.select_related("user").order_by("user__username", "-created_at", "id")


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
