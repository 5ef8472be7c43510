"""What the desk marks in files and puts right before anybody judges it: regions, corrections, mistakes taken back."""

from dataclasses import replace

from verify.demo.records import Correction, Mistake, Region
from verify.demo.said import ASSERTIONS

_BY_KEY = {assertion.key: assertion for assertion in ASSERTIONS}

REGIONS = (
    Region(
        "number-on-page",
        "page",
        "111",
        document="un-briefing-pdf",
        page=2,
        box=(488, 95, 40, 22),
        assertion="un-111-handed-out",
    ),
    Region(
        "caveat-on-page",
        "page",
        "The number is likely far fewer than the real number of people killed.",
        document="un-briefing-pdf",
        page=2,
        box=(56, 142, 400, 17),
    ),
    Region(
        "moving-along-the-road",
        "time",
        "A light shape moves along a line from left to right. The words over it say that it is a drawing.",
        document="clip-file",
        span=(400, 1500),
        assertion="uploader-clip",
    ),
    Region(
        "name-on-the-map",
        "picture",
        "The name Latakia on a drawn map.",
        upload="IMG_20250308_094800.jpg",
        box=(258, 64, 84, 30),
    ),
)

CORRECTIONS = (
    Correction(
        "levant-745",
        {"derives_from": "reuters-745"},
        "It has the wording of the agency's Arabic report, not of the English one.",
    ),
    Correction(
        "gulf-clip",
        {"modality": "certain"},
        "The page says that the clip may show it.",
    ),
)

FIGURE_CORRECTIONS = (
    Correction(
        "bbc-0309-civilians",
        {"qualifier": "around"},
        "Recorded as its source put it; the page itself says at least.",
    ),
)

MISTAKES = (
    Mistake(
        replace(_BY_KEY["gulf-745"], key="gulf-745-again", derives_from="", hedge=""),
        "Recorded twice. The page has it from SOHR by way of Reuters, and that is on record already.",
    ),
)
