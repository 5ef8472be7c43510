"""The briefing of the UN human-rights office as it was handed out: a PDF of two pages, in words of our own.

The press site serves it as a file that no page describes. The same bytes come out every time, so that it is archived
once however often it is asked for.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

PATH = "/human-rights/2025/03/11/briefing.pdf"
MODIFIED = datetime(2025, 3, 11, 11, 0, tzinfo=UTC)
# No date in the file: when it was handed out is known from elsewhere, to the day.
_SOURCE = """\
#set document(title: "Killings on the Syrian coast: what has been documented", date: none)
#set page(paper: "a4", margin: 60pt, numbering: "1", header: text(8pt)[
  Demonstration file written for Verify. Not the office's own text.])
#set text(font: "Noto Sans", size: 11pt, lang: "en", hyphenate: false)
#text(18pt, weight: "bold")[Killings on the Syrian coast: what has been documented]

Briefing note of the United Nations human-rights office

= How a death comes to be counted

The office includes a death only when it has been able to check it by its own method. It needs more than one source for
each death, and time. Many people in the area could not be reached so far, and others did not feel safe enough to speak.

= What the number is not

It is not a number of all who were killed, and it should not be set against counts that were made by another method.

#pagebreak()
= What has been documented so far

#v(1em)
#table(columns: (1fr, 90pt), inset: 9pt,
  [Civilians whose killing has been documented], align(right, text(20pt, weight: "bold")[111]))
#v(1em)
The number is likely far fewer than the real number of people killed.

Documentation is going on, and the number will change.
"""


@cache
def pdf() -> bytes:
    """The file."""
    fonts: Any = [Path(str(files("fontpkg_noto_sans") / "files"))]  # the stub asks for the type of the source
    made: bytes = typst.compile(
        _SOURCE.encode(),
        font_paths=fonts,
        ignore_system_fonts=True,
        format="pdf",
        timestamp=int(MODIFIED.timestamp()),
    )
    return made
