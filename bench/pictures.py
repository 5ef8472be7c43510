"""The attribution graph of 3, 60 and 1,000 assertions: time and bytes, beside the bare part of it (writing out elements
that are there already), and as PNG beside the bare typesetter on an empty picture.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import partial
from typing import Any

from bench._installation import installation
from bench._measure import Contender, compare, machine

SIZES = (3, 60, 1_000)


def claim(size: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A claim of two origins, or one: outlets take it over from where it begins, and most from each other."""
    groups: list[dict[str, Any]] = []
    assertions: list[dict[str, Any]] = []
    for origin in range(min(2, size // 2)):
        members: list[dict[str, Any]] = []
        for number in range(size // min(2, size // 2)):
            name = f"Outlet {number} of group {origin}" if number else f"Monitoring group {origin}"
            above = members[number // 7 if number % 3 else 0]["id"] if number else None
            source = {"id": name, "name": name, "kind": "outlet", "party": False}
            members.append(
                {
                    "id": f"{origin}-{number}",
                    "speaker": source,
                    "role": "relay" if above else "originator",
                    "on_behalf_of": None,
                    "outlet": source if above else None,
                    "verb": "reported",
                    "hedge": "reportedly" if number % 2 else "",
                    "polarity": "affirms",
                    "said_at": "2025-03-09T10:00:00+00:00",
                    "said_precision": "day",
                    "derives_from": above,
                    "quotes": [{}] if number % 4 else [],
                }
            )
        groups.append({"name": members[0]["speaker"]["name"], "members": [each["id"] for each in members]})
        assertions += members
    return {"text": "About 745 civilians were killed.", "headline": "", "assertions": assertions}, {
        "groups": groups
    }


def compare_pictures() -> None:
    from verify.pictures.attribution import attribution, picture
    from verify.pictures.drawing import Picture, render
    from verify.pictures.png import png

    contenders: list[Contender] = []
    empty = render(Picture(10, 10, "Empty", "", []), inline=False, theme="light")
    for size in SIZES:
        content = claim(size)
        drawn = picture(attribution(*content), alone=True)
        svg = render(drawn, inline=False, theme="light")
        image = png(svg)
        print(
            f"{size:,} assertions: {drawn.width:.0f} × {drawn.height:.0f} pixels,"
            f" SVG {len(svg.encode()) / 1000:.0f} kB, PNG {len(image) / 1000:.0f} kB"
        )

        def graph(content: Any) -> None:
            render(picture(attribution(*content)), inline=True)

        def bare(elements: list[ET.Element]) -> None:
            for element in elements:
                ET.tostring(element)

        contenders += [
            Contender(f"SVG, {size:,}", partial(graph, content), 1),
            Contender(f"bare elements, {size:,}", partial(bare, drawn.elements), 1),
            Contender(f"PNG, {size:,}", partial(_png, svg), 1),
        ]
    contenders.append(Contender("bare typesetter", partial(_png, empty), 1))
    compare(
        "attribution graphs",
        "pictures",
        contenders,
        pairs=[(f"SVG, {size:,}", f"bare elements, {size:,}") for size in SIZES]
        + [(f"PNG, {size:,}", "bare typesetter") for size in SIZES],
        rounds=5,
    )


def _png(svg: str) -> None:
    from verify.pictures.png import png

    png(svg)


def main() -> None:
    machine()
    with installation():
        compare_pictures()


if __name__ == "__main__":
    main()
