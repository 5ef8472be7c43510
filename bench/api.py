"""Requests per second of the API's public side: the list of 25 published claims, and one claim with its snapshot, under
gunicorn as the product runs it; beside a bare WSGI application that returns the same bytes, and beside plain
ModelSerializer views of the same data, both on the same gunicorn.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from bench._installation import installation
from bench._measure import Contender, compare, machine
from bench.pages import AT, PASSAGE, REQUESTS, Request, answer, gunicorn, load, published_claim, record

LISTED = 25  # claims, which is a page


def more_claims(like: UUID, count: int) -> None:
    """As many more published claims at the same desk, with the same people, one assertion each."""
    from claims.attribution.models import Stance
    from claims.attribution.services import anchor_quote, attribute_claim, link_evidence
    from claims.statements.models import Claim
    from claims.statements.services import register_claim
    from sources.archive.services import receive_upload
    from sources.catalog.models import Source
    from sources.catalog.services import register_document
    from verify.accounts.models import User
    from verify.publish.services import publish
    from verify.review.content import content_digest
    from verify.review.models import Opinion
    from verify.review.services import assign_review, propose_verdict, submit_review

    first = Claim.objects.get(pk=like)
    desk = first.desk
    checker, reviewer, editor = (
        User.objects.get(username=name) for name in ("checker", "reviewer", "editor")
    )
    document = register_document(desk=desk, url="http://wire.example/2", by=checker, at=AT)
    content = [PASSAGE.encode() * 20]
    given = {"filename": "article.txt", "url": document.url, "by": checker, "at": AT}
    capture = receive_upload(desk=desk, content=content, document_id=document.pk, **given)
    rating = desk.ratings.get(code="partly-confirmed")
    for number in range(count):
        claim = register_claim(
            desk=desk,
            case=first.case,
            text=f"In report {number} the group counted about {745 + number} dead.",
            headline=f"About {745 + number} dead",
            by=checker,
            at=AT,
        )
        for source in Source.objects.filter(desk=desk):
            said = attribute_claim(claim=claim, speaker=source, document=document, by=checker, at=AT)
            quote = "around 745 civilians were killed in 30 massacres"
            anchor_quote(assertion=said, text=capture.texts.get(), quote=quote, by=checker, at=AT)
            why = {"stance": Stance.CORROBORATES, "credibility": 3, "reason": "Its own count."}
            link_evidence(claim=claim, assertion=said, by=checker, at=AT, **why)
        propose_verdict(claim=claim, rating=rating, rationale="Documented.", by=checker, at=AT)
        claim.refresh_from_db()
        task = assign_review(claim=claim, reviewer=reviewer, by=editor, at=AT)
        seen = content_digest(claim)
        opinion = {"opinion": Opinion.APPROVE, "reason": "It holds.", "content_digest_seen": seen}
        submit_review(task=task, by=reviewer, at=AT, **opinion)
        claim.refresh_from_db()
        publish(claim=claim, by=editor, at=datetime.now(UTC))


def main() -> None:
    machine()
    # What is measured is the answer, not who may ask how often.
    os.environ["API_RATE_ANONYMOUS"] = "1000000000"
    with installation() as var:
        claim = published_claim()
        more_claims(claim, LISTED - 1)
        fresh = [Request("list of 25", "/api/v1/claims/"), Request("one claim", f"/api/v1/claims/{claim}/")]
        os.environ["BENCH_ANSWERS"] = str(var / "answers.json")
        with gunicorn("verify.wsgi:application", var / "product.log") as product:
            again = [
                Request(f"{one.name}, unchanged", one.path, answer(product, one)[0].headers["ETag"] or "")
                for one in fresh
            ]
            expected = record(product, [*fresh, *again], var / "answers.json")
            assert [code for code, _size in expected.values()] == [200, 200, 304, 304], expected
            with (
                gunicorn("bench._bare:application", var / "bare.log") as bare,
                gunicorn("bench._plain:application", var / "plain.log") as plain,
            ):
                for one in expected:
                    assert answer(bare, one)[1] == answer(product, one)[1], one.name
                measure({"": product, ", bare": bare, ", plain": plain}, expected, fresh)


def measure(ports: dict[str, int], expected: dict[Request, tuple[int, int]], fresh: list[Request]) -> None:
    """The product, the bare application and the plain views, in turn."""
    contenders, pairs = [], []
    for one, wanted in expected.items():
        for kind, port in ports.items():
            if kind == ", plain" and one not in fresh:
                continue  # it knows no ETag
            sizes = wanted
            if kind == ", plain":
                response, body = answer(port, one)
                sizes = (response.status, len(body))
                assert sizes[0] == 200, body[:500]
            print(f"{one.name}{kind}: {sizes[0]}, {sizes[1]:,} bytes")
            contenders.append(Contender(f"{one.name}{kind}", partial(load, port, one, sizes), REQUESTS))
            if kind:
                pairs.append((one.name, f"{one.name}{kind}"))
    compare("The API's public side", "requests", contenders, pairs=pairs, rounds=5)


if __name__ == "__main__":
    main()
