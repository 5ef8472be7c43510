"""The guard against hostile URLs and names. Every generated spelling must end in a refusal, and none in a look-up."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.archive.addresses import refusal
from sources.archive.exchange import FailureCode, FetchError
from sources.archive.guard import Guard, system_lookup

PRIVATE = (
    "0.0.0.0", "10.0.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "168.63.129.16",
    "169.254.169.254", "172.16.0.1", "192.168.1.1", "192.0.0.192", "224.0.0.1", "255.255.255.255",
)  # fmt: skip


def no_lookup(name: str) -> list[str]:
    raise AssertionError(f"{name} must not be looked up")


def spellings(address: str) -> list[str]:
    """Ways to write an IPv4 address that some client or other connects to."""
    number = int(IPv4Address(address))
    a, b, c, d = (int(part) for part in address.split("."))
    low, high = number & 0xFFFF, number >> 16
    teredo = number ^ 0xFFFFFFFF
    plain = [
        address, f"{address}.", f"{number}", f"{number}.", f"0x{number:x}", f"0X{number:X}", f"0x0000{number:08x}",
        f"0{number:o}", f"000{number:o}", f"{a}.{number & 0xFFFFFF}", f"{a}.{b}.{low}", f"0x{a:x}.{b}.0{c:o}.{d}",
        f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"00{a:o}.{b}.{c}.{d}",
        f"0x{a:x}.{number & 0xFFFFFF}", f"0{a:o}.0x{number & 0xFFFFFF:x}", f"0{a:o}.{b}.{c}.{d}",
        address.replace(".", "\u3002"), address.replace(".", "\uff0e"), address.replace(".", "\uff61"),
        "".join(chr(0xFF10 + int(char)) if char.isdigit() else char for char in address),
        "".join(chr(0x1D7CE + int(char)) if char.isdigit() else char for char in address),
        "".join(chr(0x245F + int(char)) if char in "123456789" else char for char in address),
        "".join(chr(0x2080 + int(char)) if char.isdigit() else char for char in address),
        f"\uff10\uff58{number:x}", "".join(f"%{ord(char):02x}" for char in address), address.replace(".", "%2e"),
        address.replace(".", "\u00ad."), f"\u200b{address}", f"{address}%00", f"{address}%20", f"{address}%2f",
    ]  # fmt: skip
    bracketed = [
        f"::ffff:{address}", f"::ffff:{high:x}:{low:x}", f"0:0:0:0:0:FFFF:{address}", f"::{address}",
        f"::{high:x}:{low:x}", f"::ffff:0:{address}", f"64:ff9b::{address}", f"64:ff9b::{high:x}:{low:x}",
        f"64:ff9b:1::{address}", f"2002:{high:x}:{low:x}::", f"2002:{high:x}:{low:x}::1",
        f"2001:0:4136:e378:8000:63bf:{teredo >> 16:x}:{teredo & 0xFFFF:x}", f"2001::{address}",
        f"2a00::5efe:{address}", f"2a00::200:5efe:{address}", f"fe80::5efe:{address}",
        f"::ffff:{address}%25lo", f"::ffff:{address}%lo",
    ]  # fmt: skip
    return [*plain, *(f"[{inside}]" for inside in bracketed)]


HOSTILE_HOSTS = sorted({host for address in PRIVATE for host in spellings(address)})
HOSTILE_AUTHORITIES = [
    *("localhost", "LOCALHOST", "localhost.", "a.localhost", "a.b.localhost.", "printer.local", "nas.local."),
    *("metadata.google.internal", "metadata.internal.", "router.home.arpa", "abcdefgh.onion", "x.alt"),
    *(
        "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
        "ｌｏｃａｌｈｏｓｔ",
        "local\u00adhost",
        "loca\u200dlhost",
        "lo\u200bcalhost",
        "localhost\u3002",
    ),
    *(
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[0000::0001]",
        "[::1%25lo]",
        "[::1%lo]",
        "[fe80::1%25eth0]",
        "[fe80::1]",
    ),
    *(
        "[fec0::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[fd20:ce::254]",
        "[ff02::1]",
        "[2001:db8::1]",
        "[3fff::1]",
    ),
    *(
        "[5f00::1]",
        "[100::1]",
        "[64:ff9b:1::1]",
        "[2620:4f:8000::1]",
        "[4000::1]",
        "[v1.x]",
        "[]",
        "[:]",
        "[:::]",
    ),
    *("[1.1.1.1]", "[::1", "::1]", "::1", "[::1]a", "a[::1]", "[[::1]]", "[::g]", "[::1]:", "[::1]:80"),
]
HOSTILE_URLS = [
    # Other schemes, and things that are almost http.
    *("", " ", "/", "//a.example/", "a.example", "a.example:80", "http", "http:", "http:/", "http://", "http:///"),
    *("http:a.example", "http:/a.example/", "http:///a.example/", "http:\\\\a.example\\", "http:/\\a.example"),
    *("https:"),
    *("file:///etc/passwd", "FILE:///etc/passwd", "ftp://a.example/", "gopher://a.example:70/_x", "dict://a.example:11211/"),
    *("data:text/html,x", "javascript:alert(1)", "about:blank", "blob:http://a.example/x", "view-source:http://a.example/"),
    *("jar:http://a.example!/", "ldap://a.example/", "ws://a.example/", "wss://a.example/", "netdoc:///x", "unix:///x"),
    *("http+unix://x/", "httpx://a.example/", "xhttp://a.example/", "h\u0442tp://a.example/", "ht tp://a.example/"),
    *("\thttp://a.example/", "http://a.example/ ", "\nhttp://a.example/", "ht\ntp://a.example/", "\x00http://a.example/"),
    *("\ufeffhttp://a.example/", "\u00a0http://a.example/", "http://a.example/\u2028", "http://a.example/\u0085"),
    # Credentials, and what parsers take for credentials.
    *("http://user@a.example/", "http://user:pw@a.example/", "http://:@a.example/", "http://@a.example/"),
    *("http://a.example@127.0.0.1/", "http://a.example:80@127.0.0.1:80/", "http://a.example%40127.0.0.1/"),
    *("http://127.0.0.1\\@a.example/", "http://a.example\\@127.0.0.1/", "http://a.example;@127.0.0.1/"),
    *("http://a.example&@127.0.0.1#@b.example/", "http://1.1.1.1&@2.2.2.2#@3.3.3.3/", "http://a@b@c.example/"),
    *("http://a.example\uff20127.0.0.1/", "http://a.example\ufe6b127.0.0.1/", "http://foo:80:bar@a.example/"),
    # Ports.
    *("http://a.example:0/", "http://a.example:1/", "http://a.example:22/", "http://a.example:25/", "http://a.example:81/"),
    *("http://a.example:6379/", "http://a.example:65536/", "http://a.example:65616/", "http://a.example:99999999999/"),
    *("http://a.example:-80/", "http://a.example:+80/", "http://a.example:8 0/", "http://a.example:80:80/", "http://a.example:0x50/"),
    *("http://a.example:80a/", "http://a.example:\uff18\uff10/", "http://a.example:٨٠/", "http://a.example:80.0/", "https://a.example:5432"),
    # Hosts that two parsers read in two ways.
    *("http://a.example\\.b.example/", "http://a.example\t.b.example/", "http://a.example\r\nHost: x/"),
    *("http://a .example/"),
    *("http://a.example%0d%0aX/", "http://a.example\x00.b.example/", "http://a.example%00.b.example/", "http://a.example\x7f/"),
    *("http://a..example/", "http://.a.example/", "http://a.example../", "http://./", "http://../", "http://-a.example/"),
    *("http://a-.example/", "http://a!.example/", "http://a,b.example/", "http://a;b.example/", "http://a'.example/", "http://*/"),
    *("http://a<b>.example/", "http://{a}.example/", "http://$a.example/", "http://a|b.example/", "http://a^.example/", "http://`/"),
    *("http://a\u2044b.example/", "http://a\u2215b.example/", "http://a\uff0fb.example/", "http://a\uff03b.example/"),
    *("http://a\uff1fb.example/", "http://a\u2024example\u2100.x/", "http://\u2488example/", "http://a\u202eb.example/"),
    *("http://a\u3000b.example/", "http://a\u00a0b.example/", "http://a\u2028b.example/", "http://xn--.example/"),
    *("http://xn--a.example/", "http://xn--abc-.example/", "http://xn--\u00e9.example/", "http://xn--99999999.example/"),
    *("http://\u0301a.example/", "http://a\u06dd.example/", "http://\ud800.example/"),
    *("http://" + "a" * 64 + ".example/"),
    "http://" + "a." * 130 + "example/", "http://" + "é" * 60 + ".example/", "http://a.example/" + "x" * 9000,
    # IPv4 that is none.
    *("http://256.1.1.1/", "http://1.2.3.256/", "http://1.2.3.4.5/", "http://4294967296/", "http://1.16777216/", "http://0x100000000/"),
    *("http://08.1.1.1/", "http://1.2.3.08/", "http://a.1/", "http://a.0x1/", "http://1.2.3.4a.5/", "http://0x/", "http://0xg.1/"),
    *("http://1..2.3/", "http://.1.2.3.4/", "http://127.0.0.1../", "http://99999999999999999999/", "http://0/"),
    # Paths.
    *("http://a.example/\\evil", "http://a.example/a\nb", "http://a.example/a\tb", "http://a.example/\x00", "http://a.example/\ud800"),
]  # fmt: skip
HOSTILE = [
    *(f"http://{host}/" for host in HOSTILE_HOSTS),
    *(f"https://{host}:8443/x" for host in HOSTILE_HOSTS),
    *(f"http://{authority}/" for authority in HOSTILE_AUTHORITIES),
    *HOSTILE_URLS,
]


@pytest.mark.parametrize("url", HOSTILE)
def test_guard_refuses_hostile_url_without_a_lookup(url: str) -> None:
    guard = Guard(lookup=no_lookup)
    with pytest.raises(FetchError) as caught:
        guard.resolve(guard.check_url(url))
    assert str(caught.value).endswith(".")
    str(caught.value).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://a.example/", FailureCode.SCHEME_REFUSED),
        ("http://u:p@a.example/", FailureCode.CREDENTIALS_REFUSED),
        ("http://a.example:22/", FailureCode.PORT_REFUSED),
        ("http://127.0.0.1/", FailureCode.ADDRESS_REFUSED),
        ("http://[::1]/", FailureCode.ADDRESS_REFUSED),
        ("http://017700000001/", FailureCode.ADDRESS_REFUSED),
        ("http://localhost/", FailureCode.ADDRESS_REFUSED),
        ("http://a..b/", FailureCode.INVALID_URL),
        ("nonsense", FailureCode.INVALID_URL),
    ],
)
def test_guard_gives_the_reason_as_a_code(url: str, code: FailureCode) -> None:
    with pytest.raises(FetchError) as caught:
        Guard(lookup=no_lookup).check_url(url)
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.example", "http://a.example/"),
        ("HTTP://A.Example:80/B?C#d", "http://a.example/B?C"),
        ("https://a.example:443", "https://a.example/"),
        ("https://a.example:0443/", "https://a.example/"),
        ("https://a.example:8443?q", "https://a.example:8443/?q"),
        ("http://a.example:443/", "http://a.example:443/"),
        ("http://a.example:/", "http://a.example/"),
        ("http://a.example./", "http://a.example/"),
        ("http://a.example#x?y/z@w", "http://a.example/"),
        ("http://a.example/a/../b/./c/..", "http://a.example/b/"),
        ("http://a.example/a/%2E%2e/b", "http://a.example/b"),
        ("http://a.example/../../x", "http://a.example/x"),
        ("http://a.example//b//", "http://a.example//b//"),
        ("http://a.example/a b?c d", "http://a.example/a%20b?c%20d"),
        ("http://a.example/%D8%B3/%zz?%", "http://a.example/%D8%B3/%zz?%"),
        ("http://a.example/خبر?ق=١", "http://a.example/%D8%AE%D8%A8%D8%B1?%D9%82=%D9%A1"),
        ("http://a.example/?u=http://127.0.0.1/\\x", "http://a.example/?u=http://127.0.0.1/\\x"),
        ("http://münchen.example/", "http://xn--mnchen-3ya.example/"),
        ("http://MÜNCHEN。example/", "http://xn--mnchen-3ya.example/"),
        ("http://faß.example/", "http://xn--fa-hia.example/"),
        ("http://موقع.وزارة-الاتصالات.مصر/", "http://xn--4gbrim.xn----ymcbaaajlc6dj7bxne2c.xn--wgbh1c/"),
        ("http://xn--mnchen-3ya.example/", "http://xn--mnchen-3ya.example/"),
        ("http://xn--i-7iq.example/", "http://xn--i-7iq.example/"),
        ("http://my_site.example/", "http://my_site.example/"),
        ("https://r4---sn-4g5e.video.example/", "https://r4---sn-4g5e.video.example/"),
        ("http://1.1.1.1/", "http://1.1.1.1/"),
        ("http://0x01010101/", "http://1.1.1.1/"),
        ("http://[2606:4700:4700:0::1111]:8080/", "http://[2606:4700:4700::1111]:8080/"),
        ("http://1a.example/", "http://1a.example/"),
        ("http://a.1a/", "http://a.1a/"),
    ],
)
def test_guard_reads_ordinary_urls_as_browsers_do(url: str, expected: str) -> None:
    target = Guard().check_url(url)
    assert target.url == expected
    assert Guard().check_url(target.url) == target  # reading it again changes nothing


@pytest.mark.parametrize(
    "bad", ["127.0.0.1", "10.0.0.1", "::1", "64:ff9b::7f00:1", "fe80::1%eth0", "nonsense"]
)
def test_guard_refuses_a_name_if_any_answer_is_bad(bad: str) -> None:
    guard = Guard(lookup=lambda name: ["1.1.1.1", "2606:4700:4700::1111", bad])
    with pytest.raises(FetchError) as caught:
        guard.resolve(guard.check_url("http://a.example/"))
    assert caught.value.code is FailureCode.ADDRESS_REFUSED


def test_guard_looks_a_name_up_once_and_keeps_the_order() -> None:
    asked: list[str] = []

    def lookup(name: str) -> list[str]:
        asked.append(name)
        return ["2606:4700:4700::1111", "1.1.1.1"]

    guard = Guard(lookup=lookup)
    assert guard.resolve(guard.check_url("https://A.example./")) == [
        (socket.AF_INET6, "2606:4700:4700::1111", 443),
        (socket.AF_INET, "1.1.1.1", 443),
    ]
    assert asked == ["a.example"]


def test_guard_says_when_a_name_has_no_address() -> None:
    def failing(name: str) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    for lookup in (failing, lambda name: []):
        guard = Guard(lookup=lookup)
        with pytest.raises(FetchError) as caught:
            guard.resolve(guard.check_url("http://a.example/"))
        assert caught.value.code is FailureCode.NAME_NOT_RESOLVED


def test_system_lookup_asks_the_real_resolver() -> None:
    with pytest.raises(OSError):
        system_lookup("does-not-exist.invalid")


def test_guard_exception_is_for_the_exact_name_only() -> None:
    guard = Guard(exceptions={"Press.Test.": "127.0.0.1:9000", "six.test": "[::1]:9001"}, lookup=no_lookup)
    target = guard.check_url("http://press.test/x")
    assert guard.resolve(target) == [(socket.AF_INET, "127.0.0.1", 9000)]
    assert guard.exception_for(target) == "press.test"
    assert guard.resolve(guard.check_url("https://six.test/")) == [(socket.AF_INET6, "::1", 9001)]
    for other in (
        "http://127.0.0.1:9000/",
        "http://press.test:9000/",
        "http://127.0.0.1/",
        "http://u@press.test/",
    ):
        with pytest.raises(FetchError):
            guard.check_url(other)
    with pytest.raises(AssertionError):
        guard.resolve(guard.check_url("http://a.press.test/"))


@pytest.mark.parametrize(
    "where", ["", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:x", "name:80", ":80", "127.0.0.1:70000"]
)
def test_guard_with_a_broken_exception_does_not_start(where: str) -> None:
    with pytest.raises(ValueError):
        Guard(exceptions={"press.test": where})


@settings(deadline=None)
@given(
    st.text(max_size=60),
    st.sampled_from(["", "http://", "https://a.example", "http://[", "http://1.", "http://xn--"]),
)
def test_guard_answers_any_text_with_a_target_or_a_refusal(text: str, before: str) -> None:
    guard = Guard(lookup=no_lookup)
    try:
        target = guard.check_url(before + text)
    except FetchError:
        return
    assert guard.check_url(target.url) == target
    assert target.url.isascii()
    assert not set(target.url) & set(" \r\n\t\0")


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["{}", "0x{:x}", "0{:o}"]))
def test_guard_judges_numbers_as_the_address_they_are(number: int, spelling: str) -> None:
    address = str(IPv4Address(number))
    url = f"http://{spelling.format(number)}/"
    if refusal(address) is None:
        assert Guard().check_url(url).host == address
    else:
        with pytest.raises(FetchError):
            Guard().check_url(url)
