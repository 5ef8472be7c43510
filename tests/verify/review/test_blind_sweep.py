"""A blind opinion stands nowhere until all are in: every address is asked by everybody, and every message is read.

Two things are looked for. Its words: a word that stands in no other text. And what it was: the same is done once with
an approval and once with a return, and what anybody else is shown must not differ.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from pypdf import PdfReader

from sources.custody.services import checkpoint
from tests.cast import T0, make_person
from verify.accounts.models import Role, User
from verify.api.models import Scope
from verify.api.services import make_token
from verify.api.urls import records, work
from verify.notify.mail import send_due
from verify.notify.models import Kind, Mail, Notification, Preference
from verify.review.content import content_digest
from verify.review.models import Review, Task
from verify.review.services import accept_task, assign_review, submit_review
from verify.web.urls import account, catalog, claims, desk, public, review

CANARY = "Quagglethorn"
SEARCHED = f"?q={CANARY[:-2].lower()}"  # a page that says what was asked for does not say the whole word
SEARCHES = ("search", "claim-board", "case", "log", "desk-record", "source-list")
MODULES = (catalog, claims, review, desk, public, account)
MEMBERS = ("alice", "bob", "admin", "erin", "dave")

# What differs between two pages that say the same: tokens, nonces, digests (a report's covers its moment, and is shown
# with its middle folded away) and moments.
NOISE = re.compile(
    r"csrf\w*\W+(?:value=\W*)?\w{32,}|X-CSRFToken\W+\w+|nonce\W+[\w+/=-]+|\b[0-9a-f]{40,}\b|\b[\w+/-]{40,}={0,2}"
    r'|\b[0-9a-f]{8}<span class="middle">[^<]*</span>[0-9a-f]{8}\b'
    r"|\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|\+00:00)?|\b\d\d?:\d\d(?::\d\d)?\b|\d+(?:\.\d+)?\s(?:seconds?|ms|minutes?)"
)


@pytest.fixture
def asked(researched_claim: Any, desk: Any, bob: Any, carol: Any, erin: Any, alice: Any) -> Any:
    """Carol and Erin are asked, Carol has accepted; everybody wants every message at once."""
    make_person("admin", desk, Role.ADMIN)
    first = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    second = assign_review(claim=researched_claim, reviewer=erin, by=bob, at=T0)
    accept_task(task=first, by=carol, at=T0)
    checkpoint(at=timezone.now())
    return researched_claim, first, second


@pytest.fixture
def mailed(asked: Any, mallory: Any, dave: Any) -> None:
    for person in User.objects.all():
        User.objects.filter(pk=person.pk).update(email=f"{person.username}@people.example")
        Preference.objects.bulk_create(
            Preference(user=person, kind=kind, mail=Mail.IMMEDIATE) for kind in Kind.values
        )


def judge(task: Task, opinion: str, reason: str) -> Review:
    task.refresh_from_db()
    return submit_review(
        task=task,
        opinion=opinion,
        reason=reason,
        content_digest_seen=content_digest(task.claim),
        by=task.assignee,
        at=T0,
    )


def client_of(name: str | None) -> Client:
    client = Client(raise_request_exception=False)
    if name:
        client.force_login(User.objects.get(username=name))
    return client


def addresses(claim: Any) -> Iterator[str]:
    """Every address that can be made of what the claim is, has, or stands on."""
    assertion = claim.assertions.get()
    capture = assertion.anchors.get().text.capture
    rows: dict[str, list[Any]] = {
        "claims": [claim],
        "cases": [claim.case],
        "assertions": [assertion],
        "sources": [assertion.speaker],
        "evidence": [claim.evidence.get()],
        "captures": [capture],
        "documents": [capture.document],
        "tasks": list(claim.tasks.all()),
        "notifications": list(Notification.objects.filter(claim=claim)),
    }
    everything = [row for group in rows.values() for row in group]
    for module in MODULES:
        for pattern in module.urlpatterns:
            about = rows.get(str(pattern.pattern).split("/")[0], everything)
            keys: list[Any] = [{}, *({"pk": row.pk} for row in about), {"index": capture.entry_id}]
            keys += [{"pk": row.pk, "kind": kind} for row in about for kind in ("svg", "png")]
            keys += [{"pk": claim.pk, "number": 1}, {"code": "confirmed"}]
            for given in keys:
                try:
                    url = reverse(pattern.name, kwargs=given)
                except NoReverseMatch:
                    continue
                yield url
                if pattern.name in SEARCHES:
                    yield url + SEARCHED


def text_of(body: bytes) -> str:
    """What a reader can read of it: of a PDF its words, of a package all its files."""
    if body.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            return "\n".join(text_of(package.read(name)) for name in sorted(package.namelist()))
    return body.decode(errors="replace")


def walk(name: str | None, claim: Any) -> dict[str, str]:
    client, seen = client_of(name), {}
    for url in dict.fromkeys(addresses(claim)):
        response = client.get(url)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        seen[url] = f"{response.status_code}\n{text_of(body)}"
    return seen


def messages() -> list[Any]:
    """Every notification and every letter, without what tells two sendings apart."""
    mail.outbox.clear()
    while send_due(at=timezone.now()):
        pass
    letters = sorted((each.to, each.subject, NOISE.sub("", each.body)) for each in mail.outbox)
    rows = Notification.objects.order_by("recipient", "kind", "key")
    return [*rows.values_list("recipient", "kind", "key", "task", "actor"), *letters]


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside has not happened afterwards."""
    mark = transaction.savepoint()
    yield
    transaction.savepoint_rollback(mark)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["admin", "dave", "mallory", None])
def test_words_of_a_blind_opinion_stand_nowhere(asked, mailed, name):
    claim, first, _second = asked
    judge(first, "return", f"It does not hold: {CANARY}.")
    seen = walk(name, claim)
    assert [url for url, body in seen.items() if CANARY.lower() in body.lower()] == []
    assert sum(body.startswith("200") for body in seen.values()) > (50 if name in MEMBERS else 5)
    assert CANARY not in repr(messages()) and CANARY not in repr([letter.body for letter in mail.outbox])


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["alice", "bob", "erin"])
def test_nothing_that_others_see_tells_an_approval_from_a_return(asked, mailed, name):
    claim, first, _second = asked
    worlds = []
    for opinion in ("approve", "return"):
        with undone():
            judge(first, opinion, f"Looked at: {CANARY}.")
            worlds.append({url: NOISE.sub("", body) for url, body in walk(name, claim).items()})
            worlds[-1]["messages"] = repr(messages())
    approved, returned = worlds
    assert [url for url, body in approved.items() if CANARY.lower() in body.lower()] == []
    assert approved.keys() == returned.keys() and len(approved) > 100
    assert [url for url in approved if approved[url] != returned[url]] == []


def test_interface_for_programs_tells_nothing_of_a_blind_opinion(asked, bob):
    claim, first, _second = asked
    judge(first, "approve", f"It holds: {CANARY}.")
    _row, token = make_token(name="Newsroom", scopes=list(Scope.values), by=bob, at=T0)
    api = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})
    urls = ["/api/v1/claims/", f"/api/v1/claims/{claim.pk}/", f"/api/v1/claims/{claim.pk}/versions/"]
    urls += desk_addresses(claim)
    assert [url for url in urls if CANARY.encode() in api.get(url).content] == []
    assert sum(api.get(url).status_code == 200 for url in urls) > 20


@pytest.mark.timeout(900)
def test_interface_for_programs_tells_no_approval_from_a_return(asked, bob):
    claim, first, _second = asked
    worlds = []
    _row, token = make_token(name="Newsroom", scopes=list(Scope.values), by=bob, at=T0)
    api = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})
    urls = list(dict.fromkeys(desk_addresses(claim)))
    for opinion in ("approve", "return"):
        with undone():
            judge(first, opinion, f"Looked at: {CANARY}.")
            worlds.append({url: NOISE.sub("", api.get(url).content.decode()) for url in urls})
    assert [url for url in urls if worlds[0][url] != worlds[1][url]] == []


def desk_addresses(claim: Any) -> list[str]:
    """Every address of the desk's own rows that can be made of what the claim is, has, or stands on."""
    assertion = claim.assertions.get()
    capture = assertion.anchors.get().text.capture
    rows = [claim, claim.case, assertion, assertion.speaker, capture, capture.document, claim.evidence.get()]
    rows += [assertion.anchors.get(), *claim.tasks.all()]
    found = []
    for pattern in (*records.urlpatterns, *work.urlpatterns):
        for given in [{}, *({"pk": row.pk} for row in rows)]:
            try:
                found.append(reverse(pattern.name, kwargs=given))
            except NoReverseMatch:
                continue
    return [*found, reverse("api-desk-claims") + SEARCHED]


def test_once_all_are_in_members_read_it_and_nobody_else(asked, mallory, dave):
    claim, first, second = asked
    url = reverse("claim", args=[claim.pk])
    judge(first, "return", f"It does not hold: {CANARY}.")
    assert CANARY not in client_of("bob").get(url).content.decode()
    judge(second, "return", "Nor for me.")
    for name in MEMBERS:
        assert CANARY in client_of(name).get(url).content.decode(), name
    assert client_of("mallory").get(url).status_code == 404
    for name in ("mallory", None):
        assert [at for at, body in walk(name, claim).items() if CANARY in body] == []


def test_a_task_that_decides_or_looks_again_hides_nothing(asked, bob, desk):
    claim, first, second = asked
    judge(first, "approve", "It holds.")
    judge(second, "return", f"It does not: {CANARY}.")
    assert Review.objects.readable_by(bob).count() == 2
    waiting = {"claim": claim, "created_by": bob, "created_at": T0, "state": "open"}
    Task.objects.create(kind="adjudication", **waiting)
    Task.objects.create(kind="recheck", **waiting)
    assert Review.objects.readable_by(bob).count() == 2
    assert CANARY in client_of("bob").get(reverse("claim", args=[claim.pk])).content.decode()
    Task.objects.create(kind="source-check", **waiting)
    assert Review.objects.readable_by(bob).count() == 0
    assert CANARY not in client_of("bob").get(reverse("claim", args=[claim.pk])).content.decode()


def test_sweep_would_find_it(asked):
    claim, first, _second = asked
    judge(first, "return", "Looked at.")
    claim.text = f"{claim.text} {CANARY}"
    claim.save(update_fields=["text"])
    found = [url for url, body in walk("bob", claim).items() if CANARY.lower() in body.lower()]
    assert len(found) > 8
