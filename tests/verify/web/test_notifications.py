"""The bell, the list, the way to what a notification is about, and how a person wants to be told."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import T0
from verify.accounts.models import Membership, Role, User
from verify.notify.mail import MAX_ATTEMPTS
from verify.notify.models import Digest, Kind, Mail, Notification
from verify.notify.preferences import choices_of
from verify.notify.services import notify
from verify.review.comments import comment, remove_comment
from verify.review.content import content_digest
from verify.review.models import Task
from verify.review.services import assign_review, submit_review
from verify.web.context import Bell

pytestmark = pytest.mark.django_db

LIST = "/desk/notifications/"
COUNT = "/desk/notifications/count/"
SETTINGS = "/desk/notifications/settings/"


@pytest.fixture
def tell(desk: Any) -> Any:
    def tell(*to: Any, key: str = "k", **fields: Any) -> Any:
        notify(**({"to": to, "kind": Kind.ASSIGNED, "desk": desk, "key": key, "at": T0} | fields))
        return Notification.objects.get(recipient=to[0], key=key)

    return tell


@pytest.fixture
def page(client: Any, carol: User) -> Any:
    """`page(url)`: what Carol sees there."""
    client.force_login(carol)
    return lambda url=LIST: client.get(url).content.decode()


@pytest.mark.parametrize("url", [LIST, SETTINGS, COUNT])
def test_pages_ask_to_sign_in(client, db, url):
    assert client.get(url)["Location"].startswith("/sign-in/?next=")


def test_list_that_is_empty_says_what_comes_here(page):
    assert "No notifications" in page() and "a review is asked of you" in page()


def test_list_shows_unread_first_then_the_newest(page, tell, client, carol):
    for number, at in enumerate([T0, T0 + timedelta(hours=1), T0 + timedelta(hours=2)]):
        tell(carol, key=str(number), at=at)
    Notification.objects.filter(key="2").update(read_at=T0)
    page()
    assert [row.key for row in client.get(LIST).context["page"]] == ["1", "0", "2"]


def test_filters_of_the_list_are_in_its_address(page, tell, client, carol):
    tell(carol, key="1")
    tell(carol, key="2", kind=Kind.MENTION)
    Notification.objects.filter(key="1").update(read_at=T0)
    page()
    for query, keys in ("unread=1", ["2"]), ("kind=assigned", ["1"]), ("kind=assigned&unread=1", []):
        assert [row.key for row in client.get(f"{LIST}?{query}").context["page"]] == keys


@pytest.mark.parametrize("query", ["kind=%00", "kind=none", "unread=9", "page=0", "page=x"])
def test_nonsense_in_the_address_is_no_error(page, client, tell, carol, query):
    tell(carol)
    page()
    assert client.get(f"{LIST}?{query}").status_code == 200


def test_list_is_paged(page, tell, client, carol):
    for number in range(27):
        tell(carol, key=str(number))
    page()
    assert len(client.get(LIST).context["page"]) == 25
    assert len(client.get(f"{LIST}?page=2").context["page"]) == 2


def test_list_has_nothing_of_others_and_of_other_desks(
    page, tell, carol, alice, mallory, other_desk, researched_claim
):
    tell(alice, claim=researched_claim)
    Membership.objects.create(user=carol, desk=other_desk, role=Role.VIEWER)
    tell(carol, key="far", desk=other_desk)
    html = page()
    assert "About 745 dead" not in html and "No notifications" in html
    assert "Unread at your other desks" in html and "Elsewhere desk" in html


def test_who_left_the_desk_reads_nothing_of_it(client, tell, carol, other_desk, researched_claim):
    one = tell(carol, claim=researched_claim)
    Membership.objects.filter(user=carol).delete()
    Membership.objects.create(user=carol, desk=other_desk, role=Role.EDITOR)
    client.force_login(carol)
    assert "About 745 dead" not in client.get(LIST).content.decode()
    assert client.get(f"{LIST}{one.pk}/").status_code == 404


def test_opening_one_marks_it_and_goes_to_what_it_is_about(page, client, tell, carol, bob, researched_claim):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    one = tell(carol, key="mine", claim=researched_claim, task=task)
    page()
    assert client.get(f"{LIST}{one.pk}/")["Location"] == reverse("task", args=[task.pk])
    one.refresh_from_db()
    assert one.read_at


def test_one_of_another_person_is_not_found_and_stays_unread(client, tell, carol, bob, mallory):
    one = tell(carol)
    for other in bob, mallory:
        client.force_login(other)
        assert client.get(f"{LIST}{one.pk}/").status_code == 404
        assert client.post(f"{LIST}{one.pk}/").status_code == 404
    one.refresh_from_db()
    assert one.read_at is None


def test_one_can_be_marked_without_leaving_the_list(page, client, tell, carol):
    one = tell(carol)
    page()
    assert client.post(f"{LIST}{one.pk}/?unread=1")["Location"] == f"{LIST}?unread=1"
    one.refresh_from_db()
    assert one.read_at


def test_marking_all_leaves_what_came_while_the_page_was_read(page, client, tell, carol, desk):
    tell(carol, key="1", at=timezone.now())
    up_to = re.search(r'name="up_to" value="([^"]+)"', page())[1]
    tell(carol, key="2", at=timezone.now())
    client.post(LIST, {"up_to": up_to})
    assert list(Notification.objects.filter(read_at=None).values_list("key", flat=True)) == ["2"]


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_as_much_for_three_as_for_one(
    rows, client, tell, carol, bob, researched_claim, django_assert_num_queries
):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    Notification.objects.all().delete()
    said = comment(claim=researched_claim, text="Look.", by=bob, at=T0)
    for number in range(rows):
        tell(carol, key=str(number), claim=researched_claim, task=task, comment=said, actor=bob)
    client.force_login(carol)
    with django_assert_num_queries(7):
        client.get(LIST)


# --- the sentences --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("known", [True, False])
def test_every_kind_has_a_sentence_and_a_way(kind, known, page, client, tell, carol, bob, researched_claim):
    if kind == Kind.WEBHOOK:  # told to whoever keeps webhooks: editors and above
        Membership.objects.filter(user=carol).update(role=Role.EDITOR)
    facts = {"claim": researched_claim, "actor": bob} if known else {}
    one = tell(carol, kind=kind, **facts)
    html = page()
    assert "%(" not in html and 'class="meta"' in html
    assert client.get(client.get(f"{LIST}{one.pk}/")["Location"]).status_code == 200


@pytest.mark.parametrize("kind", [Kind.APPROVED, Kind.RETURNED, Kind.CONFLICT, Kind.VOID])
def test_nothing_tells_how_it_was_judged_while_an_opinion_is_owed(
    kind, page, tell, carol, bob, alice, desk, researched_claim
):
    first = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    Notification.objects.all().delete()
    tell(alice, kind=kind, claim=researched_claim, actor=carol)
    words = r"approved|came back|disagree|void"
    assert _as(alice) and not re.search(words, _as(alice))
    assert not _as(alice, f"{LIST}?kind={kind}")  # nor does the filter
    Task.objects.filter(pk=first.pk).update(state="done")
    assert re.search(words, _as(alice)) and _as(alice, f"{LIST}?kind={kind}")


@pytest.mark.parametrize("kind", [Kind.APPROVED, Kind.RETURNED, Kind.CONFLICT])
def test_nobody_is_named_for_how_a_claim_was_judged(kind, tell, carol, alice, researched_claim):
    User.objects.filter(pk=carol.pk).update(display_name="CANARY")
    carol.refresh_from_db()
    tell(alice, kind=kind, claim=researched_claim, actor=carol)
    assert "CANARY" not in _as(alice)


@pytest.mark.parametrize("kind", [Kind.MENTION, Kind.REPLY])
def test_words_of_a_comment_are_never_repeated_nor_who_took_it_back(kind, tell, bob, carol, researched_claim):
    said = comment(claim=researched_claim, text="CANARY", by=bob, at=T0)
    tell(carol, kind=kind, claim=researched_claim, comment=said, actor=bob)
    assert "Bob" in _as(carol) and "CANARY" not in _as(carol)
    remove_comment(comment=said, by=bob, at=T0)
    assert "taken back" in _as(carol) and "Bob" not in _as(carol)


def test_a_name_with_marks_is_shown_as_it_is(tell, carol, bob, researched_claim):
    User.objects.filter(pk=bob.pk).update(display_name="<b>100%</b> %(x)s")
    tell(carol, claim=researched_claim, actor=User.objects.get(pk=bob.pk))
    assert "&lt;b&gt;100%&lt;/b&gt; %(x)s" in _as(carol)


def test_the_real_review_tells_in_words_that_fit(client, alice, bob, carol, researched_claim):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    assert "asks you for a review" in _as(carol)
    submit_review(
        task=task,
        opinion="approve",
        reason="CANARY",
        content_digest_seen=content_digest(researched_claim),
        by=carol,
        at=T0 + timedelta(hours=1),
    )
    assert "The claim is approved." in _as(alice) and "CANARY" not in _as(alice)


# --- the bell -------------------------------------------------------------------------------------------------------


def test_bell_and_title_say_how_much_is_unread(page, tell, carol):
    assert "<title>Inbox" in page("/desk/inbox/")
    tell(carol)
    html = page("/desk/inbox/")
    assert "<title>(1) Inbox" in html and 'data-count="1"' in html


def test_bell_costs_no_query_of_its_own(client, carol, tell, django_assert_num_queries):
    client.force_login(carol)
    for _time in range(2):
        with django_assert_num_queries(5):  # session, person, memberships, all that is counted, the scale
            client.get("/desk/help/")
        tell(carol)


def test_bell_counts_nothing_of_others(page, tell, alice, carol, mallory, other_desk):
    tell(alice)
    tell(mallory, key="far", desk=other_desk)
    assert 'data-count="0"' in page("/desk/inbox/")


def test_count_says_nothing_while_nothing_changed(client, tell, carol, desk, django_assert_num_queries):
    tell(carol)
    client.force_login(carol)
    known = re.search(r"known=([\d.]+)", client.get(COUNT).content.decode())[1]
    with django_assert_num_queries(4):
        answer = client.get(COUNT, {"known": known})
    assert (answer.status_code, answer.content, answer["Cache-Control"]) == (204, b"", "no-store")


def test_count_tells_what_came_aloud_and_what_was_read_silently(client, tell, carol, desk):
    client.force_login(carol)
    tell(carol)
    html = client.get(COUNT, {"known": Bell().state}).content.decode()
    assert 'hx-swap-oob="innerHTML"' in html and "1 unread notification." in html
    known = re.search(r"known=([\d.]+)", html)[1]
    Notification.objects.update(read_at=T0)
    html = client.get(COUNT, {"known": known}).content.decode()
    assert 'data-count="0"' in html and "unread notification" not in html


@pytest.mark.parametrize("known", ["", "x", "1", "1.9" + "9" * 40, "\0", "-1.-5", "1.٣", "٣.5"])
def test_count_takes_any_nonsense_for_news(client, tell, carol, known):
    tell(carol)
    client.force_login(carol)
    assert client.get(COUNT, {"known": known}).status_code == 200


def test_count_does_not_take_the_page_away_when_the_session_ran_out(client, db):
    answer = client.get(COUNT, headers={"HX-Request": "true"})
    assert answer.status_code == 204 and "HX-Redirect" not in answer.headers


# --- how a person wants to be told ----------------------------------------------------------------------------------


def given(**changes: str) -> dict[str, str]:
    return {kind.value: "digest" for kind in Kind} | {"hour": "9"} | changes


def test_settings_are_kept_and_shown(page, client, carol):
    page()
    assert client.post(SETTINGS, given(reply="never"))["Location"] == SETTINGS
    assert choices_of(carol)[Kind.REPLY] == Mail.NEVER and Digest.objects.get().hour == 9
    assert re.search(r'value="9" selected', page(SETTINGS))


def test_no_mail_at_all_is_one_switch_and_keeps_the_choices(page, client, carol):
    page()
    client.post(SETTINGS, given(reply="immediate", silent="on"))
    assert Digest.objects.get().silent and choices_of(carol)[Kind.REPLY] == Mail.IMMEDIATE


@pytest.mark.parametrize("wrong", [{"hour": "24"}, {"hour": "x"}, {"reply": "sometimes"}, {"reply": "\0"}])
def test_settings_that_are_none_are_refused(page, client, wrong):
    page()
    assert client.post(SETTINGS, given(**wrong)).status_code == 422
    assert not Digest.objects.exists()


def test_settings_say_when_there_is_no_address(page, carol):
    assert "nothing is sent" in page(SETTINGS)
    User.objects.filter(pk=carol.pk).update(email="carol@people.example")
    assert "nothing is sent" not in page(SETTINGS) and "carol@people.example" in page(SETTINGS)


def test_mail_that_was_given_up_is_said_in_the_list(page, tell, carol):
    tell(carol)
    assert "could not be sent" not in page()
    Notification.objects.update(mail_attempts=MAX_ATTEMPTS)
    assert "could not be sent" in page()


def _as(person: User, url: str = LIST) -> str:
    """The rows that the person sees."""
    from django.test import Client

    client = Client()
    client.force_login(person)
    html = client.get(url).content.decode()
    return "".join(re.findall(r'<ul class="rows.*?</ul>', html, re.S))
