"""The demonstration case as data: the killings on the Syrian coast in March 2025, as they were reported.

Everything here is reported, nothing is endorsed. The figures are those that the named organisations
published. The wording of the pages, the times of day and the outlets said to be invented were made for the
demonstration: docs/explanation/demo-case.md says which is which.
"""

from verify.demo.cast import AFFILIATIONS, DOCUMENTS, GRADES, SOURCES
from verify.demo.counts import FIGURES
from verify.demo.records import Case, Claim, Evidence, Review, Verdict
from verify.demo.said import ASSERTIONS

__all__ = [
    "AFFILIATIONS",
    "ASSERTIONS",
    "CASE",
    "CLAIMS",
    "DOCUMENTS",
    "EVIDENCE",
    "FIGURES",
    "GRADES",
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
        "in-research",
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
        "triaged",
    ),
    Claim(
        "left-homes",
        "Families on Syria's coast left their homes during the operation",
        "Families on the Syrian coast left their homes in fear during the security operation of 7 to "
        "9 March 2025.",
        "draft",
    ),
)

EVIDENCE = (
    Evidence(
        "over-100-un",
        "over-100-civilians",
        "corroborates",
        "strong",
        1,
        "The office counts only deaths that it has checked itself, and 111 is above 100.",
        assertion="un-111",
    ),
    Evidence(
        "over-100-sohr",
        "over-100-civilians",
        "corroborates",
        "moderate",
        1,
        "A count of its own, by governorate; the four parts make the total.",
        assertion="sohr-1383-ar",
    ),
    Evidence(
        "over-100-snhr",
        "over-100-civilians",
        "corroborates",
        "moderate",
        2,
        "A third count made by another method; half of 445 is above 100, but half is an estimate.",
        assertion="snhr-civilians",
    ),
    Evidence(
        "over-100-envoy",
        "over-100-civilians",
        "contextualises",
        "weak",
        2,
        "Reports of civilians killed had reached the envoy on 7 March; the statement gives no figure.",
        document="un-envoy-statement",
    ),
    Evidence(
        "745-sohr",
        "civilians-745",
        "corroborates",
        "moderate",
        3,
        "The origin of the figure. Every outlet that carries it leads back here.",
        assertion="sohr-745",
    ),
    Evidence(
        "745-reuters",
        "civilians-745",
        "corroborates",
        "weak",
        3,
        "Shows what SOHR said; adds no knowledge of its own and says so.",
        assertion="reuters-745",
    ),
    Evidence(
        "745-revised",
        "civilians-745",
        "contradicts",
        "strong",
        2,
        "SOHR itself replaced the figure four days later.",
        document="sohr-0312",
    ),
    Evidence(
        "745-un",
        "civilians-745",
        "contextualises",
        "moderate",
        2,
        "A number of checked deaths; it is a floor and cannot contradict a higher count.",
        document="un-briefing",
    ),
    Evidence(
        "violations-ministry",
        "violations",
        "corroborates",
        "strong",
        2,
        "A party acknowledges something to its own disadvantage.",
        assertion="ministry-violations",
    ),
    Evidence(
        "violations-sohr",
        "violations",
        "corroborates",
        "moderate",
        2,
        "Counts massacres of civilians; does not say in this count by whom.",
        assertion="sohr-violations",
    ),
    Evidence(
        "violations-statement",
        "violations",
        "contextualises",
        "moderate",
        2,
        "The ministry's own text has the same words as the agency's report: one origin, not two.",
        document="ministry-statement-ar",
    ),
    Evidence(
        "individual-ministry",
        "individual-acts",
        "corroborates",
        "weak",
        4,
        "A party's description of its own forces, given without figures or cases.",
        assertion="ministry-individual",
    ),
    Evidence(
        "individual-sohr",
        "individual-acts",
        "contradicts",
        "moderate",
        3,
        "Thirty massacres in two days are hard to reconcile with the acts of individuals.",
        document="sohr-0308-ar",
    ),
    Evidence(
        "individual-snhr",
        "individual-acts",
        "contradicts",
        "moderate",
        3,
        "Holds government forces and armed groups responsible for 1,217 deaths.",
        document="snhr-0416",
    ),
    Evidence(
        "111-caveat",
        "only-111",
        "contradicts",
        "strong",
        2,
        "The office said in the same briefing that its number is likely far fewer than the real one.",
        assertion="un-floor",
    ),
    Evidence(
        "111-sohr",
        "only-111",
        "contradicts",
        "moderate",
        3,
        "SOHR counted 1,383 civilians one day later.",
        document="sohr-0312",
    ),
    Evidence(
        "two-counts-snhr",
        "two-counts",
        "contradicts",
        "strong",
        2,
        "SNHR says that its total is not a number of civilians.",
        assertion="snhr-scope",
    ),
    Evidence(
        "two-counts-sohr",
        "two-counts",
        "contradicts",
        "strong",
        2,
        "SOHR says that its figures cannot be set against counts that divide the dead by the side "
        "responsible.",
        assertion="sohr-scope",
    ),
    Evidence(
        "clip-page",
        "road-clip",
        "contextualises",
        "weak",
        6,
        "No date of recording, no position, no earlier copy and no witness has been found.",
        document="video-clip",
    ),
    Evidence(
        "left-activist",
        "left-homes",
        "corroborates",
        "weak",
        6,
        "One account, by telephone, from a person whom the desk does not know.",
        assertion="activist-left",
    ),
)

VERDICTS = (
    Verdict(
        "over-100-civilians",
        "confirmed",
        "Three organisations that count for themselves and by different methods each arrive at more "
        "than 100 civilians: the UN human-rights office (111, each checked), SOHR (1,383) and SNHR "
        "(about half of 445). None of them is a party. The claim says no more than the lowest of them "
        "supports.",
    ),
    Verdict(
        "civilians-745",
        "superseded",
        "SOHR did publish this figure, and all outlets that carried it lead back to SOHR alone. On 12 "
        "March SOHR replaced it with 1,383. It stands as what was said on 8 March, and should not be "
        "used as a count today.",
    ),
    Verdict(
        "violations",
        "confirmed",
        "Seven outlets carry it, and they lead back to two origins: SOHR, and the defence ministry, "
        "which is a party and acknowledged it to its own disadvantage. How many violations, and of "
        "what kind, is another question.",
    ),
    Verdict(
        "individual-acts",
        "disputed",
        "Only the ministry, a party, says so. SOHR's thirty massacres in two days and SNHR's count of "
        "deaths that it lays to government forces and armed groups speak against it. No independent "
        "inquiry has been seen.",
    ),
    Verdict(
        "only-111",
        "contradicted",
        "The UN human-rights office documented 111 killings and said in the same briefing that the "
        "number is likely far fewer than the real one. The report gave the number and left out what "
        "the office said about it.",
    ),
    Verdict(
        "two-counts",
        "contradicted",
        "The two numbers measure different things. SOHR's is of civilians; SNHR's is of all victims, "
        "divided by the side held responsible. They can both be right, and must be neither compared "
        "nor added.",
    ),
    Verdict(
        "road-clip",
        "unverified",
        "Neither place nor date can be established from what has been found so far.",
    ),
    Verdict(
        "left-homes",
        "unverified",
        "One account from one person, through one outlet that could not confirm it.",
    ),
)

REVIEWS = (
    Review(
        "over-100-civilians",
        "reviewer",
        True,
        "Followed each of the three counts to its own statement. They share no source that I could find.",
    ),
    Review(
        "civilians-745",
        "reviewer",
        True,
        "Checked that SOHR's statement of 12 March names the figure that it replaces.",
    ),
    Review("violations", "reviewer", None),
    Review("two-counts", "reviewer", None),
    Review(
        "individual-acts",
        "reviewer",
        False,
        "Please show beside each quote that SOHR does not say by whom; as it stands a reader may think so.",
    ),
)
