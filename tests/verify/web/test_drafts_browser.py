"""In browsers: typed on one device and restored on another; the session ends while typing; two people at one claim."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.urls import reverse

from claims.statements.models import Claim
from verify.web.models import FormDraft

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400), pytest.mark.django_db(transaction=True)]


def cookie(user: Any) -> str:
    """A session of a person who has signed in."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


@pytest.fixture
def device(browser: Any, web_server: str) -> Any:
    """`device(user)`: a page in a browser of its own, in which that person has signed in."""
    contexts = []

    def make(user: Any) -> Any:
        context = browser.new_context(base_url=web_server, locale="en-GB")
        contexts.append(context)
        sign_in(context, web_server, user)
        page = context.new_page()
        page.set_default_timeout(20_000)
        return page

    yield make
    for context in contexts:
        context.close()


def sign_in(context: Any, web_server: str, user: Any) -> None:
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie(user), "url": web_server}])


def kept(text: str) -> Callable[[], bool]:
    return lambda: any(draft.fields.get("text") == [text] for draft in FormDraft.objects.all())


def test_typed_on_one_device_and_restored_on_another(device, alice, bob, make_claim, wait_until):
    claim = make_claim("As it stands.")
    edit = reverse("claim-edit", args=[claim.pk])
    first = device(alice)
    first.goto(edit)
    first.fill("#id_text", "Typed in the newsroom.")
    wait_until(kept("Typed in the newsroom."))
    second = device(alice)
    second.goto(edit)
    second.locator("[data-restore]").wait_for()
    assert second.input_value("#id_text") == "As it stands."  # offered, not put in
    second.click("[data-restore]")
    assert second.input_value("#id_text") == "Typed in the newsroom."
    theirs = device(bob)
    theirs.goto(edit)
    theirs.wait_for_load_state("networkidle")
    assert theirs.locator("[data-restore]").count() == 0
    second.click("#edit button[type=submit]")
    second.wait_for_url("**" + reverse("claim", args=[claim.pk]))
    wait_until(lambda: not FormDraft.objects.exists())
    assert Claim.objects.get().text == "Typed in the newsroom."


def test_the_session_ends_while_typing_and_nothing_is_lost(device, web_server, alice, make_claim, wait_until):
    claim = make_claim("As it stands.")
    edit = reverse("claim-edit", args=[claim.pk])
    page = device(alice)
    page.goto(edit)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.fill("#id_text", "Typed while signed out.")
    page.locator("[data-signed-out]").wait_for()
    assert not FormDraft.objects.exists()
    page.click("#edit button[type=submit]")
    page.locator("[data-keep-drafts]").wait_for()
    assert Claim.objects.get().text == "As it stands."
    sign_in(page.context, web_server, alice)
    page.goto(edit)
    assert page.input_value("#id_text") == "Typed while signed out."


def test_two_people_at_one_claim_meet_on_the_page_that_puts_them_together(device, alice, bob, make_claim):
    claim = make_claim("The group put the civilian dead at about 745 on that day.")
    edit = reverse("claim-edit", args=[claim.pk])
    mine, theirs = device(alice), device(bob)
    mine.goto(edit)
    theirs.goto(edit)
    theirs.fill("#id_text", "The group put the civilian dead at about 1,383 on that day.")
    theirs.click("#edit button[type=submit]")
    theirs.wait_for_url("**" + reverse("claim", args=[claim.pk]))
    mine.fill("#id_text", "The group put the civilian dead at around 745 on that day.")
    mine.click("#edit button[type=submit]")
    mine.locator("#decide").wait_for()
    assert mine.locator("#decide ins").all_inner_texts() == ["1,383", "around"]
    assert mine.input_value("#id_text") == "The group put the civilian dead at around 745 on that day."
    mine.check("input[name=merge-text][value=own]")
    mine.fill("#id_text", "The group put the civilian dead at around 1,383 on that day.")
    mine.click("#edit button[type=submit]")
    mine.wait_for_url("**" + reverse("claim", args=[claim.pk]))
    assert Claim.objects.get().text == "The group put the civilian dead at around 1,383 on that day."


def test_the_form_of_an_identity_leaves_nothing_in_the_browser(device, alice, make_source, wait_until):
    source = make_source("N.", kind="protected-person")
    page = device(alice)
    for name in ("source-custodians", "source-identity"):
        page.goto(reverse(name, args=[source.pk]))
        page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
        fields = page.locator("main textarea, main input[type=text]").all()
        assert fields
        for field in fields:
            field.fill("A name that nobody may learn")
    page.wait_for_timeout(2600)  # longer than drafts wait before they are kept
    assert "nobody may learn" not in page.evaluate("JSON.stringify(localStorage)")
    assert not FormDraft.objects.exists()
