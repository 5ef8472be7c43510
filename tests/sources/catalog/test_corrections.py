"""Correcting a source, its names and whose it is: with a reason, on record, and never against the protection."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from sources.catalog import names
from sources.catalog.affiliations import affiliate, circles, correct_affiliation, withdraw_affiliation
from sources.catalog.history import changes
from sources.catalog.models import Affiliation, Alias, Source, SourceKind
from sources.catalog.services import add_alias, correct_source, remove_alias
from tests.cast import T0

pytestmark = pytest.mark.django_db


def correct(source: Any, by: Any, **fields: Any) -> Source:
    said = ("kind", "name", "description", "homepage", "is_party")
    given = {name: getattr(source, name) for name in said} | {"why": "It was wrong.", "at": T0} | fields
    return correct_source(source=source, by=by, **given)


def because(why: str, source: Any) -> Any:
    """The change of that reason."""
    (found,) = (change for change in changes(source) if change.why == why)
    return found


def test_correction_is_in_the_history_with_its_reason(make_source, alice, carol):
    source = make_source("Sana", kind=SourceKind.OUTLET)
    correct(source, carol, name="سانا", kind="agency", is_party=True, why="It is the agency.")
    source.refresh_from_db()
    assert (source.name, source.kind, source.is_party, source.key) == (
        "سانا",
        "agency",
        True,
        names.key("Sana"),
    )
    newest, oldest = changes(source)
    assert (newest.by, newest.why, oldest.by) == (carol, "It is the agency.", alice)
    assert [(d.before, d.after) for d in newest.differences] == [
        ("Outlet", "News agency"), ("Sana", "سانا"), ("no", "yes"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [{"name": ""}, {"why": " "}, {"kind": "nonsense"}, {"homepage": "x y"}, {"kind": "protected-person"}],
)
def test_correction_that_cannot_be_changes_nothing(make_source, alice, fields):
    source = make_source("Sana")
    with pytest.raises(ValidationError) as refused:
        correct(source, alice, **fields)
    assert list(refused.value.message_dict) == list(fields)
    assert len(changes(source)) == 1


def test_correction_is_for_checkers_of_the_desk(make_source, dave, mallory):
    source = make_source("Sana")
    for person in (dave, mallory):
        with pytest.raises(PermissionDenied):
            correct(source, person, name="X")


@pytest.mark.parametrize(("was", "becomes"), [("protected-person", "person"), ("person", "protected-person")])
def test_database_lets_nobody_become_or_cease_to_be_protected(make_source, was, becomes):
    source = make_source("N.", kind=SourceKind(was))
    with pytest.raises(DatabaseError), transaction.atomic():
        Source.objects.filter(pk=source.pk).update(kind=becomes)


def test_history_cannot_be_rewritten(make_source, alice):
    source = make_source("Sana")
    for attack in (
        lambda: Source.pgh_event_model.objects.update(name="Other"),
        lambda: Source.pgh_event_model.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attack()
    assert [change.what for change in changes(source)] == ["registered"]


def test_name_is_taken_back_and_its_history_stays(make_source, alice, carol):
    source = make_source("Sana")
    alias = add_alias(source=source, name="صنعاء", by=alice, at=T0)
    with pytest.raises(ValidationError):
        remove_alias(alias=alias, by=carol, at=T0, why="")
    remove_alias(alias=alias, by=carol, at=T0, why="That is the city.")
    assert not source.aliases.exists() and not Source.objects.matching("صنعاء Sanaa city")
    newest = because("That is the city.", source)
    assert (newest.by, newest.why) == (carol, "That is the city.") and "صنعاء" in newest.what
    with pytest.raises(ValidationError):
        remove_alias(alias=alias, by=carol, at=T0, why="Twice.")


def test_no_writer_leaves_a_name_without_its_key(make_source, alice):
    source = make_source("Sana", aliases=[("سانا", "ar"), ("!!", "")])
    add_alias(source=source, name="САНА", by=alice, at=T0)
    correct(source, alice, name="Syrian Arab News Agency")
    for model in (Source, Alias):
        assert all(row.key == names.key(row.name) != "" for row in model.objects.all())


# --- affiliations ---------------------------------------------------------------------------------------------------


@pytest.fixture
def tie(make_source: Any, alice: Any) -> Affiliation:
    agency, ministry = make_source("Agency"), make_source("Ministry")
    return affiliate(
        source=agency, kind="owned-by", principal=ministry, by=alice, at=T0, valid_from=date(2020, 1, 1)
    )


def test_affiliation_is_ended_and_its_history_says_so(tie, carol):
    fields = {"kind": tie.kind, "principal": tie.principal, "valid_from": tie.valid_from}
    correct_affiliation(
        affiliation=tie, **fields, valid_to=date(2024, 12, 8), by=carol, at=T0, why="The government fell."
    )
    tie.refresh_from_db()
    newest = because("The government fell.", tie.source)
    assert tie.valid_to == date(2024, 12, 8)
    assert (newest.by, newest.why, newest.differences[0].after) == (
        carol,
        "The government fell.",
        "2024-12-08",
    )


def test_affiliation_is_withdrawn_once_and_never_deleted(tie, carol):
    withdraw_affiliation(affiliation=tie, by=carol, at=T0, why="A mistake.")
    assert not Affiliation.objects.standing() and Affiliation.objects.get().withdrawn_because == "A mistake."
    with pytest.raises(ValidationError):
        withdraw_affiliation(affiliation=tie, by=carol, at=T0, why="Again.")
    with pytest.raises(ValidationError):
        correct_affiliation(
            affiliation=tie, kind="part-of", principal=tie.principal, by=carol, at=T0, why="Again."
        )


def test_affiliation_of_the_same_days_is_refused_and_another_time_is_not(tie, alice):
    same = {"source": tie.source, "kind": "owned-by", "principal": tie.principal, "by": alice, "at": T0}
    with pytest.raises(ValidationError):
        affiliate(**same, valid_from=date(2023, 1, 1))
    affiliate(**same, valid_from=date(2010, 1, 1), valid_to=date(2019, 12, 31))


def test_affiliation_of_another_desk_is_not_touched(tie, mallory, dave):
    for person in (mallory, dave):
        with pytest.raises(PermissionDenied):
            withdraw_affiliation(affiliation=tie, by=person, at=T0, why="Mine.")


def test_circle_of_owners_is_shown_when_it_is_of_one_day(tie, make_source, alice):
    agency, ministry, fund = tie.source, tie.principal, make_source("Fund")
    affiliate(source=ministry, kind="part-of", principal=fund, by=alice, at=T0)
    last = affiliate(
        source=fund, kind="owned-by", principal=agency, by=alice, at=T0, valid_to=date(2019, 1, 1)
    )
    rows = Affiliation.objects.select_related("source", "principal")
    assert circles(rows.all(), agency) == []
    correct_affiliation(
        affiliation=last, kind="owned-by", principal=agency, by=alice, at=T0, why="Until today."
    )
    for start in (agency, ministry, fund):
        assert [len(circle) for circle in circles(rows.all(), start)] == [3]


def test_migration_fills_the_keys_of_names_that_were_there_and_no_history(make_source, tamper):
    make_source("Sana", aliases=[("سانا", "ar")])
    for table in ("sources_source", "sources_alias"):
        tamper(f"UPDATE {table} SET key = ''")
    written = [model.pgh_event_model.objects.count() for model in (Source, Alias)]
    import_module("sources.migrations.0008_names_are_searched_by_key").fill_keys(apps, None)
    assert all(
        row.key == names.key(row.name) != "" for model in (Source, Alias) for row in model.objects.all()
    )
    assert [model.pgh_event_model.objects.count() for model in (Source, Alias)] == written
