"""PNG: the size asked for, the same bytes each time, Arabic shaped, colours of the theme."""

import io

from PIL import Image, ImageChops

from verify.pictures.drawing import Pen, Picture, render
from verify.pictures.png import MOST, png


def image(*texts: str, theme: str = "light", scale: float = 2) -> Image.Image:
    pen = Pen(200)
    elements = [pen.text(10, 20 + 20 * at, text, 14) for at, text in enumerate(texts)]
    svg = render(Picture(200, 60, "T", "D", elements), inline=False, theme=theme)  # type: ignore[arg-type]
    return Image.open(io.BytesIO(png(svg, scale=scale))).convert("RGB")


def test_has_the_size_asked_for() -> None:
    assert image("a").size == (400, 120) and image("a", scale=1).size == (200, 60)


def test_same_picture_same_bytes() -> None:
    svg = render(Picture(50, 50, "T", "D", [Pen(50).text(0, 20, "سانا", 14)]), inline=False, theme="light")
    assert png(svg) == png(svg)


def test_theme_is_the_paper() -> None:
    assert image("").getpixel((0, 0)) == (0xFC, 0xFC, 0xFB)
    assert image("", theme="dark").getpixel((0, 0)) == (0x14, 0x16, 0x17)


def test_arabic_letters_are_joined() -> None:
    """Joined letters are another drawing, and narrower, than the same letters held apart."""
    joined, apart = image("سسسس"), image("س\u200cس\u200cس\u200cس")
    ink = [
        ImageChops.invert(each).convert("L").point(lambda v: 255 * (v > 60)).getbbox()
        for each in (joined, apart)
    ]
    assert ink[0] and ink[1] and ink[0][2] - ink[0][0] < ink[1][2] - ink[1][0]


def test_arabic_has_a_font_of_its_own() -> None:
    """Two letters that no font has would be the same empty box."""
    assert ImageChops.difference(image("ن"), image("و")).getbbox()


def test_a_picture_as_long_as_a_street_has_fewer_dots() -> None:
    drawn = Image.open(io.BytesIO(png(render(Picture(1200, 60_000, "T", "D"), inline=False, theme="light"))))
    assert drawn.width * drawn.height <= MOST * 1.01
