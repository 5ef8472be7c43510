"""The history as a timeline, and earlier states restored as new changes: what can be, what cannot, and who may."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from claims.attribution.models import Assertion, Evidence
from claims.attribution.restoring import reinstate_assertion, reinstate_evidence
from claims.attribution.services import (
    correct_assertion,
    link_evidence,
    withdraw_assertion,
    withdraw_evidence,
)
from claims.statements.models import Claim, Figure
from claims.statements.restoring import reinstate_figure
from claims.statements.services import add_figure, correct_figure, edit_claim, move, withdraw_figure
from tests.cast import T0, at_once, make_person
from verify.accounts.models import Role
from verify.review.content import content_digest
from verify.review.services import assign_review, submit_review
from verify.web.restoring import token

pytestmark = pytest.mark.django_db
LATER = T0 + timedelta(hours=1)


def page(claim: Claim, **query: Any) -> str:
    return reverse("claim-history", args=[claim.pk], query=query)


def entries(client: Any, claim: Claim, **query: Any) -> list[Any]:
    return list(client.get(page(claim, **query)).context["page"])


def restoring(claim: Claim, word: str) -> str:
    return reverse("history-restore", args=[claim.pk], query={"event": word})


def state(thing: Any, number: int, claim: Claim | None = None) -> str:
    """The address of the `number`th state of a thing."""
    claim = claim or getattr(thing, "claim", thing)
    return restoring(claim, token(claim.pk, type(thing).__name__.lower(), thing.pk, number))


def sent(claim: Claim, why: str = "It was right before.") -> dict[str, Any]:
    return {"why": why, "revision": Claim.objects.get(pk=claim.pk).revision}


@pytest.fixture
def erin(desk: Any) -> Any:
    return make_person("erin", desk, Role.CHECKER)


def opine(task: Any, opinion: str, reason: str) -> None:
    digest = content_digest(Claim.objects.get(pk=task.claim_id))
    given = {"content_digest_seen": digest, "by": task.assignee, "at": LATER}
    submit_review(task=task, opinion=opinion, reason=reason, **given)


@pytest.fixture
def reworded(make_claim: Any, bob: Any) -> Claim:
    claim = make_claim("The group put the civilian dead of the whole coast at about 745 on that day.")
    text = "The group put the civilian dead of the whole coast at about 1,383 on that day."
    return edit_claim(claim=claim, revision=1, text=text, headline="", by=bob, at=LATER)


def test_history_marks_the_words_that_differ(client, dave, reworded):
    client.force_login(dave)
    html = client.get(page(reworded)).content.decode()
    assert "<del>745</del>" in html and "<ins>1,383</ins>" in html
    assert "Restore this state" not in html  # a viewer looks


def test_history_is_filtered_by_kind_person_and_thing(client, alice, bob, reworded, make_assertion):
    one, other = make_assertion(reworded), make_assertion(reworded)
    client.force_login(alice)
    assert {entry.kind for entry in entries(client, reworded)} >= {"claim", "assertion", "workflow"}
    assert [entry.did for entry in entries(client, reworded, kind="claim")] == ["corrected", "recorded"]
    assert [entry.by for entry in entries(client, reworded, by=bob.pk)] == ["Bob"]
    assert [entry.about for entry in entries(client, reworded, about=one.pk)] == [one.pk] != [other.pk]
    assert [entry.kind for entry in entries(client, reworded, only="corrections")] == ["claim"]
    assert entries(client, reworded, only="corrections", kind="task") == []
    everything = entries(client, reworded)
    for nonsense in ({"kind": "x"}, {"by": "x"}, {"about": "x"}, {"page": "x"}):
        assert len(entries(client, reworded, **nonsense)) == len(everything)


def test_history_tells_of_a_review_that_it_was_given_and_no_more(
    client, dave, researched_claim, bob, carol, erin
):
    mine = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    assign_review(claim=researched_claim, reviewer=erin, by=bob, at=T0)
    opine(mine, "return", "Zanzibar is wrong.")
    client.force_login(dave)
    html = client.get(page(researched_claim)).content.decode()
    assert "Submitted" in html and "Zanzibar" not in html and "eturn" not in html.partition("<main")[2]


def test_one_submission_is_one_entry_with_all_that_it_moved(client, dave, researched_claim, bob, carol, erin):
    tasks = [assign_review(claim=researched_claim, reviewer=each, by=bob, at=T0) for each in (carol, erin)]
    for task in tasks:
        opine(task, "approve", "It holds.")
    client.force_login(dave)
    last, first = (entry for entry in entries(client, researched_claim) if entry.at > T0)
    assert [(move.axis, move.path, move.count) for move in first.moves] == [
        ("task", ["Assigned", "Accepted", "Submitted"], 1)
    ]
    assert (first.by, first.about) == ("Carol", tasks[0].pk)
    assert [(move.axis, move.path) for move in last.moves] == [
        ("task", ["Assigned", "Accepted", "Submitted", "Agreed"]),
        ("task", ["Submitted", "Agreed"]),
        ("workflow", ["In review", "Approved"]),
    ]
    assert (last.by, last.about) == ("Erin", None)
    (filtered,) = entries(client, researched_claim, kind="workflow", by=erin.pk)
    assert [move.path for move in filtered.moves] == [["In review", "Approved"]]
    told = entries(client, researched_claim, about=tasks[0].pk)
    assert [move.path[-1] for entry in told for move in entry.moves] == ["Agreed", "Submitted", "Assigned"]
    assert [move.path for move in told[0].moves] == [["Submitted", "Agreed"]]


def test_the_claims_page_tells_where_a_submission_led_and_no_steps(
    client, dave, researched_claim, bob, carol, erin
):
    for task in [
        assign_review(claim=researched_claim, reviewer=each, by=bob, at=T0) for each in (carol, erin)
    ]:
        opine(task, "approve", "It holds.")
    client.force_login(dave)
    told = client.get(reverse("claim", args=[researched_claim.pk])).context["history"]
    assert [str(item["title"]) for item in told if item["at"] > T0] == [
        *("Workflow: Approved", "Review task: Agreed", "Review task: Submitted")
    ]
    case = client.get(reverse("case", args=[researched_claim.case_id])).context["recent"]
    assert [str(item["title"]) for item in case if item["at"] > T0] == [
        *("Workflow: Approved", "Review task: Agreed", "Review task: Submitted")
    ]


def test_moves_of_two_people_at_one_moment_are_two_entries(client, dave, make_claim, alice, bob):
    claim = make_claim()
    for by, to in ((bob, "triaged"), (alice, "in-research"), (alice, "triaged")):
        move(claim=claim, to=to, reason="So.", by=by, at=LATER)
    client.force_login(dave)
    told = [entry for entry in entries(client, claim, kind="workflow") if entry.at == LATER]
    assert [(entry.by, [move.path for move in entry.moves]) for entry in told] == [
        ("Alice", [["Triaged", "In research", "Triaged"]]),
        ("Bob", [["Draft", "Triaged"]]),
    ]


def test_what_a_change_made_void_is_told_once_with_its_reason(
    client, dave, researched_claim, bob, carol, erin
):
    tasks = [assign_review(claim=researched_claim, reviewer=each, by=bob, at=T0) for each in (carol, erin)]
    for task in tasks:
        opine(task, "approve", "It holds.")
    claim = Claim.objects.get()
    edit_claim(
        claim=claim, revision=claim.revision, text="Else.", headline="", by=bob, at=LATER + timedelta(hours=1)
    )
    client.force_login(dave)
    act = next(entry for entry in entries(client, researched_claim) if entry.moves)
    assert [(move.axis, move.count, move.why) for move in act.moves if move.axis == "task"] == [
        ("task", 2, ["The content was changed."])
    ]


def test_restoring_shows_then_and_now_and_makes_a_new_change(client, alice, reworded, approve):
    client.force_login(alice)
    (entry,) = [entry for entry in entries(client, reworded) if entry.token]
    url = restoring(reworded, entry.token)
    html = client.get(url).content.decode()
    assert "<del>1,383</del>" in html and "<ins>745</ins>" in html
    assert Claim.objects.get().text == reworded.text  # looking changes nothing
    assert "why" in client.post(url, sent(reworded, why=" ")).context["form"].errors
    assert client.post(url, sent(reworded)).status_code == 302
    claim = Claim.objects.get()
    assert "745" in claim.text and (claim.revision, claim.changed_by) == (3, alice)
    newest = entries(client, claim)[0]
    assert (newest.why, newest.did, newest.restores) == ("It was right before.", "corrected", T0)
    again = client.get(url).content.decode()
    assert "there is nothing to restore" in again


def test_restoring_voids_approvals_as_any_change(client, alice, approved_claim):
    text = approved_claim.text
    edit_claim(
        claim=approved_claim, revision=approved_claim.revision, text="Else.", headline="", by=alice, at=LATER
    )
    client.force_login(alice)
    client.post(state(approved_claim, 1), sent(approved_claim))
    approved_claim.refresh_from_db()
    assert (approved_claim.text, approved_claim.workflow) == (text, "in-research")


def test_an_address_tells_no_number_and_is_good_for_one_claim(
    client, alice, bob, mallory, reworded, make_claim
):
    word, other = token(reworded.pk, "claim", reworded.pk, 1), make_claim()
    assert re.fullmatch(rf"claim\.{reworded.pk}\.1~[\w-]+", word)
    client.force_login(alice)
    for wrong in (
        "",
        "x",
        word[:-1],
        word + "x",
        word.replace(".1~", ".2~"),
        "\0",
        token(other.pk, "claim", other.pk, 1),
    ):
        assert client.get(restoring(reworded, wrong)).status_code == 404, wrong
    assert client.get(restoring(other, word)).status_code == 404
    borrowed = token(other.pk, "claim", reworded.pk, 1)  # signed for one claim, of a row of another
    assert client.get(restoring(other, borrowed)).status_code == 404
    client.force_login(mallory)
    assert client.get(restoring(reworded, word)).status_code == 404
    assert client.post(restoring(reworded, word), sent(reworded)).status_code == 404


def test_viewers_do_not_restore(client, dave, reworded):
    client.force_login(dave)
    assert client.get(state(reworded, 1)).status_code == 403
    assert client.post(state(reworded, 1), sent(reworded)).status_code == 403


def test_restoring_under_somebodys_change_shows_what_stands_now_and_changes_nothing(
    client, alice, bob, reworded
):
    client.force_login(alice)
    given = sent(reworded)
    edit_claim(claim=reworded, revision=2, text="Something else.", headline="", by=bob, at=LATER)
    response = client.post(state(reworded, 1), given)
    html = response.content.decode()
    assert response.status_code == 422 and "Bob changed this claim while you were looking" in html
    assert "Something" in html and Claim.objects.get().text == "Something else."
    assert client.post(state(reworded, 1), given | {"revision": 3}).status_code == 302


def test_what_was_withdrawn_is_reinstated_as_it_was(client, alice, bob, make_claim, make_assertion):
    said = make_assertion(make_claim(), hedge="reportedly")
    revision = Claim.objects.get().revision
    correct_assertion(assertion=said, hedge="", verb="alleged", revision=revision, why="L.", by=bob, at=T0)
    withdraw_assertion(assertion=said, why="Twice.", by=bob, at=LATER)
    client.force_login(alice)
    assert "would stand again" in client.get(state(said, 1)).content.decode()
    assert client.post(state(said, 1), sent(said.claim)).status_code == 302
    said.refresh_from_db()
    assert said.stands and (said.hedge, said.verb) == ("reportedly", "stated")
    assert entries(client, said.claim)[0].did == "reinstated"
    assert client.get(state(said, 3)).status_code == 404  # that it was withdrawn is no state to come back to


def test_what_it_was_taken_over_from_must_stand(client, alice, make_claim, make_assertion):
    root = make_assertion(make_claim())
    relay = make_assertion(root.claim, derives_from=root)
    withdraw_assertion(assertion=relay, why="Twice.", by=alice, at=T0)
    withdraw_assertion(assertion=root, why="Never said.", by=alice, at=T0)
    client.force_login(alice)
    assert "was withdrawn meanwhile" in client.get(state(relay, 1)).content.decode()
    assert client.post(state(relay, 1), sent(root.claim)).status_code == 422
    with pytest.raises(ValidationError, match="withdrawn"):
        reinstate_assertion(assertion=relay, why="Back.", by=alice, at=T0)
    assert not Assertion.objects.get(pk=relay.pk).stands


def test_a_circle_is_refused_when_a_state_comes_back(client, alice, make_claim, make_assertion):
    first = make_assertion(make_claim())
    second = make_assertion(first.claim, derives_from=first)
    for said, root in ((second, None), (first, second)):
        revision = Claim.objects.get().revision
        correct_assertion(
            assertion=said, derives_from=root, revision=revision, why="Other way.", by=alice, at=T0
        )
    client.force_login(alice)
    response = client.post(state(second, 1), sent(first.claim))
    assert response.status_code == 422 and "a circle" in response.content.decode()
    assert Assertion.objects.get(pk=second.pk).derives_from is None


def test_evidence_comes_back_when_what_it_is_stands(client, alice, make_claim, make_assertion):
    said = make_assertion(make_claim())
    piece = link_evidence(
        claim=said.claim, assertion=said, stance="corroborates", reason="So.", by=alice, at=T0
    )
    withdraw_assertion(assertion=said, why="Twice.", by=alice, at=T0)
    with pytest.raises(ValidationError, match="reinstate that one first"):
        reinstate_evidence(evidence=piece, why="Back.", by=alice, at=T0)
    client.force_login(alice)
    assert "reinstate that one first" in client.get(state(piece, 1)).content.decode()
    reinstate_assertion(assertion=said, why="Back.", by=alice, at=T0)
    assert client.post(state(piece, 1), sent(said.claim)).status_code == 302
    assert Evidence.objects.get(pk=piece.pk).stands


def test_a_grade_that_the_origins_no_longer_allow_does_not_come_back(alice, make_claim, make_assertion):
    claim = make_claim()
    first, second = make_assertion(claim), make_assertion(claim)
    piece = link_evidence(
        claim=claim, assertion=first, stance="corroborates", credibility=1, reason="Two.", by=alice, at=T0
    )
    withdraw_evidence(evidence=piece, why="Doubt.", by=alice, at=T0)
    withdraw_assertion(assertion=second, why="Twice.", by=alice, at=T0)
    with pytest.raises(ValidationError, match="best grade"):
        reinstate_evidence(evidence=piece, why="Back.", by=alice, at=T0)


def test_a_figure_superseded_meanwhile_by_another_does_not_come_back(client, alice, make_claim):
    claim = make_claim()
    first = add_figure(claim=claim, point=745, unit="people-killed", by=alice, at=T0)
    second = add_figure(claim=claim, point=1383, unit="people-killed", supersedes=first, by=alice, at=T0)
    withdraw_figure(figure=second, why="Misread.", by=alice, at=T0)
    add_figure(claim=claim, point=1557, unit="people-killed", supersedes=first, by=alice, at=T0)
    client.force_login(alice)
    assert "was superseded meanwhile" in client.get(state(second, 1)).content.decode()
    with pytest.raises(ValidationError, match="superseded meanwhile"):
        reinstate_figure(figure=second, why="Back.", by=alice, at=T0)


def test_an_earlier_figure_is_restored_with_its_place(client, alice, make_claim):
    claim = make_claim()
    figure = add_figure(
        claim=claim, point=745, as_written="around 745", unit="people-killed", by=alice, at=T0
    )
    correct_figure(figure=figure, point=754, as_written="", why="A slip.", by=alice, at=T0)
    client.force_login(alice)
    client.post(state(figure, 1), sent(claim))
    figure.refresh_from_db()
    assert (figure.point, figure.as_written) == (745, "around 745")


def test_what_stands_is_not_reinstated(alice, make_claim, make_assertion):
    said = make_assertion(make_claim())
    with pytest.raises(ValidationError, match="stands already"):
        reinstate_assertion(assertion=said, why="Back.", by=alice, at=T0)
    with pytest.raises(ValidationError, match="Say why"):
        reinstate_assertion(assertion=said, why=" ", by=alice, at=T0)


@pytest.mark.django_db(transaction=True)
def test_two_who_reinstate_at_once_make_one_change(alice, carol, make_claim):
    figure = add_figure(claim=make_claim(), point=1, unit="people-killed", by=alice, at=T0)
    withdraw_figure(figure=figure, why="Misread.", by=alice, at=T0)
    acts = [
        lambda by=by: reinstate_figure(figure=figure, why="Back.", by=by, at=LATER) for by in (alice, carol)
    ]
    results = at_once(*acts)
    assert sorted(type(result).__name__ for result in results) == ["Figure", "ValidationError"]
    events = Figure.pgh_event_model.objects.filter(pgh_obj=figure.pk)
    assert events.count() == 3


@pytest.mark.parametrize("count", [1, 3])
def test_history_asks_the_same_for_one_and_three(
    client, dave, alice, make_claim, make_assertion, django_assert_num_queries, count
):
    claim = make_claim()
    for _each in range(count):
        make_assertion(claim)
    client.force_login(dave)
    client.get(page(claim))
    # session, person, desks, claim; how many, which; events of two kinds; people, names; moves; the inbox, members;
    # media ratings that were withdrawn
    with django_assert_num_queries(15):
        client.get(page(claim))


def test_a_case_has_a_history(client, dave, mallory, researched_claim, sql):
    sql("UPDATE claims_case SET title = 'The coast, spring 2025' WHERE id = %s", [researched_claim.case_id])
    client.force_login(dave)
    response = client.get(reverse("case-history", args=[researched_claim.case_id]))
    changes = [(change.old, change.new) for entry in response.context["page"] for change in entry.changes]
    assert changes == [("The coast, March 2025", "The coast, spring 2025")]
    client.force_login(mallory)
    assert client.get(reverse("case-history", args=[researched_claim.case_id])).status_code == 404
