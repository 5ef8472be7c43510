"""Near-identical texts and look-alike pictures of one desk."""

from __future__ import annotations

import itertools

import pytest
from django.db import DatabaseError, connection, transaction

from sources.archive.alike import similar_pictures, similar_texts, sketch
from sources.archive.models import Inspection, Text, TextSketch
from sources.archive.services import receive_upload
from tests.cast import T0
from tests.sources.archive.media import encoded, scene

WORDS = [f"word{n}" for n in range(400)]
WIRE = " ".join(WORDS)
numbers = itertools.count(1)


def text_of(desk, by, content: str, document=None) -> Text:
    capture = receive_upload(
        desk=desk,
        content=[content.encode()],
        filename="copy.txt",
        url=document.url if document else "",
        by=by,
        at=T0,
        document_id=document.pk if document else None,
    )
    return capture.texts.get()


def picture_of(desk, by, picture, form="JPEG", document=None, **options):
    return receive_upload(
        desk=desk,
        content=[encoded(picture, form, **options)],
        filename="picture",
        url="",
        by=by,
        at=T0,
        document_id=document.pk if document else None,
    )


def test_copies_are_found_and_others_are_not(desk, alice) -> None:
    wire = text_of(desk, alice, WIRE)
    edited = text_of(desk, alice, "A new first sentence of the daily. " + WIRE.replace("word200", "figure"))
    text_of(desk, alice, " ".join(reversed(WORDS)))
    text_of(desk, alice, " ".join(WORDS[:200] + [f"other{n}" for n in range(200)]))
    ((found, share),) = similar_texts(wire)
    assert found == edited and 0.9 < share < 1
    assert [text for text, _ in similar_texts(edited)] == [wire]


def test_the_same_words_again_are_wholly_alike_and_the_limit_holds(desk, alice) -> None:
    texts = [text_of(desk, alice, WIRE) for _ in range(4)]
    assert {share for _, share in similar_texts(texts[0])} == {1.0}
    assert len(similar_texts(texts[0])) == 3 and len(similar_texts(texts[0], limit=2)) == 2


def test_another_desk_sees_nothing_and_is_not_seen(desk, other_desk, alice, mallory) -> None:
    ours, theirs = text_of(desk, alice, WIRE), text_of(other_desk, mallory, WIRE)
    assert similar_texts(ours) == [] and similar_texts(theirs) == []
    mine = picture_of(desk, alice, scene())
    assert similar_pictures(picture_of(other_desk, mallory, scene())) == [] and similar_pictures(mine) == []


def test_captures_of_the_same_document_are_left_out_and_another_document_counts_once(
    desk, alice, make_document
) -> None:
    first, second = make_document(), make_document()
    text = text_of(desk, alice, WIRE, first)
    text_of(desk, alice, WIRE + " more", first)
    theirs = [text_of(desk, alice, WIRE, second), text_of(desk, alice, WIRE + " and more", second)]
    assert [found for found, _ in similar_texts(text)] == [theirs[0]]
    picture, _ = (
        picture_of(desk, alice, scene(), document=first),
        picture_of(desk, alice, scene(), document=first),
    )
    other = picture_of(desk, alice, scene(), "PNG", document=second)
    assert [found for found, _ in similar_pictures(picture)] == [other]


def test_a_text_without_words_has_no_sketch_and_is_like_nothing(desk, alice) -> None:
    text = text_of(desk, alice, "… !!! …")
    assert not TextSketch.objects.exists() and similar_texts(text) == []


def test_the_sketch_is_the_start_of_the_fingerprint(desk, alice) -> None:
    text = text_of(desk, alice, WIRE)
    stored = TextSketch.objects.get(text=text)
    own = bytes(text.fingerprint)
    assert stored.desk == desk and len(stored.hashes) == 16
    assert [n.to_bytes(8, "big", signed=True) for n in stored.hashes] == [
        own[i : i + 8] for i in range(0, 128, 8)
    ]
    assert sketch(b"\xff" * 8) == [-1] and sketch(b"") == []


def test_pictures_that_look_alike_are_found_nearest_first(desk, alice) -> None:
    original = picture_of(desk, alice, scene(3))
    same = picture_of(desk, alice, scene(3), "PNG")
    small = picture_of(desk, alice, scene(3).resize((300, 220)), "WEBP", quality=20)
    picture_of(desk, alice, scene(4))
    found = similar_pictures(original)
    assert {capture for capture, _ in found} == {same, small}
    assert [distance for _, distance in found] == sorted(distance for _, distance in found)
    assert similar_pictures(original, limit=1) == found[:1]


@pytest.mark.parametrize(("one", "other", "distance"), [
    ("0000000000000000", "ffffffffffffffff", None),
    ("8000000000000000", "0000000000000000", 1),
    ("ffffffffffffffff", "7fffffffffffffff", 1),
    ("00000000000003ff", "0000000000000000", 10),
    ("00000000000007ff", "0000000000000000", None),
])  # fmt: skip
def test_bits_are_counted_right_at_every_end(desk, alice, one, other, distance) -> None:
    captures = [text_of(desk, alice, f"{WIRE} {n}").capture for n in range(2)]
    for capture, digits in zip(captures, (one, other), strict=True):
        Inspection.objects.create(
            capture=capture, inspector_version="t", perceptual_hash=bytes.fromhex(digits), created_at=T0
        )
    found = [(c.pk, d) for c, d in similar_pictures(captures[0])]
    assert found == ([] if distance is None else [(captures[1].pk, distance)])


@pytest.mark.parametrize("copies", [1, 3])
def test_both_take_two_queries_however_much_is_alike(
    desk, alice, copies, django_assert_num_queries, make_document
) -> None:
    text = text_of(desk, alice, WIRE)
    picture = picture_of(desk, alice, scene())
    for _ in range(copies):
        text_of(desk, alice, WIRE, make_document())
        picture_of(desk, alice, scene(), document=make_document())
    text = Text.objects.select_related("capture").get(pk=text.pk)
    with django_assert_num_queries(2):
        assert [found.capture.document.url for found, _ in similar_texts(text)]
    with django_assert_num_queries(2):
        assert [found.document.url for found, _ in similar_pictures(picture)]


def test_the_index_serves_the_search(desk, alice) -> None:
    text = text_of(desk, alice, WIRE)
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT text_id FROM sources_textsketch WHERE hashes && %s::bigint[]",
            [sketch(bytes(text.fingerprint))],
        )
        assert "texts_by_shared_hash" in str(cursor.fetchall())


def test_an_inspection_never_changes(desk, alice) -> None:
    capture = picture_of(desk, alice, scene())
    with (
        pytest.raises(DatabaseError, match="Cannot update"),
        transaction.atomic(),
    ):
        capture.inspections.update(latitude=1.0)
