"""Checking a package that somebody hands in: the single-file verifier, as a stranger would run it, in a process apart.

A package comes from anywhere. So it is read by a process with bounded memory and time that knows no settings and no
database; what it trusts is given to it on its command line, as this installation's settings say.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from sources.custody.services import trusted_keys
from sources.custody.timestamping import configured_authorities
from verify.evidence import verify_evidence

SECONDS = 60  # a package of 20 captures takes one
MEMORY = 3 << 30  # bytes of address space
_one = Lock()
ANSWERS = (0, 1)  # exit codes with a report: it passed, it failed


class NotChecked(Exception):
    """The verifier came to no answer; `str()` says why, for people."""


def trust() -> tuple[list[str], list[str]]:
    """What this installation trusts: its log's verifier keys, and the certificate files of its authorities."""
    keys = [str(key) for key in trusted_keys()]
    return keys, sorted({str(authority.ca_file) for authority in configured_authorities()})


def check_package(package: Path) -> dict[str, Any]:
    """The verifier's report on a file (docs/reference/evidence-package.md, `--json`). Raises NotChecked.

    One at a time in a process: whoever sends many packages at once must not eat the machine's memory.
    """
    if not _one.acquire(blocking=False):
        raise NotChecked(_("Another package is being checked just now. Try again in a minute."))
    try:
        return _checked(package)
    finally:
        _one.release()


def _checked(package: Path) -> dict[str, Any]:
    keys, authorities = trust()
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as policy:
        policy.write(settings.LOG_POLICY)
        policy.flush()
        command = [sys.executable, "-I", verify_evidence.__file__, str(package), "--json"]
        command += [f"--key={key}" for key in keys] + [f"--tsa-ca={path}" for path in authorities]
        command.append(f"--policy={policy.name}")
        try:
            done = subprocess.run(
                command, capture_output=True, env={}, timeout=SECONDS, preexec_fn=_bound, check=False
            )
        except subprocess.TimeoutExpired as late:
            raise NotChecked(
                _("Checking took more than %(n)s seconds and was stopped.") % {"n": SECONDS}
            ) from late
    try:
        if done.returncode not in ANSWERS:
            raise ValueError(done.stderr.decode(errors="replace"))
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError as trouble:
        raise NotChecked(_("The verifier could not read this file to an end.")) from trouble
    return report


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
