"""Where this site is: the addresses by which the world knows its pages."""

from __future__ import annotations

from django.conf import settings


def absolute(path: str) -> str:
    """The address by which the world knows a page, whatever host this request came to."""
    return f"{settings.SITE_URL}{path}"
