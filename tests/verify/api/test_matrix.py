"""Who may ask the API for what: every address and method, for everybody of the cast.

A name that is added to the addresses and not to this table fails the test: somebody has to say who may. A line is:
the name, the method, the scope that a token needs ("any": whichever), what the address is about (a key of `about`, or
"-"), and the status that each column gets for an empty body (or that of BODIES) with a token of all scopes. To make a
line, write zeros and read in the failure what was answered; then ask whether it should be so.

200 to 204 done, 400 allowed but an empty body is refused, 403 a higher role is needed, 404 not of this desk, 409
allowed but not as things stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone

from sources.custody.services import checkpoint
from tests.cast import T0
from tests.verify.api.conftest import Caller
from tests.verify.test_permissions import COLUMNS, cast, things  # noqa: F401 - fixtures
from verify.api.models import Scope
from verify.api.services import make_token
from verify.api.urls import urlpatterns
from verify.publish.webhooks.services import make_webhook, send_test
from verify.review.media import rate_media
from verify.review.models import Manipulation

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# name method scope about                           stranger viewer checker reviewer editor admin
TABLE = """
api-captures                   GET    read     -           200 200 200 200 200 200
api-captures                   POST   capture  -           202 403 202 202 202 202
api-capture                    GET    read     capture     404 200 200 200 200 200
api-webhooks                   GET    webhooks -           200 403 403 403 200 200
api-webhooks                   POST   webhooks -           201 403 403 403 201 201
api-webhook                    GET    webhooks webhook     404 403 403 403 200 200
api-webhook                    PATCH  webhooks webhook     404 403 403 403 403 200
api-webhook                    DELETE webhooks webhook     404 403 403 403 403 204
api-webhook-secret             POST   webhooks webhook     404 403 403 403 403 200
api-webhook-test               POST   webhooks webhook     404 403 403 403 403 202
api-webhook-replay             POST   webhooks webhook     404 403 403 403 403 400
api-webhook-deliveries         GET    webhooks webhook     404 403 403 403 200 200
api-webhook-delivery           GET    webhooks delivery    404 403 403 403 200 200
api-token                      GET    any      -           200 200 200 200 200 200
api-desk-sources               GET    read     -           200 200 200 200 200 200
api-desk-sources               POST   write    -           201 403 201 201 201 201
api-desk-source                GET    read     source      404 200 200 200 200 200
api-desk-source                PATCH  write    source      404 403 400 400 400 400
api-desk-source-aliases        POST   write    source      404 403 400 400 400 400
api-desk-source-alias-withdraw POST   write    alias       404 403 400 400 400 400
api-desk-source-grades         POST   write    source      404 403 400 400 400 400
api-desk-source-affiliations   POST   write    source      404 403 400 400 400 400
api-desk-source-merge          POST   write    source      404 403 403 403 400 400
api-desk-source-unmerge        POST   write    source      404 403 403 403 400 400
api-desk-source-history        GET    read     source      404 200 200 200 200 200
api-desk-affiliation           GET    read     affiliation 404 200 200 200 200 200
api-desk-affiliation           PATCH  write    affiliation 404 403 400 400 400 400
api-desk-affiliation-withdraw  POST   write    affiliation 404 403 400 400 400 400
api-desk-documents             GET    read     -           200 200 200 200 200 200
api-desk-documents             POST   write    -           201 403 201 201 201 201
api-desk-document              GET    read     document    404 200 200 200 200 200
api-desk-watch                 GET    read     document    404 404 404 404 404 404
api-desk-watch                 PUT    write    document    404 403 400 400 400 400
api-desk-watches               GET    read     -           200 200 200 200 200 200
api-desk-changes               GET    read     -           200 200 200 200 200 200
api-desk-change                GET    read     change      404 200 200 200 200 200
api-desk-change-seen           POST   write    change      404 403 200 200 200 200
api-desk-uploads               GET    read     -           200 200 200 200 200 200
api-desk-uploads               POST   capture  -           400 400 400 400 400 400
api-desk-capture-retry         POST   capture  failed      404 403 202 202 202 202
api-desk-capture-stop          POST   capture  capture     404 403 400 400 400 400
api-desk-batches               GET    read     -           200 200 200 200 200 200
api-desk-batches               POST   capture  -           201 403 201 201 201 201
api-desk-batch                 GET    read     batch       404 200 200 200 200 200
api-desk-batch-rows            GET    read     batch       404 200 200 200 200 200
api-desk-batch-retry           POST   capture  batch       404 403 200 200 200 200
api-desk-cases                 GET    read     -           200 200 200 200 200 200
api-desk-cases                 POST   write    -           201 403 201 201 201 201
api-desk-case                  GET    read     case        404 200 200 200 200 200
api-desk-case-compare          GET    read     case        404 400 400 400 400 400
api-desk-claims                GET    read     -           200 200 200 200 200 200
api-desk-claims                POST   write    -           201 403 201 201 201 201
api-desk-claim                 GET    read     claim       404 200 200 200 200 200
api-desk-claim                 PATCH  write    claim       404 403 400 400 400 400
api-desk-claim-move            POST   write    claim       404 403 400 400 400 400
api-desk-claim-tag             POST   write    claim       404 403 400 400 400 400
api-desk-claim-untag           POST   write    claim       404 403 400 400 400 400
api-desk-figures               GET    read     claim       404 200 200 200 200 200
api-desk-figures               POST   write    claim       404 403 400 400 400 400
api-desk-figure                GET    read     figure      404 200 200 200 200 200
api-desk-figure                PATCH  write    figure      404 403 400 400 400 400
api-desk-figure-withdraw       POST   write    figure      404 403 400 400 400 400
api-desk-figure-reinstate      POST   write    figure      404 403 400 400 400 400
api-desk-topics                GET    read     -           200 200 200 200 200 200
api-desk-topics                POST   write    -           200 403 200 200 200 200
api-desk-places                GET    read     -           200 200 200 200 200 200
api-desk-places                POST   write    -           400 400 400 400 400 400
api-desk-assertions            GET    read     claim       404 200 200 200 200 200
api-desk-assertions            POST   write    claim       404 403 400 400 400 400
api-desk-assertion             GET    read     assertion   404 200 200 200 200 200
api-desk-assertion             PATCH  write    assertion   404 403 400 400 400 400
api-desk-assertion-withdraw    POST   write    assertion   404 403 400 400 400 400
api-desk-assertion-reinstate   POST   write    assertion   404 403 400 400 400 400
api-desk-anchors               GET    read     assertion   404 200 200 200 200 200
api-desk-anchors               POST   write    assertion   404 403 400 400 400 400
api-desk-anchor                GET    read     anchor      404 200 200 200 200 200
api-desk-regions               GET    read     picture     404 200 200 200 200 200
api-desk-regions               POST   write    picture     404 403 400 400 400 400
api-desk-region                GET    read     region      404 200 200 200 200 200
api-desk-region-withdraw       POST   write    region      404 403 400 400 400 400
api-desk-evidence              GET    read     claim       404 200 200 200 200 200
api-desk-evidence              POST   write    claim       404 403 400 400 400 400
api-desk-evidence-piece        GET    read     evidence    404 200 200 200 200 200
api-desk-evidence-piece        PATCH  write    evidence    404 403 400 400 400 400
api-desk-evidence-withdraw     POST   write    evidence    404 403 400 400 400 400
api-desk-evidence-reinstate    POST   write    evidence    404 403 400 400 400 400
api-desk-media                 GET    read     claim       404 200 200 200 200 200
api-desk-media                 POST   write    claim       404 403 400 400 400 400
api-desk-medium                GET    read     medium      404 200 200 200 200 200
api-desk-medium-withdraw       POST   write    medium      404 403 400 400 400 400
api-desk-origins               GET    read     claim       404 200 200 200 200 200
api-desk-content               GET    read     claim       404 200 200 200 200 200
api-desk-package               POST   read     claim       404 403 200 200 200 200
api-desk-ratings               GET    read     -           200 200 200 200 200 200
api-desk-verdicts              GET    read     claim       404 200 200 200 200 200
api-desk-verdicts              POST   review   claim       404 403 400 400 400 400
api-desk-verdict               GET    read     verdict     404 200 200 200 200 200
api-desk-tasks                 GET    read     -           200 200 200 200 200 200
api-desk-claim-tasks           POST   review   claim       404 403 403 403 400 400
api-desk-task                  GET    read     task        404 200 200 200 200 200
api-desk-task                  PATCH  review   task        404 403 403 403 200 200
api-desk-task-take             POST   review   free        404 403 403 400 200 200
api-desk-task-accept           POST   review   task        404 403 403 200 403 403
api-desk-task-decline          POST   review   task        404 403 403 400 403 403
api-desk-task-hand-on          POST   review   task        404 403 403 403 400 400
api-desk-task-cancel           POST   review   task        404 403 403 403 400 400
api-desk-task-review           POST   review   task        404 403 403 400 403 403
api-desk-reviews               GET    read     claim       404 200 200 200 200 200
api-desk-review                GET    read     task        404 404 404 404 404 404
api-desk-comments              GET    read     claim       404 200 200 200 200 200
api-desk-comments              POST   review   claim       404 403 400 400 400 400
api-desk-comment               GET    read     comment     404 200 200 200 200 200
api-desk-comment               PATCH  review   comment     404 403 200 403 403 403
api-desk-comment-remove        POST   review   comment     404 403 200 403 403 403
api-desk-comment-resolve       POST   review   comment     404 403 200 200 200 200
api-desk-comment-reopen        POST   review   comment     404 403 200 200 200 200
api-desk-publication           GET    read     claim       404 200 200 200 200 200
api-desk-publish               POST   publish  claim       404 403 403 403 412 412
api-desk-correct               POST   publish  claim       404 403 403 403 400 400
api-desk-pause                 POST   publish  claim       404 403 403 403 400 400
api-desk-resume                POST   publish  claim       404 403 403 403 400 400
api-desk-retract               POST   publish  claim       404 403 403 403 400 400
api-desk-versions              GET    read     claim       404 200 200 200 200 200
api-desk-version               GET    read     version     404 404 404 404 404 404
"""

# What the public reads needs no line of its own: it is answered to nobody, of what is published.
PUBLIC = """
api-schema api-claims api-claim api-versions api-version api-claim-assertions api-claim-evidence
api-claim-figures api-claim-origins api-claim-captures api-claim-capture-entry api-claim-capture-proof
api-cases api-case api-sources api-source api-topics api-corrections api-changes api-changes-bare api-export
api-export-bare api-export-file api-claim-proof api-claim-package api-version-entry api-version-proof api-log
api-claims-search api-problem
"""


# What is sent in place of an empty body, where nothing but the body says at which desk it is to be done.
BODIES: dict[str, dict[str, Any]] = {
    "api-captures": {"url": "http://wire.example/new"},
    "api-webhooks": {"name": "Mine", "url": "https://hook.example/new", "told_of": ["published"]},
    "api-desk-sources": {"kind": "organisation", "name": "Another source"},
    "api-desk-batches": {"list": [{"url": "http://wire.example/new"}]},
    "api-desk-topics": {"name": "Another topic"},
    "api-desk-comment": {"text": "Is it not so?"},
    "api-desk-documents": {"url": "http://wire.example/new"},
    "api-desk-cases": {"title": "Another case"},
    "api-desk-claims": {"text": "Another claim is so."},
}


# What signs the log commits for itself, so nothing of it can be undone.
LASTING = {"api-desk-package"}


class Row:
    """A line of the table."""

    def __init__(self, line: str) -> None:
        self.name, self.method, self.scope, self.about, *statuses = line.split()
        self.statuses = dict(zip(COLUMNS, map(int, statuses), strict=True))

    def __str__(self) -> str:
        return f"{self.name} {self.method}"


ROWS = [Row(line) for line in TABLE.strip().splitlines() if line and not line.startswith("#")]


def addresses(patterns: Any = urlpatterns) -> Iterator[tuple[str, str]]:
    """Every (name, method) that the API answers."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name != "api-nothing":
            view = getattr(pattern.callback, "cls", None) or pattern.callback.view_class
            yield from ((str(pattern.name), method) for method in METHODS if hasattr(view, method.lower()))


def test_every_address_of_the_api_is_in_a_table():
    public = {(name, "GET") for name in PUBLIC.split()}
    assert not public & {(row.name, row.method) for row in ROWS}
    assert sorted({(row.name, row.method) for row in ROWS} | public) == sorted(set(addresses()))
    assert len({str(row) for row in ROWS}) == len(ROWS)


@pytest.fixture
def about(things: Any, researched_claim: Any, desk: Any, alice: Any) -> dict[str, dict[str, Any]]:  # noqa: F811
    """What the addresses are about; all of it belongs to Alice's desk."""
    claim, given = researched_claim, {"told_of": ["published"], "by": alice, "at": T0}
    admin = desk.memberships.filter(role="admin").select_related("user").first().user
    webhook, _secret = make_webhook(
        desk=desk, name="Hook", url="https://hook.example/", **given | {"by": admin}
    )
    medium = rate_media(
        claim=claim,
        capture=claim.assertions.get().document.captures.earliest("requested_at"),
        media="image",
        rating=Manipulation.values[0],
        context="As it was.",
        by=alice,
        at=T0,
    )
    more = {
        "-": {},
        "version": {"pk": claim.pk, "number": 1},
        "webhook": {"pk": webhook.pk},
        "delivery": {"pk": webhook.pk, "delivery": send_test(webhook=webhook, by=admin, at=T0).pk},
        "anchor": {"pk": claim.assertions.get().anchors.get().pk},
        "verdict": {"pk": claim.verdicts.get().pk},
        "medium": {"pk": medium.pk},
    }
    return things | more


@pytest.fixture
def secrets(cast: dict[str, Any]) -> dict[str, Any]:  # noqa: F811
    """Each person's secrets: one of all scopes, and for each scope one that lacks it."""
    made = {}
    for who, person in cast.items():
        for lacking in (None, *Scope) if who == "admin" else (None,):
            scopes = [scope for scope in Scope if scope != lacking]
            made[who, lacking] = make_token(name="t", scopes=scopes, by=person, at=timezone.now())[1]
    return made


def ask(client: Caller, row: Row, about: dict[str, dict[str, Any]]) -> HttpResponseBase:
    """The answer to an empty body; whatever it changed is undone."""
    url = reverse(row.name, kwargs=about[row.about])
    send = getattr(client, row.method.lower())
    if row.name in LASTING:
        lasting: HttpResponseBase = send(url, {})
        return lasting
    with transaction.atomic():
        body = [BODIES.get(row.name, {})] if row.method != "GET" else []
        answer: HttpResponseBase = send(url, *body, headers={"If-Match": "*"})
        transaction.set_rollback(True)
    return answer


@pytest.mark.django_db(transaction=True)
def test_each_person_gets_what_the_table_says(secrets, about):
    checkpoint(at=T0)
    for who in COLUMNS:
        client = Caller(secrets[who, None])
        client.raise_request_exception = False
        found = {str(row): ask(client, row, about).status_code for row in ROWS}
        assert found == {str(row): row.statuses[who] for row in ROWS}, who


@pytest.mark.django_db(transaction=True)
def test_nobody_is_401_and_whoever_lacks_the_scope_or_the_csrf_token_403(secrets, about, cast):  # noqa: F811
    session = Caller()
    session.force_login(cast["admin"])
    found = {}
    for row in ROWS:
        answers = [ask(Caller(), row, about).status_code]
        if row.scope != "any":
            answers.append(ask(Caller(secrets["admin", Scope(row.scope)]), row, about).status_code)
        if row.method != "GET":
            answers.append(ask(session, row, about).status_code)
        if answers != [401] + [403] * (len(answers) - 1):
            found[str(row)] = answers
    assert found == {}


@pytest.mark.django_db
@pytest.mark.parametrize("name", PUBLIC.split())
def test_what_is_public_is_answered_to_nobody(name, published_claim, api):
    claim = published_claim
    assertion = claim.assertions.get()
    given = {
        "api-version": {"pk": claim.pk, "number": 1},
        "api-version-entry": {"pk": claim.pk, "number": 1},
        "api-version-proof": {"pk": claim.pk, "number": 1},
        "api-claim-capture-entry": {"pk": claim.pk, "capture": assertion.document.captures.get().pk},
        "api-claim-capture-proof": {"pk": claim.pk, "capture": assertion.document.captures.get().pk},
        "api-case": {"pk": claim.case_id},
        "api-source": {"pk": assertion.speaker_id},
        "api-problem": {"name": "history-changed"},
    }
    about_claim = name.startswith(("api-claim-", "api-versions")) or name == "api-claim"
    kwargs = given.get(name, {"pk": claim.pk} if about_claim and name != "api-claims-search" else {})
    query = {"query": "dead"} if name == "api-claims-search" else {}
    status = api.get(reverse(name, kwargs=kwargs), query).status_code
    # What waits for the next signature, or has not been made yet, is not there for anybody.
    later = name.endswith(("-proof", "-package", "-file"))
    assert status in ((200, 302, 307, 404) if later else (200, 301, 302, 307, 308)), name
