"""The attribution graph: every statement has its place, nothing that matters is folded away, circles end."""

import re
from typing import Any

import pytest
from django.utils import translation

from tests.verify.pictures.telling import carried, origin, said, told
from verify.pictures.attribution import attribution, picture, shown
from verify.pictures.drawing import render


def words(graph: Any, form: str = "wide") -> str:
    """All that is written in the picture."""
    drawn = picture(graph, form=form)
    return "\n".join(text.text or "" for element in drawn.elements for text in element.iter("text"))


def links(graph: Any, form: str = "wide") -> list[str]:
    drawn = picture(graph, form=form)
    return [link.get("href", "") for element in drawn.elements for link in element.iter("a")]


def ministry() -> tuple[dict[str, Any], dict[str, Any]]:
    agency = said("Spokesman", "SANA", "Ministry of Defence", verb="denied", polarity="denies")
    relay = said("BBC", "BBC", after=agency, verb="claimed", polarity="denies", quotes=[])
    reason = "SANA is owned by the state."
    group = origin("Ministry of Defence", [agency, relay], party=True, because=[reason, "Another reason."])
    return told((group, [agency, relay]))


def test_chain_is_principal_speaker_outlet_relay() -> None:
    told_words = words(attribution(*ministry())).split("\n")
    boxes = told_words[told_words.index("party to the conflict") - 1 :]
    steps = [boxes.index(word) for word in ("Ministry of Defence", "Spokesman", "SANA", "BBC")]
    assert steps == sorted(steps)
    assert told_words[:4] == ["On whose behalf", "Who speaks", "Where it was said", "Taken over by"]


def test_party_denial_verb_and_missing_copy_are_in_words() -> None:
    told_words = words(attribution(*ministry()))
    assert "Origin 1 · party to the conflict" in told_words
    assert told_words.count("denies it: ") == 2 and "denies it: claimed" in told_words
    assert "no archived words yet" in told_words and "2 statements through 2 outlets" in told_words


def test_reasons_for_merging_are_all_in_the_title() -> None:
    drawn = picture(attribution(*ministry()))
    titles = [title.text for element in drawn.elements for title in element.iter("title")]
    assert "SANA is owned by the state. Another reason." in titles
    assert "SANA is owned by the state. (and 1 more reason)" in words(attribution(*ministry()))


@pytest.mark.parametrize("form", ["wide", "narrow"])
def test_every_statement_is_linked_once(form: str) -> None:
    claim, origins = carried(60)
    wanted = sorted(f"#said-{each['id']}" for each in claim["assertions"])
    assert sorted(links(attribution(claim, origins), form)) == wanted


def test_links_lead_to_the_page_named() -> None:
    claim, origins = ministry()
    graph = attribution(claim, origins, page="/claims/1/", source_page=lambda pk: f"/sources/{pk}/")
    assert f"/claims/1/#said-{claim['assertions'][0]['id']}" in links(graph)
    assert "/sources/source-Ministry of Defence/" in links(graph)


def test_many_relays_are_counted_not_dropped() -> None:
    claim, origins = carried(1000)
    graph = attribution(claim, origins)
    drawn = {href for href in links(graph) if href != "#said"}
    folded = sum(
        int(row.short.split()[0])
        for frame in graph.frames
        for tree in frame.trees
        for row in _rows(tree)
        if row.name.startswith("and ")
    )
    assert len(drawn) + folded == 1000 and len(drawn) < 200
    assert len(graph.rows) == 1000  # the table has them all


def _rows(node: Any) -> Any:
    yield from node.rows
    for child in node.children:
        yield from _rows(child)


def test_folded_denials_are_told() -> None:
    claim, origins = carried(200)
    claim["assertions"][90]["polarity"] = "denies"
    told_words = words(attribution(claim, origins))
    assert "1 of them denies it" in told_words or "denies it: reported" in told_words


def test_origins_beyond_the_drawn_are_counted() -> None:
    groups = [
        (origin(f"Group {n}", members), members) for n in range(100) for members in [[said(f"Group {n}")]]
    ]
    told_words = words(attribution(*told(*groups)))
    assert "and 92 more origins" in told_words and "92 statements" in told_words


def test_a_circle_is_followed_once_and_closed() -> None:
    one, two = said("Channel A", "Channel A", role="relay"), said("Channel B", "Channel B", role="relay")
    one["derives_from"], two["derives_from"] = two["id"], one["id"]
    group = origin("", [one, two], flags=["cycle", "unattributed"])
    told_words = words(attribution(*told((group, [one, two]))))
    assert "once more: a circle" in told_words and "Circular reporting" in told_words
    assert told_words.count("Channel A") == 2 and told_words.count("Channel B") == 1
    assert "No source named" in told_words


def test_what_was_taken_over_from_itself_ends() -> None:
    one = said("Channel A", "Channel A", role="relay")
    one["derives_from"] = one["id"]
    group = origin("", [one], flags=["cycle"])
    assert "once more: a circle" in words(attribution(*told((group, [one]))))


def test_a_chain_of_a_thousand_steps_is_drawn() -> None:
    chain = [said("Group")]
    for number in range(999):
        chain.append(said(f"Outlet {number}", after=chain[-1]))
    graph = attribution(*told((origin("Group", chain), chain)))
    assert "further on" in words(graph) and len(links(graph)) < 20


def test_a_claim_that_nobody_is_on_record_for_is_an_empty_picture() -> None:
    drawn = picture(attribution({"text": "T", "headline": "", "assertions": []}, {}))
    assert drawn.height >= 0 and not drawn.elements


def test_statements_of_no_origin_stand_last() -> None:
    """A snapshot of an earlier release may have no origins."""
    claim, _origins = ministry()
    assert "Other statements" in words(attribution(claim, {}))


def test_order_of_what_is_given_is_the_order_of_the_picture() -> None:
    claim, origins = carried(60)
    assert render(picture(attribution(claim, origins)), inline=True) == render(
        picture(attribution(claim, origins)), inline=True
    )


def test_table_says_what_the_picture_says() -> None:
    table = shown(attribution(*ministry()))
    second = [cell.text for cell in table.rows[1]]
    assert second == [
        "1 · Ministry of Defence",
        "BBC",
        "",
        "BBC",
        "",
        "SANA",
        "denies it: claimed",
        "9 Mar 2025",
        "no",
    ]
    assert len(table.head) == len(second)


def test_two_statements_of_one_outlet_are_told_apart_by_their_documents() -> None:
    english, arabic = (
        said("SOHR", "SOHR", document={"title": title, "url": f"https://s.example/{title}"})
        for title in ("Civilians killed", "مقتل مدنيين")
    )
    untitled = said("SOHR", "SOHR", document={"title": "", "url": "https://s.example/3"})
    relay = said("BBC", "BBC", after=arabic)
    members = [english, arabic, untitled, relay]
    graph = shown(attribution(*told((origin("SOHR", members), members))))
    at = graph.head.index("Document")
    documents, taken = ([row[column].text for row in graph.rows] for column in (at, at + 1))
    assert documents == ["Civilians killed", "مقتل مدنيين", "https://s.example/3", ""]
    assert taken == ["", "", "", "SOHR: مقتل مدنيين"]
    assert all(f'aria-label="Directly, said, 9 Mar 2025, {name}"' in graph.wide for name in documents[:3])


def test_in_arabic_the_picture_begins_on_the_right() -> None:
    with translation.override("ar"):
        drawn = picture(attribution(*ministry()))
    assert drawn.direction == "rtl"
    first = next(
        rect for element in drawn.elements for rect in element.iter("rect") if rect.get("class") == "d-box"
    )
    assert float(first.get("x", 0)) > drawn.width / 2


def test_hostile_names_stay_names() -> None:
    bad = said("<script>alert(1)</script>", "]]>&\u202e", hedge="\x00'\"")
    svg = render(picture(attribution(*told((origin("<b>", [bad]), [bad]))), alone=True), inline=False)
    assert "<script" not in svg and "<b>" not in svg and not re.search("[\x00\u202e]", svg)
