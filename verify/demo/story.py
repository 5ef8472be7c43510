"""The demonstration case as data: the killings on the Syrian coast in March 2025, as they were reported.

Everything here is reported, nothing is endorsed. The figures are those that the named organisations
published. The wording of the pages, the times of day and the outlets said to be invented were made for the
demonstration: docs/explanation/demo-case.md says which is which.
"""

from verify.demo.cast import (
    AFFILIATIONS,
    DOCUMENTS,
    ENDINGS,
    FILES,
    GRADES,
    GRADES_LATER,
    MERGES,
    SOURCES,
)
from verify.demo.counts import FIGURES
from verify.demo.judged import EVIDENCE, MEDIA, REVIEWS, VERDICTS
from verify.demo.put_right import CORRECTIONS, FIGURE_CORRECTIONS, MISTAKES, REGIONS
from verify.demo.records import Case, Claim
from verify.demo.said import ASSERTIONS

__all__ = [
    "AFFILIATIONS",
    "ASSERTIONS",
    "CASE",
    "CLAIMS",
    "CORRECTIONS",
    "DOCUMENTS",
    "ENDINGS",
    "EVIDENCE",
    "FIGURES",
    "FIGURE_CORRECTIONS",
    "FILES",
    "GRADES",
    "GRADES_LATER",
    "MEDIA",
    "MERGES",
    "MISTAKES",
    "REGIONS",
    "REVIEWS",
    "SOURCES",
    "VERDICTS",
]

CASE = Case(
    "syrian-coast-march-2025",
    "Killings on the Syrian coast, March 2025",
    "From 7 March 2025 civilians, members of the security forces and gunmen were killed on the Syrian "
    "coast, in the governorates of Latakia, Tartous, Hama and Homs. Monitoring groups, the United "
    "Nations and the authorities gave figures and accounts that measure different things and were "
    "revised. This case records who said what, and when.",
)

CLAIMS = (
    Claim(
        "over-100-civilians",
        "More than 100 civilians were killed on Syria's coast in March 2025",
        "More than 100 civilians were killed in the violence on the Syrian coast in March 2025.",
        "approved",
    ),
    Claim(
        "civilians-745",
        "745 civilians killed in 30 massacres over two days on Syria's coast",
        "About 745 civilians were killed in 30 massacres over two days, 7 and 8 March 2025, on the "
        "Syrian coast.",
        "approved",
    ),
    Claim(
        "violations",
        "Violations took place during the operation on Syria's coast",
        "Violations were committed during the security operation on the Syrian coast in March 2025.",
        "in-review",
    ),
    Claim(
        "individual-acts",
        "Violations on Syria's coast were the acts of individuals",
        "The violations during the security operation on the Syrian coast in March 2025 were the acts "
        "of individuals.",
        "in-research",
    ),
    Claim(
        "only-111",
        "111 civilians were killed on Syria's coast, says the United Nations",
        "The number of civilians killed on the Syrian coast in March 2025 is 111, according to the "
        "United Nations.",
        "in-review",
    ),
    Claim(
        "two-counts",
        "The totals of SOHR and SNHR for Syria's coast contradict each other",
        "SNHR's total of 1,662 people killed and SOHR's total of 1,557 civilians killed on the Syrian "
        "coast in March 2025 contradict each other.",
        "in-review",
    ),
    Claim(
        "road-clip",
        "A clip of vehicles on a road was filmed near Latakia on 8 March 2025",
        "A clip shared on 8 March 2025 shows vehicles on a road near Latakia on the morning of that day.",
        "in-review",
    ),
    Claim(
        "left-homes",
        "Families on Syria's coast left their homes during the operation",
        "Families on the Syrian coast left their homes in fear during the security operation of 7 to "
        "9 March 2025.",
        "in-research",
    ),
    Claim(
        "no-official-count",
        "The authorities had published no count of civilians killed by mid-April",
        "By 17 April 2025 the Syrian authorities had published no count of the civilians killed on the "
        "Syrian coast.",
        "triaged",
    ),
    Claim(
        "roads-closed",
        "Roads into Syria's coast were closed for part of the weekend of 8 March",
        "Roads into the Syrian coast were closed for part of the weekend of 8 and 9 March 2025.",
        "draft",
    ),
)
