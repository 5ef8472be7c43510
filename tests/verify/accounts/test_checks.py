"""What `manage.py check` says about accounts."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks

from verify.accounts.checks import mails_are_sent


def warned(settings, *, production: bool, url: str) -> list[str]:
    settings.PRODUCTION, settings.EMAIL_URL = production, url
    return [str(message.id) for message in run_checks() if str(message.id).startswith("accounts.")]


@pytest.mark.parametrize(
    ("production", "url", "ids"),
    [
        (True, "", ["accounts.W001"]),
        (True, "smtp+tls://mail.wire.example:587", []),
        (False, "", []),
        (False, "smtp://127.0.0.1:2525", []),
    ],
)
def test_check_warns_only_where_people_would_wait_for_mails_in_vain(settings, production, url, ids):
    assert warned(settings, production=production, url=url) == ids


def test_warning_says_where_mails_go_and_how_to_send_them(settings):
    settings.PRODUCTION, settings.EMAIL_URL, settings.EMAIL_FILE_PATH = True, "", "/srv/verify/mail"
    (warning,) = mails_are_sent()
    assert "/srv/verify/mail" in warning.msg and warning.hint.startswith("EMAIL_URL=smtp+tls://")
