"""The bell in a real browser: it rings without a reload, and says so politely."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.cast import T0
from verify.notify.models import Kind, Notification
from verify.notify.services import notify

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SOON = 21_000  # milliseconds: a little more than the page waits between two questions


@pytest.fixture
def signed_in(page: Any, web_server: str, alice: Any) -> Any:
    """A browser page of Alice's, with a clock that the test moves."""
    client = Client()
    client.force_login(alice)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": web_server}])
    page.clock.install()
    return page


def test_bell_rings_without_reload(signed_in, desk, alice):
    signed_in.goto("/desk/help/")
    before = signed_in.title()
    notify(to=[alice], kind=Kind.ASSIGNED, desk=desk, key="k", at=T0)
    signed_in.clock.run_for(SOON)
    signed_in.wait_for_selector('#bell[data-count="1"]')
    signed_in.wait_for_function("document.title.startsWith('(1) ')")
    assert signed_in.text_content("#news").strip() == "1 unread notification."
    assert signed_in.locator(".toast").count() == 0
    Notification.objects.update(read_at=T0)
    signed_in.clock.run_for(SOON)
    signed_in.wait_for_selector('#bell[data-count="0"]')
    signed_in.wait_for_function("title => document.title === title", arg=before)


def test_bell_does_not_ask_while_nobody_looks(signed_in, desk, alice):
    asked: list[str] = []
    signed_in.on("request", lambda request: asked.append(request.url))
    signed_in.goto("/desk/help/")
    signed_in.evaluate(
        "Object.defineProperty(document, 'visibilityState', {get: () => window.shown ?? 'hidden'})"
    )
    signed_in.clock.run_for(3 * SOON)
    assert not any("count" in url for url in asked)
    signed_in.evaluate("window.shown = 'visible'; document.dispatchEvent(new Event('visibilitychange'))")
    signed_in.clock.run_for(1000)
    assert sum("count" in url for url in asked) == 1
