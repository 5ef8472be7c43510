"""Small pictures, films, signed files and chat exports, made for the tests."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import c2pa
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import ExifTags, Image

# -- pictures ---------------------------------------------------------------------------------------------------------


def scene(seed: int = 1, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A synthetic photograph: smooth light and a few hard-edged shapes, told apart by its seed."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 255, (6, 8, 3), dtype=np.uint8)
    picture = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    for _ in range(6):
        left, top = int(random.integers(0, size[0] - 90)), int(random.integers(0, size[1] - 90))
        box = (left, top, left + int(random.integers(30, 90)), top + int(random.integers(30, 90)))
        picture.paste(tuple(int(level) for level in random.integers(0, 255, 3)), box)
    return picture


def encoded(picture: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def exif(
    *, details: dict[int, Any] | None = None, gps: dict[int, Any] | None = None, **base: Any
) -> Image.Exif:
    """EXIF by tag names of the first directory, and by numbers of the other two."""
    made = Image.Exif()
    for name, value in base.items():
        made[getattr(ExifTags.Base, name)] = value
    made.get_ifd(ExifTags.IFD.Exif).update(details or {})
    made.get_ifd(ExifTags.IFD.GPSInfo).update(gps or {})
    return made


LATAKIA = {1: "N", 2: (35.0, 31.0, 54.12), 3: "E", 4: (35.0, 46.0, 54.12)}


# -- films ------------------------------------------------------------------------------------------------------------


def _box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I4s", len(content) + 8, kind) + content


def mp4(
    *,
    seconds: int = 3,
    width: int = 64,
    height: int = 48,
    turned: bool = False,
    created: int = 0,
    extra: bytes = b"",
) -> bytes:
    """A film's whole header (ISO 14496-12) with one AVC track and a sample of nothing."""
    one = 1 << 16
    plain = (one, 0, 0, 0, one, 0, 0, 0, 1 << 30)
    matrix = struct.pack(">9i", *((0, one, 0, -one, 0, 0, 0, 0, 1 << 30) if turned else plain))
    length = seconds * 1000
    mvhd = _box(
        b"mvhd",
        struct.pack(">5IIH10x", 0, created, created, 1000, length, one, 256),
        struct.pack(">9i", *plain),
        bytes(24),
        struct.pack(">I", 2),
    )
    tkhd = _box(
        b"tkhd",
        struct.pack(">6I8x4H", 7, created, created, 1, 0, length, 0, 0, 0, 0),
        matrix,
        struct.pack(">II", width << 16, height << 16),
    )
    mdhd = _box(b"mdhd", struct.pack(">5IHH", 0, created, created, 1000, length, 0x55C4, 0))
    hdlr = _box(b"hdlr", bytes(8), b"vide", bytes(12), b"\0")
    avcc = _box(b"avcC", bytes([1, 66, 0, 30, 0xFF, 0xE0, 0]))
    avc1 = _box(
        b"avc1",
        bytes(6),
        struct.pack(">H16x2HII4xH32xHh", 1, width, height, 72 << 16, 72 << 16, 1, 24, -1),
        avcc,
    )
    tables = _box(
        b"stbl",
        _box(b"stsd", struct.pack(">II", 0, 1), avc1),
        _box(b"stts", struct.pack(">IIII", 0, 1, 1, length)),
        _box(b"stsc", struct.pack(">IIIII", 0, 1, 1, 1, 1)),
        _box(b"stsz", struct.pack(">IIII", 0, 0, 1, 8)),
        _box(b"stco", struct.pack(">III", 0, 1, 40)),
    )
    data = _box(b"dinf", _box(b"dref", struct.pack(">II", 0, 1), _box(b"url ", struct.pack(">I", 1))))
    media = _box(b"mdia", mdhd, hdlr, _box(b"minf", _box(b"vmhd", struct.pack(">I8x", 1)), data, tables))
    return b"".join(
        [
            _box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomavc1"),
            _box(b"mdat", bytes(16)),
            _box(b"moov", mvhd, _box(b"trak", tkhd, media), extra),
        ]
    )


def udta(position: str) -> bytes:
    """User data with a position as phones write it (ISO 6709 in ©xyz)."""
    words = position.encode()
    return _box(b"udta", _box(b"\xa9xyz", struct.pack(">HH", len(words), 0x15C7), words))


def apple(**keys: str) -> bytes:
    """Metadata as Apple's phones write it (QuickTime File Format, metadata atoms)."""
    names = [f"com.apple.quicktime.{name}".encode() for name in keys]
    listed = b"".join(_box(b"mdta", name) for name in names)
    items = (
        _box(number.to_bytes(4, "big"), _box(b"data", struct.pack(">II", 1, 0), value.encode()))
        for number, value in enumerate(keys.values(), start=1)
    )
    return _box(
        b"meta",
        _box(b"hdlr", bytes(8), b"mdta", bytes(13)),
        _box(b"keys", struct.pack(">II", 0, len(names)), listed),
        _box(b"ilst", *items),
    )


# -- Content Credentials ----------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def signer() -> tuple[Any, str]:
    """A C2PA signer with a certificate of a root made here, and that root in PEM."""
    root, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("Root", root, "Root", root, ca=True)
    camera = _certificate("Camera", leaf, "Root", root, ca=False)
    key = leaf.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    info = c2pa.C2paSignerInfo(alg=b"es256", sign_cert=camera + authority, private_key=key, ta_url=None)
    return c2pa.Signer.from_info(info), authority.decode()


def signed(content: bytes, media_type: str = "image/jpeg", *, remote: str = "") -> bytes:
    """The file with a C2PA manifest in it, or with no more than the address of one."""
    captured = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    actions = {"actions": [{"action": "c2pa.created", "digitalSourceType": captured}]}
    manifest = {
        "claim_generator_info": [{"name": "Test Camera", "version": "1"}],
        "title": "coast.jpg",
        "assertions": [{"label": "c2pa.actions", "data": actions}],
    }
    builder, out = c2pa.Builder(json.dumps(manifest)), io.BytesIO()
    if remote:
        builder.set_no_embed()
        builder.set_remote_url(remote)
    builder.sign(signer()[0], media_type, io.BytesIO(content), out)
    return out.getvalue()


def _certificate(name: str, key: Any, issuer: str, issuer_key: Any, *, ca: bool) -> bytes:
    def called(common: str) -> x509.Name:
        organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test Press")
        return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, common)])

    usage = dict.fromkeys(
        "content_commitment key_encipherment data_encipherment key_agreement encipher_only decipher_only".split(),
        False,
    )
    made = (
        x509.CertificateBuilder(called(issuer), called(name), key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2045, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca, None), True)
        .add_extension(x509.KeyUsage(digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, **usage), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False)
    )
    if not ca:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
    return made.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


# -- chats ------------------------------------------------------------------------------------------------------------

WHATSAPP = (
    "[07/03/2025, 06:12:44] \u200eMessages and calls are end-to-end encrypted.\n"
    "[07/03/2025, 06:13:02] Abu Nizar: Shots near the bridge\nand smoke over the village\n"
    "[07/03/2025, 06:14:10] Rima: \u200e<attached: 00000003-PHOTO.jpg>\n"
)
WHATSAPP_ANDROID = (
    "٧‏/٣‏/٢٠٢٥، ٦:١٢ ص - أبو نزار: إطلاق نار قرب الجسر\n07/03/2025, 06:14 - Rima: where exactly?\n"
)


def telegram_json(*messages: dict[str, Any]) -> bytes:
    return json.dumps(
        {"name": "Coast watch", "type": "public_channel", "id": 1, "messages": list(messages)}
    ).encode()


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()
