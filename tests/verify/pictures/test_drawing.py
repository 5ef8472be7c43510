"""Drawing: what is written is escaped and visible, fits where it stands, and is turned round as a whole."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from verify.pictures.drawing import (
    ALLOWANCE,
    BOLD,
    Pen,
    Picture,
    element,
    fit,
    font_folders,
    link,
    render,
    stylesheet,
    text_width,
    visible,
    wrapped,
)

HOSTILE = "</text><script>alert(1)</script>&\"'\x00\x1b\u202e\ud800"


def drawn(*elements: ET.Element) -> str:
    return render(Picture(200, 100, "Title", "Description", list(elements)), inline=True)


def test_hostile_words_stay_words() -> None:
    pen = Pen(200)
    svg = drawn(link(f"/a?{HOSTILE}", HOSTILE, [pen.text(0, 10, HOSTILE, 12)]))
    root = ET.fromstring(svg)
    assert not list(root.iter("script"))
    text = root.find(".//text")
    assert text is not None and text.text is not None
    assert text.text.startswith("</text><script>alert(1)</script>&") and text.text.isprintable()
    svg.encode()


@given(st.text())
def test_any_text_makes_well_formed_xml(text: str) -> None:
    root = ET.fromstring(drawn(Pen(200).text(0, 0, text, 12), element("g", css="d-box", aria_label=text)))
    assert root.find("g") is not None


def test_a_trick_with_direction_is_shown() -> None:
    assert visible("abc\u202edef") == "abc[U+202E]def"


def test_joiners_are_no_trick() -> None:
    assert visible("می\u200cشود") == "می\u200cشود"


@given(st.text(), st.floats(10, 400), st.sampled_from([11, 13, 15]), st.booleans())
def test_what_is_fitted_fits(text: str, width: float, size: int, bold: bool) -> None:
    assert text_width(fit(text, max(width, size * 2), size, bold), size, bold) <= max(width, size * 2)


def test_what_fits_is_not_cut() -> None:
    assert fit("SANA", 100, 13) == "SANA"
    assert fit("Syrian Observatory for Human Rights", 100, 13).endswith("…")


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1), max_size=12), st.integers(1, 4))
def test_lines_fit_and_are_no_more_than_asked(words: list[str], lines: int) -> None:
    made = wrapped(" ".join(words), 120, 12, lines)
    assert len(made) <= lines and all(text_width(line, 12) <= 120 for line in made)


@pytest.mark.parametrize(
    "text", ["Syrian Observatory for Human Rights (SOHR): 745", "المرصد السوري لحقوق الإنسان"]
)
def test_widths_are_those_of_the_shaped_text(text: str) -> None:
    """Judged by FreeType with its own shaping or, for Arabic, by the glyphs that FreeType finds for each letter."""
    arabic = text[0] > "\u0600"
    path = next(path for path in font_folders()[arabic].glob("*.ttf") if "Italic" not in path.name)
    measured = ImageFont.truetype(str(path), 1000).getlength(text) / 1000 * 20
    ours = text_width(text, 20) / ALLOWANCE
    assert (
        ours == pytest.approx(measured, rel=0.01) if not arabic else measured * 0.5 < ours < measured * 1.02
    )


def test_bold_is_as_wide_as_the_fonts_own_bold() -> None:
    """Judged by FreeType, which reads the outlines at that weight; our widths are read without them."""
    text = "Syrian Observatory for Human Rights (SOHR): 745"
    path = next(path for path in font_folders()[0].glob("*.ttf") if "Italic" not in path.name)
    font = ImageFont.truetype(str(path), 1000)
    axes = {axis["name"]: axis["default"] for axis in font.get_variation_axes()}
    font.set_variation_by_axes(list((axes | {b"Weight": BOLD}).values()))
    bold = text_width(text, 20, bold=True)
    assert bold > text_width(text, 20)
    assert bold / ALLOWANCE == pytest.approx(font.getlength(text) / 1000 * 20, rel=0.01)


def test_rtl_is_the_mirror_image() -> None:
    left, right = Pen(300).rect(10, 5, 50, 20, "d-box"), Pen(300, "rtl").rect(10, 5, 50, 20, "d-box")
    assert (left.get("x"), right.get("x")) == ("10", "240")
    assert Pen(300, "rtl").text(10, 5, "Reuters", 12).get("text-anchor") == "end"
    assert Pen(300, "rtl").text(10, 5, "٧٤٥", 12, anchor="end").get("text-anchor") is None


def test_arabic_is_set_from_right_to_left_wherever_it_stands() -> None:
    assert Pen(300).text(0, 0, "المرصد (SOHR)", 12).text == "\u2067المرصد (SOHR)\u2069"
    assert Pen(300, "rtl").text(0, 0, "SOHR", 12).text == "SOHR"


def test_alone_it_carries_every_colour() -> None:
    for theme in ("light", "dark", None):
        sheet = stylesheet(theme)  # type: ignore[arg-type]
        assert "var(" not in sheet and "light-dark" not in sheet and "#" in sheet
    assert stylesheet("light") != stylesheet("dark")


def test_inline_it_leaves_colours_to_the_page() -> None:
    assert "<style" not in drawn() and not re.search(
        r"(fill|style)=", drawn(Pen(9).rect(0, 0, 1, 1, "d-box"))
    )


def test_every_class_used_is_one_that_the_stylesheet_has() -> None:
    folder = Path(__file__).parents[3]
    used = set(
        re.findall(r"\bd-[a-z-]+", "".join(p.read_text() for p in folder.glob("verify/pictures/*.py")))
    )
    known = set(re.findall(r"\.(d-[a-z-]+)", (folder / "static/css/pictures.css").read_text()))
    assert used - known == set()


def test_title_and_description_are_its_name() -> None:
    root = ET.fromstring(drawn())
    names = {each.get("id"): each.text for each in root.iter() if each.get("id")}
    assert (
        names[root.get("aria-labelledby")] == "Title" and names[root.get("aria-describedby")] == "Description"
    )
    assert root.get("role") == "img"


def test_what_has_links_is_no_image() -> None:
    root = ET.fromstring(drawn(link("/a", "A", [])))
    assert root.get("role", "").startswith("graphics-document")
    assert [each.get("aria-label") for each in root.iter("a")] == ["A"]
