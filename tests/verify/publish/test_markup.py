"""The graph of a page: what the review has no room for stands beside it, tied by @id."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.verify.publish import contents
from tests.verify.publish.duke_schema import assert_keeps_the_rules
from verify.publish.markup import Change, Published, Where, copies_of, page_graph
from verify.publish.schemas import current
from verify.publish.validation import page_faults

SITE = "https://desk.example"
PAGE = f"{SITE}/claims/1/"
WHERE = Where(
    page=PAGE,
    site=f"{SITE}/",
    methodology=f"{SITE}/methodology/",
    corrections=f"{SITE}/corrections/",
    snapshot=f"{PAGE}v2/snapshot.json",
)
AT = datetime(2025, 3, 10, 8, 0, tzinfo=UTC)
CHANGED = Change(number=2, reason="The number was mistyped.", at=AT)


def rating(**fields: Any) -> dict[str, Any]:
    return {
        "id": "m1",
        "media": "video",
        "rating": "DecontextualizedContent",
        "context": "Filmed in 2013, in another town.",
        "original_url": "https://wire.example/2013",
        "is_file": True,
        "capture": contents.capture("c9"),
    } | fields


def with_media(**fields: Any) -> dict[str, Any]:
    return contents.whole() | {"schema": "verify-claim/3", "media": [rating(**fields)]}


def graph_of(content: dict[str, Any], *, changes: Any = (), entry: int | None = 7, **fields: Any) -> Any:
    published = Published(sha256="ab" * 32, entry=entry, first_at=AT, changes=changes)
    return page_graph(contents.version(content, **fields), where=WHERE, published=published)


def of_type(graph: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [node for node in graph["@graph"] if node["@type"] == name]


@pytest.mark.parametrize("content", [contents.whole(), contents.frozen(), with_media()], ids=["2", "1", "3"])
def test_review_in_the_graph_keeps_the_rules_whatever_the_schema(content):
    graph = graph_of(content)
    [review] = of_type(graph, "ClaimReview")
    assert_keeps_the_rules(review)
    assert [fault for fault in page_faults(graph, site=SITE) if fault.level == "error"] == []


def test_every_reference_leads_to_a_node_of_the_graph():
    graph = graph_of(with_media(), changes=[CHANGED])
    known, asked = set(), set()

    def walk(value: Any) -> None:
        if isinstance(value, list):
            for each in value:
                walk(each)
        elif isinstance(value, dict):
            if set(value) == {"@id"}:
                asked.add(value["@id"])
            elif "@id" in value:
                known.add(value["@id"])
            for each in value.values():
                walk(each)

    walk(graph)
    assert asked and asked <= known


def test_desk_names_its_policies_and_the_page_its_corrections():
    graph = graph_of(contents.whole(), changes=[CHANGED], kind="corrected", number=2)
    [desk], [page], [told] = (
        of_type(graph, name) for name in ("Organization", "WebPage", "CorrectionComment")
    )
    assert desk["publishingPrinciples"] == desk["correctionsPolicy"] == WHERE.methodology
    assert of_type(graph, "ClaimReview")[0]["author"]["@id"] == desk["@id"] == page["publisher"]["@id"]
    assert told["text"] == "The number was mistyped." and told["datePublished"] == "2025-03-10T08:00:00Z"
    assert page["correction"] == [{"@id": told["@id"]}] and page["version"] == 2


def test_copies_and_file_have_their_digests_and_places_in_the_log():
    content = contents.whole()
    graph = graph_of(content)
    copies = [node for node in of_type(graph, "CreativeWork") if "archivedAt" in node]
    assert {node["encoding"]["sha256"] for node in copies} == {
        copy["datapackage_sha256"] for copy in copies_of(current(content))
    }
    assert all(node["identifier"]["value"] is not None for node in copies)
    [file] = of_type(graph, "DataDownload")
    assert (file["sha256"], file["identifier"]["value"]) == ("ab" * 32, 7)
    assert len(of_type(graph, "WebPage")[0]["citation"]) == len(copies_of(current(content)))


def test_erased_copy_is_offered_nowhere():
    content = contents.claim(evidence=[contents.piece(capture=contents.capture("c3", entry=None, url=""))])
    [copy] = of_type(graph_of(content), "CreativeWork")
    assert not copy.keys() & {"archivedAt", "identifier", "url"}


def test_retracted_page_says_so_and_reviews_nothing():
    graph = graph_of(with_media(), changes=[CHANGED], kind="retracted")
    assert (
        not of_type(graph, "ClaimReview")
        and not of_type(graph, "MediaReview")
        and not of_type(graph, "Claim")
    )
    [page] = of_type(graph, "WebPage")
    assert page["creativeWorkStatus"] == "Retracted" and "mainEntity" not in page
    assert of_type(graph, "CorrectionComment")


def test_origins_are_listed_and_the_party_is_named_as_one():
    groups = [{"key": "a", "name": "Observatory", "members": []}, {"key": "b", "name": "", "party": True}]
    graph = graph_of(contents.whole(), origins={"groups": groups, "counts": {}})
    [origins] = of_type(graph, "ItemList")
    assert origins["numberOfItems"] == 2
    assert [item["name"] for item in origins["itemListElement"]] == ["Observatory", "nobody named"]
    assert "party" in origins["itemListElement"][1]["description"]


def test_media_review_says_what_it_is_and_where_the_copy_is():
    [review] = of_type(graph_of(with_media()), "MediaReview")
    assert review["mediaAuthenticityCategory"] == "DecontextualizedContent"
    assert review["originalMediaLink"] == "https://wire.example/2013"
    assert review["itemReviewed"]["@type"] == "VideoObject"
    assert review["itemReviewed"]["contentUrl"] == contents.capture("c9")["url"]
    assert review["itemReviewed"]["archivedAt"] == f"{PAGE}#copy-c9"
    assert review["url"] == f"{PAGE}#media-m1"


def test_copy_of_a_page_gives_no_address_of_the_medium():
    [review] = of_type(graph_of(with_media(is_file=False, original_url="javascript:x")), "MediaReview")
    assert "contentUrl" not in review["itemReviewed"] and review["itemReviewed"]["url"]
    assert "originalMediaLink" not in review


def test_draft_has_no_place_in_the_log_yet():
    [file] = of_type(graph_of(contents.whole(), entry=None), "DataDownload")
    assert "identifier" not in file
