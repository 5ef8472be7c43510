"""Cases: list, opening one, and the event at a glance."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from claims.attribution.models import Assertion
from claims.attribution.services import attribute_claim, state_figure, withdraw_assertion
from claims.statements.models import Case, Claim
from claims.statements.services import add_figure, open_case
from sources.catalog.models import Source
from sources.catalog.services import grade_source
from tests.cast import T0

pytestmark = pytest.mark.django_db

LIST, NEW = "/desk/cases/", "/desk/cases/new/"


@pytest.fixture
def case(desk: Any, alice: Any) -> Case:
    return open_case(desk=desk, title="The coast", by=alice, at=T0)


def page(case: Case, query: str = "") -> str:
    return reverse("case", args=[case.pk]) + query


@pytest.mark.parametrize(
    "url", [LIST, NEW, f"/desk/cases/{UUID(int=1)}/", f"/desk/cases/{UUID(int=1)}/claims/new/"]
)
def test_case_pages_ask_to_sign_in(client, db, url):
    assert client.get(url)["Location"].startswith("/sign-in/?next=")


def test_case_of_another_desk_does_not_exist(client, mallory, case):
    client.force_login(mallory)
    assert client.get(page(case)).status_code == 404
    assert client.post(reverse("claim-new", args=[case.pk]), {"text": "x"}).status_code == 404
    assert "The coast" not in client.get(LIST).content.decode()


def test_case_forms_are_not_for_viewers(client, dave, case):
    client.force_login(dave)
    for url in (NEW, reverse("claim-new", args=[case.pk])):
        assert client.get(url).status_code == 403
        assert client.post(url, {"title": "x", "text": "x", "language": "en"}).status_code == 403
    assert not Claim.objects.exists()


def test_case_list_says_what_to_do_first(client, alice):
    client.force_login(alice)
    assert "No cases yet" in client.get(LIST).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_case_list_asks_the_same_for_one_and_three(client, alice, desk, django_assert_num_queries, rows):
    for number in range(rows):
        open_case(desk=desk, title=f"Case {number}", by=alice, at=T0)
    client.force_login(alice)
    with django_assert_num_queries(6):  # session, person, desks, how many, the page, the inbox
        client.get(LIST)


def test_opening_a_case_leads_to_it(client, alice, desk):
    client.force_login(alice)
    response = client.post(NEW, {"title": "The coast", "began_on": "2025-03-06"})
    case = Case.objects.get()
    assert response["Location"] == page(case)
    assert (case.desk, case.created_by) == (desk, alice)


def test_opening_a_case_that_ends_before_it_begins_keeps_what_was_typed(client, alice):
    client.force_login(alice)
    given = {"title": "The coast", "summary": "As typed.", "began_on": "2025-03-06", "ended_on": "2025-03-01"}
    response = client.post(NEW, given)
    assert response.status_code == 422
    assert "As typed." in response.content.decode()


def test_registering_a_claim_leads_to_it(client, alice, case):
    client.force_login(alice)
    given = {"text": "About 745 were killed.", "headline": "", "language": "en"}
    response = client.post(reverse("claim-new", args=[case.pk]), given)
    claim = Claim.objects.get()
    assert response["Location"] == reverse("claim", args=[claim.pk])
    assert (claim.case, claim.author, claim.workflow) == (case, alice, "draft")


def test_case_page_puts_claims_in_the_column_of_their_workflow(client, dave, case, make_claim):
    make_claim("A draft of ours.", case=case)
    client.force_login(dave)
    board = {column.state: column.cards for column in client.get(page(case)).context["board"]}
    assert [str(claim) for claim in board["draft"]] == ["A draft of ours."]
    assert board["approved"] == []


def test_case_page_as_a_list_filters_by_state(client, alice, case, make_claim):
    make_claim("A draft of ours.", case=case)
    client.force_login(alice)
    assert "A draft of ours." in client.get(page(case, "?view=list&state=draft")).content.decode()
    approved = client.get(page(case, "?view=list&state=approved"))
    assert not list(approved.context["page"])
    assert client.get(page(case, "?view=list&state=nonsense&page=-3")).status_code == 200


@pytest.fixture
def chain(case, make_claim, make_assertion, make_source):
    """Observatory says it, Wire and Gazette relay it, a ministry that is a party denies it."""
    claim = make_claim("They did it.", case=case)
    said = make_assertion(claim, make_source("Observatory"), modality="probable")
    wire = make_assertion(claim, make_source("Wire"), role="relay", derives_from=said)
    make_assertion(claim, make_source("Gazette"), role="relay", derives_from=wire)
    make_assertion(claim, make_source("Ministry", is_party=True), polarity="denies")
    return said


def test_matrix_counts_relays_beside_their_source_and_never_as_one(client, dave, case, chain):
    client.force_login(dave)
    rows = list(client.get(page(case, "?view=matrix")).context["page"])
    cells = {row.voice.name: row.cells[0] for row in rows}
    assert set(cells) == {"Observatory", "Ministry"}
    assert (cells["Observatory"].stance, cells["Observatory"].own, cells["Observatory"].relays) == (
        "affirms",
        1,
        2,
    )
    assert cells["Ministry"].stance == "denies"


def test_matrix_shows_party_certainty_and_grade(client, alice, case, chain):
    grade_source(source=chain.speaker, reliability="B", reason="Names its sources.", by=alice, at=T0)
    client.force_login(alice)
    html = client.get(page(case, "?view=matrix")).content.decode()
    assert "party to the conflict" in html
    assert "as probable" in html
    assert 'title="Reliability">B</b>' in html


def test_matrix_leaves_out_what_was_withdrawn(client, alice, case, chain):
    for gone in Assertion.objects.filter(speaker__name__in=["Gazette", "Ministry"]):
        withdraw_assertion(assertion=gone, by=alice, at=T0, why="Recorded by mistake.")
    client.force_login(alice)
    [row] = client.get(page(case, "?view=matrix")).context["page"]
    assert (row.voice.name, row.cells[0].relays) == ("Observatory", 1)


def test_matrix_reads_a_duplicate_as_the_source_it_was_merged_into(client, alice, case, chain, make_source):
    merged = Source.objects.filter(pk=chain.speaker_id)
    merged.update(
        merged_into=make_source("The Observatory"),
        merged_at=T0,
        merged_by=alice,
        merged_because="One of them.",
    )
    client.force_login(alice)
    names = {row.voice.name for row in client.get(page(case, "?view=matrix")).context["page"]}
    assert names == {"The Observatory", "Ministry"}


def test_ladder_page_keeps_figures_by_source_and_marks_the_replaced(
    client, alice, case, make_claim, make_assertion, make_source
):
    claim = make_claim(case=case)
    said = make_assertion(claim, make_source("Observatory"))
    scope = {"unit": "people-killed", "by": alice, "at": T0}
    first = state_figure(assertion=said, point=745, qualifier="around", as_of=T0.date(), **scope)
    state_figure(assertion=said, point=1383, supersedes=first, **scope)
    add_figure(claim=claim, lower=111, qualifier="at-least", **scope)
    client.force_login(alice)
    response = client.get(page(case, "?view=ladder"))
    groups = [(g["voice"].name, [row["number"] for row in g["rows"]]) for g in response.context["counts"]]
    assert groups == [("Not attributed", ["at least 111"]), ("Observatory", ["around 745", "1,383"])]
    html = response.content.decode()
    assert "<s>around 745</s>" in html
    assert 'text-decoration="line-through">around 745</text>' in html
    assert "2,239" not in html and "2239" not in html  # nobody's sum


def test_ladder_page_attributes_a_relayed_figure_to_its_root(client, alice, case, chain):
    relay = chain.relays.get()
    state_figure(assertion=relay, lower=745, qualifier="at-least", unit="people-killed", by=alice, at=T0)
    client.force_login(alice)
    response = client.get(page(case, "?view=ladder"))
    [group] = response.context["counts"]
    assert (group["voice"].name, group["rows"][0]["via"]) == ("Observatory", "Wire")


def test_ladder_page_escapes_what_people_wrote(client, alice, case, make_claim, make_assertion, make_source):
    said = make_assertion(make_claim(case=case), make_source("<script>alert(1)</script>"))
    hostile = {"as_written": "</text><script>x", "place_as_written": '"><img src=x>'}
    state_figure(assertion=said, point=1, unit="people-killed", by=alice, at=T0, **hostile)
    client.force_login(alice)
    html = client.get(page(case, "?view=ladder")).content.decode()
    assert "<script>alert" not in html and "<script>x" not in html and "<img src=x" not in html


def test_timeline_puts_everything_on_its_day(client, alice, case, chain, make_capture, make_document):
    document = make_document(published_at=T0 + timedelta(days=2))
    make_capture(document=document)
    said = {"said_at": T0, "document": document, "by": alice, "at": T0}
    told = attribute_claim(claim=chain.claim, speaker=chain.speaker, **said)
    scope = {"assertion": told, "unit": "people-killed", "by": alice, "at": T0}
    first = state_figure(point=745, as_of=T0.date(), **scope)
    state_figure(point=1383, as_of=T0.date() + timedelta(days=4), supersedes=first, **scope)
    Case.objects.filter(pk=case.pk).update(began_on=T0.date() - timedelta(days=3))
    client.force_login(alice)
    days = client.get(page(case, "?view=timeline")).context["page"].days
    kinds = [(day, [event.kind.value for event in events]) for day, events in days]
    assert kinds == [
        ("6 March 2025", ["happened"]),
        ("9 March 2025", ["archived", "said"]),
        ("11 March 2025", ["published"]),
        ("13 March 2025", ["superseded"]),
    ]
    newest = client.get(page(case, "?view=timeline&order=newest&kind=said")).context["page"].days
    assert [(day, len(events)) for day, events in newest] == [("9 March 2025", 1)]


def test_timeline_says_no_more_of_a_day_than_is_known(client, alice, case, make_claim, make_assertion):
    make_assertion(make_claim(case=case), said_at=T0.replace(day=1), said_precision="month")
    client.force_login(alice)
    [(day, [event])] = client.get(page(case, "?view=timeline")).context["page"].days
    assert (day, event.hour) == ("March 2025", "")


@pytest.mark.parametrize(
    "query", ["?view=nonsense", "?view=timeline&kind=x&order=y&page=-1", "?view=matrix&page=z"]
)
def test_case_page_reads_any_address(client, alice, case, query):
    client.force_login(alice)
    assert client.get(page(case, query)).status_code == 200


@pytest.mark.parametrize("view", ["ladder", "matrix", "timeline"])
def test_case_views_are_for_the_desk_alone(client, mallory, case, view):
    assert client.get(page(case, f"?view={view}")).status_code == 302
    client.force_login(mallory)
    assert client.get(page(case, f"?view={view}")).status_code == 404


QUERIES = {"board": 17, "list": 15, "ladder": 9, "matrix": 10, "timeline": 12}


@pytest.mark.parametrize("view", QUERIES)
@pytest.mark.parametrize("rows", [1, 3])
def test_case_page_asks_the_same_for_one_and_three(
    client, alice, case, make_claim, make_assertion, make_capture, django_assert_num_queries, rows, view
):
    for _ in range(rows):
        claim = make_claim(case=case)
        said = make_assertion(claim, document=make_capture().document, said_at=T0)
        scope = {"assertion": said, "unit": "people-killed", "by": alice, "at": T0}
        first = state_figure(point=745, as_of=T0.date(), **scope)
        state_figure(point=1383, as_of=T0.date(), supersedes=first, **scope)
    client.force_login(alice)
    with django_assert_num_queries(QUERIES[view]):
        client.get(page(case, f"?view={view}"))


def test_ladder_takes_the_part_that_its_source_states_and_puts_it_under_its_total(
    client, dave, alice, case, make_assertion, make_claim
):
    said = make_assertion(make_claim(case=case))
    scope = {
        "unit": "people-killed",
        "category": "civilians",
        "window_from": "2025-03-07",
        "by": alice,
        "at": T0,
    }
    scope |= {"window_to": "2025-03-12", "as_of": "2025-03-12", "assertion": said}
    total = state_figure(point=1383, as_written="1383 شخصا", place_as_written="Syrian coast", **scope)
    other = state_figure(point=2000, place_as_written="Elsewhere", **scope)
    for killed, where in ((12, "Homs"), (683, "Latakia")):
        state_figure(point=killed, place_as_written=where, part_of=total, **scope)
    client.force_login(dave)
    answer = client.get(page(case, "?view=ladder"))
    html = " ".join(answer.content.decode().split())
    assert (
        html.count("Its source says that 683 is part of 1,383 (") == 2
    )  # the wide picture and the narrow one
    assert "“Latakia” and “Syrian coast” lie to each other" not in html
    [group] = answer.context["counts"]
    points = [row["figure"].point for row in group["rows"]]
    at = points.index(1383)
    assert points[at : at + 3] == [1383, 683, 12] and other.point in points


@pytest.mark.parametrize("rows", [3, 13])
def test_matrix_of_few_rows_stands_whole(client, dave, case, make_claim, make_assertion, make_source, rows):
    claim = make_claim(case=case)
    for number in range(rows):
        make_assertion(claim, make_source(f"Source {number}"))
    client.force_login(dave)
    html = client.get(page(case, "?view=matrix")).content.decode()
    assert ('class="scroll matrix tall"' in html) == (rows > 12) and 'class="scroll matrix' in html
