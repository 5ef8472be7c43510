"""What strangers' archives send, read: TimeMaps, dates, addresses, and the setting that names them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.archive import memento
from sources.archive.memento import Found, Service, read_services, read_timemap

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
BASE = "http://archive.test/timemap/link/http://site.test/said"
DATE = "Sun, 09 Mar 2025 10:00:00 GMT"
AT = datetime(2025, 3, 9, 10, 0, tzinfo=UTC)


def timemap(text: str | bytes, hosts: frozenset[str] | None = frozenset({"archive.test"})) -> memento.TimeMap:
    body = text.encode() if isinstance(text, str) else text
    return read_timemap(body, base=BASE, now=NOW, allowed=lambda address: "@" not in address, hosts=hosts)


def line(target: str, date: str = DATE, rel: str = "memento") -> str:
    return f'<{target}>; rel="{rel}"; datetime="{date}"'


def test_the_example_of_the_standard_is_read():
    """RFC 7089 §5.1.2, with our host."""
    text = """<http://a.example.org>;rel="original",
      <http://archive.test/timemap/http://a.example.org>
        ; rel="self";type="application/link-format"
        ; from="Tue, 20 Jun 2000 18:02:59 GMT"
        ; until="Wed, 09 Apr 2008 20:30:51 GMT",
      <http://archive.test/timegate/http://a.example.org>; rel="timegate",
      <http://archive.test/web/20000620180259/http://a.example.org>
        ; rel="first memento";datetime="Tue, 20 Jun 2000 18:02:59 GMT"
        ; license="http://creativecommons.org/publicdomain/zero/1.0/",
      <http://archive.test/web/20091027204954/http://a.example.org>
         ; rel="last memento";datetime="Tue, 27 Oct 2009 20:49:54 GMT"
         ; license="http://creativecommons.org/publicdomain/zero/1.0/",
      <http://archive.test/web/20000621011731/http://a.example.org>
        ; rel="memento";datetime="Wed, 21 Jun 2000 01:17:31 GMT"
        ; license="http://creativecommons.org/publicdomain/zero/1.0/" """
    read = timemap(text)
    assert [found.at.year for found in read.mementos] == [2000, 2000, 2009]
    assert read.mementos[0].at == datetime(2000, 6, 20, 18, 2, 59, tzinfo=UTC)
    assert (read.originals, read.pages, read.left_out) == (["http://a.example.org"], [], 0)


def test_an_index_of_timemaps_names_its_pages():
    """RFC 7089 §5.1.3."""
    read = timemap(
        f'<{BASE}>; rel="self"; type="application/link-format",'
        ' <http://archive.test/map/2>; rel="timemap"; type="application/link-format"; from="x",'
        ' <http://archive.test/map/json>; rel="timemap"; type="application/json",'
        ' <http://elsewhere.test/map/3>; rel="timemap"'
    )
    assert read.pages == ["http://archive.test/map/2"]


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://archive.test/x",
        "http://elsewhere.test/x",
        "//elsewhere.test/x",
        "http://archive.test.elsewhere.test/x",
        "http://user:word@archive.test/x",
        "http://[half/x",
        "http://archive.test/" + "x" * 2000,
        "/\x00",
    ],
)
def test_an_address_that_no_reader_should_follow_is_left_out(target):
    read = timemap(line(target) + ", " + line("/web/1"))
    assert [found.url for found in read.mementos] == ["http://archive.test/web/1"]
    assert read.left_out == 1


def test_relative_addresses_are_those_of_the_timemap():
    assert [one.url for one in timemap(line("/web/1")).mementos] == ["http://archive.test/web/1"]
    assert [one.url for one in timemap(line("//archive.test/2")).mementos] == ["http://archive.test/2"]
    assert [one.url for one in timemap(line("?page=2")).mementos] == [f"{BASE}?page=2"]


def test_an_aggregator_may_name_the_hosts_of_others():
    assert len(timemap(line("http://elsewhere.test/x"), hosts=None).mementos) == 1


@pytest.mark.parametrize(
    "date",
    [
        "", "yesterday", "Sun, 09 Mar 25 10:00:00 GMT", "Sun, 09 Mar 2025 10:00:00 +0100",
        "Sun, 09 Mar 2025 10:00:61 GMT",
        "Sun, 99 Mar 2025 10:00:00 GMT", "Sun, 09 Mar 1890 10:00:00 GMT",
        "Sun, 09 Mar 0000 10:00:00 GMT",
        "Sun, 09 Mar 2999 10:00:00 GMT", "Sun, 09 Mar 99999999999 10:00:00 GMT", "20250309100000", "٩ مارس ٢٠٢٥",
        "Mon, 01 Jan 0001 00:00:00 +2359", "Fri, 31 Dec 9999 23:59:59 -2359",
    ],
)  # fmt: skip
def test_a_date_that_cannot_be_leaves_its_memento_out(date):
    read = timemap(line("/web/1", date))
    assert (read.mementos, read.left_out) == ([], 1)


def test_mementos_come_in_order_and_each_once():
    later = "Mon, 10 Mar 2025 10:00:00 GMT"
    read = timemap(", ".join([line("/web/2", later), line("/web/1"), line("/web/2", later)]))
    assert read.mementos == [
        Found(AT, "http://archive.test/web/1"),
        Found(AT + timedelta(days=1), "http://archive.test/web/2"),
    ]


def test_quoted_commas_brackets_and_escapes_do_not_end_a_link():
    read = timemap(
        f'<http://archive.test/1>; title="a, \\"b\\" <http://x>; rel=original"; rel="memento"; datetime="{DATE}"'
    )
    assert [one.url for one in read.mementos] == ["http://archive.test/1"]
    assert read.originals == []


@pytest.mark.parametrize(
    "body",
    [
        b"<" * 4_000_000,
        b"<a>;" * 1_000_000,
        b'<a>;x="' * 600_000,
        b'<a>;x="\\"' * 500_000,
        b"<a> ;" + b" " * 4_000_000,
        b"\xff\xfe\x00" * 1_500_000,
        b'<a>; rel="' + b"\\" * 4_000_001,
        (line("/web/1") + ",\n").encode() * 60_000,
    ],
    ids=["brackets", "semicolons", "open quotes", "escapes", "spaces", "bytes", "backslashes", "repeated"],
)
def test_megabytes_of_malice_are_read_within_the_suites_limit(body):
    assert len(timemap(body).mementos) <= 1


def test_reading_ends_at_the_limit_and_says_so(monkeypatch):
    monkeypatch.setattr(memento, "MAX_LINKS", 10)
    read = timemap(", ".join(line(f"/web/{number}") for number in range(11)))
    assert (len(read.mementos), read.is_cut) == (10, True)


@given(st.binary(max_size=300) | st.text(alphabet='<>;,="\\ relmntodaiu/:x\n\x00é', max_size=300))
def test_no_bytes_break_the_reading(body):
    read = timemap(body)
    assert all(one.url.startswith(("http://", "https://")) for one in read.mementos)


def test_the_headers_of_a_memento_are_read():
    headers = [
        ("memento-datetime", DATE),
        ("content-location", "/web/2025/http://site.test/said"),
        (
            "link",
            f'<http://archive.test/m>; rel="memento"; datetime="{DATE}", <http://site.test>; rel=original',
        ),
    ]
    assert memento.read_memento("http://archive.test/x", headers, now=NOW) == Found(
        AT, "http://archive.test/x"
    )
    assert memento.read_memento("http://archive.test/x", headers[1:], now=NOW) is None
    assert memento.announced("http://archive.test/x", headers) == [
        "http://archive.test/web/2025/http://site.test/said",
        "http://archive.test/m",
    ]


def test_a_timegate_is_asked_in_gmt():
    at = datetime.fromisoformat("2025-03-09T12:00:00+02:00")
    assert memento.negotiation(at) == [("Accept-Datetime", DATE)]


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ([], True),
        (["https://www.Site.test/said/"], True),
        (["http://site.test:80/said"], True),
        (["http://site.test/other"], False),
        (["http://site.test/said?x=1"], False),
        (["http://[half"], False),
    ],
)
def test_a_timemap_of_another_address_is_known_as_such(said, same):
    assert memento.is_same_original(said, "http://site.test/said") is same


@pytest.mark.parametrize("number", [0, 1, 2, 499, 500, 501, 3000, 200_000])
def test_a_choice_is_even_and_has_both_ends(number):
    mementos = [Found(AT + timedelta(minutes=n), f"http://archive.test/{n}") for n in range(number)]
    kept = memento.evenly(mementos, 500)
    assert len(kept) == len(set(kept)) == min(number, 500)
    assert kept[:1] + kept[-1:] == mementos[:1] + mementos[-1:]
    steps = {b.at - a.at for a, b in pairwise(kept)}
    assert not steps or max(steps) - min(steps) <= timedelta(minutes=1)


def test_templates_are_expanded_as_rfc_6570_says():
    url = "http://site.test/a?b=ü&c"
    assert memento.expand("https://x.test/map/{+url}", url) == f"https://x.test/map/{url}"
    assert memento.expand("https://x.test/?u={url}", url) == (
        "https://x.test/?u=http%3A%2F%2Fsite.test%2Fa%3Fb%3D%C3%BC%26c"
    )
    assert memento.fixed_part("https://x.test/save/{+url}") == "https://x.test/save/"


def test_services_are_what_the_setting_says():
    first = {"name": "A", "timemap": "https://a.test/{+url}"}
    assert read_services([first, {"name": "B", "save": "https://b.test/?u={url}", "any_host": True}]) == [
        Service("A", timemap="https://a.test/{+url}"),
        Service("B", save="https://b.test/?u={url}", any_host=True),
    ]
    assert [(one.looks_up, one.copies) for one in read_services([first])] == [(True, False)]
    assert read_services([]) == []


@pytest.mark.parametrize(
    "setting",
    [
        {}, "A", None, ["A"], [{}], [{"name": "A"}], [{"name": "", "save": "https://a.test/{url}"}],
        [{"name": "A" * 101, "save": "https://a.test/{url}"}], [{"name": 1, "save": "https://a.test/{url}"}],
        [{"name": "A", "save": "https://a.test/"}], [{"name": "A", "save": "https://{+url}/"}],
        [{"name": "A", "save": "ftp://a.test/{url}"}], [{"name": "A", "save": 7}],
        [{"name": "A", "save": "https://a.test/{url}/{url}"}], [{"name": "A", "save": "https://a.test/{uri}/{url}"}],
        [{"name": "A", "saves": "https://a.test/{url}"}],
        [{"name": "A", "save": "https://a.test/{url}", "any_host": 1}],
        [{"name": "A", "save": "https://a.test/{url}"}] * 2,
    ],
)  # fmt: skip
def test_a_setting_that_is_half_understood_is_refused(setting):
    with pytest.raises(ValueError, match=r"."):
        read_services(setting)
