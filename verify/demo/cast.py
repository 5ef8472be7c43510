"""Who speaks in the demonstration case: sources, their ties, their grades, and what they published."""

from datetime import date

from verify.demo.records import Affiliation, Document, Ending, File, Grade, Merge, Source

SOURCES = (
    Source(
        "sohr",
        "organisation",
        "Syrian Observatory for Human Rights",
        "A monitoring group based in the United Kingdom. Counts the dead by who the victims were.",
        (("en", "SOHR"), ("ar", "المرصد السوري لحقوق الإنسان"), ("ar", "المرصد السوري")),
        "http://observatory.example/",
    ),
    Source(
        "snhr",
        "organisation",
        "Syrian Network for Human Rights",
        "A monitoring group. Counts the dead by the side that it holds responsible.",
        (("en", "SNHR"), ("ar", "الشبكة السورية لحقوق الإنسان")),
        "http://network.example/",
    ),
    Source(
        "reuters",
        "agency",
        "Reuters",
        "An international news agency.",
        (("ar", "رويترز"), ("ar", "وكالة رويترز")),
        "http://wire.example/",
    ),
    Source(
        "bbc",
        "outlet",
        "BBC",
        "A public broadcaster in the United Kingdom.",
        (("en", "BBC News"), ("en", "British Broadcasting Corporation"), ("ar", "بي بي سي")),
        "http://broadcaster.example/",
    ),
    Source(
        "sana",
        "agency",
        "Syrian Arab News Agency",
        "The state news agency. What officials tell it is their word, carried by a body of the state.",
        (("en", "SANA"), ("ar", "سانا"), ("ar", "الوكالة العربية السورية للأنباء")),
        "http://agency.example/",
        party=True,
    ),
    Source(
        "authorities",
        "party",
        "Syrian authorities",
        "The government in Damascus. Its forces carried out the operation, so it is a party.",
        (("ar", "السلطات السورية"), ("en", "Syrian government")),
        party=True,
    ),
    Source(
        "defence-ministry",
        "official-body",
        "Syrian Ministry of Defence",
        "The ministry whose forces took part in the operation.",
        (("ar", "وزارة الدفاع السورية"), ("ar", "وزارة الدفاع"), ("en", "Defence Ministry")),
        "http://ministry.example/",
        party=True,
    ),
    Source(
        "ministry-spokesperson",
        "person",
        "Spokesperson of the Syrian Ministry of Defence",
        "Recorded by office and not by name: the words are the ministry's.",
        (("ar", "الناطق باسم وزارة الدفاع"),),
        party=True,
    ),
    Source(
        "un",
        "organisation",
        "United Nations",
        "The organisation of which the human-rights office and the envoy's office are parts.",
        (("en", "UN"), ("ar", "الأمم المتحدة")),
        "http://un.example/",
    ),
    Source(
        "ohchr",
        "official-body",
        "UN human-rights office",
        "Office of the United Nations High Commissioner for Human Rights. Includes a death only when "
        "it has checked it.",
        (("en", "OHCHR"), ("ar", "مفوضية الأمم المتحدة السامية لحقوق الإنسان")),
        "http://un.example/",
    ),
    Source(
        "un-envoy",
        "official-body",
        "UN Special Envoy for Syria",
        "Recorded as an office and not by name.",
        (("ar", "مبعوث الأمم المتحدة الخاص إلى سوريا"), ("ar", "المبعوث الأممي الخاص إلى سوريا")),
        "http://un.example/",
    ),
    Source(
        "daily",
        "outlet",
        "Daily",
        "An outlet invented for the demonstration. Prints agency copy.",
        website="http://daily.example/",
    ),
    Source(
        "gulf",
        "outlet",
        "Gulf",
        "An outlet invented for the demonstration. Rewrites agency copy.",
        website="http://gulf.example/",
    ),
    Source(
        "levant",
        "outlet",
        "Levant",
        "An outlet invented for the demonstration. Publishes in Arabic and English.",
        (("ar", "ليفانت"),),
        "http://levant.example/",
    ),
    Source(
        "harbour",
        "organisation",
        "Harbour Media",
        "A publishing house invented for the demonstration; it owns two of the invented outlets.",
        (("ar", "هاربر ميديا"),),
    ),
    Source(
        "quay",
        "organisation",
        "Quay Foundation",
        "A foundation invented for the demonstration; it pays grants to two of the invented outlets.",
        (("ar", "مؤسسة كي"),),
    ),
    Source(
        "sohr-again",
        "organisation",
        "Syrian Observatory",
        "Registered a second time from the statement of April, and merged when somebody noticed.",
        (("ar", "المرصد السوري"),),
        "http://observatory.example/en/",
    ),
    Source(
        "video-site",
        "outlet",
        "Video",
        "A site for sharing clips, invented for the demonstration.",
        website="http://video.example/",
    ),
    Source(
        "clip-uploader",
        "person",
        "Uploader of the road clip",
        "An account without a name, known only by one upload.",
    ),
    Source(
        "activist",
        "protected-person",
        "Activist on the coast",
        "Spoke to the BBC and asked not to be named. Who it is lies sealed with the desk's named "
        "custodian; everywhere else there is only this pseudonym.",
        (("ar", "ناشط في الساحل"),),
    ),
)

AFFILIATIONS = (
    Affiliation(
        "sana",
        "owned-by",
        "authorities",
        "It is the news agency of the state; the ministry calls it one of the official media.",
        document="ministry-statement-ar",
    ),
    Affiliation(
        "defence-ministry",
        "part-of",
        "authorities",
        "It is a ministry of the government.",
        document="sana-ministry-ar",
    ),
    Affiliation(
        "ministry-spokesperson",
        "speaks-for",
        "defence-ministry",
        "Introduced so by the agency, and the ministry published the same statement.",
        since=date(2025, 3, 9),
        document="sana-ministry-ar",
    ),
    Affiliation(
        "ohchr",
        "part-of",
        "un",
        "It is an office of the United Nations Secretariat, set up by the General Assembly.",
        since=date(1993, 12, 20),
        document="un-briefing",
    ),
    Affiliation(
        "un-envoy",
        "speaks-for",
        "un",
        "The envoy is appointed by the Secretary-General.",
        document="un-envoy-statement",
    ),
    Affiliation(
        "daily",
        "owned-by",
        "harbour",
        "Invented for the demonstration.",
        since=date(2019, 1, 1),
        document="levant-about",
    ),
    Affiliation("levant", "owned-by", "harbour", "Invented for the demonstration.", since=date(2021, 6, 1)),
    Affiliation(
        "gulf",
        "funded-by",
        "quay",
        "A grant for the foreign desk. Invented for the demonstration.",
        since=date(2024, 1, 1),
        document="gulf-support",
    ),
    Affiliation(
        "daily",
        "funded-by",
        "quay",
        "A grant for comments on world affairs. Invented for the demonstration.",
        since=date(2024, 1, 1),
        document="gulf-support",
    ),
)

ENDINGS = (
    Ending(
        "levant",
        "harbour",
        date(2025, 4, 1),
        "levant-about",
        "The imprint of 2 April says when it was sold.",
    ),
)

MERGES = (
    Merge(
        "sohr-again",
        "sohr",
        "The same organisation, registered twice: the same website and the same Arabic name.",
    ),
)

GRADES = (
    Grade(
        "sohr",
        "C",
        "Revises in public and dates its counts; its sources cannot be seen, and it is often alone.",
    ),
    Grade("snhr", "B", "Publishes how it counts and keeps single reports apart; its sources cannot be seen."),
    Grade("reuters", "B", "Names where a figure comes from and says what it could not check."),
    Grade(
        "bbc", "B", "Names where a figure comes from; one figure was put more firmly than its source put it."
    ),
    Grade("sana", "D", "Carries the words of one party faithfully, without a question or a second view."),
    Grade("defence-ministry", "D", "A party that speaks about the conduct of its own forces."),
    Grade("ohchr", "A", "Includes only what it has checked and says that its number is incomplete."),
    Grade("un", "B", "Speaks through its offices; says what it has checked and what it has not."),
    Grade("un-envoy", "B", "Careful about what is known; is not a first-hand source for events."),
    Grade("daily", "C", "Prints agency copy unchanged and credits it."),
    Grade("gulf", "C", "Rewrites with care in the news, less so where it compares figures."),
    Grade("levant", "C", "Credits the agency whose copy it translates, and its imprint can be checked."),
    Grade("clip-uploader", "F", "One upload, no name, no answer: nothing to judge by."),
    Grade("activist", "F", "One account, heard through one outlet; there is no record to judge by."),
)


#: Judged anew after what was found: the earlier grades stay.
GRADES_LATER = (
    Grade("levant", "D", "Dropped the caveat of a source in a way that changed what was said."),
    Grade("gulf", "D", "Named as its source for the road clip an outlet that names Gulf as its own."),
)


def _document(key: str, outlet: str, address: str) -> Document:
    return Document(key, f"http://{address}", outlet)


DOCUMENTS = (
    _document("reuters-toll", "reuters", "wire.example/2025/03/08/syria-coast-monitor-toll"),
    _document("reuters-toll-ar", "reuters", "wire.example/ar/2025/03/08/syria-coast-monitor-toll"),
    _document("daily-toll", "daily", "daily.example/world/2025/03/09/syria-coast"),
    _document("bbc-toll", "bbc", "broadcaster.example/news/world-20250309-syria-coast"),
    _document("bbc-toll-ar", "bbc", "broadcaster.example/arabic/20250309-syria-coast"),
    _document("bbc-activist", "bbc", "broadcaster.example/news/world-20250310-activist"),
    _document("gulf-toll", "gulf", "gulf.example/2025/03/09/coast-violence"),
    _document("gulf-two-counts", "gulf", "gulf.example/2025/04/17/two-counts"),
    _document("levant-toll-ar", "levant", "levant.example/akhbar/2025/03/09/sahil"),
    _document("gulf-clip", "gulf", "gulf.example/2025/03/10/road-clip"),
    _document("gulf-support", "gulf", "gulf.example/support"),
    _document("levant-clip", "levant", "levant.example/en/2025/03/10/road-clip"),
    _document("levant-about", "levant", "levant.example/en/about"),
    _document("daily-totals", "daily", "daily.example/world/2025/04/18/two-totals"),
    _document("levant-un", "levant", "levant.example/en/2025/03/12/united-nations-number"),
    _document("sana-ministry-ar", "sana", "agency.example/ar/2025/03/09/defence-ministry-coast"),
    _document("sana-ministry", "sana", "agency.example/en/2025/03/09/defence-ministry-coast"),
    _document("ministry-statement-ar", "defence-ministry", "ministry.example/ar/statements/2025-03-09"),
    _document("sohr-0308-ar", "sohr", "observatory.example/ar/2025/03/08/count"),
    _document("sohr-0308", "sohr", "observatory.example/en/2025/03/08/count"),
    _document("sohr-0312-ar", "sohr", "observatory.example/ar/2025/03/12/count"),
    _document("sohr-0312", "sohr", "observatory.example/en/2025/03/12/count"),
    _document("sohr-0414", "sohr", "observatory.example/en/2025/04/14/count"),
    _document("snhr-0416-ar", "snhr", "network.example/ar/2025/04/16/report"),
    _document("snhr-0416", "snhr", "network.example/en/2025/04/16/report"),
    _document("un-briefing", "ohchr", "un.example/human-rights/2025/03/11/briefing"),
    _document("un-envoy-statement", "un-envoy", "un.example/envoy/2025/03/07/statement"),
    _document("video-clip", "video-site", "video.example/watch/coast-road"),
)

FILES = (
    File(
        "un-briefing-pdf",
        "http://un.example/human-rights/2025/03/11/briefing.pdf",
        "ohchr",
        "Briefing note on the Syrian coast, as handed out",
    ),
    File("clip-file", "http://video.example/assets/clip.webm", "video-site", "The file of the road clip"),
)
