"""Marking quotes in a text and showing what differs between two: pure functions."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from verify.web.passages import differences, segments, wording


@dataclass(frozen=True)
class At:
    start: int
    end: int


spans = st.lists(st.builds(At, st.integers(0, 30), st.integers(0, 30)), max_size=6)


@given(st.text(max_size=25), spans)
def test_segments_join_to_the_text_and_hold_what_they_say(content, anchors):
    found = segments(content, anchors)
    assert "".join(segment.text for segment in found) == content
    valid = [anchor for anchor in anchors if anchor.start < anchor.end <= len(content)]
    for anchor in valid:
        assert "".join(s.text for s in found if anchor in s.anchors) == content[anchor.start : anchor.end]
    assert sum(len(segment.starting) for segment in found) == len(valid)


def test_segments_count_code_points():
    assert [s.text for s in segments("𝔘𝔫 عام", [At(1, 2)])] == ["𝔘", "𝔫", " عام"]


words = st.lists(st.sampled_from(["a", "bb", "٣٠", " ", "\n", "\n\n", ".", "é"]), max_size=30).map("".join)


@given(words, words)
def test_differences_hold_both_texts_and_mark_only_what_differs(before, after):
    rows = differences(before, after)
    old, new = ([line for line in text.split("\n") if line.strip()] for text in (before, after))
    assert (rows == []) == (old == new)
    hidden = sum(row.count for row in rows)
    for side, lines in (("before", old), ("after", new)):
        shown = ["".join(piece.text for piece in getattr(row, side)) for row in rows if getattr(row, side)]
        assert len(shown) + hidden == len(lines) or not rows
        assert all(line in lines for line in shown)
    for row in rows:
        same = [
            "".join(p.text for p in pieces if not p.changed).split() for pieces in (row.before, row.after)
        ]
        assert row.kind != "changed" or same[0] == same[1]


def test_differences_leave_out_long_unchanged_stretches():
    same = "\n".join(f"Paragraph {n}." for n in range(50))
    kinds = [row.kind for row in differences(f"{same}\nold", f"{same}\nnew")]
    assert kinds == ["skipped", "same", "changed"]


def test_differences_mark_runs_of_words():
    before = "At least 30 civilians were killed on the coast, the monitoring group said on Sunday."
    (row,) = differences(before, before.replace("30 civilians were", "45 people had been"))
    assert [piece.text for piece in row.before if piece.changed] == ["30 civilians were"]
    assert [piece.text for piece in row.after if piece.changed] == ["45 people had been"]


def test_differences_do_not_mix_unrelated_paragraphs():
    (row,) = differences("The road was closed on Friday.", "410 Gone")
    assert (len(row.before), len(row.after)) == (1, 1)


def test_differences_of_very_long_paragraphs_stay_quick():
    before, after = "word " * 50_000, "other " * 50_000
    (row,) = differences(before, after)
    assert row.before[0].changed and row.after[0].changed


def test_a_number_that_differs_is_marked_as_a_whole():
    for old, new in (("1,013", "1,383"), ("٢٫٥", "٢٫٧"), ("12.5", "12.7")):
        before, after = wording(f"about {old}, on that day.", f"about {new}, on that day.")
        assert [piece.text for piece in (*before, *after) if piece.changed] == [old, new]
