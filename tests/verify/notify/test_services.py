"""Telling people: whom, once, in the transaction of what is told; reading; how they want to be told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from tests.cast import T0, at_once, make_person
from verify.accounts.models import Membership, Role, User
from verify.notify.models import Digest, Kind, Mail, Notification, Preference
from verify.notify.preferences import DEFAULTS, choices_of, choose
from verify.notify.services import editors_of, mark_read, unread_count

pytestmark = pytest.mark.django_db


def test_each_person_is_told_once_of_one_event(tell, alice, carol):
    assert tell(alice, carol) == 2
    assert tell(alice, carol, carol) == 0
    assert Notification.objects.count() == 2


def test_one_more_person_is_told_of_a_known_event(tell, alice, carol):
    tell(alice)
    assert tell(alice, carol) == 1


def test_nobody_is_told_of_what_they_did_themselves(tell, alice, carol):
    assert tell(alice, carol, actor=alice) == 1
    assert Notification.objects.get().recipient == carol


def test_nobody_is_told_of_a_desk_that_is_not_theirs(tell, mallory):
    assert tell(mallory) == 0


def test_who_was_switched_off_is_told_nothing(tell, carol):
    User.objects.filter(pk=carol.pk).update(is_active=False)
    assert tell(carol) == 0


def test_what_is_rolled_back_is_told_to_nobody(tell, alice):
    with transaction.atomic():
        tell(alice)
        transaction.set_rollback(True)
    assert not Notification.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_tell_a_person_once(tell, alice, bob, carol):
    told = at_once(*[lambda: tell(alice, bob, carol)] * 4)
    assert sorted(told) == [0, 0, 0, 3] and Notification.objects.count() == 3


def test_many_people_cost_as_many_queries_as_one(tell, desk, alice, django_assert_num_queries):
    people = [make_person(f"p{number}", desk, Role.VIEWER) for number in range(7)]
    for number, to in enumerate([people[:1], people]):
        with django_assert_num_queries(5):
            tell(*to, key=f"k{number}")


def test_editors_of_a_desk_are_its_editors_and_administrators(desk, alice, bob, mallory):
    anna = make_person("anna", desk, Role.ADMIN)
    assert set(editors_of(desk)) == {bob, anna}


def test_mail_is_what_the_person_wanted_when_it_was_told(tell, carol):
    tell(carol, key="1")
    choose(user=carol, choices={Kind.ASSIGNED: Mail.DIGEST}, hour=7, silent=False)
    tell(carol, key="2")
    assert list(Notification.objects.order_by("key").values_list("mail", flat=True)) == [
        Mail.IMMEDIATE,
        Mail.DIGEST,
    ]


def test_who_wants_no_mail_at_all_is_told_without_one(tell, carol):
    choose(user=carol, choices={Kind.ASSIGNED: Mail.IMMEDIATE}, hour=7, silent=True)
    tell(carol)
    assert Notification.objects.get().mail == Mail.NEVER


def test_one_persons_choice_is_nobody_elses(carol, alice):
    choose(user=carol, choices={Kind.REPLY: Mail.NEVER}, hour=7, silent=False)
    assert choices_of(carol)[Kind.REPLY] == Mail.NEVER
    assert choices_of(alice) == DEFAULTS


def test_choosing_again_replaces_the_choice(carol):
    for mail, hour in (Mail.NEVER, 7), (Mail.IMMEDIATE, 23):
        choose(user=carol, choices={Kind.REPLY: mail}, hour=hour, silent=False)
    assert Preference.objects.get().mail == Mail.IMMEDIATE and Digest.objects.get().hour == 23


def test_every_kind_has_a_default():
    assert set(DEFAULTS) == set(Kind)


def test_reading_one_leaves_the_others(tell, desk, carol):
    tell(carol, key="1")
    tell(carol, key="2")
    assert mark_read(by=carol, at=T0, notification=Notification.objects.get(key="1")) == 1
    assert unread_count(carol, desk) == 1


def test_reading_again_keeps_the_first_time(tell, carol):
    tell(carol)
    one = Notification.objects.get()
    mark_read(by=carol, at=T0, notification=one)
    assert mark_read(by=carol, at=T0 + timedelta(days=1), notification=one) == 0
    one.refresh_from_db()
    assert one.read_at == T0


def test_nobody_reads_what_was_told_to_another(tell, carol, alice, desk):
    tell(carol)
    assert mark_read(by=alice, at=T0, notification=Notification.objects.get()) == 0
    assert mark_read(by=alice, at=T0, desk=desk) == 0


def test_reading_all_leaves_what_came_later_and_other_desks(tell, desk, other_desk, carol):
    Membership.objects.create(user=carol, desk=other_desk, role=Role.VIEWER)
    tell(carol, key="1")
    tell(carol, key="2", at=T0 + timedelta(minutes=2))
    tell(carol, key="3", desk=other_desk)
    assert mark_read(by=carol, at=T0 + timedelta(hours=1), desk=desk, up_to=T0 + timedelta(minutes=1)) == 1
    assert (unread_count(carol, desk), unread_count(carol, other_desk)) == (1, 1)


def test_who_left_the_desk_sees_nothing_of_it_any_more(tell, desk, carol):
    tell(carol)
    Membership.objects.filter(user=carol).delete()
    assert not Notification.objects.visible_to(carol).exists() and unread_count(carol, desk) == 0
