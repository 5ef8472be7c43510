"""The whole line in a browser: what people do from an empty desk, or from the first review, to a published page.

VERIFY_WALK_PICTURES names a folder for pictures of what each sees on the way.
"""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from sources.archive.models import Capture
from tests.cast import PASSWORD, make_person
from verify.accounts.models import Role
from verify.demo import pressroom

STORY = "http://observatory.example/en/2025/03/08/count"
QUOTE = "about 745 civilians killed in 30 massacres"
# Of all people of a walk, signing in included; a walk that takes more has become slower.
MOST_CLICKS = 30
MOST_CLICKS_OF_FOUR = 30
MOST_KEYS_OF_FOUR = 200

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
    """Somebody at a browser of their own, whose hands are counted.

    A click is one on a link, a button or a choice; a key is a letter typed, or a shortcut. Coming to a field costs one
    key, its Tab; choosing from a list two, the Tab and the first letter of the choice.
    """

    def __init__(self, browser: Any, address: str, user: Any) -> None:
        # as the product hashes them: the tests' own quick hasher is none that it would accept
        user.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt" * 8)
        user.save(update_fields=["password"])
        self.name, self.clicks, self.keys = user.username, 0, 0
        self.context = browser.new_context(base_url=address, locale="en-GB")
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.goto("/sign-in/?next=/desk/inbox/")
        self.fill(username=user.username, password=PASSWORD)
        self.press("Sign in")

    def press(self, name: str, within: str = "main") -> None:
        self.click(self.page.locator(within).get_by_role("button", name=name, exact=True).first)

    def follow(self, name: str, within: str = "main") -> None:
        self.click(self.page.locator(within).get_by_role("link", name=name).first)

    def click(self, target: Any) -> None:
        self.clicks += 1
        target.click()

    def shortcut(self, key: str, leads_to: str) -> None:
        self.keys += 1
        self.page.locator("[data-next]").first.wait_for()  # the page has come that has something to open
        self.page.wait_for_load_state("load")  # and its script
        self.page.keyboard.press(key)
        self.page.wait_for_url(leads_to)

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.keys += 1 + len(value)
            self.page.locator(f"main [name={name}]:not([type=hidden])").first.fill(value)

    def choose(self, **values: str) -> None:
        for name, label in values.items():
            self.keys += 2
            self.page.locator(f"main select[name={name}]").first.select_option(label=label)

    def opinion(self, label: str) -> None:
        self.click(self.page.get_by_label(label, exact=True))

    def judge(self, *choices: str, reason: str) -> None:
        for label in choices:
            self.opinion(label)
        self.fill(reason=reason)
        self.press("Submit opinion")
        self.page.get_by_text("Your opinion is in.").first.wait_for()

    def sees(self, *words: str) -> None:
        for each in words:
            self.page.locator("main").get_by_text(each).first.wait_for()

    def does_not_see(self, words: str) -> None:
        self.page.reload()
        assert words not in self.page.content()

    def picture(self, name: str) -> None:
        if folder := os.environ.get("VERIFY_WALK_PICTURES"):
            self.page.screenshot(path=f"{folder}/{name}-{self.name}.png", full_page=True)


def told(walkers: Iterable[Walker]) -> tuple[int, int]:
    """The clicks and the keys of all; each person's are printed in one line."""
    walkers = list(walkers)
    print("; ".join(f"{each.name}: {each.clicks} clicks, {each.keys} keys" for each in walkers))
    for walker in walkers:
        walker.context.close()
    return sum(each.clicks for each in walkers), sum(each.keys for each in walkers)


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


@pytest.mark.timeout(600)  # three sign-ins, a real fetch in a real browser, two servers to start and stop
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
    reviewer.judge("Approve", reason="The words are there.")

    editor.follow("Inbox", within="header")
    editor.follow("About 745 dead")
    editor.press("Publish")

    reader = browser.new_context(base_url=web_server).new_page()
    assert reader.goto(f"/claims/{claim}/").status == 200
    for words in ("About 745 dead, says a monitor", QUOTE, "Partly confirmed", "One independent origin"):
        assert words in reader.inner_text("main"), words
    reader.context.close()
    with urllib.request.urlopen(f"{web_server}/api/v1/claims/{claim}/") as response:
        assert QUOTE in json.dumps(json.load(response), ensure_ascii=False)
    assert Capture.objects.get().state == "archived"
    clicks, _keys = told(walkers.values())
    assert clicks <= MOST_CLICKS


@pytest.mark.timeout(600)
def test_two_judge_blindly_a_third_decides_and_the_editor_publishes(
    web_server: str, browser: Any, researched_claim: Any, desk: Any, bob: Any, carol: Any
) -> None:
    people = [bob, carol, *(make_person(name, desk, Role.CHECKER) for name in ("erin", "frank"))]
    walkers = [Walker(browser, web_server, person) for person in people]
    editor, reviewer, taker, decider = walkers
    claim, words = researched_claim.pk, researched_claim.headline

    editor.follow("Claims", within="header")
    editor.follow(words)
    for asked in ("Carol", "The pool: whoever takes it"):
        editor.follow("Assign review")
        editor.choose(reviewer=asked)
        editor.picture("1-assigns")
        editor.press("Assign review")

    reviewer.follow("Inbox", within="header")
    reviewer.shortcut("n", "**/tasks/*/")
    reviewer.picture("2-judges")
    reviewer.judge("Approve", reason="The words are there.")

    taker.follow("Inbox", within="header")
    taker.press("Take and open")
    taker.sees("The opinion is in; it is shown when all are.")
    taker.picture("3-takes")
    for other in (taker, editor, decider):
        other.does_not_see("The words are there.")
    taker.judge("Disputed", "Return with a reason", reason="The ministry denies it.")
    taker.sees("The words are there.")
    taker.picture("4-differs")

    editor.follow("Inbox", within="header")
    editor.follow(words, within="#undecided")
    editor.sees("The ministry denies it.", "The words are there.")
    editor.choose(reviewer="Frank")
    editor.picture("5-asks-somebody-to-decide")
    editor.press("Assign adjudication")

    decider.follow("Inbox", within="header")
    decider.shortcut("n", "**/tasks/*/")
    decider.sees("The ministry denies it.", "The words are there.")
    decider.picture("6-decides")
    decider.judge("Partly confirmed", "Approve", reason="The denial has no count.")

    editor.follow("Inbox", within="header")
    editor.follow(words, within="#ready")
    editor.picture("7-publishes")
    editor.press("Publish")

    reader = browser.new_context(base_url=web_server).new_page()
    assert reader.goto(f"/claims/{claim}/").status == 200
    assert "Partly confirmed" in reader.inner_text("main")
    for said in ("The words are there.", "The ministry denies it.", "The denial has no count."):
        assert said not in reader.content()  # opinions are the desk's
    reader.context.close()
    states = dict(researched_claim.tasks.values_list("assignee__username", "state"))
    assert states == {"carol": "done", "erin": "done", "frank": "done"}
    clicks, keys = told(walkers)
    assert clicks <= MOST_CLICKS_OF_FOUR and keys <= MOST_KEYS_OF_FOUR
