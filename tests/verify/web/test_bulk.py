"""One act on many claims: what is done, what is refused and why, and what must never be possible."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from claims.statements.models import Claim, Topic, Transition
from claims.statements.services import (
    BY_HAND,
    make_topic,
    move_by_hand,
    register_claim,
    tag_claims,
    untag_claims,
)
from claims.statements.states import Workflow
from tests.cast import T0, at_once, make_person
from verify.accounts.models import Role
from verify.review.content import content_digest
from verify.review.models import Task
from verify.review.services import propose_verdict

pytestmark = pytest.mark.django_db
BULK, BOARD = "/desk/claims/bulk/", "/desk/claims/"


def send(client: Any, act: str, claims: Any, **fields: Any) -> Any:
    """The second step: the act itself."""
    ids = [str(getattr(claim, "pk", claim)) for claim in claims]
    return client.post(BULK, {"act": act, "claim": ids, "confirmed": "1"} | fields)


def told(page: Any) -> tuple[list[str], list[str], dict[str, str]]:
    outcome = page.context["outcome"]
    refused = {str(claim): why for claim, why in outcome.refused}
    return [str(claim) for claim in outcome.done], [str(claim) for claim in outcome.already], refused


# --- the two steps --------------------------------------------------------------------------------------------------


def test_the_first_step_changes_nothing_and_keeps_the_claims(client, alice, make_claim):
    claims = [make_claim(f"Claim {n}.") for n in range(2)]
    client.force_login(alice)
    page = client.post(
        BULK, {"act": "move", "claim": [claim.pk for claim in claims], "back": "q=Claim&junk=1"}
    )
    html = page.content.decode()
    assert page.status_code == 200
    assert all(f'name="claim" value="{claim.pk}" checked' in html for claim in claims)
    assert 'name="back" value="q=Claim"' in html
    assert set(Claim.objects.values_list("workflow", flat=True)) == {"draft"}


def test_opening_the_address_leads_to_the_board(client, dave):
    client.force_login(dave)
    assert client.get(BULK)["Location"] == BOARD


@pytest.mark.parametrize("act", ["assign", "tag", "untag", "move"])
def test_acts_are_not_for_viewers_and_assigning_not_for_checkers(client, alice, dave, make_claim, act):
    claim = make_claim()
    client.force_login(dave)
    assert send(client, act, [claim], to="triaged", new="x").status_code == 403
    client.force_login(alice)
    assert (send(client, act, [claim]).status_code == 403) == (act == "assign")
    assert Claim.objects.get().workflow == "draft" and not Topic.objects.exists()


@pytest.mark.parametrize("fields", [{}, {"act": "move"}, {"act": "erase", "claim": ["x"]}])
def test_nothing_chosen_is_said(client, alice, fields):
    client.force_login(alice)
    assert client.post(BULK, fields).status_code == 422


def test_claims_of_another_desk_are_like_ids_that_never_were(client, alice, mallory, other_desk, make_claim):
    theirs = register_claim(desk=other_desk, text="Theirs.", by=mallory, at=T0)
    ours = make_claim("Ours.")
    client.force_login(alice)
    page = send(client, "move", [ours, theirs, uuid4(), "no id"], to="triaged")
    assert told(page) == (["Ours."], [], {})
    assert page.context["unknown"] == 3 and "Theirs." not in page.content.decode()
    theirs.refresh_from_db()
    assert theirs.workflow == "draft"


def test_the_desk_is_the_one_whose_board_was_open(client, alice, mallory, desk, other_desk, make_claim):
    claim = make_claim("Ours.")
    client.force_login(mallory)
    assert send(client, "move", [claim], to="triaged", desk=str(desk.pk)).status_code == 404
    both = make_person("both", other_desk, Role.CHECKER)
    both.memberships.create(desk=desk, role=Role.VIEWER)
    client.force_login(both)
    assert send(client, "move", [claim], to="triaged", desk=str(desk.pk)).status_code == 403
    claim.refresh_from_db()
    assert claim.workflow == "draft"


def test_more_than_200_at_once_are_refused_whole(client, alice, make_claim):
    claim = make_claim()
    client.force_login(alice)
    page = send(client, "move", [claim, *(uuid4() for _ in range(200))], to="triaged")
    assert page.status_code == 422 and "Nothing was done" in page.content.decode()
    claim.refresh_from_db()
    assert claim.workflow == "draft"


# --- moving ---------------------------------------------------------------------------------------------------------


def test_moving_tells_for_each_claim_what_became_of_it(client, alice, make_claim):
    free, there, closed = make_claim("Free."), make_claim("There."), make_claim("Out.")
    move_by_hand(claim=there, to="triaged", reason="", by=alice, at=T0)
    move_by_hand(claim=closed, to="out-of-scope", reason="Not ours.", by=alice, at=T0)
    client.force_login(alice)
    done, already, refused = told(send(client, "move", [free, there, closed], to="triaged"))
    assert (done, already, list(refused)) == (["Free."], ["There."], ["Out."])
    assert "cannot go from" in refused["Out."]


def test_moving_twice_is_moving_once(client, alice, make_claim):
    claim = make_claim()
    client.force_login(alice)
    send(client, "move", [claim, claim], to="triaged")
    assert told(send(client, "move", [claim], to="triaged"))[1] == [str(claim)]
    assert Transition.objects.filter(claim=claim, new="triaged").count() == 1


@pytest.mark.parametrize("to", ["approved", "in-review", "draft", "nonsense"])
def test_nobody_moves_a_claim_past_the_reviews(client, alice, bob, researched_claim, to):
    Claim.objects.filter(pk=researched_claim.pk).update(workflow="in-review")
    client.force_login(bob)
    assert send(client, "move", [researched_claim], to=to, reason="I say so.").status_code == 422
    researched_claim.refresh_from_db()
    assert researched_claim.workflow == "in-review"


@pytest.mark.parametrize("to", sorted(set(Workflow) - set(BY_HAND)))
def test_the_service_leads_no_claim_past_the_reviews(bob, make_claim, to):
    for state in Workflow:
        claim = make_claim()
        Claim.objects.filter(pk=claim.pk).update(workflow=state)
        claim.refresh_from_db()
        with pytest.raises(ValidationError):
            move_by_hand(claim=claim, to=to, reason="I say so.", by=bob, at=T0)
        claim.refresh_from_db()
        assert claim.workflow == state


def test_a_way_out_owes_a_reason(client, alice, make_claim):
    claim = make_claim("Ours.")
    client.force_login(alice)
    assert told(send(client, "move", [claim], to="out-of-scope", reason="  "))[2].keys() == {"Ours."}
    assert told(send(client, "move", [claim], to="out-of-scope", reason="Not ours."))[0] == ["Ours."]


def test_the_script_is_told_why_in_json(client, alice, make_claim):
    claim = make_claim()
    client.force_login(alice)
    fields = {"act": "move", "claim": str(claim.pk), "confirmed": "1", "to": "triaged", "seen": "in-review"}
    stale = client.post(BULK, fields, headers={"accept": "application/json"}).json()
    assert stale["done"] == [] and "somebody else" in stale["refused"][0]["why"]
    good = client.post(BULK, fields | {"seen": "draft"}, headers={"accept": "application/json"}).json()
    assert good == {"done": [str(claim.pk)], "refused": [], "unknown": 0}
    bad = client.post(BULK, fields | {"to": "approved"}, headers={"accept": "application/json"})
    assert bad.status_code == 422 and bad.json()["error"]


# --- topics ---------------------------------------------------------------------------------------------------------


def test_tagging_files_under_old_and_new_topics_and_untagging_takes_out(client, desk, alice, make_claim):
    old = make_topic(desk=desk, name="Figures", by=alice, at=T0)
    claims = [make_claim(f"Claim {n}.") for n in range(2)]
    client.force_login(alice)
    assert len(told(send(client, "tag", claims, topics=[old.pk], new=" The   coast "))[0]) == 2
    assert {str(topic) for topic in claims[0].topics.all()} == {"Figures", "The coast"}
    assert len(told(send(client, "tag", claims, topics=[old.pk]))[1]) == 2
    assert told(send(client, "untag", claims[:1], topics=[old.pk]))[0] == ["Claim 0."]
    assert [claim.topics.count() for claim in claims] == [1, 2]


def test_tagging_voids_no_approval(client, alice, desk, approved_claim):
    before = content_digest(approved_claim)
    topic = make_topic(desk=desk, name="Figures", by=alice, at=T0)
    tag_claims(claims=[approved_claim], topics=[topic], by=alice, at=T0)
    approved_claim.refresh_from_db()
    assert content_digest(approved_claim) == before
    assert (approved_claim.workflow, approved_claim.verdicts.get().approved_digest) == ("approved", before)


def test_topics_of_another_desk_cannot_be_given(client, alice, mallory, other_desk, make_claim):
    theirs = make_topic(desk=other_desk, name="Theirs", by=mallory, at=T0)
    claim = make_claim()
    client.force_login(alice)
    page = send(client, "tag", [claim], topics=[theirs.pk])
    assert page.status_code == 422 and "Theirs" not in page.content.decode()
    for service in (tag_claims, untag_claims):
        with pytest.raises(ValidationError):
            service(claims=[claim], topics=[theirs], by=alice, at=T0)
        with pytest.raises(PermissionDenied):
            service(claims=[claim], topics=[theirs], by=mallory, at=T0)
    assert not claim.topics.exists()


@pytest.mark.parametrize("name", ["FIGURES", " figures ", "Figures"])
def test_a_topic_of_a_name_is_made_once(desk, alice, name):
    topic = make_topic(desk=desk, name="Figures", by=alice, at=T0)
    assert make_topic(desk=desk, name=name, by=alice, at=T0) == topic


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_topic_needs_a_name(desk, alice, name):
    with pytest.raises(ValidationError):
        make_topic(desk=desk, name=name, by=alice, at=T0)


@pytest.mark.parametrize("fields", [{}, {"new": "x" * 101}, {"new": "\x00"}, {"topics": "no"}])
def test_a_topic_that_is_none_is_said(client, alice, make_claim, fields):
    claim = make_claim()
    client.force_login(alice)
    assert send(client, "tag", [claim], **fields).status_code == 422
    assert not Topic.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_make_the_same_topic_at_once_get_one(desk, alice, bob, make_claim):
    claim = make_claim()

    def act(by: Any) -> Any:
        topic = make_topic(desk=desk, name="The coast", by=by, at=T0)
        return tag_claims(claims=[claim], topics=[topic], by=by, at=T0)

    results = at_once(*[lambda by=by: act(by) for by in (alice, bob, alice, bob)])
    assert all(isinstance(result, list) for result in results)
    assert [topic.name for topic in claim.topics.all()] == ["The coast"]


# --- assigning ------------------------------------------------------------------------------------------------------


@pytest.fixture
def judged(make_claim: Any, desk: Any, alice: Any) -> Any:
    def make(text: str) -> Claim:
        claim = make_claim(text)
        rating = desk.ratings.get(code="confirmed")
        propose_verdict(claim=claim, rating=rating, rationale="So.", by=alice, at=T0)
        claim.refresh_from_db()
        if claim.workflow != "in-research":
            move_by_hand(claim=claim, to="in-research", reason="", by=alice, at=T0)
        return claim

    return make


@pytest.mark.parametrize("to", ["carol", "pool"])
def test_assigning_asks_for_each_and_says_what_is_refused(client, bob, carol, judged, make_claim, to):
    able, draft = judged("Able."), make_claim("A draft.")
    client.force_login(bob)
    asked = {"reviewer": "pool" if to == "pool" else str(carol.pk), "kind": "sign-off", "priority": "3"}
    done, _already, refused = told(send(client, "assign", [able, draft], **asked))
    assert done == ["Able."] and list(refused) == ["A draft."] and refused["A draft."]
    task = Task.objects.get()
    assert (task.claim, task.assignee, task.priority) == (able, None if to == "pool" else carol, 3)
    done, already, _refused = told(send(client, "assign", [able], **asked))
    assert (done, already, Task.objects.count()) == ([], ["Able."], 1)  # sent twice is asked once


def test_the_author_is_refused_for_their_own_claim_alone(client, bob, alice, judged, carol, desk):
    mine, other = judged("Alice's."), judged("Bob's.")
    Claim.objects.filter(pk=other.pk).update(author=bob, changed_by=bob)
    client.force_login(bob)
    done, _already, refused = told(
        send(client, "assign", [mine, other], reviewer=str(alice.pk), kind="source-check")
    )
    assert "Alice's." in refused and Task.objects.filter(claim=mine).count() == 0
    assert set(done) <= {"Bob's."}


def test_only_people_of_the_desk_who_may_review_are_offered(client, bob, carol, dave, mallory, judged):
    claim = judged("Ours.")
    client.force_login(bob)
    html = client.post(BULK, {"act": "assign", "claim": str(claim.pk)}).content.decode()
    assert "Carol" in html and "Mallory" not in html and ">Dave<" not in html
    for stranger in (mallory, dave):
        page = send(client, "assign", [claim], reviewer=str(stranger.pk), kind="sign-off")
        assert page.status_code == 422
    assert not Task.objects.exists()
