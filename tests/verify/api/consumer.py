"""A consumer as docs/reference/sync.md says it may be: it asks, puts, takes out, and may be killed at any moment."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from random import Random
from typing import Any

from verify.publish.models import Publication

CHANGES = "/api/v1/changes/"


class Crash(Exception):
    """The consumer is killed here."""


def stored(value: Any) -> bytes:
    """The stored bytes of a parsed snapshot, by the standard library alone."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def path_of(url: str) -> str:
    """What follows the host."""
    return "/" + url.split("/", 3)[3]


class Consumer:
    """Its disk is `position` and `copies`. `copies` is written item by item, and the position after all of a page
    (`atomic=False`), or both at once (`atomic=True`)."""

    def __init__(
        self, client: Any, *, expand: bool, limit: int, atomic: bool = False, random: Random | None = None
    ) -> None:
        self.client, self.expand, self.atomic, self.random = client, expand, atomic, random
        self.position = f"{CHANGES}?limit={limit}" + ("&expand=snapshot" if expand else "")
        self.copies: dict[str, bytes] = {}
        self.crashes = self.pages = 0

    def follow(self, *, until: Callable[[], bool] = lambda: True) -> None:
        """Follow until there is no more and `until` says so; after a crash, from what is on the disk."""
        while True:
            over = until()  # asked first: what is announced later than that is waited for no more
            try:
                if not self.step() and over:
                    return
            except Crash:
                self.crashes += 1

    def step(self) -> bool:
        """One page; whether there is more."""
        response = self.client.get(self.position)
        assert response.status_code == 200, response.content
        page = response.json()
        self._perhaps_killed()
        copies = dict(self.copies) if self.atomic else self.copies
        for item in page["results"]:
            self._apply(item, copies)
            self._perhaps_killed()
        self.copies = copies
        self.position = path_of(page["next"])
        self.pages += 1
        return bool(page["more"])

    def export(self, *, between: Callable[[], None] = lambda: None, part: int | None = None) -> int:
        """Begin anew from the export, in parts of `part` claims as if the line broke; how many parts it took."""
        self.copies, after, first, parts = {}, "", None, 0
        while True:
            content = b"".join(self.client.get(f"/api/v1/export/{after}").streaming_content)
            lines = [json.loads(line) for line in content.splitlines()]
            first = first or lines[0]
            claims = [line for line in lines if "claim" in line][:part]
            for line in claims:
                self._keep(line["claim"], stored(line["snapshot"]), line["sha256"], self.copies)
            parts += 1
            if not claims or part is None:
                break
            after = f"?after={claims[-1]['claim']}"
            between()
        self.position = path_of(first["next"]) + ("&expand=snapshot" if self.expand else "")
        return parts

    def _apply(self, item: dict[str, Any], copies: dict[str, bytes]) -> None:
        if item["action"] == "remove":
            copies.pop(item["claim"], None)
            return
        if self.expand:
            content = stored(item["snapshot"]) if item["snapshot"] else None
        else:
            link = item["links"]["snapshot"]
            response = self.client.get(path_of(link)) if link else None
            content = response.content if response is not None and response.status_code == 200 else None
        if content is not None:
            self._keep(item["claim"], content, item["sha256"], copies)

    def _keep(self, claim: str, content: bytes, sha256: str, copies: dict[str, bytes]) -> None:
        assert hashlib.sha256(content).hexdigest() == sha256
        copies[claim] = content

    def _perhaps_killed(self) -> None:
        if self.random is not None and self.random.random() < 0.1:
            raise Crash


def published_set() -> dict[str, bytes]:
    """What a consumer must have, straight from the rows."""
    rows = Publication.objects.filter(state__in=["published", "corrected"]).select_related("version")
    return {str(row.pk): bytes(row.version.snapshot) for row in rows if row.version}


def lines_of(response: Any) -> list[Any]:
    """The lines of an export, unpacked if they are packed."""
    content = b"".join(response.streaming_content)
    packed = content[:2] == b"\x1f\x8b"
    return [json.loads(line) for line in (gzip.decompress(content) if packed else content).splitlines()]
