"""The demonstration case holds together: references resolve, quotes stand in the pages, figures are right."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any, get_args, get_type_hints

import pytest
import trafilatura

from sources.archive.kinds import Family, Kind
from sources.archive.pages import lies_within, look
from sources.archive.text import extract
from verify.demo import briefing, outlets, pressroom, sent, story

DOCUMENTS = {document.key: document for document in story.DOCUMENTS}
FILES = {file.key: file for file in story.FILES}
ASSERTIONS = {assertion.key: assertion for assertion in story.ASSERTIONS}
FIGURES = {figure.key: figure for figure in story.FIGURES}
KEYED: list[Any] = [
    story.SOURCES,
    [*story.DOCUMENTS, *story.FILES],
    story.CLAIMS,
    story.ASSERTIONS,
    story.EVIDENCE,
    story.FIGURES,
    story.REGIONS,
]
SOURCES = {source.key: source for source in story.SOURCES}
CLAIMS = {claim.key: claim for claim in story.CLAIMS}
REGIONS = {region.key: region for region in story.REGIONS}
UPLOADS = dict(sent.FILES)
PDF = Kind("application/pdf", Family.PDF, False)


@cache
def extracted(url: str, stage: int = 1) -> str:
    host, _, path = url.removeprefix("http://").partition("/")
    if url == FILES["un-briefing-pdf"].url:
        read = extract(PDF, briefing.pdf(), url=url)
        return read.text if read else ""
    page = outlets.load(host, "/" + path, stage)
    assert page, url
    return trafilatura.extract(outlets.render(page), favor_precision=True, include_comments=False) or ""


def references() -> Iterator[tuple[str, Any]]:
    """Every reference of the story, with the table in which it must be found. An empty one means none."""
    for tie in story.AFFILIATIONS:
        yield from [(tie.source, SOURCES), (tie.target, SOURCES), (tie.document, DOCUMENTS)]
    for ending in story.ENDINGS:
        yield from [(ending.source, SOURCES), (ending.target, SOURCES), (ending.document, DOCUMENTS)]
    yield from ((grade.source, SOURCES) for grade in [*story.GRADES, *story.GRADES_LATER])
    yield from ((name, SOURCES) for merge in story.MERGES for name in (merge.source, merge.into))
    yield from ((document.outlet, SOURCES) for document in [*story.DOCUMENTS, *story.FILES])
    for region in story.REGIONS:
        yield from [(region.document, FILES), (region.upload, UPLOADS), (region.assertion, ASSERTIONS)]
    yield from ((correction.key, ASSERTIONS) for correction in story.CORRECTIONS)
    yield from ((correction.key, FIGURES) for correction in story.FIGURE_CORRECTIONS)
    for said in story.ASSERTIONS:
        yield from [(said.claim, CLAIMS), (said.speaker, SOURCES), (said.outlet, SOURCES)]
        yield from [(said.document, DOCUMENTS | FILES), (said.on_behalf_of, SOURCES)]
        yield from ((other, ASSERTIONS) for other in (said.derives_from, *said.cites))
    for item in story.EVIDENCE:
        yield from [(item.claim, CLAIMS), (item.assertion, ASSERTIONS), (item.document, DOCUMENTS)]
        yield from [(item.upload, UPLOADS), (item.region, REGIONS)]
    for figure in story.FIGURES:
        yield from [(figure.assertion, ASSERTIONS), (figure.part_of, FIGURES), (figure.supersedes, FIGURES)]
    yield from ((verdict.claim, CLAIMS) for verdict in story.VERDICTS)
    yield from ((review.claim, CLAIMS) for review in story.REVIEWS)


def test_references_resolve_and_keys_are_unique() -> None:
    assert [reference for reference, table in references() if reference and reference not in table] == []
    for table in KEYED:
        assert [key for key, count in Counter(row.key for row in table).items() if count > 1] == []


def test_words_come_from_the_vocabularies() -> None:
    rows = [
        *(row for table in KEYED for row in table),
        *story.AFFILIATIONS,
        *story.GRADES,
        *story.GRADES_LATER,
    ]
    for row in [*rows, *story.VERDICTS, *story.REVIEWS]:
        for name, hint in get_type_hints(type(row)).items():
            choices = get_args(hint)
            if choices and isinstance(choices[0], str | int):
                assert getattr(row, name) in choices, (row, name)


@pytest.mark.parametrize(
    "said", [*story.ASSERTIONS, *(each.assertion for each in story.MISTAKES)], ids=lambda said: said.key
)
def test_quote_and_hedge_stand_in_the_extracted_text(said: Any) -> None:
    document = (DOCUMENTS | FILES)[said.document]
    text = extracted(document.url)
    assert text.count(said.quote) == 1
    assert said.hedge in text
    assert document.outlet == said.outlet
    if document.key in DOCUMENTS:
        assert said.said_at <= document.published_at and said.published_on is None
    else:
        assert said.published_on and said.said_at.date() <= said.published_on


@pytest.mark.parametrize("region", story.REGIONS, ids=lambda region: region.key)
def test_region_lies_in_its_file_and_the_words_stand_there(region: Any) -> None:
    host, _, path = (
        FILES[region.document].url.removeprefix("http://").partition("/") if region.document else [""] * 3
    )
    if region.kind == "page":
        reply = pressroom.find(outlets.OUTLETS[host], "/" + path, 1)
        assert reply.content_type == "application/pdf"
        assert (
            look(PDF, BytesIO(reply.body), places=[(region.page, region.box)]).places[0].words == region.shows
        )
    elif region.kind == "time":
        clip = pressroom.find(outlets.OUTLETS[host], "/" + path, 1).body
        length = look(Kind("video/webm", Family.VIDEO, False), BytesIO(clip)).duration
        assert length and 0 <= region.span[0] < region.span[1] <= length
    else:
        jpeg, sent_file = Kind("image/jpeg", Family.IMAGE, False), BytesIO(UPLOADS[region.upload]())
        seen = look(jpeg, sent_file, places=[(1, region.box)]).places[0]
        assert lies_within(region.box, seen.width, seen.height)


def test_briefing_has_the_same_bytes_every_time_and_no_date() -> None:
    first = briefing.pdf()
    briefing.pdf.cache_clear()
    assert briefing.pdf() == first
    assert b"CreationDate" not in first


@pytest.mark.parametrize("page", list(outlets.pages()), ids=lambda page: page.url)
def test_main_text_is_extracted_whole(page: outlets.Page) -> None:
    text = extracted(page.url)
    assert 115 <= len(text.split()) <= 350
    assert "Verify" not in text or page.outlet.host == "trouble.example"


def test_stage_two_loses_a_quote_that_the_desk_relies_on() -> None:
    url = DOCUMENTS["bbc-toll"].url
    for key in ["bbc-745", "bbc-violations"]:
        assert ASSERTIONS[key].quote in extracted(url)
        assert ASSERTIONS[key].quote not in extracted(url, stage=2)


def test_every_document_is_served_in_stage_one() -> None:
    hosts = pressroom.HOSTS
    for document in [*story.DOCUMENTS, *story.FILES]:
        host, _, path = document.url.removeprefix("http://").partition("/")
        assert host in hosts
        assert pressroom.find(outlets.OUTLETS[host], "/" + path, 1).status == 200
        assert document.title and (document.key in FILES or document.byline)


def test_claims_are_short_and_judged_and_headlines_bear_no_rating() -> None:
    ratings = {"confirmed", "false", "true", "disputed", "unverified", "contradicted", "superseded"}
    for claim in story.CLAIMS:
        assert len(claim.headline) < 75 and len(claim.proposition) <= 300, claim.key
        assert not ratings & set(claim.headline.lower().split())
    begun = [claim.key for claim in story.CLAIMS if claim.workflow not in ("draft", "triaged")]
    assert sorted(verdict.claim for verdict in story.VERDICTS) == sorted(begun)
    assert {claim.workflow for claim in story.CLAIMS} == {
        "draft",
        "triaged",
        "in-research",
        "in-review",
        "approved",
    }


def test_derivations_stay_in_one_claim_and_have_no_cycle() -> None:
    for said in story.ASSERTIONS:
        chain = [said]
        while chain[-1].derives_from:
            chain.append(ASSERTIONS[chain[-1].derives_from])
            assert len(chain) <= len(ASSERTIONS)
        assert {link.claim for link in chain} == {said.claim}


def test_two_invented_outlets_name_each_other_as_the_source() -> None:
    levant, gulf = ASSERTIONS["levant-clip"], ASSERTIONS["gulf-clip"]
    assert (gulf.derives_from, levant.cites, levant.claim) == (levant.key, (gulf.key,), gulf.claim)
    assert all("invented" in SOURCES[said.speaker].description for said in (levant, gulf))


def test_what_is_put_right_was_wrong_first_and_a_mistake_is_on_record_under_another_key() -> None:
    for correction in story.CORRECTIONS:
        assert all(getattr(ASSERTIONS[correction.key], name) != was for name, was in correction.first.items())
    for correction in story.FIGURE_CORRECTIONS:
        assert all(getattr(FIGURES[correction.key], name) != was for name, was in correction.first.items())
    assert story.MISTAKES and all(mistake.assertion.key not in ASSERTIONS for mistake in story.MISTAKES)


def test_seven_outlets_lead_back_to_two_origins_and_one_is_a_party() -> None:
    said = [assertion for assertion in story.ASSERTIONS if assertion.claim == "violations"]
    origins = [assertion for assertion in said if not assertion.derives_from]
    assert len({assertion.outlet for assertion in said}) == 7
    assert sorted(SOURCES[origin.speaker].party for origin in origins) == [False, True]


def test_evidence_points_to_one_thing_and_one_origin_never_has_credibility_one() -> None:
    origins = Counter(said.claim for said in story.ASSERTIONS if not said.derives_from)
    for item in story.EVIDENCE:
        assert sum(map(bool, [item.assertion, item.document, item.upload, item.region])) == 1, item.key
        assert item.credibility > 1 or origins[item.claim] > 1, item.key
        assert not item.assertion or ASSERTIONS[item.assertion].claim == item.claim


def test_nobody_reviews_a_claim_of_their_own_and_approved_ones_are_reviewed() -> None:
    assert all(review.reviewer != CLAIMS[review.claim].author for review in story.REVIEWS)
    judged = {review.claim for review in story.REVIEWS}
    approved = {
        claim for claim in judged if all(review.approves for review in story.REVIEWS if review.claim == claim)
    }
    assert approved == {claim.key for claim in story.CLAIMS if claim.workflow == "approved"}


def test_figures_are_the_reported_ones_and_their_numbers_stand_in_the_page() -> None:
    for figure in story.FIGURES:
        number = figure.point or figure.lower
        assert number, figure.key
        text = extracted(DOCUMENTS[ASSERTIONS[figure.assertion].document].url)
        assert f"{number:,}" in text and figure.as_written in text, figure.key
    governorates = [
        FIGURES[f"sohr-0312-{name}"].point or 0 for name in ["latakia", "tartous", "hama", "homs"]
    ]
    assert (
        governorates == [683, 433, 255, 12]
        and sum(governorates) == FIGURES["sohr-0312-civilians"].point == 1383
    )
    assert all(part.place_code for part in story.FIGURES if part.part_of == "sohr-0312-civilians")
    parts = {key: [part.point for part in story.FIGURES if part.part_of == key] for key in FIGURES}
    assert parts["sohr-0308-all"] == [745, 125, 148] and not FIGURES["sohr-0308-all"].parts_are_all
    for total in (figure for figure in story.FIGURES if figure.parts_are_all):
        assert sum(point or 0 for point in parts[total.key]) == total.point
    assert 1217 + 445 == FIGURES["snhr-0416-all"].point == 1662
    assert [FIGURES[f"sohr-0414-{who}"].point for who in ["civilians", "soldiers", "fighters"]] == [
        1557,
        273,
        259,
    ]


def test_figure_supersedes_only_an_older_one_of_the_same_scope() -> None:
    for figure in story.FIGURES:
        if figure.supersedes:
            older = FIGURES[figure.supersedes]
            assert older.as_of < figure.as_of
            assert (older.category, older.unit, older.perpetrator) == (
                figure.category,
                figure.unit,
                figure.perpetrator,
            )
