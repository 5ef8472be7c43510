"""Which differences between two texts are counted, and which of them somebody must look at."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.archive.changes import compare, counts, longer, retitled, sent_to_front, words

ENGLISH = """Monitor: about 745 killed on the coast

The group said that around 745 civilians were killed in 30 massacres.

“We cannot confirm this figure,” a spokesperson of the ministry said.

Tartous: 433

Updated 3 hours ago

214 shares

Minister resigns over fuel prices"""
ARABIC = """المرصد: نحو 745 قتيلا في الساحل

قال المرصد إن نحو 745 مدنيا قتلوا في 30 مجزرة خلال يومين.

وقال متحدث باسم الوزارة: «لا يمكننا تأكيد هذا الرقم».

آخر تحديث: 9 مارس 2025 الساعة 10:15 بتوقيت غرينتش

12 تعليقا

وزير الكهرباء يعلن استقالته"""

NOTABLE = [
    ("around 745", "around 700"),  # a figure
    ("around 745", "745"),  # a hedge
    ("cannot confirm", "can confirm"),  # a negation
    ("were killed", "died"),
    ("The group said", "The group claimed"),
    ("about 745 killed", "about 700 killed"),  # a headline edited in place
    ("Tartous: 433", "Tartous: 455"),
    ("Tartous: 433", ""),  # a row that went
    ("in 30 massacres.", "in 30 massacres. An earlier version of this article gave another figure."),
    ("“We cannot confirm this figure,” a spokesperson of the ministry said.", ""),
    ("نحو 745 مدنيا", "نحو 700 مدني"),
    ("«لا يمكننا", "«يمكننا"),
    ("قتلوا", "أعدموا"),
    ("المرصد: نحو 745", "المرصد: نحو 800"),
    ("وقال متحدث باسم الوزارة: «لا يمكننا تأكيد هذا الرقم».", ""),
]
QUIET = [
    ("3 hours ago", "5 hours ago"),
    ("Updated 3 hours ago", "Updated 10 March 2025, 14:20 GMT"),
    ("Updated 3 hours ago", ""),
    ("214 shares", "1,301 shares"),
    ("Minister resigns over fuel prices", "Storm closes the northern ports"),  # another story
    ("Minister resigns over fuel prices", "© 2026 The Paper. All rights reserved."),
    ("Updated 3 hours ago", "Read more\n\nAbout us\n\nSubscribe"),
    ("“We cannot", '"We cannot'),  # typography
    ("civilians were", "civilains were"),  # a slip of the pen
    ("massacres.\n\n“We", "massacres. “We"),  # one paragraph of two
    ("spokesperson", "spokes\u00adperson"),
    ("10:15", "18:40"),
    ("9 مارس", "10 آذار"),
    ("10:15 بتوقيت غرينتش", "18:40 بتوقيت دمشق"),
    ("12 تعليقا", "37 تعليقا"),
    ("وزير الكهرباء يعلن استقالته", "عاصفة تغلق موانئ الشمال"),
    ("745 مدنيا", "٧٤٥ مدنيًا"),
    ("المرصد إن", "المرصد إنّ"),
    ("خلال يومين", "خلال يوميـــن"),
    ("الوزارة", "الوزاره"),
]


def edited(old: str, new: str) -> tuple[str, str]:
    text = next(text for text in (ENGLISH, ARABIC) if old in text)
    return text, text.replace(old, new, 1)


@pytest.mark.parametrize(("old", "new"), NOTABLE)
def test_what_changes_the_story_is_notable(old, new):
    assert compare(*edited(old, new), is_page=True).notable
    assert compare(*reversed(edited(old, new)), is_page=True).notable


@pytest.mark.parametrize(("old", "new"), QUIET)
def test_what_pages_do_on_their_own_is_not(old, new):
    assert not compare(*edited(old, new), is_page=True).notable
    assert not compare(*reversed(edited(old, new)), is_page=True).notable


def test_noise_does_not_hide_an_edit():
    before, after = ENGLISH, ENGLISH
    for old, new in [*QUIET[:6], ("were killed", "had died")]:
        after = after.replace(old, new, 1)
    notable = [edit for edit in compare(before, after, is_page=True).edits if edit.notable]
    assert [(before[slice(*edit.before)], after[slice(*edit.after)]) for edit in notable] == [
        ("were killed", "had died")
    ]


def test_in_a_file_every_line_is_text():
    assert compare("Minister resigns", "Storm closes ports", is_page=False).notable
    assert not compare("Minister resigns", "Storm closes ports", is_page=True).notable


def test_paragraphs_that_change_places_are_counted_and_quiet():
    lines = ENGLISH.split("\n\n")
    found = compare(ENGLISH, "\n\n".join([lines[0], lines[2], lines[1], *lines[3:]]), is_page=True)
    assert (found.notable, found.removed, found.added) == (False, 11, 11)


@pytest.mark.parametrize(
    ("before", "after", "removed", "added"),
    [
        ("", "", 0, 0),
        ("one two three", "one three four", 1, 1),
        ("A, b!", "a b", 0, 0),
        ("1,383 dead", "1383 dead", 0, 0),
        ("5% more", "5 more", 1, 1),
        ("-5 degrees", "5 degrees", 1, 1),
        ("1.5 million", "15 million", 1, 1),
        ("$5m", "€5m", 1, 1),
        ("10–15 dead", "10-15 dead", 0, 0),
        ("10-15 dead", "1015 dead", 2, 1),
        ("745[2] dead", "7452 dead", 1, 1),
        ("killed—among them", "killed — among them", 0, 0),
        ("三人死亡", "四人死亡", 1, 1),
        ("… — !", "", 0, 0),
    ],
)
def test_words_are_counted_as_readers_count_them(before, after, removed, added):
    assert counts(before, after) == (removed, added)


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_two_texts_can_be_compared(before, after):
    found = compare(before, after, is_page=True)
    assert (found.removed, found.added) == counts(before, after)
    assert len(words(before)) - found.removed == len(words(after)) - found.added
    assert compare(before, before, is_page=True).edits == ()
    for edit in found.edits:
        assert 0 <= edit.before[0] <= edit.before[1] <= len(before)
        assert 0 <= edit.after[0] <= edit.after[1] <= len(after)
    spans = [span for edit in found.edits for span in (edit.before,)]
    assert spans == sorted(spans)


def test_texts_made_to_take_long_do_not():
    # The suite's own limit of two minutes is what holds it: quadratic work on these takes longer.
    compare("a b\n" * 50_000, "b a\n" * 50_000, is_page=True)
    compare("a " * 100_000, "b a " * 50_000, is_page=False)
    compare("\n".join(map(str, range(20_000))), "\n".join(map(str, range(20_000, 0, -1))), is_page=True)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("745 killed on the coast | The Paper", "700 killed on the coast | The Paper", True),
        ("745 killed on the coast | The Paper", "(3) 745 killed on the coast – Paper News", False),
        ("745 killed on the coast", "", False),
        ("745 killed on the coast", "Page not found", True),
    ],
)
def test_a_title_says_something_else_when_its_own_part_does(before, after, expected):
    assert retitled(before, after) is expected


@pytest.mark.parametrize(
    ("asked", "final", "expected"),
    [
        ("http://a.example/2025/03/coast", "http://a.example/", True),
        ("http://a.example/2025/03/coast", "https://www.a.example", True),
        ("http://a.example/2025/03/coast", "http://a.example/index.html?from=story", True),
        ("http://a.example/ar/coast", "http://a.example/ar", True),
        ("http://a.example/coast", "http://new-owner.example/en-gb/", True),
        ("http://a.example/news/world/coast-745", "http://a.example/news/world/", True),
        ("http://a.example/news/world/coast-745", "http://a.example/news", True),
        ("http://a.example/news/coast", "http://b.example/news/", False),
        ("http://a.example/news/coast", "http://a.example/sport/", False),
        ("http://a.example/news/coast", "http://a.example/news/coast/amp", False),
        ("http://a.example/news/coast", "http://a.example/news/coast/", False),
        ("http://a.example/coast", "http://a.example/?p=123", False),
        ("http://a.example/?p=123", "http://a.example/", False),
        ("http://a.example/", "http://a.example/en/", False),
        ("http://a.example/coast", "http://[broken", False),
    ],
)
def test_front_pages_are_told_from_pages_that_moved(asked, final, expected):
    assert sent_to_front(asked, final) is expected


def test_a_quiet_watch_looks_less_and_less_often_and_never_less_than_its_longest():
    hour, day = 3600, 86_400
    waits, interval = [], hour
    while sum(waits) < 21 * day:
        waits.append(interval)
        interval = longer(interval, 2 * day)
    assert waits[:4] == [hour, 1.5 * hour, 2.25 * hour, int(3.375 * hour)]
    assert waits == sorted(waits)
    assert (waits[-1], len(waits)) == (2 * day, 19)
