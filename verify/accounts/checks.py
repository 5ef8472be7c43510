"""What `manage.py check` says about accounts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register()
def mails_are_sent(**_kwargs: Any) -> list[CheckMessage]:
    """In production somebody who forgot a password waits for a mail, not for a file."""
    if settings.PRODUCTION and not settings.EMAIL_URL:
        return [
            Warning(
                f"EMAIL_URL is not set: mails are written to {settings.EMAIL_FILE_PATH} and not sent.",
                hint="EMAIL_URL=smtp+tls://user:password@mail.example.org:587",
                id="accounts.W001",
            )
        ]
    return []
