"""Who asserted what in the demonstration case, with the sentence that shows it, in its own language."""

from datetime import datetime

from verify.demo.records import Assertion


def _utc(day: str, time: str) -> datetime:
    return datetime.fromisoformat(f"2025-{day}T{time}:00+00:00")


SOHR_FIRST = _utc("03-08", "19:00")
MINISTRY = _utc("03-09", "09:40")

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
        SOHR_FIRST,
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
        SOHR_FIRST,
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
        SOHR_FIRST,
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
        SOHR_FIRST,
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
        SOHR_FIRST,
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
        SOHR_FIRST,
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
        SOHR_FIRST,
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
        _utc("03-11", "11:00"),
        on_behalf_of="un",
        hedge="so far",
    ),
    Assertion(
        "sohr-1383-ar",
        "over-100-civilians",
        "sohr",
        "sohr",
        "sohr-0312-ar",
        "stated",
        "عدّل المرصد السوري لحقوق الإنسان حصيلة المدنيين الذين قُتلوا في الساحل إلى 1,383.",
        _utc("03-12", "16:15"),
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
        _utc("03-12", "16:15"),
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
        _utc("04-16", "08:30"),
        hedge="About half",
    ),
)

#: Seven outlets, two origins, one of them a party to the conflict.
VIOLATIONS = (
    Assertion(
        "sohr-violations",
        "violations",
        "sohr",
        "sohr",
        "sohr-0308-ar",
        "stated",
        "مقتل نحو 745 مدنيًا في 30 مجزرة",
        SOHR_FIRST,
    ),
    Assertion(
        "reuters-violations",
        "violations",
        "reuters",
        "reuters",
        "reuters-toll",
        "reported",
        "civilians were killed in 30 massacres over two days on the Syrian coast",
        SOHR_FIRST,
        hedge="the Syrian Observatory for Human Rights (SOHR) said",
        derives_from="sohr-violations",
    ),
    Assertion(
        "daily-violations",
        "violations",
        "daily",
        "daily",
        "daily-toll",
        "reported",
        "civilians were killed in 30 massacres over two days on the Syrian coast",
        SOHR_FIRST,
        derives_from="reuters-violations",
    ),
    Assertion(
        "gulf-violations",
        "violations",
        "gulf",
        "gulf",
        "gulf-toll",
        "reported",
        "in what it described as 30 separate massacres",
        SOHR_FIRST,
        hedge="in what it described as",
        derives_from="reuters-violations",
    ),
    Assertion(
        "levant-violations",
        "violations",
        "levant",
        "levant",
        "levant-toll-ar",
        "reported",
        "ثلاثين مجزرة وقعت في الساحل السوري خلال يومين",
        SOHR_FIRST,
        derives_from="reuters-violations",
    ),
    Assertion(
        "ministry-violations",
        "violations",
        "ministry-spokesperson",
        "sana",
        "sana-ministry-ar",
        "acknowledged",
        "وأقرّ الناطق بأن «انتهاكات فردية» وقعت أثناء العملية",
        MINISTRY,
        on_behalf_of="defence-ministry",
        hedge="فردية",
    ),
    Assertion(
        "bbc-violations",
        "violations",
        "bbc",
        "bbc",
        "bbc-toll",
        "reported",
        "A spokesperson for the Syrian defence ministry told the state news agency SANA that there "
        "had been “individual violations” during the security operation.",
        MINISTRY,
        hedge="told the state news agency SANA",
        derives_from="ministry-violations",
    ),
)

INDIVIDUAL_ACTS = (
    Assertion(
        "ministry-individual",
        "individual-acts",
        "ministry-spokesperson",
        "sana",
        "sana-ministry-ar",
        "claimed",
        "«انتهاكات فردية» وقعت أثناء العملية",
        MINISTRY,
        on_behalf_of="defence-ministry",
    ),
    Assertion(
        "sana-individual-en",
        "individual-acts",
        "ministry-spokesperson",
        "sana",
        "sana-ministry",
        "claimed",
        "The spokesperson acknowledged that “individual violations” had taken place during the operation",
        MINISTRY,
        on_behalf_of="defence-ministry",
        derives_from="ministry-individual",
    ),
    Assertion(
        "levant-individual",
        "individual-acts",
        "levant",
        "levant",
        "levant-un",
        "reported",
        "Its spokesperson told the state agency SANA on Sunday of “individual violations” during the "
        "security operation.",
        MINISTRY,
        hedge="told the state agency SANA",
        derives_from="sana-individual-en",
    ),
)

ONLY_111 = (
    Assertion(
        "un-floor",
        "only-111",
        "ohchr",
        "ohchr",
        "un-briefing",
        "warned",
        "The number is “likely far fewer” than the real number of people killed, the office said.",
        _utc("03-11", "11:00"),
        on_behalf_of="un",
        hedge="likely",
        polarity="denies",
    ),
    Assertion(
        "levant-only-111",
        "only-111",
        "levant",
        "levant",
        "levant-un",
        "reported",
        "The number of civilians killed on Syria's coast is 111, according to the human-rights office "
        "of the United Nations.",
        _utc("03-11", "11:00"),
        hedge="according to the human-rights office of the United Nations",
        derives_from="un-floor",
    ),
)

TWO_COUNTS = (
    Assertion(
        "gulf-contradict",
        "two-counts",
        "gulf",
        "gulf",
        "gulf-two-counts",
        "claimed",
        "The two best-known counts of the dead on Syria's coast contradict each other",
        _utc("04-17", "08:20"),
    ),
    Assertion(
        "snhr-scope",
        "two-counts",
        "snhr",
        "snhr",
        "snhr-0416",
        "stated",
        "Its total therefore takes in people who bore arms as well as people who did not, and it "
        "should not be read as a number of civilians.",
        _utc("04-16", "08:30"),
        polarity="denies",
    ),
    Assertion(
        "sohr-scope",
        "two-counts",
        "sohr",
        "sohr",
        "sohr-0414",
        "stated",
        "For this reason the Observatory's figures cannot be set against counts that divide the dead "
        "by the side that is held responsible.",
        _utc("04-14", "12:00"),
        polarity="denies",
    ),
)

SINGLE_ACCOUNTS = (
    Assertion(
        "uploader-clip",
        "road-clip",
        "clip-uploader",
        "video-site",
        "video-clip",
        "claimed",
        "The person who uploaded this clip says that it was filmed on a road near Latakia on the "
        "morning of 8 March 2025",
        _utc("03-08", "13:20"),
        hedge="says",
    ),
    Assertion(
        "activist-left",
        "left-homes",
        "activist",
        "bbc",
        "bbc-activist",
        "said",
        "“People left because they were afraid, and they do not know when they can return,” the "
        "activist said by telephone on Monday.",
        _utc("03-10", "09:00"),
        hedge="has seen no document or picture that would confirm the account",
    ),
)

ASSERTIONS = (
    *OVER_100,
    *CIVILIANS_745,
    *VIOLATIONS,
    *INDIVIDUAL_ACTS,
    *ONLY_111,
    *TWO_COUNTS,
    *SINGLE_ACCOUNTS,
)
