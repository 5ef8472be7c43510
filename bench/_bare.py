"""A WSGI application that does nothing but return recorded answers: what the server itself costs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

# From a list of [path, If-None-Match, status line, headers, body in hexadecimal].
_ANSWERS: dict[tuple[str, str], tuple[str, list[tuple[str, str]], bytes]] = {
    (path, known): (status, [(name, value) for name, value in headers], bytes.fromhex(body))
    for path, known, status, headers, body in json.loads(Path(os.environ["BENCH_ANSWERS"]).read_text())
}


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """The answer that was recorded for this path and this If-None-Match."""
    status, headers, body = _ANSWERS[environ["PATH_INFO"], environ.get("HTTP_IF_NONE_MATCH", "")]
    start_response(status, headers)
    return [body]
