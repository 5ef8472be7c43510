"""Writes that are done once however often they are sent (draft-ietf-httpapi-idempotency-key-header).

The answer is kept in the transaction of the write itself, so there is one if and only if the write was done: whoever
lost the answer, or never knew whether the request arrived, sends it again and is answered what was answered then.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from verify.accounts.models import User
from verify.accounts.rules import bound_to
from verify.api.models import Answered
from verify.api.problems import KeyReused

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
SAFE = ("GET", "HEAD", "OPTIONS")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_OWN = ("content-length", "vary", "allow")  # each answer has its own of these


class Repeated(Exception):
    """The request was done before. `answer` is what it was answered then."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__("done before")
        self.answer = answer


def key_of(request: Request) -> str | None:
    """The key under which a write is to be done once; None without one. Raises ParseError for what is no key.

    The draft's form is a string of structured fields (RFC 9651), in quotes; the same without them is the same key.
    """
    given = request.headers.get(HEADER)
    if given is None or request.method in SAFE:
        return None
    key = given[1:-1] if len(given) > 1 and given[0] == given[-1] == '"' else given
    if not _KEY.fullmatch(key):
        raise ParseError(_("An Idempotency-Key is 1 to 255 visible characters of ASCII."))
    return key


def check_new(request: Request, by: User) -> None:
    """Raise Repeated when the key was answered before: nothing of the request needs to be looked at any more.

    Raises KeyReused when it was answered to another request.
    """
    key = key_of(request)
    answered = key and Answered.objects.filter(user=by, key=key).first()
    if answered:
        raise Repeated(_again(answered, request, by))


def do_once(
    request: Request, by: User, act: Callable[[], Response], finish: Callable[[Response], HttpResponse]
) -> HttpResponseBase:
    """What `act` answers, done in one transaction; with a key only if the key is new, else as it was answered.

    The row of the key comes first. A repetition at the same time waits for it in the unique index, and then finds the
    answer, or, when the first one came to nothing, is the first. `finish` renders the answer, to be kept as sent.
    """
    key = key_of(request)
    if key is None:
        with transaction.atomic():
            return act()
    row = Answered(user=by, key=key, request=digest_of(request, by), at=timezone.now())
    with transaction.atomic():
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            return _again(Answered.objects.get(user=by, key=key), request, by)
        answer = finish(act())
        row.status, row.body = answer.status_code, answer.content
        row.headers = {name: value for name, value in answer.items() if name.lower() not in _OWN}
        row.save(update_fields=["status", "headers", "body"])
        return answer


def digest_of(request: Request, by: User) -> str:
    """What makes two requests the same: SHA-256 over method, address, body and the desk that the token is bound to."""
    said = [request.method, request.get_full_path(), str(bound_to(by) or ""), _plain(request.data)]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def forget(*, at: datetime) -> int:
    """Drop the answers that are older than KEPT; how many there were."""
    return Answered.objects.filter(at__lt=at - KEPT).delete()[0]


def _again(answered: Answered, request: Request, by: User) -> HttpResponse:
    if answered.request != digest_of(request, by):
        raise KeyReused
    answer = HttpResponse(bytes(answered.body), status=answered.status, headers=answered.headers)
    if "Content-Type" not in answered.headers:
        del answer.headers["Content-Type"]  # as of a 204, which has no body
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _plain(value: Any) -> Any:
    """A body as JSON can write it: of a file its digest, of a form all values of each field."""
    if isinstance(value, UploadedFile):
        digest = hashlib.sha256()
        for chunk in value.chunks():
            digest.update(chunk)
        value.seek(0)
        return [value.name, digest.hexdigest()]
    if isinstance(value, MultiValueDict):
        return {name: [_plain(each) for each in values] for name, values in value.lists()}
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
