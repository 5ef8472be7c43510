"""The cast of every test: one desk with its people, another desk with somebody who must be refused, and factories.

Everything is made through the services, so that what tests see is what the product makes.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone

from claims.attribution.services import anchor_quote, attribute_claim, link_evidence
from claims.statements.services import open_case, register_claim
from sources.archive.services import receive_upload
from sources.catalog.models import SourceKind
from sources.catalog.services import register_document, register_source
from verify.accounts.models import Desk, Membership, Role, User
from verify.publish.services import publish
from verify.review.content import content_digest
from verify.review.services import assign_review, give_default_scale, propose_verdict, submit_review

T0 = datetime(2025, 3, 9, 10, 0, tzinfo=UTC)
PASSWORD = "correct-horse-battery"
ARTICLE = (
    "The monitoring group said that around 745 civilians were killed in 30 massacres.\n\n"
    "“We cannot confirm this figure,” a spokesperson of the ministry said on Sunday."
)


def make_person(name: str, desk: Desk, role: Role) -> User:
    user = User.objects.create_user(username=name, password=PASSWORD, display_name=name.capitalize())
    Membership.objects.create(user=user, desk=desk, role=role)
    return user


def make_desk(slug: str) -> Desk:
    desk = Desk.objects.create(slug=slug, name=slug.capitalize() + " desk")
    give_default_scale(desk)
    return desk


def at_once(*acts: Any) -> list[Any]:
    """Run the acts in threads of their own that start together; what each returned, or the refusal it met."""
    barrier = Barrier(len(acts))

    def run(act: Any) -> Any:
        try:
            barrier.wait(30)
            return act()
        except (ValidationError, PermissionDenied) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk("coast")


@pytest.fixture
def other_desk(db: None) -> Desk:
    return make_desk("elsewhere")


@pytest.fixture
def alice(desk: Desk) -> User:
    """A checker: she writes."""
    return make_person("alice", desk, Role.CHECKER)


@pytest.fixture
def bob(desk: Desk) -> User:
    """An editor: he assigns and publishes."""
    return make_person("bob", desk, Role.EDITOR)


@pytest.fixture
def carol(desk: Desk) -> User:
    """A checker: she reviews."""
    return make_person("carol", desk, Role.CHECKER)


@pytest.fixture
def dave(desk: Desk) -> User:
    """A viewer: he may look and no more."""
    return make_person("dave", desk, Role.VIEWER)


@pytest.fixture
def mallory(other_desk: Desk) -> User:
    """An editor of another desk: she must be refused everywhere here."""
    return make_person("mallory", other_desk, Role.EDITOR)


@pytest.fixture
def make_source(desk: Desk, alice: User) -> Callable[..., Any]:
    numbers = count(1)

    def make(name: str = "", kind: SourceKind = SourceKind.ORGANISATION, **fields: Any) -> Any:
        fields = {"desk": desk, "by": alice, "at": T0} | fields
        return register_source(kind=kind, name=name or f"Source {next(numbers)}", **fields)

    return make


@pytest.fixture
def make_document(desk: Desk, alice: User) -> Callable[..., Any]:
    numbers = count(1)

    def make(url: str = "", **fields: Any) -> Any:
        fields = {"desk": desk, "by": alice, "at": T0} | fields
        return register_document(url=url or f"http://wire.example/{next(numbers)}", **fields)

    return make


@pytest.fixture
def make_capture(desk: Desk, alice: User, make_document: Callable[..., Any]) -> Callable[..., Any]:
    """An archived capture with blob, text and entry, of `content` as plain text; no network is needed."""

    def make(content: str = ARTICLE, document: Any = None, **fields: Any) -> Any:
        document = document or make_document(**fields)
        return receive_upload(
            desk=document.desk,
            content=[content.encode()],
            filename="article.txt",
            url=document.url,
            by=document.created_by,
            at=T0,
            document_id=document.pk,
        )

    return make


@pytest.fixture
def make_claim(desk: Desk, alice: User) -> Callable[..., Any]:
    numbers = count(1)

    def make(text: str = "", **fields: Any) -> Any:
        fields = {"desk": desk, "by": alice, "at": T0} | fields
        return register_claim(text=text or f"Claim {next(numbers)} is so.", **fields)

    return make


@pytest.fixture
def make_assertion(alice: User, make_source: Callable[..., Any]) -> Callable[..., Any]:
    def make(claim: Any, speaker: Any = None, **fields: Any) -> Any:
        fields = {"by": alice, "at": T0} | fields
        return attribute_claim(claim=claim, speaker=speaker or make_source(), **fields)

    return make


@pytest.fixture
def researched_claim(
    desk: Desk, alice: User, make_capture: Any, make_claim: Any, make_assertion: Any, make_source: Any
) -> Any:
    """A claim with a case, an assertion anchored in an archived text, evidence and a proposed verdict; all by Alice."""
    case = open_case(desk=desk, title="The coast, March 2025", by=alice, at=T0)
    claim = make_claim(
        "The monitoring group put the civilian dead at about 745.", case=case, headline="About 745 dead"
    )
    capture = make_capture()
    assertion = make_assertion(claim, make_source("Observatory"), document=capture.document)
    anchor_quote(
        assertion=assertion,
        text=capture.texts.get(),
        quote="around 745 civilians were killed in 30 massacres",
        by=alice,
        at=T0,
    )
    link_evidence(
        claim=claim,
        assertion=assertion,
        stance="corroborates",
        credibility=3,
        reason="The group's own count, as reported.",
        by=alice,
        at=T0,
    )
    rating = desk.ratings.get(code="partly-confirmed")
    propose_verdict(
        claim=claim, rating=rating, rationale="One origin; the count itself is documented.", by=alice, at=T0
    )
    claim.refresh_from_db()
    return claim


@pytest.fixture
def approved_claim(researched_claim: Any, bob: User, carol: User) -> Any:
    """The researched claim, reviewed and approved by Carol at Bob's request."""
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    submit_review(
        task=task,
        opinion="approve",
        reason="Sources and quotes hold.",
        content_digest_seen=content_digest(researched_claim),
        by=carol,
        at=T0 + timedelta(hours=1),
    )
    researched_claim.refresh_from_db()
    return researched_claim


@pytest.fixture
def published_claim(approved_claim: Any, bob: User) -> Any:
    """The approved claim, published by Bob."""
    publish(claim=approved_claim, by=bob, at=timezone.now())
    return approved_claim


@pytest.fixture
def sql(db: None) -> Callable[..., int]:
    """Run a statement as the owner of the tables; answers with the number of rows that it changed."""

    def run(statement: str, arguments: Any = ()) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement, arguments)
            return cursor.rowcount

    return run


@pytest.fixture
def tamper(db: None) -> Callable[..., int]:
    """Run a statement as a superuser who first puts every trigger, and the checks named, out of the way.

    The triggers are as they were afterwards. A check (table, name) that was dropped comes back with the rollback at
    the end of the test, so it is for tests in one transaction only.
    """

    def run(statement: str, arguments: Any = (), *, drop: tuple[tuple[str, str], ...] = ()) -> int:
        mode = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "SELECT tgrelid::regclass::text, quote_ident(tgname), tgenabled FROM pg_trigger"
                " WHERE NOT tgisinternal AND tgenabled <> 'D'"
            )
            triggers = cursor.fetchall()
            for table, name, _mode in triggers:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
            for table, name in drop:
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            cursor.execute(statement, arguments)
            changed = cursor.rowcount
            for table, name, enabled in triggers:
                cursor.execute(f"ALTER TABLE {table} {mode[enabled]} TRIGGER {name}")
        return changed

    return run
