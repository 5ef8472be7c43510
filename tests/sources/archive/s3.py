"""A real S3 server on loopback (SeaweedFS, from its wheel), with data of its own that go away with it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verify.stack.processes import die_with_parent

ACCESS_KEY, SECRET_KEY = "verify-tests", "a-secret-that-no-log-may-show"
START_SECONDS = 60
PORTS = "master.port master.port.grpc volume.port volume.port.grpc filer.port filer.port.grpc s3.port s3.port.grpc"


@dataclass(frozen=True)
class S3Server:
    """Where it listens."""

    endpoint: str

    def options(self, bucket: str, **more: Any) -> dict[str, Any]:
        """OPTIONS of an S3Storage for `bucket`."""
        from verify.settings import s3_options

        return s3_options(
            bucket=bucket, endpoint=self.endpoint, access_key=ACCESS_KEY, secret_key=SECRET_KEY, **more
        )


@contextmanager
def serving_s3(folder: Path) -> Iterator[S3Server]:
    """SeaweedFS over `folder`; ready when it is yielded."""
    identity = {"name": "tests", "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]}
    (keys := folder / "keys.json").write_text(
        json.dumps({"identities": [identity | {"actions": ["Admin", "Read", "Write", "List"]}]})
    )
    ports = dict(zip(PORTS.split(), _free_ports(len(PORTS.split()) + 2), strict=False))
    command = [str(Path(sys.executable).with_name("weed")), "mini", f"-dir={folder}", f"-s3.config={keys}"]
    command += [f"-{name}={port}" for name, port in ports.items()]
    command += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false", "-s3.port.iceberg=0"]
    admin = _free_ports(2)
    command += ["-webdav=false", "-admin.ui=false", f"-admin.port={admin[0]}", f"-admin.port.grpc={admin[1]}"]
    log = folder / "weed.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=die_with_parent(),
        )
    try:
        endpoint = f"http://127.0.0.1:{ports['s3.port']}"
        _wait_for(process, endpoint, log)
        yield S3Server(endpoint)
    finally:
        process.kill()
        process.wait()


def _free_ports(number: int) -> list[int]:
    with ExitStack() as probes:
        sockets = [probes.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [one.getsockname()[1] for one in sockets]


def _wait_for(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{endpoint}/healthz", timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"weed did not start:\n{log.read_text(errors='replace')[-3000:]}")
