"""The board in a real browser: dragging, the keys, choosing; a reload shows the same."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from claims.statements.models import Transition
from claims.statements.services import move_by_hand
from tests.cast import PASSWORD, T0

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def signed_in(page: Any, alice: Any) -> Any:
    # as the product hashes them: the tests' own quick hasher is none that it would accept
    alice.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt" * 8)
    alice.save(update_fields=["password"])
    page.set_default_timeout(15_000)
    page.goto("/sign-in/")
    page.fill("[name=username], [name=login]", "alice")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/**")
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    return page


def columns(page: Any) -> dict[str, list[str]]:
    return page.evaluate("""() => Object.fromEntries([...document.querySelectorAll("[data-board] > section")].map(
        (column) => [column.dataset.state, [...column.querySelectorAll(".proposition")].map((link) => link.textContent)]
    ).filter(([, cards]) => cards.length))""")


def focused(page: Any) -> str:
    return page.evaluate("() => document.activeElement.textContent")


@pytest.mark.timeout(240)
def test_the_board_is_dragged_and_driven_by_keys(signed_in: Any, alice: Any, make_claim: Any):
    page = signed_in
    first, second = make_claim("First."), make_claim("Second.")
    move_by_hand(claim=make_claim("There."), to="triaged", reason="", by=alice, at=T0)
    page.goto("/desk/claims/")

    # forward: no reason is owed, the drop is enough
    page.locator(f"#card-{first.pk}").drag_to(page.locator("section[data-state=in-research]"))
    page.locator("section[data-state=in-research] .card").wait_for()
    assert columns(page) == {"draft": ["Second."], "triaged": ["There."], "in-research": ["First."]}
    assert page.locator("#column-draft .count").inner_text() == "1"
    assert focused(page) == "First."

    # where nobody leads a claim by hand: it stays
    page.locator(f"#card-{first.pk}").drag_to(page.locator("section[data-state=in-review]"))
    page.locator(".toast", has_text="In review").wait_for()
    assert columns(page)["in-research"] == ["First."]

    # back: a reason is owed, the dialog asks; left without one, nothing moves
    page.locator(f"#card-{first.pk}").drag_to(page.locator("section[data-state=triaged]"))
    page.locator("#move[open]").wait_for()
    page.keyboard.press("Escape")
    assert columns(page)["in-research"] == ["First."] and focused(page) == "First."

    # the keys alone: to the left, down, choose, move with a reason
    page.keyboard.press("ArrowLeft")
    assert focused(page) == "There."
    page.keyboard.press("h")
    assert focused(page) == "Second."
    page.keyboard.press("x")
    assert page.locator("[data-chosen]").inner_text() == "1 chosen"
    page.keyboard.press("m")
    page.locator("#move [name=to]").select_option("out-of-scope")
    page.locator("#move [name=reason]").fill("Not ours.")
    page.locator("#move button.primary").click()
    page.locator("section[data-state=out-of-scope] .card").wait_for()
    assert focused(page) == "Second." and page.locator(".card input:checked").count() == 1
    page.keyboard.press("ArrowLeft")
    assert focused(page) == "First."
    assert page.locator("[data-card] .proposition[tabindex='0']").count() == 1

    shown = columns(page)
    page.reload()
    assert columns(page) == shown
    second.refresh_from_db()
    assert second.workflow == "out-of-scope"
    assert Transition.objects.get(claim=second, new="out-of-scope").reason == "Not ours."
    page.locator(f"#card-{first.pk} .proposition").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/claims/{first.pk}/")
    assert page.problems == []


@pytest.mark.timeout(240)
def test_a_move_that_is_refused_says_why_and_the_card_stays(signed_in: Any, bob: Any, make_claim: Any):
    page, claim = signed_in, make_claim("Ours.")
    page.goto("/desk/claims/")
    move_by_hand(claim=claim, to="triaged", reason="", by=bob, at=T0)  # somebody was quicker
    page.locator(f"#card-{claim.pk}").drag_to(page.locator("section[data-state=in-research]"))
    page.locator(".toast", has_text="somebody else").wait_for()
    assert columns(page) == {"draft": ["Ours."]}
    claim.refresh_from_db()
    assert claim.workflow == "triaged" and page.problems == []


@pytest.mark.timeout(240)
def test_many_are_tagged_without_a_script(browser: Any, signed_in: Any, web_server: str, make_claim: Any):
    claims = [make_claim(f"Claim {n}.") for n in range(2)]
    state = signed_in.context.storage_state()
    context = browser.new_context(base_url=web_server, storage_state=state, java_script_enabled=False)
    page = context.new_page()
    page.goto("/desk/claims/")
    page.get_by_role("link", name="Choose all on this page").click()
    page.get_by_role("button", name="File under topics").click()
    page.fill("[name=new]", "The coast")
    page.locator("main button.primary").click()
    assert "Done for 2 of 2." in page.locator("#outcome").inner_text()
    assert all(claim.topics.get().name == "The coast" for claim in claims)
    context.close()
