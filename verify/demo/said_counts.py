"""Who gave or carried a number of the dead, with the sentence that shows it, in its own language."""

from datetime import date, datetime

from verify.demo.records import Assertion


def utc(day: str, time: str) -> datetime:
    """The moment in 2025: ("03-08", "19:00")."""
    return datetime.fromisoformat(f"2025-{day}T{time}:00+00:00")


SOHR_FIRST = utc("03-08", "19:00")

#: SOHR's first count and whoever carried it: many outlets, one origin.
CIVILIANS_745 = (
    Assertion(
        "sohr-745",
        "civilians-745",
        "sohr",
        "sohr",
        "sohr-0308-ar",
        "stated",
        "أحصى المرصد السوري لحقوق الإنسان مقتل نحو 745 مدنيًا في 30 مجزرة وقعت في الساحل السوري خلال "
        "اليومين الماضيين.",
        SOHR_FIRST,
        hedge="نحو",
    ),
    Assertion(
        "sohr-745-en",
        "civilians-745",
        "sohr",
        "sohr",
        "sohr-0308",
        "stated",
        "The Syrian Observatory for Human Rights has counted about 745 civilians killed in 30 "
        "massacres on the Syrian coast over the past two days.",
        SOHR_FIRST,
        hedge="about",
        derives_from="sohr-745",
    ),
    Assertion(
        "reuters-745",
        "civilians-745",
        "reuters",
        "reuters",
        "reuters-toll",
        "reported",
        "About 745 civilians were killed in 30 massacres over two days on the Syrian coast, the "
        "Syrian Observatory for Human Rights (SOHR) said on Saturday.",
        utc("03-08", "21:40"),
        hedge="not able to check the figures independently",
        derives_from="sohr-745-en",
    ),
    Assertion(
        "reuters-745-ar",
        "civilians-745",
        "reuters",
        "reuters",
        "reuters-toll-ar",
        "reported",
        "قال المرصد السوري لحقوق الإنسان يوم السبت إن نحو 745 مدنيًا قُتلوا في 30 مجزرة خلال يومين",
        utc("03-08", "22:25"),
        hedge="نحو",
        derives_from="reuters-745",
    ),
    Assertion(
        "daily-745",
        "civilians-745",
        "daily",
        "daily",
        "daily-toll",
        "reported",
        "BEIRUT (Reuters) - About 745 civilians were killed in 30 massacres over two days on the "
        "Syrian coast",
        utc("03-09", "05:30"),
        derives_from="reuters-745",
    ),
    Assertion(
        "bbc-745",
        "civilians-745",
        "bbc",
        "bbc",
        "bbc-toll",
        "reported",
        "The group says at least 745 civilians were killed in 30 massacres over two days.",
        utc("03-09", "14:15"),
        hedge="The group says",
        derives_from="reuters-745",
    ),
    Assertion(
        "bbc-745-ar",
        "civilians-745",
        "bbc",
        "bbc",
        "bbc-toll-ar",
        "reported",
        "ويقول المرصد إن نحو 745 مدنيًا قُتلوا في 30 مجزرة خلال يومين",
        utc("03-09", "15:00"),
        hedge="ويقول المرصد",
        derives_from="reuters-745",
    ),
    Assertion(
        "gulf-745",
        "civilians-745",
        "gulf",
        "gulf",
        "gulf-toll",
        "reported",
        "The Syrian Observatory for Human Rights put the number of civilians killed at around 745, in "
        "what it described as 30 separate massacres.",
        utc("03-09", "10:00"),
        hedge="Neither this newspaper nor Reuters could confirm the count.",
        derives_from="reuters-745",
    ),
    Assertion(
        "levant-745",
        "civilians-745",
        "levant",
        "levant",
        "levant-toll-ar",
        "reported",
        "نقلت وكالة رويترز عن المرصد السوري لحقوق الإنسان أن ثلاثين مجزرة وقعت في الساحل السوري خلال يومين",
        utc("03-09", "12:20"),
        derives_from="reuters-745-ar",
    ),
)

#: Three organisations that counted for themselves.
OVER_100 = (
    Assertion(
        "un-111",
        "over-100-civilians",
        "ohchr",
        "ohchr",
        "un-briefing",
        "stated",
        "The United Nations human-rights office has so far documented the killing of 111 civilians on "
        "the Syrian coast",
        utc("03-11", "11:00"),
        on_behalf_of="un",
        hedge="so far",
    ),
    Assertion(
        "un-111-handed-out",
        "over-100-civilians",
        "ohchr",
        "ohchr",
        "un-briefing-pdf",
        "stated",
        "Civilians whose killing has been documented 111",
        utc("03-11", "11:00"),
        on_behalf_of="un",
        derives_from="un-111",
        published_on=date(2025, 3, 11),
    ),
    Assertion(
        "sohr-1383-ar",
        "over-100-civilians",
        "sohr",
        "sohr",
        "sohr-0312-ar",
        "stated",
        "عدّل المرصد السوري لحقوق الإنسان حصيلة المدنيين الذين قُتلوا في الساحل إلى 1,383.",
        utc("03-12", "16:15"),
    ),
    Assertion(
        "sohr-1383",
        "over-100-civilians",
        "sohr",
        "sohr",
        "sohr-0312",
        "stated",
        "The Syrian Observatory for Human Rights has revised its count of civilians killed on the "
        "coast to 1,383.",
        utc("03-12", "16:15"),
        derives_from="sohr-1383-ar",
    ),
    Assertion(
        "snhr-civilians",
        "over-100-civilians",
        "snhr",
        "snhr",
        "snhr-0416",
        "estimated",
        "About half of the 445 people killed by pro-Assad militia were civilians and about half were "
        "soldiers.",
        utc("04-16", "08:30"),
        hedge="About half",
    ),
)
