"""Cases and claims: who may, in what state, and what a change of the content does."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from claims.statements.models import Case, Claim, Figure, Transition
from claims.statements.services import (
    ChangedMeanwhile,
    add_figure,
    edit_claim,
    move,
    open_case,
    register_claim,
    touch,
)
from claims.statements.states import TRANSITIONS, Workflow
from tests.cast import T0

MOVES = list(product(Workflow, Workflow))
ALLOWED = [(old, new) for old, new in MOVES if new in TRANSITIONS[old]]
REFUSED = [(old, new) for old, new in MOVES if new not in TRANSITIONS[old]]


def put(claim: Claim, workflow: Workflow) -> Claim:
    Claim.objects.filter(pk=claim.pk).update(workflow=workflow)
    claim.refresh_from_db()
    return claim


def workflow_of(claim: Claim) -> str:
    return Claim.objects.values_list("workflow", flat=True).get(pk=claim.pk)


@pytest.mark.parametrize(("old", "new"), ALLOWED)
def test_allowed_move_is_made_and_stays_on_record(make_claim, bob, old, new):
    claim = put(make_claim(), old)
    move(claim=claim, to=new, reason="because", by=bob, at=T0)
    assert (claim.workflow, workflow_of(claim)) == (new, new)
    noted = Transition.objects.latest("id")
    assert (noted.old, noted.new, noted.reason, noted.by, noted.at) == (old, new, "because", bob, T0)


@pytest.mark.parametrize(("old", "new"), REFUSED)
def test_any_other_move_is_refused_and_nothing_is_written(make_claim, bob, old, new):
    claim = put(make_claim(), old)
    before = Transition.objects.count()
    with pytest.raises(ValidationError, match="cannot go from"):
        move(claim=claim, to=new, reason="", by=bob, at=T0)
    assert (workflow_of(claim), Transition.objects.count()) == (old, before)


@pytest.mark.parametrize(("old", "new"), ALLOWED)
def test_every_move_back_and_every_side_exit_says_why(make_claim, bob, old, new):
    claim, aside = put(make_claim(), old), {"duplicate", "out-of-scope"}
    back = list(Workflow).index(new) < list(Workflow).index(old)
    if not (back or aside & {old, new}):
        return move(claim=claim, to=new, reason="", by=bob, at=T0)
    with pytest.raises(ValidationError) as refusal:
        move(claim=claim, to=new, reason="  ", by=bob, at=T0)
    assert list(refusal.value.message_dict) == ["reason"]
    assert workflow_of(claim) == old


def test_every_state_has_a_row_of_moves_and_can_be_reached():
    assert set(TRANSITIONS) == set(Workflow)
    reached = set.union(*(set(news) for news in TRANSITIONS.values()))
    assert reached | {Workflow.DRAFT} == set(Workflow)


def test_a_move_from_a_state_that_somebody_else_has_left_is_refused(make_claim, bob):
    claim = make_claim()
    stale = Claim.objects.get(pk=claim.pk)
    move(claim=claim, to=Workflow.TRIAGED, reason="", by=bob, at=T0)
    with pytest.raises(ChangedMeanwhile):
        move(claim=stale, to=Workflow.DUPLICATE, reason="Twice.", by=bob, at=T0)
    assert workflow_of(claim) == Workflow.TRIAGED


def test_transitions_cannot_be_reworded_or_taken_back(make_claim):
    make_claim()
    for sql in (
        "UPDATE claims_transition SET reason = 'so it was not'",
        "DELETE FROM claims_transition",
    ):
        with pytest.raises(DatabaseError, match="transition_stays_on_record"), transaction.atomic():
            connection.cursor().execute(sql)
    assert Transition.objects.count() == 1


def test_an_edit_raises_the_revision_and_names_who_made_it(make_claim, carol):
    claim = make_claim("It rained.")
    edited = edit_claim(claim=claim, revision=1, text="It snowed.", headline="Snow", by=carol, at=T0)
    edited.refresh_from_db()
    assert (edited.revision, edited.changed_by, edited.text) == (2, carol, "It snowed.")
    assert edited.author != carol


def test_an_edit_of_an_older_revision_is_refused_with_the_name_of_who_was_quicker(make_claim, alice, carol):
    claim = make_claim("It rained.")
    edit_claim(claim=claim, revision=1, text="It snowed.", headline="", by=carol, at=T0)
    with pytest.raises(ChangedMeanwhile, match="Carol"):
        edit_claim(claim=claim, revision=1, text="It hailed.", headline="", by=alice, at=T0)
    claim.refresh_from_db()
    assert (claim.text, claim.revision) == ("It snowed.", 2)


@pytest.mark.parametrize(("text", "headline", "field"), [("", "", "text"), ("So.", "x" * 76, "headline")])
def test_an_edit_that_says_nothing_or_too_much_names_the_field(make_claim, alice, text, headline, field):
    claim = make_claim("It rained.")
    with pytest.raises(ValidationError) as refusal:
        edit_claim(claim=claim, revision=1, text=text, headline=headline, by=alice, at=T0)
    assert field in refusal.value.message_dict
    assert Claim.objects.get(pk=claim.pk).revision == 1


@pytest.mark.parametrize("state", [Workflow.APPROVED, Workflow.CLOSED])
def test_a_change_of_the_content_reopens_what_was_decided(make_claim, alice, state):
    claim = put(make_claim(), state)
    touch(claim=claim, by=alice, at=T0)
    assert workflow_of(claim) == claim.workflow == Workflow.IN_RESEARCH
    assert Transition.objects.latest("id").reason == "The content was changed."


@pytest.mark.parametrize(
    "state", [Workflow.IN_RESEARCH, Workflow.IN_REVIEW, Workflow.DUPLICATE, Workflow.OUT_OF_SCOPE]
)
def test_a_change_of_the_content_leaves_other_states_alone(make_claim, alice, state):
    claim = put(make_claim(), state)
    touch(claim=claim, by=alice, at=T0)
    assert workflow_of(claim) == state


@pytest.mark.parametrize("state", [Workflow.DRAFT, Workflow.TRIAGED])
def test_the_first_assertion_takes_a_claim_into_research(make_claim, make_assertion, state):
    claim = put(make_claim(), state)
    make_assertion(claim)
    assert workflow_of(claim) == Workflow.IN_RESEARCH


def test_a_claim_begins_as_a_draft_of_its_author(make_claim, alice):
    claim = make_claim("It rained.")
    assert (claim.workflow, claim.revision, claim.author, claim.changed_by) == ("draft", 1, alice, alice)
    assert [(t.old, t.new) for t in claim.transitions.all()] == [("", "draft")]


def test_a_case_of_another_desk_is_refused_at_its_field(make_claim, other_desk, mallory):
    theirs = open_case(desk=other_desk, title="Theirs", by=mallory, at=T0)
    with pytest.raises(ValidationError) as refusal:
        make_claim("It rained.", case=theirs)
    assert list(refusal.value.message_dict) == ["case"]
    assert not Claim.objects.exists()


def test_one_external_id_is_one_claim_of_the_desk(make_claim, other_desk, mallory):
    make_claim("It rained.", external_id="X1")
    make_claim("It rained.", desk=other_desk, by=mallory, external_id="X1")
    with pytest.raises(ValidationError):
        make_claim("It rained again.", external_id="X1")


@pytest.mark.parametrize("who", ["dave", "mallory"])
def test_a_viewer_and_another_desk_can_write_nothing(request, desk, make_claim, who):
    claim, by = make_claim("It rained."), request.getfixturevalue(who)
    acts = [
        lambda: open_case(desk=desk, title="Mine", by=by, at=T0),
        lambda: register_claim(desk=desk, text="Mine.", by=by, at=T0),
        lambda: edit_claim(claim=claim, revision=1, text="Mine.", headline="", by=by, at=T0),
        lambda: add_figure(claim=claim, point=3, unit="people-killed", by=by, at=T0),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()
    assert (Claim.objects.get().revision, Case.objects.count(), Figure.objects.count()) == (1, 0, 0)


def test_lists_show_a_desk_its_own_rows_only(make_claim, desk, alice, dave, other_desk, mallory):
    ours, case = make_claim("Ours."), open_case(desk=desk, title="Ours", by=alice, at=T0)
    make_claim("Theirs.", desk=other_desk, by=mallory)
    open_case(desk=other_desk, title="Theirs", by=mallory, at=T0)
    assert list(Claim.objects.visible_to(dave)) == [ours]
    assert list(Case.objects.visible_to(dave)) == [case]


def test_a_figure_supersedes_one_of_the_same_desk_only(make_claim, alice, other_desk, mallory):
    theirs = add_figure(
        claim=make_claim("Theirs.", desk=other_desk, by=mallory), point=1, unit="massacres", by=mallory, at=T0
    )
    with pytest.raises(ValidationError) as refusal:
        add_figure(claim=make_claim(), point=2, unit="massacres", supersedes=theirs, by=alice, at=T0)
    assert list(refusal.value.message_dict) == ["supersedes"]


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({}, "a_figure_has_a_number_or_a_vague_word"),
        ({"lower": 3, "upper": 2}, "lower_point_upper_are_in_order"),
        ({"lower": 3, "point": 2}, "lower_point_upper_are_in_order"),
        ({"point": 3, "upper": 2}, "lower_point_upper_are_in_order"),
        (
            {"point": 1, "window_from": date(2025, 3, 9), "window_to": date(2025, 3, 6)},
            "a_window_ends_after_it_begins",
        ),
    ],
)
def test_an_impossible_figure_is_refused_by_the_service_and_by_the_database(make_claim, alice, fields, rule):
    claim = make_claim()
    with pytest.raises(ValidationError):
        add_figure(claim=claim, unit="people-killed", by=alice, at=T0, **fields)
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Figure.objects.create(claim=claim, unit="people-killed", **fields)


def test_a_vague_word_needs_no_number(make_claim, alice):
    figure = add_figure(claim=make_claim(), qualifier="dozens", unit="people-killed", by=alice, at=T0)
    assert (figure.lower, figure.point, figure.upper) == (None, None, None)
