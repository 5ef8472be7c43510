"""Annotations, held to what the W3C Web Annotation data model and vocabulary say that they must be."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.verify.publish.contents import (
    BASE,
    capture,
    claim,
    document,
    frozen,
    piece,
    quote,
    region,
    said,
    version,
    whole,
)
from verify.publish import annotations as web

URL = f"{BASE}/claims/0b7f/v1/annotations.jsonld"
MOTIVATIONS = {"assessing", "highlighting", "linking"}  # of those that the model names
PURPOSES = {"describing", "classifying", "assessing", "linking"}
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def made(content: dict[str, Any]) -> list[dict[str, Any]]:
    return web.annotated(version(content), base=BASE)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def is_iri(value: Any) -> bool:
    return isinstance(value, str) and bool(urlsplit(value).scheme)


def check_selector(selector: dict[str, Any]) -> None:
    kind = selector["type"]
    if kind == "TextPositionSelector":  # §4.2.5: start inclusive, end exclusive
        assert 0 <= selector["start"] < selector["end"]
    elif kind == "TextQuoteSelector":  # §4.2.4: exactly one exact
        assert isinstance(selector["exact"], str) and selector["exact"]
        assert selector.keys() <= {"type", "exact", "prefix", "suffix"}
    else:  # §4.2.1: exactly one value, without the #
        assert kind == "FragmentSelector"
        assert selector["value"] and not selector["value"].startswith("#")
        assert is_iri(selector["conformsTo"])
    if refined := selector.get("refinedBy"):
        check_selector(refined)


def check_resource(resource: Any) -> None:
    if isinstance(resource, str):
        assert is_iri(resource)
        return
    assert is_iri(resource["source"])  # §4: exactly one source
    for selector in listed(resource.get("selector", [])):
        check_selector(selector)
    if state := resource.get("state"):  # §4.3.1: sourceDate in UTC with Z
        assert state["type"] == "TimeState"
        assert DATE.fullmatch(state["sourceDate"])
        assert is_iri(state["cached"])


def check(annotation: dict[str, Any]) -> None:
    """§3.1: one id, the type, at least one target; §3.3: bodies and what they are for."""
    assert is_iri(annotation["id"])
    assert annotation["type"] == "Annotation"
    assert set(listed(annotation["motivation"])) <= MOTIVATIONS
    targets = listed(annotation["target"])
    assert targets
    for target in targets:
        check_resource(target)
    for body in listed(annotation["body"]):
        assert body["purpose"] in PURPOSES
        if body["type"] == "TextualBody":  # §3.2.4: exactly one value
            assert isinstance(body["value"], str)
        else:
            check_resource(body)
    assert is_iri(annotation["creator"]["id"])


@pytest.mark.parametrize("content", [whole(), frozen()], ids=["whole", "frozen"])
def test_every_annotation_is_one_of_the_model(content):
    found = made(content)
    for annotation in found:
        check(annotation)
    assert len({annotation["id"] for annotation in found}) == len(found)


def test_there_is_one_for_each_quote_region_and_piece_of_evidence():
    names = [annotation["id"].rpartition("/")[2] for annotation in made(whole())]
    evidence = ["evidence-e1", "evidence-e2", "evidence-e3", "evidence-e4"]
    assert names == ["quote-q1", "quote-q2", "region-r1", *evidence]


def test_a_quote_is_selected_by_words_and_by_position_in_the_kept_text():
    (one,) = made(claim(assertions=[said("a", quotes=[quote()])]))
    words, position = one["target"]["selector"]
    assert words == {
        "type": "TextQuoteSelector",
        "exact": "around 745 civilians were killed",
        "prefix": "said that ",
        "suffix": " in 30 massacres",
    }
    assert (position["start"], position["end"]) == (35, 67)
    assert one["target"]["source"] == "https://wire.example/c1"
    assert one["target"]["state"]["cached"] == f"{BASE}/desk/captures/c1/text/"


@pytest.mark.parametrize(
    ("kind", "value", "standard"),
    [
        ("picture", "xywh=pixel:1,2,3,4", "http://www.w3.org/TR/media-frags/"),
        ("time", "t=0.5,2", "http://www.w3.org/TR/media-frags/"),
        ("page", "page=3&viewrect=1,2,3,4", "http://tools.ietf.org/rfc/rfc8118"),
    ],
)
def test_a_region_is_a_fragment_by_its_standard(kind, value, standard):
    marked = region(kind=kind, fragment=value, found="745")
    (one,) = made(claim(assertions=[said("a", regions=[marked])]))
    selector = one["target"]["selector"]
    assert (selector["value"], selector["conformsTo"]) == (value, standard)
    assert selector["refinedBy"] == {"type": "TextQuoteSelector", "exact": "745"}


def test_a_region_of_a_screenshot_is_kept_in_the_screenshot():
    (one,) = made(claim(assertions=[said("a", regions=[region(file="screenshot")])]))
    assert one["target"]["state"]["cached"] == f"{BASE}/desk/captures/c2/rendition/screenshot"


def test_evidence_assesses_and_links_to_the_claim():
    one = next(each for each in made(whole()) if each["id"].endswith("evidence-e3"))
    assert one["motivation"] == ["assessing", "linking"]
    assert [body.get("value") or body["source"] for body in one["body"]] == [
        "contradicts",
        "Its own count.",
        f"{BASE}/claims/0b7f/",
    ]


def test_an_erased_quote_keeps_its_place_and_no_words():
    (one,) = made(claim(assertions=[said("a", quotes=[quote(exact="", prefix="", suffix="")])]))
    assert one["target"]["selector"] == {"type": "TextPositionSelector", "start": 35, "end": 67}


def test_a_file_that_came_from_nowhere_is_named_by_where_it_is_kept():
    (one,) = made(claim(evidence=[piece(capture=capture(url="", finished_at=None))]))
    assert one["target"] == {"type": "SpecificResource", "source": f"{BASE}/desk/captures/c1/body"}


@pytest.mark.parametrize(
    ("assertion", "target"),
    [
        (said("a", document=document()), "https://wire.example/d1"),
        (said("a"), f"{BASE}/id/assertion/a"),
        (said("other"), f"{BASE}/id/assertion/a"),
    ],
)
def test_evidence_of_an_assertion_without_a_place_has_a_target_all_the_same(assertion, target):
    (one,) = made(claim(assertions=[assertion], evidence=[piece(assertion="a")]))
    assert one["target"] == target


def test_a_long_collection_comes_in_pages_that_hold_everything_once():
    quotes = [quote(f"q{number}") for number in range(2 * web.PER_PAGE + 1)]
    whole = version(claim(assertions=[said("a", quotes=quotes)]))
    found = web.collection(whole, base=BASE, url=URL)
    page, seen = found["first"], []
    while page:
        assert page["startIndex"] == len(seen)
        seen += [item["id"] for item in page["items"]]
        following = page.get("next")
        page = following and web.page(whole, base=BASE, url=URL, number=int(following.rpartition("=")[2]))
    assert len(set(seen)) == len(seen) == found["total"] == len(quotes)
    assert found["last"] == f"{URL}?page=3"
    assert web.page(whole, base=BASE, url=URL, number=4) is None
    assert web.page(whole, base=BASE, url=URL, number=0) is None


def test_an_empty_collection_has_no_pages():
    found = web.collection(version(claim()), base=BASE, url=URL)
    assert found["total"] == 0
    assert not found.keys() & {"first", "last"}
    assert json.dumps(found)
