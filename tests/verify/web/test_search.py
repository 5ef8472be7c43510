"""Search: each place, paging, and nothing of another desk."""

from __future__ import annotations

from typing import Any

import pytest

from verify.web.views.search import pieces

pytestmark = pytest.mark.django_db

SEARCH = "/desk/search/"


def found(client: Any, q: str, where: str, **more: Any) -> Any:
    return client.get(SEARCH, {"q": q, "in": where, **more})


def test_search_asks_to_sign_in(client, db):
    assert client.get(SEARCH)["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize(
    ("where", "q", "words"),
    [
        ("claims", "civilian dead", "The monitoring group put"),
        ("sources", "observ", "Observatory"),
        ("documents", "wire.example", "wire.example/1"),
        ("texts", "massacres", "<mark>massacres</mark>"),
        ("texts", '"spokesperson of the ministry"', "<mark>spokesperson</mark>"),
    ],
)
def test_search_finds_in_each_place(client, dave, researched_claim, where, q, words):
    client.force_login(dave)
    assert words in found(client, q, where).content.decode()


@pytest.mark.parametrize("where", ["claims", "sources", "documents", "texts"])
def test_search_finds_nothing_of_another_desk(client, mallory, researched_claim, where):
    client.force_login(mallory)
    for q in ("civilian", "Observatory", "wire.example", "massacres"):
        response = found(client, q, where)
        assert not list(response.context["page"]) and "Nothing found" in response.content.decode()


@pytest.mark.parametrize("q", ["\x00", "'; drop table", "((", '"', "<script>", "%", "x" * 5000])
@pytest.mark.parametrize("where", ["claims", "texts", "nonsense"])
def test_search_survives_nonsense(client, dave, researched_claim, q, where):
    client.force_login(dave)
    response = found(client, q, where, page="zero")
    assert response.status_code == 200
    assert "<script>" not in response.content.decode().partition("<main")[2].replace("&lt;script&gt;", "")


def test_search_finds_arabic_as_written(client, dave, make_capture):
    make_capture("قال المرصد السوري إن نحو ٧٤٥ مدنيا قتلوا.")
    client.force_login(dave)
    assert "<mark>المرصد</mark>" in found(client, "المرصد", "texts").content.decode()


def test_search_turns_the_page_after_25(client, dave, make_claim):
    for number in range(27):
        make_claim(f"The same thing, number {number:02}.")
    client.force_login(dave)
    assert [len(found(client, "same thing", "claims", page=n).context["page"]) for n in (1, 2)] == [25, 2]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("where", "queries"), [("claims", 8), ("sources", 6), ("documents", 6), ("texts", 6)]
)
def test_search_asks_the_same_for_one_and_three(
    client, alice, make_claim, make_source, make_capture, django_assert_num_queries, rows, where, queries
):
    for number in range(rows):
        make_claim(f"needle {number}")
        make_source(f"needle {number}")
        make_capture(f"A needle in hay, number {number}.", url=f"http://needle.example/{number}")
    client.force_login(alice)
    with django_assert_num_queries(queries):
        assert len(found(client, "needle", where).context["page"]) == rows


def test_snippets_are_cut_into_found_words_and_others():
    assert pieces("a ⟦b⟧ c") == [("a ", False), ("b", True), (" c", False)]
    assert pieces("⟦b⟧") == [("b", True)]
    assert pieces("") == []
