"""Threads: who may write, whom a comment names, what stays when words go; and that no claim is changed by talk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from claims.attribution.services import withdraw_assertion
from claims.statements.models import Claim
from claims.statements.services import add_figure
from tests.cast import T0, at_once, make_person
from verify.accounts.models import Membership, Role
from verify.notify.models import Notification
from verify.review import comments
from verify.review.comments import comment, edit_comment, remove_comment, reopen_thread, resolve_thread
from verify.review.content import content_digest
from verify.review.models import Comment

pytestmark = pytest.mark.django_db
LATER = T0 + timedelta(hours=1)


@pytest.fixture
def talk(researched_claim: Any, alice: Any) -> Any:
    """A thread on the researched claim, begun by Alice."""
    return comment(claim=researched_claim, text="Whose count is it?", by=alice, at=T0)


def events(row: Any) -> list[Any]:
    model: Any = Comment.pgh_event_model
    return list(model.objects.filter(pgh_obj=row.pk).order_by("pgh_id").select_related("pgh_context"))


def told() -> list[tuple[str, str, str]]:
    rows = Notification.objects.select_related("recipient", "comment")
    return sorted((row.kind, row.recipient.username, row.comment.text) for row in rows)


# --- writing --------------------------------------------------------------------------------------------------------


def test_answers_stand_one_deep_in_order(talk, carol, bob):
    first = comment(claim=talk.claim, parent=talk, text="The group's.", by=carol, at=T0)
    second = comment(claim=talk.claim, parent=first, text="Not only.", by=bob, at=LATER)
    assert second.parent_id == talk.pk  # an answer to an answer stands in the thread
    (thread,) = comments.threads_of(talk.claim)
    assert [each.pk for each in thread.answers] == [first.pk, second.pk]


@pytest.mark.parametrize("who", ["dave", "mallory"])
def test_who_may_not_write_is_refused_by_every_act(request, talk, who):
    person = request.getfixturevalue(who)
    for act in (
        lambda: comment(claim=talk.claim, text="Me too.", by=person, at=T0),
        lambda: comment(claim=talk.claim, parent=talk, text="Me too.", by=person, at=T0),
        lambda: edit_comment(comment=talk, text="Me too.", by=person, at=T0),
        lambda: remove_comment(comment=talk, by=person, at=T0),
        lambda: resolve_thread(thread=talk, by=person, at=T0),
        lambda: reopen_thread(thread=talk, by=person, at=T0),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert Comment.objects.get().text == "Whose count is it?"


def test_only_the_author_rewords_and_takes_back_not_even_an_editor(talk, bob):
    with pytest.raises(PermissionDenied, match="Only its author"):
        edit_comment(comment=talk, text="Mine now.", by=bob, at=T0)
    with pytest.raises(PermissionDenied, match="Only its author"):
        remove_comment(comment=talk, by=bob, at=T0)
    assert Comment.objects.get().text == "Whose count is it?"


def test_an_author_who_may_only_look_by_now_rewords_nothing(talk, alice, desk):
    Membership.objects.filter(user=alice, desk=desk).update(role=Role.VIEWER)
    with pytest.raises(PermissionDenied):
        edit_comment(comment=talk, text="Other.", by=alice, at=LATER)


@pytest.mark.parametrize("text", ["", " \r\n\t ", "nul\x00", "x" * 10_001])
def test_what_says_nothing_or_cannot_be_kept_is_refused(researched_claim, alice, text):
    with pytest.raises(ValidationError):
        comment(claim=researched_claim, text=text, by=alice, at=T0)


def test_a_thread_is_about_one_standing_thing_of_its_claim(
    researched_claim, make_claim, make_assertion, alice
):
    said = researched_claim.assertions.get()
    elsewhere = make_assertion(make_claim())
    figure = add_figure(claim=researched_claim, point=745, unit="people-killed", by=alice, at=T0)
    given: dict[str, Any] = {"claim": researched_claim, "text": "Hm.", "by": alice, "at": T0}
    for wrong in ({"assertion": elsewhere}, {"assertion": said, "figure": figure}):
        with pytest.raises(ValidationError):
            comment(**given, **wrong)
    for right in ({"assertion": said}, {"anchor": said.anchors.get()}, {"figure": figure}):
        comment(**given, **right)
    researched_claim.refresh_from_db()
    revision = researched_claim.revision
    withdraw_assertion(assertion=elsewhere, why="No.", by=alice, at=T0)
    elsewhere.refresh_from_db()
    with pytest.raises(ValidationError, match="withdrawn"):
        comment(claim=elsewhere.claim, assertion=elsewhere, text="Hm.", by=alice, at=T0)
    assert Claim.objects.get(pk=researched_claim.pk).revision == revision


def test_talk_changes_neither_revision_nor_digest_nor_who_changed_it_last(approved_claim, alice, carol):
    before = Claim.objects.filter(pk=approved_claim.pk).values().get()
    digest = content_digest(approved_claim)
    said = approved_claim.assertions.get()
    thread = comment(claim=approved_claim, assertion=said, text="Look, @carol.", by=alice, at=LATER)
    answer = comment(claim=approved_claim, parent=thread, text="I did.", by=carol, at=LATER)
    edit_comment(comment=answer, text="I did look.", by=carol, at=LATER)
    resolve_thread(thread=thread, by=carol, at=LATER)
    remove_comment(comment=answer, by=carol, at=LATER)
    assert Claim.objects.filter(pk=approved_claim.pk).values().get() == before
    assert content_digest(Claim.objects.get(pk=approved_claim.pk)) == digest


# --- history --------------------------------------------------------------------------------------------------------


def test_every_wording_stays_with_who_and_when(talk, alice):
    edit_comment(comment=talk, text="Whose count is this?", by=alice, at=LATER)
    edit_comment(
        comment=talk, text="Whose count is this?", by=alice, at=LATER + timedelta(hours=1)
    )  # nothing new
    told = events(talk)
    assert [each.text for each in told] == ["Whose count is it?", "Whose count is this?"]
    assert {each.pgh_context.metadata["by"] for each in told} == {str(alice.pk)}
    talk.refresh_from_db()
    assert talk.edited_at == LATER
    assert [each.text for each in comments.wordings(talk)] == ["Whose count is it?", "Whose count is this?"]


def test_what_is_taken_back_stands_in_no_row_and_its_words_in_the_history_alone(talk, alice, carol):
    comment(claim=talk.claim, parent=talk, text="The group's.", by=carol, at=T0)
    edit_comment(comment=talk, text="A secret, @carol.", by=alice, at=LATER)
    remove_comment(comment=talk, by=alice, at=LATER)
    talk.refresh_from_db()
    assert (talk.text, talk.removed_at, talk.mentions.count()) == (comments.TAKEN_BACK, LATER, 0)
    assert comments.wordings(talk) == [] and not talk.resolved_at  # somebody's answer is left
    assert [each.text for each in events(talk)][-2:] == ["A secret, @carol.", comments.TAKEN_BACK]
    with pytest.raises(ValidationError, match="taken back"):
        edit_comment(comment=talk, text="Again.", by=alice, at=LATER)


def test_a_thread_of_which_nothing_is_left_is_resolved(talk, alice):
    remove_comment(comment=talk, by=alice, at=LATER)
    talk.refresh_from_db()
    assert (talk.resolved_at, talk.resolved_by) == (LATER, alice)


def test_resolving_keeps_who_was_first_and_an_answer_opens_again(talk, alice, carol, bob):
    resolve_thread(thread=talk, by=carol, at=T0)
    resolve_thread(thread=talk, by=bob, at=LATER)
    talk.refresh_from_db()
    assert (talk.resolved_by, talk.resolved_at) == (carol, T0)
    comment(claim=talk.claim, parent=talk, text="But?", by=alice, at=LATER)
    talk.refresh_from_db()
    assert talk.resolved_at is None
    assert "answered" in events(talk)[-1].pgh_context.metadata["why"]
    resolve_thread(thread=talk, by=bob, at=LATER)
    reopen_thread(thread=talk, by=carol, at=LATER)
    assert Comment.objects.filter(resolved_at__isnull=False).count() == 0


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_a_resolution_at_once_leave_one_of_the_two_orders(talk, alice, carol):
    found = at_once(
        lambda: comment(claim=talk.claim, parent=talk, text="But?", by=alice, at=LATER),
        lambda: resolve_thread(thread=talk, by=carol, at=LATER),
        lambda: remove_comment(comment=talk, by=alice, at=LATER),
    )
    assert not [each for each in found if isinstance(each, Exception)]
    talk.refresh_from_db()
    assert talk.removed_at and talk.replies.count() == 1
    assert (talk.resolved_at is None) == (talk.resolved_by is None)


# --- mentions -------------------------------------------------------------------------------------------------------


def test_who_is_mentioned_is_told_once_and_who_spoke_is_told_of_answers(talk, alice, bob, carol, dave):
    answer = comment(claim=talk.claim, parent=talk, text="@dave, @Bob: see @alice.", by=carol, at=LATER)
    assert told() == [("mention", name, answer.text) for name in ("alice", "bob", "dave")]
    again = comment(claim=talk.claim, parent=talk, text="Thanks.", by=bob, at=LATER)
    assert told()[3:] == [("reply", name, again.text) for name in ("alice", "carol")]
    edit_comment(comment=again, text="Thanks, @dave and @carol.", by=bob, at=LATER)
    edit_comment(comment=again, text="Thank you, @dave and @carol.", by=bob, at=LATER)
    assert Notification.objects.filter(kind="mention", recipient=dave, comment=again).count() == 1
    assert Notification.objects.count() == 7


def test_nobody_of_another_desk_is_mentioned_nor_told(talk, mallory, desk, carol):
    gone = make_person("frank", desk, Role.CHECKER)
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    made = comment(claim=talk.claim, text="@mallory @nobody @frank ask@carol", by=carol, at=LATER)
    assert made.mentions.count() == 0 and told() == []
    (shown, _earlier) = comments.threads_of(talk.claim)
    assert [(piece.text, piece.name) for piece in shown.pieces] == [(made.text, "")]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("@carol", ["@carol"]),
        ("(@carol), @carol's", ["@carol", "@carol"]),
        ("Ask @carol.", ["@carol"]),
        ("Ask @CAROL...", ["@CAROL"]),
        ("سألت و@carol، ثم", ["@carol"]),
        ("@ca@news.example.", ["@ca@news.example"]),
        ("@carolina x@carol @@carol", []),
        ("@كريم،", ["@كريم"]),
    ],
)
def test_a_mention_is_marked_where_it_stands_and_no_further(
    desk, researched_claim, alice, carol, text, marked
):
    for name in ("ca@news.example", "كريم"):
        make_person(name, desk, Role.CHECKER)
    comment(claim=researched_claim, text=text, by=alice, at=T0)
    (shown,) = comments.threads_of(researched_claim)
    assert [piece.text for piece in shown.pieces if piece.name] == marked
    assert "".join(piece.text for piece in shown.pieces) == text


# --- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_of_threads_takes_two_queries(talk, alice, carol, django_assert_num_queries, rows):
    for _ in range(rows):
        thread = comment(claim=talk.claim, text="@carol?", by=alice, at=LATER)
        for _ in range(rows):
            comment(claim=talk.claim, parent=thread, text="@alice!", by=carol, at=LATER)
    with django_assert_num_queries(2):
        found = comments.discussion(talk.claim)
        assert [str(each.author) for each in found.page][-1] == "Alice"
        assert len(found.page.object_list) == rows + 1


def test_threads_are_asked_for_by_state_and_by_what_they_are_about(talk, alice):
    said = talk.claim.assertions.get()
    for text in ("One.", "Two."):
        made = comment(claim=talk.claim, assertion=said, text=text, by=alice, at=LATER)
    resolve_thread(thread=made, by=alice, at=LATER)
    found = comments.discussion(talk.claim)
    assert (found.open, found.resolved, found.about) == (2, 1, {str(said.pk): 2})
    assert [each.text for each in found.page] == ["One.", "Whose count is it?"]
    about = comments.discussion(talk.claim, show="all", topic=str(said.pk))
    assert (len(about.page), about.kind) == (2, "assertion")
    odd = comments.discussion(talk.claim, show="x' --", topic="x", number="-9")
    assert (len(odd.page), odd.kind, odd.show) == (0, "", "open")


def test_comments_of_another_desk_are_not_visible(talk, alice, dave, mallory):
    assert Comment.objects.visible_to(dave).count() == 1
    assert Comment.objects.visible_to(mallory).count() == 0


# --- what the database holds ----------------------------------------------------------------------------------------


def insert(claim: Any, author: Any, **fields: Any) -> None:
    """A row as a statement of SQL would write it, past every service."""
    with transaction.atomic():
        row = {"claim": claim, "author": author, "text": "t", "created_at": T0} | fields
        Comment.objects.bulk_create([Comment(**row)])


def test_the_database_holds_the_shape_of_threads(talk, make_claim, make_assertion, alice):
    claim, said = talk.claim, talk.claim.assertions.get()
    figure = add_figure(claim=claim, point=745, unit="people-killed", by=alice, at=T0)
    answer = comment(claim=claim, parent=talk, text="Yes.", by=alice, at=T0)
    other = make_claim()
    strange = make_assertion(other)
    rules: list[tuple[str, Any, dict[str, Any]]] = [
        ("a_comment_says_something", claim, {"text": ""}),
        ("only_the_first_of_a_thread", claim, {"parent": talk, "assertion": said}),
        ("only_the_first_of_a_thread", claim, {"parent": talk, "resolved_at": T0, "resolved_by": alice}),
        ("a_thread_is_about_one_thing", claim, {"assertion": said, "figure": figure}),
        ("a_thread_is_about_one_thing", claim, {"assertion": said, "anchor": said.anchors.get()}),
        ("resolved_by_and_at_all_or_none", claim, {"resolved_at": T0}),
        ("resolved_by_and_at_all_or_none", claim, {"resolved_by": alice}),
        ("something of its own claim", claim, {"parent": answer}),
        ("something of its own claim", other, {"parent": talk}),
        ("something of its own claim", claim, {"assertion": strange}),
        ("something of its own claim", other, {"anchor": said.anchors.get()}),
        ("something of its own claim", other, {"figure": figure}),
    ]
    for rule, of, fields in rules:
        with pytest.raises(IntegrityError, match=rule):
            insert(of, alice, **fields)
    insert(claim, alice, figure=figure)  # what is in order goes in


def test_the_database_keeps_every_comment_and_moves_none(talk, make_claim, alice, sql):
    with pytest.raises(DatabaseError, match="Cannot delete"):
        sql("DELETE FROM verify_comment WHERE id = %s", [talk.pk])
    comment(claim=talk.claim, parent=talk, text="Yes.", by=alice, at=T0)
    with pytest.raises(IntegrityError, match="something of its own claim"):
        sql("UPDATE verify_comment SET claim_id = %s WHERE parent_id = %s", [make_claim().pk, talk.pk])
    assert Comment.objects.count() == 2


def test_the_history_of_comments_cannot_be_reworded(talk, sql):
    for statement in ("UPDATE verify_commentevent SET text = 'x'", "DELETE FROM verify_commentevent"):
        with pytest.raises(DatabaseError):
            sql(statement)
    with connection.cursor() as cursor, pytest.raises(DatabaseError):
        cursor.execute("TRUNCATE verify_commentevent CASCADE")
