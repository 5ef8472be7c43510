"""Content Credentials (C2PA 2.x): the manifest store of a file, read and validated without any network. Pure.

That a signature holds says who made which statement about the file, and that the file has not changed since; not that
a picture shows what it is said to show.
"""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from c2pa import C2paError, Context, Reader, Settings  # type: ignore[import-untyped]

from sources.archive.inspected import Inspected, tame

MAX_MANIFEST = 200_000  # characters of JSON that are kept
_CLAIM = b"c2pa.claim"
_LOOKED_THROUGH = 64 * 2**20  # bytes
_STATES = {"Trusted": "trusted", "Valid": "valid", "Invalid": "invalid"}
_NAMES = {"image/x-ms-bmp": "", "image/bmp": "", "audio/aac": "", "video/3gpp": "video/mp4"}


def prepare() -> None:
    """Load the formats that the library knows."""
    Reader.get_supported_mime_types()


def check(stream: BinaryIO, media_type: str, found: Inspected, *, trust_anchors: str = "") -> None:
    """Read and validate the manifest store into `found`. ``trust_anchors``: PEM certificates, empty for none."""
    media_type = _NAMES.get(media_type, media_type)
    if media_type not in Reader.get_supported_mime_types():
        return
    try:
        with (
            Context(_offline(trust_anchors)) as context,
            Reader(media_type, stream, context=context) as reader,
        ):
            store, state = json.loads(reader.json()), reader.get_validation_state()
    except C2paError as error:
        _say_why(str(error), found)
        if str(error).startswith("ManifestNotFound") and _remains(stream):
            found.trouble("It seems to hold the remains of Content Credentials, which cannot be read.")
        return
    found.credentials = _STATES.get(state or "", "invalid")
    tamed = tame(store)
    if len(json.dumps(tamed)) > MAX_MANIFEST:
        found.trouble("The Content Credentials are too long to be kept whole; their validation is kept.")
        tamed = {key: tamed.get(key) for key in ("active_manifest", "validation_status", "validation_state")}
        tamed = tamed if len(json.dumps(tamed)) <= MAX_MANIFEST else {"validation_state": state}
    found.manifest = tamed
    _summarise(tamed, found)


def _offline(trust_anchors: str) -> Settings:
    settings: dict[str, Any] = {
        "verify": {
            "verify_after_reading": True,
            "verify_trust": True,
            "remote_manifest_fetch": False,
            "ocsp_fetch": False,
        }
    }
    if trust_anchors:
        settings["trust"] = {"trust_anchors": trust_anchors}
    return Settings.from_dict(settings)


def _say_why(error: str, found: Inspected) -> None:
    kind, _, words = error.partition(":")
    if kind == "ManifestNotFound":
        return
    if kind == "Remote" or "remote manifest" in words:
        found.say("C2PA", "Remote manifest", words.rpartition(" ")[2])
        found.trouble("Its Content Credentials lie on another server and were not fetched.")
    elif kind in ("Other", "Io", "NotSupported"):  # the file around it could not be read
        found.trouble("It could not be searched for Content Credentials, because the file is broken.")
    else:
        found.credentials = "invalid"
        found.trouble(f"The Content Credentials are broken ({kind}).")


def _remains(stream: BinaryIO) -> bool:
    """Whether the labels of a claim stand in a file in which no manifest was found: somebody broke or removed it."""
    stream.seek(0)
    end, left = b"", _LOOKED_THROUGH
    while left > 0 and (piece := stream.read(2**20)):
        if _CLAIM in end + piece:
            return True
        end, left = piece[-len(_CLAIM) :], left - len(piece)
    return False


def _summarise(store: dict[str, Any], found: Inspected) -> None:
    """The active manifest's claim generator, signer, actions and ingredients, and every code that failed, as facts."""
    manifests = store.get("manifests")
    active = manifests.get(store.get("active_manifest")) if isinstance(manifests, dict) else None
    if isinstance(active, dict):
        for generator in _dicts(active.get("claim_generator_info")):
            found.say(
                "C2PA", "Claim generator", f"{generator.get('name', '')} {generator.get('version', '')}"
            )
        found.say("C2PA", "Title", active.get("title") or "")
        for signature in _dicts([active.get("signature_info")]):
            for key, name in (("common_name", "Signer"), ("issuer", "Issuer"), ("time", "Signed at")):
                found.say("C2PA", name, signature.get(key) or "")
        for assertion in _dicts(active.get("assertions")):
            found.say("C2PA", "Assertion", assertion.get("label") or "")
            data = assertion.get("data")
            for action in _dicts(data.get("actions") if isinstance(data, dict) else None):
                words = (str(action.get(key) or "") for key in ("action", "digitalSourceType", "when"))
                found.say("C2PA", "Action", ", ".join(filter(None, words)))
        for ingredient in _dicts(active.get("ingredients")):
            found.say(
                "C2PA", "Ingredient", f"{ingredient.get('title', '')} ({ingredient.get('relationship', '')})"
            )
    found.say("C2PA", "Validation", store.get("validation_state") or "")
    for status in _dicts(store.get("validation_status")):
        found.say("C2PA", "Validation code", status.get("code") or "")


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
