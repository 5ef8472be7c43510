"""The whole line in a browser: two people take a claim from nothing to a published page; the third is the reader."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from sources.archive.models import Capture
from tests.cast import PASSWORD
from verify.demo import pressroom

STORY = "http://observatory.example/en/2025/03/08/count"
QUOTE = "about 745 civilians killed in 30 massacres"
MOST_CLICKS = 30  # of all three people, signing in included; a walk that takes more has become slower

SELECT = """quote => {
  const root = document.querySelector("[data-anchor-text]");
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.data.indexOf(quote);
    if (at < 0) continue;
    getSelection().setBaseAndExtent(node, at, node, at + quote.length);
    root.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
    return true;
  }
  return false;
}"""


@pytest.fixture
def press(environment: dict[str, str]) -> Iterator[str]:
    """The demo's press site, which worker and web server of this test may fetch from."""
    with pressroom.running() as site:
        environment["VERIFY_DEMO_PRESS"] = f"127.0.0.1:{site.server_address[1]}"
        yield site.server_address[0]


class Walker:
    """Somebody at a browser of their own, whose clicks are counted."""

    clicks = 0

    def __init__(self, browser: Any, address: str, user: Any) -> None:
        # as the product hashes them: the tests' own quick hasher is none that it would accept
        user.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt" * 8)
        user.save(update_fields=["password"])
        self.context = browser.new_context(base_url=address, locale="en-GB")
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.goto("/sign-in/?next=/desk/inbox/")
        self.fill(username=user.username, password=PASSWORD)
        self.press("Sign in")

    def press(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True))

    def follow(self, name: str, within: str = "main") -> None:
        self.click(self.page.locator(within).get_by_role("link", name=name).first)

    def click(self, target: Any) -> None:
        Walker.clicks += 1
        target.click()

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.page.locator(f"main [name={name}]:not([type=hidden])").fill(value)

    def choose(self, **values: str) -> None:
        for name, label in values.items():
            self.page.locator(f"main select[name={name}]").select_option(label=label)

    def opinion(self, label: str) -> None:
        self.click(self.page.get_by_label(label, exact=True))


def research(alice: Walker) -> str:
    """From an empty desk to a claim that can be judged; its id."""
    page = alice.page
    alice.follow("Cases", within="header")
    alice.follow("Open case")
    alice.fill(title="The coast, March 2025")
    alice.press("Open case")
    alice.follow("Register claim")
    alice.fill(
        text="The Observatory put the civilian dead at about 745.", headline="About 745 dead, says a monitor"
    )
    alice.press("Register claim")
    claim = str(page.url.rstrip("/").rpartition("/")[2])
    alice.follow("Add assertion")
    alice.choose(verb="stated")
    alice.fill(speaker="Observatory", document_url=STORY, said_on="2025-03-08")
    alice.press("Add assertion")
    page.locator("[data-anchor-text]").wait_for(
        timeout=90_000
    )  # the worker fetches; the page notices by itself
    assert page.evaluate(SELECT, QUOTE)
    assert page.locator("#id_quote").input_value() == QUOTE
    alice.press("Anchor")
    alice.follow("About 745 dead", within="#text")
    alice.follow("Link as evidence")
    alice.fill(reason="Its own count, as published.")
    alice.press("Link evidence")
    alice.follow("Propose verdict")
    alice.opinion("Partly confirmed")
    alice.fill(rationale="One origin; that it gave this count is documented.")
    alice.press("Propose verdict")
    return claim


@pytest.mark.timeout(300)  # three sign-ins, a real fetch in a real browser, two servers to start and stop
def test_two_people_take_a_claim_to_the_public(
    press: str,
    web_server: str,
    celery_worker_process: Any,
    browser: Any,
    alice: Any,
    bob: Any,
    carol: Any,
    make_source: Any,
) -> None:
    make_source("Observatory")
    people = {"alice": alice, "bob": bob, "carol": carol}
    Walker.clicks = 0
    walkers = {name: Walker(browser, web_server, person) for name, person in people.items()}
    editor, reviewer = walkers["bob"], walkers["carol"]
    claim = research(walkers["alice"])

    editor.follow("Cases", within="header")
    editor.follow("The coast, March 2025")
    editor.follow("About 745 dead")
    editor.follow("Assign review")
    editor.choose(reviewer="Carol")
    editor.press("Assign review")

    reviewer.follow("Inbox", within="header")
    reviewer.follow("About 745 dead")
    reviewer.opinion("Approve")
    reviewer.page.locator("#id_reason").fill("The words are there.")
    reviewer.press("Submit opinion")

    editor.follow("Inbox", within="header")
    editor.follow("About 745 dead")
    editor.press("Publish")

    reader = browser.new_context(base_url=web_server).new_page()
    assert reader.goto(f"/claims/{claim}/").status == 200
    for words in ("About 745 dead, says a monitor", QUOTE, "Partly confirmed", "One independent origin"):
        assert words in reader.inner_text("main"), words
    reader.context.close()
    for walker in walkers.values():
        walker.context.close()
    with urllib.request.urlopen(f"{web_server}/api/v1/claims/{claim}/") as response:
        assert QUOTE in json.dumps(json.load(response), ensure_ascii=False)
    assert Capture.objects.get().state == "archived"
    print(f"clicks: {Walker.clicks}")
    assert Walker.clicks <= MOST_CLICKS
