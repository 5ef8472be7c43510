"""Requests per second of what the world reads: a published claim as a page and from the API, under gunicorn as the
product runs it, beside a bare WSGI application on the same gunicorn that returns the same bytes.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from uuid import UUID

from bench._installation import installation
from bench._measure import Contender, compare, machine
from verify.stack import supervisor
from verify.stack.children import Console
from verify.stack.paths import ROOT
from verify.stack.processes import die_with_parent

HOST = "127.0.0.1"
CLIENTS = 2  # threads, each with one connection that is kept
REQUESTS = 200  # in a round, of all clients together
READY_SECONDS = 60
AT = datetime(2025, 3, 9, 10, 0, tzinfo=UTC)
PASSAGE = "The monitoring group said that around 745 civilians were killed in 30 massacres.\n\n"


@dataclass(frozen=True)
class Request:
    """What is asked for again and again."""

    name: str
    path: str
    known: str = ""  # the ETag that the reader has: If-None-Match

    def send(self, connection: HTTPConnection) -> tuple[HTTPResponse, bytes]:
        """Ask once; the answer with its body."""
        headers = {"If-None-Match": self.known} if self.known else {}
        connection.request("GET", self.path, headers=headers)
        response = connection.getresponse()
        return response, response.read()


def published_claim() -> UUID:
    """A claim with two assertions anchored in an archived text, reviewed and published, all through the services."""
    from claims.attribution.models import Stance
    from claims.attribution.services import anchor_quote, attribute_claim, link_evidence
    from claims.statements.services import open_case, register_claim
    from sources.archive.services import receive_upload
    from sources.catalog.models import SourceKind
    from sources.catalog.services import register_document, register_source
    from sources.custody.services import checkpoint
    from verify.accounts.models import Desk, Membership, Role, User
    from verify.publish.services import publish
    from verify.review.content import content_digest
    from verify.review.models import Opinion
    from verify.review.services import assign_review, give_default_scale, propose_verdict, submit_review

    desk = Desk.objects.create(slug="bench", name="Benchmark desk")
    give_default_scale(desk)
    people = {}
    for name, role in {"checker": Role.CHECKER, "reviewer": Role.CHECKER, "editor": Role.EDITOR}.items():
        people[name] = User.objects.create_user(username=name, display_name=name)
        Membership.objects.create(user=people[name], desk=desk, role=role)
    checker, reviewer, editor = people.values()
    case = open_case(desk=desk, title="The coast", by=checker, at=AT)
    claim = register_claim(
        desk=desk,
        case=case,
        text="The group counted about 745 dead.",
        headline="About 745",
        by=checker,
        at=AT,
    )
    document = register_document(desk=desk, url="http://wire.example/1", by=checker, at=AT)
    capture = receive_upload(
        desk=desk,
        content=[PASSAGE.encode() * 20],
        filename="article.txt",
        url=document.url,
        by=checker,
        at=AT,
        document_id=document.pk,
    )
    for name in ("Observatory", "Agency"):
        source = register_source(desk=desk, kind=SourceKind.ORGANISATION, name=name, by=checker, at=AT)
        said = attribute_claim(claim=claim, speaker=source, document=document, by=checker, at=AT)
        quote = "around 745 civilians were killed in 30 massacres"
        anchor_quote(assertion=said, text=capture.texts.get(), quote=quote, by=checker, at=AT)
        link_evidence(
            claim=claim,
            assertion=said,
            stance=Stance.CORROBORATES,
            credibility=3,
            reason="Its own count.",
            by=checker,
            at=AT,
        )
    rating = desk.ratings.get(code="partly-confirmed")
    propose_verdict(claim=claim, rating=rating, rationale="Counts are documented.", by=checker, at=AT)
    claim.refresh_from_db()
    task = assign_review(claim=claim, reviewer=reviewer, by=editor, at=AT)
    submit_review(
        task=task,
        opinion=Opinion.APPROVE,
        reason="It holds.",
        content_digest_seen=content_digest(claim),
        by=reviewer,
        at=AT,
    )
    claim.refresh_from_db()
    publish(claim=claim, by=editor, at=AT)
    checkpoint(at=datetime.now(UTC))
    return claim.pk


@contextmanager
def gunicorn(application: str, log: Path) -> Iterator[int]:
    """The product's own gunicorn command, with this application on a free loopback port; the port."""
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
    # The supervisor's own command, so that what is measured is what runs, whatever is changed there.
    command = supervisor.web_child(Console(), HOST, port).command
    command = [application if word == "verify.wsgi:application" else word for word in command]
    assert application in command
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                socket.create_connection((HOST, port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        else:
            raise RuntimeError(f"{application} did not start: {log.read_text(errors='replace')[-2000:]}")
        yield port
    finally:
        process.terminate()
        process.wait(20)


def answer(port: int, request: Request) -> tuple[HTTPResponse, bytes]:
    """One answer over a connection of its own."""
    connection = HTTPConnection(HOST, port, timeout=30)
    try:
        return request.send(connection)
    finally:
        connection.close()


def load(port: int, request: Request, expected: tuple[int, int]) -> None:
    """All requests of a round; each answer must have the expected status and number of body bytes."""

    def client(count: int) -> None:
        connection = HTTPConnection(HOST, port, timeout=30)
        for _ in range(count):
            response, body = request.send(connection)
            assert (response.status, len(body)) == expected, (response.status, len(body))
        connection.close()

    with ThreadPoolExecutor(CLIENTS) as threads:
        list(threads.map(client, [REQUESTS // CLIENTS] * CLIENTS))


def record(port: int, requests: Sequence[Request], file: Path) -> dict[Request, tuple[int, int]]:
    """Keep the product's answers for the bare application; status and number of body bytes of each."""
    kept, expected = [], {}
    for request in requests:
        response, body = answer(port, request)
        headers = [
            pair for pair in response.getheaders() if pair[0].lower() not in ("server", "date", "connection")
        ]
        kept.append(
            (request.path, request.known, f"{response.status} {response.reason}", headers, body.hex())
        )
        expected[request] = (response.status, len(body))
    file.write_text(json.dumps(kept))
    return expected


def main() -> None:
    machine()
    with installation() as var:
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        claim = published_claim()
        paths = {"claim page": f"/claims/{claim}/", "claim in the API": f"/api/v1/claims/{claim}/"}
        os.environ["BENCH_ANSWERS"] = str(var / "answers.json")
        with gunicorn("verify.wsgi:application", var / "product.log") as product:
            fresh = [Request(name, path) for name, path in paths.items()]
            again = [
                Request(f"{one.name}, unchanged", one.path, answer(product, one)[0].headers["ETag"] or "")
                for one in fresh
            ]
            requests = [*fresh, *(one for one in again if one.known)]
            expected = record(product, requests, var / "answers.json")
            print(
                "\n"
                + "; ".join(f"{one.name}: {code}, {size:,} bytes" for one, (code, size) in expected.items())
            )
            with gunicorn("bench._bare:application", var / "bare.log") as bare:
                for one in requests:
                    assert answer(bare, one)[1] == answer(product, one)[1], one.name
                measure(product, bare, expected)


def measure(product: int, bare: int, expected: dict[Request, tuple[int, int]]) -> None:
    """The product and the bare application, in turn."""
    contenders, pairs = [], []
    for one, wanted in expected.items():
        contenders += [
            Contender(one.name, partial(load, product, one, wanted), REQUESTS),
            Contender(f"{one.name}, bare", partial(load, bare, one, wanted), REQUESTS),
        ]
        pairs.append((one.name, f"{one.name}, bare"))
    compare(
        f"Public reading, {CLIENTS} clients with kept connections, {REQUESTS} requests a round",
        "requests",
        contenders,
        pairs=pairs,
        rounds=5,
    )


if __name__ == "__main__":
    main()
