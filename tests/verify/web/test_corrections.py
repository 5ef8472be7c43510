"""Correcting and withdrawing on the pages, the history of it, long claims folded, sources named by typing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from claims.attribution.models import Assertion
from claims.attribution.services import correct_assertion, link_evidence, state_figure, withdraw_assertion
from claims.statements.models import Claim
from sources.catalog.models import Source, SourceKind
from sources.catalog.services import add_alias
from tests.cast import T0
from verify.web.drafts import EVIDENCE
from verify.web.folds import FIRST, ORIGINS, PER_PAGE, folded_chain

pytestmark = pytest.mark.django_db

GIVEN = {"role": "originator", "verb": "stated", "polarity": "affirms", "said_precision": "day"}


def at(name: str, thing: Any) -> str:
    return reverse(name, args=[thing.pk])


def corrected(assertion: Assertion, **change: Any) -> dict[str, Any]:
    """What the page sends for an assertion of which only `change` is another."""
    revision = Claim.objects.get(pk=assertion.claim_id).revision
    return {**GIVEN, "speaker": assertion.speaker.name, "revision": revision, "why": "A slip."} | change


def test_correcting_shows_what_is_recorded_and_saves_what_was_changed(
    client, alice, make_claim, make_assertion, make_source
):
    root = make_assertion(make_claim())
    said = make_assertion(root.claim, make_source("Wire"), derives_from=root, said_at=T0, hedge="reportedly")
    client.force_login(alice)
    html = client.get(at("assertion-edit", said)).content.decode()
    assert 'value="Wire"' in html and 'value="2025-03-09"' in html and "reportedly" in html
    response = client.post(at("assertion-edit", said), corrected(said, derives_from=root.pk, verb="claimed"))
    assert response.status_code == 302
    said.refresh_from_db()
    assert (said.verb, said.hedge, said.said_at, said.derives_from) == ("claimed", "", None, root)


def test_correcting_meanwhile_keeps_what_was_typed_and_says_who_was_quicker(
    client, alice, bob, make_claim, make_assertion
):
    said = make_assertion(make_claim())
    typed = corrected(said, hedge="as typed")
    correct_assertion(assertion=said, verb="alleged", revision=typed["revision"], why="Look.", by=bob, at=T0)
    client.force_login(alice)
    response = client.post(at("assertion-edit", said), typed)
    html = response.content.decode()
    assert response.status_code == 422
    assert "as typed" in html and "Bob changed this claim" in html
    typed["revision"] = response.context["form"].data["revision"]
    assert client.post(at("assertion-edit", said), typed).status_code == 302


def test_a_circle_is_said_at_its_field(client, alice, make_claim, make_assertion):
    root = make_assertion(make_claim())
    relay = make_assertion(root.claim, derives_from=root)
    client.force_login(alice)
    response = client.post(at("assertion-edit", root), corrected(root, derives_from=relay.pk))
    assert "a circle" in response.context["form"].errors["derives_from"][0]


def test_withdrawing_needs_a_reason_and_an_heir_for_its_relays(client, alice, make_claim, make_assertion):
    claim = make_claim()
    twice, root = make_assertion(claim), make_assertion(claim)
    make_assertion(claim, derives_from=twice)
    client.force_login(alice)
    url = at("assertion-withdraw", twice)
    assert "why" in client.post(url, {}).context["withdraw_form"].errors
    refused = client.post(url, {"why": "Twice."}).context["withdraw_form"]
    assert "taken over from it" in str(refused.errors)
    assert client.post(url, {"why": "Twice.", "relays_to": root.pk}).status_code == 302
    twice.refresh_from_db()
    assert not twice.stands and root.relays.count() == 1
    assert client.get(at("assertion-edit", twice))["Location"] == at("claim-history", claim)


def test_evidence_is_corrected_and_withdrawn(client, alice, researched_claim):
    piece = researched_claim.evidence.get()
    client.force_login(alice)
    judged = {"stance": "contextualises", "strength": "weak", "credibility": 4, "reason": "Only context."}
    given = {**judged, "why": "Read again.", "revision": researched_claim.revision}
    assert client.post(at("evidence-edit", piece), {**given, "credibility": 1}).status_code == 422
    assert client.post(at("evidence-edit", piece), given).status_code == 302
    piece.refresh_from_db()
    assert (piece.stance, piece.credibility) == ("contextualises", 4)
    assert client.post(at("evidence-withdraw", piece), {"why": "Linked twice."}).status_code == 302
    assert (
        "Only context."
        not in client.get(at("claim", researched_claim)).content.decode().split("corrections")[0]
    )


def test_history_says_who_changed_what_from_what_and_why(client, bob, alice, researched_claim, make_source):
    said = researched_claim.assertions.get()
    wire = make_source("The wire")
    revision = researched_claim.revision
    correct_assertion(
        assertion=said, speaker=wire, verb="claimed", revision=revision, why="Misread.", by=bob, at=T0
    )
    withdraw_assertion(assertion=said, why="Another claim.", by=alice, at=T0)
    client.force_login(alice)
    page = client.get(at("claim-history", researched_claim)).context["page"].object_list
    changed = next(entry for entry in page if entry.kind == "assertion" and entry.did == "corrected")
    assert (changed.by, changed.why) == ("Bob", "Misread.")
    changes = {change.name: (change.old, change.new) for change in changed.changes}
    assert changes == {"speaker": ("Observatory", "The wire"), "verb": ("stated", "claimed")}
    gone = [entry for entry in page if entry.withdrawn]
    assert {entry.kind for entry in gone} == {"assertion", "evidence"}
    assert {entry.why for entry in gone} == {"Another claim."}
    assert [entry.at for entry in page] == sorted((entry.at for entry in page), reverse=True)


@pytest.mark.parametrize("rows", [1, 3])
def test_history_asks_the_same_for_one_and_three(
    client, alice, make_claim, make_assertion, make_source, django_assert_num_queries, rows
):
    claim = make_claim()
    for _ in range(rows):
        said = make_assertion(claim, outlet=make_source())
        revision = Claim.objects.get(pk=claim.pk).revision
        correct_assertion(assertion=said, outlet=make_source(), revision=revision, why="So.", by=alice, at=T0)
    client.force_login(alice)
    # session, person, desks, claim; how many, which; events of two kinds, those before; people, names; moves;
    # the inbox, members; media ratings that were withdrawn
    with django_assert_num_queries(17):
        assert client.get(at("claim-history", claim)).status_code == 200


def test_a_long_origin_is_folded_and_opens_page_by_page(client, alice, make_claim, make_source):
    claim = make_claim()
    wire = make_source("Wire")
    made = {"claim": claim, "created_by": alice, "created_at": T0}
    root = Assertion.objects.create(speaker=wire, **made)
    relays = Assertion.objects.bulk_create(
        Assertion(speaker=wire, role="relay", derives_from=root, **made) for _ in range(PER_PAGE + 4)
    )
    client.force_login(alice)
    page = client.get(at("claim", claim))
    assert page.content.decode().count('class="statement"') == FIRST
    assert f"{PER_PAGE + 5 - FIRST} more of this origin" in page.content.decode()
    key = page.context["read"].fold.groups[0]["key"]
    first = client.get(at("claim", claim), {"origin": key})
    last = client.get(at("claim", claim), {"origin": key, "said": "2"})
    ids = [
        said["id"]
        for read in (first, last)
        for group in read.context["read"].origins
        for said in group["statements"]
    ]
    assert sorted(ids) == sorted(str(said.pk) for said in (root, *relays))
    assert ids[0] == str(root.pk)
    assert first.context["read"].digest == page.context["read"].digest
    there = client.get(at("claim", claim), {"statement": ids[-1]}).content.decode()
    assert f'id="said-{ids[-1]}"' in there


def test_many_origins_stand_on_pages(client, alice, make_claim, make_assertion):
    claim = make_claim()
    for _ in range(ORIGINS + 1):
        make_assertion(claim)
    client.force_login(alice)
    shown = client.get(at("claim", claim), {"origins": "2"}).context["read"].origins
    assert [group["place"] for group in shown] == [ORIGINS + 1]
    assert client.get(at("claim", claim), {"origins": "x", "said": "y", "origin": "z"}).status_code == 200


def test_evidence_leads_to_its_statement_where_it_is_folded(client, alice, make_claim, make_source):
    claim, wire = make_claim(), make_source("Wire")
    made = {"claim": claim, "created_by": alice, "created_at": T0, "speaker": wire}
    root = Assertion.objects.create(**made)
    relays = [Assertion.objects.create(role="relay", derives_from=root, **made) for _ in range(FIRST + 1)]
    for said in (root, *relays):
        link_evidence(claim=claim, assertion=said, stance="corroborates", reason="So.", by=alice, at=T0)
    client.force_login(alice)
    html = client.get(at("claim", claim)).content.decode()
    shown = [said for said in (root, *relays) if f'id="said-{said.pk}"' in html]
    assert len(shown) == FIRST and root in shown
    for said in (root, *relays):
        elsewhere = "" if said in shown else f"{at('claim', claim)}?statement={said.pk}"
        assert f'href="{elsewhere}#said-{said.pk}"' in html


def test_a_grade_that_has_become_too_good_is_flagged_where_it_is_decided(
    client, bob, researched_claim, make_assertion
):
    second = make_assertion(researched_claim)
    link_evidence(
        claim=researched_claim,
        assertion=second,
        stance="corroborates",
        reason="Two say it.",
        credibility=1,
        by=bob,
        at=T0,
    )
    client.force_login(bob)
    holds = "No evidence is graded better than its origins allow."
    assert holds in client.get(at("publish", researched_claim)).content.decode()
    for page in ("claim", "publish"):
        assert "evidence is graded better" not in (
            client.get(at(page, researched_claim)).content.decode().replace(holds, "")
        )
    withdraw_assertion(
        assertion=researched_claim.assertions.order_by("created_at").first(), why="No.", by=bob, at=T0
    )
    for page in ("claim", "publish"):
        html = client.get(at(page, researched_claim)).content.decode()
        assert "One piece of evidence is graded better" in html and holds not in html
        # The publish page shows what readers will see, and leads to the grade.
        assert (
            "2 is the best grade" if page == "claim" else f'{at("claim", researched_claim)}#evidence"'
        ) in html


def test_a_source_is_named_in_any_script_and_a_duplicate_is_read_as_what_stands(
    client, alice, make_claim, make_source
):
    stands = make_source("SANA")
    add_alias(source=stands, name="سانا", by=alice)
    duplicate = make_source("Syrian Arab News Agency")
    Source.objects.filter(pk=duplicate.pk).update(
        merged_into=stands, merged_at=T0, merged_by=alice, merged_because="One agency."
    )
    client.force_login(alice)
    for typed in ("SANA", "sana", "سانا", " SANA ", str(stands.pk), "Syrian Arab News Agency"):
        claim = make_claim()
        client.post(at("assertion-new", claim), {**GIVEN, "speaker": typed})
        assert claim.assertions.get().speaker == stands, typed


def test_an_unknown_name_is_refused_with_the_nearest_and_a_way_to_register(
    client, alice, make_claim, make_source
):
    make_source("Observatory for Human Rights")
    client.force_login(alice)
    for typed, near in (("Observatory", True), ("<b>Zzyzx</b>", False)):
        response = client.post(
            at("assertion-new", make_claim()), {**GIVEN, "speaker": typed, "hedge": "kept"}
        )
        error = response.context["form"].errors["speaker"][0]
        html = response.content.decode()
        assert response.status_code == 422 and "kept" in html and "/desk/sources/new/?name=" in error
        assert ("Nearest: Observatory for Human Rights" in error) is near
        assert "<b>Zzyzx" not in html


def test_an_outlet_publishes_and_one_of_another_desk_is_unknown(
    client, alice, mallory, other_desk, make_claim, make_source
):
    make_source("Jane", kind=SourceKind.PERSON)
    make_source("Their paper", desk=other_desk, by=mallory)
    client.force_login(alice)
    for typed in ("Jane", "Their paper"):
        given = {**GIVEN, "speaker": make_source().name, "outlet": typed}
        response = client.post(at("assertion-new", make_claim()), given)
        assert "outlet" in response.context["form"].errors
        assert "Nearest: Their" not in response.content.decode()


def test_a_hedge_suggests_a_modality_and_decides_nothing(client, alice, make_claim, make_source):
    claim = make_claim()
    client.force_login(alice)
    given = {**GIVEN, "speaker": make_source().name, "hedge": "allegedly", "modality": "certain"}
    html = client.post(at("assertion-new", claim), given, follow=True).content.decode()
    assert "“allegedly” usually presents a thing as possible; it is recorded as certain." in html
    assert claim.assertions.get().modality == "certain"


def test_published_at_is_kept_with_its_precision(client, alice, make_claim, make_source):
    claim = make_claim()
    client.force_login(alice)
    given = {
        **GIVEN,
        "speaker": make_source().name,
        "published_on": "2025-03-08",
        "published_precision": "month",
    }
    client.post(at("assertion-new", claim), given)
    said = claim.assertions.get()
    assert (said.published_at.isoformat(), said.published_precision) == ("2025-03-08T00:00:00+00:00", "month")
    assert "March 2025" in client.get(at("claim", claim)).content.decode()


def test_a_very_long_chain_keeps_its_ends():
    links = [{"role": "r", "name": str(number)} for number in range(500)]
    names = [link["name"] for link in folded_chain(links)]
    assert names == ["0", "1", "… 493 …", "495", "496", "497", "498", "499"]
    assert folded_chain(links[:8]) == links[:8]


def test_a_conflict_shows_what_stands_beside_what_was_typed(
    client, alice, bob, make_claim, make_assertion, make_source
):
    said, wire = make_assertion(make_claim()), make_source("The wire")
    as_recorded = {"modality": "certain", "published_precision": said.published_precision}
    typed = corrected(said, hedge="as typed", said_on="2025-03-08", **as_recorded)
    change = {"speaker": wire, "verb": "alleged"}
    correct_assertion(assertion=said, **change, revision=typed["revision"], why="Look.", by=bob, at=T0)
    client.force_login(alice)
    response = client.post(at("assertion-edit", said), typed)
    lines = response.context["merge"].to_decide  # nobody knows what was there when the form was opened
    differs = {line.label: (line.theirs.words, line.mine.words) for line in lines}
    assert differs == {
        "Speaker": ("The wire", said.speaker.name),
        "Verb": ("alleged", "stated"),
        "Hedge": ("", "as typed"),
        "Said on": ("", "8 March 2025"),
    }
    assert "What stands now" in response.content.decode()


def test_how_a_source_is_named_is_typed_kept_and_shown(client, alice, make_claim, make_assertion):
    root = make_assertion(make_claim())
    said = make_assertion(root.claim)
    client.force_login(alice)
    typed = corrected(said, cites_note="as local media report")
    refused = client.post(at("assertion-edit", said), typed).context["form"]
    assert "newly chosen" in refused.errors["cites_note"][0]
    assert client.post(at("assertion-edit", said), {**typed, "cites": [root.pk]}).status_code == 302
    assert said.citations.get().note == "as local media report"
    assert "“<bdi>as local media report</bdi>”" in client.get(at("claim", root.claim)).content.decode()


def test_much_evidence_stands_on_pages_and_counts_all(client, bob, researched_claim, make_document):
    for number in range(EVIDENCE):
        link_evidence(
            claim=researched_claim,
            document=make_document(),
            stance="contradicts",
            reason=f"Piece {number}.",
            by=bob,
            at=T0,
        )
    client.force_login(bob)
    first = client.get(at("claim", researched_claim))
    second = client.get(at("claim", researched_claim), {"evidence": 2})
    reads = [page.context["read"] for page in (first, second)]
    pages = [[piece for stance in read.evidence for piece in stance["pieces"]] for read in reads]
    assert [len(pieces) for pieces in pages] == [EVIDENCE, 1]
    assert {piece["id"] for pieces in pages for piece in pieces} == {
        str(e.pk) for e in researched_claim.evidence.all()
    }
    assert [stance["total"] for stance in reads[1].evidence] == [EVIDENCE]
    assert "?evidence=2#evidence" in first.content.decode()


def test_the_picture_leads_to_statements_that_are_folded(
    client, alice, make_claim, make_assertion, make_source
):
    root = make_assertion(make_claim())
    relays = [make_assertion(root.claim, make_source(), derives_from=root) for _ in range(FIRST + 1)]
    client.force_login(alice)
    url = at("claim", root.claim)
    html = client.get(url).content.decode()
    picture = html.partition('id="graph"')[2].partition("</section>")[0]
    folded = [said for said in relays if f'id="said-{said.pk}"' not in html]
    assert folded and f'href="#said-{root.pk}"' in picture
    for said in folded:
        assert f'"{url}?statement={said.pk}#said-{said.pk}"' in picture
        assert f'"#said-{said.pk}"' not in picture


def test_the_data_of_a_claim_is_a_line_of_links_that_answer(client, alice, dave, researched_claim):
    state_figure(
        assertion=researched_claim.assertions.get(), point=745, unit="people-killed", by=alice, at=T0
    )
    client.force_login(dave)
    html = client.get(at("claim", researched_claim)).content.decode()
    line = html.partition('id="data"')[2].partition("</p>")[0]
    links = re.findall('href="([^"]+)"', line)
    names = ("claim-ladder", "claim-figures", "claim-annotations", "claim-provenance")
    wanted = {
        reverse(name, args=[researched_claim.pk, *(["svg"] if name == "claim-ladder" else [])])
        for name in names
    }
    assert wanted <= set(links)
    assert {client.get(link).status_code for link in links} == {200}
