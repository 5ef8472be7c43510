"""A picture as PNG, for reports: the typesetter that sets the custody report draws it, with the same bundled fonts."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import typst

from verify.pictures.drawing import font_folders

_PAGE = b'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.picture), format: "svg")'
_CSS_DPI = 96
MOST = 16_000_000  # dots: 64 MB while it is drawn


def png(svg: str, *, scale: float = 2) -> bytes:
    """`svg` (standing alone, of one theme) with `scale` dots to each of its pixels; fewer for a picture that would
    have more than MOST. The same SVG, the same bytes."""
    root = ET.fromstring(svg)
    area = float(root.get("width", 1)) * float(root.get("height", 1))
    scale = min(scale, (MOST / area) ** 0.5)
    folders: Any = font_folders()  # the stub asks for the type of the source, bytes
    drawn: bytes = typst.compile(
        _PAGE,
        font_paths=folders,
        ignore_system_fonts=True,
        format="png",
        ppi=_CSS_DPI * scale,
        sys_inputs={"picture": svg},
    )
    return drawn
