"""JSON bodies, taken only in a size and a shape that cannot hurt."""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.status import HTTP_413_REQUEST_ENTITY_TOO_LARGE

MAX_DEPTH = 32


class BodyTooLarge(APIException):
    status_code = HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is larger than this installation accepts."
    default_code = "too_large"


class BoundedJSONParser(BaseParser):
    """RFC 8259 JSON in UTF-8: no NaN, no repeated member, no lone surrogate, at most MAX_DEPTH levels deep."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value of the body. Raises ParseError with a sentence, or BodyTooLarge."""
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise BodyTooLarge()
        try:
            text = body.removeprefix(codecs.BOM_UTF8).decode()
            value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_members)
            _check_depth(value)
            json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate cannot be stored nor sent back
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except UnicodeDecodeError as error:
            raise ParseError(_("The body is not UTF-8.")) from error
        except UnicodeEncodeError as error:
            raise ParseError(_("The JSON holds half a surrogate pair, which is no character.")) from error
        except json.JSONDecodeError as error:
            where = {"line": error.lineno, "column": error.colno}
            raise ParseError(_("The body is not JSON: line %(line)s, column %(column)s.") % where) from error
        except ValueError as error:
            raise ParseError(str(error)) from error
        return value


def _refuse_constant(name: str) -> None:
    raise ValueError(_("%(name)s is not JSON.") % {"name": name})


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError(_("The JSON has an object with the same member twice."))
    return members


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise RecursionError
        level = [
            child
            for parent in level
            for child in (
                parent.values() if isinstance(parent, dict) else parent if isinstance(parent, list) else ()
            )
        ]
