"""The page of figures for editors."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from claims.statements.services import open_case
from tests.cast import T0
from verify.review.models import Task
from verify.review.services import assign_review

pytestmark = pytest.mark.django_db


def read(client: Any, query: str = "", status: int = 200) -> str:
    answer = client.get(reverse("desk-reports") + query)
    assert answer.status_code == status
    return answer.content.decode()


@pytest.mark.parametrize("who", ["alice", "dave"])
def test_figures_are_for_editors_alone(client, request, who):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("desk-reports")).status_code == 403


def test_who_is_not_signed_in_is_asked_to(client, db):
    assert client.get(reverse("desk-reports"))["Location"].startswith("/sign-in/?next=")


def test_a_new_desk_has_figures_too_and_says_what_cannot_be_said(client, bob):
    client.force_login(bob)
    html = read(client)
    assert "No review waits" in html and html.count("too few to say") == 2
    assert html.count("<svg") >= 4


def test_each_picture_has_a_title_a_description_and_a_table(client, bob, carol, researched_claim):
    assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    client.force_login(bob)
    html = read(client)
    for title in ("Claims registered, approved and published, by week", "Open claims by state and age"):
        assert html.count(f">{title}</title>") == 2  # wide and narrow
        assert f'<caption class="visually-hidden">{title}</caption>' in html
    assert html.count("<desc") == html.count('role="img"') == 6
    assert "1 wait, of these 0 are overdue." in html and "Carol" in html


def test_the_case_and_the_days_are_in_the_address(client, alice, bob, desk, make_claim):
    case = open_case(desk=desk, title="Harbour", by=alice, at=T0)
    make_claim(case=case)
    client.force_login(bob)
    html = read(client, f"?since=2025-03-03&until=2025-03-16&case={case.pk}")
    assert "2 weeks: 1 registered, 0 approved, 0 published." in html
    assert "<bdi>Harbour</bdi>" in html


@pytest.mark.parametrize(
    "query", ["?since=yesterday", "?case=nonsense", "?since=2025-03-09&until=2025-03-01"]
)
def test_what_cannot_be_read_is_said_and_the_page_stands(client, bob, query):
    client.force_login(bob)
    assert 'class="error"' in read(client, query, status=422)


@pytest.mark.parametrize(
    "query", ["?since=0001-01-01", "?until=0001-01-01", "?until=9999-12-31", "?since=9999-12-01"]
)
def test_days_at_the_ends_of_time_do_no_harm(client, bob, query):
    client.force_login(bob)
    assert client.get(reverse("desk-reports") + query).status_code in (200, 422)


def test_a_case_of_another_desk_is_not_offered_nor_taken(
    client, alice, desk, mallory, make_claim, bob, carol
):
    case = open_case(desk=desk, title="Harbour", by=alice, at=T0)
    Task.objects.create(claim=make_claim(case=case), kind="verdict", created_by=bob, created_at=T0)
    client.force_login(mallory)
    html = read(client, f"?case={case.pk}", status=422)
    assert "Harbour" not in html and "Verdict</th>" not in html
    assert "12 weeks: 0 registered" in read(client)


def test_the_pictures_are_turned_with_the_page(client, bob, make_claim):
    make_claim(at=timezone.now())
    client.force_login(bob)
    with translation.override("ar"):
        client.cookies["django_language"] = "ar"
        assert 'text-anchor="end"' in read(client)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_the_same_for_one_and_three(
    client, alice, bob, carol, desk, make_claim, django_assert_num_queries, rows
):
    for number in range(rows):
        case = open_case(desk=desk, title=f"Case {number}", by=alice, at=T0)
        claim = make_claim(case=case, at=timezone.now())
        Task.objects.create(
            claim=claim, assignee=carol, state="assigned", kind="verdict", created_by=bob, created_at=T0
        )
    client.force_login(bob)
    with django_assert_num_queries(12):
        read(client)
