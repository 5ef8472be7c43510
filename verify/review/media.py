"""Rating the pictures, films and recordings that are put forward for a claim."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from claims.attribution.changing import WITHDRAWAL, check_why, lock, standing
from claims.statements.models import Claim
from claims.statements.rules import check_can_edit_claims
from claims.statements.services import touch
from sources.archive.models import Capture
from sources.archive.states import CaptureState
from verify.accounts.acting import acting
from verify.accounts.models import User
from verify.review.models import Manipulation, MediaRating


@transaction.atomic
def rate_media(
    *,
    claim: Claim,
    capture: Capture,
    media: str,
    rating: Manipulation,
    context: str,
    by: User,
    at: datetime,
    original_url: str = "",
) -> MediaRating:
    """Say what a medium is that is put forward for a claim: `media` is "image", "video" or "audio".

    `capture` is the archived copy of the file, or of a page that shows it; each is rated once for a claim, and to rate
    it otherwise the first rating is withdrawn. The claim's content changes by it: opinions on the old one are void.
    Raises ValidationError, at its field, for a copy that is another desk's or not archived, a second rating of one
    copy, a context that says nothing, or an original that has no web address.
    """
    check_can_edit_claims(by, claim.desk)
    claim = lock(claim)
    if capture.desk_id != claim.desk_id or capture.state != CaptureState.ARCHIVED:
        raise ValidationError({"capture": _("Choose an archived copy of the claim’s desk.")})
    if claim.media_ratings.standing().filter(capture=capture).exists():
        raise ValidationError(
            {"capture": _("This copy is rated already for this claim. Withdraw that rating first.")}
        )
    made = MediaRating(
        claim=claim,
        capture=capture,
        media=media,
        rating=rating,
        context=context.strip(),
        original_url=_original(original_url),
        rated_by=by,
        rated_at=at,
    )
    made.full_clean()
    with acting(by=by, at=at):
        made.save(force_insert=True)
        touch(claim=claim, by=by, at=at)
    return made


@transaction.atomic
def withdraw_media_rating(*, media_rating: MediaRating, why: str, by: User, at: datetime) -> MediaRating:
    """Take a rating back. It stays on record with the reason; opinions on the content with it are void."""
    check_can_edit_claims(by, media_rating.claim.desk)
    check_why(why)
    claim = lock(media_rating.claim)
    rating: MediaRating = standing(media_rating)
    rating.withdrawn_by, rating.withdrawn_at, rating.withdrawn_because = by, at, why
    with acting(by=by, at=at, why=why):
        rating.save(update_fields=WITHDRAWAL)
        touch(claim=claim, by=by, at=at)
    return rating


def _original(url: str) -> str:
    """`url` without space around it; empty for none. Raises ValidationError for what is no address on the web."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        known = not url or (parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable())
    except ValueError:
        known = False
    if not known or " " in url:
        raise ValidationError(
            {"original_url": _("Give a whole web address, such as https://example.org/picture.")}
        )
    return url
