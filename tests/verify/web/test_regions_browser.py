"""Drawing a box in a real browser: with the pointer, with the keys, and what the player says of time."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.urls import reverse

from claims.attribution.models import Region
from tests.cast import PASSWORD
from tests.claims.attribution.places import FILM, REPORT, WORDS, filed

pytestmark = pytest.mark.django_db(transaction=True)
BOX = ("left", "top", "width", "height")


@pytest.fixture
def signed_in(page: Any, alice: Any) -> Any:
    # as the product hashes them: the tests' own quick hasher is none that it would accept
    alice.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt" * 8)
    alice.save(update_fields=["password"])
    page.goto("/sign-in/")
    page.fill("[name=username]", "alice")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/**")
    page.problems = []
    page.on(
        "console", lambda message: page.problems.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    return page


def box(page: Any) -> list[int]:
    return [int(page.input_value(f"[name={name}]") or -1) for name in BOX]


def test_a_box_is_drawn_moved_and_marked(signed_in: Any, make_document: Any):
    page = signed_in
    page.goto(reverse("region-new", args=[filed(REPORT, make_document()).pk]))
    stage = page.locator("[data-draw]")
    stage.scroll_into_view_if_needed()
    at = stage.bounding_box()
    scale = at["width"] / 595

    def to(x: int, y: int) -> None:
        page.mouse.move(at["x"] + x * scale, at["y"] + y * scale)

    to(400, 160)
    page.mouse.down()  # drawn backwards
    to(45, 125)
    page.mouse.up()
    left, top, width, height = drawn = box(page)
    assert all(abs(one - other) <= 2 for one, other in zip(drawn, (45, 125, 355, 35), strict=True))
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Shift+Alt+ArrowUp")
    assert box(page) == [left + 1, top, width, height - 1]
    page.fill("[name=left]", "40")
    assert page.locator(".place-box").get_attribute("x") == "40"
    page.fill("[name=shows]", WORDS)
    page.click("button.primary")
    page.wait_for_url("**/desk/regions/**")
    region = Region.objects.get()
    assert (region.left, region.found) == (40, WORDS)
    assert page.problems == []


def test_the_keys_alone_draw_a_box_and_take_it_away(signed_in: Any, make_document: Any):
    page = signed_in
    page.goto(reverse("region-new", args=[filed(REPORT, make_document()).pk]))
    page.locator("[data-draw]").focus()
    page.keyboard.press("ArrowLeft")
    left, top, width, height = box(page)
    assert width > 100 and left + width < 595
    for _ in range(200):
        page.keyboard.press("ArrowLeft")
    assert box(page) == [0, top, width, height]
    page.keyboard.press("Escape")
    assert box(page) == [-1] * 4 and page.problems == []


def test_times_are_read_from_the_player(signed_in: Any, make_document: Any):
    """The sample has no picture that could be decoded, so its clock is set for it."""
    page = signed_in
    page.goto(reverse("region-new", args=[filed(FILM, make_document()).pk]))
    clock = "video => Object.defineProperty(video, 'currentTime', {value: %s, writable: true})"
    page.locator("video").evaluate(clock % "62.5")
    page.click("[data-set=to]")
    assert page.input_value("[name=to]") == "0:20"  # never beyond the end
    page.locator("video").evaluate("video => { video.currentTime = 3.04 }")
    page.click("[data-set=from]")
    assert page.input_value("[name=from]") == "0:03.04"
    page.click("[data-step='1']")
    assert page.locator("video").evaluate("video => video.currentTime") == pytest.approx(3.08)
