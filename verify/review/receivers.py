"""What the review desk does when the claims floor below it changes what was judged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from claims.statements.models import Claim
from claims.statements.signals import content_changed
from verify.accounts.models import User
from verify.review import settling


@receiver(content_changed, dispatch_uid="void-opinions-on-old-content")
def void_opinions(*, claim: Claim, by: User, at: datetime, **_: Any) -> None:
    """Opinions are for one content: what was said about the old one counts no more."""
    settling.void(claim, by=by, at=at)
