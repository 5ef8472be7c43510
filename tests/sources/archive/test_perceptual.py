"""Alike pictures have alike hashes, by measured distances; the small copy carries pixels and nothing else."""

from __future__ import annotations

import io
from itertools import combinations

import pytest
from PIL import Image, ImageEnhance

from sources.archive.perceptual import distance, flattened, perceptual_hash, thumbnail
from tests.sources.archive.media import encoded, exif, scene

SEEDS = range(1, 31)


def again(picture: Image.Image, form: str, **options: object) -> Image.Image:
    return flattened(Image.open(io.BytesIO(encoded(picture, form, **options))))


@pytest.mark.parametrize(
    ("change", "most"),
    [
        (lambda picture: again(picture, "JPEG", quality=30), 4),
        (lambda picture: again(picture, "WEBP", quality=40), 4),
        (lambda picture: again(picture, "PNG"), 0),
        (lambda picture: again(picture.quantize(64), "GIF"), 8),
        (lambda picture: picture.resize((200, 150)), 4),
        (lambda picture: picture.resize((1600, 1200)), 4),
        (lambda picture: again(picture.resize((320, 240)), "JPEG", quality=20), 6),
        (lambda picture: ImageEnhance.Brightness(picture).enhance(0.85), 6),
        (lambda picture: picture.convert("L"), 0),
    ],
    ids=["jpeg", "webp", "png", "gif", "smaller", "larger", "messenger", "darker", "grey"],
)
def test_a_copy_differs_in_few_bits(change, most) -> None:
    distances = [distance(perceptual_hash(scene(n)), perceptual_hash(change(scene(n)))) for n in SEEDS]
    print("\n  most", max(distances), "mean", sum(distances) / len(distances))
    assert max(distances) <= most


def test_a_slight_crop_is_mostly_found_and_half_a_picture_is_not() -> None:
    slight = [distance(*map(perceptual_hash, (scene(n), scene(n).crop((10, 8, 630, 472))))) for n in SEEDS]
    half = [distance(*map(perceptual_hash, (scene(n), scene(n).crop((0, 0, 320, 240))))) for n in SEEDS]
    print("\n  slight", sorted(slight), "half", sorted(half))
    assert sum(d <= 10 for d in slight) >= 0.8 * len(slight)
    assert sum(d <= 10 for d in half) == 0


def test_other_pictures_differ_in_many_bits() -> None:
    hashes = [perceptual_hash(scene(n)) for n in range(1, 101)]
    distances = [distance(a, b) for a, b in combinations(hashes, 2)]
    print("\n  least", min(distances), "mean", sum(distances) / len(distances))
    assert min(distances) > 10


def test_a_plain_picture_is_like_no_other() -> None:
    assert perceptual_hash(Image.new("RGB", (64, 64), "navy")) == b""
    assert len(perceptual_hash(scene())) == 8


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "I;16", "I", "F", "HSV"])
def test_every_mode_of_pixels_can_be_looked_at(mode: str) -> None:
    picture = scene().convert("L").convert(mode) if mode in ("I;16", "I", "F", "1") else scene().convert(mode)
    shown = flattened(picture)
    assert shown.mode in ("RGB", "L") and len(perceptual_hash(shown)) == 8
    assert thumbnail(shown).startswith(b"\xff\xd8")


def test_what_is_transparent_is_white() -> None:
    assert flattened(Image.new("RGBA", (4, 4), (0, 0, 0, 0))).getpixel((0, 0)) == (255, 255, 255)


def test_a_thumbnail_is_small_and_carries_no_metadata() -> None:
    words = exif(Artist="Abu Nizar")
    given = encoded(
        scene(), "JPEG", exif=words, comment=b"filmed at home", dpi=(300, 300), icc_profile=b"profile"
    )
    small = Image.open(io.BytesIO(made := thumbnail(Image.open(io.BytesIO(given)))))
    assert small.size == (480, 360)
    assert set(small.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"} and not small.getexif()
    assert b"home" not in made and b"Nizar" not in made and b"profile" not in made
