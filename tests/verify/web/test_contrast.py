"""The colours of static/css/tokens.css meet WCAG 2.2 AA, by day and by night."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[3] / "static/css/tokens.css").read_text(encoding="utf-8")
SCREEN = TOKENS.partition("@media print")[0]
PAPERS = ("paper", "paper-sunk")
TEXT = 4.5  # success criterion 1.4.3, text of any size
SHAPE = 3.0  # success criterion 1.4.11, controls and graphical objects

MEANINGS = sorted(re.findall(r"--((?:stance|verdict|custody)-[a-z-]+):", SCREEN))

PAIRS = [
    *((ink, paper, TEXT) for paper in PAPERS for ink in ("ink", "ink-soft", "accent", *MEANINGS)),
    *((ink, "accent-wash", TEXT) for ink in ("ink", "ink-soft", *MEANINGS)),
    *((ink, "mark", TEXT) for ink in ("ink", "ink-soft")),
    ("accent-ink", "accent", TEXT),
    ("paper", "ink", TEXT),
    ("error", "error-wash", TEXT),
    ("ink", "error-wash", TEXT),
    *((line, paper, SHAPE) for paper in PAPERS for line in ("rule-strong", "focus", "mark-rule")),
]


def colour(name: str, mode: int) -> str:
    """The token's colour as six hexadecimal digits; mode 0 is light, 1 is dark."""
    value = re.search(rf"--{name}:\s*([^;]+);", SCREEN)
    assert value, f"tokens.css has no --{name}"
    if alias := re.fullmatch(r"var\(--([a-z-]+)\)", value[1]):
        return colour(alias[1], mode)
    shades = re.fullmatch(r"light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)", value[1])
    assert shades, f"--{name} is neither an alias nor light-dark(#rrggbb, #rrggbb): {value[1]}"
    return shades[mode + 1]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_agrees_with_published_examples() -> None:
    assert contrast("000000", "ffffff") == pytest.approx(21)
    assert contrast("767676", "ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_pair_is_readable(front: str, back: str, least: float, mode: int) -> None:
    ratio = contrast(colour(front, mode), colour(back, mode))
    assert ratio >= least, f"--{front} on --{back} is {ratio:.2f}, needs {least}"


def test_every_meaning_has_a_colour() -> None:
    assert {name.partition("-")[0] for name in MEANINGS} == {"stance", "verdict", "custody"}
    assert len(MEANINGS) == 15


def test_no_stylesheet_writes_a_colour_of_its_own() -> None:
    for sheet in ("verify.css", "components.css", "print.css"):
        css = (Path(__file__).parents[3] / "static/css" / sheet).read_text(encoding="utf-8")
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;, )])", css), sheet


def test_stylesheets_name_no_side_of_the_page() -> None:
    sides = r"(?:margin|padding|border|inset)-(?:left|right)\b|\b(?:left|right):|align:\s*(?:left|right)"
    for sheet in ("tokens.css", "verify.css", "components.css", "print.css"):
        css = (Path(__file__).parents[3] / "static/css" / sheet).read_text(encoding="utf-8")
        assert not re.findall(sides, css), sheet
