"""Who may open and who may send what: every page of the workbench, for everybody of the cast.

A name that is added to the addresses and not to this table fails the test: somebody has to say who may.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from claims.attribution.region_services import mark_region
from claims.statements.services import add_figure
from sources.archive.exchange import FailureCode
from sources.archive.models import Capture, Rendition
from sources.archive.redaction import ask_redaction
from sources.archive.services import receive_upload, request_capture
from sources.archive.work import fail, take
from sources.catalog.affiliations import affiliate
from sources.catalog.batches import read_list, request_batch
from sources.catalog.services import add_alias, register_source
from sources.custody.services import checkpoint
from tests.cast import T0, make_person
from tests.recaptures import fetched, recaptured
from tests.sources.archive.media import encoded, scene
from verify.accounts.invitations import invite
from verify.accounts.models import Role
from verify.api.models import Scope
from verify.api.services import make_token
from verify.publish.webhooks.services import make_webhook, send_test
from verify.review.comments import comment
from verify.review.media import rate_media
from verify.review.services import assign_review
from verify.web.saved_views import save_view
from verify.web.urls import catalog, claims, review
from verify.web.urls import desk as desk_urls

# 200 a page, 302 done or elsewhere, 403 a higher role is needed, 404 not of this desk, 405 nothing to send, 422 allowed
# but the empty form is refused.
# name                method stranger viewer checker reviewer editor admin
TABLE = """
desk-list             GET   200  200  200  200  200  200
desk-list             POST  404  404  404  404  404  404
source-list           GET   200  200  200  200  200  200
source-list           POST  405  405  405  405  405  405
source-new            GET   200  403  200  200  200  200
source-new            POST  422  403  422  422  422  422
source                GET   404  200  200  200  200  200
source                POST  405  405  405  405  405  405
grade-new             GET   404  200  200  200  200  200
grade-new             POST  404  403  422  422  422  422
affiliation-new       GET   404  200  200  200  200  200
affiliation-new       POST  404  403  422  422  422  422
alias-new             GET   404  200  200  200  200  200
alias-new             POST  404  403  422  422  422  422
source-identity       GET   404  200  200  200  200  200
source-identity       POST  404  403  422  422  422  422
source-edit           GET   404  403  200  200  200  200
source-edit           POST  404  403  422  422  422  422
alias-remove          GET   404  403  200  200  200  200
alias-remove          POST  404  403  422  422  422  422
source-merge          GET   404  403  403  403  200  200
source-merge          POST  404  403  403  403  422  422
source-unmerge        GET   404  403  403  403  200  200
source-unmerge        POST  404  403  403  403  422  422
source-custodians     GET   404  403  200  200  200  200
source-custodians     POST  404  403  422  422  422  422
affiliation-edit      GET   404  403  200  200  200  200
affiliation-edit      POST  404  403  422  422  422  422
affiliation-withdraw  GET   404  403  200  200  200  200
affiliation-withdraw  POST  404  403  422  422  422  422
document-list         GET   200  200  200  200  200  200
document-list         POST  405  405  405  405  405  405
document-new          GET   200  403  200  200  200  200
document-new          POST  422  403  422  422  422  422
document              GET   404  200  200  200  200  200
document              POST  405  405  405  405  405  405
capture-new           GET   404  200  200  200  200  200
capture-new           POST  404  403  422  422  422  422
upload-new            GET   404  200  200  200  200  200
upload-new            POST  404  403  422  422  422  422
capture-list          GET   200  200  200  200  200  200
capture-list          POST  405  405  405  405  405  405
upload-file           GET   200  403  200  200  200  200
upload-file           POST  422  403  422  422  422  422
batch-list            GET   200  200  200  200  200  200
batch-list            POST  405  405  405  405  405  405
batch-new             GET   200  403  200  200  200  200
batch-new             POST  422  403  422  422  422  422
batch                 GET   404  200  200  200  200  200
batch                 POST  404  403  302  302  302  302
capture-metadata      GET   404  200  200  200  200  200
capture-metadata      POST  405  405  405  405  405  405
capture-custody       GET   404  200  200  200  200  200
capture-custody       POST  405  405  405  405  405  405
capture-custody-json  GET   302  302  302  302  302  302
capture-custody-json  POST  404  403  200  200  200  200
capture-custody-pdf   GET   302  302  302  302  302  302
capture-custody-pdf   POST  404  403  200  200  200  200
claim-evidence        GET   302  302  302  302  302  302
claim-evidence        POST  404  403  200  200  200  200
claim-custody         GET   404  200  200  200  200  200
claim-custody         POST  405  405  405  405  405  405
claim-provenance      GET   404  200  200  200  200  200
claim-provenance      POST  405  405  405  405  405  405
claim-annotations     GET   404  200  200  200  200  200
claim-annotations     POST  405  405  405  405  405  405
claim-figures         GET   404  200  200  200  200  200
claim-figures         POST  405  405  405  405  405  405
case-figures          GET   404  200  200  200  200  200
case-figures          POST  405  405  405  405  405  405
claim-graph           GET   404  200  200  200  200  200
claim-graph           POST  405  405  405  405  405  405
claim-ladder          GET   404  200  200  200  200  200
claim-ladder          POST  405  405  405  405  405  405
case-ladder           GET   404  200  200  200  200  200
case-ladder           POST  405  405  405  405  405  405
source-graph          GET   404  200  200  200  200  200
source-graph          POST  405  405  405  405  405  405
claim-custody-json    GET   302  302  302  302  302  302
claim-custody-json    POST  404  403  200  200  200  200
claim-custody-pdf     GET   302  302  302  302  302  302
claim-custody-pdf     POST  404  403  200  200  200  200
capture-stop          GET   302  302  302  302  302  302
capture-stop          POST  404  403  302  302  302  302
capture               GET   404  200  200  200  200  200
capture               POST  405  405  405  405  405  405
redaction-new         GET   404  403  403  403  200  200
redaction-new         POST  404  403  403  403  422  422
redaction-list        GET   200  200  200  200  200  200
redaction-list        POST  405  405  405  405  405  405
redaction             GET   404  200  200  200  200  200
redaction             POST  405  405  405  405  405  405
redaction-decide      GET   302  302  302  302  302  302
redaction-decide      POST  404  403  403  403  403  422
capture-retry         GET   302  302  302  302  302  302
capture-retry         POST  404  403  302  302  302  302
capture-package       GET   404  200  200  200  200  200
capture-package       POST  405  405  405  405  405  405
capture-body          GET   404  200  200  200  200  200
capture-body          POST  405  405  405  405  405  405
capture-rendition     GET   404  200  200  200  200  200
capture-rendition     POST  405  405  405  405  405  405
capture-text          GET   404  200  200  200  200  200
capture-text          POST  405  405  405  405  405  405
capture-page          GET   404  200  200  200  200  200
capture-page          POST  405  405  405  405  405  405
region-new            GET   404  403  200  200  200  200
region-new            POST  404  403  422  422  422  422
region                GET   404  200  200  200  200  200
region                POST  405  405  405  405  405  405
region-withdraw       GET   302  302  302  302  302  302
region-withdraw       POST  404  403  422  422  422  422
region-picture        GET   404  200  200  200  200  200
region-picture        POST  405  405  405  405  405  405
watch-list            GET   200  200  200  200  200  200
watch-list            POST  405  405  405  405  405  405
watch-set             GET   404  200  200  200  200  200
watch-set             POST  404  403  422  422  422  422
mementos-find         GET   404  200  200  200  200  200
mementos-find         POST  404  403  302  302  302  302
copy-ask              GET   404  200  200  200  200  200
copy-ask              POST  404  403  302  302  302  302
change-list           GET   200  200  200  200  200  200
change-list           POST  405  405  405  405  405  405
change                GET   404  200  200  200  200  200
change                POST  405  405  405  405  405  405
change-seen           GET   404  200  200  200  200  200
change-seen           POST  404  403  302  302  302  302
log                   GET   200  200  200  200  200  200
log                   POST  405  405  405  405  405  405
log-checkpoint        GET   200  200  200  200  200  200
log-checkpoint        POST  405  405  405  405  405  405
log-checkpoint-note   GET   200  200  200  200  200  200
log-checkpoint-note   POST  405  405  405  405  405  405
log-package           GET   200  200  200  200  200  200
log-package           POST  422  422  422  422  422  422
log-entry             GET   200  200  200  200  200  200
log-entry             POST  405  405  405  405  405  405
log-proof             GET   200  200  200  200  200  200
log-proof             POST  405  405  405  405  405  405
inbox                 GET   200  200  200  200  200  200
inbox                 POST  405  405  405  405  405  405
case-list             GET   200  200  200  200  200  200
case-list             POST  405  405  405  405  405  405
case-new              GET   200  403  200  200  200  200
case-new              POST  422  403  422  422  422  422
case                  GET   404  200  200  200  200  200
case                  POST  405  405  405  405  405  405
claim-new             GET   404  403  200  200  200  200
claim-new             POST  404  403  422  422  422  422
claim                 GET   404  200  200  200  200  200
claim                 POST  405  405  405  405  405  405
claim-edit            GET   404  403  200  200  200  200
claim-edit            POST  404  403  422  422  422  422
claim-move            GET   404  200  200  200  200  200
claim-move            POST  404  403  422  422  422  422
assertion-new         GET   404  403  200  200  200  200
assertion-new         POST  404  403  422  422  422  422
figure-new            GET   404  403  200  200  200  200
figure-new            POST  404  403  422  422  422  422
figure-edit           GET   404  403  200  200  200  200
figure-edit           POST  404  403  422  422  422  422
figure-withdraw       GET   404  403  200  200  200  200
figure-withdraw       POST  404  403  422  422  422  422
figure-compare        GET   404  200  200  200  200  200
figure-compare        POST  405  405  405  405  405  405
place-list            GET   200  200  200  200  200  200
place-list            POST  405  405  405  405  405  405
place-new             GET   200  403  200  200  200  200
place-new             POST  422  403  422  422  422  422
evidence-new          GET   404  403  200  200  200  200
evidence-new          POST  404  403  422  422  422  422
evidence-edit         GET   404  403  200  200  200  200
evidence-edit         POST  404  403  422  422  422  422
evidence-withdraw     GET   302  302  302  302  302  302
evidence-withdraw     POST  404  403  422  422  422  422
assertion-edit        GET   404  403  200  200  200  200
assertion-edit        POST  404  403  422  422  422  422
assertion-withdraw    GET   302  302  302  302  302  302
assertion-withdraw    POST  404  403  422  422  422  422
claim-history         GET   404  200  200  200  200  200
claim-history         POST  405  405  405  405  405  405
history-restore       GET   404  403  404  404  404  404
history-restore       POST  404  403  404  404  404  404
case-history          GET   404  200  200  200  200  200
case-history          POST  405  405  405  405  405  405
draft-keep            GET   200  200  200  200  200  200
draft-keep            POST  422  422  422  422  422  422
anchor-new            GET   404  403  200  200  200  200
anchor-new            POST  404  403  422  422  422  422
notification-list     GET   200  200  200  200  200  200
notification-list     POST  302  302  302  302  302  302
notification-count    GET   200  200  200  200  200  200
notification-count    POST  405  405  405  405  405  405
notification-settings GET   200  200  200  200  200  200
notification-settings POST  422  422  422  422  422  422
notification          GET   404  404  404  302  404  404
notification          POST  404  404  404  302  404  404
verdict-new           GET   404  403  200  200  200  200
verdict-new           POST  404  403  422  422  422  422
task-new              GET   404  403  403  403  200  200
task-new              POST  404  403  403  403  422  422
task                  GET   404  200  200  200  200  200
task                  POST  405  405  405  405  405  405
task-accept           GET   404  200  200  200  200  200
task-accept           POST  404  403  403  302  403  403
task-decline          GET   404  200  200  200  200  200
task-decline          POST  404  403  403  422  403  403
task-list             GET   200  200  200  200  200  200
task-list             POST  405  405  405  405  405  405
task-take             GET   404  200  200  200  200  200
task-take             POST  404  403  403  302  302  302
task-reassign         GET   404  200  200  200  200  200
task-reassign         POST  404  403  403  403  422  422
task-change           GET   404  200  200  200  200  200
task-change           POST  404  403  403  403  422  422
task-cancel           GET   404  200  200  200  200  200
task-cancel           POST  404  403  403  403  422  422
adjudication-new      GET   404  403  403  403  200  200
adjudication-new      POST  404  403  403  403  422  422
task-submit           GET   404  200  200  200  200  200
task-submit           POST  404  403  403  422  403  403
publish               GET   404  200  200  200  200  200
publish               POST  404  403  403  403  422  422
publish-preview       GET   404  200  200  200  200  200
publish-preview       POST  405  405  405  405  405  405
media-new             GET   404  403  200  200  200  200
media-new             POST  404  403  422  422  422  422
media-withdraw        GET   404  403  200  200  200  200
media-withdraw        POST  404  403  422  422  422  422
publication-correct   GET   404  200  200  200  200  200
publication-correct   POST  404  403  403  403  422  422
publication-pause     GET   404  200  200  200  200  200
publication-pause     POST  404  403  403  403  422  422
publication-resume    GET   404  200  200  200  200  200
publication-resume    POST  404  403  403  403  422  422
publication-retract   GET   404  200  200  200  200  200
publication-retract   POST  404  403  403  403  422  422
search                GET   200  200  200  200  200  200
search                POST  405  405  405  405  405  405
claim-board           GET   200  200  200  200  200  200
claim-board           POST  405  405  405  405  405  405
claim-bulk            GET   302  302  302  302  302  302
claim-bulk            POST  422  403  422  422  422  422
view-save             GET   302  302  302  302  302  302
view-save             POST  422  422  422  422  422  422
view-delete           GET   302  302  302  302  302  302
view-delete           POST  404  403  403  403  302  302
help                  GET   200  200  200  200  200  200
help                  POST  405  405  405  405  405  405
desk-reports          GET   200  403  403  403  200  200
desk-reports          POST  405  403  403  403  405  405
comment-new           GET   404  403  200  200  200  200
comment-new           POST  404  403  422  422  422  422
comment               GET   404  200  200  200  200  200
comment               POST  405  405  405  405  405  405
comment-reply         GET   404  403  200  200  200  200
comment-reply         POST  404  403  422  422  422  422
comment-edit          GET   404  403  200  403  403  403
comment-edit          POST  404  403  422  403  403  403
comment-remove        GET   404  200  200  200  200  200
comment-remove        POST  404  403  302  403  403  403
comment-resolve       GET   404  200  200  200  200  200
comment-resolve       POST  404  403  302  302  302  302
comment-reopen        GET   404  200  200  200  200  200
comment-reopen        POST  404  403  302  302  302  302
desk-settings         GET   200  200  200  200  200  200
desk-settings         POST  405  405  405  405  405  405
invitation-new        GET   403  403  403  403  403  302
invitation-new        POST  403  403  403  403  403  422
invitation-resend     GET   302  302  302  302  302  302
invitation-resend     POST  404  403  403  403  403  200
invitation-revoke     GET   302  302  302  302  302  302
invitation-revoke     POST  404  403  403  403  403  302
member                GET   404  403  403  403  403  200
member                POST  404  403  403  403  403  422
member-remove         GET   302  302  302  302  302  302
member-remove         POST  404  403  403  403  403  302
desk-judging          GET   200  200  200  200  200  200
desk-judging          POST  405  405  405  405  405  405
desk-change           GET   403  403  403  403  403  302
desk-change           POST  403  403  403  403  403  422
desk-due-times        GET   403  403  403  403  403  302
desk-due-times        POST  403  403  403  403  403  302
rating-new            GET   403  403  403  403  403  302
rating-new            POST  403  403  403  403  403  422
rating-edit           GET   403  403  403  403  403  200
rating-edit           POST  403  403  403  403  403  422
rating-move           GET   403  403  403  403  403  302
rating-move           POST  403  403  403  403  403  302
rating-retire         GET   403  403  403  403  403  302
rating-retire         POST  403  403  403  403  403  302
rating-restore        GET   403  403  403  403  403  302
rating-restore        POST  403  403  403  403  403  302
item-new              GET   403  403  403  403  403  302
item-new              POST  403  403  403  403  403  422
item-edit             GET   403  403  403  403  403  200
item-edit             POST  403  403  403  403  403  422
item-move             GET   403  403  403  403  403  302
item-move             POST  403  403  403  403  403  302
item-retire           GET   403  403  403  403  403  302
item-retire           POST  403  403  403  403  403  302
desk-methodology      GET   200  200  200  200  200  200
desk-methodology      POST  403  403  403  403  403  302
desk-security         GET   200  200  200  200  200  200
desk-security         POST  405  405  405  405  405  405
desk-second-factor    GET   403  403  403  403  403  200
desk-second-factor    POST  403  403  403  403  403  302
desk-record           GET   403  403  403  403  403  200
desk-record           POST  403  403  403  403  403  405
token-new             GET   200  200  200  200  200  200
token-new             POST  422  422  422  422  422  422
token-revoke          GET   302  302  302  302  302  302
token-revoke          POST  404  404  404  302  404  404
desk-webhooks         GET   200  403  403  403  200  200
desk-webhooks         POST  405  403  403  403  405  405
webhook-new           GET   200  403  403  403  200  200
webhook-new           POST  422  403  403  403  422  422
webhook               GET   404  403  403  403  200  200
webhook               POST  405  405  405  405  405  405
webhook-edit          GET   404  403  403  403  200  200
webhook-edit          POST  404  403  403  403  422  422
webhook-rotate        GET   404  403  403  403  302  302
webhook-rotate        POST  404  403  403  403  200  200
webhook-off           GET   404  403  403  403  302  302
webhook-off           POST  404  403  403  403  302  302
webhook-on            GET   404  403  403  403  302  302
webhook-on            POST  404  403  403  403  302  302
webhook-remove        GET   404  403  403  403  200  200
webhook-remove        POST  404  403  403  403  302  302
webhook-test          GET   404  403  403  403  302  302
webhook-test          POST  404  403  403  403  302  302
webhook-replay        GET   404  403  403  403  302  302
webhook-replay        POST  404  403  403  403  422  422
webhook-delivery      GET   404  403  403  403  200  200
webhook-delivery      POST  405  405  405  405  405  405
"""
COLUMNS = ("stranger", "viewer", "checker", "reviewer", "editor", "admin")
NAMES = [pattern.name for module in (catalog, claims, review, desk_urls) for pattern in module.urlpatterns]


def expected() -> dict[tuple[str, str], dict[str, int]]:
    """(URL name, method) → status by column."""
    rows = [line.split() for line in TABLE.strip().splitlines()]
    return {
        (name, method): dict(zip(COLUMNS, map(int, statuses), strict=True))
        for name, method, *statuses in rows
    }


@pytest.fixture
def cast(mallory: Any, dave: Any, alice: Any, carol: Any, bob: Any, desk: Any) -> dict[str, Any]:
    """Who stands in which column. Carol is the one who was asked to review, Alice wrote the claim."""
    admin = make_person("anna", desk, Role.ADMIN)
    people = (mallory, dave, alice, carol, bob, admin)
    return dict(zip(COLUMNS, people, strict=True))


@pytest.fixture
def things(
    researched_claim: Any, desk: Any, alice: Any, bob: Any, carol: Any, make_capture: Any
) -> dict[str, dict[str, Any]]:
    """What the addresses are about, by the first word of their names; all of it belongs to Alice's desk."""
    capture = Capture.objects.get()
    failed = request_capture(desk=desk, url=capture.url, by=alice, at=T0)
    fail(take(failed.pk, at=T0), FailureCode.TIMEOUT, "No answer came in time.", at=T0)
    batch = request_batch(desk=desk, rows=read_list(capture.url), label="", mode="http", by=alice, at=T0)
    change = recaptured(make_capture, fetched(capture, hours=0), "Nothing is left of it.")
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    free = assign_review(claim=researched_claim, reviewer=None, by=bob, at=T0)
    token, _secret = make_token(name="Newsroom", scopes=[Scope.values[0]], by=carol, at=T0)
    hook, _secret = make_webhook(
        desk=desk, name="Archive", url="https://archive.example/", told_of=["published"], by=bob, at=T0
    )
    boss = make_person("boss", desk, Role.ADMIN)
    invited, _secret = invite(desk=desk, email="n@wire.example", role=Role.VIEWER, by=boss, at=T0)
    figure = add_figure(claim=researched_claim, point=745, unit="people-killed", by=alice, at=T0)
    claim, source = {"pk": researched_claim.pk}, {"pk": researched_claim.assertions.get().speaker_id}
    document = {"pk": capture.document_id}
    owner = register_source(desk=desk, kind="organisation", name="An owner", by=alice, at=T0)
    said = researched_claim.assertions.get().speaker
    tie = affiliate(source=said, kind="owned-by", principal=owner, by=alice, at=T0)
    alias = add_alias(source=said, name="المرصد", by=alice, at=T0)
    other = ask_redaction(
        capture=make_capture("A name."), ground="copyright", reason="A letter.", by=bob, at=T0
    )
    picture = receive_upload(
        desk=desk,
        content=[encoded(scene(), "PNG")],
        filename="coast.png",
        url="http://wire.example/p",
        by=alice,
        at=T0,
    )
    region = mark_region(
        capture=picture, kind="picture", box=(0, 0, 9, 9), shows="A bridge.", by=alice, at=T0
    )
    rated = rate_media(
        claim=researched_claim,
        capture=picture,
        media="image",
        rating="StagedContent",
        context="Nobody was on the bridge.",
        by=alice,
        at=T0,
    )
    Rendition.objects.create(capture=capture, kind="screenshot", blob=capture.body, media_type="image/png")
    return {
        "case": {"pk": researched_claim.case_id},
        "claim": claim,
        "figure": {"pk": figure.pk},
        "assertion": {"pk": researched_claim.assertions.get().pk},
        "evidence": {"pk": researched_claim.evidence.get().pk},
        "source": source,
        "protected": {
            "pk": register_source(desk=desk, kind="protected-person", name="N.", by=alice, at=T0).pk
        },
        "affiliation": {"pk": tie.pk},
        "alias": {"pk": tie.source_id, "alias": alias.pk},
        "document": document,
        "capture": {"pk": capture.pk},
        "text": {"pk": capture.texts.get().pk},
        "task": {"pk": task.pk},
        "free": {"pk": free.pk},
        "failed": {"pk": failed.pk},
        "batch": {"pk": batch.pk},
        "change": {"pk": change.pk},
        "redaction": {"pk": other.pk},
        "picture": {"pk": picture.pk},
        "region": {"pk": region.pk},
        "medium": {"pk": rated.pk},
        "comment": {"pk": comment(claim=researched_claim, text="Is it so?", by=alice, at=T0).pk},
        "view": {"pk": save_view(desk=desk, name="V", query="", is_shared=True, by=bob, at=T0).pk},
        "token": {"pk": token.pk},
        "webhook": {"pk": hook.pk},
        "delivery": {"pk": send_test(webhook=hook, by=bob, at=T0).pk},
        "member": {"pk": carol.memberships.get().pk},
        "invitation": {"pk": invited.pk},
        "rating": {"code": "disputed"},
        "item": {"pk": desk.checklist.create(text="Is it so?").pk},
        "notification": {"pk": carol.notifications.latest("created_at").pk},
        "entry": {"index": capture.entry_id},
    }


# The addresses that are about a thing, and the thing.
ABOUT = {
    "figure": "figure-edit figure-withdraw",
    "assertion": "assertion-edit assertion-withdraw",
    "evidence": "evidence-edit evidence-withdraw",
    "case": "case case-history case-figures case-ladder figure-compare claim-new",
    "claim": "claim claim-edit claim-move assertion-new figure-new evidence-new verdict-new task-new"
    " adjudication-new publish publish-preview media-new comment-new claim-history history-restore claim-provenance"
    " claim-annotations"
    " claim-figures claim-graph claim-ladder claim-evidence claim-custody claim-custody-json claim-custody-pdf"
    " publication-correct publication-pause publication-resume publication-retract",
    "protected": "source-custodians",
    "affiliation": "affiliation-edit affiliation-withdraw",
    "alias": "alias-remove",
    "source": "source-edit source-merge source-unmerge source grade-new affiliation-new alias-new source-identity"
    " source-graph",
    "document": "document capture-new upload-new watch-set mementos-find copy-ask",
    "change": "change change-seen",
    "capture": "redaction-new"
    " capture capture-metadata capture-stop capture-package capture-body capture-rendition capture-text"
    " capture-custody capture-custody-json capture-custody-pdf",
    "redaction": "redaction redaction-decide",
    "picture": "capture-page region-new",
    "region": "region region-withdraw region-picture",
    "medium": "media-withdraw",
    "text": "anchor-new",
    "task": "task task-accept task-decline task-submit task-reassign task-change task-cancel",
    "free": "task-take",
    "failed": "capture-retry",
    "batch": "batch",
    "comment": "comment comment-reply comment-edit comment-remove comment-resolve comment-reopen",
    "view": "view-delete",
    "token": "token-revoke",
    "webhook": "webhook webhook-edit webhook-rotate webhook-off webhook-on webhook-remove webhook-test webhook-replay",
    "delivery": "webhook-delivery",
    "member": "member member-remove",
    "invitation": "invitation-resend invitation-revoke",
    "rating": "rating-edit rating-move rating-retire rating-restore",
    "item": "item-edit item-move item-retire",
    "notification": "notification",
    "entry": "log-entry log-proof",
}
OF = {name: thing for thing, names in ABOUT.items() for name in names.split()}


def address(name: str, things: dict[str, dict[str, Any]]) -> str:
    given = things[OF[name]] if name in OF else {}
    more = {"capture-rendition": {"kind": "screenshot"}, "capture-page": {"page": 1}}.get(name, {})
    if name.endswith(("-graph", "-ladder")):
        more = {"kind": "svg"}
    return reverse(name, kwargs=given | more)


# What signs the log commits for itself, so nothing of it can be undone; it adds entries and no more.
LASTING = {"claim-evidence"}


def answers(client: Client, name: str, method: str, url: str) -> Any:
    """The answer to an empty request; whatever it changed is undone."""
    if name in LASTING:
        return getattr(client, method.lower())(url)
    with transaction.atomic():
        answer = getattr(client, method.lower())(url)
        transaction.set_rollback(True)
    return answer


def test_every_address_of_the_workbench_is_in_the_table():
    assert sorted(expected()) == sorted((name, method) for name in NAMES for method in ("GET", "POST"))
    roles, actions, desks = len(Role.values), len(expected()), 2
    print(f"{roles} roles × {actions} actions × {desks} desks = {roles * actions * desks} cells")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", COLUMNS)
def test_each_person_gets_what_the_table_says(cast, things, who):
    checkpoint(at=T0)
    client = Client(raise_request_exception=False)
    client.force_login(cast[who])
    found = {}
    for (name, method), statuses in expected().items():
        status = answers(client, name, method, address(name, things)).status_code
        if status != statuses[who]:
            found[name, method] = f"{status}, not {statuses[who]}"
    assert found == {}
    assert len(expected()) == 2 * len(NAMES)


def elsewhere(name: str, method: str, statuses: dict[str, int], role: str) -> int:
    """What the table means for somebody who has that role at another desk.

    What is about no thing is their own desk's, and so is a rating, which is named by its code. A thing of this desk
    is not found; where the role is asked first, only who has it learns even that. An address that only takes what is
    sent leads back, when it is opened, to the settings of one's own desk, whatever it names.
    """
    if OF.get(name) in (None, "rating") or (
        method == "GET" and statuses["stranger"] == 403 and statuses[role] == 302
    ):
        return statuses[role]
    if statuses["stranger"] == 403 and statuses[role] != 403:
        return 404
    return statuses["stranger"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", Role.values)
def test_no_role_at_another_desk_opens_anything_of_this_one(things, other_desk, role):
    checkpoint(at=T0)
    client = Client(raise_request_exception=False)
    client.force_login(make_person("far", other_desk, Role(role)))
    found = {}
    for (name, method), statuses in expected().items():
        status = answers(client, name, method, address(name, things)).status_code
        if status != elsewhere(name, method, statuses, role):
            found[name, method] = f"{status}, not {elsewhere(name, method, statuses, role)}"
    assert found == {}


def test_who_is_not_signed_in_is_sent_to_sign_in_from_everywhere(things, db):
    client, seen = Client(), 0
    for name, method in expected():
        url = address(name, things)
        answer = answers(client, name, method, url)
        assert (answer.status_code, answer["Location"]) == (302, f"{reverse('sign-in')}?next={url}"), name
        seen += 1
    assert seen == 2 * len(NAMES)


def test_what_changes_something_needs_the_token_that_only_our_own_pages_have(cast, things):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast["admin"])
    for name in NAMES:
        answer = answers(client, name, "POST", address(name, things))
        assert answer.status_code in (403, 405), name
