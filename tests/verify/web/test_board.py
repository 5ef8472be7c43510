"""The claims board: what each filter finds, columns and list, and that nothing of another desk shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from claims.statements.models import Claim
from claims.statements.services import (
    edit_claim,
    make_topic,
    move_by_hand,
    open_case,
    register_claim,
    tag_claims,
)
from tests.cast import T0
from tests.recaptures import fetched, recaptured
from verify.review.content import content_digest
from verify.review.services import assign_review, propose_verdict, submit_review
from verify.web import board as board_module

pytestmark = pytest.mark.django_db
BOARD = "/desk/claims/"


def found(client: Any, query: str = "") -> set[str]:
    """The claims on the board, which must be those of the list."""
    board = client.get(f"{BOARD}?{query}")
    cards = {str(claim) for column in board.context["board"] for claim in column.cards}
    listed = {str(claim) for claim in client.get(f"{BOARD}?{query}&view=list").context["page"]}
    assert cards == listed and board.context["total"] == len(cards)
    return cards


@pytest.fixture
def judged(make_claim: Any, desk: Any, alice: Any) -> Any:
    """A claim by Alice that can be reviewed."""

    def make(text: str, rating: str = "confirmed", **fields: Any) -> Claim:
        claim = make_claim(text, **fields)
        chosen = desk.ratings.get(code=rating)
        propose_verdict(claim=claim, rating=chosen, rationale="So.", by=alice, at=T0)
        claim.refresh_from_db()
        if claim.workflow != "in-research":
            move_by_hand(claim=claim, to="in-research", reason="x", by=alice, at=T0)
        return claim

    return make


def test_a_board_asks_to_sign_in(client, db):
    assert client.get(BOARD)["Location"].startswith("/sign-in/?next=")


def test_claims_stand_in_the_column_of_their_workflow_with_its_count(client, alice, make_claim):
    make_claim("A draft of ours.")
    move_by_hand(claim=make_claim("Triaged."), to="triaged", reason="", by=alice, at=T0)
    client.force_login(alice)
    columns = {column.state.value: column for column in client.get(BOARD).context["board"]}
    assert [str(claim) for claim in columns["draft"].cards] == ["A draft of ours."]
    assert {state: column.count for state, column in columns.items() if column.count} == {
        "draft": 1,
        "triaged": 1,
    }


def test_nothing_of_another_desk_shows_in_claims_counts_or_choices(client, desk, alice, mallory, make_claim):
    case = open_case(desk=desk, title="The secret case", by=alice, at=T0)
    topic = make_topic(desk=desk, name="Secret topic", by=alice, at=T0)
    claim = make_claim("A secret claim.", case=case)
    tag_claims(claims=[claim], topics=[topic], by=alice, at=T0)
    client.force_login(mallory)
    for query in (
        "",
        f"case={case.pk}",
        f"topic={topic.pk}",
        f"author={alice.pk}",
        "q=secret",
        f"assignee={alice.pk}",
    ):
        page = client.get(f"{BOARD}?{query}&view=list")
        html = page.content.decode()
        assert page.context["total"] == 0
        assert not any(
            word in html for word in ("secret claim", "secret case", "Secret topic", "Alice", "Coast desk")
        )


def test_a_filter_of_another_desk_is_like_one_that_never_was(client, desk, alice, mallory, other_desk):
    case = open_case(desk=desk, title="The secret case", by=alice, at=T0)
    register_claim(desk=other_desk, text="Ours.", by=mallory, at=T0)
    client.force_login(mallory)
    pages = [client.get(f"{BOARD}?case={key}") for key in (case.pk, uuid4())]
    assert [page.context["total"] for page in pages] == [1, 1]  # left out, and said so
    errors = [page.context["asked"].form.errors.as_text().replace(str(case.pk), "") for page in pages]
    assert all("Left out, since it makes no sense here" in page.content.decode() for page in pages)
    assert errors[0].split(".")[0][:20] == errors[1].split(".")[0][:20]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=COAST", {"On the Coast."}),
        ("q=%D8%A7%D9%84%D8%B3%D8%A7%D8%AD%D9%84", {"قتل المدنيون في الساحل."}),
        ("q=%C3%A9LYS%C3%89E", {"Élysée says so."}),
        ("q=100%25", {"It is 100% so."}),
        ("q=ext-7", {"On the Coast."}),
        ("q=nowhere", set()),
    ],
)
def test_words_are_found_in_any_script_and_case(client, alice, make_claim, query, names):
    make_claim("On the Coast.", external_id="EXT-7")
    make_claim("قتل المدنيون في الساحل.", language="ar")
    make_claim("Élysée says so.")
    make_claim("It is 100% so.")
    make_claim("It is 100 so.")
    client.force_login(alice)
    assert found(client, query) == names


def test_filters_by_case_topic_author_and_state_combine(client, desk, alice, bob, make_claim):
    case = open_case(desk=desk, title="The coast", by=alice, at=T0)
    topic = make_topic(desk=desk, name="Figures", by=alice, at=T0)
    both = make_claim("Both.", case=case)
    tag_claims(claims=[both, make_claim("Only topic.")], topics=[topic], by=alice, at=T0)
    make_claim("Only case.", case=case, by=bob)
    client.force_login(alice)
    assert found(client, f"case={case.pk}") == {"Both.", "Only case."}
    assert found(client, f"case={case.pk}&topic={topic.pk}") == {"Both."}
    assert found(client, f"case={case.pk}&author={bob.pk}") == {"Only case."}
    assert found(client, "author=me&topic=none") == set()
    assert found(client, "case=none") == {"Only topic."}
    assert found(client, f"topic={topic.pk}&state=triaged") == set()


def test_filters_by_whom_a_review_waits_for(client, desk, bob, carol, dave, judged):
    asked = {"by": bob, "at": T0}
    assign_review(claim=judged("Carol's."), reviewer=carol, **asked)
    assign_review(claim=judged("The pool's."), reviewer=None, **asked)
    judged("Nobody's.")
    client.force_login(carol)
    assert found(client, "assignee=me") == found(client, f"assignee={carol.pk}") == {"Carol's."}
    assert found(client, "assignee=pool") == {"The pool's."}
    assert found(client, "assignee=nobody") == {"Nobody's."}
    client.force_login(dave)
    assert found(client, "assignee=me") == set()


def test_overdue_and_mine_mean_that_mine_is_overdue(client, bob, carol, alice, judged, desk):
    past, future = timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)
    claim = judged("Mine in time, another's late.")
    assign_review(claim=claim, reviewer=carol, due_at=future, by=bob, at=T0)
    assign_review(claim=claim, reviewer=None, due_at=past, by=bob, at=T0)
    late = judged("Mine is late.")
    assign_review(claim=late, reviewer=carol, due_at=past, by=bob, at=T0)
    client.force_login(carol)
    assert found(client, "overdue=1") == {"Mine in time, another's late.", "Mine is late."}
    assert found(client, "overdue=1&assignee=me") == {"Mine is late."}
    assert "Overdue" in client.get(f"{BOARD}?q=Mine+is+late").content.decode()


def test_filters_by_the_newest_verdict_alone(client, alice, desk, judged, make_claim):
    claim = judged("Judged twice.", "confirmed")
    propose_verdict(claim=claim, rating=desk.ratings.get(code="disputed"), rationale="No.", by=alice, at=T0)
    make_claim("Not judged.")
    client.force_login(alice)
    assert found(client, "verdict=confirmed") == set()
    assert found(client, "verdict=disputed") == {"Judged twice."}
    assert found(client, "verdict=none") == {"Not judged."}


def test_filters_by_publication(client, alice, published_claim, make_claim):
    make_claim("Unpublished.")
    client.force_login(alice)
    assert found(client, "publication=published") == {"About 745 dead"}
    assert found(client, "publication=unpublished") == {"Unpublished."}


def test_filters_by_the_day_of_the_last_change(client, alice, make_claim):
    make_claim("Old.")
    claim = make_claim("New.")
    later = T0 + timedelta(days=5)
    edit_claim(claim=claim, revision=claim.revision, text="Newer.", headline="", by=alice, at=later)
    client.force_login(alice)
    assert found(client, f"since={later:%Y-%m-%d}") == {"Newer."}
    assert found(client, "since=2025-01-01") == {"Newer.", "Old."}


def test_an_open_alert_marks_the_claims_that_stand_on_the_document(
    client, alice, researched_claim, make_capture, make_claim
):
    make_claim("On nothing.")
    client.force_login(alice)
    assert found(client, "alert=1") == set()
    capture = researched_claim.assertions.get().document.captures.get()
    change = recaptured(make_capture, fetched(capture, hours=0), "Nothing is left of it.")
    assert change.is_alert
    assert found(client, "alert=1") == {"About 745 dead"}
    assert client.get(BOARD).content.decode().count("Open alert") == 1
    type(change).objects.filter(pk=change.pk).update(seen_at=T0, seen_by=alice)
    assert found(client, "alert=1") == set()


@pytest.mark.parametrize(
    "query",
    [
        "case=x",
        "topic=x",
        "since=never",
        "author=%00",
        "state=no",
        "page=-3",
        "q=%00",
        "sort=no&view=no",
        "q=" + "x" * 101,
    ],
)
def test_nonsense_in_the_address_never_crashes(client, alice, make_claim, query):
    make_claim("Ours.")
    client.force_login(alice)
    for view in ("", "&view=list"):
        page = client.get(f"{BOARD}?{query}{view}")
        assert page.status_code == 200 and page.context["total"] == 1


def test_each_filter_can_be_removed_by_itself_and_all_at_once(client, alice, make_claim):
    make_claim("Ours.")
    client.force_login(alice)
    page = client.get(f"{BOARD}?q=Ours&author=me&view=list&sort=due&junk=1")
    assert [(chip["word"], chip["href"]) for chip in page.context["asked"].chips] == [
        ("Ours", "?author=me&view=list&sort=due"),
        ("me", "?q=Ours&view=list&sort=due"),
    ]
    assert 'href="?view=list&amp;sort=due"' in page.content.decode()


@pytest.mark.parametrize(
    ("sort", "order"), [("changed", "BAC"), ("created", "CBA"), ("due", "CAB"), ("priority", "ACB")]
)
def test_the_list_has_an_order(client, alice, bob, carol, judged, sort, order):
    a, b, c = (judged(name, at=T0 + timedelta(hours=hour)) for hour, name in enumerate("ABC"))
    Claim.objects.filter(pk=b.pk).update(changed_at=T0 + timedelta(days=9))
    Claim.objects.filter(pk=a.pk).update(changed_at=T0 + timedelta(days=8))
    assign_review(claim=a, reviewer=carol, due_at=T0 + timedelta(days=3), priority=4, by=bob, at=T0)
    assign_review(claim=c, reviewer=carol, due_at=T0 + timedelta(days=2), priority=3, by=bob, at=T0)
    client.force_login(alice)
    page = client.get(f"{BOARD}?view=list&sort={sort}")
    assert "".join(str(claim) for claim in page.context["page"]) == order


def test_a_column_shows_so_many_and_leads_to_all(client, alice, make_claim, monkeypatch):
    monkeypatch.setattr(board_module, "COLUMN", 2)
    for number in range(3):
        make_claim(f"Claim {number}.", at=T0 + timedelta(hours=number))
    client.force_login(alice)
    page = client.get(f"{BOARD}?q=Claim")
    draft = page.context["board"][0]
    assert ([str(claim) for claim in draft.cards], draft.count) == (["Claim 2.", "Claim 1."], 3)
    assert "All 3" in page.content.decode()
    assert client.get(f"{BOARD}{draft.href}").context["total"] == 3


def test_a_card_says_who_owes_a_review_and_nothing_of_opinions(client, desk, alice, bob, carol, judged):
    desk.approvals_needed = 2
    desk.save()
    claim = judged("In review.")
    task = assign_review(claim=claim, reviewer=carol, by=bob, at=T0)
    assign_review(claim=claim, reviewer=None, by=bob, at=T0)
    submit_review(
        task=task,
        opinion="return",
        reason="A blind word.",
        content_digest_seen=content_digest(claim),
        by=carol,
        at=T0,
    )
    client.force_login(alice)
    for view in ("", "?view=list"):
        html = client.get(BOARD + view).content.decode()
        assert "the pool" in html and "A blind word." not in html and "Return with" not in html
        assert "<bdi>Carol</bdi>" not in html.partition("board-total")[2]  # she owes nothing any more


def test_people_who_only_look_are_given_nothing_to_choose(client, dave, make_claim):
    make_claim("Ours.")
    client.force_login(dave)
    html = client.get(BOARD).content.decode()
    assert 'name="claim"' not in html and 'id="move"' not in html and "data-move" not in html


def test_all_on_the_page_are_chosen_without_a_script(client, alice, make_claim):
    claim = make_claim("Ours.")
    client.force_login(alice)
    ticked = f'aria-labelledby="words-{claim.pk}" checked'
    for view in ("board", "list"):
        assert ticked not in client.get(f"{BOARD}?view={view}").content.decode()
        assert ticked in client.get(f"{BOARD}?view={view}&choose=all").content.decode()


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("view", "queries"), [("board", 16), ("list", 16)])
def test_the_board_asks_the_same_for_one_and_three(
    client, desk, alice, bob, carol, judged, django_assert_num_queries, rows, view, queries
):
    topic = make_topic(desk=desk, name="Figures", by=alice, at=T0)
    case = open_case(desk=desk, title="The coast", by=alice, at=T0)
    for number in range(rows):
        claim = judged(f"Claim {number}.", case=case)
        assign_review(claim=claim, reviewer=carol, by=bob, at=T0)
        tag_claims(claims=[claim], topics=[topic], by=alice, at=T0)
    client.force_login(bob)
    with django_assert_num_queries(queries):
        client.get(f"{BOARD}?view={view}")


def test_the_page_of_a_case_filters_its_own_claims(client, desk, alice, make_claim):
    case = open_case(desk=desk, title="The coast", by=alice, at=T0)
    make_claim("Of the case.", case=case)
    make_claim("Of none.")
    client.force_login(alice)
    page = client.get(f"/desk/cases/{case.pk}/?q=Of")
    assert page.context["total"] == 1 and "case" not in page.context["asked"].form.fields
    assert f'name="back" value="q=Of&amp;case={case.pk}"' in page.content.decode()
    assert client.get(f"/desk/cases/{case.pk}/?q=zzz").context["total"] == 0
