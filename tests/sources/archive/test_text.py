"""Text, labels, language and date out of bytes of every kind."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.archive import text as module
from sources.archive.kinds import Family, Kind, sniff
from sources.archive.text import Extracted, extract
from tests.sources.archive.samples import ARABIC, SENTENCE, article, pdf

URL = "http://press.example/story"
CAPTURED = datetime(2025, 3, 20, tzinfo=UTC)


def read(content: str | bytes, declared: str = "text/html; charset=utf-8", url: str = URL) -> Extracted:
    body = content.encode() if isinstance(content, str) else content
    found = extract(sniff(body, declared, url), body, url=url, captured_at=CAPTURED)
    assert found is not None
    return found


def test_html_gives_the_article_and_nothing_around_it() -> None:
    found = read(article(SENTENCE * 2, SENTENCE + "Second.", head="<meta name=author content='Jane Roe'>"))
    assert found.extractor == "trafilatura-precision" and found.problem == ""
    assert found.text.split("\n\n")[-2:] == [(SENTENCE * 2).strip(), SENTENCE + "Second."]
    for noise in ("Sport", "rights reserved", "Another story", "script text"):
        assert noise not in found.text
    assert (found.title, found.byline) == ("A headline", "Jane Roe")
    assert found.sha256 == hashlib.sha256(found.text.encode()).hexdigest()


def test_html_without_an_article_gives_all_that_can_be_seen() -> None:
    page = "<body><div>Short <b>note</b></div><p hidden>no</p><p>of   ours<br>here</p><style>p{}</style><!-- c -->"
    found = read(page)
    assert (found.extractor, found.text) == ("visible-text", "Short note\nof ours\nhere")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<header><a href=/>Video</a><small>An outlet</small></header>", "Video An outlet"),
        (
            "<p><a href=/>One</a><a href=/2>Two</a><img src=x alt=''><button>Three</button></p>",
            "One Two Three",
        ),
        ("<p><span>Video</span><span>An outlet</span></p>", "Video An outlet"),
        ("<p><x-kicker>Video</x-kicker><b>An outlet</b></p>", "Video An outlet"),
        ("<fieldset><legend>Video</legend>An outlet</fieldset>", "Video\nAn outlet"),
        ("<p>w<b>o</b><i>r</i>d, <b>wo</b><i>rd</i> <a href=/>word</a>s</p>", "word, word words"),
        ("<p><span>V</span><span>i</span><span>deo</span></p>", "Video"),
        ("<p><span class=drop>V</span>ideo</p>", "Video"),
        ("<p>a <span hidden>b</span><a href=/>c</a><a href=/>, d</a></p>", "a c , d"),
    ],
)
def test_things_that_a_style_sets_apart_are_words_apart(markup: str, text: str) -> None:
    assert read(f"<body>{markup}</body>").text == text


def test_arabic_page_is_read_right_and_known_as_arabic() -> None:
    found = read(article(ARABIC * 3, attributes="lang=ar dir=rtl"))
    assert (ARABIC * 3).strip() in found.text
    assert found.language == "ar" and found.language_evidence.startswith(
        "declared in html lang; detected too"
    )


def test_a_sure_detection_beats_a_wrong_declaration() -> None:
    found = read(article(ARABIC * 3, attributes="lang=en"))
    assert found.language == "ar"
    assert (
        found.language_evidence.startswith("detected by py3langid")
        and "declares en" in found.language_evidence
    )


def test_too_little_text_has_the_declared_language_or_none() -> None:
    assert read("<html lang=ar-SY><p>سوريا").language == "ar"
    assert read("<p>سوريا").language == read("12 34 56", "text/plain").language == ""


@pytest.mark.parametrize(
    ("declared", "encoding", "meta"),
    [
        ("text/html", "cp1256", "<meta charset=windows-1256>"),
        ("text/html; charset=windows-1256", "cp1256", ""),
        ("text/html", "utf-8", ""),
        ("text/html; charset=iso-8859-1", "utf-8", ""),
        ("text/html; charset=no-such-thing", "utf-8", ""),
        ("text/html; charset=utf-8", "utf-16", ""),
        ("text/html; charset=utf-16le", "utf-16-le", ""),
        ("text/html", "utf-8-sig", "<meta charset=windows-1252>"),
        ("text/html", "cp1256", ""),
        ("text/html; charset=utf-8", "iso8859-6", "<meta charset=iso-8859-6>"),
    ],
)
def test_any_charset_is_read(declared: str, encoding: str, meta: str) -> None:
    plain = "قال المرصد السوري لحقوق الإنسان إن عدد القتلى المدنيين بلغ 745 شخصا على الأقل في قرى الساحل خلال يومين. "
    assert plain.strip() in read(article(plain * 4, head=meta).encode(encoding), declared).text


LD = '<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", %s}]}</script>'


@pytest.mark.parametrize(
    ("head", "body", "url", "expected", "precision", "evidence"),
    [
        (
            LD % '"datePublished": "2025-03-09T10:12:13+03:00"',
            "",
            URL,
            (9, 7, 12),
            "minute",
            "JSON-LD datePublished: 2025",
        ),
        (
            "<meta property='article:published_time' content='2025-03-08T22:00Z'>",
            "",
            URL,
            (8, 22, 0),
            "minute",
            "meta art",
        ),
        ("<meta name=date content='2025-03-08'>", "", URL, (8, 0, 0), "day", "meta date: 2025-03-08"),
        ("<meta name=date content='2025-03-08T23:30:00'>", "", URL, (8, 0, 0), "day", "meta date"),
        (
            "<meta name=pubdate content='Sun, 09 Mar 2025 10:00:00 GMT'>",
            "",
            URL,
            (9, 10, 0),
            "minute",
            "meta pubdate",
        ),
        ("", "<time pubdate datetime=2025-03-07>7 March</time>", URL, (7, 0, 0), "day", "time element"),
        (
            "",
            "",
            "http://press.example/2025/03/06/story",
            (6, 0, 0),
            "day",
            "date in the address: 2025/03/06",
        ),
        (
            "",
            "<time datetime=2025-03-07T10:00:00Z>7 March</time>",
            URL,
            (7, 0, 0),
            "day",
            "found in the page's markup",
        ),
    ],
)
def test_published_at_names_its_evidence(
    head: str, body: str, url: str, expected: tuple[int, int, int], precision: str, evidence: str
) -> None:
    found = read(article(SENTENCE * 3, head=head, body=body), url=url)
    day, hour, minute = expected
    assert found.published_at == datetime(2025, 3, day, hour, minute, tzinfo=UTC)
    assert found.published_precision == precision
    assert found.published_evidence.startswith(evidence)


def test_published_at_is_unsure_when_the_page_contradicts_itself() -> None:
    head = (
        LD % '"datePublished": "2025-03-09"'
        + "<meta property='article:published_time' content='2025-01-02T10:00Z'>"
    )
    found = read(article(SENTENCE * 3, head=head))
    assert found.published_at is None and found.published_evidence.startswith("unsure: JSON-LD")


@pytest.mark.parametrize(
    "date", ["2031-01-01", "1970-01-01", "0000-00-00", "yesterday", "99999999999-01-01", "1e9"]
)
def test_published_at_disbelieves_the_impossible(date: str) -> None:
    found = read(article(SENTENCE * 3, head=f"<meta name=date content='{date}'>"))
    assert found.published_at is None


def test_published_at_ignores_other_articles_and_broken_metadata() -> None:
    other = (
        '{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "datePublished": "2024-01-01"}]}'
    )
    for block in (other, "{broken", "[" * 50_000, '"text"', "null"):
        head = f'<script type="application/ld+json">{block}</script>'
        assert read(article(SENTENCE * 3, head=head)).published_at is None


def test_text_has_one_form() -> None:
    raw = "cafe\u0301\r\nline\u2028next \t\rend\x00\x07".encode()
    found = extract(Kind("text/plain", Family.TEXT, False), raw, url=URL)
    assert found is not None and found.text == "caf\u00e9\nline\nnext\nend"
    assert read(b"\xef\xbb\xbfa\n\n\n\n\nb\n\n", "text/plain").text == "a\n\nb"


def test_json_is_laid_out_without_changing_a_value() -> None:
    raw = b'{"n": 1.10, "big": 12345678901234567890123, "n": 1e400, "s": "\\u0633 [ ] \\ud83d\\ude00", "e": [ ]}'
    found = read(raw, "application/json")
    lines = ["{", '  "n": 1.10,', '  "big": 12345678901234567890123,', '  "n": 1e400,', '  "s": "س [ ] 😀",']
    assert found.text.split("\n") == [*lines, '  "e": []', "}"]


def test_deep_json_is_read() -> None:
    assert read(b"[" * 20_000, "application/json").text.count("[") == 20_000


def test_subtitles_give_their_words() -> None:
    vtt = "WEBVTT - x\n\nNOTE hidden\n\nid1\n00:00.000 --> 00:01.000 align:start\n<v Jane>Hello <i>there</i>\nfriend\n"
    rolling = "00:01.000 --> 00:02.000\nHello there friend\n\n00:02.000 --> 00:03.000\nbye\n"
    assert read(vtt + "\n" + rolling, "text/vtt").text == "Hello there friend\nbye"
    srt = f"1\r\n00:00:01,000 --> 00:00:02,000\r\n{ARABIC}\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nb"
    found = read(srt, "text/plain")
    assert (found.extractor, found.language) == ("subtitles", "ar")
    assert found.text == ARABIC.strip() + "\nb"


def test_pdf_keeps_its_pages_apart() -> None:
    found = read(pdf("Page one says this", "Page two says that"), "application/pdf")
    assert found.text == "Page one says this\fPage two says that"
    assert (found.extractor, found.title, found.byline) == ("pypdf", "A report", "An office")
    assert found.published_at is None, "when a file was made is not when it was published"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (pdf("secret", password="x"), "asks for a password"),
        (pdf("", ""), "no text layer"),
        (pdf("whole")[:200], "broken"),
        (b"%PDF-1.7 and then nothing", "broken"),
    ],
)
def test_pdf_without_text_says_why(content: bytes, problem: str) -> None:
    found = read(content, "application/pdf")
    assert found.text == "" and problem in found.problem


def test_a_long_pdf_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PAGES", 2)
    found = read(pdf("a", "b", "c"), "application/pdf")
    assert (found.text, found.problem) == ("a\fb", "Only the first 2 pages of the PDF were read.")


def test_long_inputs_and_texts_are_cut_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TEXT", 10)
    assert read("0123456789abc", "text/plain").problem == "Only the first 10 characters were kept."
    monkeypatch.setattr(module, "MAX_TEXT", 10_000_000)
    monkeypatch.setattr(module, "MAX_INPUT", 1_000_000)
    found = read("x " * 600_000, "text/plain")
    assert len(found.text) == 999_999 and found.problem == "Only the first 1 MB were read."


def test_a_deeply_nested_page_is_read_as_far_as_it_goes() -> None:
    found = read("<p>the beginning</p>" + "<div>" * 50_000 + "the end")
    assert "the beginning" in found.text and "nested too deeply" in found.problem


def test_kinds_without_text_give_none() -> None:
    for family in (Family.IMAGE, Family.VIDEO, Family.AUDIO, Family.ARCHIVE, Family.OTHER):
        assert extract(Kind("x/y", family, False), b"abc", url=URL) is None


KINDS = [
    Kind("a/b", family, False)
    for family in (Family.HTML, Family.PDF, Family.TEXT, Family.JSON, Family.SUBTITLES)
]
SEEDS = [article(SENTENCE * 3, ARABIC, head=LD % '"datePublished": "2025-03-09"').encode(), pdf("one", "two")]
bounded = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@bounded
@given(st.sampled_from(KINDS), st.binary(max_size=2000), st.text(max_size=20))
def test_extract_answers_any_bytes(kind: Kind, content: bytes, charset: str) -> None:
    check_form(extract(kind, content, url=URL, charset_hint=charset))


@bounded
@given(st.sampled_from(KINDS), st.sampled_from(SEEDS), st.data())
def test_extract_answers_damaged_documents(kind: Kind, seed: bytes, data: st.DataObject) -> None:
    content = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    first = extract(kind, bytes(content[:cut]), url=URL, captured_at=CAPTURED)
    check_form(first)
    assert first == extract(kind, bytes(content[:cut]), url=URL, captured_at=CAPTURED), (
        "the same bytes, the same text"
    )


def check_form(found: Extracted | None) -> None:
    assert found is not None
    assert found.text or found.problem
    assert (
        unicodedata.is_normalized("NFC", found.text) and "\x00" not in found.text and "\r" not in found.text
    )
    assert found.sha256 == hashlib.sha256(found.text.encode()).hexdigest()
    assert found.published_at is None or found.published_at.tzinfo is not None
