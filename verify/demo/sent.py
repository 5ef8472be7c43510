"""What reached the desk without an address: a picture and an exported chat. A drawing and made-up words, both."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import ExifTags, Image

_DRAWING = Path(__file__).parent / "pages" / "_assets" / "coast.png"
_CHAT = """\
3/8/25, 9:41 AM - Messages and calls are end-to-end encrypted.
3/8/25, 9:42 AM - Contact on the coast: We left the house before sunrise. (Written for the demonstration.)
3/8/25, 9:44 AM - Contact on the coast: I count four families on the road to Tartous.
3/8/25, 9:45 AM - Desk: Are you safe? Did you see it yourself?
3/8/25, 9:47 AM - Contact on the coast: Yes, with my own eyes. Do not use my name.
3/8/25, 9:52 AM - Contact on the coast: IMG_20250308_094800.jpg (file attached)
"""


def _picture() -> bytes:
    """The demonstration's map as a telephone would have sent it: with a camera, a time and its zone, and a place."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Demonstration"
    exif[ExifTags.Base.Model] = "Drawing, no camera"
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = "2025:03:08 09:48:00"
    details[ExifTags.Base.OffsetTimeOriginal] = "+03:00"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (35.0, 31.0, 0.0)
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", (35.0, 47.0, 0.0)
    out = BytesIO()
    Image.open(_DRAWING).convert("RGB").save(out, "JPEG", quality=85, exif=exif)
    return out.getvalue()


FILES: tuple[tuple[str, Callable[[], bytes]], ...] = (
    ("IMG_20250308_094800.jpg", _picture),
    ("Chat with a contact on the coast.txt", _CHAT.encode),
)
