"""How a desk judges: scale, checklist and due times; what was judged keeps what it was judged with."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tests.cast import at_once, make_desk, make_person
from verify.accounts.models import Desk, Role
from verify.publish.claimreview import claim_review
from verify.review import scale
from verify.review.content import content_digest, content_of
from verify.review.models import ChecklistAnswer, ChecklistItem, DueTime, Rating, Review, Verdict

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def erin(desk: Any) -> Any:
    """The administrator."""
    return make_person("erin", desk, Role.ADMIN)


@pytest.fixture
def act(erin: Any) -> dict[str, Any]:
    return {"by": erin, "at": NOW}


@pytest.fixture
def item(desk: Any, act: Any) -> ChecklistItem:
    return scale.add_item(desk=desk, text="Is it so?", text_ar="هل هو كذلك؟", **act)


def standing(desk: Any) -> list[tuple[str, int]]:
    return list(
        Rating.objects.filter(desk=desk, retired=False).order_by("-value").values_list("code", "value")
    )


def answer(item: ChecklistItem, claim: Any) -> None:
    ChecklistAnswer.objects.create(review=Review.objects.get(claim=claim), item=item, answer="yes")


@pytest.mark.parametrize("who", ["dave", "alice", "bob", "mallory"])
def test_only_an_administrator_of_the_desk_changes_how_it_judges(request, desk, item, who):
    by = {"by": request.getfixturevalue(who), "at": NOW}
    rating = desk.ratings.get(code="disputed")
    for attempt in (
        lambda: scale.add_rating(desk=desk, label="New", **by),
        lambda: scale.change_rating(rating=rating, label="New", **by),
        lambda: scale.move_rating(rating=rating, up=True, **by),
        lambda: scale.retire_rating(rating=rating, **by),
        lambda: scale.restore_rating(rating=rating, **by),
        lambda: scale.add_item(desk=desk, text="New", **by),
        lambda: scale.change_item(item=item, text="New", **by),
        lambda: scale.move_item(item=item, up=True, **by),
        lambda: scale.retire_item(item=item, **by),
        lambda: scale.set_due_time(desk=desk, kind="verdict", hours=1, **by),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


def test_a_step_is_added_on_top_or_below_another(desk, act):
    scale.add_rating(desk=desk, label="Beyond doubt", **act)
    scale.add_rating(desk=desk, label="Mostly true", below=desk.ratings.get(code="confirmed"), **act)
    codes = [code for code, _value in standing(desk)]
    assert codes[:4] == ["beyond-doubt", "confirmed", "mostly-true", "partly-confirmed"]
    assert [value for _code, value in standing(desk)] == [8, 7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"label": "صحيح"}, "code"),
        ({"label": ""}, "code"),
        ({"label": "New", "code": "a b"}, "code"),
        ({"label": "New", "code": "confirmed"}, "__all__"),
        ({"label": "CONFIRMED", "code": "other"}, "label"),
        ({"label": "n" * 61}, "label"),
    ],
)
def test_a_step_that_may_not_be_is_refused(desk, act, given, field):
    before = standing(desk)
    with pytest.raises(ValidationError) as refusal:
        scale.add_rating(desk=desk, **given, **act)
    assert field in refusal.value.error_dict and standing(desk) == before


def test_a_step_of_another_desk_is_no_place(desk, other_desk, act):
    with pytest.raises(ValidationError, match="step that stands"):
        scale.add_rating(desk=desk, label="New", below=other_desk.ratings.first(), **act)


def test_moving_changes_places_and_nothing_else(desk, act):
    before = standing(desk)
    scale.move_rating(rating=desk.ratings.get(code="disputed"), up=True, **act)
    after = standing(desk)
    assert after[1:3] == [("disputed", 5), ("partly-confirmed", 4)]
    assert after[0] == before[0] and after[3:] == before[3:]
    scale.move_rating(rating=desk.ratings.get(code="confirmed"), up=True, **act)  # it is the best already
    assert standing(desk) == after


def test_a_scale_keeps_two_steps(desk, act):
    ratings = list(desk.ratings.all())
    for rating in ratings[:4]:
        scale.retire_rating(rating=rating, **act)
    with pytest.raises(ValidationError, match="at least two"):
        scale.retire_rating(rating=ratings[4], **act)
    assert len(standing(desk)) == 2


@pytest.mark.django_db(transaction=True)
def test_of_those_who_retire_at_once_two_steps_stay():
    desk = make_desk("coast")
    erin = make_person("erin", desk, Role.ADMIN)
    at_once(
        *[lambda r=r: scale.retire_rating(rating=r, by=erin, at=NOW) for r in desk.ratings.all()],
    )
    assert len(standing(desk)) == 2


@pytest.mark.django_db(transaction=True)
def test_steps_that_are_added_at_once_never_share_a_number():
    desk = make_desk("coast")
    erin = make_person("erin", desk, Role.ADMIN)
    below = desk.ratings.get(code="disputed")
    at_once(
        *[
            lambda n=n: scale.add_rating(desk=desk, label=f"New {n}", below=below, by=erin, at=NOW)
            for n in range(4)
        ]
    )
    values = [value for _code, value in standing(desk)]
    assert sorted(values) == list(range(1, 11))


def test_a_retired_step_comes_back_without_sharing_a_number(desk, act):
    rating = desk.ratings.get(code="confirmed")
    scale.retire_rating(rating=rating, **act)
    scale.add_rating(desk=desk, label="Proven", **act)  # takes the best number
    scale.restore_rating(rating=rating, **act)
    values = [value for _code, value in standing(desk)]
    assert len(values) == len(set(values)) == 7


def test_a_verdict_keeps_its_retired_step_and_its_numbers_make_sense(published_claim, desk, act):
    rating = desk.ratings.get(code="partly-confirmed")
    scale.retire_rating(rating=rating, **act)
    scale.retire_rating(rating=desk.ratings.get(code="confirmed"), **act)
    verdict = content_of(published_claim)["verdict"]
    assert Verdict.objects.get().rating == rating and verdict["code"] == "partly-confirmed"
    assert (verdict["value"], verdict["best"], verdict["worst"]) == (5, 5, 1)
    snapshot = {"claim": content_of(published_claim), "published_at": "2025-03-09", "desk": {"name": "Coast"}}
    rated = claim_review(snapshot, url="http://x.example/", publisher_url="http://x.example/")["reviewRating"]
    assert int(rated["worstRating"]) <= int(rated["ratingValue"]) <= int(rated["bestRating"])


def test_a_new_name_voids_the_approval_of_the_old_one_and_keeps_the_code(approved_claim, desk, act):
    rating, before = desk.ratings.get(code="partly-confirmed"), content_digest(approved_claim)
    assert scale.approved_with_scale(desk) == 1
    scale.change_rating(rating=rating, label="Half true", **act)
    rating.refresh_from_db()
    assert (rating.code, rating.label) == ("partly-confirmed", "Half true")
    assert content_digest(approved_claim) != before


def test_the_same_words_again_change_nothing(desk, act, item):
    events = (Rating.pgh_event_model.objects.count(), ChecklistItem.pgh_event_model.objects.count())
    rating = desk.ratings.get(code="disputed")
    scale.change_rating(rating=rating, label=rating.label, label_ar=rating.label_ar, **act)
    assert scale.change_item(item=item, text=item.text, text_ar=item.text_ar, **act) == item
    assert (Rating.pgh_event_model.objects.count(), ChecklistItem.pgh_event_model.objects.count()) == events


def test_a_question_is_reworded_while_nobody_has_answered_it(item, act):
    changed = scale.change_item(item=item, text="Is it really so?", kind="sign-off", **act)
    assert changed.pk == item.pk and (changed.text, changed.kind) == ("Is it really so?", "sign-off")


def test_a_question_that_was_answered_is_retired_and_asked_anew_in_its_place(approved_claim, item, act):
    answer(item, approved_claim)
    changed = scale.change_item(item=item, text="Is it really so?", **act)
    item.refresh_from_db()
    assert changed.pk != item.pk and changed.position == item.position and changed.retired_at is None
    assert item.text == "Is it so?" and item.retired_at == NOW
    assert ChecklistAnswer.objects.get().item == item


def test_a_question_is_not_answered_while_it_is_reworded(approved_claim, item, act):
    scale.retire_item(item=item, **act)
    for attempt in (
        lambda: scale.change_item(item=item, text="New", **act),
        lambda: scale.retire_item(item=item, **act),
        lambda: scale.move_item(item=item, up=True, **act),
    ):
        with pytest.raises(ValidationError, match="not asked any more"):
            attempt()


def test_questions_change_places(desk, act, item):
    second, third = (scale.add_item(desk=desk, text=text, **act) for text in ("Two?", "Three?"))
    scale.move_item(item=third, up=True, **act)
    scale.move_item(item=item, up=False, **act)
    asked = list(desk.checklist.filter(retired_at=None).values_list("text", flat=True))
    assert asked == ["Three?", "Is it so?", "Two?"] and second.desk == desk


@pytest.mark.parametrize("given", [{"text": ""}, {"text": "t" * 201}, {"text": "Why?", "kind": "other"}])
def test_a_question_that_may_not_be_is_refused(desk, act, given):
    with pytest.raises(ValidationError):
        scale.add_item(desk=desk, **given, **act)
    assert not desk.checklist.exists()


def test_a_due_time_is_set_changed_and_taken_away(desk, act):
    for hours in (24, 8, 8):
        scale.set_due_time(desk=desk, kind="verdict", hours=hours, **act)
        assert desk.due_times.get().hours == hours
    scale.set_due_time(desk=desk, kind="verdict", hours=None, **act)
    scale.set_due_time(desk=desk, kind="verdict", hours=None, **act)
    assert not desk.due_times.exists()
    assert [e.pgh_label for e in DueTime.pgh_event_model.objects.order_by("pgh_id")] == [
        "insert",
        "update",
        "delete",
    ]


@pytest.mark.parametrize("hours", [0, -1, 24 * 365 + 1, 10**9])
def test_a_due_time_that_is_none_is_refused(desk, act, hours):
    with pytest.raises(ValidationError):
        scale.set_due_time(desk=desk, kind="verdict", hours=hours, **act)


def test_a_new_desk_has_all_that_it_needs(db):
    desk = Desk.objects.create(slug="new", name="New")
    scale.set_up_desk(desk)
    assert len(standing(desk)) == 6 and desk.due_times.count() == 6
    items = desk.checklist.all()
    assert len(items) == len(scale.DEFAULT_CHECKLIST) and all(item.text_ar for item in items)
    for row in (*items, *desk.due_times.all()):
        row.full_clean()
