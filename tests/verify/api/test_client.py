"""A client that a generator made from the description, tried against the server."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from verify.api.models import Scope
from verify.api.openapi import written
from verify.api.services import make_token

PACKAGE = "verify_client"
# The generator knows few media types; of the others it is told that they are bytes.
CONFIG = f"""
post_hooks: []
package_name_override: {PACKAGE}
content_type_overrides:
  application/zip: application/octet-stream
  application/gzip: application/octet-stream
  application/x-ndjson: application/octet-stream
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package that openapi-python-client makes, without a complaint about the description."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_bytes(written()[0])
    (folder / "config.yml").write_text(CONFIG)
    made = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json"),
            *("--config", "config.yml", "--meta", "none", "--output-path", PACKAGE, "--fail-on-warning"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return folder / PACKAGE


@pytest.fixture
def client_of(generated: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`client_of("models")`: a module of the generated package."""
    monkeypatch.syspath_prepend(str(generated.parent))

    def load(name: str) -> ModuleType:
        return importlib.import_module(f"{PACKAGE}.{name}".rstrip("."))

    yield load
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.mark.django_db(transaction=True)
def test_generated_client_reads_what_is_published(client_of, live_server, published_claim):
    reader = client_of("").Client(base_url=live_server.url)
    page = client_of("api.published_claims.claims_list").sync(client=reader)
    (item,) = page.results
    assert str(item.id) == str(published_claim.pk)
    one = client_of("api.published_claims.claim").sync(client=reader, id=item.id)
    snapshot = one.snapshot.additional_properties
    assert snapshot["claim"]["text"] == published_claim.text
    version = published_claim.versions.get()
    assert (one.sha256, one.version) == (version.sha256, version.number)


@pytest.mark.django_db(transaction=True)
def test_generated_client_is_told_what_was_wrong(client_of, live_server):
    reader = client_of("").Client(base_url=live_server.url)
    answer = client_of("api.published_claims.claim").sync_detailed(
        client=reader, id=UUID("0c7b6bd5-4d0e-4a54-8d5a-0f4a7a8d1d11")
    )
    assert answer.status_code == 404
    assert answer.parsed.title == "Not Found"


@pytest.mark.django_db(transaction=True)
def test_generated_client_asks_for_a_capture_with_a_token(client_of, live_server, alice):
    secret = make_token(name="client", scopes=[Scope.CAPTURE, Scope.READ], by=alice, at=timezone.now())[1]
    caller = client_of("").AuthenticatedClient(base_url=live_server.url, token=secret)
    body = client_of("models").CaptureRequest.from_dict({"url": "https://example.org/news/1", "mode": "http"})
    made = client_of("api.captures.captures_create").sync(client=caller, body=body)
    assert made.state == "queued"
    again = client_of("api.captures.capture").sync(client=caller, id=made.id)
    assert json.dumps(again.to_dict(), sort_keys=True) == json.dumps(made.to_dict(), sort_keys=True)
