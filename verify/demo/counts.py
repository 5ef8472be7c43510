"""The figures of the demonstration case, each with its own scope: who counted, whom, where, by when."""

from datetime import UTC, date, datetime
from functools import partial

from verify.demo.records import Figure

_COAST = "Syrian coast"
_two_days = partial(
    Figure,
    place=_COAST,
    window_start=date(2025, 3, 7),
    window_end=date(2025, 3, 8),
    as_of=datetime(2025, 3, 8, 19, 0, tzinfo=UTC),
)
_by_12_march = partial(
    Figure,
    assertion="sohr-1383-ar",
    qualifier="exactly",
    unit="people-killed",
    category="civilians",
    window_start=date(2025, 3, 7),
    window_end=date(2025, 3, 12),
    as_of=datetime(2025, 3, 12, 16, 15, tzinfo=UTC),
)
_march = partial(
    Figure,
    qualifier="exactly",
    unit="people-killed",
    place=_COAST,
    window_start=date(2025, 3, 1),
    window_end=date(2025, 3, 31),
)
_sohr_april = partial(_march, assertion="sohr-scope", as_of=datetime(2025, 4, 14, 12, 0, tzinfo=UTC))
_snhr_april = partial(
    _march, assertion="snhr-scope", category="all", as_of=datetime(2025, 4, 16, 8, 30, tzinfo=UTC)
)


def _governorate(name: str, code: str, killed: int) -> Figure:
    return _by_12_march(
        key=f"sohr-0312-{name.lower()}",
        place=name,
        place_code=code,
        lower=killed,
        point=killed,
        upper=killed,
        part_of="sohr-0312-civilians",
    )


FIGURES = (
    _two_days(
        "sohr-0308-all",
        "sohr-745",
        "more-than",
        "people-killed",
        "all",
        lower=1000,
        as_written="يتجاوز عدد القتلى 1,000 شخص",
        note=(
            "The three parts make 1,018 with 745 taken as a point; that agrees with the total and does "
            "not prove it."
        ),
    ),
    _two_days(
        "sohr-0308-civilians",
        "sohr-745",
        "around",
        "people-killed",
        "civilians",
        point=745,
        as_written="نحو 745 مدنيًا",
        part_of="sohr-0308-all",
    ),
    _two_days(
        "sohr-0308-security",
        "sohr-745",
        "exactly",
        "people-killed",
        "security-personnel",
        lower=125,
        point=125,
        upper=125,
        part_of="sohr-0308-all",
    ),
    _two_days(
        "sohr-0308-fighters",
        "sohr-745",
        "exactly",
        "people-killed",
        "pro-assad-fighters",
        lower=148,
        point=148,
        upper=148,
        part_of="sohr-0308-all",
    ),
    _two_days(
        "sohr-0308-massacres",
        "sohr-745",
        "exactly",
        "massacres",
        "civilians",
        lower=30,
        point=30,
        upper=30,
        note="A number of events, not of people.",
    ),
    _two_days(
        "bbc-0309-civilians",
        "bbc-745",
        "at-least",
        "people-killed",
        "civilians",
        lower=745,
        as_written="at least 745 civilians",
        note="The source said about 745; at least says something else.",
    ),
    Figure(
        "un-0311-civilians",
        "un-111",
        "at-least",
        "people-killed",
        "civilians",
        _COAST,
        date(2025, 3, 7),
        date(2025, 3, 11),
        datetime(2025, 3, 11, 11, 0, tzinfo=UTC),
        lower=111,
        as_written="so far documented the killing of 111 civilians",
        note='Documented by that day; by its own word "likely far fewer" than the real number.',
    ),
    _by_12_march(
        key="sohr-0312-civilians",
        place=_COAST,
        lower=1383,
        point=1383,
        upper=1383,
        parts_are_all=True,
        supersedes="sohr-0308-civilians",
    ),
    _governorate("Latakia", "SY-LA", 683),
    _governorate("Tartous", "SY-TA", 433),
    _governorate("Hama", "SY-HM", 255),
    _governorate("Homs", "SY-HI", 12),
    _sohr_april(
        key="sohr-0414-civilians",
        category="civilians",
        lower=1557,
        point=1557,
        upper=1557,
        supersedes="sohr-0312-civilians",
    ),
    _sohr_april(
        key="sohr-0414-soldiers",
        category="government-soldiers",
        lower=273,
        point=273,
        upper=273,
        note="Soldiers: the first count's security personnel may be a wider group, so nothing is superseded.",
    ),
    _sohr_april(
        key="sohr-0414-fighters",
        category="pro-assad-fighters",
        lower=259,
        point=259,
        upper=259,
        supersedes="sohr-0308-fighters",
    ),
    _snhr_april(
        key="snhr-0416-all",
        perpetrator="either-side",
        lower=1662,
        point=1662,
        upper=1662,
        parts_are_all=True,
        note="Divided by the side held responsible, not by who the victims were.",
    ),
    _snhr_april(
        key="snhr-0416-government",
        lower=1217,
        point=1217,
        upper=1217,
        perpetrator="government-forces-and-armed-groups",
        part_of="snhr-0416-all",
    ),
    _snhr_april(
        key="snhr-0416-militia",
        lower=445,
        point=445,
        upper=445,
        perpetrator="pro-assad-militia",
        part_of="snhr-0416-all",
        note="About half of them civilians, about half soldiers.",
    ),
)
