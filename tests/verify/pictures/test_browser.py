"""The pictures in a real browser: links work by pointer and keyboard, nothing spills over, both forms and tones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from tests.verify.pictures.telling import carried, origin, said, told
from verify.pictures.attribution import attribution, picture, shown
from verify.pictures.drawing import render

CSS = Path(__file__).parents[3] / "static" / "css"
CSS_OF_PAGE = "".join(
    (CSS / f"{name}.css").read_text() for name in ("tokens", "verify", "components", "pictures")
)

# What sticks out of its box: a text past the box in which it begins, as the browser has set it.
SPILLS = """() => {
  const boxes = [...document.querySelectorAll("rect.d-box, rect.d-frame")].map(b => b.getBoundingClientRect());
  return [...document.querySelectorAll(".drawing text")].filter(text => {
    const t = text.getBoundingClientRect();
    if (!t.width) return false;
    const middle = (t.top + t.bottom) / 2;
    const beside = b => b.left < t.right && t.left < b.right;
    const own = boxes.filter(b => b.width && b.top < middle && middle < b.bottom && beside(b));
    return own.some(b => t.left < b.left - 1 || t.right > b.right + 1);
  }).map(text => text.textContent);
}"""


@pytest.fixture
def opened(browser: Any) -> Any:
    """A page with the graph of a claim, in a language, as wide as given."""
    contexts = []

    def open_page(width: int, language: str = "en", size: int = 60) -> Any:
        with translation.override(language):
            graph = shown(attribution(*carried(size)))
            body = render_to_string("components/picture.html", {"picture": graph})
        context = browser.new_context(viewport={"width": width, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.set_content(
            f'<!doctype html><html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">'
            f"<style>{CSS_OF_PAGE}</style><main style='padding:16px'>{body}</main>"
        )
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_spills_over(opened: Any, width: int, language: str) -> None:
    page = opened(width, language)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(SPILLS) == []


def test_a_phone_gets_the_narrow_picture_and_a_desk_the_wide_one(opened: Any) -> None:
    for width, form in ((390, "narrow"), (1280, "wide")):
        page = opened(width)
        assert page.locator(f".picture-{form} svg").is_visible()
        assert page.locator(".picture svg").locator("visible=true").count() == 1


@pytest.mark.parametrize(("links", "room"), [(1, 41), (2, 41), (3, 54), (4, 67), (5, 73), (6, 73), (11, 73)])
def test_wide_picture_stands_where_it_has_room_and_is_never_scrolled(
    browser: Any, links: int, room: int
) -> None:
    chain = [said("Group")]
    for number in range(links - 1):
        chain.append(said(f"Outlet {number}", f"Outlet {number}", after=chain[-1]))
    graph = shown(attribution(*told((origin("Group", chain), chain))))
    body = render_to_string("components/picture.html", {"picture": graph})
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        for width, form in ((room * 16, "wide"), (room * 16 - 1, "narrow")):
            style = f"<style>{CSS_OF_PAGE}</style><main style='inline-size:{width}px'>{body}</main>"
            page.set_content(f"<!doctype html><html lang='en'>{style}")
            drawn = page.locator(f".picture-{form}")
            assert drawn.is_visible() and page.locator(".picture svg").locator("visible=true").count() == 1
            assert drawn.locator("svg").bounding_box()["width"] <= width
            assert drawn.evaluate("each => each.scrollWidth <= each.clientWidth")


def test_links_lead_to_the_statement_by_pointer_and_keyboard(opened: Any) -> None:
    page = opened(1280)
    link = page.locator(".picture-wide a").nth(3)
    target = link.get_attribute("href")
    link.locator("text").first.click()
    assert page.evaluate("location.hash") == target
    following = page.locator(".picture-wide a").nth(4)
    following.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == following.get_attribute("href") != target


def test_links_have_names_and_the_table_says_the_same(opened: Any) -> None:
    page = opened(1280)
    assert all(
        page.locator(".picture-wide a").evaluate_all("links => links.map(a => a.getAttribute('aria-label'))")
    )
    page.locator("summary").click()
    assert page.locator(".picture table tbody tr").count() == 60


def test_alone_it_is_a_document_that_shows_itself(browser: Any, tmp_path: Path) -> None:
    svg = render(picture(attribution(*carried(3, 1)), alone=True), inline=False)
    path = tmp_path / "graph.svg"
    path.write_text(svg)
    for tone, paper in (("light", "rgb(252, 252, 251)"), ("dark", "rgb(20, 22, 23)")):
        with browser.new_context(color_scheme=tone) as context:
            page = context.new_page()
            page.goto(path.as_uri())
            fill = "getComputedStyle(document.querySelector('rect.d-paper')).fill"
            assert page.evaluate(fill) == paper
