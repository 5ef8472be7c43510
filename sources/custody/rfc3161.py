"""RFC 3161: the query for a timestamp over some bytes, and what a response is worth.

Signature and certificates are verified by rfc3161-client (OpenSSL underneath), at the time that the token names: a
timestamp stays good after its signing certificate ran out. Here it is asked the right questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.tsp import PKIStatus

from sources.custody.post import check_url

QUERY_TYPE = "application/timestamp-query"
REPLY_TYPE = "application/timestamp-reply"
MAX_RESPONSE = 256 * 2**10  # bytes
_NAME = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*", re.ASCII)
_SEQUENCE, _SET, _CONTEXT_0 = 0x30, 0x31, 0xA0


class TimestampError(ValueError):
    """There is no timestamp in this that could be relied on; the message says why."""


@dataclass(frozen=True)
class Authority:
    """A time-stamping authority that the installation trusts."""

    name: str  # a slug, public
    url: str
    ca_file: Path  # root certificates in PEM

    @classmethod
    def parse(cls, text: str) -> Authority:
        """Read `name URL CA-file`; `TimestampError` if it is not that."""
        parts = text.split()
        if len(parts) != 3 or not _NAME.fullmatch(parts[0]) or len(parts[0]) > 64:
            raise TimestampError(f"{text!a} is not a timestamp authority as 'name URL CA-file'")
        try:
            check_url(parts[1])
        except ValueError as error:
            raise TimestampError(str(error)) from error
        return cls(parts[0], parts[1], Path(parts[2]))

    def roots(self) -> list[x509.Certificate]:
        try:
            return x509.load_pem_x509_certificates(self.ca_file.read_bytes())
        except (OSError, ValueError) as error:
            raise TimestampError(
                f"the CA file of the timestamp authority {self.name} cannot be read: {error}"
            ) from error


@dataclass(frozen=True)
class Token:
    """What a verified response says."""

    gen_time: datetime
    serial: int
    certificate_expires_at: datetime


@dataclass(frozen=True)
class Query:
    der: bytes
    nonce: int


def make_query(data: bytes) -> Query:
    """A TimeStampReq with the SHA-256 imprint of `data`, a nonce, and the wish for certificates."""
    builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    request = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    assert request.nonce is not None
    return Query(request.as_bytes(), request.nonce)


def verify_response(
    response: bytes, *, data: bytes, nonce: int | None, roots: Sequence[x509.Certificate]
) -> Token:
    """What the response says, when an authority under `roots` made it for `data` and for this nonce.

    Raises `TimestampError` for a refusal, bytes that are no response, another imprint or nonce, a certificate not
    meant for time-stamping, not valid at the token's time, or not under `roots`.
    """
    decoded = _decode(response)
    try:
        if not roots:
            raise TimestampError("no root certificate is given for this authority")
        VerifierBuilder(nonce=nonce, roots=list(roots)).build().verify_message(decoded, data)
    except (VerificationError, ValueError) as error:
        raise TimestampError(f"the timestamp does not verify: {error}") from error
    return _token(decoded)


def read_response(response: bytes) -> Token:
    """What the response says, unverified."""
    return _token(_decode(response))


def _decode(response: bytes) -> TimeStampResponse:
    try:
        decoded = decode_timestamp_response(in_der_order(response))
        status = PKIStatus(decoded.status)
        words = "; ".join(decoded.status_string)
    except ValueError as error:
        raise TimestampError(f"this is no timestamp response: {error}") from error
    if status is not PKIStatus.GRANTED:
        raise TimestampError(f"the authority refuses ({status.name.lower()}): {words[:200]!a}")
    return decoded


def _token(decoded: TimeStampResponse) -> Token:
    try:
        info, signed = decoded.tst_info, decoded.signed_data
        (signer,) = signed.signer_infos
        certificates = [x509.load_der_x509_certificate(raw) for raw in signed.certificates]
        expires = next(
            found.not_valid_after_utc
            for found in certificates
            if (found.issuer, found.serial_number) == (signer.issuer, signer.serial_number)
        )
        return Token(info.gen_time, info.serial_number, expires)
    except (ValueError, StopIteration) as error:
        raise TimestampError(f"the token does not hold its signing certificate: {error}") from error


def in_der_order(response: bytes) -> bytes:
    """The response with the certificates of its token in the order that DER wants.

    Authorities run with OpenSSL send them in the order of their chain, which CMS allows (BER) and the parser refuses.
    No signature covers the order. Only what is verified is sorted; what is kept stays as it came.
    """
    try:
        start, end = 0, len(response)
        # TimeStampResp, token (ContentInfo), [0] content, SignedData, [0] certificates: which child holds the next.
        for tag in (_SEQUENCE, _SEQUENCE, _CONTEXT_0, _SEQUENCE, _CONTEXT_0):
            members = [member for member in _members(response, start, end) if member.tag == tag]
            # In TimeStampResp the status comes first and is a sequence too.
            start, end = members[-1].start, members[-1].end
        parts = sorted(response[m.begin : m.end] for m in _members(response, start, end))
    except (IndexError, TimestampError):
        return response  # the parser says better what is wrong
    return response[:start] + b"".join(parts) + response[end:]


@dataclass(frozen=True)
class _Member:
    tag: int
    begin: int  # of the tag
    start: int  # of the content
    end: int


def _members(data: bytes, at: int, end: int) -> Iterator[_Member]:
    """The elements side by side in data[at:end], by their DER tags and lengths (X.690 §8.1)."""
    while at < end:
        tag, length, start = data[at], data[at + 1], at + 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(data[at + 2 : start], "big")
        if start + length > end:
            raise TimestampError("an element is cut off")
        yield _Member(tag, at, start, start + length)
        at = start + length
