"""The log: one for the installation, and yet nobody learns from it what another desk works on.

Every member may see that an entry is there: its number, its kind and its leaf hash, which is what proofs speak of. What
an entry is about, its bytes and what its commitments commit to are shown to members of the subject's desk alone.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from claims.statements.models import Claim
from sources.archive.models import Capture
from sources.catalog.models import Document, Source
from sources.custody.body import BY, BodyError
from sources.custody.models import Checkpoint, Entry, LogKey, Opening, Timestamp
from sources.custody.services import configured_signer, inclusion_proof
from sources.custody.timestamping import configured_authorities
from sources.custody.witnessing import configured_policy, witnessed_note
from verify.accounts.models import User
from verify.web.custody import newest_checkpoint
from verify.web.forms.catalog import LogFilter
from verify.web.mixins import DeskRequest, DeskView, page_of

# What entries are about, and the page that shows it. Redactions are about another entry.
SUBJECTS: dict[str, Any] = {"capture": Capture, "document": Document, "source": Source, "claim": Claim}
ENTRY = "entry"
OF_THE_LOG = {"checkpoint", "log-key"}  # entries about the log itself: nothing in them is any desk's
_SHA256 = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Shown:
    """An entry and, for members of its subject's desk, what it is about."""

    entry: Entry
    own: bool  # the subject is of a desk of theirs, or is the log itself
    subject: Any = None

    @property
    def leaf_hash(self) -> str:
        return bytes(self.entry.leaf_hash).hex()

    @property
    def title(self) -> str:
        if self.entry.subject_type in OF_THE_LOG:
            return _("the log itself")
        return self.subject.url if isinstance(self.subject, Capture) else str(self.subject)

    @property
    def subject_url(self) -> str:
        if self.entry.subject_type in OF_THE_LOG:
            return reverse("log-checkpoint")
        name = "log-entry" if self.entry.subject_type == ENTRY else self.entry.subject_type
        return reverse(name, args=[self.entry.subject_id]) if self.own else ""


class Log(DeskView):
    section = "log"

    def get(self, request: DeskRequest) -> HttpResponse:
        form = LogFilter(request.GET or None)
        entries = Entry.objects.order_by("-index")
        if form.is_valid():
            entries = _found(entries, form.cleaned_data["q"].strip(), request.user)
            if form.cleaned_data["kind"]:
                entries = entries.filter(kind=form.cleaned_data["kind"])
        page = page_of(request, entries.defer("body"))
        page.object_list = _shown(page.object_list, request.user)
        return self.render("verify/log.html", page=page, form=form, checkpoint=newest_checkpoint())


class EntryPage(DeskView):
    section = "log"

    def get(self, request: DeskRequest, index: int) -> HttpResponse:
        entry = _entry(index)
        shown = _shown([entry], request.user)[0]
        checkpoint = newest_checkpoint()
        return self.render(
            "verify/log_entry.html",
            shown=shown,
            entry=entry,
            covering=checkpoint if checkpoint and index < checkpoint.size else None,
            **(_content(entry) if shown.own else {}),
        )


class EntryProof(DeskView):
    """The proof that an entry is in the log (c2sp.org/tlog-proof@v1): hashes alone, so any member may have it."""

    def get(self, request: DeskRequest, index: int) -> HttpResponse:
        entry, checkpoint = _entry(index), newest_checkpoint()
        if checkpoint is None or entry.index >= checkpoint.size:
            raise Http404
        return _file(inclusion_proof(entry.index, checkpoint), f"entry-{entry.index}.tlog-proof")


class CheckpointPage(DeskView):
    section = "log"

    def get(self, request: DeskRequest) -> HttpResponse:
        attested = Checkpoint.objects.select_related("key").prefetch_related(
            "cosignatures", Prefetch("timestamps", Timestamp.objects.defer("query", "response"))
        )
        page = page_of(request, attested.order_by("-size"))
        newest = next(iter(page), None) if page.number == 1 else newest_checkpoint()
        return self.render(
            "verify/log_checkpoint.html",
            page=page,
            checkpoint=newest,
            origin=settings.LOG_ORIGIN,
            verifier_key=configured_signer().verifier_key,
            keys=LogKey.objects.order_by("added_at", "pk"),
            policy=configured_policy(),
            authorities=configured_authorities(),
        )


class CheckpointNote(DeskView):
    """The newest signed head, byte for byte, with the cosignatures that it has."""

    def get(self, request: DeskRequest) -> HttpResponse:
        checkpoint = newest_checkpoint()
        if checkpoint is None:
            raise Http404
        return _file(witnessed_note(checkpoint), f"checkpoint-{checkpoint.size}")


def _file(text: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(text.encode(), content_type="text/plain; charset=utf-8", headers=headers)


def _entry(index: int) -> Entry:
    if index > _LARGEST:  # more than the column holds: PostgreSQL would refuse the question
        raise Http404
    return get_object_or_404(Entry, index=index)


def _found(entries: QuerySet[Entry], q: str, user: Any) -> QuerySet[Entry]:
    """Entries by number, by leaf hash, or by a digest or id of something that `user` may see."""
    if not q:
        return entries
    if _SHA256.fullmatch(q):
        digest = q.lower()
        captures = Capture.objects.visible_to(user).filter(
            Q(datapackage_sha256=digest) | Q(package=digest) | Q(body=digest)
        )
        return entries.filter(Q(leaf_hash=bytes.fromhex(digest)) | Q(index__in=captures.values("entry_id")))
    if q.isascii() and q.isdigit():
        return entries.filter(index=int(q)) if int(q) <= _LARGEST else entries.none()
    try:
        subject = UUID(q)
    except ValueError:
        return entries.none()
    types = [
        name for name, model in SUBJECTS.items() if model.objects.visible_to(user).filter(pk=subject).exists()
    ]
    return entries.filter(subject_type__in=types, subject_id=str(subject))


def _shown(entries: Iterable[Entry], user: Any) -> list[Shown]:
    """The entries with their subjects, as far as `user` may see them; one query a kind of subject."""
    entries = list(entries)
    wanted: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        wanted[entry.subject_type].add(entry.subject_id)
    visible: dict[tuple[str, str], Any] = {}
    for name in SUBJECTS.keys() & wanted:
        for thing in SUBJECTS[name].objects.visible_to(user).filter(pk__in=wanted[name]):
            visible[name, str(thing.pk)] = thing
    if wanted[ENTRY]:
        redacted = Entry.objects.filter(index__in=[int(index) for index in wanted[ENTRY]]).defer("body")
        for other in _shown(redacted, user):
            if other.own:
                visible[ENTRY, str(other.entry.index)] = other.subject
    found = [visible.get((entry.subject_type, entry.subject_id)) for entry in entries]
    return [
        Shown(entry, own=thing is not None or entry.subject_type in OF_THE_LOG, subject=thing)
        for entry, thing in zip(entries, found, strict=True)
    ]


def _content(entry: Entry) -> dict[str, Any]:
    """The entry's bytes and what is in them, with the openings of its commitments."""
    content: dict[str, Any] = {"body": bytes(entry.body).decode(errors="replace")}
    try:
        content["read"] = entry.read()
    except BodyError as damage:
        content["damage"] = str(damage)
    openings = list(Opening.objects.filter(entry=entry).order_by("name"))
    content["openings"] = [
        {"name": o.name, "value": o.value, "salt": bytes(o.salt).hex()} for o in openings if o.name != BY
    ]
    content["by"] = next((_person(o.value) for o in openings if o.name == BY), None)
    return content


def _person(value: str) -> User | None:
    return User.objects.filter(pk=json.loads(value)["id"]).first()
