"""What a picture looks like: 64 bits by which alike pictures are found, and a small copy for lists. Pure.

The hash is the DCT hash known as pHash (Zauner 2010, §3.2.1): grey, 32 × 32, the lowest 8 × 8 frequencies without the
constant one, a bit for each that is over their median. Re-encoding and resizing change few bits.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

SIDE = 32  # pixels
THUMBNAIL = 480  # pixels of the longer side
_PLAIN = 1.5  # standard deviation of grey levels (0 to 255) under which a picture shows nothing to compare


def perceptual_hash(picture: Image.Image) -> bytes:
    """8 bytes for an RGB or grey picture as shown; none for a picture of one plain colour."""
    grey = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    levels = np.asarray(grey, dtype=np.float64)
    if levels.std() < _PLAIN:
        return b""
    low = (_DCT @ levels @ _DCT.T)[:8, :8].ravel()
    return np.packbits(low > np.sort(low[1:])[31]).tobytes()


def distance(a: bytes, b: bytes) -> int:
    """The number of bits, 0 to 64, in which two hashes differ."""
    return (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).bit_count()


def thumbnail(picture: Image.Image) -> bytes:
    """A JPEG of at most ``THUMBNAIL`` pixels a side that carries pixels and nothing else."""
    small = picture.convert("RGB")
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    # A new image: Pillow would write the comment and the density of the original again.
    bare = Image.new("RGB", small.size)
    bare.paste(small)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()


def flattened(picture: Image.Image) -> Image.Image:
    """RGB, with white where the picture is transparent."""
    if picture.mode in ("RGB", "L"):
        return picture
    if "A" in picture.getbands() or "transparency" in picture.info:
        full = picture.convert("RGBA")
        ground = Image.new("RGB", full.size, "white")
        ground.paste(full, mask=full.getchannel("A"))
        return ground
    if picture.mode.startswith(("I", "F")):  # 16 and 32 bits a pixel: convert() would cut, not scale
        levels = np.asarray(picture, dtype=np.float64)
        span = float(np.ptp(levels)) or 1.0
        return Image.fromarray(((levels - levels.min()) * (255 / span)).astype(np.uint8))
    return picture.convert("RGB")


def _dct_matrix() -> np.ndarray:
    n = np.arange(SIDE)
    return np.cos(np.pi * (2 * n[None, :] + 1) * n[:, None] / (2 * SIDE))


_DCT = _dct_matrix()
