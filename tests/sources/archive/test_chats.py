"""Exports of messaging apps become text: messages in order, a line each."""

from __future__ import annotations

import zipfile

import pytest

from sources.archive import text as text_module
from sources.archive.kinds import sniff
from sources.archive.reader import extract_safely
from sources.archive.text import Extracted, extract
from tests.sources.archive.media import WHATSAPP, WHATSAPP_ANDROID, telegram_json, zipped

MESSAGES = (
    {
        "id": 1,
        "type": "service",
        "date": "2025-03-07T06:00:00",
        "actor": "Coast watch",
        "action": "create_channel",
    },
    {
        "id": 2,
        "type": "message",
        "date": "2025-03-07T06:12:44",
        "from": "أبو نزار",
        "text": ["Shots near ", {"type": "bold", "text": "the bridge"}, "."],
    },
    {
        "id": 3,
        "type": "message",
        "date": "2025-03-07T06:13:00",
        "from": "Rima",
        "photo": "photos/1.jpg",
        "text": "",
    },
)
PAGE = """<!DOCTYPE html><html><head><title>Exported Data</title></head><body><div class="page_wrap">
<div class="page_header"><div class="content"><div class="text bold">Coast watch</div></div></div>
<div class="history"><div class="message service" id="message-1"><div class="body details">7 March 2025</div></div>
<div class="message default clearfix" id="message2"><div class="body">
<div class="pull_right date details" title="07.03.2025 06:12:44 UTC+03:00">06:12</div>
<div class="from_name">أبو نزار</div><div class="text">Shots near <strong>the bridge</strong>.<br>And smoke.</div>
</div></div><div class="message default clearfix joined" id="message3"><div class="body">
<div class="pull_right date details" title="07.03.2025 06:13:00 UTC+03:00">06:13</div>
<div class="media_wrap clearfix"><div class="title">Photo</div></div></div></div></div></div></body></html>"""


def read(content: bytes | str, name: str = "") -> Extracted:
    content = content.encode() if isinstance(content, str) else content
    found = extract_safely(sniff(content, "", name), content, url="")
    assert found is not None
    return found


def test_a_whatsapp_export_keeps_its_words_in_order() -> None:
    found = read(WHATSAPP, "_chat.txt")
    assert found.extractor == "whatsapp" and found.text == WHATSAPP.strip()
    assert read(WHATSAPP_ANDROID).extractor == "whatsapp"
    assert read("7 March 2025 - the day it began\nand so on\n").extractor == "plain"


def test_a_telegram_json_export_reads_as_a_conversation() -> None:
    found = read(telegram_json(*MESSAGES), "result.json")
    assert (found.extractor, found.title) == ("telegram-json", "Coast watch")
    assert found.text.split("\n") == [
        "[2025-03-07T06:00:00] Coast watch: [create_channel]",
        "[2025-03-07T06:12:44] أبو نزار: Shots near the bridge.",
        "[2025-03-07T06:13:00] Rima: [photos/1.jpg]",
    ]
    assert read(b'{"messages": [1, 2]}').extractor == "json"


def test_a_telegram_page_names_the_sender_of_each_message() -> None:
    found = read(PAGE, "messages.html")
    assert (found.extractor, found.title) == ("telegram-html", "Coast watch")
    assert found.text.split("\n") == [
        "— 7 March 2025",
        "[07.03.2025 06:12:44 UTC+03:00] أبو نزار: Shots near the bridge.",
        "And smoke.",
        "[07.03.2025 06:13:00 UTC+03:00] أبو نزار: [Photo]",
    ]


@pytest.mark.parametrize(
    ("members", "extractor"),
    [
        ({"IMG-1.jpg": b"\xff\xd8\xff", "_chat.txt": WHATSAPP.encode()}, "whatsapp"),
        ({"WhatsApp Chat with Rima.txt": WHATSAPP_ANDROID.encode()}, "whatsapp"),
        (
            {"ChatExport/result.json": telegram_json(*MESSAGES), "ChatExport/photos/1.jpg": b"x"},
            "telegram-json",
        ),
        ({"ChatExport/messages.html": PAGE.encode(), "ChatExport/css/style.css": b"x"}, "telegram-html"),
    ],
)
def test_the_chat_in_a_zip_is_found(members, extractor) -> None:
    found = read(zipped(members), "export.zip")
    assert found.extractor == extractor and found.text and not found.problem


def test_the_pages_of_a_long_telegram_export_follow_one_another() -> None:
    pages = {
        f"messages{n if n > 1 else ''}.html": PAGE.replace("bridge", f"bridge {n}").encode()
        for n in (10, 1, 2)
    }
    found = read(zipped(pages))
    assert [line[-3:] for line in found.text.split("\n") if "Shots" in line] == [" 1.", " 2.", "10."]


def test_an_archive_without_a_chat_has_no_text() -> None:
    for content in (zipped({"report.txt": b"words"}), b"PK\x03\x04 broken", zipped({}), b"\x1f\x8b\x08 gzip"):
        assert extract_safely(sniff(content, "", ""), content, url="") is None


def test_a_zip_bomb_is_read_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_module, "MAX_INPUT", 100_000)
    line = "[07/03/2025, 06:13:02] Rima: again\n"
    content = zipped({"_chat.txt": line.encode() * 3_000_000}, zipfile.ZIP_DEFLATED)
    found = extract(sniff(content, "", ""), content, url="")
    assert found is not None and len(found.text) <= 100_000
    assert found.problem == "The chat was longer than the limit and was read to there."


def test_a_broken_member_is_reported() -> None:
    content = bytearray(zipped({"_chat.txt": WHATSAPP.encode() * 50}))
    content[60:90] = bytes(30)
    found = extract(sniff(bytes(content), "", ""), bytes(content), url="")
    assert found is None or "broken" in found.problem
