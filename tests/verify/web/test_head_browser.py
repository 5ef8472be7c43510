"""The head of the page in a real browser: one line where there is room, and keys that do what is said of them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.cast import T0
from verify.notify.models import Kind
from verify.notify.services import notify
from verify.review.services import assign_review

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]

GO = {
    "i": "inbox",
    "n": "notification-list",
    "c": "claim-board",
    "t": "task-list",
    "k": "case-list",
    "s": "source-list",
    "d": "document-list",
    "l": "log",
    "r": "desk-reports",
}
PARTS = ".head .brand, .head .desk, .head .nav li, .head .bell, .head .find, .head .menu > summary"
BOXES = f"""() => [...document.querySelectorAll("{PARTS}")].map((part) => {{
    const box = part.getBoundingClientRect();
    return [box.left, box.right, box.top + box.height / 2];
}})"""


@pytest.fixture
def signed_in(page: Any, web_server: str) -> Any:
    """`signed_in(user)`: the browser page of that person, without the form."""

    def enter(user: Any) -> Any:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": web_server}])
        page.set_default_timeout(20_000)
        return page

    return enter


def test_head_is_one_line_where_there_is_room(signed_in, web_server, desk, bob):
    desk.name = "Verification desk of the northern coast"
    desk.save()
    bob.display_name = "Bartholomew Featherstonehaugh-Cholmondeley"
    bob.save()
    for n in range(12):
        notify(to=[bob], kind=Kind.ASSIGNED, desk=desk, key=f"k{n}", at=T0)
    page = signed_in(bob)
    for language in ("en", "ar"):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": web_server}])
        for width in (1440, 1280, 1152):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto("/desk/help/")
            boxes = sorted(page.evaluate(BOXES))
            assert len(boxes) == 13, (language, width)
            assert max(box[2] for box in boxes) - min(box[2] for box in boxes) < 8, (language, width)
            for before, after in pairwise(boxes):
                assert before[1] <= after[0] + 0.5, (language, width)
            assert boxes[0][0] >= 0 and boxes[-1][1] <= width, (language, width)
            field = page.locator("#find")
            narrow = field.bounding_box()["width"]
            field.focus()
            assert field.bounding_box()["width"] >= max(narrow, 180), (language, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (language, width)


def test_each_key_goes_where_the_list_of_keys_says(signed_in, bob):
    page = signed_in(bob)
    page.goto("/desk/help/")
    page.keyboard.press("?")
    said = {}
    for row in page.locator("#keys .keys > div").all():
        keys = row.locator("kbd").all_inner_texts()
        if keys[0] == "g":
            said[keys[1]] = row.locator("dt").inner_text()
    assert said.keys() == GO.keys()
    on_help = page.locator("#key-list dd").all_text_contents()
    assert {words.split()[1] for words in on_help if words.startswith("g ")} == GO.keys()
    for key, name in GO.items():
        page.goto("/desk/help/")
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(re.compile(re.escape(reverse(name)) + r"($|\?)"))
        assert page.locator("h1").inner_text().strip(), name
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"


def test_the_reports_key_is_an_editors_alone(signed_in, alice):
    page = signed_in(alice)
    page.goto("/desk/help/")
    assert "g r" not in page.locator("#key-list dd").all_text_contents()
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/desk/inbox/")


def test_n_opens_the_next_task(signed_in, researched_claim, carol, bob):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    page = signed_in(carol)
    page.goto("/desk/inbox/")
    page.keyboard.press("n")
    page.wait_for_url(f"**{reverse('task', args=[task.pk])}")


def test_g_goes_also_from_the_board_whose_letters_mean_more(signed_in, alice, make_claim):
    make_claim("A claim.")
    page = signed_in(alice)
    for key in ("k", "l", "c"):
        page.goto("/desk/claims/")
        page.locator(".card .proposition").first.focus()
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(f"**{reverse(GO[key])}")
