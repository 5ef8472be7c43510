"""Lists of addresses: pasted, copied out of a spreadsheet, as CSV in whatever encoding; nothing typed is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.catalog.lists import Fault, Problem, Row, Unreadable, decode, read

ARABIC = (
    "url,title\n"
    "https://a.example/1,مقتل العشرات في الساحل السوري\n"
    "https://a.example/2,وزارة الدفاع تعلن انتهاء العملية\n"
)


def test_pasted_lines_keep_their_numbers_past_blanks_and_comments():
    rows = read(
        "https://a.example/1\n\n   \n# from the morning list\nhttps://b.example/2\r\nhttps://c.example/3"
    )
    assert [(row.number, row.url) for row in rows] == [
        (1, "https://a.example/1"),
        (5, "https://b.example/2"),
        (6, "https://c.example/3"),
    ]


@pytest.mark.parametrize(
    ("line", "url", "title"),
    [
        ("https://a.example/x Toll rises on the coast", "https://a.example/x", "Toll rises on the coast"),
        ("Reuters: https://a.example/x", "https://a.example/x", "Reuters"),
        ("- https://a.example/x", "https://a.example/x", ""),
        ("12. <https://a.example/x>", "https://a.example/x", ""),
        ("سانا – https://a.example/x", "https://a.example/x", "سانا"),
        ('https://a.example/?q="coast"', 'https://a.example/?q="coast"', ""),
        ("https://web.example/2025/https://a.example/x", "https://web.example/2025/https://a.example/x", ""),
        ("https://a.example/wiki/Coast_(Syria)", "https://a.example/wiki/Coast_(Syria)", ""),
        ("a.example/x", "a.example/x", ""),
        ("Coast (<https://a.example/x>) <i>now</i>", "https://a.example/x", "Coast ( – ) <i>now</i>"),
        ("HTTPS://A.example/x", "HTTPS://A.example/x", ""),
    ],
)
def test_a_pasted_line_gives_its_address_and_its_words(line, url, title):
    assert read(line) == [Row(1, url, title)]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("call the ministry", Problem.NO_ADDRESS),
        ("https://a.example/1 and https://b.example/2", Problem.SEVERAL_ADDRESSES),
        ("https://a.example/1\ttitle\toutlet\tmore", Problem.TOO_MANY_CELLS),
    ],
)
def test_a_line_that_gives_no_address_is_kept_whole_with_its_problem(line, problem):
    assert read(line) == [Row(1, line, problem=problem)]


def test_cells_of_a_spreadsheet_are_address_title_outlet():
    assert read("https://a.example/1\tToll rises\tSANA\n") == [
        Row(1, "https://a.example/1", "Toll rises", "SANA")
    ]


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_csv_in_any_common_delimiter_and_order(delimiter):
    header, line = (
        ["Outlet", '"URL"', "note", "title"],
        ["SANA", "https://a.example/1", "x", '"Toll; rises, |"'],
    )
    if delimiter == "\t":
        line[3] = "Toll; rises, |"
    rows = read("\ufeff" + delimiter.join(header) + "\r\n" + delimiter.join(line))
    assert rows == [Row(2, "https://a.example/1", "Toll; rises, |", "SANA")]


def test_csv_rows_are_numbered_by_the_line_they_begin_in():
    rows = read(
        'sep=,\nurl,title\n\nhttps://a.example/1,"two\nlines"\n# left out\nhttps://a.example/2\n,Only a title\n'
    )
    assert [(row.number, row.title, row.problem) for row in rows] == [
        (4, "two lines", None),
        (7, "", None),
        (8, "", Problem.NO_ADDRESS),
    ]
    assert rows[2].url == ",Only a title"


def test_a_comma_in_a_title_without_quotes_is_told_and_loses_nothing():
    assert read("url,title\nhttps://a.example/1,Toll, rising") == [
        Row(2, "https://a.example/1,Toll, rising", problem=Problem.TOO_MANY_CELLS)
    ]


def test_a_single_column_keeps_commas_of_addresses():
    assert read("url\nhttps://a.example/1,2;3") == [Row(2, "https://a.example/1,2;3")]


def test_quotes_that_do_not_close_are_told_by_line():
    with pytest.raises(Unreadable) as refusal:
        read('url,title\nhttps://a.example/1,fine\nhttps://a.example/2,"open\nhttps://a.example/3,lost\n')
    assert (refusal.value.fault, refusal.value.line) == (Fault.QUOTES_BROKEN, 3)


def test_what_is_too_long_to_keep_is_cut_and_says_so():
    row = read(f"https://a.example/1\t{'ا' * 501}\tSANA")[0]
    assert (len(row.title), row.cut) == (500, True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_files_are_read_in_each_form(encoding):
    assert decode(ARABIC.encode(encoding)) == (ARABIC, "")


def test_big_endian_with_its_mark_is_read():
    assert decode(b"\xfe\xff" + ARABIC.encode("utf-16-be")) == (ARABIC, "")


def test_windows_1256_is_guessed_and_named():
    assert decode(ARABIC.encode("cp1256")) == (ARABIC, "Windows-1256")


def test_a_single_headline_is_enough_where_no_other_encoding_makes_words_of_it():
    line = "https://a.example/1 وزارة الدفاع تعلن انتهاء العملية"
    assert decode(line.encode("cp1256")) == (line, "Windows-1256")


@pytest.mark.parametrize(
    "content",
    [
        "url,title\nhttps://a.example/1,الساحل\n".encode("cp1256"),  # one word: it could be Hebrew as well
        "url,title\nhttps://a.example/1,Убийства на побережье Сирии\n".encode("cp1251"),
        b"\xff\xfeh\x00t\x00t",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 3,
        bytes(range(128, 256)) * 9,
    ],
)
def test_an_encoding_that_cannot_be_told_is_refused(content):
    with pytest.raises(Unreadable) as refusal:
        decode(content)
    assert refusal.value.fault is Fault.ENCODING_UNKNOWN


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_be_refused(content):
    try:
        rows = read(decode(content)[0])
    except Unreadable:
        return
    assert [row.number for row in rows] == sorted({row.number for row in rows})


@given(st.text(max_size=300))
def test_every_line_that_says_something_is_a_row_that_the_database_can_keep(text):
    try:
        rows = read(text)
    except Unreadable:
        return
    for row in rows:
        assert row.url.strip()
        assert "\x00" not in row.url + row.title + row.outlet
        (row.url + row.title + row.outlet).encode()
