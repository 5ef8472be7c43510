"""What is alike among 20,000 texts and 20,000 pictures of one desk, beside the least that could be done."""

from __future__ import annotations

import hashlib
import random
from functools import partial
from typing import TYPE_CHECKING

from bench._installation import installation
from bench._measure import Contender, compare, machine

if TYPE_CHECKING:
    from sources.archive.models import Capture, Text

COUNT = 20_000  # texts, and pictures
ALIKE = 12  # copies of what is searched for, near enough to be found
SEARCHES = 5  # a round


def fill() -> tuple[Text, Capture]:
    """Texts of 120 words out of 3,000, as rows; a dozen of them copies with a word changed. Hashes at random."""
    from django.utils import timezone

    from sources.archive.alike import sketch
    from sources.archive.fingerprint import fingerprint
    from sources.archive.models import Capture, CaptureKind, Inspection, Text, TextSketch
    from verify.accounts.models import Desk

    at, rng = timezone.now(), random.Random(7)
    desk = Desk.objects.create(slug="bench", name="Bench")
    captures = Capture.objects.bulk_create(
        (Capture(desk=desk, kind=CaptureKind.UPLOAD, url="", requested_at=at) for _ in range(COUNT)),
        batch_size=2000,
    )
    vocabulary = [f"w{number}" for number in range(3_000)]
    first, picture = rng.choices(vocabulary, k=120), rng.randbytes(8)
    texts, inspections = [], []
    for number, capture in enumerate(captures):
        words, look = rng.choices(vocabulary, k=120), rng.randbytes(8)
        if number <= ALIKE:
            words, look = list(first), (int.from_bytes(picture, "big") ^ (1 << number) ^ 1).to_bytes(8, "big")
            words[number] = "changed"
        content = " ".join(words)
        texts.append(
            Text(
                capture=capture,
                extractor="plain",
                extractor_version="1",
                content=content,
                sha256=hashlib.sha256(content.encode()).hexdigest(),
                fingerprint=fingerprint(content),
                created_at=at,
            )
        )
        inspections.append(
            Inspection(capture=capture, inspector_version="1", perceptual_hash=look, created_at=at)
        )
    Text.objects.bulk_create(texts, batch_size=2000)
    TextSketch.objects.bulk_create(
        (TextSketch(text=text, desk=desk, hashes=sketch(text.fingerprint)) for text in texts), batch_size=2000
    )
    Inspection.objects.bulk_create(inspections, batch_size=2000)
    return texts[0], captures[0]


def compare_searches(text: Text, capture: Capture) -> None:
    from django.db import connection

    from sources.archive.alike import similar_pictures, similar_texts
    from sources.archive.fingerprint import similarity
    from sources.archive.models import Inspection
    from sources.archive.models import Text as Texts

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert len(similar_texts(text)) == ALIKE and len(similar_pictures(capture)) == ALIKE
    own = bytes(text.fingerprint or b"")
    sketches = [bytes(sketch or b"") for sketch in Texts.objects.values_list("fingerprint", flat=True)]
    looks = [
        int.from_bytes(bytes(look or b""), "big")
        for look in Inspection.objects.values_list("perceptual_hash", flat=True)
    ]

    def every_sketch() -> None:
        assert sum(similarity(own, sketch) >= 0.7 for sketch in sketches) == ALIKE + 1

    def every_look() -> None:
        for _ in range(SEARCHES):
            assert sum((look ^ looks[0]).bit_count() <= 10 for look in looks) == ALIKE + 1

    def scan() -> None:
        with connection.cursor() as cursor:
            for _ in range(SEARCHES):
                cursor.execute("SELECT count(perceptual_hash) FROM sources_inspection")

    def times(search: partial[object]) -> None:
        for _ in range(SEARCHES):
            search()

    compare(
        f"Near-identical texts among {COUNT:,}",
        "searches",
        [
            Contender("similar_texts", partial(times, partial(similar_texts, text)), SEARCHES),
            Contender("every fingerprint in memory", every_sketch, 1),
        ],
        pairs=[("similar_texts", "every fingerprint in memory")],
    )
    compare(
        f"Look-alike pictures among {COUNT:,}",
        "searches",
        [
            Contender("similar_pictures", partial(times, partial(similar_pictures, capture)), SEARCHES),
            Contender("count the rows", scan, SEARCHES),
            Contender("every hash in memory", every_look, SEARCHES),
        ],
        pairs=[("similar_pictures", "count the rows"), ("similar_pictures", "every hash in memory")],
    )


if __name__ == "__main__":
    machine()
    with installation():
        compare_searches(*fill())
