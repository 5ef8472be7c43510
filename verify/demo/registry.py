"""Whom the demo knows: the people of its desk, the sources with their names, ties and grades, the documents."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from sources.catalog.affiliations import affiliate, correct_affiliation
from sources.catalog.merging import merge
from sources.catalog.models import (
    Affiliation,
    AffiliationKind,
    Document,
    Reliability,
    Source,
    SourceKind,
)
from sources.catalog.services import grade_source, register_document, register_source
from verify.accounts.models import Desk, Membership, Role, User
from verify.demo import records, story
from verify.review.scale import set_up_desk

DESK = "coast"
PEOPLE = {
    # user name: role, name shown
    "checker": (Role.CHECKER, "Rana (checker)"),
    "reviewer": (Role.CHECKER, "Jonas (reviewer)"),
    "second": (Role.CHECKER, "Lina (second reviewer)"),
    "editor": (Role.EDITOR, "Maryam (editor)"),
    "viewer": (Role.VIEWER, "Theo (viewer)"),
    "admin": (Role.ADMIN, "Samir (administrator)"),
}


@dataclass
class Cast:
    """What the story's keys stand for."""

    desk: Desk
    people: dict[str, User]
    sources: dict[str, Source]
    documents: dict[str, Document]


def logins() -> list[tuple[str, str, str]]:
    """(user name, password, role) of the demo's people; empty where the demo was not loaded from here."""
    try:
        password = json.loads(_logins_file().read_text())["password"]
    except (OSError, ValueError, KeyError):
        return []
    return [(name, password, str(role.label)) for name, (role, _) in PEOPLE.items()]


@transaction.atomic
def cast() -> tuple[Cast, bool]:
    """Everybody and everything that the story names, and whether they were made just now."""
    desk, made = Desk.objects.get_or_create(slug=DESK, defaults={"name": "Coast desk (demo)"})
    if made:
        set_up_desk(desk)
        _people(desk)
        _sources(desk)
    people = {name: User.objects.get(username=name) for name in PEOPLE}
    sources = {record.key: Source.objects.get(desk=desk, name=record.name) for record in story.SOURCES}
    documents = {
        record.key: register_document(
            desk=desk,
            url=record.url,
            outlet=sources[record.outlet],
            title=record.title if isinstance(record, records.File) else "",
            by=people["checker"],
            at=timezone.now(),
        )
        for record in (*story.DOCUMENTS, *story.FILES)
    }
    told = Cast(desk, people, sources, documents)
    if made:
        _ties(told)
        grade(told, story.GRADES)
    return told, made


def grade(cast: Cast, grades: Iterable[records.Grade]) -> None:
    """Judge sources anew; what was judged before stays."""
    for record in grades:
        grade_source(
            source=cast.sources[record.source],
            reliability=Reliability(record.reliability),
            reason=record.reason,
            by=cast.people["checker"],
            at=timezone.now(),
        )


def put_right(cast: Cast) -> None:
    """What the desk learns of its sources as it goes: a tie that ended, a source that was registered twice."""
    for ending in story.ENDINGS:
        tie = Affiliation.objects.standing().get(
            source=cast.sources[ending.source], principal=cast.sources[ending.target]
        )
        correct_affiliation(
            affiliation=tie,
            kind=AffiliationKind(tie.kind),
            principal=tie.principal,
            valid_from=tie.valid_from,
            valid_to=ending.until,
            evidence=cast.documents[ending.document],
            note=tie.note,
            by=cast.people["checker"],
            at=timezone.now(),
            why=ending.why,
        )
    for record in story.MERGES:
        merge(
            source=cast.sources[record.source],
            into=cast.sources[record.into],
            by=cast.people["editor"],
            at=timezone.now(),
            why=record.why,
        )


def _logins_file() -> Path:
    return settings.VAR_DIR / "demo-logins.json"


def _people(desk: Desk) -> None:
    # Made here, told on this machine only: no password is the same in two installations.
    password = secrets.token_urlsafe(9)
    handle = os.open(_logins_file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"password": password}, file)
    for name, (role, shown) in PEOPLE.items():
        user = User.objects.create_user(username=name, password=password, display_name=shown)
        Membership.objects.create(user=user, desk=desk, role=role)


def _sources(desk: Desk) -> None:
    checker, now = User.objects.get(username="checker"), timezone.now()
    for record in story.SOURCES:
        register_source(
            desk=desk,
            kind=SourceKind(record.kind),
            name=record.name,
            description=record.description,
            homepage=record.website,
            is_party=record.party,
            aliases=[(name, language) for language, name in record.aliases],
            secret_name="Nobody: an identity made up for the demonstration"
            if record.kind == SourceKind.PROTECTED_PERSON
            else "",
            by=checker,
            at=now,
        )


def _ties(cast: Cast) -> None:
    for tie in story.AFFILIATIONS:
        affiliate(
            source=cast.sources[tie.source],
            kind=AffiliationKind(tie.kind),
            principal=cast.sources[tie.target],
            valid_from=tie.since,
            valid_to=tie.until,
            evidence=cast.documents[tie.document] if tie.document else None,
            note=tie.reason,
            by=cast.people["checker"],
            at=timezone.now(),
        )
